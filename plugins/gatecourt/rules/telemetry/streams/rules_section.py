"""Rules over the states of a stream, each by a name in ``[telemetry.stream.NAME.RULE.…]``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from gatecourt.formats.fields import Count, NonEmpty, Pointer, PositiveInt, Share, Text
from gatecourt.rules.telemetry.streams.settings import Bound, Level, SettingRef, Ticks


@dataclass(frozen=True)
class FieldRule:
    """A value of each state, its kind and limits. A break is reported when it begins."""

    pointer: Pointer = field(metadata={"doc": "Where the value stands; a * step stands for every member there."})
    kind: Literal["number", "count", "truth", "text", "tick", "null"] = field(
        default="number",
        metadata={"doc": "count: a whole number of at least 0; truth: a boolean; tick: a tick that has come, or null."},
    )
    equals: bool | Bound | None = field(
        default=None,
        metadata={"doc": "true, false, a number, FILE#/POINTER, or /pointer of a number."},
    )
    at_least: Bound | None = field(default=None, metadata={"doc": "The smallest value, FILE#/POINTER or /pointer."})
    at_most: Bound | None = field(default=None, metadata={"doc": "The largest value, FILE#/POINTER or /pointer."})
    one_of: tuple[str, ...] = field(default=(), metadata={"doc": "The texts that the value may be."})
    never_falls: bool = field(default=False, metadata={"doc": "Whether the value only grows and never vanishes."})
    count_of: Pointer | None = field(
        default=None, metadata={"doc": "Array or object whose different entries the value counts."}
    )
    lag: Ticks | None = field(
        default=None, metadata={"doc": "By how many ticks a tick may lie back; null counts from the first state."}
    )
    review: bool = field(
        default=False, metadata={"doc": "Whether a break is for a person to look at (HOLD) rather than FAIL."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for limits that the kind of value cannot have."""
        number = self.kind in ("number", "count")
        limited = [name for name in ("at_least", "at_most", "count_of") if getattr(self, name) is not None]
        if (limited or self.never_falls) and not number:
            raise ValueError(f'{(*limited, "never_falls")[0]}: needs kind = "number" or "count"')
        if self.equals is not None and isinstance(self.equals, bool) != (self.kind == "truth"):
            raise ValueError(f"equals: does not fit kind = {self.kind!r}")
        if self.lag is not None and self.kind != "tick":
            raise ValueError('lag: needs kind = "tick"')
        if self.one_of and self.kind != "text":
            raise ValueError('one_of: needs kind = "text"')


@dataclass(frozen=True)
class EventList:
    """Events that a state carries: those of the tick, or a history that goes back further."""

    pointer: Pointer = field(default="/events", metadata={"doc": "Where the events stand, an array of objects."})
    type: str = field(default="type", metadata={"doc": "Key of an event's type."})
    tick: str = field(default="tick", metadata={"doc": "Key of an event's tick; without it, it is of the state's."})


@dataclass(frozen=True)
class RateLimit:
    """At most so many entries in any window of ticks. The tick ``window`` ticks later is outside the window again."""

    window: int | SettingRef | Mapping[str, int] = field(
        metadata={"doc": "Ticks, FILE#/POINTER, or ticks by the value of ``by``. 0 or less: no limit."}
    )
    at_most: Ticks = field(default=1, metadata={"doc": "The most entries, or FILE#/POINTER; 0: no limit."})
    by: tuple[Text, ...] = field(
        default=(),
        metadata={"doc": "Key whose value groups entries; a further key is used where the first is null or absent."},
    )
    unless: Text | None = field(
        default=None, metadata={"doc": "Key of a boolean: entries with true are counted, but may come at any time."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for windows by name without a key."""
        if isinstance(self.window, Mapping) and not self.by:
            raise ValueError("by: missing; a window by name needs the key whose value is the name")


@dataclass(frozen=True)
class RateLimits:
    """Entries of a list in the states, and how often they may come."""

    limits: NonEmpty[tuple[RateLimit, ...]] = field(metadata={"doc": "Each limit is kept by every entry."})
    pointer: Pointer = field(default="/events", metadata={"doc": "Where the entries stand, an array of objects."})
    tick: str = field(default="tick", metadata={"doc": "Key of an entry's tick; without it, it is of the state's."})


@dataclass(frozen=True)
class Lifecycle:
    """Every start is followed by an end with the same id."""

    start: Text = field(metadata={"doc": "Type of the event that starts it."})
    end: Text = field(metadata={"doc": "Type of the event that ends it."})
    id: Text = field(metadata={"doc": "Key of the id that a start and its end share."})
    latest: Count = field(metadata={"doc": "How many ticks after the start the end comes at the latest."})
    earliest: Count = field(default=0, metadata={"doc": "How many ticks after the start it comes at the earliest."})
    events: EventList = field(default_factory=EventList, metadata={"doc": "Where events stand."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for an end that is its own start or can never come."""
        if self.start == self.end:
            raise ValueError(f"end: the same event as start, {self.end!r}")
        if self.earliest > self.latest:
            raise ValueError(f"earliest: {self.earliest} is after latest, which is {self.latest}")


@dataclass(frozen=True)
class HeldObjects:
    """Objects that somebody holds, and how long they may."""

    longest: PositiveInt = field(metadata={"doc": "The most ticks for which one holder keeps an object."})
    pointer: Pointer = field(metadata={"doc": "Where they stand: an object by object, null where it is free."})
    holder: str = field(default="holder", metadata={"doc": "Key of the holder."})
    since: str = field(default="since", metadata={"doc": "Key of the tick since when."})


@dataclass(frozen=True)
class RunningTotals:
    """Entries with deltas and totals: each total is the one before plus the delta. A state may carry the newest end."""

    pointer: Pointer = field(metadata={"doc": "Where the entries stand, an array."})
    tick: str = field(default="tick", metadata={"doc": "Key of an entry's tick."})
    delta: str = field(default="delta", metadata={"doc": "Key of an entry's changes, whole numbers by name."})
    totals: str = field(default="totals", metadata={"doc": "Key of an entry's totals, whole numbers by name."})
    ends_at: Pointer | None = field(
        default=None, metadata={"doc": "Where the state holds the totals with which the newest entry ends."}
    )


@dataclass(frozen=True)
class ClippedValues:
    """Values of each state that are clipped at a limit, and how often clipping may be needed."""

    values: Pointer = field(metadata={"doc": "Where the values stand: an object of numbers by name."})
    limit: Bound = field(metadata={"doc": "The largest absolute value, FILE#/POINTER or /pointer."})
    largest: Pointer | None = field(
        default=None, metadata={"doc": "Where the state holds the largest absolute value, if it does."}
    )
    clipped: Pointer | None = field(
        default=None, metadata={"doc": "Where the state holds how many values were clipped, if it does."}
    )
    counted: Literal["total", "tick"] = field(
        default="total", metadata={"doc": "Whether largest and clipped are of all ticks so far, or of the tick."}
    )
    share: Share | None = field(default=None, metadata={"doc": "The largest share of values that may be clipped."})
    unit: Level = field(default=Decimal("0.000001"), metadata={"doc": "The step to which values are rounded."})
