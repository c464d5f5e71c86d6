"""The same work twice: our verdict on two states of a table against the bare join that a user would write in SQL.

    python benchmarks/databases.py [--rows 1000000] [--rounds 5] [--postgresql URL]

Two SQLite files hold the same orders, or all but one the same. The peer attaches the one to the other and joins on the
primary key with IS in every column: it says whether something differs, not what. Ours is the whole of the check: look
for locks, copy both files, open, read the catalogues, compare, and tell each difference by row and column. Rounds
alternate; what is printed are ratios of medians. With --postgresql a scratch database is made on that server, and ours
is held against a join with IS DISTINCT FROM between two of its tables.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from gatecourt.core.model import Run, Subject
from gatecourt.rules.persistence import checks, postgresql
from gatecourt.rules.persistence.equality import differences
from gatecourt.rules.persistence.section import PersistenceSection, StoredTable
from gatecourt.rules.persistence.store import StatePair

COLUMNS = ("intent_id", "side", "qty", "price", "status", "placed_ms", "note")
TABLE = """CREATE TABLE orders (order_id text NOT NULL PRIMARY KEY, intent_id text NOT NULL UNIQUE, side text NOT NULL,
    qty double precision, price double precision, status text NOT NULL, placed_ms bigint, note text)"""
ORDERS = StoredTable(("order_id",), unique=(("intent_id",),))


def orders(count: int) -> Iterator[tuple[Any, ...]]:
    """The same rows every time."""
    chance = random.Random(7)  # noqa: S311 - a benchmark wants the same numbers again
    for number in range(count):
        price, side = round(chance.uniform(1e4, 9e4), 2), chance.choice(("BUY", "SELL"))
        ids = f"run/O-{number:08d}", f"run/I-{number:08d}"
        yield (*ids, side, chance.random(), price, "FILLED", 1_735_000_000_000 + number, None)


class Twice:
    """A target that has done its work twice; the folders hold a database each."""

    def __init__(self, folder: Path) -> None:
        self.root = folder

    def command(self, name: str, **_: Any) -> Run:
        """What the command left."""
        data = (self.root / name / "out.db").read_bytes()
        subject = Subject("out.db", hashlib.sha256(data).hexdigest(), len(data))
        return Run(self.root / name, {"out.db": subject})


def build(folder: Path, count: int, name: str) -> None:
    """A database of ``count`` rows."""
    (folder / name).mkdir()
    with contextlib.closing(sqlite3.connect(folder / name / "out.db")) as connection:
        connection.execute(TABLE)
        connection.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?)", orders(count))
        connection.commit()


def bare_join(folder: Path) -> int:
    """How many rows differ, by SQLite alone."""
    same = " AND ".join(f"a.{name} IS b.{name}" for name in COLUMNS)
    with contextlib.closing(sqlite3.connect(folder / "second" / "out.db")) as connection:
        connection.execute("ATTACH ? AS first", [str(folder / "first" / "out.db")])
        joined = "main.orders AS b JOIN first.orders AS a ON a.order_id = b.order_id"
        found: int = connection.execute(f"SELECT count(*) FROM {joined} WHERE NOT ({same})").fetchone()[0]  # noqa: S608 - tables and columns of this script
        return found


def verdict(target: Any) -> int:
    """How many findings our check has; the digests are the driver's work and made before."""
    section = PersistenceSection("sqlite:///{out}/out.db", {"orders": ORDERS}, write="first", again="second")
    return len(checks.idempotent(section, target, "orders").findings)


def medians(rounds: int, *asked: Callable[[], int]) -> tuple[list[float], list[int]]:
    """Seconds of each, in turn, and what each answered."""
    times: list[list[float]] = [[] for _ in asked]
    answers = [0] * len(asked)
    for _ in range(rounds):
        for place, ask in enumerate(asked):
            before = time.perf_counter()
            answers[place] = ask()
            times[place].append(time.perf_counter() - before)
    return [statistics.median(each) for each in times], answers


def on_sqlite(count: int, rounds: int) -> None:
    """Equal states, then one changed row."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder, count, "first")
        build(folder, count, "second")
        for words in ("equal", "one row changed"):
            target = _Remembered(Twice(folder))
            (bare, ours), (differing, findings) = medians(
                rounds, lambda: bare_join(folder), lambda t=target: verdict(t)
            )
            print(f"SQLite, {count} rows, {words}: ours takes {ours / bare:.2f} times the bare join "
                  f"(join: {differing} differing, ours: {findings} findings)")  # fmt: skip
            with contextlib.closing(sqlite3.connect(folder / "second" / "out.db")) as connection:
                connection.execute("UPDATE orders SET price = 1 WHERE order_id = 'run/O-00000777'")
                connection.commit()


class _Remembered:
    """Gives each run once made again, as a session does."""

    def __init__(self, target: Twice) -> None:
        self._runs = {name: target.command(name) for name in ("first", "second")}

    def command(self, name: str, **_: Any) -> Run:
        return self._runs[name]


def on_postgresql(server: str, count: int, rounds: int) -> None:
    """One changed row in a second table, by a bare join and by ours with its own copy of the first."""
    url = make_url(server).set(drivername="postgresql+psycopg")
    with postgresql.fresh(url, "server") as own, postgresql.connected(own, "db", isolation="AUTOCOMMIT") as connection:
        driver = connection.connection.driver_connection
        driver.execute(TABLE)
        with driver.cursor().copy("COPY orders FROM STDIN") as rows:
            for row in orders(count):
                rows.write_row(row)
        first = postgresql.copy_state(connection, postgresql.side_of(connection, "public"), "")
        driver.execute("CREATE TABLE other AS TABLE orders")
        driver.execute("ALTER TABLE other ADD PRIMARY KEY (order_id)")
        driver.execute("UPDATE orders SET price = 1 WHERE order_id = 'run/O-00000777'")
        driver.execute("ANALYZE")
        differ = " OR ".join(f"a.{name} IS DISTINCT FROM b.{name}" for name in COLUMNS)
        bare = f"SELECT count(*) FROM orders AS a JOIN other AS b USING (order_id) WHERE {differ}"  # noqa: S608 - tables and columns of this script
        pair = StatePair("db", connection, postgresql.KIND, first, postgresql.side_of(connection, "public"))
        (join, ours), answers = medians(
            rounds,
            lambda: int(driver.execute(bare).fetchone()[0]),
            lambda: len(list(differences(pair, "orders", ORDERS))),
        )
        print(f"PostgreSQL, {count} rows, one row changed: ours takes {ours / join:.2f} times the bare join {answers}")


def main() -> None:
    """Build, run in turn, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--postgresql", metavar="URL", help="a server on which a scratch database may be made")
    parser.add_argument("--tiny", action="store_true", help="inputs that show only that it works")
    options = parser.parse_args()
    if options.tiny:
        options.rows, options.rounds = 1000, 1
    on_sqlite(options.rows, options.rounds)
    if options.postgresql:
        on_postgresql(options.postgresql, options.rows, options.rounds)


if __name__ == "__main__":
    main()
