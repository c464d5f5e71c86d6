"""Conditions that an alert should tell of, worked out from numbers, sums, events, needs, samples and waits."""

from __future__ import annotations

from collections import deque
from decimal import Decimal
from fractions import Fraction
from typing import Any

from gatecourt.core.model import Finding
from gatecourt.formats.excerpt import excerpt
from gatecourt.mechanisms.bands.figures import shown
from gatecourt.mechanisms.streams.merging import StreamState
from gatecourt.rules.telemetry.streams.alerts_section import (
    EventAlert,
    MetricAlert,
    NeedAlert,
    RollingAlert,
    SumAlert,
    WaitAlert,
)
from gatecourt.rules.telemetry.streams.conditions import Outcome
from gatecourt.rules.telemetry.streams.entries import Entries
from gatecourt.rules.telemetry.streams.frame import VALUE, Place, decimal, whole
from gatecourt.rules.telemetry.streams.settings import Settings

_DIGITS = 6


class Metric:
    """A number above a limit, once it has samples enough."""

    def __init__(self, section: MetricAlert, settings: Settings) -> None:
        self._value = Place(section.value)
        self._samples = None if section.samples is None else Place(section.samples)
        self._least = section.least
        self._above = settings.level(section.above)

    def judge(self, frame: StreamState) -> Outcome | Finding:
        """The number against the limit."""
        if self._samples is not None:
            samples = self._samples.count(frame)
            if isinstance(samples, Finding):
                return samples
            if samples < self._least:
                return Outcome(False, frame.at(self._samples.steps), f"{samples} samples of {self._least}")
        value = self._value.number(frame)
        if isinstance(value, Finding):
            return value
        return Outcome(value > self._above, frame.at(self._value.steps), f"{value} against {self._above}")


class Sum:
    """The sum of a key over members above a limit."""

    def __init__(self, section: SumAlert, settings: Settings) -> None:
        self._members, self._key = Place(section.members), section.key
        self._above = settings.level(section.above)

    def judge(self, frame: StreamState) -> Outcome | Finding:
        """The sum against the limit."""
        members = self._members.table(frame)
        if isinstance(members, Finding):
            return members
        total = 0
        for name, member in members.items():
            count = whole(member.get(self._key)) if isinstance(member, dict) else None
            if count is None:
                at = f"{frame.at((*self._members.steps, name, self._key))}"
                return Finding(at, "a whole number of at least 0", excerpt(member), VALUE)
            total += count
        where = frame.at(self._members.steps)
        return Outcome(total > self._above, where, f"a sum of {total} against {self._above}")


class Happened:
    """More events of some types in one tick than a limit."""

    def __init__(self, section: EventAlert, settings: Settings) -> None:
        self._section = section
        self._entries = Entries(section.events.pointer, section.events.tick)
        self._above = settings.level(section.above)

    def judge(self, frame: StreamState) -> Outcome | Finding:
        """The tick's events against the limit."""
        found = 0
        wrong = None
        for entry in self._entries.new(frame):
            if isinstance(entry, Finding):
                wrong = wrong or entry
            elif entry.tick == frame.tick and entry.value.get(self._section.events.type) in self._section.types:
                found += 1
        where = frame.at(self._entries.place.steps)
        return wrong or Outcome(found > self._above, where, f"{found} events against {self._above}")


class Need:
    """Agents that went without for long, as incidents in a window. One streak is one incident, however long."""

    def __init__(self, section: NeedAlert, settings: Settings) -> None:
        self._members = Place(section.members)
        self._need = Place(section.need)
        self._level = settings.level(section.at_most)
        self._ticks, self._window = settings.ticks(section.ticks), settings.ticks(section.window)
        self._allowed = settings.ticks(section.incidents)
        self._streaks: dict[str, int] = {}
        self._incidents: deque[int] = deque()

    def judge(self, frame: StreamState) -> Outcome | Finding:
        """The incidents in the window that ends now."""
        members = self._members.table(frame)
        if isinstance(members, Finding):
            return members
        streaks: dict[str, int] = {}
        wrong = None
        for name, member in members.items():
            level = self._level_of(frame, name, member)
            if isinstance(level, Finding):
                wrong = wrong or level
            elif level <= self._level:
                streaks[name] = self._streaks.get(name, 0) + 1
                if streaks[name] == self._ticks:
                    self._incidents.append(frame.tick)
        self._streaks = streaks
        while self._incidents and self._incidents[0] <= frame.tick - self._window:
            self._incidents.popleft()
        words = f"{len(self._incidents)} incidents in {self._window} ticks"
        holds = len(self._incidents) > self._allowed
        return wrong or Outcome(holds, frame.at(self._members.steps), words)

    def _level_of(self, frame: StreamState, name: str, member: Any) -> Decimal | Finding:
        found = member
        for step in self._need.steps:
            found = found.get(step) if isinstance(found, dict) else None
        level = decimal(found)
        if level is not None:
            return level
        at = frame.at((*self._members.steps, name, *self._need.steps))
        return Finding(at, "a finite number", excerpt(found), VALUE)


