"""Two states of a table compared by a join on its key, in the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, exists, func, literal_column, not_, select

from gatecourt.core.model import Finding
from gatecourt.rules.persistence.section import StoredTable
from gatecourt.rules.persistence.store import StatePair, StateTables, format_value, require, row

_LISTED = 20
_COUNT = func.count(literal_column("*"))


def differences(pair: StatePair, name: str, declared: StoredTable) -> Iterator[Finding]:
    """The differences in the table ``name``: at most ``_LISTED`` findings of a rule, then the number of the rest.

    Rules: ``persistence.row_differs``, ``.row_lost``, ``.row_added``, ``.key_twice``, ``.columns_differ``; raises
    ``Judged`` with ``.table_missing`` or ``.column_missing``.
    """
    for side in (pair.first, pair.second):
        require(pair.name, side, name, declared.key)
    yield from _columns(pair, name)
    twice = [finding for side in (pair.first, pair.second) for finding in keys_twice(pair, side, name, declared)]
    yield from twice
    if not twice:  # a key with two rows would join each with each
        yield from _TableComparison(pair, name, declared).findings()


def _columns(pair: StatePair, name: str) -> Iterator[Finding]:
    before, after = ({each.name: each.type for each in side.catalogue[name]} for side in (pair.first, pair.second))
    for column in sorted(before.keys() | after.keys()):
        if before.get(column) != after.get(column):
            expected = f"{before.get(column, 'no such column')} {pair.first.label}".strip()
            observed = f"{after.get(column, 'no such column')} {pair.second.label}".strip()
            yield Finding(f"{pair.name}/{name}/{column}", expected, observed, "persistence.columns_differ")


def keys_twice(pair: StatePair, side: StateTables, name: str, declared: StoredTable) -> Iterator[Finding]:
    """Keys that more than one row has in one state; not searched for where a constraint forbids them."""
    columns = [side.column(name, each) for each in declared.key]
    unique = side.known_unique.get(name) or pair.kind.enforced(pair.connection, side.schema, name)
    if any(each <= set(declared.key) for each in unique) and not any(column.nullable for column in columns):
        return
    table = side.table(name)
    key = [pair.kind.comparable(column, table) for column in columns]
    groups = select(*key, _COUNT).select_from(table).group_by(*key).having(_COUNT > 1).order_by(*key).limit(_LISTED)
    for *values, count in pair.connection.execute(groups):
        observed = f"{count} rows {side.label}".strip()
        yield Finding(row(pair.name, name, values), "one row with this key", observed, "persistence.key_twice")


class _TableComparison:
    """One table in both states. The aliases are made once: a statement knows them by identity."""

    def __init__(self, pair: StatePair, name: str, declared: StoredTable) -> None:
        self.pair, self.name, self.declared = pair, name, declared
        self._a: FromClause = pair.first.table(name).alias("a")
        self._b: FromClause = pair.second.table(name).alias("b")

    def findings(self) -> Iterator[Finding]:
        """One join counts; rows are searched only for what it has counted."""
        before, after, joined, equal = self._counts()
        yield from self._changed(joined - equal)
        yield from self._alone(self.pair.first, before - joined, "persistence.row_lost")
        yield from self._alone(self.pair.second, after - joined, "persistence.row_added")

    @property
    def compared(self) -> list[str]:
        """The columns that both states have and that may not differ, without the key."""
        there = {column.name for column in self.pair.second.catalogue[self.name]}
        names = [column.name for column in self.pair.first.catalogue[self.name] if column.name in there]
        return [name for name in names if name not in self.declared.key and name not in self.declared.volatile]

    def _counts(self) -> tuple[int, int, int, int]:
        """Rows of both states, rows that both have by key, and how many of those agree. The key is unique."""
        execute = self.pair.connection.execute
        before, after = (execute(select(_COUNT).select_from(each)).scalar_one() for each in (self._a, self._b))
        joined, equal = execute(self._joined([_COUNT, _COUNT.filter(self._all_equal)])).one()
        return before, after, joined, equal

    def _value(self, side: StateTables, table: FromClause, column: str) -> ColumnElement[Any]:
        return self.pair.kind.comparable(side.column(self.name, column), table)  # type: ignore[arg-type]

    @cached_property
    def _same_key(self) -> ColumnElement[bool]:
        a, b = self._a, self._b
        return and_(
            *(
                a.c[name].is_not_distinct_from(b.c[name]) if self._may_be_null(name) else a.c[name] == b.c[name]
                for name in self.declared.key
            )
        )

    def _may_be_null(self, column: str) -> bool:
        """Whether the key column has a NULL anywhere; without one a plain comparison is equal and faster."""
        return any(self._has_null(side, column) for side in (self.pair.first, self.pair.second))

    def _has_null(self, side: StateTables, column: str) -> bool:
        if not side.column(self.name, column).nullable:
            return False
        table = side.table(self.name)
        return bool(self.pair.connection.execute(select(exists().where(table.c[column].is_(None)))).scalar_one())

    @cached_property
    def _equal(self) -> dict[str, ColumnElement[bool]]:
        """For every compared column whether both states agree in it, the key's among them."""
        first, second = self.pair.first, self.pair.second
        return {
            name: self._value(first, self._a, name).is_not_distinct_from(self._value(second, self._b, name))
            for name in [*self.declared.key, *self.compared]
        }

    @property
    def _all_equal(self) -> ColumnElement[bool]:
        return and_(*self._equal.values())

    def _joined(self, columns: Sequence[Any]) -> Select[Any]:
        return select(*columns).select_from(self._a.join(self._b, self._same_key))

    def _key(self, side: StateTables, table: FromClause) -> list[ColumnElement[Any]]:
        return [self._value(side, table, name) for name in self.declared.key]

    def _changed(self, count: int) -> Iterator[Finding]:
        if not count:
            return
        columns = [each for name in self._equal for each in (self._a.c[name], self._b.c[name], self._equal[name])]
        changed = self._joined([column.label(f"c{place}") for place, column in enumerate(columns)])
        # The limit is the known count, so that the search ends with the last row.
        ordered = changed.where(not_(self._all_equal)).order_by(*self._key(self.pair.first, self._a))
        for values in self.pair.connection.execute(ordered.limit(min(count, _LISTED))):
            cells = list(zip(self._equal, values[::3], values[1::3], values[2::3], strict=True))
            key = [before for _, before, _, _ in cells[: len(self.declared.key)]]
            yield from self._of_row(key, [(name, before, after) for name, before, after, same in cells if not same])
        yield from self._rest(count - _LISTED, "persistence.row_differs")

    def _of_row(self, key: Sequence[object], differing: Sequence[tuple[str, object, object]]) -> Iterator[Finding]:
        where = row(self.pair.name, self.name, key)
        for name, before, after in differing:
            expected = f"{name} {format_value(before)} {self.pair.first.label}".strip()
            observed = f"{name} {format_value(after)} {self.pair.second.label}".strip()
            yield Finding(where, expected, observed, "persistence.row_differs")

    def _alone(self, here: StateTables, count: int, rule: str) -> Iterator[Finding]:
        """The rows that only the state ``here`` has, of which there are ``count``."""
        if not count:
            return
        first = here is self.pair.first
        mine, there = (self._a, self.pair.second) if first else (self._b, self.pair.first)
        alone = ~exists().where(self._same_key).correlate(mine)
        found = select(*(mine.c[name] for name in self.declared.key)).select_from(mine).where(alone)
        present, absent = f"the row {here.label}".strip(), f"none {there.label}".strip()
        expected, observed = (present, absent) if first else (absent, present)
        for values in self.pair.connection.execute(found.order_by(*self._key(here, mine)).limit(min(count, _LISTED))):
            yield Finding(row(self.pair.name, self.name, values), expected, observed, rule)
        yield from self._rest(count - _LISTED, rule)

    def _rest(self, count: int, rule: str) -> Iterator[Finding]:
        if count > 0:
            yield Finding(f"{self.pair.name}/{self.name}", "no further row", f"{count} more rows", rule)
