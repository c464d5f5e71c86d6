"""SQL statements run on a SQLite file."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from gatecourt.core.errors import FaultError

_STATE = ("schema_version", "user_version", "application_id")


def run_statements(statements: Sequence[str], path: Path) -> None:
    """Runs the statements in one transaction; each must change a row or the schema, and in the end the content.

    Other databases cannot be attached. Raises ``FaultError``; then the database is as it was.
    """
    with contextlib.closing(_opened(path)) as connection:
        try:
            before = _content(connection)
            connection.execute("BEGIN IMMEDIATE")
            for statement in statements:
                _run(connection, statement)
            if _content(connection) == before:
                raise FaultError("the statements leave every row and the schema as they were")
            connection.execute("COMMIT")
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise FaultError(f"SQLite: {error}") from error


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    return connection


def _run(connection: sqlite3.Connection, statement: str) -> None:
    before = _progress(connection)
    try:
        connection.execute(statement).fetchall()
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise FaultError(f"SQLite: {error} in {statement!r}") from error
    if not connection.in_transaction:
        raise FaultError(f"{statement!r} ends the transaction")
    if _progress(connection) == before and not statement.lstrip().upper().startswith("PRAGMA"):
        raise FaultError(f"{statement!r} changed no row and no schema")


def _progress(connection: sqlite3.Connection) -> tuple[int, ...]:
    return (connection.total_changes, *_state(connection))


def _state(connection: sqlite3.Connection) -> tuple[int, ...]:
    return tuple(connection.execute(f"PRAGMA {name}").fetchone()[0] for name in _STATE)


def _content(connection: sqlite3.Connection) -> tuple[list[str], tuple[int, ...]]:
    return list(connection.iterdump()), _state(connection)
