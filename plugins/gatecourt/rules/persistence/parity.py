"""The events table held against the JSONL logs: a row a line, both ways, payloads as JSON values."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, TableClause, Text, cast, select

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json
from gatecourt.formats import pointer, strictjson
from gatecourt.formats.sources import Source
from gatecourt.rules.persistence.section import PersistenceSection, StoredEvents
from gatecourt.rules.persistence.store import Store, require, row, shown

_ABSENT: Any = object()
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """What a line says for each column, and where it stands."""

    place: str
    values: Mapping[str, Any]


@dataclass
class Parity:
    """The comparison of one table with its logs. ``lines`` and ``rows`` count what was compared."""

    store: Store
    section: PersistenceSection
    events: StoredEvents
    lines: int = field(default=0, init=False)
    rows: int = field(default=0, init=False)

    def findings(self, logs: Sequence[Source]) -> Iterator[Finding]:
        """What differs, unbounded.

        Rules: ``persistence.event_not_stored``, ``.event_not_logged``, ``.event_differs``, ``.event_field``,
        ``.event_twice``, ``.payload_syntax``, ``.no_rows``, and those of reading JSONL.
        """
        require(self.store.name, self.store.side, self.events.table, [*self.events.columns])
        logged: dict[Key, _Line] = {}
        yield from self._read(logs, logged)
        if not self.lines:
            yield Finding(", ".join(self.events.logs), "at least one line", "none", "persistence.no_rows")
        for key, values in self._stored():
            yield from self._row(key, values, logged)
        for line in logged.values():
            observed = f"none in {self.events.table}"
            yield Finding(line.place, "a row with its key", observed, "persistence.event_not_stored")

    @property
    def _key(self) -> tuple[str, ...]:
        return self.section.tables[self.events.table].key

    def _read(self, logs: Sequence[Source], logged: dict[Key, _Line]) -> Iterator[Finding]:
        for log in logs:
            for record in strictjson.records(log.path, log.name):
                if isinstance(record, Finding):
                    yield record
                    continue
                self.lines += 1
                place = f"{log.name}:{record.line}"
                values = {column: _at(record.value, path) for column, path in self.events.columns.items()}
                if lacking := [column for column in values if values[column] is _ABSENT]:
                    path = self.events.columns[lacking[0]]
                    yield Finding(f"{place}#{path}", "a value", "absent", "persistence.event_field")
                    continue
                key = tuple(_name(values[column]) for column in self._key)
                if key in logged:
                    observed = f"the key of {logged[key].place} again"
                    yield Finding(place, "a key of its own", observed, "persistence.event_twice")
                logged[key] = _Line(place, values)

    def _stored(self) -> Iterator[tuple[Key, dict[str, Any]]]:
        table, side = self.store.side.table(self.events.table), self.store.side
        order = [self.store.kind.comparable(side.column(self.events.table, each), table) for each in self._key]
        names = list(self.events.columns)
        rows = select(*(self._told(name, table) for name in names)).order_by(*order)
        for values in self.store.connection.execute(rows.execution_options(yield_per=2000)):
            self.rows += 1
            found = dict(zip(names, values, strict=True))
            yield tuple(_name(found[column]) for column in self._key), found

    def _told(self, name: str, table: TableClause) -> ColumnElement[Any]:
        # A driver that reads JSON by itself makes a text of the text "x", and rounds numbers.
        of_json = self.store.side.column(self.events.table, name).type in ("json", "jsonb")
        return cast(table.c[name], Text) if of_json else table.c[name]

    def _row(self, key: Key, values: dict[str, Any], logged: dict[Key, _Line]) -> Iterator[Finding]:
        where = row(self.store.name, self.events.table, [values[column] for column in self._key])
        line = logged.pop(key, None)
        if line is None:
            yield Finding(where, "a line with its key", "none in the logs", "persistence.event_not_logged")
            return
        for column, value in values.items():
            yield from self._column(where, column, value, line)

    def _column(self, where: str, column: str, value: Any, line: _Line) -> Iterator[Finding]:
        said = line.values[column]
        if column not in self.events.json:
            if not _equal(value, said):
                expected = f"{column} {shown(said)}, as {line.place} says"
                yield Finding(where, expected, f"{column} {shown(value)}", "persistence.event_differs")
            return
        try:
            kept = strictjson.parse(value.encode(), where) if isinstance(value, str) else value
            different = _first_difference(kept, said, "")
        except Judged as judged:
            observed = f"{column}: {judged.finding.observed}"
            yield Finding(where, "JSON", observed, "persistence.payload_syntax")
            return
        except RecursionError:
            yield Finding(where, "a nesting that a reader can follow", f"{column}: too deep", "json.depth")
            return
        for path, stored, logged in different:
            expected = f"{column}{path} {_shown(logged)}, as {line.place} says"
            yield Finding(where, expected, f"{column}{path} {_shown(stored)}", "persistence.event_differs")


def _at(value: Json, path: str) -> Any:
    try:
        return pointer.get(value, path)
    except KeyError:
        return _ABSENT


def _name(value: object) -> str:
    """A part of a key such that 7 of a log and 7 of a column are one, and 7 and "7" are two."""
    if isinstance(value, (Decimal, float)) and math.isfinite(value) and value == int(value):
        value = int(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (str, int, bool, type(None))) else str(value)


def _equal(stored: Any, said: Any) -> bool:
    if isinstance(said, bool):
        return isinstance(stored, (bool, int)) and stored in (0, 1) and bool(stored) == said
    if isinstance(stored, Decimal) and isinstance(said, float):
        return stored == Decimal(repr(said))
    if isinstance(stored, str) != isinstance(said, str):
        return False
    return bool(stored == said)


def _first_difference(stored: Any, said: Any, path: str) -> list[tuple[str, Any, Any]]:
    """Pointer and both values of the first difference, in the order of the keys; none where the values are one."""
    if isinstance(stored, dict) and isinstance(said, dict):
        steps = [(key, stored.get(key, _ABSENT), said.get(key, _ABSENT)) for key in sorted(stored.keys() | said.keys())]
    elif isinstance(stored, list) and isinstance(said, list):
        length = max(len(stored), len(said))
        steps = [(str(place), _item(stored, place), _item(said, place)) for place in range(length)]
    else:
        return [] if _same_scalar(stored, said) else [(path, stored, said)]
    for name, left, right in steps:
        if found := _first_difference(left, right, path + pointer.join([name])):
            return found
    return []


def _item(items: list[Any], place: int) -> Any:
    return items[place] if place < len(items) else _ABSENT


def _same_scalar(stored: Any, said: Any) -> bool:
    if stored is _ABSENT or said is _ABSENT or isinstance(stored, bool) != isinstance(said, bool):
        return False
    return bool(stored == said)


def _shown(value: Any) -> str:
    return "absent" if value is _ABSENT else shown(value)
