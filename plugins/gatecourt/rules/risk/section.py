"""The manifest's ``[risk]``."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeAlias

from gatecourt.formats.fields import (
    Constraint,
    FilePattern,
    NonEmpty,
    NonNegative,
    Pointer,
    PointerPattern,
    RelativePath,
)
from gatecourt.formats.files import Origin, require_files
from gatecourt.formats.quantities import Number, TimeUnit
from gatecourt.rules.risk.clock import zone

Compare = Literal["at_most", "at_least"]


def _is_zone(name: str) -> bool:
    try:
        zone(name)
    except ValueError:
        return False
    return True


TimeZone: TypeAlias = Annotated[str, Constraint('a time zone such as "UTC" or "Europe/Berlin"', _is_zone)]
EventTypes: TypeAlias = tuple[Annotated[str, Constraint("an event type", bool, {"minLength": 1})], ...]


@dataclass(frozen=True)
class EventFiles:
    """The event logs, and the place of each field in an event."""

    files: NonEmpty[tuple[FilePattern, ...]] = field(
        metadata={"doc": "Patterns of the JSONL logs among the run's artefacts."}
    )
    type: Pointer = field(metadata={"doc": "Pointer of the event's type."})
    group: tuple[Pointer, ...] = field(
        default=(),
        metadata={"doc": "Pointers whose values together name the book of an event. Default: there is only one book."},
    )
    time: Pointer | None = field(default=None, metadata={"doc": "Pointer of the event's time."})
    unit: TimeUnit | None = field(default=None, metadata={"doc": "Unit of the time."})
    timezone: TimeZone | None = field(default=None, metadata={"doc": 'Time zone of the trading day, such as "UTC".'})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` if only some of time, unit and timezone are given."""
        clock = (self.time, self.unit, self.timezone)
        if None in clock and clock != (None, None, None):
            raise ValueError("time: give time, unit and timezone, or none of them")


@dataclass(frozen=True)
class Reported:
    """A number in reports, one per file."""

    files: NonEmpty[tuple[FilePattern, ...]] = field(
        metadata={"doc": "Patterns of the JSON reports among the run's artefacts."}
    )
    pointer: Pointer = field(metadata={"doc": "Pointer of the number."})
    group: tuple[Pointer, ...] = field(
        default=(), metadata={"doc": "Pointers in the report of the values that events.group gives, in the same order."}
    )


