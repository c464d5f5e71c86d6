"""The manifest's ``[events]``: the logs, the field names in them, and what a healthy log looks like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from gatecourt.formats.fields import (
    Constraint,
    Count,
    FilePattern,
    NonEmpty,
    Pointer,
    PositiveBytes,
    PositiveInt,
    Regex,
    RelativePath,
    Share,
    Text,
    bounds,
)
from gatecourt.formats.quantities import Seconds, TimeUnit
from gatecourt.rules.events.trend_section import Trend

PARTS = ("lifecycle", "orders", "slow", "cascade", "surface")
FIELD_OF_CHECK = {"sequence": "sequence", "single_run": "run", "error_rate": "level", "critical": "level"}
OPTIONAL_FIELDS = ("sequence", "run", "category", "level", "payload")


def _each_declared_or_excused(values: Mapping[str, object], excuses: Mapping[str, str], table: str) -> None:
    for name in excuses:
        if name not in values:
            raise ValueError(f"{table}.{name}: not one of {', '.join(values)}")
    for name, value in values.items():
        if bool(value) == (name in excuses):
            problem = f"declared, and in {table} too" if value else f"neither declared nor in {table}"
            raise ValueError(f"{name}: {problem}")


def _doc(text: str) -> dict[str, str]:
    return {"doc": text}


@dataclass(frozen=True)
class Dialect:
    """The field names of one log writer, as JSON pointers into a line."""

    time: Pointer = field(metadata=_doc("Pointer to the time, a number."))
    type: Pointer = field(metadata=_doc("Pointer to the event type, a string."))
    sequence: Pointer | None = field(default=None, metadata=_doc("Pointer to the sequence number, an integer."))
    run: Pointer | None = field(default=None, metadata=_doc("Pointer to the run id, a string."))
    category: Pointer | None = field(default=None, metadata=_doc("Pointer to the category, a string."))
    level: Pointer | None = field(default=None, metadata=_doc("Pointer to the severity level, a string."))
    payload: Pointer | None = field(default=None, metadata=_doc("Pointer to the event's own data; a line may omit it."))
    absent: Mapping[str, str] = field(
        default_factory=dict,
        metadata=_doc("Fields that this dialect does not have, each with the reason; checks that need them are HOLD."),
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a field that is neither named nor declared absent: nothing is skipped silently."""
        _each_declared_or_excused({name: getattr(self, name) for name in OPTIONAL_FIELDS}, self.absent, "absent")
        if self.time == self.sequence:
            raise ValueError(f"sequence: the same pointer as time, {self.time!r}")


@dataclass(frozen=True)
class CountZones:
    """How many events a log holds: at least ``good`` passes, below ``bad`` fails, between them is a HOLD."""

    good: PositiveInt = field(metadata=_doc("A log with at least this many events passes."))
    bad: PositiveInt = field(metadata=_doc("A log with fewer events than this fails."))

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for zones that overlap."""
        if self.bad > self.good:
            raise ValueError(f"bad: {self.bad} is above good, which is {self.good}")


@dataclass(frozen=True)
class RateZones:
    """The share of error events: at most ``good`` passes, above ``bad`` fails, between them is a HOLD."""

    good: Share = field(metadata=_doc("A share of errors up to this passes."))
    bad: Share = field(metadata=_doc("A larger share of errors than this fails."))

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for zones that overlap."""
        if self.good > self.bad:
            raise ValueError(f"good: {self.good} is above bad, which is {self.bad}")


