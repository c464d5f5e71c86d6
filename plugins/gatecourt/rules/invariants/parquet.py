"""Parquet files into a table: the same columns in all of them, and every number finite."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import Source
from gatecourt.formats.parquet import ParquetFile, parquet_file
from gatecourt.formats.sql_names import identifier, literal
from gatecourt.rules.invariants.shape import RESERVED

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Columns = list[tuple[str, str]]


def load(connection: DuckDBPyConnection, name: str, sources: Sequence[Source]) -> Iterator[Finding]:
    """Create the table ``name`` with the rows of all ``sources``.

    Findings: ``relations.parquet`` (unreadable), ``relations.mixed_types``, ``relations.column_clash``,
    ``relations.not_finite``.
    """
    expected: Columns = []
    for source in sources:
        with parquet_file(connection, source.path, source.name, "relations.parquet", numbered=True) as file:
            columns = yield from _columns(file, expected)
            if columns:
                _append(file, name, create=not expected)
                expected = expected or columns
    if expected:
        yield from _not_finite(connection, name)


def _columns(file: ParquetFile, expected: Columns) -> Generator[Finding, None, Columns]:
    """The columns of a file that fits; none, and a finding, of one that does not."""
    try:
        columns = list(file.columns().items())
    except Judged as judged:
        yield judged.finding
        return []
    reserved = [column for column, _ in columns if column.lower() in RESERVED]
    if reserved:
        yield Finding(file.name, "no column called file or place", ", ".join(reserved), "relations.column_clash")
        return []
    if expected and columns != expected:
        yield Finding(file.name, f"columns {_words(expected)}", _words(columns), "relations.mixed_types")
        return []
    return columns


def _words(columns: Columns) -> str:
    return excerpt(", ".join(f"{name} {kind}" for name, kind in columns), 200)


def _append(file: ParquetFile, name: str, *, create: bool) -> None:
    place = f"{literal(file.name + '/row ')} || (file_row_number + 1)"
    rows = f"SELECT {literal(file.name)} AS file, {place} AS place, * EXCLUDE (file_row_number) FROM {file.table}"  # noqa: S608 - names are quoted by identifier(), values by literal()
    table = identifier(name)
    file.connection.execute(f"CREATE TABLE {table} AS {rows}" if create else f"INSERT INTO {table} {rows}")


def _not_finite(connection: DuckDBPyConnection, name: str) -> Iterator[Finding]:
    table = connection.table(identifier(name))
    for column, kind in zip(table.columns, table.types, strict=True):
        condition = _holds_not_finite(identifier(column), kind)
        if condition:
            query = f"SELECT place FROM {identifier(name)} WHERE {condition} LIMIT 1"  # noqa: S608 - names are quoted by identifier(), values by literal()
            for (place,) in connection.execute(query).fetchall():
                yield Finding(f"{place}#/{column}", "finite numbers", "NaN or infinity", "relations.not_finite")


def _holds_not_finite(value: str, kind: Any, depth: int = 0) -> str:
    """A SQL condition that is true where ``value`` holds NaN or infinity; empty for a type that has neither."""
    if kind.id in ("double", "float"):
        return f"NOT isfinite({value})"
    if kind.id == "struct":
        parts = [_holds_not_finite(f"{value}.{identifier(name)}", part, depth) for name, part in kind.children]
        return " OR ".join(f"({part})" for part in parts if part)
    if kind.id in ("list", "array"):
        item = f"item{depth}"
        inside = _holds_not_finite(item, dict(kind.children)["child"], depth + 1)
        return f"len(list_filter({value}, lambda {item}: {inside})) > 0" if inside else ""
    return ""
