"""The error of a database or its driver as one finding, without addresses and names of the server."""

from __future__ import annotations

import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding

_SOUND = "a sound database"
_LOCK_STATES = ("55P03", "57014")  # lock_not_available, query_canceled by a timeout


@contextmanager
def errors_as_findings(name: str, *, connecting: bool = False) -> Iterator[None]:
    """Turns every error of a database into ``Judged``.

    Rules: ``persistence.corrupt``, ``.locked``, ``.unreachable``, ``.driver_missing``, ``.refused``.
    """
    try:
        yield
    except (ImportError, NoSuchModuleError) as error:
        missing = getattr(error, "name", None) or "a driver"
        raise Judged(Finding(name, "a driver for it", f"{missing} is absent", "persistence.driver_missing")) from error
    except _database_errors() as error:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        raise Judged(_finding(name, cause, connecting=connecting)) from error


def _database_errors() -> tuple[type[Exception], ...]:
    """What SQLAlchemy and the drivers raise; psycopg only where it is in use."""
    psycopg = sys.modules.get("psycopg")
    return (SQLAlchemyError, sqlite3.Error, *((psycopg.Error,) if psycopg else ()))


def _finding(name: str, cause: BaseException, *, connecting: bool) -> Finding:
    message = sentence(cause)
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(name, cause, message)
    if getattr(cause, "sqlstate", None) in _LOCK_STATES:
        return Finding(name, "a database without a lock", message, "persistence.locked")
    if connecting or getattr(cause, "sqlstate", "") is None:
        return Finding(name, "a server that answers", message, "persistence.unreachable")
    if str(getattr(cause, "sqlstate", "")).startswith(("XX", "58")):  # data corrupted, system errors
        return Finding(name, _SOUND, message, "persistence.corrupt")
    return Finding(name, "a readable database", message, "persistence.refused")


def _of_sqlite(name: str, cause: sqlite3.Error, message: str) -> Finding:
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Finding(name, "a database without a lock", message, "persistence.locked")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
        return Finding(name, _SOUND, message, "persistence.corrupt")
    return Finding(name, "a readable database", message, "persistence.refused")


def sentence(cause: BaseException) -> str:
    """The first line of the error; of a failed connection the part behind its address, with names hidden."""
    lines = str(cause).strip().splitlines()
    line = lines[0] if lines else type(cause).__name__
    line = line.rpartition(" failed: ")[2] or line
    return re.sub(r'(database|user|role|host|host name) "[^"]*"', r"\1 …", line).strip()
