"""PostgreSQL: the judged tables are only read; a second state is copied into temporary tables."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    NullPool,
    TableClause,
    cast,
    collate,
    create_engine,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import ArgumentError
from sqlalchemy.types import Text

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Subject
from gatecourt.rules.persistence.failures import errors_as_findings
from gatecourt.rules.persistence.section import PersistenceSection
from gatecourt.rules.persistence.store import Catalogue, StateTables, Store, StoredColumn

if TYPE_CHECKING:
    from psycopg import Connection as Driver

TEMPORARY = "pg_temp"
_PATIENCE_S = 5
_TEXTS = ("text", "character", "name")
_WITHOUT_EQUALITY = ("xml", "point", "polygon", "line", "lseg", "box", "path", "circle", "citext")
_COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE n.nspname = :schema AND c.relkind IN ('r', 'p') ORDER BY c.relname, a.attnum
"""
_UNIQUE = """
    SELECT i.indexrelid, a.attname
    FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL unnest(i.indkey[0:i.indnkeyatts - 1]) AS k (number)
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.number
    WHERE n.nspname = :schema AND c.relname = :name
      AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
    ORDER BY i.indexrelid, a.attname
"""
_NOT_VALID = """
    SELECT c.relname, o.conname, 'a validated constraint' FROM pg_constraint AS o
    JOIN pg_class AS c ON c.oid = o.conrelid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = :schema AND NOT o.convalidated
    UNION ALL
    SELECT c.relname, x.relname, 'a valid index' FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid
    JOIN pg_class AS x ON x.oid = i.indexrelid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = :schema AND NOT i.indisvalid
    ORDER BY 1, 2
"""


class PostgresqlKind:
    """How PostgreSQL does it."""

    def comparable(self, column: StoredColumn, of: TableClause) -> ColumnElement[Any]:
        """Text byte for byte, JSON as values, and types without an equality operator as text."""
        value = of.c[column.name]
        if column.type == "json":
            return cast(value, JSONB)
        if column.type in _WITHOUT_EQUALITY:
            return collate(cast(value, Text), "C")
        return collate(value, "C") if column.type.startswith(_TEXTS) and not column.type.endswith("]") else value

    def enforced(self, connection: Connection, schema: str, table: str) -> list[frozenset[str]]:
        """Primary key and unique indices that are valid and whole: neither partial nor over expressions."""
        rows = connection.execute(text(_UNIQUE), {"schema": schema, "name": table}).all()
        return [frozenset(row[1] for row in each) for _, each in groupby(rows, key=lambda row: row[0])]

    def damage(self, connection: Connection, schema: str, name: str) -> list[Finding]:
        """Constraints that were never validated and indices that are not valid."""
        rows = connection.execute(text(_NOT_VALID), {"schema": schema})
        return [Finding(f"{name}/{row[0]}/{row[1]}", row[2], "not valid", "persistence.integrity") for row in rows]


KIND = PostgresqlKind()


def server_url(variable: str) -> URL:
    """The URL in the environment variable. Raises ``Judged`` (``run.env_missing``, ``persistence.url``)."""
    if not os.environ.get(variable):
        raise Judged(Finding("persistence.url", f"the environment variable {variable}", "not set", "run.env_missing"))
    try:
        url = make_url(os.environ[variable])
    except (ArgumentError, ValueError):
        url = URL.create("nothing")
    if url.get_backend_name() not in ("postgresql", "postgres"):
        observed = "another kind of URL, or none"
        raise Judged(Finding("persistence.url", f"a postgresql:// URL in {variable}", observed, "persistence.url"))
    return url.set(drivername="postgresql+psycopg")


def without_password(url: URL) -> str:
    """The URL as a command gets it: without the password, which belongs into PGPASSWORD."""
    return url._replace(drivername="postgresql", password=None).render_as_string(hide_password=False)


