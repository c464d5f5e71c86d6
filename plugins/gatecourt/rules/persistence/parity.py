"""The events table compared with the JSONL logs: one row per line, both ways, payloads as JSON values."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, TableClause, Text, cast, select

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.formats import pointer, strictjson
from gatecourt.formats.files import Source
from gatecourt.formats.json_equality import same
from gatecourt.formats.jsonl import records
from gatecourt.formats.pointer import ABSENT
from gatecourt.rules.persistence.section import PersistenceSection, StoredEvents
from gatecourt.rules.persistence.store import Store, format_value, require, row

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _LoggedEvent:
    """The value of each column in a line of the log, and its place."""

    place: str
    values: Mapping[str, Any]


@dataclass
class EventParity:
    """The comparison of one table with its logs. ``lines`` and ``rows`` count what was compared."""

    store: Store
    section: PersistenceSection
    events: StoredEvents
    lines: int = field(default=0, init=False)
    rows: int = field(default=0, init=False)

    def findings(self, logs: Sequence[Source]) -> Iterator[Finding]:
        """All differences.

        Rules: ``persistence.event_not_stored``, ``.event_not_logged``, ``.event_differs``, ``.event_field``,
        ``.event_twice``, ``.payload_syntax``, ``.no_rows``, and those of reading JSONL.
        """
        require(self.store.name, self.store.side, self.events.table, [*self.events.columns])
        logged: dict[Key, _LoggedEvent] = {}
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

    def _read(self, logs: Sequence[Source], logged: dict[Key, _LoggedEvent]) -> Iterator[Finding]:
        for log in logs:
            for record in records(log.path, log.name):
                if isinstance(record, Finding):
                    yield record
                    continue
                self.lines += 1
                place = f"{log.name}:{record.line}"
                values = {
                    column: pointer.find(record.value, path, ABSENT) for column, path in self.events.columns.items()
                }
                if lacking := [column for column in values if values[column] is ABSENT]:
                    path = self.events.columns[lacking[0]]
                    yield Finding(f"{place}#{path}", "a value", "absent", "persistence.event_field")
                    continue
                key = tuple(_name(values[column]) for column in self._key)
                if key in logged:
                    observed = f"the key of {logged[key].place} again"
                    yield Finding(place, "a key of its own", observed, "persistence.event_twice")
                logged[key] = _LoggedEvent(place, values)

    def _stored(self) -> Iterator[tuple[Key, dict[str, Any]]]:
        table, side = self.store.side.table(self.events.table), self.store.side
        order = [self.store.kind.comparable(side.column(self.events.table, each), table) for each in self._key]
        names = list(self.events.columns)
        rows = select(*(self._selected(name, table) for name in names)).order_by(*order)
        for values in self.store.connection.execute(rows.execution_options(yield_per=2000)):
            self.rows += 1
            found = dict(zip(names, values, strict=True))
            yield tuple(_name(found[column]) for column in self._key), found

    def _selected(self, name: str, table: TableClause) -> ColumnElement[Any]:
        # A driver that parses JSON itself turns the JSON text "x" into a string and rounds numbers.
        of_json = self.store.side.column(self.events.table, name).type in ("json", "jsonb")
        return cast(table.c[name], Text) if of_json else table.c[name]

    def _row(self, key: Key, values: dict[str, Any], logged: dict[Key, _LoggedEvent]) -> Iterator[Finding]:
        where = row(self.store.name, self.events.table, [values[column] for column in self._key])
        line = logged.pop(key, None)
        if line is None:
            yield Finding(where, "a line with its key", "none in the logs", "persistence.event_not_logged")
            return
        for column, value in values.items():
            yield from self._column(where, column, value, line)

    def _column(self, where: str, column: str, value: Any, line: _LoggedEvent) -> Iterator[Finding]:
        logged = line.values[column]
        if column not in self.events.json:
            if not _equal(value, logged):
                expected = f"{column} {format_value(logged)}, as in {line.place}"
                yield Finding(where, expected, f"{column} {format_value(value)}", "persistence.event_differs")
            return
        try:
            stored = strictjson.parse(value.encode(), where) if isinstance(value, str) else value
            different = _first_difference(stored, logged, "")
        except Judged as judged:
            observed = f"{column}: {judged.finding.observed}"
            yield Finding(where, "JSON", observed, "persistence.payload_syntax")
            return
        except RecursionError:
            yield Finding(where, "a nesting of at most the supported depth", f"{column}: too deep", "json.depth")
            return
        for path, left, right in different:
            expected = f"{column}{path} {_format(right)}, as in {line.place}"
            yield Finding(where, expected, f"{column}{path} {_format(left)}", "persistence.event_differs")


def _name(value: object) -> str:
    """A part of a key as text: the number 7 of a log and of a column are equal, 7 and "7" are not."""
    if isinstance(value, (Decimal, float)) and math.isfinite(value) and value == int(value):
        value = int(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (str, int, bool, type(None))) else str(value)


def _equal(stored: Any, logged: Any) -> bool:
    if isinstance(logged, bool):
        return isinstance(stored, (bool, int)) and stored in (0, 1) and bool(stored) == logged
    if isinstance(stored, Decimal) and isinstance(logged, float):
        return stored == Decimal(repr(logged))
    if isinstance(stored, str) != isinstance(logged, str):
        return False
    return bool(stored == logged)


def _first_difference(stored: Any, logged: Any, path: str) -> list[tuple[str, Any, Any]]:
    """Pointer and both values of the first difference, in the order of the keys; empty where there is none."""
    if isinstance(stored, dict) and isinstance(logged, dict):
        steps = [
            (key, stored.get(key, ABSENT), logged.get(key, ABSENT)) for key in sorted(stored.keys() | logged.keys())
        ]
    elif isinstance(stored, list) and isinstance(logged, list):
        length = max(len(stored), len(logged))
        steps = [(str(place), _item(stored, place), _item(logged, place)) for place in range(length)]
    else:
        return [] if same(stored, logged) else [(path, stored, logged)]
    for name, left, right in steps:
        if found := _first_difference(left, right, path + pointer.join([name])):
            return found
    return []


def _item(items: list[Any], place: int) -> Any:
    return items[place] if place < len(items) else ABSENT


def _format(value: Any) -> str:
    return "absent" if value is ABSENT else format_value(value)
