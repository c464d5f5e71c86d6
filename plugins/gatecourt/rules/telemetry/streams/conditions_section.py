"""Conditions over the states of a stream, and the alerts that agree with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from gatecourt.formats.fields import Count, NonEmpty, Pointer, PositiveInt
from gatecourt.formats.quantities import Number
from gatecourt.rules.telemetry.streams.settings import Bound, Level, Ticks


@dataclass(frozen=True)
class NumberCondition:
    """Holds while a number of the state is above a limit."""

    value: Pointer = field(metadata={"doc": "Where the number stands in the state."})
    above: Bound = field(metadata={"doc": "What it must be above: a number, FILE#/POINTER or /pointer."})
    samples: Pointer | None = field(default=None, metadata={"doc": "Where the number of its samples stands."})
    least: Count = field(default=1, metadata={"doc": "The fewest samples."})


@dataclass(frozen=True)
class SumCondition:
    """Holds while the sum of one key over the members of an object is above a limit."""

    members: Pointer = field(metadata={"doc": "Where the object of members stands."})
    key: str = field(metadata={"doc": "Key of the whole number in each member."})
    above: Level = field(metadata={"doc": "What the sum must be above, or FILE#/POINTER."})


@dataclass(frozen=True)
class EventCondition:
    """Holds while there are more events than a limit in the last ticks."""

    above: Level = field(metadata={"doc": "How many are not yet too many, or FILE#/POINTER."})
    pointer: Pointer = field(default="/events", metadata={"doc": "Where the events stand, an array of objects."})
    tick: str = field(default="tick", metadata={"doc": "Key of an event's tick; without it, it is of the state's."})
    type: str = field(default="type", metadata={"doc": "Key of an event's type."})
    types: tuple[str, ...] = field(default=(), metadata={"doc": "Types of the events that count; none: all of them."})
    number: str | None = field(default=None, metadata={"doc": "Key of a number that each event must have."})
    at_least: Level | None = field(default=None, metadata={"doc": "The smallest such number that counts."})
    distinct: bool = field(default=False, metadata={"doc": "Whether equal events of a tick count once."})
    window: PositiveInt = field(default=1, metadata={"doc": "Ticks in which they are counted."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a smallest number without its key."""
        if (self.number is None) != (self.at_least is None):
            absent = "number" if self.number is None else "at_least"
            raise ValueError(f"{absent}: missing; number and at_least go together")


@dataclass(frozen=True)
class StreakCondition:
    """Holds while more members than allowed stayed low for long, within a window. A streak counts once."""

    members: Pointer = field(metadata={"doc": "Where the object of members stands."})
    value: Pointer = field(metadata={"doc": "Pointer from a member to its number."})
    at_most: Level = field(metadata={"doc": "Up to which number a member is low, or FILE#/POINTER."})
    ticks: Ticks = field(metadata={"doc": "For so many ticks in a row, or FILE#/POINTER."})
    window: Ticks = field(metadata={"doc": "Ticks in which streaks are counted, or FILE#/POINTER."})
    above: Ticks = field(default=0, metadata={"doc": "How many streaks are not yet too many, or FILE#/POINTER."})


@dataclass(frozen=True)
class RollingCondition:
    """Holds while a statistic of the samples of the last ticks is above a limit. Zeros are samples too."""

    samples: Pointer = field(metadata={"doc": "Where the samples of a tick stand: an object of numbers by name."})
    above: Level = field(metadata={"doc": "What the statistic must be above, or FILE#/POINTER."})
    statistic: Literal["mean", "variance"] = field(
        default="mean", metadata={"doc": "What is computed; variance divides by the number of samples."}
    )
    window: Ticks = field(default=600, metadata={"doc": "Ticks whose samples count, or FILE#/POINTER."})
    least: Ticks = field(default=10, metadata={"doc": "The fewest samples, or FILE#/POINTER."})
    reported: Pointer | None = field(default=None, metadata={"doc": "Where the state reports the statistic itself."})
    unit: Number = field(default=Decimal("0.0001"), metadata={"doc": "By how much it may differ."})


