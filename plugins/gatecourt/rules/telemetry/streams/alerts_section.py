"""The manifest's ``[telemetry.stream.NAME.alerts]``: what payloads' alerts are called, and how each is recomputed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from gatecourt.rules.telemetry.streams.setting_refs import Level, Ticks, require_pointers, require_settings


@dataclass(frozen=True)
class EventList:
    """Events that a state carries: those of the tick, or a history that goes back further."""

    pointer: str = field(default="/events", metadata={"doc": "Where the events stand, an array of objects."})
    type: str = field(default="type", metadata={"doc": "Key of an event's type."})
    tick: str = field(default="tick", metadata={"doc": "Key of an event's tick; events without it are of the state's."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for what is no pointer."""
        require_pointers(self, ("pointer",))


@dataclass(frozen=True)
class MetricAlert:
    """Told while a number of the state is above a limit."""

    value: str = field(metadata={"doc": "Where the number stands in the state."})
    above: Level = field(metadata={"doc": "What it must be above, or FILE#/POINTER."})
    samples: str | None = field(default=None, metadata={"doc": "Where the number of its samples stands."})
    least: int = field(default=1, metadata={"doc": "From how many samples on."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for what is no pointer."""
        require_pointers(self, ("value", "samples"))
        require_settings(self, ("above",))


@dataclass(frozen=True)
class SumAlert:
    """Told while the sum of one key over the members of an object is above a limit."""

    members: str = field(metadata={"doc": "Where the object of members stands, such as /jobs."})
    key: str = field(metadata={"doc": "Key of the whole number in each member."})
    above: Level = field(metadata={"doc": "What the sum must be above, or FILE#/POINTER."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for what is no pointer."""
        require_pointers(self, ("members",))
        require_settings(self, ("above",))


@dataclass(frozen=True)
class EventAlert:
    """Told in a tick that has more events of some types than a limit."""

    types: tuple[str, ...] = field(metadata={"doc": "Types of the events that count."})
    above: Level = field(metadata={"doc": "How many are not yet too many, or FILE#/POINTER."})
    events: EventList = field(default_factory=EventList, metadata={"doc": "Where events stand."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where no event counts."""
        require_settings(self, ("above",))
        if not self.types:
            raise ValueError("types is empty: name at least one type of event")


@dataclass(frozen=True)
class NeedAlert:
    """Told while more agents than allowed went without for long, within a window of ticks."""

    need: str = field(metadata={"doc": "Pointer from an agent to the level of its need, such as /needs/hunger."})
    members: str = field(default="/agents", metadata={"doc": "Where the object of agents stands."})
    at_most: Level = field(default=Decimal("0.05"), metadata={"doc": "Up to which level an agent goes without."})
    ticks: Ticks = field(default=30, metadata={"doc": "For so many ticks in a row, or FILE#/POINTER: one incident."})
    window: Ticks = field(default=1000, metadata={"doc": "Ticks in which they are counted, or FILE#/POINTER."})
    incidents: Ticks = field(default=0, metadata={"doc": "So many are not yet an alert, or FILE#/POINTER."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for what is no pointer."""
        require_pointers(self, ("need", "members"))
        require_settings(self, ("at_most", "ticks", "window", "incidents"))


@dataclass(frozen=True)
class RollingAlert:
    """Told while a statistic of the samples of the last ticks is above a limit. Zeros are samples too."""

    samples: str = field(metadata={"doc": "Where the samples of a tick stand: an object of numbers by agent."})
    above: Level = field(metadata={"doc": "What the statistic must be above, or FILE#/POINTER."})
    statistic: Literal["mean", "variance"] = field(
        default="mean", metadata={"doc": "What is made of the samples; variance divides by their number."}
    )
    window: Ticks = field(default=600, metadata={"doc": "Ticks whose samples count, or FILE#/POINTER."})
    least: Ticks = field(default=10, metadata={"doc": "From how many samples on, or FILE#/POINTER."})
    told: str | None = field(default=None, metadata={"doc": "Where the state tells the statistic itself."})
    places: int = field(default=4, metadata={"doc": "To how many decimal places what is told must agree."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for what is no pointer, or for places that no number has."""
        require_pointers(self, ("samples", "told"))
        require_settings(self, ("above", "window", "least"))
        if not 0 <= self.places <= 15:
            raise ValueError(f"places must be 0 to 15, got {self.places}")


@dataclass(frozen=True)
class WaitAlert:
    """Told while somebody has been listed for longer than a number of ticks."""

    members: str = field(metadata={"doc": "Where the names stand, an array such as /employment/pending."})
    above: Ticks = field(metadata={"doc": "So many ticks are not yet too long, or FILE#/POINTER."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for what is no pointer."""
        require_pointers(self, ("members",))
        require_settings(self, ("above",))


@dataclass(frozen=True)
class StreamAlerts:
    """The alerts that states tell. Each that can be recomputed has to be told exactly while its condition holds.

    ``pressure`` and ``spike`` are recomputed where queues and rivalry are declared, ``overflow`` where the backlog is.
    """

    pointer: str = field(default="/stability/alerts", metadata={"doc": "Where the names of the alerts stand."})
    allowed: tuple[str, ...] = field(default=(), metadata={"doc": "Alerts that may be told without being a finding."})
    known: tuple[str, ...] = field(default=(), metadata={"doc": "Alerts that are told but cannot be recomputed."})
    aliases: Mapping[str, str] = field(
        default_factory=dict, metadata={"doc": "Other names of alerts: the name as told, and what it is called here."}
    )
    pressure: str = field(default="queue_fairness_pressure", metadata={"doc": "Name of the alert of unfair queues."})
    spike: str = field(default="rivalry_spike", metadata={"doc": "Name of the alert of many strong rivalries."})
    overflow: str = field(
        default="employment_exit_queue_overflow", metadata={"doc": "Name of the alert of a backlog over its limit."}
    )
    metric: Mapping[str, MetricAlert] = field(default_factory=dict, metadata={"doc": "Alerts of numbers, by name."})
    sum: Mapping[str, SumAlert] = field(default_factory=dict, metadata={"doc": "Alerts of sums, by name."})
    events: Mapping[str, EventAlert] = field(default_factory=dict, metadata={"doc": "Alerts of events, by name."})
    need: Mapping[str, NeedAlert] = field(default_factory=dict, metadata={"doc": "Alerts of needs, by name."})
    rolling: Mapping[str, RollingAlert] = field(default_factory=dict, metadata={"doc": "Alerts of samples, by name."})
    wait: Mapping[str, WaitAlert] = field(default_factory=dict, metadata={"doc": "Alerts of long waits, by name."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a name that has two recipes, or an alias that leads nowhere."""
        require_pointers(self, ("pointer",))
        names = [self.pressure, self.spike, self.overflow, *self.metric, *self.sum, *self.events, *self.need]
        names += [*self.rolling, *self.wait]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"{', '.join(twice)}: expected one recipe for each alert")
        meant = {*names, *self.known, *self.allowed}
        if lost := sorted(alias for alias, name in self.aliases.items() if name not in meant or alias in meant):
            raise ValueError(f"aliases: {', '.join(lost)} has to be another name of an alert that is named here")