@dataclass(frozen=True)
class Completion:
    """What proves that the run finished: a status in a report, an event, or both."""

    report: FilePattern | None = field(
        default=None, metadata=_doc("Pattern of the report files; at least one must exist.")
    )
    pointer: Pointer | None = field(default=None, metadata=_doc("Pointer to the status in the report."))
    accepted: tuple[Any, ...] = field(default=(), metadata=_doc("Status values that mean complete."))
    run: Pointer | None = field(
        default=None, metadata=_doc("Pointer in the report to the run id, which must be that of the log.")
    )
    event: str | None = field(default=None, metadata=_doc("Event type that every log must hold."))

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a declaration that proves nothing."""
        if self.report is None and self.event is None:
            raise ValueError("report: missing, and event too; without one of them nothing proves completion")
        if (self.pointer is None) != (not self.accepted):
            raise ValueError("pointer: this and accepted go together; give both or neither")
        if self.report is None and (self.pointer is not None or self.run is not None):
            raise ValueError("report: missing; pointer and run need it")


@dataclass(frozen=True)
class ClockDomain:
    """Events whose time comes from another clock. All declared conditions must hold at once."""

    categories: tuple[str, ...] = field(default=(), metadata=_doc("Categories on this clock."))
    types: tuple[str, ...] = field(default=(), metadata=_doc("Event types on this clock."))
    pointer: Pointer | None = field(default=None, metadata=_doc("Pointer below the payload that names the clock."))
    value: Any = field(default=None, metadata=_doc("The value there that stands for this clock."))

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a domain that would cover every event."""
        if not (self.categories or self.types or self.pointer is not None):
            raise ValueError("give categories, types or pointer: they select the events on this clock")


@dataclass(frozen=True)
class Pair:
    """Two event types that occur exactly once in every log, the start before the end."""

    start: str = field(metadata=_doc("Event type of the start."))
    end: str = field(metadata=_doc("Event type of the end."))


@dataclass(frozen=True)
class Orders:
    """The events that open and close an order, and those that explain why one stays open."""

    placed: NonEmpty[tuple[str, ...]] = field(metadata=_doc("Event types that open an order."))
    ended: NonEmpty[tuple[str, ...]] = field(metadata=_doc("Event types that close an order."))
    id: Pointer = field(metadata=_doc("Pointer below the payload to the order id, a string or an integer."))
    reasons: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict, metadata=_doc("Likely reasons for an open order: name -> event types.")
    )


@dataclass(frozen=True)
class Slow:
    """Where events state a duration, and what counts as slow."""

    pointer: Pointer = field(metadata=_doc("Pointer below the payload to the duration, a number."))
    unit: TimeUnit = field(metadata=_doc("Unit of the duration in the log."))
    over: Seconds = field(metadata=_doc("Operations that took longer are listed in the evidence."))
    limit: Count | None = field(
        default=None, metadata=_doc("More slow operations than this are findings. Default: they are only listed.")
    )


@dataclass(frozen=True)
class Cascade:
    """How many errors close together make a cascade, and which events are its likely causes."""

    window: PositiveInt = field(metadata=_doc("Number of consecutive events that are counted together."))
    errors: Annotated[int, bounds(at_least=2)] = field(
        metadata=_doc("This many error events within the window are a cascade.")
    )
    causes: Mapping[str, EventCondition] = field(metadata=_doc("Likely causes by name; the first match counts."))

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a window that cannot hold the errors."""
        if self.errors > self.window:
            raise ValueError(f"errors: {self.errors} is above window, which is {self.window}")


@dataclass(frozen=True)
class EventCondition:
    """Events selected by category, by a regular expression over the type, or by both."""

    category: str | None = field(default=None, metadata=_doc("The category. Default: any."))
    type: Regex | None = field(
        default=None, metadata=_doc("Regular expression searched in the type, ignoring case. Default: any type.")
    )
    limit: Count = field(default=0, metadata=_doc("More such events than this are findings, each at its line."))

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a condition that covers every event."""
        if self.category is None and self.type is None:
            raise ValueError("category: missing, and type too; give at least one")


