"""Lines of different writers, read into one kind of event through the declared dialects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from gatecourt.core.model import Finding, Json
from gatecourt.formats import pointer
from gatecourt.formats.pointer import ABSENT
from gatecourt.rules.events.section import Dialect

_FIELDS = ("time", "sequence", "run", "category", "type", "level")


class LogEvent(NamedTuple):
    """The fields of one line, the same for every dialect. A field that the dialect does not have is None."""

    line: int
    time: int | float
    sequence: int | None
    run: str | None
    category: str | None
    type: str
    level: str | None
    payload: Json


def holds(payload: Json, at: str) -> bool:
    """Whether a payload has a value at the pointer ``at``, even null."""
    return pointer.find(payload, at, ABSENT) is not ABSENT


class FieldFault(NamedTuple):
    """A declared field that is missing in a line or has another type."""

    pointer: str
    expected: str
    observed: str


def _at(value: object, steps: tuple[str, ...]) -> object:
    for step in steps:
        if not isinstance(value, dict):
            return ABSENT
        value = value.get(step, ABSENT)
    return value


def _is_number(value: object) -> bool:
    return type(value) in (int, float)


def _is_integer(value: object) -> bool:
    return type(value) is int


def _is_string(value: object) -> bool:
    return type(value) is str


_KINDS = {"time": ("a number", _is_number), "sequence": ("an integer", _is_integer)}
_STRING = ("a string", _is_string)


def _kind(field: str) -> tuple[str, Callable[[object], bool]]:
    return _KINDS.get(field, _STRING)


class FieldMap:
    """One dialect, its pointers split once."""

    def __init__(self, name: str, dialect: Dialect) -> None:
        self.name = name
        self.dialect = dialect
        self._steps = {field: pointer.split(at) for field in _FIELDS if (at := getattr(dialect, field)) is not None}
        self._payload = None if dialect.payload is None else pointer.split(dialect.payload)

    def read(self, record: Json, line: int) -> LogEvent | list[FieldFault]:
        """The event in a record, or each declared field that is missing or has another type."""
        values: dict[str, Any] = {field: _at(record, steps) for field, steps in self._steps.items()}
        faults = [
            FieldFault(pointer.join(steps), f"{_kind(field)[0]} as {field}", _type_name(values[field]))
            for field, steps in self._steps.items()
            if not _kind(field)[1](values[field])
        ]
        if faults:
            return faults
        payload: Any = ABSENT if self._payload is None else _at(record, self._payload)
        return LogEvent(
            line,
            values["time"],
            values.get("sequence"),
            values.get("run"),
            values.get("category"),
            values["type"],
            values.get("level"),
            None if payload is ABSENT else payload,
        )


def _type_name(value: object) -> str:
    if value is ABSENT:
        return "absent"
    names = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", int: "an integer"}
    return "null" if value is None else names.get(type(value), "a number")


class Reading(NamedTuple):
    """How a record was read: the event or None, its dialect, and the findings."""

    event: LogEvent | None
    dialect: Dialect
    findings: list[Finding]


def _number_of_faults(found: LogEvent | list[FieldFault]) -> int:
    return 0 if isinstance(found, LogEvent) else len(found)


class Reader:
    """Reads the records of one file. The dialect of the file is that of its first record that fits one."""

    def __init__(self, dialects: Mapping[str, Dialect], name: str) -> None:
        self._maps = [FieldMap(key, dialect) for key, dialect in dialects.items()]
        self._name = name
        self.chosen: FieldMap | None = None

    def read(self, record: Json, line: int) -> Reading:
        """The event on ``line``, if it is one, and the findings ``events.field`` or ``events.mixed_dialects``."""
        nearest = self.chosen or min(self._maps, key=lambda fields: _number_of_faults(fields.read(record, line)))
        found = nearest.read(record, line)
        if isinstance(found, LogEvent):
            self.chosen = nearest
            return Reading(found, nearest.dialect, [])
        for other in self._maps:
            event = None if other is nearest else other.read(record, line)
            if isinstance(event, LogEvent):
                return Reading(event, other.dialect, [self._mixed(nearest.name, other.name, line)])
        return Reading(None, nearest.dialect, [self._fault(fault, line) for fault in found])

    def _fault(self, fault: FieldFault, line: int) -> Finding:
        return Finding(f"{self._name}:{line}#{fault.pointer}", fault.expected, fault.observed, "events.field")

    def _mixed(self, chosen: str, other: str, line: int) -> Finding:
        expected = f"dialect {chosen!r} as in the lines before"
        return Finding(f"{self._name}:{line}", expected, f"dialect {other!r}", "events.mixed_dialects")

    def unknown(self) -> Finding:
        """The finding that no line of the file fits a declared dialect."""
        names = ", ".join(fields.name for fields in self._maps)
        expected = f"lines in a declared dialect ({names})"
        return Finding(self._name, expected, "no such line", "events.unknown_dialect")