@contextmanager
def fresh(server: URL, name: str) -> Iterator[URL]:
    """A new and empty database on the server, dropped at the end even if a client is still connected."""
    own = f"gatecourt_{secrets.token_hex(8)}"
    with connected(server, name, isolation="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {own}")
    try:
        yield server.set(database=own)
    finally:
        with connected(server, name, isolation="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"DROP DATABASE {own} WITH (FORCE)")


@contextmanager
def connected(url: URL, name: str, *, isolation: str = "REPEATABLE READ", read_only: bool = False) -> Iterator[Any]:
    """A connection. Raises ``Judged`` for every error of the database."""
    limits = f"-c lock_timeout={_PATIENCE_S}s -c TimeZone=UTC -c client_min_messages=error"
    with errors_as_findings(name, connecting=True):
        arguments = {"connect_timeout": _PATIENCE_S, "options": limits, "application_name": "gatecourt"}
        engine = create_engine(url, poolclass=NullPool, connect_args=arguments)
        connection = engine.connect().execution_options(isolation_level=isolation, postgresql_readonly=read_only)
    try:
        with errors_as_findings(name):
            yield connection
    finally:
        connection.close()
        engine.dispose()


@contextmanager
def opened(url: URL, section: PersistenceSection) -> Iterator[Store]:
    """The database, read only, in one consistent snapshot."""
    with connected(url, section.name, read_only=True) as connection:
        side = side_of(connection, section.schema)
        yield Store(section.name, connection, KIND, side, subjects(connection, side, section))


def side_of(connection: Connection, schema: str, label: str = "") -> StateTables:
    """The tables of the schema."""
    rows = connection.execute(text(_COLUMNS), {"schema": schema}).all()
    catalogue: Catalogue = {
        name: [StoredColumn(row[1], row[2], nullable=row[3]) for row in columns]
        for name, columns in groupby(rows, key=lambda row: str(row[0]))
    }
    return StateTables(schema, catalogue, label)


def subjects(connection: Connection, side: StateTables, section: PersistenceSection) -> tuple[Subject, ...]:
    """Each declared table, with the digest of its rows as COPY writes them, in the order of their key."""
    return tuple(_subject(connection, side, section, name) for name in sorted(section.tables) if name in side.catalogue)


def _subject(connection: Connection, side: StateTables, section: PersistenceSection, name: str) -> Subject:
    declared, digest, size = section.tables[name], hashlib.sha256(), 0
    table = side.table(name)
    steady = [each.name for each in side.catalogue[name] if each.name not in declared.volatile]
    order = [KIND.comparable(side.column(name, each), table) for each in declared.key if each in steady]
    rows = select(*(table.c[each] for each in steady)).order_by(*order)
    statement = str(rows.compile(connection.engine))
    with _driver(connection).cursor().copy(f"COPY ({statement}) TO STDOUT".encode()) as blocks:
        for block in blocks:
            digest.update(block)
            size += len(block)
    return Subject(f"{section.name}/{name}", digest.hexdigest(), size)


def copy_state(connection: Connection, side: StateTables, label: str) -> StateTables:
    """The present state of ``side``, copied into temporary tables of this connection."""

    def fill(name: str) -> None:
        _do(connection, f"INSERT INTO {_own(name)} TABLE {_quoted(side.schema)}.{_quoted(name)}")

    return _temporary(connection, connection, side, label, fill)


def copy_state_of(connection: Connection, source: Connection, side: StateTables, label: str) -> StateTables:
    """The state of ``side`` in another database, copied into temporary tables of this connection."""

    def fill(name: str) -> None:
        with TemporaryFile() as file:
            _copy_out(source, side.schema, name, file)
            _copy_in(connection, name, file)

    return _temporary(connection, source, side, label, fill)


def _temporary(
    connection: Connection, source: Connection, side: StateTables, label: str, fill: Callable[[str], None]
) -> StateTables:
    for name, columns in side.catalogue.items():
        listed = ", ".join(f"{_quoted(each.name)} {each.type}" for each in columns)
        _do(connection, f"CREATE TEMPORARY TABLE {_quoted(name)} ({listed})")
        fill(name)
        _do(connection, f"ANALYZE {_own(name)}")
    unique = {name: KIND.enforced(source, side.schema, name) for name in side.catalogue}
    return StateTables(TEMPORARY, side.catalogue, label, unique)


def _copy_out(connection: Connection, schema: str, name: str, file: IO[bytes]) -> None:
    with _driver(connection).cursor().copy(f"COPY {_quoted(schema)}.{_quoted(name)} TO STDOUT".encode()) as blocks:
        for block in blocks:
            file.write(block)


def _copy_in(connection: Connection, name: str, file: IO[bytes]) -> None:
    file.seek(0)
    with _driver(connection).cursor().copy(f"COPY {_own(name)} FROM STDIN".encode()) as into:
        while block := file.read(1 << 20):
            into.write(block)


def _do(connection: Connection, statement: str) -> None:
    """Goes straight to the driver: names may contain what SQLAlchemy and psycopg would read as a parameter."""
    _driver(connection).execute(statement.encode())


def _driver(connection: Connection) -> Driver[Any]:
    driver: Driver[Any] = connection.connection.driver_connection  # type: ignore[assignment]  # of this dialect
    return driver


def _own(name: str) -> str:
    return f"{TEMPORARY}.{_quoted(name)}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
