"""Conditions over the states of a stream: numbers, sums, events, streaks, samples, waits and growth."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol

from gatecourt.core.model import Finding
from gatecourt.formats.excerpt import excerpt
from gatecourt.mechanisms.bands.figures import shown
from gatecourt.mechanisms.streams.merging import StreamState
from gatecourt.rules.telemetry.streams.conditions_section import (
    Conditions,
    EventCondition,
    GrowthCondition,
    NumberCondition,
    RollingCondition,
    StreakCondition,
    SumCondition,
    WaitCondition,
)
from gatecourt.rules.telemetry.streams.entries import Entries, StreamEntry
from gatecourt.rules.telemetry.streams.frame import Place, decimal, whole
from gatecourt.rules.telemetry.streams.settings import Settings

_DIGITS = 6


@dataclass(frozen=True, slots=True)
class ConditionState:
    """Whether a condition holds (None where the states so far cannot say), and by what numbers."""

    holds: bool | None
    where: str
    words: str


class Condition(Protocol):
    """Fed every state, in order."""

    def judge(self, frame: StreamState) -> ConditionState | Finding:
        """Whether the condition holds now, or the finding that the state lacks what it takes."""


def conditions_of(section: Conditions, settings: Settings) -> dict[str, Condition]:
    """Every condition by its name, sorted. Raises ``Judged`` for settings."""
    found: dict[str, Condition] = {}
    found |= {name: NumberAbove(one, settings) for name, one in section.number.items()}
    found |= {name: SumAbove(one, settings) for name, one in section.sum.items()}
    found |= {name: EventsAbove(one, settings) for name, one in section.events.items()}
    found |= {name: StreaksAbove(one, settings) for name, one in section.streak.items()}
    found |= {name: RollingAbove(one, settings) for name, one in section.rolling.items()}
    found |= {name: WaitAbove(one, settings) for name, one in section.wait.items()}
    found |= {name: CounterGrew(one) for name, one in section.growth.items()}
    return dict(sorted(found.items()))


class NumberAbove:
    """A number above a limit, once it has samples enough."""

    def __init__(self, section: NumberCondition, settings: Settings) -> None:
        self._value = Place(section.value)
        self._samples = None if section.samples is None else Place(section.samples)
        self._least = section.least
        self._above = settings.bound(section.above)

    def judge(self, frame: StreamState) -> ConditionState | Finding:
        """The number against the limit."""
        if self._samples is not None:
            samples = self._samples.count(frame)
            if isinstance(samples, Finding):
                return samples
            if samples < self._least:
                return ConditionState(False, frame.at(self._samples.steps), f"{samples} samples of {self._least}")
        value, above = self._value.number(frame), self._above.of(frame)
        if isinstance(value, Finding):
            return value
        if isinstance(above, Finding):
            return above
        return ConditionState(value > above, frame.at(self._value.steps), f"{value} against {above}")


class SumAbove:
    """The sum of a key over members above a limit."""

    def __init__(self, section: SumCondition, settings: Settings) -> None:
        self._members, self._key = Place(section.members), section.key
        self._above = settings.level(section.above)

    def judge(self, frame: StreamState) -> ConditionState | Finding:
        """The sum against the limit."""
        members = self._members.table(frame)
        if isinstance(members, Finding):
            return members
        total = 0
        for name, member in members.items():
            count = whole(member.get(self._key)) if isinstance(member, dict) else None
            if count is None:
                at = f"{frame.at((*self._members.steps, name, self._key))}"
                return Finding(at, "a whole number of at least 0", excerpt(member), "telemetry.payload_value")
            total += count
        where = frame.at(self._members.steps)
        return ConditionState(total > self._above, where, f"a sum of {total} against {self._above}")


class EventsAbove:
    """More events than a limit in the last ticks."""

    def __init__(self, section: EventCondition, settings: Settings) -> None:
        self._section = section
        self._entries = Entries(section.pointer, section.tick)
        self._above = settings.level(section.above)
        self._least = None if section.at_least is None else settings.level(section.at_least)
        self._counted: deque[tuple[int, str]] = deque()

    def judge(self, frame: StreamState) -> ConditionState | Finding:
        """The events of the window against the limit."""
        wrong = None
        for entry in self._entries.new(frame):
            problem = entry if isinstance(entry, Finding) else self._take(entry, frame.tick)
            wrong = wrong or problem
        while self._counted and self._counted[0][0] <= frame.tick - self._section.window:
            self._counted.popleft()
        count = len(set(self._counted) if self._section.distinct else self._counted)
        of = "" if self._least is None else f" of at least {self._least}"
        words = f"{count} events{of} in {self._section.window} ticks against {self._above}"
        return wrong or ConditionState(count > self._above, frame.at(self._entries.place.steps), words)

    def _take(self, entry: StreamEntry, now: int) -> Finding | None:
        section = self._section
        if section.types and entry.value.get(section.type) not in section.types:
            return None
        if section.number is not None and self._least is not None:
            number = decimal(entry.value.get(section.number))
            if number is None:
                return entry.wrong(section.number, "a finite number")
            if number < self._least:
                return None
        if entry.tick > now - section.window:
            known = repr(sorted(entry.value.items())) if section.distinct else ""
            self._counted.append((entry.tick, known))
        return None


class StreaksAbove:
    """Members that stayed low for long, counted in a window. A streak counts once, however long it is."""

    def __init__(self, section: StreakCondition, settings: Settings) -> None:
        self._members = Place(section.members)
        self._value = Place(section.value)
        self._level = settings.level(section.at_most)
        self._ticks, self._window = settings.ticks(section.ticks), settings.ticks(section.window)
        self._above = settings.ticks(section.above)
        self._streaks: dict[str, int] = {}
        self._long: deque[int] = deque()

    def judge(self, frame: StreamState) -> ConditionState | Finding:
        """The streaks in the window that ends now."""
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
                    self._long.append(frame.tick)
        self._streaks = streaks
        while self._long and self._long[0] <= frame.tick - self._window:
            self._long.popleft()
        words = f"{len(self._long)} streaks of {self._ticks} ticks in {self._window} ticks"
        holds = len(self._long) > self._above
        return wrong or ConditionState(holds, frame.at(self._members.steps), words)

    def _level_of(self, frame: StreamState, name: str, member: Any) -> Decimal | Finding:
        found = member
        for step in self._value.steps:
            found = found.get(step) if isinstance(found, dict) else None
        level = decimal(found)
        if level is not None:
            return level
        at = frame.at((*self._members.steps, name, *self._value.steps))
        return Finding(at, "a finite number", excerpt(found), "telemetry.payload_value")


class RollingAbove:
    """A statistic of the samples of the last ticks."""

    def __init__(self, section: RollingCondition, settings: Settings) -> None:
        self._section = section
        self._samples = Place(section.samples)
        self._reported = None if section.reported is None else Place(section.reported)
        self._above = settings.level(section.above)
        self._window, self._least = settings.ticks(section.window), settings.ticks(section.least)
        self._unit = section.unit
        self._ticks: deque[tuple[int, int, Decimal, Decimal]] = deque()
        self._count, self._sum, self._squares = 0, Decimal(0), Decimal(0)

    def judge(self, frame: StreamState) -> ConditionState | Finding:
        """The statistic against the limit, and against what the state reports."""
        samples = self._samples.table(frame)
        if isinstance(samples, Finding):
            return samples
        numbers = [decimal(value) for value in samples.values()]
        if None in numbers:
            return self._samples.wrong(frame, "finite numbers by name", samples)
        self._take(frame.tick, [number for number in numbers if number is not None])
        where = frame.at(self._samples.steps)
        if self._count < max(self._least, 1):
            return ConditionState(False, where, f"{self._count} samples of {self._least}")
        value = self._statistic()
        if (contradiction := self._contradicted(frame, value)) is not None:
            return contradiction
        near = abs(value - self._above) <= self._unit
        words = f"a {self._section.statistic} of {shown(Fraction(value), _DIGITS)} against {self._above}"
        return ConditionState(None if near and self._section.statistic != "mean" else value > self._above, where, words)

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
        reported = None if self._reported is None else self._reported.number(frame)
        if self._reported is None or reported is None or isinstance(reported, Finding):
            return reported if isinstance(reported, Finding) else None
        if abs(reported - value) <= self._unit:
            return None
        expected = f"the {self._section.statistic} of {self._samples.pointer}"
        observed = f"{reported}, not about {shown(Fraction(value), _DIGITS)} of {self._count} samples"
        return Finding(frame.at(self._reported.steps), expected, observed, "telemetry.metric_differs")


class WaitAbove:
    """Somebody has been listed for too long. Who is listed at the start of the stream has waited since then."""

    def __init__(self, section: WaitCondition, settings: Settings) -> None:
        self._members = Place(section.members)
        self._above = settings.ticks(section.above)
        self._since: dict[str, int] = {}

    def judge(self, frame: StreamState) -> ConditionState | Finding:
        """The longest wait against the limit."""
        members = self._members.array(frame)
        if isinstance(members, Finding):
            return members
        self._since = {name: self._since.get(name, frame.tick) for name in map(str, members)}
        longest = max((frame.tick - since for since in self._since.values()), default=0)
        return ConditionState(longest > self._above, frame.at(self._members.steps), f"a wait of {longest} ticks")


class CounterGrew:
    """A counter grew by as much as is too much for the ticks since the state before."""

    def __init__(self, section: GrowthCondition) -> None:
        self._limits = [(Place(at), limit) for at, limit in sorted(section.at_least.items())]
        self._before: tuple[int, list[int]] | None = None

    def judge(self, frame: StreamState) -> ConditionState | Finding:
        """The growth since the state before; the first state cannot say."""
        counts: list[int] = []
        for place, _ in self._limits:
            count = place.count(frame)
            if isinstance(count, Finding):
                return count
            counts.append(count)
        before, self._before = self._before, (frame.tick, counts)
        if before is None:
            return ConditionState(None, frame.where, "one state alone")
        ticks = frame.tick - before[0]
        grown = [
            (f"{place.pointer} by {now - then}", now - then >= limit * ticks)
            for (place, limit), now, then in zip(self._limits, counts, before[1], strict=True)
        ]
        words = [text for text, much in grown if much] or [text for text, _ in grown]
        return ConditionState(any(much for _, much in grown), frame.where, ", ".join(words))
