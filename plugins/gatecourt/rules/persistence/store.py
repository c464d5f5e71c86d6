"""An open database, and two states of one database on one connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, TableClause, column, table

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Subject
from gatecourt.formats.excerpt import excerpt


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """A column as the database has it; ``type`` in the database's spelling."""

    name: str
    type: str
    nullable: bool = field(default=True, compare=False)


Catalogue = Mapping[str, Sequence[StoredColumn]]
"""The columns of every table, in their order."""


class DatabaseKind(Protocol):
    """What SQLite and PostgreSQL do differently."""

    def comparable(self, column: StoredColumn, of: TableClause) -> ColumnElement[Any]:
        """The column such that equal means the same value, whatever its type or collation says."""

    def enforced(self, connection: Connection, schema: str, table: str) -> list[frozenset[str]]:
        """The combinations of columns that the database keeps unique, for all rows."""

    def damage(self, connection: Connection, schema: str, name: str) -> list[Finding]:
        """What the database itself finds broken; rules ``persistence.integrity`` and ``persistence.foreign_key``."""


@dataclass(frozen=True, slots=True)
class StateTables:
    """One state of a database: the schema that the connection sees it in, its tables, its label in findings."""

    schema: str
    catalogue: Catalogue
    label: str = ""
    known_unique: Mapping[str, Sequence[frozenset[str]]] = field(default_factory=dict)
    """For a copy without constraints: what its original enforces."""

    def table(self, name: str) -> TableClause:
        """The table as statements name it."""
        return table(name, *(column(each.name) for each in self.catalogue[name]), schema=self.schema)

    def column(self, table: str, name: str) -> StoredColumn:
        """The column of that name."""
        return next(each for each in self.catalogue[table] if each.name == name)


@dataclass(frozen=True, slots=True)
class Store:
    """One state, open. ``name`` is what findings call the database; ``subjects`` what was read."""

    name: str
    connection: Connection
    kind: DatabaseKind
    side: StateTables
    subjects: tuple[Subject, ...] = ()


@dataclass(frozen=True, slots=True)
class StatePair:
    """Two states on one connection: ``second`` is compared with ``first``."""

    name: str
    connection: Connection
    kind: DatabaseKind
    first: StateTables
    second: StateTables
    subjects: tuple[Subject, ...] = ()

    @property
    def later(self) -> Store:
        """The second state alone."""
        return Store(self.name, self.connection, self.kind, self.second, self.subjects)


def row(name: str, table: str, key: Sequence[object]) -> str:
    """The place of a row in findings: database, table, key."""
    return f"{name}/{table}/row {', '.join(format_value(value) for value in key)}"


def format_value(value: object) -> str:
    """A value of a column as findings show it; a BLOB in hexadecimal digits."""
    return excerpt(f"x'{bytes(value).hex()}'" if isinstance(value, (bytes, memoryview)) else value)


def require(name: str, side: StateTables, table: str, columns: Sequence[str]) -> None:
    """Raises ``Judged`` (``persistence.table_missing``, ``.column_missing``) for what the state lacks."""
    if table not in side.catalogue:
        there = ", ".join(sorted(side.catalogue)) or "none"
        observed = f"absent{side.label and ' ' + side.label}; tables are {_cut(there)}"
        raise Judged(Finding(f"{name}/{table}", "a table of that name", observed, "persistence.table_missing"))
    names = {each.name for each in side.catalogue[table]}
    for wanted in columns:
        if wanted not in names:
            observed = f"absent{side.label and ' ' + side.label}"
            place = f"{name}/{table}/{wanted}"
            raise Judged(Finding(place, "a column of that name", observed, "persistence.column_missing"))


def _cut(text: str, limit: int = 120) -> str:
    """``text`` of at most ``limit`` characters, then ``…``."""
    return text if len(text) <= limit else text[:limit] + "…"
