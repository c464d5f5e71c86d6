"""Rules within one state: enforced keys, no duplicates, references with their rows, finished runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, and_, exists, func, literal_column, or_, select

from gatecourt.core.model import Finding
from gatecourt.rules.persistence.section import PersistenceSection, StoredTable, TableReference
from gatecourt.rules.persistence.store import Store, format_value, require, row

_LISTED = 20
_COUNT = func.count(literal_column("*"))


def missing(store: Store, section: PersistenceSection) -> Iterator[Finding]:
    """Declared tables and columns that are missing, and tables that are not declared.

    Rules: ``persistence.table_missing``, ``.column_missing``, ``.table_undeclared``.
    """
    catalogue = store.side.catalogue
    for name, declared in sorted(section.tables.items()):
        if name not in catalogue:
            observed = f"absent; tables are {', '.join(sorted(catalogue))}"
            yield Finding(f"{store.name}/{name}", "a table of that name", observed, "persistence.table_missing")
            continue
        columns = {column.name for column in catalogue[name]}
        for column in declared.named:
            if column not in columns:
                place = f"{store.name}/{name}/{column}"
                yield Finding(place, "a column of that name", "absent", "persistence.column_missing")
    for name in sorted(catalogue.keys() - section.tables.keys() - section.ignored.keys()):
        expected = "a table that the manifest declares or ignores"
        yield Finding(f"{store.name}/{name}", expected, "neither", "persistence.table_undeclared")


def foreign(store: Store, section: PersistenceSection) -> Iterator[Finding]:
    """A database without any table, or with none of the declared: ``persistence.empty``, ``persistence.foreign``."""
    there = sorted(store.side.catalogue)
    if not there:
        yield Finding(store.name, "the declared tables", "no table at all", "persistence.empty")
    elif not section.tables.keys() & store.side.catalogue.keys():
        observed = f"none of them, but {', '.join(there[:5])}{' …' if len(there) > 5 else ''}"
        yield Finding(store.name, "the declared tables", observed, "persistence.foreign")


def uniqueness(store: Store, name: str, declared: StoredTable) -> Iterator[Finding]:
    """Each declared combination as a constraint and in the data.

    Rules: ``persistence.not_enforced``, ``persistence.duplicate``, ``persistence.key_null``.
    """
    require(store.name, store.side, name, declared.named)
    enforced = store.kind.enforced(store.connection, store.side.schema, name)
    for combination in (declared.key, *declared.unique):
        columns = ", ".join(combination)
        if not any(each <= set(combination) for each in enforced):
            expected = f"a primary key or unique constraint over {columns}"
            yield Finding(f"{store.name}/{name}", expected, "none", "persistence.not_enforced")
        yield from _duplicates(store, name, combination, declared)
    yield from _null_keys(store, name, declared)


def _duplicates(store: Store, name: str, columns: Sequence[str], declared: StoredTable) -> Iterator[Finding]:
    table = store.side.table(name)
    values = [store.kind.comparable(store.side.column(name, each), table) for each in columns]
    filled = and_(*(table.c[each].is_not(None) for each in columns))
    groups = select(*(table.c[each] for each in columns), _COUNT).where(filled).group_by(*(table.c[e] for e in columns))
    for *shared, count in store.connection.execute(groups.having(_COUNT > 1).order_by(*values).limit(_LISTED)):
        key = ", ".join(f"{column} {format_value(value)}" for column, value in zip(columns, shared, strict=True))
        same = and_(*(table.c[column] == value for column, value in zip(columns, shared, strict=True)))
        keys = [table.c[each] for each in declared.key]
        rows = store.connection.execute(select(*keys).where(same).order_by(*keys).limit(2)).all()
        observed = f"{count} rows, another is {', '.join(map(format_value, rows[-1]))}"
        yield Finding(row(store.name, name, rows[0]), f"one row with {key}", observed, "persistence.duplicate")


def _null_keys(store: Store, name: str, declared: StoredTable) -> Iterator[Finding]:
    table = store.side.table(name)
    without = or_(*(table.c[each].is_(None) for each in declared.key))
    count = store.connection.execute(select(_COUNT).select_from(table).where(without)).scalar_one()
    if count:
        expected = f"a value in {', '.join(declared.key)}"
        yield Finding(f"{store.name}/{name}", expected, f"NULL in {count} rows", "persistence.key_null")


def orphans(store: Store, name: str, section: PersistenceSection) -> Iterator[Finding]:
    """Rows whose reference has no row: ``persistence.orphan``."""
    require(store.name, store.side, name, section.tables[name].named)
    for reference in section.tables[name].references:
        yield from _orphans(store, name, reference, section)


def _orphans(store: Store, name: str, reference: TableReference, section: PersistenceSection) -> Iterator[Finding]:
    to, key = reference.to or section.tables[reference.table].key, section.tables[name].key
    require(store.name, store.side, reference.table, to)
    child, parent = store.side.table(name).alias("child"), store.side.table(reference.table).alias("parent")
    values = [child.c[each] for each in reference.columns]
    match: list[ColumnElement[bool]] = [parent.c[there] == here for there, here in zip(to, values, strict=True)]
    lost = and_(*(value.is_not(None) for value in values), ~exists().where(and_(*match)).correlate(child))
    order = [store.kind.comparable(store.side.column(name, each), child) for each in key]  # type: ignore[arg-type]
    found = select(*(child.c[each] for each in key), *values).where(lost).order_by(*order).limit(_LISTED)
    rows = store.connection.execute(found).all()
    for values_of in rows:
        referred = ", ".join(map(format_value, values_of[len(key) :]))
        where = row(store.name, name, values_of[: len(key)])
        yield Finding(where, f"a row {referred} in {reference.table}", "none", "persistence.orphan")
    if len(rows) == _LISTED:
        total = store.connection.execute(select(_COUNT).select_from(child).where(lost)).scalar_one()
        if total > _LISTED:
            observed = f"{total - _LISTED} more"
            yield Finding(f"{store.name}/{name}", "no further orphan", observed, "persistence.orphan")


def unfinished(store: Store, name: str, declared: StoredTable) -> Iterator[Finding]:
    """Rows with a value that a finished run must not contain, or with NULL; a table without rows shows nothing.

    Rules: ``persistence.unfinished``, ``persistence.no_rows``.
    """
    require(store.name, store.side, name, declared.named)
    table = store.side.table(name)
    if not store.connection.execute(select(_COUNT).select_from(table)).scalar_one():
        yield Finding(f"{store.name}/{name}", "at least one row", "none", "persistence.no_rows")
    order = [store.kind.comparable(store.side.column(name, each), table) for each in declared.key]
    for column, values in sorted(declared.unfinished.items()):
        left = or_(table.c[column].in_(values), table.c[column].is_(None))
        found = select(*(table.c[each] for each in declared.key), table.c[column]).where(left)
        for *key, value in store.connection.execute(found.order_by(*order).limit(_LISTED)):
            where, expected = row(store.name, name, key), f"a {column} of a finished run"
            yield Finding(where, expected, f"{column} {format_value(value)}", "persistence.unfinished")