@dataclass(frozen=True)
class Limit:
    """A limit of the SSOT, and the numbers that must stay within it."""

    name: str = field(metadata={"doc": "A unique name, for people."})
    pointer: Pointer = field(
        metadata={"doc": "Pointer of the limit in the SSOT. It must be present, finite and above 0."}
    )
    events: EventTypes = field(default=(), metadata={"doc": "Types of the events that hold the number."})
    value: Pointer | None = field(default=None, metadata={"doc": "Pointer of the number in these events."})
    measure: Literal["value", "absolute", "negative"] = field(
        default="value",
        metadata={"doc": "What is compared: the number, its absolute value, or the number with its sign reversed."},
    )
    total: Literal["day", "run"] | None = field(
        default=None,
        metadata={"doc": "Compares the running total of the numbers in a book, per trading day or over the whole run."},
    )
    compare: Compare = field(
        default="at_most", metadata={"doc": "Whether the number must be at most or at least the limit."}
    )
    every_book: bool = field(
        default=False,
        metadata={"doc": "Each book that appears in the events of any limit must also have an event for this limit."},
    )
    report: Reported | None = field(
        default=None, metadata={"doc": "A final number in reports that must be within the limit too."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` if nothing is compared with the limit, or if only one of events and value is given."""
        if bool(self.events) != (self.value is not None):
            raise ValueError(f"events: limit {self.name!r} needs both events and value, or none of them")
        if not self.events and self.report is None:
            raise ValueError(f"report: nothing is compared with {self.name!r}; give events and value, or report")


@dataclass(frozen=True)
class Sign:
    """How an unsigned flow gets its sign: from the side of the order to which it belongs."""

    side: Pointer = field(metadata={"doc": "Pointer of the side."})
    plus: NonEmpty[tuple[str, ...]] = field(metadata={"doc": 'Sides that add, such as "BUY".'})
    minus: NonEmpty[tuple[str, ...]] = field(metadata={"doc": 'Sides that subtract, such as "SELL".'})
    events: EventTypes = field(
        default=(),
        metadata={"doc": "Types of the earlier events that state the side. Default: the flow's own event states it."},
    )
    id: Pointer | None = field(
        default=None, metadata={"doc": "Pointer of the id that links both events, if events is given."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a side under both, or if only one of events and id is given."""
        if both := sorted(set(self.plus) & set(self.minus)):
            raise ValueError(f"plus: {both[0]!r} is under minus too")
        if bool(self.events) != (self.id is not None):
            raise ValueError("events: a sign from other events needs both events and id")


@dataclass(frozen=True)
class Flow:
    """What each event adds."""

    events: NonEmpty[EventTypes] = field(metadata={"doc": "Types of the events."})
    value: Pointer = field(metadata={"doc": "Pointer of the number."})
    sign: Sign | None = field(
        default=None, metadata={"doc": "Where the sign of the number comes from. Default: the number has its own."}
    )


@dataclass(frozen=True)
class Stock:
    """The balance after a flow, as an event states it."""

    events: NonEmpty[EventTypes] = field(metadata={"doc": "Types of the events."})
    value: Pointer = field(metadata={"doc": "Pointer of the number."})


@dataclass(frozen=True)
class Conservation:
    """A sum that must add up in every book: the start plus all flows equals the stated balance."""

    name: str = field(metadata={"doc": "A unique name, for people."})
    flow: Flow = field(metadata={"doc": "What is added, event by event."})
    start: Number | Pointer = field(
        metadata={"doc": "The starting value of each book: a number, or its pointer in the SSOT."}
    )
    tolerance: NonNegative = field(metadata={"doc": "The largest difference that is accepted, the bound included."})
    stock: Stock | None = field(default=None, metadata={"doc": "Events that state the balance; each is compared."})
    report: Reported | None = field(default=None, metadata={"doc": "Reports that state the final balance."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` if there is nothing to compare the sum with."""
        if self.stock is None and self.report is None:
            raise ValueError(f"stock: nothing is compared with the sum {self.name!r}; give stock or report")


@dataclass(frozen=True)
class PnlRange:
    """The expected range of profit and loss, both ends included."""

    files: NonEmpty[tuple[FilePattern, ...]] = field(
        metadata={"doc": "Patterns of the JSON reports among the run's artefacts."}
    )
    pointer: Pointer = field(metadata={"doc": "Pointer of profit and loss."})
    low: Number = field(metadata={"doc": "The lowest expected value."})
    high: Number = field(metadata={"doc": "The highest expected value."})
    over: Literal["each", "sum"] = field(default="each", metadata={"doc": "Judges each report, or the sum of all."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for an empty range."""
        if self.low > self.high:
            raise ValueError(f"low: above high; the range from {self.low} to {self.high} is empty")


@dataclass(frozen=True)
class Emergency:
    """The files by which an operator stops everything. Both lie below the target's root."""

    flag: RelativePath = field(metadata={"doc": "While this file exists, nothing may run."})
    log: RelativePath = field(metadata={"doc": "Its last line that is not blank gives the reason."})


@dataclass(frozen=True)
class LimitIncrease:
    """An approval to loosen a limit for one trading day."""

    pointer: Pointer = field(metadata={"doc": "Pointer of the limit in the SSOT."})
    value: Number = field(metadata={"doc": "How far it may be loosened."})
    date: datetime.date = field(metadata={"doc": "The trading day, a TOML date. The approval expires with it."})
    timezone: TimeZone = field(metadata={"doc": 'The time zone in which that day begins and ends, such as "UTC".'})
    approver: str = field(default="", metadata={"doc": "Who approved it. Without this the entry approves nothing."})
    reason: str = field(default="", metadata={"doc": "Why. Without this the entry approves nothing."})


@dataclass(frozen=True)
class Moment:
    """The time or times at which the limits were in force: those of the trading, not the time of the check."""

    file: FilePattern = field(
        metadata={"doc": "A JSON or JSONL file: a pattern of an artefact, or a path below the root."}
    )
    pointer: PointerPattern = field(
        metadata={"doc": "Pointer of the time, in a JSONL file within a line; '*' for every item."}
    )
    unit: TimeUnit = field(metadata={"doc": "Unit of the time, counted from 1970-01-01 UTC."})
    origin: Origin = field(default="artefacts", metadata={"doc": 'Among the artefacts, or below the "target" root.'})
    pick: Literal["first", "last", "every"] = field(
        default="every", metadata={"doc": "Which of several times are judged, in the order of the file."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a pattern in the place of a file of the target."""
        require_files([self.file], self.origin)


@dataclass(frozen=True)
class RiskSection:
    """``[risk]``."""

    ssot: RelativePath = field(metadata={"doc": "The file that holds the limits, below the target's root."})
    limit: NonEmpty[tuple[Limit, ...]] = field(metadata={"doc": "The limits."})
    events: EventFiles | None = field(default=None, metadata={"doc": "The event logs."})
    conservation: tuple[Conservation, ...] = field(default=(), metadata={"doc": "Sums that must add up."})
    pnl: PnlRange | None = field(default=None, metadata={"doc": "The expected range of profit and loss."})
    emergency: Emergency | None = field(default=None, metadata={"doc": "Flag and log of an emergency halt."})
    normal: Mapping[Pointer, Number] = field(
        default_factory=dict, metadata={"doc": "Pointer of a limit -> its normal value."}
    )
    raised: tuple[LimitIncrease, ...] = field(default=(), metadata={"doc": "Approvals to loosen a limit for a day."})
    moment: Moment | Literal["now"] | None = field(
        default=None, metadata={"doc": 'When the limits were in force; "now" for a system judged while it runs.'}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` if a part refers to another that is missing."""
        _require_once("limit", [one.name for one in self.limit])
        _require_once("conservation", [one.name for one in self.conservation])
        if self.events is None and (self.conservation or any(one.events for one in self.limit)):
            raise ValueError("events: missing; name the event logs")
        if any(one.total == "day" for one in self.limit) and (self.events is None or self.events.time is None):
            raise ValueError("events: a total per day needs time, unit and timezone")
        for one in self.conservation:
            if one.report and self.events and len(one.report.group) != len(self.events.group):
                raise ValueError(f"conservation: report.group of {one.name!r} needs as many pointers as events.group")
        self._require_directions()

    def _require_directions(self) -> None:
        for one in (*self.normal, *(increase.pointer for increase in self.raised)):
            if len({limit.compare for limit in self.limit if limit.pointer == one}) != 1:
                key = "normal" if one in self.normal else "raised"
                raise ValueError(f"{key}: {one!r} is not the pointer of a limit with one direction")
        if (self.normal or self.raised) and self.moment is None:
            raise ValueError('moment: missing; give the times at which the limits were in force, in a file, or "now"')

    def compare(self, at: str) -> Compare:
        """Whether numbers must be at most or at least the limit at the pointer ``at``."""
        return next(limit.compare for limit in self.limit if limit.pointer == at)


def _require_once(kind: str, names: Iterable[str]) -> None:
    listed = list(names)
    for name in listed:
        if listed.count(name) > 1:
            raise ValueError(f"{kind}: two are called {name!r}")
