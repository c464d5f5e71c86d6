"""What must hold from one event to the next: sequence numbers rise, clocks advance, the run id stays."""

from __future__ import annotations

from collections.abc import Mapping

from gatecourt.core.model import Finding, Json
from gatecourt.formats import pointer
from gatecourt.rules.events.dialect import LogEvent, holds
from gatecourt.rules.events.section import ClockDomain, Dialect
from gatecourt.rules.events.summary import FindingLog

MAIN_CLOCK = "main"


class Sequence:
    """Sequence numbers rise by one from the declared start."""

    def __init__(self, start: int) -> None:
        self.expected = start

    def take(self, event: LogEvent, where: str, found: FindingLog) -> None:
        """Check one event. After a gap the count continues from there; a repeat or step back does not change it."""
        if event.sequence is None or event.sequence == self.expected:
            self.expected += event.sequence is not None
            return
        gap = event.sequence > self.expected
        rule = "events.sequence_gap" if gap else "events.sequence_repeat"
        found.add("sequence", Finding(where, str(self.expected), str(event.sequence), rule))
        if gap:
            self.expected = event.sequence + 1


class Clocks:
    """Time does not go backwards within a clock."""

    def __init__(self, domains: Mapping[str, ClockDomain]) -> None:
        self._domains = domains
        self.last: dict[str, tuple[int | float, int]] = {}

    def domain(self, event: LogEvent) -> str:
        """The name of the event's clock."""
        return next((name for name, domain in self._domains.items() if _on(domain, event)), MAIN_CLOCK)

    def depends_on_payload(self, event: LogEvent) -> bool:
        """Whether the clock of such an event depends on a value in the payload."""
        return any(
            domain.pointer is not None and holds(event.payload, domain.pointer) for domain in self._domains.values()
        )

    def take(self, event: LogEvent, where: str, found: FindingLog) -> None:
        """Check one event; each step back is reported once."""
        domain = self.domain(event)
        before = self.last.get(domain)
        if before is not None and event.time < before[0]:
            expected = f"at least {before[0]}, the time on line {before[1]} (clock {domain!r})"
            found.add("clock", Finding(where, expected, str(event.time), "events.clock_backwards"))
        self.last[domain] = (event.time, event.line)


def _on(domain: ClockDomain, event: LogEvent) -> bool:
    return (
        (not domain.categories or event.category in domain.categories)
        and (not domain.types or event.type in domain.types)
        and (domain.pointer is None or _payload_is(event.payload, domain.pointer, domain.value))
    )


def _payload_is(payload: Json, at: str, value: Json) -> bool:
    if not holds(payload, at):
        return False
    found = pointer.get(payload, at)
    return type(found) is type(value) and found == value


class OneRun:
    """A log holds the events of one run."""

    def __init__(self) -> None:
        self.run: str | None = None

    def take(self, event: LogEvent, where: str, found: FindingLog) -> None:
        """Check one event; each with another run id than the first is a finding."""
        if self.run is None:
            self.run = event.run
        elif event.run is not None and event.run != self.run:
            found.add("single_run", Finding(where, f"run {self.run!r}", f"run {event.run!r}", "events.second_run"))


class EventOrder:
    """The three together; each finding is at the pointer of its field."""

    def __init__(self, start: int, domains: Mapping[str, ClockDomain]) -> None:
        self.sequence = Sequence(start)
        self.clocks = Clocks(domains)
        self.one_run = OneRun()

    def take(self, event: LogEvent, dialect: Dialect, where: str, found: FindingLog) -> None:
        """Check one event of a dialect."""
        self.sequence.take(event, f"{where}#{dialect.sequence}", found)
        self.clocks.take(event, f"{where}#{dialect.time}", found)
        self.one_run.take(event, f"{where}#{dialect.run}", found)
