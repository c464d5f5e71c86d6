"""The types of a relation's columns, taken from all its values together, and records written out in that shape."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gatecourt.core.model import Finding, Json
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.pointer import Steps
from gatecourt.rules.invariants.record import Columns, Record
from gatecourt.rules.invariants.section import ColumnType

Kind = Literal["boolean", "integer", "number", "text", "json", "object", "array"]

RESERVED = ("file", "place")
_KINDS: Mapping[type, Kind] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "text",
    dict: "object",
    list: "array",
}
_SQL = {"boolean": "BOOLEAN", "number": "DOUBLE", "text": "VARCHAR", "json": "JSON"}
_HUGE = 2**127
_EXACT = 2**53


@dataclass(slots=True)
class Shape:
    """The type of one column or of one place inside it. ``kind`` is None as long as only nulls were seen.

    ``first`` is the place of the value that first brought the column; empty where it was declared.
    """

    first: str = ""
    kind: Kind | None = None
    declared: bool = False
    huge: bool = False
    inexact: Finding | None = None
    fields: dict[str, Shape] = field(default_factory=dict)
    items: Shape | None = None

    def structure(self) -> Any:
        """The type as DuckDB's JSON functions write it."""
        if self.kind is None:
            return '"NULL"'
        if self.kind == "integer":
            return "HUGEINT" if self.huge else "BIGINT"
        if self.kind == "object":
            return {key: shape.structure() for key, shape in self.fields.items()} or "JSON"
        if self.kind == "array":
            return [(self.items or Shape()).structure()]
        return _SQL[self.kind]

    def fill(self, value: Json) -> Json:
        """``value`` with every key of the shape, null where it has none."""
        if isinstance(value, dict) and self.kind == "object" and self.fields:
            return {key: shape.fill(value.get(key)) for key, shape in self.fields.items()}
        if isinstance(value, list) and self.items is not None and self.kind == "array":
            return [self.items.fill(item) for item in value]
        return value


def declared_shape(columns: Mapping[str, ColumnType]) -> Shape:
    """The shape that ``columns`` (dotted path -> type) declares, before any value is seen."""
    root = Shape(kind="object")
    for path, kind in sorted(columns.items()):
        shape = root
        for step in path.split("."):
            if step == "*":
                shape.kind, shape.items = "array", shape.items or Shape()
                shape = shape.items
            else:
                shape.kind = "object"
                shape = shape.fields.setdefault(step, Shape())
        shape.kind, shape.declared = kind, True
    return root


class Observer:
    """Widens a shape record by record and keeps the faults, one a column."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self._faults: dict[tuple[str, ...], Finding] = {}

    def see(self, record: Record) -> None:
        """Take in one record."""
        self._see(self.shape, as_row(record.value), record, ())

    def see_columns(self, columns: Columns) -> None:
        """Take in the columns that a table has, whatever its rows hold."""
        for name in columns.names:
            self.shape.fields.setdefault(name, Shape())

    def faults(self) -> Iterator[Finding]:
        """What stands in the way of one type a column, in order of appearance."""
        yield from self._faults.values()
        yield from _clashes(self.shape)
        yield from _inexact(self.shape)

    def _fault(self, steps: Steps, finding: Finding) -> None:
        self._faults.setdefault(tuple("*" if isinstance(step, int) else step for step in steps), finding)

    def _see(self, shape: Shape, value: Json, record: Record, steps: Steps) -> None:
        if value is None or shape.kind == "json":
            return
        kind = _KINDS[type(value)]
        if shape.kind != kind and not _widen(shape, kind):
            expected = f"{'declared' if shape.declared else 'first seen'} type {shape.kind}"
            observed = f"{kind} {excerpt(value)}"
            self._fault(steps, Finding(record.at(steps), expected, observed, "relations.mixed_types"))
            return
        if isinstance(value, dict):
            for key, item in value.items():
                if key not in shape.fields:
                    shape.fields[key] = Shape(record.at((*steps, key)))
                self._see(shape.fields[key], item, record, (*steps, key))
        elif isinstance(value, list):
            self._see_items(shape, value, record, steps)
        elif kind == "integer" and isinstance(value, int):
            self._measure(shape, value, record, steps)

    def _see_items(self, shape: Shape, items: list[Json], record: Record, steps: Steps) -> None:
        shape.items = shape.items or Shape()
        for index, item in enumerate(items):
            self._see(shape.items, item, record, (*steps, index))

    def _measure(self, shape: Shape, value: int, record: Record, steps: Steps) -> None:
        where = record.at(steps)
        if not -_HUGE <= value < _HUGE:
            observed = excerpt(value, 60)
            self._fault(steps, Finding(where, "an integer of at most 128 bits", observed, "relations.integer_range"))
            return
        shape.huge = shape.huge or not -(2**63) <= value < 2**63
        if shape.inexact is None and abs(value) > _EXACT and int(float(value)) != value:
            expected = "an integer that a double holds, beside numbers with a fraction"
            shape.inexact = Finding(where, expected, str(value), "relations.inexact")


def as_row(value: Json) -> dict[str, Json]:
    """The record as columns: an object's keys, or the one column ``value``."""
    return value if isinstance(value, dict) else {"value": value}


def _widen(shape: Shape, kind: Kind) -> bool:
    """Make room for ``kind``; integers and numbers share a column, unless integers alone were declared."""
    if shape.kind is None:
        shape.kind = kind
        return True
    if {shape.kind, kind} != {"integer", "number"}:
        return False
    if shape.declared:
        return shape.kind == "number"
    shape.kind = "number"
    return True


def _clashes(shape: Shape, path: tuple[str, ...] = ()) -> Iterator[Finding]:
    """SQL does not see case: two keys that differ in nothing else are one column to it."""
    seen = {} if path else {name: f"the reserved {name}" for name in RESERVED}
    for key, child in shape.fields.items():
        other = seen.setdefault(key.lower(), key)
        if other is not key:
            where = child.first or ".".join((*path, key))
            yield Finding(where, f"a name that SQL can tell from {other}", excerpt(key), "relations.column_clash")
        yield from _clashes(child, (*path, key))
    if shape.items is not None:
        yield from _clashes(shape.items, (*path, "*"))


def _inexact(shape: Shape) -> Iterator[Finding]:
    if shape.kind == "number" and shape.inexact is not None:
        yield shape.inexact
    children: Iterable[Shape] = shape.fields.values() if shape.items is None else (*shape.fields.values(), shape.items)
    for child in children:
        yield from _inexact(child)