@dataclass(frozen=True)
class Exceptions:
    """Words in the last lines of a log that suggest a crash."""

    words: NonEmpty[tuple[Annotated[str, Constraint("a word", bool, {"minLength": 1})], ...]] = field(
        default=("exception", "error", "crash"), metadata=_doc("Words, ignoring case.")
    )
    last: PositiveInt = field(default=50, metadata=_doc("Number of lines at the end of a log that are searched."))


@dataclass(frozen=True)
class EventsSection:
    """The event logs of a system and what a healthy one looks like."""

    logs: NonEmpty[tuple[FilePattern, ...]] = field(metadata=_doc("Patterns of the JSONL logs among the artefacts."))
    schema: RelativePath = field(
        metadata=_doc("Path of the JSON Schema that every line must match, below the target's root.")
    )
    dialect: NonEmpty[Mapping[str, Dialect]] = field(metadata=_doc("The dialects of the logs, by name."))
    minimum: CountZones = field(metadata=_doc("How many events a log must hold."))
    error_rate: RateZones = field(metadata=_doc("What share of the events may be errors."))
    complete: Completion = field(metadata=_doc("What proves that the run finished."))
    errors: tuple[str, ...] = field(default=("ERROR",), metadata=_doc("Levels that count towards the error rate."))
    critical: tuple[str, ...] = field(default=("CRITICAL",), metadata=_doc("Levels that no event may have."))
    sequence_start: int = field(default=0, metadata=_doc("The first sequence number of a log."))
    clock: Mapping[str, ClockDomain] = field(
        default_factory=dict, metadata=_doc("Further clocks by name; the first match counts.")
    )
    lifecycle: Mapping[str, Pair] = field(default_factory=dict, metadata=_doc("Start and end events, by name."))
    orders: Orders | None = field(default=None, metadata=_doc("How orders are followed through the log."))
    slow: Slow | None = field(default=None, metadata=_doc("How slow operations are recognised."))
    cascade: Cascade | None = field(default=None, metadata=_doc("What a cascade of errors is."))
    surface: Mapping[str, EventCondition] = field(
        default_factory=dict,
        metadata=_doc("Conditions by name; the events that meet one are reported with their lines."),
    )
    exceptions: Exceptions = field(
        default_factory=Exceptions, metadata=_doc("Words that are searched in the last lines.")
    )
    rotate_over: PositiveBytes = field(
        default=100_000_000, metadata=_doc('A log larger than this must be rotated, such as "100 MB".')
    )
    trend: Trend | None = field(default=None, metadata=_doc("Levels whose share is compared with earlier runs."))
    optional: Mapping[str, Text] = field(
        default_factory=dict,
        metadata=_doc(
            f"Checks that pass over a log whose dialect lacks their field ({', '.join(FIELD_OF_CHECK)}), where another "
            "dialect has it, each with the reason. Without it such a log is a HOLD."
        ),
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for an optional check whose field no dialect has: it could judge nothing."""
        for check in self.optional:
            if check not in FIELD_OF_CHECK:
                raise ValueError(f"optional.{check}: expected one of {', '.join(FIELD_OF_CHECK)}, found {check!r}")
            if not has_field(self, check):
                raise ValueError(f"optional.{check}: no dialect has its field; use [court.not_applicable.events]")


def has_field(section: EventsSection, check: str) -> bool:
    """Whether any dialect has the field that the check needs."""
    return any(getattr(dialect, FIELD_OF_CHECK[check]) is not None for dialect in section.dialect.values())


def declared_parts(section: EventsSection) -> dict[str, bool]:
    """The parts that a system may lack, each with whether the section declares it.

    A check whose field no dialect has is left out: it is a HOLD unless ``[court.not_applicable.events]`` names it.
    """
    fields = {check: True for check in FIELD_OF_CHECK if has_field(section, check)}
    return {**{part: bool(getattr(section, part)) for part in PARTS}, **fields}


def trend_levels(section: EventsSection) -> list[str]:
    """The levels with a declared trend, sorted; empty if there is no trend."""
    return sorted(section.trend.rise) if section.trend else []