class Rolling:
    """A statistic of the samples of the last ticks."""

    def __init__(self, section: RollingAlert, settings: Settings) -> None:
        self._section = section
        self._samples = Place(section.samples)
        self._told = None if section.told is None else Place(section.told)
        self._above = settings.level(section.above)
        self._window, self._least = settings.ticks(section.window), settings.ticks(section.least)
        self._unit = Decimal(10) ** -section.places
        self._ticks: deque[tuple[int, int, Decimal, Decimal]] = deque()
        self._count, self._sum, self._squares = 0, Decimal(0), Decimal(0)

    def judge(self, frame: StreamState) -> Outcome | Finding:
        """The statistic against the limit, and against what the state tells of it."""
        samples = self._samples.table(frame)
        if isinstance(samples, Finding):
            return samples
        numbers = [decimal(value) for value in samples.values()]
        if None in numbers:
            return self._samples.wrong(frame, "finite numbers by name", samples)
        self._take(frame.tick, [number for number in numbers if number is not None])
        where = frame.at(self._samples.steps)
        if self._count < max(self._least, 1):
            return Outcome(False, where, f"{self._count} samples of {self._least}")
        value = self._statistic()
        if (contradiction := self._contradicted(frame, value)) is not None:
            return contradiction
        near = abs(value - self._above) <= self._unit
        words = f"a {self._section.statistic} of {shown(Fraction(value), _DIGITS)} against {self._above}"
        return Outcome(None if near and self._section.statistic != "mean" else value > self._above, where, words)

    def _take(self, tick: int, numbers: list[Decimal]) -> None:
        new = (tick, len(numbers), sum(numbers, Decimal(0)), sum((number * number for number in numbers), Decimal(0)))
        self._ticks.append(new)
        self._change(1, *new[1:])
        while self._ticks and self._ticks[0][0] <= tick - self._window:
            self._change(-1, *self._ticks.popleft()[1:])

    def _change(self, sign: int, count: int, total: Decimal, squares: Decimal) -> None:
        self._count += sign * count
        self._sum += sign * total
        self._squares += sign * squares

    def _statistic(self) -> Decimal:
        mean = self._sum / self._count
        return mean if self._section.statistic == "mean" else self._squares / self._count - mean * mean

    def _contradicted(self, frame: StreamState, value: Decimal) -> Finding | None:
        told = None if self._told is None else self._told.number(frame)
        if self._told is None or told is None or isinstance(told, Finding):
            return told if isinstance(told, Finding) else None
        if abs(told - value) <= self._unit:
            return None
        expected = f"the {self._section.statistic} of {self._samples.pointer}"
        observed = f"{told}, not about {shown(Fraction(value), _DIGITS)} of {self._count} samples"
        return Finding(frame.at(self._told.steps), expected, observed, "telemetry.metric_differs")


class Waiting:
    """Somebody has been listed for too long. Who is listed at the start of the stream has waited since then."""

    def __init__(self, section: WaitAlert, settings: Settings) -> None:
        self._members = Place(section.members)
        self._above = settings.ticks(section.above)
        self._since: dict[str, int] = {}

    def judge(self, frame: StreamState) -> Outcome | Finding:
        """The longest wait against the limit."""
        members = self._members.array(frame)
        if isinstance(members, Finding):
            return members
        self._since = {name: self._since.get(name, frame.tick) for name in map(str, members)}
        longest = max((frame.tick - since for since in self._since.values()), default=0)
        return Outcome(longest > self._above, frame.at(self._members.steps), f"a wait of {longest} ticks")
