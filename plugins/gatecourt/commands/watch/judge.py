"""Judges lines as they come: a wrong line at once, the whole log at its end."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Protocol

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.core.protocols import Target
from gatecourt.formats.jsonl import parse
from gatecourt.rules.events.report import of_log, passed_over, surfaced
from gatecourt.rules.events.scan import LogPass
from gatecourt.rules.events.schema import LineSchema
from gatecourt.rules.events.section import EventsSection
from gatecourt.rules.telemetry.banding import hold_metric, read_baseline
from gatecourt.rules.telemetry.reading import row_schema
from gatecourt.rules.telemetry.rows import RowJudge
from gatecourt.rules.telemetry.section import LogSection
from gatecourt.rules.telemetry.streams.following import Following
from gatecourt.rules.telemetry.streams.section import StreamSection


class LineJudge(Protocol):
    """Fed every line in order; closed once, when there are no more."""

    def feed(self, line: int, data: bytes) -> Iterable[Finding]:
        """What is wrong with line ``line`` (from 1), given with its newline."""

    def close(self) -> Iterable[Finding]:
        """What only the complete log shows, in addition to earlier findings."""


class RowsWatch:
    """A log of rows: as the gate ``telemetry`` judges it, its bands at the end."""

    def __init__(self, name: str, log: LogSection, target: Target, label: str) -> None:
        self._log, self._name, self._target = log, name, target
        self._judge = RowJudge(label, log, row_schema(log, target.root)[0])

    def feed(self, line: int, data: bytes) -> Iterable[Finding]:
        """What is wrong with a row."""
        return self._judge.feed(line, data)

    def close(self) -> Iterable[Finding]:
        """Thresholds over all rows, rows too few, metrics out of their bands."""
        report = self._judge.close()
        found = list(report.closing)
        if self._log.baseline is None or report.undermined:
            return found
        reading = read_baseline(self._log, self._name, self._target)
        found += reading.findings
        if reading.baseline is not None:
            for metric in self._log.bands:
                found += hold_metric(self._log, report, metric, reading).findings
        return found


class StreamWatch:
    """A stream of payloads: as the gate ``telemetry`` judges it."""

    def __init__(self, section: StreamSection, root: Path, label: str) -> None:
        self._name = label
        self._following = Following(section, label, root)

    def feed(self, line: int, data: bytes) -> Iterable[Finding]:
        """What is wrong with a payload, or with the state that it leads to."""
        try:
            payload = parse(data, self._name, line)
        except Judged as judged:
            return [judged.finding]
        return self._following.feed(line, payload)

    def close(self) -> Iterable[Finding]:
        """What never ended."""
        return self._following.close()


class EventsWatch:
    """An event log, as the gate ``events`` judges it, without what needs other files.

    ``not_applicable`` are the checks of that gate that do not apply to the system.
    """

    def __init__(self, section: EventsSection, root: Path, label: str, not_applicable: Collection[str] = ()) -> None:
        self._section = section
        self._not_applicable = not_applicable
        self._way = LogPass(label, section, LineSchema(root / section.schema, section.schema), at_speed=False)
        self._surfaced: set[tuple[str, str]] = set()

    def feed(self, line: int, data: bytes) -> Sequence[Finding]:  # noqa: ARG002 - the pass counts lines itself
        """What is wrong with an event or with its place among the others, and the conditions that it meets."""
        self._way.take_block(data)
        met = self._not_yet_reported(surfaced(self._section, self._way.counters.surface.places()))
        self._surfaced.update((each.rule, each.where) for each in met)
        return [*self._fresh(), *met]

    def close(self) -> Iterable[Finding]:
        """What had no end, what was too little or too much."""
        summary = self._way.summary()
        whole = self._not_yet_reported(of_log(self._section, summary, self._not_applicable))
        return list(dict.fromkeys([*self._fresh(), *whole]))

    def _not_yet_reported(self, findings: Iterable[Finding]) -> list[Finding]:
        """Without the conditions that were already reported at their place."""
        return [each for each in findings if (each.rule, each.where) not in self._surfaced]

    def _fresh(self) -> list[Finding]:
        found = self._way.findings.fresh()
        return [
            finding
            for aspect, finding in found
            if aspect not in self._not_applicable and not passed_over(self._section, aspect, finding)
        ]