@dataclass(frozen=True)
class WaitCondition:
    """Holds while somebody has been listed for longer than a number of ticks."""

    members: Pointer = field(metadata={"doc": "Where the names stand, an array."})
    above: Ticks = field(metadata={"doc": "So many ticks are not yet too long, or FILE#/POINTER."})


@dataclass(frozen=True)
class GrowthCondition:
    """Holds in a tick in which a counter grew by a limit or more."""

    at_least: NonEmpty[Mapping[str, PositiveInt]] = field(metadata={"doc": "The growth that is too much, by /pointer."})


@dataclass(frozen=True)
class Conditions:
    """Conditions by kind and name. ``never`` names those that must not hold; alerts may agree with any of them."""

    number: Mapping[str, NumberCondition] = field(default_factory=dict, metadata={"doc": "A number above a limit."})
    sum: Mapping[str, SumCondition] = field(default_factory=dict, metadata={"doc": "A sum above a limit."})
    events: Mapping[str, EventCondition] = field(default_factory=dict, metadata={"doc": "Many events in a window."})
    streak: Mapping[str, StreakCondition] = field(default_factory=dict, metadata={"doc": "Low for long."})
    rolling: Mapping[str, RollingCondition] = field(
        default_factory=dict, metadata={"doc": "A statistic of the last ticks above a limit."}
    )
    wait: Mapping[str, WaitCondition] = field(default_factory=dict, metadata={"doc": "A long wait."})
    growth: Mapping[str, GrowthCondition] = field(default_factory=dict, metadata={"doc": "Fast growth of a counter."})
    never: tuple[str, ...] = field(default=(), metadata={"doc": "Names of conditions that must never hold."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a name of two conditions, and one in ``never`` that no condition has."""
        names = self.names
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"{', '.join(twice)}: expected one condition of this name")
        if lost := sorted(set(self.never) - set(names)):
            raise ValueError(f"never: no condition is called {', '.join(lost)}")

    @property
    def names(self) -> list[str]:
        """Names of all conditions."""
        kinds = (self.number, self.sum, self.events, self.streak, self.rolling, self.wait, self.growth)
        return [name for kind in kinds for name in kind]


@dataclass(frozen=True)
class AlertTiming:
    """When an alert is due: its condition held in ``ticks`` of the last ``of`` states; it may follow ``lag`` later."""

    ticks: PositiveInt = field(default=1, metadata={"doc": "In how many of the last states the condition held."})
    of: PositiveInt = field(default=1, metadata={"doc": "How many of the last states are looked at."})
    lag: Count = field(default=0, metadata={"doc": "By how many states the alert may begin and end later."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for more ticks than states."""
        if self.ticks > self.of:
            raise ValueError(f"ticks: {self.ticks} is more than of, which is {self.of}")


@dataclass(frozen=True)
class AlertNames:
    """The alerts of states. One with the name of a condition is present exactly while that condition holds."""

    pointer: Pointer = field(metadata={"doc": "Where the names of the alerts stand, an array."})
    allowed: tuple[str, ...] = field(default=(), metadata={"doc": "Alerts whose presence is no finding."})
    known: tuple[str, ...] = field(default=(), metadata={"doc": "Alerts that exist but have no condition here."})
    aliases: Mapping[str, str] = field(
        default_factory=dict, metadata={"doc": "Other names of alerts: the name in states, and the name here."}
    )
    timing: Mapping[str, AlertTiming] = field(
        default_factory=dict, metadata={"doc": "When an alert is due, by its name; otherwise at once."}
    )

    def require_names(self, conditions: Iterable[str]) -> None:
        """Raise ``ValueError`` for an alias or a timing of an alert that nothing here names."""
        conditions = set(conditions)
        meant = {*conditions, *self.known, *self.allowed}
        if lost := sorted(alias for alias, name in self.aliases.items() if name not in meant or alias in meant):
            raise ValueError(f"alerts.aliases: {', '.join(lost)} must be another name of an alert that is named here")
        if lost := sorted(set(self.timing) - conditions):
            raise ValueError(f"alerts.timing: no condition is called {', '.join(lost)}")
