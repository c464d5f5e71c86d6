"""SQLite: a database is copied with its sidecars and only the copy is opened, so the judged file stays as it is."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import ColumnElement, Connection, TableClause, collate, create_engine, text
from sqlalchemy.pool import StaticPool

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Run, Subject
from gatecourt.rules.persistence.failures import errors_as_findings
from gatecourt.rules.persistence.store import Catalogue, StatePair, StateTables, Store, StoredColumn, format_value

_LISTED = 20
_FIRST = "first"
# -shm is left out: SQLite makes it anew from -wal, as after a crash.
_SIDECARS = ("-wal", "-journal")
# Where writers lock (sqlite.org/fileformat2, /walformat): pending, reserved and shared bytes; WAL_WRITE_LOCK in -shm.
_LOCKS = (("", 0x40000000, 512), ("-shm", 120, 1))


class SqliteKind:
    """How SQLite does it."""

    def comparable(self, column: StoredColumn, of: TableClause) -> ColumnElement[Any]:
        """Byte for byte: a column may be declared to take ``a`` for ``A``."""
        return collate(of.c[column.name], "BINARY")

    def enforced(self, connection: Connection, schema: str, table: str) -> list[frozenset[str]]:
        """Primary key and unique indices that are whole: neither partial nor over expressions."""
        key = frozenset(row[1] for row in _pragma(connection, schema, "table_info", table) if row[5])
        indices = [row for row in _pragma(connection, schema, "index_list", table) if row[2] and not row[4]]
        columns = [frozenset(row[2] for row in _pragma(connection, schema, "index_info", each[1])) for each in indices]
        return [each for each in (key, *columns) if each and None not in each]

    def damage(self, connection: Connection, schema: str, name: str) -> list[Finding]:
        """What ``integrity_check`` and ``foreign_key_check`` report."""
        reported = [row[0] for row in connection.execute(text(f"PRAGMA {schema}.integrity_check({_LISTED})"))]
        if reported != ["ok"]:
            expected = "PRAGMA integrity_check: ok"
            return [Finding(name, expected, _first_damage(each), "persistence.integrity") for each in reported]
        broken = connection.execute(text(f"PRAGMA {schema}.foreign_key_check")).fetchmany(_LISTED)
        return [
            Finding(f"{name}/{row[0]}/row {row[1]}", f"a row in {row[2]}", "none", "persistence.foreign_key")
            for row in broken
        ]


KIND = SqliteKind()


@contextmanager
def judged(name: str, run: Run) -> Iterator[Store]:
    """The database ``name`` of the run, copied and opened."""
    with _folder() as folder, _connected(_copied(name, run, folder / "judged.db"), name) as connection:
        yield Store(name, connection, KIND, _side(connection, "main", ""), _subjects(name, run))


@contextmanager
def pair(name: str, first: tuple[Run, str], second: tuple[Run, str]) -> Iterator[StatePair]:
    """The databases ``name`` of two runs, each with its label; subjects are those of the first."""
    with _folder() as folder:
        earlier = _copied(name, first[0], folder / "first.db")
        later = _copied(name, second[0], folder / "second.db")
        with _both(name, earlier, later) as connection:
            sides = _side(connection, _FIRST, first[1]), _side(connection, "main", second[1])
            yield StatePair(name, connection, KIND, *sides, _subjects(name, first[0]))


@contextmanager
def restored(name: str, run: Run, labels: tuple[str, str]) -> Iterator[StatePair]:
    """The database ``name`` of the run, and the same after SQLite's online backup and its restore."""
    with _folder() as folder:
        judged, backup, result = _copied(name, run, folder / "judged.db"), folder / "backup.db", folder / "restored.db"
        with errors_as_findings(name):
            _backup(judged, backup)
            _backup(backup, result)
        with _both(name, judged, result) as connection:
            sides = _side(connection, _FIRST, labels[0]), _side(connection, "main", labels[1])
            yield StatePair(name, connection, KIND, *sides, _subjects(name, run))


