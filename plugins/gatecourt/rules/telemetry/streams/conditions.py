"""Conditions that an alert should tell of, worked out from queues, rivalries and the backlog."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any, Protocol

from gatecourt.core.model import Finding
from gatecourt.formats.excerpt import excerpt
from gatecourt.mechanisms.streams.merging import StreamState
from gatecourt.rules.telemetry.streams.entries import Entries
from gatecourt.rules.telemetry.streams.frame import MISSING, VALUE, Place, decimal, whole
from gatecourt.rules.telemetry.streams.queues_section import Queues, Rivalry
from gatecourt.rules.telemetry.streams.section import EmploymentBacklog
from gatecourt.rules.telemetry.streams.settings import Settings


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a condition holds (None where the states so far cannot tell), and by what numbers."""

    holds: bool | None
    where: str
    words: str


class Condition(Protocol):
    """Fed every state, in order."""

    def judge(self, frame: StreamState) -> Outcome | Finding:
        """Whether the condition holds now, or the finding that the state lacks what it takes."""


UNKNOWN = Outcome(None, "", "unknown")


class Pressure:
    """A total of the queues grew by as much as is pressure within one tick."""

    def __init__(self, section: Queues) -> None:
        self._limits = sorted(section.pressure.items())
        self._places = {name: Place(section.totals).below(name) for name in section.pressure}
        self._history = None if section.history is None else Place(section.history)
        self._before: tuple[int, dict[str, int]] | None = None

    def judge(self, frame: StreamState) -> Outcome | Finding:
        """The growth since the state before; of the first state as its history tells it, if it does."""
        totals: dict[str, int] = {}
        for name, place in self._places.items():
            count = place.count(frame)
            if isinstance(count, Finding):
                return count
            totals[name] = count
        before, self._before = self._before, (frame.tick, totals)
        grown = self._told(frame) if before is None else {key: totals[key] - before[1][key] for key in totals}
        if grown is None:
            return UNKNOWN
        ticks = 1 if before is None else frame.tick - before[0]
        most = [f"{name} by {grown[name]}" for name, limit in self._limits if grown[name] >= limit * ticks]
        shown = [f"{name} by {grown[name]}" for name, _ in self._limits]
        return Outcome(bool(most), frame.where, ", ".join(most or shown))

    def _told(self, frame: StreamState) -> dict[str, int] | None:
        entries = None if self._history is None else self._history.array(frame)
        last: Any = entries[-1] if isinstance(entries, list) and entries else None
        if not isinstance(last, dict) or last.get("tick") != frame.tick or not isinstance(last.get("delta"), dict):
            return None
        grown = {name: whole(last["delta"].get(name)) for name in self._places}
        return None if None in grown.values() else {name: count or 0 for name, count in grown.items()}


class Spike:
    """Many strong rivalry events within a few ticks. An event that is told twice is one."""

    def __init__(self, section: Rivalry, settings: Settings) -> None:
        self._section = section
        self._threshold = settings.level(section.threshold)
        self._entries = Entries(section.pointer, section.tick)
        self._strong: deque[tuple[int, str]] = deque()
        self._names: set[tuple[int, str]] = set()

    def judge(self, frame: StreamState) -> Outcome | Finding:
        """How many strong events there were of late."""
        wrong = None
        for entry in self._entries.new(frame):
            if isinstance(entry, Finding):
                wrong = wrong or entry
                continue
            intensity = decimal(entry.value.get(self._section.intensity))
            if intensity is None:
                at = f"{entry.where}/{self._section.intensity}"
                told = self._section.intensity in entry.value
                observed = excerpt(entry.value[self._section.intensity]) if told else "absent"
                wrong = wrong or Finding(at, "a finite number", observed, VALUE if told else MISSING)
            elif intensity >= self._threshold:
                self._take(entry.tick, entry.value)
        while self._strong and self._strong[0][0] <= frame.tick - self._section.window:
            self._names.discard(self._strong.popleft())
        if wrong is not None:
            return wrong
        words = f"{len(self._strong)} events of at least {self._threshold} in {self._section.window} ticks"
        return Outcome(len(self._strong) >= self._section.count, frame.at(self._entries.place.steps), words)

    def _take(self, tick: int, event: dict[str, Any]) -> None:
        keys = (*self._section.agents, self._section.reason, self._section.intensity)
        name = (tick, repr([event.get(key) for key in keys]))
        if name not in self._names:
            self._names.add(name)
            self._strong.append(name)


class Overflow:
    """More wait to leave a job than the limit allows; a limit of 0 is none."""

    def __init__(self, section: EmploymentBacklog) -> None:
        self._count, self._limit = Place(section.count), Place(section.limit)

    def judge(self, frame: StreamState) -> Outcome | Finding:
        """The count against the limit that the state tells."""
        count, limit = self._count.count(frame), self._limit.count(frame)
        if isinstance(count, Finding):
            return count
        if isinstance(limit, Finding):
            return limit
        return Outcome(count > limit > 0, frame.at(self._count.steps), f"{count} of {limit}")
