"""The events of the logs, read strictly; those of the wanted types with exact numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json, Run
from gatecourt.formats import pointer
from gatecourt.formats.decimals import decimals
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import Source, gather
from gatecourt.formats.jsonl import parse_line, read_lines
from gatecourt.rules.risk.clock import day, instant, zone
from gatecourt.rules.risk.section import EventFiles
from gatecourt.rules.risk.values import number_at, text_at

Group = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RiskEvent:
    """One event of a wanted type: its place, type and record."""

    where: str
    type: str
    record: Any

    def number(self, at: str) -> Decimal | Finding:
        """The number at a pointer, or the finding that there is none."""
        return number_at(self.record, at, self.where)

    def text(self, at: str) -> str:
        """The text at a pointer. Raises ``Judged``."""
        return text_at(self.record, at, self.where)

    def group(self, pointers: Iterable[str]) -> Group:
        """The book that the event belongs to. Raises ``Judged``."""
        return tuple(self.text(at) for at in pointers)

    def trading_day(self, log: EventFiles) -> str:
        """The calendar day of the event's time in the log's zone. Raises ``Judged``."""
        assert log.time is not None
        assert log.unit is not None
        assert log.timezone is not None
        time = self.number(log.time)
        if isinstance(time, Finding):
            raise Judged(time)
        try:
            return day(instant(time, log.unit), zone(log.timezone)).isoformat()
        except ValueError as error:
            observed = f"{excerpt(str(time))}, {error}"
            raise Judged(Finding(f"{self.where}#{log.time}", "a time", observed, "risk.time")) from error


def book(group: Group) -> str:
    """The book's name in brackets, to follow a number; empty if there is only one book."""
    return f" ({'/'.join(group)})" if group else ""


def gather_reports(files: tuple[str, ...], run: Run) -> tuple[Source, ...]:
    """The reports that the patterns match. Raises ``Judged`` (``artefact.none``) where there is none."""
    sources = gather(files, "artefacts", run, run.root)
    if not sources:
        raise Judged(Finding(", ".join(files), "at least one file", "none", "artefact.none"))
    return sources


def read_events(sources: Iterable[Source], log: EventFiles, types: frozenset[str]) -> Iterator[RiskEvent | Finding]:
    """Events of the wanted types in the order of the logs, and a finding for each line that is not an event."""
    steps = pointer.split(log.type)
    for source in sources:
        yield from _of_file(source, log.type, steps, types)


def _of_file(source: Source, at: str, steps: tuple[str, ...], types: frozenset[str]) -> Iterator[RiskEvent | Finding]:
    def read(data: bytes, name: str, line: int) -> RiskEvent | None:
        kind = _child(parse_line(data, name, line), steps)
        where = f"{name}:{line}"
        if not isinstance(kind, str):
            raise Judged(Finding(f"{where}#{at}", "an event type", excerpt(kind), "risk.value_missing"))
        return RiskEvent(where, kind, decimals(data)) if kind in types else None

    return (event for event in read_lines(source.path, source.name, read) if event is not None)


def _child(value: Json, steps: tuple[str, ...]) -> Json:
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    return value
