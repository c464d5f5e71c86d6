"""The ``[events]`` section of a manifest: which logs, how they speak, and what a healthy one looks like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gatecourt.formats import pointer
from gatecourt.formats.quantities import Bytes, Ratio, Seconds, TimeUnit
from gatecourt.rules.events.trend_section import Trend

PARTS = ("lifecycle", "orders", "slow", "cascade", "surface")
FIELD_CHECKS = ("sequence", "single_run", "error_rate", "critical")
OPTIONAL_FIELDS = ("sequence", "run", "category", "level", "payload")


def _each_declared_or_excused(values: Mapping[str, object], excuses: Mapping[str, str], table: str) -> None:
    for name in excuses:
        if name not in values:
            raise ValueError(f"{table}.{name} is none of {', '.join(values)}")
    for name, value in values.items():
        if bool(value) == (name in excuses):
            problem = "is declared and excused at once" if value else f"is neither declared nor excused in {table}"
            raise ValueError(f"{name} {problem}")


def _doc(text: str) -> dict[str, str]:
    return {"doc": text}


@dataclass(frozen=True)
class Dialect:
    """The names that one writer gives to the parts of an event, as JSON pointers into a line."""

    time: str = field(metadata=_doc("Pointer to the time, a number."))
    type: str = field(metadata=_doc("Pointer to the event type, a string."))
    sequence: str | None = field(default=None, metadata=_doc("Pointer to the sequence number, an integer."))
    run: str | None = field(default=None, metadata=_doc("Pointer to the run id, a string."))
    category: str | None = field(default=None, metadata=_doc("Pointer to the category, a string."))
    level: str | None = field(default=None, metadata=_doc("Pointer to the severity level, a string."))
    payload: str | None = field(default=None, metadata=_doc("Pointer to the event's own data; a line may lack it."))
    absent: Mapping[str, str] = field(
        default_factory=dict,
        metadata=_doc("Fields that this dialect does not have, each with the reason; what rests on them is a HOLD."),
    )

    def __post_init__(self) -> None:
        """Refuse a field that is neither named nor declared absent: nothing is skipped in silence."""
        _each_declared_or_excused({name: getattr(self, name) for name in OPTIONAL_FIELDS}, self.absent, "absent")
        for name in ("time", "type", *OPTIONAL_FIELDS):
            pointer.split(getattr(self, name) or "")
        if self.time == self.sequence:
            raise ValueError(f"time and sequence are both {self.time!r}")


@dataclass(frozen=True)
class CountZones:
    """How many events a log holds: at least ``good`` is well, under ``bad`` is wrong, between a person looks."""

    good: int = field(metadata=_doc("At least so many events is well."))
    bad: int = field(metadata=_doc("Fewer than so many events is wrong."))

    def __post_init__(self) -> None:
        """Refuse zones that overlap."""
        if not 0 < self.bad <= self.good:
            raise ValueError(f"0 < bad <= good must hold, got bad {self.bad}, good {self.good}")


@dataclass(frozen=True)
class RateZones:
    """The share of ERROR events: at most ``good`` is well, over ``bad`` is wrong, between a person looks."""

    good: Ratio = field(metadata=_doc("At most this share of events is well."))
    bad: Ratio = field(metadata=_doc("More than this share of events is wrong."))

    def __post_init__(self) -> None:
        """Refuse zones that overlap."""
        if not 0 <= self.good <= self.bad <= 1:
            raise ValueError(f"0% <= good <= bad <= 100% must hold, got good {self.good}, bad {self.bad}")


@dataclass(frozen=True)
class Completion:
    """What proves that the run came to its end: a report that says so, an event, or both."""

    report: str | None = field(default=None, metadata=_doc("Pattern of the report files; at least one must exist."))
    pointer: str | None = field(default=None, metadata=_doc("Pointer to the status in the report."))
    accepted: tuple[Any, ...] = field(default=(), metadata=_doc("Status values that mean complete."))
    run: str | None = field(default=None, metadata=_doc("Pointer in the report to the run id that the log must have."))
    event: str | None = field(default=None, metadata=_doc("Event type that every log must hold."))

    def __post_init__(self) -> None:
        """Refuse a declaration that proves nothing."""
        if self.report is None and self.event is None:
            raise ValueError("report or event must be named: without one nothing proves completion")
        if (self.pointer is None) != (not self.accepted):
            raise ValueError("pointer and accepted belong together")
        if self.report is None and (self.pointer is not None or self.run is not None):
            raise ValueError("pointer and run need a report")
        pointer.split(self.pointer or "")
        pointer.split(self.run or "")


@dataclass(frozen=True)
class ClockDomain:
    """Events whose time comes from a clock of their own. What is declared must hold together."""

    categories: tuple[str, ...] = field(default=(), metadata=_doc("Categories on this clock."))
    types: tuple[str, ...] = field(default=(), metadata=_doc("Event types on this clock."))
    pointer: str | None = field(default=None, metadata=_doc("Pointer below the payload that names the clock."))
    value: Any = field(default=None, metadata=_doc("The value there that means this clock."))

    def __post_init__(self) -> None:
        """Refuse a domain that takes every event."""
        if not (self.categories or self.types or self.pointer is not None):
            raise ValueError("categories, types or pointer must say which events are on this clock")
        pointer.split(self.pointer or "")


@dataclass(frozen=True)
class Pair:
    """Two event types that every log holds exactly once each, the start before the end."""

    start: str = field(metadata=_doc("Event type of the start."))
    end: str = field(metadata=_doc("Event type of the end."))


@dataclass(frozen=True)
class Orders:
    """Which events open and end an order, and which explain why one stays open."""

    placed: tuple[str, ...] = field(metadata=_doc("Event types that open an order."))
    ended: tuple[str, ...] = field(metadata=_doc("Event types that end one."))
    id: str = field(metadata=_doc("Pointer below the payload to the order id, a string or an integer."))
    reasons: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict, metadata=_doc("Likely reasons for an open order: name to the event types that tell it.")
    )


@dataclass(frozen=True)
class Slow:
    """Where events tell how long something took, and what is slow."""

    pointer: str = field(metadata=_doc("Pointer below the payload to the duration, a number."))
    unit: TimeUnit = field(metadata=_doc("Unit of the duration in the log."))
    over: Seconds = field(metadata=_doc("Operations that took longer are listed."))
    limit: int | None = field(default=None, metadata=_doc("More slow operations are a finding; else only listed."))


@dataclass(frozen=True)
class Cascade:
    """How many errors close together are one cascade, and which events are its likely causes."""

    window: int = field(metadata=_doc("Number of consecutive events looked at together."))
    errors: int = field(metadata=_doc("So many error events within the window are a cascade."))
    causes: Mapping[str, Condition] = field(metadata=_doc("Likely causes by name, first match counts."))

    def __post_init__(self) -> None:
        """Refuse a window that cannot hold the errors."""
        if not 1 < self.errors <= self.window:
            raise ValueError(f"1 < errors <= window must hold, got errors {self.errors}, window {self.window}")


@dataclass(frozen=True)
class Condition:
    """Events picked by category, by a regular expression over the type, or by both."""

    category: str | None = field(default=None, metadata=_doc("The category; none means any."))
    type: str | None = field(default=None, metadata=_doc("Regular expression searched in the type, case aside."))
    limit: int = field(default=0, metadata=_doc("More such events than this are findings, each with its line."))

    def __post_init__(self) -> None:
        """Refuse a condition that takes every event and a pattern that is none."""
        if self.category is None and self.type is None:
            raise ValueError("category or type must be given")
        try:
            re.compile(self.type or "")
        except re.error as error:
            raise ValueError(f"type {self.type!r} is not a regular expression: {error}") from error


@dataclass(frozen=True)
class Exceptions:
    """Words that betray a crash when they stand in the last lines of a log."""

    words: tuple[str, ...] = field(default=("exception", "error", "crash"), metadata=_doc("Words, case aside."))
    last: int = field(default=50, metadata=_doc("Number of lines at the end of a log that are searched."))

    def __post_init__(self) -> None:
        """Refuse a search that cannot find anything."""
        if not self.words or not all(self.words) or self.last < 1:
            raise ValueError("words must hold at least one word and last be at least 1")


@dataclass(frozen=True)
class EventsSection:
    """The event logs of a system and what a healthy one looks like."""

    logs: tuple[str, ...] = field(metadata=_doc("Patterns of the JSONL logs among the artefacts."))
    schema: str = field(metadata=_doc("Path of the JSON Schema that every line must meet, below the target's root."))
    dialect: Mapping[str, Dialect] = field(metadata=_doc("The dialects that the logs speak, by name."))
    minimum: CountZones = field(metadata=_doc("How many events a log must hold."))
    error_rate: RateZones = field(metadata=_doc("What share of the events may be errors."))
    complete: Completion = field(metadata=_doc("What proves that the run came to its end."))
    errors: tuple[str, ...] = field(default=("ERROR",), metadata=_doc("Levels that count into the error rate."))
    critical: tuple[str, ...] = field(default=("CRITICAL",), metadata=_doc("Levels of which no event may be."))
    sequence_start: int = field(default=0, metadata=_doc("The first sequence number of a log."))
    clock: Mapping[str, ClockDomain] = field(
        default_factory=dict, metadata=_doc("Clocks beside the main one, by name; the first match counts.")
    )
    lifecycle: Mapping[str, Pair] = field(default_factory=dict, metadata=_doc("Start and end events, by name."))
    orders: Orders | None = field(default=None, metadata=_doc("How orders are followed through the log."))
    slow: Slow | None = field(default=None, metadata=_doc("How slow operations are told."))
    cascade: Cascade | None = field(default=None, metadata=_doc("What a cascade of errors is."))
    surface: Mapping[str, Condition] = field(
        default_factory=dict, metadata=_doc("Conditions whose events are told with their lines, by name.")
    )
    exceptions: Exceptions = field(default_factory=Exceptions, metadata=_doc("Words looked for in the last lines."))
    rotate_over: Bytes = field(
        default=100_000_000, metadata=_doc('A log of more bytes than this has to be rotated, such as "100 MB".')
    )
    trend: Trend | None = field(default=None, metadata=_doc("Levels whose share is followed over earlier runs."))
    not_applicable: Mapping[str, str] = field(
        default_factory=dict,
        metadata=_doc(
            f"Parts that this system does not have ({', '.join(PARTS)}) and checks whose field its dialects lack "
            f"({', '.join(FIELD_CHECKS)}), each with the reason. Without it a check whose field is absent is a HOLD."
        ),
    )

    def __post_init__(self) -> None:
        """Refuse a part that is neither declared nor excused: nothing is skipped in silence."""
        if not self.logs or not self.dialect:
            raise ValueError("logs and dialect must each hold at least one entry")
        if self.rotate_over < 1:
            raise ValueError(f"rotate_over must be at least 1 byte, got {self.rotate_over}")
        parts = {name: reason for name, reason in self.not_applicable.items() if name not in FIELD_CHECKS}
        _each_declared_or_excused({part: getattr(self, part) for part in PARTS}, parts, "not_applicable")


def trend_levels(section: EventsSection) -> list[str]:
    """The levels whose trend is declared, sorted; none where no trend is."""
    return sorted(section.trend.rise) if section.trend else []
