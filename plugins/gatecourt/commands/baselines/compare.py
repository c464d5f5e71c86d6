"""``gatecourt compare A B``: one run compared with another under the bands of a log, on a page of 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from gatecourt.commands.baselines.samples_from_runs import defects_of, format_finding
from gatecourt.commands.baselines.selection import BaselineTarget
from gatecourt.core.model import Finding, Verdict, worst
from gatecourt.core.reasons import Reasons
from gatecourt.mechanisms.bands.baseline import Baseline
from gatecourt.mechanisms.bands.figures import counted, percent, shown
from gatecourt.mechanisms.bands.noise import FEWEST_RUNS, Noise, measure
from gatecourt.mechanisms.bands.placement import BandOutcome, Placement, place
from gatecourt.mechanisms.bands.section import Band
from gatecourt.mechanisms.bands.table import NONE, aligned, change_of, number
from gatecourt.rules.telemetry.banding import measured
from gatecourt.rules.telemetry.row_pointer import pointer_of
from gatecourt.rules.telemetry.rows import LogReport

WIDTH = 80
_LONGEST_LIST = 10


@dataclass(frozen=True, slots=True)
class MetricComparison:
    """One metric of the second run compared with the first."""

    name: str
    placement: Placement
    finding: Finding | None


@dataclass(frozen=True, slots=True)
class RunComparison:
    """Two runs: what is wrong with either, and each banded metric."""

    first: LogReport
    second: LogReport
    defects: tuple[Finding, ...]
    metrics: tuple[MetricComparison, ...]

    def findings(self) -> tuple[Finding, ...]:
        """All that was found."""
        return (*self.defects, *(one.finding for one in self.metrics if one.finding is not None))

    def verdict(self, reasons: Reasons) -> Verdict:
        """The worst of the findings; PASS where there is none."""
        return worst([Verdict.PASS, *(reasons.of(finding).verdict for finding in self.findings())])


def compare(selected: BaselineTarget, first: LogReport, second: LogReport, baseline: Baseline | None) -> RunComparison:
    """The second report compared with the first; ``baseline`` gives the noise, if it has any."""
    metrics = tuple(_compared(selected, name, band, (first, second), baseline) for name, band in _sorted(selected))
    defects = (*defects_of(first), *defects_of(second))
    return RunComparison(first, second, tuple(dict.fromkeys(defects)), metrics)


def _sorted(selected: BaselineTarget) -> Sequence[tuple[str, Band]]:
    return sorted(selected.log.bands.items())


def _compared(
    selected: BaselineTarget, name: str, band: Band, reports: tuple[LogReport, LogReport], baseline: Baseline | None
) -> MetricComparison:
    values = [_value(selected, report, name, band) for report in reports]
    first, second = (None if isinstance(value, Finding) else value for value in values)
    for value in values:
        if isinstance(value, Finding):
            return MetricComparison(name, Placement(BandOutcome.UNKNOWN, value.rule, band, second, first), value)
    placed = place(second, first, band, _noise(selected, name, band, baseline))
    where, at = (f"{report.name}#{pointer_of(name)}" for report in reversed(reports))
    return MetricComparison(name, placed, placed.finding(where, at))


def _value(selected: BaselineTarget, report: LogReport, name: str, band: Band) -> Fraction | Finding:
    if report.judged < band.fewest:
        where = f"{report.name}#{pointer_of(name)}"
        return Finding(
            where, f"at least {counted(band.fewest, 'judged row')}", str(report.judged), "band.too_few_samples"
        )
    return measured(selected.log, report, name)


def _noise(selected: BaselineTarget, name: str, band: Band, baseline: Baseline | None) -> Noise | None:
    """What two single runs differ by."""
    metric = None if baseline is None else baseline.metrics.get(name)
    calibration = None if baseline is None else baseline.noise
    samples = () if calibration is None else calibration.samples.get(name, ())
    if metric is None or metric.statistic != band.statistic or len(samples) < FEWEST_RUNS:
        return None
    return measure(samples, selected.section.confidence, averaged=1)


def text_of(comparison: RunComparison, verdict: Verdict, notes: Sequence[str] = ()) -> str:
    """The page: both logs, the table, the findings, and the verdict in the last line."""
    lines = [*_about("A", comparison.first), *_about("B", comparison.second), ""]
    lines += _table(comparison.metrics)
    sentences = _sentences(comparison)
    lines += [""] * bool(sentences or notes)
    for sentence in (*sentences[:_LONGEST_LIST], *(f"note: {note}" for note in notes)):
        lines += _wrapped(sentence)
    if len(sentences) > _LONGEST_LIST:
        lines.append(f"and {len(sentences) - _LONGEST_LIST} more")
    inside = sum(one.placement.outcome is BandOutcome.INSIDE for one in comparison.metrics)
    return (
        "\n".join([*lines, "", f"{verdict}: {inside} of {len(comparison.metrics)} metrics within their bands"]) + "\n"
    )


def _sentences(comparison: RunComparison) -> list[str]:
    """The findings as sentences; what several metrics have in common is one sentence."""
    alike: dict[tuple[str, str, str], list[str]] = {}
    for one in comparison.metrics:
        if (found := one.finding) is not None:
            alike.setdefault((found.expected, found.observed, found.rule), []).append(one.name)
    sentences = [
        f"{', '.join(names)}: expected {expected}, found {observed} ({rule})"
        for (expected, observed, rule), names in alike.items()
    ]
    return [*sentences, *map(format_finding, comparison.defects)]


_HEADS = ("metric", "A", "B", "change", "band", "noise", "outcome")
_NAME = 26
_SHORTEST_NAME = 12


def _table(metrics: Sequence[MetricComparison]) -> list[str]:
    """One line a metric; long names give way to the numbers, as long as enough of a name remains to recognise it."""
    rows = [_HEADS, *(("", *_cells(one)) for one in metrics)]
    room = WIDTH - max(map(len, aligned([("", *row[1:]) for row in rows]).splitlines()))
    length = max(_SHORTEST_NAME, min(_NAME, room))
    names = (_HEADS[0], *(_shortened(one.name, length) for one in metrics))
    return aligned([(name, *row[1:]) for name, row in zip(names, rows, strict=True)]).splitlines()


def _shortened(name: str, length: int) -> str:
    end = length // 2
    return name if len(name) <= length else f"{name[: length - 1 - end]}…{name[-end:]}"


def _cells(one: MetricComparison) -> tuple[str, ...]:
    placed = one.placement
    return (
        number(placed.baseline, 5),
        number(placed.value, 5),
        change_of(placed),
        _band_cell(placed.band),
        _noise_cell(placed),
        str(placed.outcome),
    )


def _band_cell(band: Band) -> str:
    """The two distances, of which the larger one counts."""
    share = f"{shown(Fraction(band.relative) * 100, 3)}%"
    return f"{share} or {shown(Fraction(band.floor), 3)}" if band.floor else share


def _noise_cell(placed: Placement) -> str:
    if placed.noise is None:
        return NONE
    if not placed.baseline:
        return number(placed.noise.half_width, 3)
    return percent(placed.noise.half_width / abs(placed.baseline)).lstrip("+")


def _about(letter: str, report: LogReport) -> Iterator[str]:
    yield from _wrapped(f"{letter}  {report.name} ({counted(report.rows, 'row')}, {report.judged} judged)")


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, subsequent_indent="   ", break_long_words=True, break_on_hyphens=False)
