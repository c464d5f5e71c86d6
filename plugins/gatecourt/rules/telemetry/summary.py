"""One page about a log: how far it has come, where its metrics are, and how far they lie from what was recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from gatecourt.core.model import Json
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.pointer import ABSENT
from gatecourt.mechanisms.bands.figures import fraction, shown, stored
from gatecourt.rules.telemetry.fields import is_number
from gatecourt.rules.telemetry.row import Row
from gatecourt.rules.telemetry.row_pointer import getter
from gatecourt.rules.telemetry.section import LogSection, shown_metrics

Cells = tuple[str, ...]
Ends = tuple[int | float, int | float]
WIDTH = 80
NONE = "n/a"
_ROUNDED, _WHOLE = 6, 15
"""Significant digits that are shown of a fraction, and of a whole number, such as an offset, which is counted."""


@dataclass(frozen=True, slots=True)
class Drift:
    """A metric's value over the judged rows and the recorded one; None for what there is not."""

    value: Fraction | None
    baseline: Fraction | None

    @property
    def change(self) -> Fraction | None:
        """By how much the value has moved."""
        return None if self.value is None or self.baseline is None else self.value - self.baseline

    @property
    def share(self) -> Fraction | None:
        """The move as a share of the baseline without its sign; None for a baseline of 0, which has no shares."""
        return None if self.change is None or not self.baseline else self.change / abs(self.baseline)


@dataclass(frozen=True, slots=True)
class Summary:
    """What is shown of a log. Of ``progress`` and ``latest`` a value that is absent is None, never 0."""

    log: str
    rows: int
    judged: int
    progress: Mapping[str, Json]
    latest: Mapping[str, Json]
    extremes: Mapping[str, Ends | None]

    def as_json(self, drift: Mapping[str, Drift]) -> dict[str, Json]:
        """The summary and the drift as evidence stores them."""
        return {
            "log": self.log,
            "rows": self.rows,
            "judged_rows": self.judged,
            **self.progress,
            "latest": dict(self.latest),
            "extremes": {name: _end_values(ends) for name, ends in self.extremes.items()},
            "drift": {name: _moved(one) for name, one in drift.items()},
        }

    def as_markdown(self, drift: Mapping[str, Drift]) -> str:
        """The summary and the drift as a page of at most 80 columns, as far as the names of metrics allow."""
        lines = [f"# Telemetry of {self.log}", "", f"- rows: {self.rows}, of which judged: {self.judged}"]
        lines += [f"- {name.replace('_', ' ')}: {_text(value)}" for name, value in self.progress.items()]
        rows = [(name, _text(value)) for name, value in self.latest.items()]
        lines += _table("Latest judged row", ("metric", "value"), rows)
        ends = [(name, *_end_texts(pair)) for name, pair in self.extremes.items()]
        lines += _table("Extremes of the judged rows", ("metric", "least", "most"), ends)
        moved = [(name, *_drift_texts(one)) for name, one in drift.items()]
        lines += _table("Drift against the baseline", ("metric", "value", "baseline", "change", "percent"), moved)
        return "\n".join(lines) + "\n"


class Digest:
    """Gathers the summary of a log, row by row."""

    def __init__(self, log: LogSection) -> None:
        fields = log.summary
        places = {"epochs": fields.epoch, "data_mode": fields.mode, "cycle": fields.cycle, "offset": fields.offset}
        self._progress = {name: getter(at) for name, at in places.items() if at is not None}
        metrics = shown_metrics(log)
        self._latest = {name: getter(name) for name in fields.latest or metrics}
        self._extremes = {name: getter(name) for name in fields.extremes or metrics}
        self.restart()

    def restart(self) -> None:
        """Forget the rows so far: another run begins."""
        self._ends: dict[str, Ends] = {}
        self._last: dict[str, Any] = {}
        self._last_judged: dict[str, Any] = {}

    def take(self, row: Row, judged: bool) -> None:
        """Look at a row."""
        self._last = row.value
        if not judged:
            return
        self._last_judged = row.value
        for name, get in self._extremes.items():
            value = get(row.value)
            if is_number(value):
                least, most = self._ends.get(name, (value, value))
                self._ends[name] = (min(least, value), max(most, value))

    def summary(self, name: str, rows: int, judged: int) -> Summary:
        """What was gathered."""
        return Summary(
            name,
            rows,
            judged,
            {key: _plain(get(self._last)) for key, get in self._progress.items()},
            {key: _plain(get(self._last_judged)) for key, get in self._latest.items()},
            {key: self._ends.get(key) for key in self._extremes},
        )


def _plain(value: Any) -> Json:
    if value is ABSENT or value is None:
        return None
    if isinstance(value, bool):
        return value
    exact = fraction(value)
    if exact is None:
        return excerpt(value, 40).strip('"')
    return stored(exact)


def _end_values(ends: Ends | None) -> Json:
    return None if ends is None else {"min": _plain(ends[0]), "max": _plain(ends[1])}


def _moved(drift: Drift) -> Json:
    parts = {"value": drift.value, "baseline": drift.baseline, "delta": drift.change, "share": drift.share}
    return {name: None if part is None else stored(part) for name, part in parts.items()}


def _text(value: Json) -> str:
    if value is None:
        return NONE
    if isinstance(value, bool):
        return str(value).lower()
    exact = fraction(value)
    return str(value) if exact is None else shown(exact, _WHOLE if exact.denominator == 1 else _ROUNDED)


def _end_texts(ends: Ends | None) -> tuple[str, str]:
    return (NONE, NONE) if ends is None else (_text(ends[0]), _text(ends[1]))


def _drift_texts(drift: Drift) -> tuple[str, str, str, str]:
    change = NONE if drift.change is None else _signed(shown(drift.change, 4))
    share = NONE if drift.share is None else f"{_signed(shown(drift.share * 100, 3))} %"
    value, baseline = (NONE if one is None else shown(one, 6) for one in (drift.value, drift.baseline))
    return value, baseline, change, share


def _signed(text: str) -> str:
    return text if text.startswith("-") else f"+{text}"


def _table(title: str, head: Cells, rows: Sequence[Cells]) -> list[str]:
    """A Markdown table with its numbers to the right, its first column cut where it would leave the page."""
    if not rows:
        return []
    rows = [tuple(cell.replace("|", "\\|") for cell in row) for row in rows]
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    room = WIDTH - sum(widths[1:]) - 3 * len(head) - 1
    widths[0] = max(4, min(widths[0], room))
    rule = "|" + "|".join("-" * (width + 1) + ("-" if not at else ":") for at, width in enumerate(widths)) + "|"
    return ["", f"## {title}", "", _line(head, widths), rule, *(_line(row, widths) for row in rows)]


def _line(cells: Cells, widths: list[int]) -> str:
    name = cells[0] if len(cells[0]) <= widths[0] else cells[0][: widths[0] - 1].rstrip("\\") + "…"
    others = [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
    return "| " + " | ".join([name.ljust(widths[0]), *others]) + " |"
