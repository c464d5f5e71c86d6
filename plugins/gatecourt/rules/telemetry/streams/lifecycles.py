"""A start that has its end, within the ticks that it may take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gatecourt.core.model import Finding, Json
from gatecourt.formats.excerpt import excerpt
from gatecourt.mechanisms.streams.merging import StreamState
from gatecourt.rules.telemetry.streams.entries import Entries
from gatecourt.rules.telemetry.streams.rule import Rule
from gatecourt.rules.telemetry.streams.rules_section import Lifecycle


@dataclass(slots=True)
class _Start:
    """A start that waits for its end, and the ticks of ends with its id since then."""

    where: str
    tick: int
    ends: list[int] = field(default_factory=list)


class StartsEnd(Rule):
    """Each start is followed by an end in time. Starts with one id may share an end where it is in time for each.

    Rules: ``telemetry.end_missing``, ``end_undecided`` (the stream ends before), ``no_sample``, those of values.
    """

    def __init__(self, section: Lifecycle) -> None:
        self._section = section
        self._entries = Entries(section.events.pointer, section.events.tick)
        self._open: dict[str, list[_Start]] = defaultdict(list)
        self._starts = 0

    def feed(self, frame: StreamState) -> Iterator[Finding]:
        """Starts whose end was due by this state."""
        for entry in self._entries.new(frame):
            if isinstance(entry, Finding):
                yield entry
                continue
            kind = entry.value.get(self._section.events.type)
            if kind not in (self._section.start, self._section.end):
                continue
            who = entry.value.get(self._section.id)
            if not isinstance(who, str):
                yield entry.wrong(self._section.id, "a text")
            elif kind == self._section.start:
                self._starts += 1
                self._open[who].append(_Start(entry.where, entry.tick))
            else:
                for start in self._open.get(who, []):
                    start.ends.append(entry.tick)
        yield from self._due(frame)

    def _due(self, frame: StreamState) -> Iterator[Finding]:
        earliest, latest = self._section.earliest, self._section.latest
        for who in sorted(self._open):
            waiting = [start for start in self._open[who] if start.tick + latest > frame.tick]
            for start in self._open[who]:
                first, last = start.tick + earliest, start.tick + latest
                if last <= frame.tick and not any(first <= tick <= last for tick in start.ends):
                    when = f"at tick {last}" if first == last else f"from tick {first} to tick {last}"
                    observed = f"at tick {start.ends[0]}" if start.ends else f"none by tick {frame.tick}"
                    expected = f"{self._section.end} of {excerpt(who, 40)} {when}"
                    yield Finding(start.where, expected, observed, "telemetry.end_missing")
            if waiting:
                self._open[who] = waiting
            else:
                del self._open[who]

    def close(self, where: str) -> Iterator[Finding]:
        """Starts too late to be judged, and a stream without any."""
        for who in sorted(self._open):
            for start in self._open[who]:
                if not any(tick >= start.tick + self._section.earliest for tick in start.ends):
                    expected = f"a state at tick {start.tick + self._section.latest}"
                    yield Finding(start.where, expected, "the end of the stream", "telemetry.end_undecided")
        if not self._starts:
            yield Finding(where, f"at least one {self._section.start}", "none", "telemetry.no_sample")

    def summary(self) -> Mapping[str, Json]:
        """How many starts were judged."""
        return {"starts": self._starts}
