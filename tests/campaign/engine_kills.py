"""Runs of the trading engine killed at a point drawn from a printed seed, and resumed: no row lost, none twice.

The engine's own tests and the gate kill at a few points; here are hundreds, on SQLite and on PostgreSQL. Rows are read
whole and compared in Python, so that the comparison is not the one that the gate uses.
"""

from __future__ import annotations

import contextlib
import random
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.bench import started
from tests.campaign.ledger import Ledger
from tests.fixtures.treasure.treasure_commands import (
    LOG,
    ROOT,
    Rows,
    call,
    command,
    environment,
    files,
    rows,
    run_arguments,
    shortened,
)
from tests.rules.persistence.postgresql_server import new_database, running_server

PART = "engine_kill"
KILLS = 200
SEED = 60607
BARS = 300
PER_SERVER = 4
"""One kill in so many is on PostgreSQL."""

_DRAWS = 6
_LONGEST = 0.9


@dataclass(frozen=True)
class Undisturbed:
    """What a run leaves that nothing killed, by which the others are judged."""

    dataset: Path
    rows: Rows
    files: dict[str, str]
    log_size: int


def items() -> list[str]:
    """Every kill by number."""
    return [f"{SEED}/{number}" for number in range(KILLS)]


def kill(ledger: Ledger) -> Iterator[str]:
    """Kills and resumes a run at each open point, two at a time."""
    left = ledger.open_items(PART, items())
    if not left:
        return
    yield f"seed {SEED}: {len(left)} kills to go"
    with tempfile.TemporaryDirectory() as name, running_server() as server, ThreadPoolExecutor(2) as pool:
        folder = Path(name)
        clean = _undisturbed(folder)
        for item, good, told in pool.map(lambda item: _one(item, folder, server, clean), left):
            ledger.note(PART, item, good=good, told=told)
            yield f"{'whole' if good else 'ROWS LOST OR DOUBLED'}  {item}  {told}"


def _undisturbed(folder: Path) -> Undisturbed:
    dataset = shortened(ROOT / "data" / "bars.json", folder / "data" / "bars.json", BARS)
    out, url = folder / "clean", f"sqlite:///{folder}/clean.db"
    done = call("engine", *run_arguments(dataset, out, "--db", url))
    if done.returncode != 0:
        raise SystemExit(f"the engine does not run, so there is nothing to kill:\n{done.stderr}")
    return Undisturbed(dataset, rows(url), files(out), (out / LOG).stat().st_size)


def _one(item: str, folder: Path, server: str, clean: Undisturbed) -> tuple[str, bool, str]:
    number = int(item.partition("/")[2])
    with contextlib.ExitStack() as stack:
        kind = "PostgreSQL" if number % PER_SERVER == 0 else "SQLite"
        for draw in range(_DRAWS):  # a run that ended before its point is no kill: another point is drawn
            own = folder / f"{number}-{draw}"
            database = stack.enter_context(new_database(server)) if kind == "PostgreSQL" else f"sqlite:///{own}.db"
            # Drawn by number, so that a campaign that goes on draws what it would have drawn.
            point = _Point.drawn(random.Random(f"{item}/{draw}"), clean.log_size, own)
            if _killed(run_arguments(clean.dataset, own, "--db", database), point):
                good, told = _resumed(own, database, clean)
                return item, good, f"{kind}, {point.words}: {told}"
    return item, False, f"{kind}: ended before each of {_DRAWS} points"


@dataclass(frozen=True)
class _Point:
    """A moment after the start, or a size that a file has reached, and then a little later still."""

    words: str
    seconds: float
    file: Path | None
    size: int
    later: float

    @classmethod
    def drawn(cls, chance: random.Random, log_size: int, out: Path) -> _Point:
        """Two thirds by the size of the log, the others by the clock alone."""
        later = chance.uniform(0, 0.01)
        if chance.random() < 1 / 3:
            moment = chance.uniform(0.05, _LONGEST)
            return cls(f"after {moment:.2f} s", moment, None, 0, later)
        size = chance.randrange(log_size)
        return cls(f"at byte {size} of the log", 0, out / LOG, size, later)

    def reached(self) -> bool:
        """Whether the file is large enough by now."""
        return self.file is None or (self.file.exists() and self.file.stat().st_size >= self.size)


def _killed(arguments: list[object], point: _Point) -> bool:
    """Starts the engine and kills it at the point; false where it had ended by itself."""
    quiet = subprocess.DEVNULL
    with started(command("engine", *arguments), cwd=ROOT, env=environment(), stdout=quiet, stderr=quiet) as process:
        time.sleep(point.seconds)
        while process.poll() is None and not point.reached():
            time.sleep(0.001)
        time.sleep(point.later)
    return process.returncode == -signal.SIGKILL


def _resumed(out: Path, database: str, clean: Undisturbed) -> tuple[bool, str]:
    done = call("engine", *run_arguments(clean.dataset, out, "--db", database, "--resume"))
    if done.returncode != 0:
        return False, f"not resumed: {done.stderr.strip()}"
    found = rows(database)
    for table, expected in clean.rows.items():
        there = found.get(table, [])
        if there != expected:
            lost, added = set(expected) - set(there), set(there) - set(expected)
            return (
                False,
                f"{table}: {len(lost)} rows lost or changed, {len(added)} added or changed, {len(there)} in all",
            )
    if found.keys() != clean.rows.keys() or files(out) != clean.files:
        return False, "other tables or files than those of the undisturbed run"
    return True, f"{sum(map(len, found.values()))} rows equal"
