"""Times of bars: rising, each once, on the grid of the interval, without gaps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatecourt.core.model import Finding
from gatecourt.rules.data.section import AllowedGap, Dataset
from gatecourt.rules.data.table import Table, bounded_findings

if TYPE_CHECKING:
    from gatecourt.rules.data.columns import Array


@dataclass(frozen=True, slots=True)
class Gap:
    """Missing bars between two bars: their indices in the file, and the time of the first missing bar."""

    before: int
    after: int
    first_missing: int
    bars: int


def judge_times(table: Table, dataset: Dataset) -> tuple[list[Finding], int]:
    """Findings on the times, and how many bars are missing in all.

    Rules: ``data.not_rising``, ``data.duplicate_time``, ``data.off_grid``, ``data.gap``, ``data.gap_not_there``.
    """
    import numpy as np

    column = table.columns[dataset.fields.time]
    indices = np.flatnonzero(column.valid)
    times = column.values[indices]
    if not len(times):
        return [], 0
    gaps = find_gaps(times, indices, dataset.step)
    findings = [
        *_falling(table, dataset, times, indices),
        *_duplicates(table, dataset, times, indices),
        *_off_grid(table, dataset, times, indices),
        *_gaps(table, dataset, gaps),
    ]
    return findings, sum(gap.bars for gap in gaps)


def _falling(table: Table, dataset: Dataset, times: Array, indices: Array) -> Iterator[Finding]:
    import numpy as np

    def finding(place: int) -> Finding:
        before, index = int(indices[place]), int(indices[place + 1])
        expected = f"a time after {times[place]}, that of bar {before}"
        return Finding(table.at(index, dataset.fields.time), expected, str(times[place + 1]), "data.not_rising")

    yield from bounded_findings(np.flatnonzero(np.diff(times) < 0).tolist(), finding)


def _duplicates(table: Table, dataset: Dataset, times: Array, indices: Array) -> Iterator[Finding]:
    import numpy as np

    order = np.argsort(times, kind="stable")
    same = np.flatnonzero(np.diff(times[order]) == 0)
    pairs = sorted((int(indices[order[place + 1]]), int(indices[order[place]])) for place in same)

    def finding(pair: tuple[int, int]) -> Finding:
        index, before = pair
        observed = f"{table.cell(dataset.fields.time, index)} in bars {before} and {index}"
        return Finding(table.at(index, dataset.fields.time), "a time of its own", observed, "data.duplicate_time")

    yield from bounded_findings(pairs, finding)


def _offset(times: Array, step: int) -> int:
    """The offset of the grid: the remainder of most bars, so that one bar off the grid is one finding."""
    import numpy as np

    remainders, counts = np.unique(times % step, return_counts=True)
    return int(remainders[np.argmax(counts)])


def _off_grid(table: Table, dataset: Dataset, times: Array, indices: Array) -> Iterator[Finding]:
    import numpy as np

    step, offset = dataset.step, _offset(times, dataset.step)
    off = (times - offset) % step

    def finding(place: int) -> Finding:
        expected = f"a multiple of {step} {dataset.unit} after {times[off == 0][0]}, as most bars"
        observed = f"{times[place]}, {off[place]} {dataset.unit} off"
        return Finding(table.at(int(indices[place]), dataset.fields.time), expected, observed, "data.off_grid")

    yield from bounded_findings(np.flatnonzero(off).tolist(), finding)


def find_gaps(times: Array, indices: Array, step: int) -> list[Gap]:
    """The gaps in the order of time. Bars in the wrong order, or a little off the grid, are no gaps."""
    import numpy as np

    offset = _offset(times, step)
    order = np.argsort(times, kind="stable")
    slots = (times[order] - offset + step // 2) // step
    missing = np.diff(slots) - 1
    return [
        Gap(
            int(indices[order[place]]),
            int(indices[order[place + 1]]),
            (int(slots[place]) + 1) * step + offset,
            int(missing[place]),
        )
        for place in np.flatnonzero(missing > 0)
    ]


def _gaps(table: Table, dataset: Dataset, gaps: list[Gap]) -> Iterator[Finding]:
    allowed = {(gap.first_missing, gap.bars): gap for gap in dataset.gaps}
    found = {(gap.first_missing, gap.bars) for gap in gaps}

    def finding(gap: Gap) -> Finding:
        bars = "1 bar is" if gap.bars == 1 else f"{gap.bars} bars are"
        observed = (
            f"{table.cell(dataset.fields.time, gap.after)}: {bars} missing between bars {gap.before} and {gap.after}"
        )
        return Finding(table.at(gap.after, dataset.fields.time), f"{gap.first_missing}", observed, "data.gap")

    yield from bounded_findings([gap for gap in gaps if (gap.first_missing, gap.bars) not in allowed], finding)
    for key, gap in sorted(allowed.items()):
        if key not in found:
            yield _not_there(table, gap)


def _not_there(table: Table, gap: AllowedGap) -> Finding:
    expected = f"{gap.bars} bars missing from {gap.first_missing}, as declared ({gap.reason})"
    return Finding(table.name, expected, "no such gap", "data.gap_not_there")