@contextmanager
def _folder() -> Iterator[Path]:
    with TemporaryDirectory(prefix="gatecourt-db-") as folder:
        yield Path(folder)


def _subjects(name: str, run: Run) -> tuple[Subject, ...]:
    return tuple(run.files[each] for each in (name, f"{name}-wal") if each in run.files)


def _copied(name: str, run: Run, target: Path) -> Path:
    """The file and its sidecars copied to ``target``, where they may be opened."""
    if name not in run.files:
        raise Judged(Finding(name, "a database", "no such file", "persistence.absent"))
    source = run.path(name)
    if not run.files[name].size and f"{name}-wal" not in run.files:
        raise Judged(Finding(name, "a database", "an empty file", "persistence.empty"))
    try:
        _refuse_locked(name, source)
        for suffix in ("", *_SIDECARS):
            if suffix == "" or source.with_name(source.name + suffix).is_file():
                shutil.copyfile(source.with_name(source.name + suffix), target.with_name(target.name + suffix))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Judged(Finding(name, "a readable file", reason, "artefact.unreadable")) from error
    return target


def _refuse_locked(name: str, source: Path) -> None:
    """Tries the locks that a writer holds and releases them at once; opens nothing as a database."""
    for suffix, start, length in _LOCKS:
        try:
            # A pipe in the place of a sidecar must not block the check until its other end is opened.
            handle = os.open(source.with_name(source.name + suffix), os.O_RDONLY | os.O_NONBLOCK)
        except FileNotFoundError:
            continue
        try:
            fcntl.lockf(handle, fcntl.LOCK_SH | fcntl.LOCK_NB, length, start)
        except (BlockingIOError, PermissionError) as error:
            observed = "another process is writing to it"
            raise Judged(Finding(name, "a database without a lock", observed, "persistence.locked")) from error
        finally:
            os.close(handle)


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    connection.text_factory = lambda data: data.decode("utf-8", "backslashreplace")
    for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "query_only = ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


@contextmanager
def _connected(path: Path, name: str) -> Iterator[Connection]:
    """A connection to a copy. Every error on it becomes ``Judged``."""
    engine = create_engine("sqlite://", creator=lambda: _opened(path), poolclass=StaticPool)
    try:
        with errors_as_findings(name), engine.connect() as connection:
            connection.execute(text("SELECT count(*) FROM sqlite_master"))
            yield connection
    finally:
        engine.dispose()


@contextmanager
def _both(name: str, first: Path, second: Path) -> Iterator[Connection]:
    with _connected(second, name) as connection:
        connection.execute(text(f"ATTACH :path AS {_FIRST}"), {"path": str(first)})
        yield connection


def _side(connection: Connection, schema: str, label: str) -> StateTables:
    names = connection.execute(
        text(f"SELECT name FROM {schema}.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")  # noqa: S608 - the schema is our own
    )
    catalogue: Catalogue = {
        name: [
            StoredColumn(row[1], row[2].upper(), nullable=not row[3])
            for row in _pragma(connection, schema, "table_xinfo", name)
            if row[6] != 1
        ]
        for name in sorted(row[0] for row in names)
    }
    return StateTables(schema, catalogue, label)


def _pragma(connection: Connection, schema: str, pragma: str, argument: str) -> list[Any]:
    quoted = argument.replace('"', '""')
    return list(connection.exec_driver_sql(f'PRAGMA {schema}.{pragma}("{quoted}")'))


def _backup(source: Path, target: Path) -> None:
    with contextlib.closing(sqlite3.connect(source)) as old, contextlib.closing(sqlite3.connect(target)) as new:
        old.backup(new)


def _first_damage(report: str) -> str:
    """The first line of one row of the report that is no heading such as ``*** in database main ***``."""
    lines = report.strip().splitlines()
    return format_value(next((line for line in lines if not line.startswith("***")), lines[0]))[1:-1]
