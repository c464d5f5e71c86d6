"""Rows of a SQLite table, read by the standard library from a file that stays untouched."""

from __future__ import annotations

import math
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json
from gatecourt.formats.files import Source

_LONGEST = 64 * 1024 * 1024
"""Bytes of a value: a view can make one out of nothing."""
_VIEW_ROWS, _VIEW_SECONDS = 1_000_000, 10.0
"""What a view may give and take; a table has no more rows than its file holds."""
_COMPANIONS = ("-wal", "-journal")


def table_rows(source: Source, table: str) -> Iterator[dict[str, Json]]:
    """The rows of ``table`` as column -> value, before them one of nulls; a BLOB is given as lower-case hex.

    Raises ``Judged``: ``relations.database`` for a file that is no sound database, ``relations.no_table``,
    ``relations.view_too_large``,
    ``relations.not_finite``.
    """
    try:
        with _opened(source.path) as connection:
            view = _require_table(connection, source.name, table) == "view"
            end = time.monotonic() + _VIEW_SECONDS if view else math.inf
            connection.set_progress_handler(lambda: time.monotonic() > end, 10_000)
            quoted = table.replace('"', '""')
            cursor = connection.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608  # a name cannot be a parameter
            names = [column[0] for column in cursor.description]
            yield dict.fromkeys(names)
            for number, row in enumerate(cursor, 1):
                if view and number > _VIEW_ROWS:
                    raise _too_large(source.name, table, "more rows")
                yield _row(names, row, f"{source.name}/{table}/row {number}")
    except (sqlite3.Error, OSError) as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
            raise _too_large(source.name, table, "no end in time") from error
        raise Judged(
            Finding(source.name, "a readable SQLite database", _reason(error), "relations.database")
        ) from error


def _too_large(name: str, table: str, observed: str) -> Judged:
    expected = f"a view of at most {_VIEW_ROWS} rows within {_VIEW_SECONDS:g} s"
    return Judged(Finding(f"{name}/{table}", expected, observed, "relations.view_too_large"))


def _reason(error: sqlite3.Error | OSError) -> str:
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else str(error)


def _row(names: list[str], row: tuple[Any, ...], place: str) -> dict[str, Json]:
    for name, value in zip(names, row, strict=True):
        if isinstance(value, float) and not math.isfinite(value):
            raise Judged(Finding(f"{place}#/{name}", "a finite number", str(value), "relations.not_finite"))
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in zip(names, row, strict=True)}


def _require_table(connection: sqlite3.Connection, name: str, table: str) -> str:
    """Its kind, ``table`` or ``view``."""
    known = connection.execute("SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name")
    kinds = dict(known.fetchall())
    if table not in kinds:
        observed = ", ".join(list(kinds)[:10]) or "no table"
        raise Judged(Finding(name, f"a table {table}", observed, "relations.no_table"))
    return str(kinds[table])


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A database that is not closed properly is opened as a copy: even reading it would write beside the original."""
    companions = [path.with_name(path.name + suffix) for suffix in _COMPANIONS]
    if not any(file.exists() and file.stat().st_size for file in companions):
        with closing(_connect(path, "mode=ro&immutable=1")) as connection:
            yield connection
        return
    with tempfile.TemporaryDirectory() as folder:
        for file in (path, *companions):
            if file.exists():
                shutil.copyfile(file, Path(folder, file.name))
        with closing(_connect(Path(folder, path.name), "mode=rw")) as connection:
            yield connection


def _connect(path: Path, options: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"file:{quote(str(path.absolute()))}?{options}", uri=True)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    return connection
