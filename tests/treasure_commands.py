"""The reference trading engine from outside: its commands, what they leave, and databases to keep runs in."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import sqlalchemy

ROOT = Path(__file__).resolve().parent.parent / "fixtures" / "treasure"
SSOT = ROOT / "spec" / "ssot.json"
LOG = "logs/events/run_t.jsonl"
TABLES = ("runs", "intents", "orders", "fills", "positions", "checkpoints", "events", "schema_version")

Done = subprocess.CompletedProcess[str]
Rows = dict[str, list[tuple[Any, ...]]]


def command(module: str, *arguments: object) -> list[str]:
    return [sys.executable, "-m", module, *map(str, arguments)]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}


def call(module: str, *arguments: object, cwd: Path = ROOT) -> Done:
    return subprocess.run(
        command(module, *arguments),
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def run_arguments(dataset: Path, out: Path, *more: object, seed: int = 42) -> list[object]:
    return ["--seed", seed, "--run-id", "t", "--dataset", dataset, "--ssot", SSOT, "--out", out, *more]


def run(dataset: Path, out: Path, *more: object, seed: int = 42) -> Done:
    return call("engine", *run_arguments(dataset, out, *more, seed=seed))


def succeeded(done: Done) -> str:
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def refused(done: Done, told: str, code: int = 1) -> None:
    assert (done.returncode, done.stdout) == (code, "")
    assert told in done.stderr
    assert done.stderr.startswith("engine: ")
    assert done.stderr.count("\n") == 1


def files(out: Path) -> dict[str, str]:
    found = (path for path in out.rglob("*") if path.is_file())
    return {path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def database(url: str) -> sqlalchemy.Engine:
    known = url.replace("postgresql://", "postgresql+psycopg://")
    return sqlalchemy.create_engine(known, poolclass=sqlalchemy.NullPool)


def rows(url: str) -> Rows:
    """All rows of all tables, each in the order of its primary key."""
    engine, metadata = database(url), sqlalchemy.MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        return {
            name: [tuple(row) for row in connection.execute(sqlalchemy.select(table).order_by(*table.primary_key))]
            for name, table in metadata.tables.items()
        }


def change(url: str, statement: str) -> None:
    """Do one statement under the constraints that the engine works under."""
    with database(url).connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        connection.execute(sqlalchemy.text(statement))
        connection.commit()


def shortened(dataset: Path, target: Path, bars: int) -> Path:
    value = json.loads(dataset.read_text())
    value["bars"] = value["bars"][:bars]
    value["meta"]["bars_count"] = bars
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(value))
    return target
