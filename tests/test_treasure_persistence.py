"""A run that is also kept in a database: once, whole, whatever kills it, and to be had again from its log."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy

from tests.postgresql_server import running_server
from tests.treasure_commands import (
    LOG,
    ROOT,
    SSOT,
    TABLES,
    Rows,
    call,
    change,
    command,
    database,
    environment,
    files,
    lines,
    refused,
    rows,
    run,
    run_arguments,
    shortened,
    succeeded,
)

DATASET = ROOT / "data" / "bars.json"
KILLS = int(os.environ.get("TREASURE_KILLS", "6"))
"""Killed runs for each kind of database; a campaign asks for more."""

NewDatabase = Callable[[], str]


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """A server of our own, that also root may start."""
    with running_server() as url:
        yield url


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> NewDatabase:
    """Makes empty databases of one kind."""
    if request.param == "sqlite":
        return lambda: f"sqlite:///{tmp_path_factory.mktemp('db')}/engine.db"
    server: str = request.getfixturevalue("postgresql")

    def create() -> str:
        name = f"d{random.getrandbits(48):x}"
        with database(server).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sqlalchemy.text(f"CREATE DATABASE {name}"))
        return server.replace("/postgres?", f"/{name}?")

    return create


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shortened(DATASET, tmp_path_factory.mktemp("inputs") / "data" / "bars.json", 400)


class Kept:
    """A run that nothing disturbed, and where it is kept."""

    def __init__(self, dataset: Path, out: Path, url: str) -> None:
        self.dataset, self.out, self.url = dataset, out, url
        self.line = succeeded(run(dataset, out, "--db", url))
        self.files, self.rows = files(out), rows(url)


@pytest.fixture(scope="module")
def kept(new_database: NewDatabase, dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return Kept(dataset, tmp_path_factory.mktemp("kept"), new_database())


@pytest.fixture(scope="module")
def sqlite_kept(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("sqlite")
    return Kept(dataset, folder / "out", f"sqlite:///{folder}/engine.db")


def copy(kept: Kept, folder: Path) -> tuple[Path, str]:
    """The run's files and its (SQLite) database, to be spoiled."""
    shutil.copytree(kept.out, folder / "out")
    shutil.copy(kept.url.removeprefix("sqlite:///"), folder / "engine.db")
    return folder / "out", f"sqlite:///{folder}/engine.db"


def by_name(kept: Kept, table: str) -> list[dict[str, object]]:
    metadata = sqlalchemy.MetaData()
    metadata.reflect(database(kept.url), only=[table])
    names = metadata.tables[table].columns.keys()
    return [dict(zip(names, row, strict=True)) for row in kept.rows[table]]


# --- what is kept ---------------------------------------------------------------------------------------------------


def test_keeping_a_run_changes_nothing_of_it(kept: Kept, dataset: Path, tmp_path: Path) -> None:
    assert succeeded(run(dataset, tmp_path)) == kept.line
    assert files(tmp_path) == kept.files


def test_rows_tell_the_whole_run(kept: Kept) -> None:
    assert set(kept.rows) == set(TABLES)
    log = lines(kept.out / LOG)
    stored = by_name(kept, "events")
    for event in log:
        event["payload"] = json.dumps(event["payload"], separators=(",", ":"))
    assert stored == [{"run_id": event["run_id"], **{key: event[key] for key in stored[0]}} for event in log]
    counts = json.loads((kept.out / "reports/run_summary.json").read_text())["counts"]
    assert [len(kept.rows[name]) for name in ("runs", "intents", "orders", "fills", "positions")] == [
        1,
        counts["intents"],
        counts["orders"],
        counts["fills"],
        counts["books"],
    ]
    (row,) = by_name(kept, "runs")
    assert (row["status"], row["seed"]) == ("COMPLETE", 42)
    assert row["dataset_sha"] == hashlib.sha256(kept.dataset.read_bytes()).hexdigest()
    assert row["ssot_sha"] == hashlib.sha256(SSOT.read_bytes()).hexdigest()


def test_rows_agree_with_each_other(kept: Kept) -> None:
    orders = {order["order_id"]: order for order in by_name(kept, "orders")}
    filled: dict[object, list[float]] = defaultdict(list)
    held: Counter[tuple[object, object]] = Counter()
    books = {intent["intent_id"]: (intent["strategy"], intent["mode"]) for intent in by_name(kept, "intents")}
    for fill in by_name(kept, "fills"):
        order = orders[fill["order_id"]]
        filled[fill["order_id"]].append(float(str(fill["qty"])))
        signed = float(str(fill["qty"])) * (1 if order["side"] == "BUY" else -1)
        held[books[order["intent_id"]]] += signed  # type: ignore[assignment]
    for order_id, order in orders.items():
        assert order["filled_qty"] == pytest.approx(sum(filled[order_id]), abs=1e-8)
        assert order["status"] in {"FILLED", "REJECTED", "CANCELED"}
    for position in by_name(kept, "positions"):
        assert position["qty"] == pytest.approx(held[position["strategy"], position["mode"]], abs=1e-8)
    assert len({order["intent_id"] for order in orders.values()}) == len(orders)
    assert {intent["status"] for intent in by_name(kept, "intents")} == {"PLACED"}


def test_checkpoints_name_beginnings_of_the_log(kept: Kept) -> None:
    raw = (kept.out / LOG).read_bytes()
    checkpoints = by_name(kept, "checkpoints")
    assert [point["number"] for point in checkpoints] == list(range(len(checkpoints)))
    assert len(checkpoints) == 400 // 24 + 3
    for point in checkpoints:
        begun = raw[: int(str(point["log_bytes"]))]
        assert hashlib.sha256(begun).hexdigest() == point["log_sha256"]
        assert begun.count(b"\n") == point["events"]
    assert checkpoints[-1]["log_bytes"] == len(raw)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO orders SELECT order_id || 'x', intent_id, side, qty, price, fee_bps, ttl_ms, status, filled_qty,"
        " placed_ms, updated_ms FROM orders LIMIT 1",
        "INSERT INTO events SELECT * FROM events WHERE seq = 3",
        "INSERT INTO fills SELECT fill_id || 'x', 'nobody', qty, price, fee_usd, pnl_usd, slippage_bps, latency_ms,"
        " ts_ms FROM fills LIMIT 1",
        "UPDATE orders SET status = 'DONE'",
        "UPDATE orders SET filled_qty = 2 * qty",
        "UPDATE fills SET qty = -qty",
        "UPDATE fills SET fee_usd = NULL",
        "UPDATE runs SET ended_ms = NULL",
        "DELETE FROM orders",
        "UPDATE positions SET order_id = 'nobody'",
    ],
)
def test_constraints_refuse_what_no_run_may_leave(kept: Kept, statement: str) -> None:
    with pytest.raises(sqlalchemy.exc.IntegrityError):
        change(kept.url, statement)
    assert rows(kept.url) == kept.rows


# --- the same work twice --------------------------------------------------------------------------------------------


def test_the_same_run_again_leaves_equal_rows(kept: Kept, tmp_path: Path) -> None:
    succeeded(run(kept.dataset, tmp_path, "--db", kept.url))
    assert rows(kept.url) == kept.rows
    assert files(tmp_path) == kept.files
    succeeded(run(kept.dataset, tmp_path, "--db", kept.url, "--resume"))
    assert rows(kept.url) == kept.rows
    assert files(tmp_path) == kept.files


def test_another_run_under_the_same_id_is_refused(kept: Kept, tmp_path: Path) -> None:
    refused(run(kept.dataset, tmp_path, "--db", kept.url, seed=43), "run 't' is there with seed 42, not 43")
    other = shortened(DATASET, tmp_path / "data" / "bars.json", 399)
    refused(run(other, tmp_path / "out", "--db", kept.url), "is there with dataset_sha")
    assert rows(kept.url) == kept.rows


def test_two_runs_share_a_database(kept: Kept, new_database: NewDatabase, tmp_path: Path) -> None:
    url = new_database()
    succeeded(run(kept.dataset, tmp_path / "a", "--db", url))
    more = run_arguments(kept.dataset, tmp_path / "b", "--db", url)
    more[more.index("t")] = "t2"
    succeeded(call("engine", *more))
    both = rows(url)
    assert [len(both[name]) for name in TABLES[:-1]] == [2 * len(kept.rows[name]) for name in TABLES[:-1]]


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE orders SET status = 'PLACED' WHERE order_id LIKE '%0003'", "has status 'PLACED', the run"),
        ("DELETE FROM fills WHERE fill_id LIKE '%0003/1'", "is not in the database, but in the run"),
        (
            "INSERT INTO intents SELECT intent_id || 'x', run_id, strategy, mode, kind, side, size_usd, bar_idx,"
            " status, ts_ms FROM intents LIMIT 1",
            "is in the database, but not in the run",
        ),
        ("UPDATE events SET payload = '{}' WHERE seq = 7", "events: t/7 has payload '{}'"),
        ("UPDATE checkpoints SET log_sha256 = dataset_sha FROM runs", "made with another log"),
        ("DELETE FROM checkpoints", "without a checkpoint"),
    ],
)
def test_a_changed_row_is_told_and_never_repaired(sqlite_kept: Kept, tmp_path: Path, statement: str, told: str) -> None:
    _, url = copy(sqlite_kept, tmp_path)
    change(url, statement)
    before = rows(url)
    refused(run(sqlite_kept.dataset, tmp_path / "again", "--db", url), told)
    assert rows(url) == before
    assert not (tmp_path / "again/reports/run_summary.json").exists()


# --- killed and resumed ---------------------------------------------------------------------------------------------


def kill_somewhere(arguments: list[object], out: Path, chance: random.Random, size: int) -> bool:
    """Start a run and kill it, at some moment or when its log has some size; false when it was too quick."""
    process = subprocess.Popen(
        command("engine", *arguments),
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    log, goal = out / LOG, chance.randrange(size)
    if chance.random() < 0.25:
        time.sleep(chance.uniform(0.1, 0.6))
    while process.poll() is None and (not log.exists() or log.stat().st_size < goal):
        time.sleep(0.001)
    time.sleep(chance.uniform(0, 0.01))
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait(30) == -signal.SIGKILL


def assert_nothing_half_done(found: Rows, out: Path) -> None:
    checkpoints = found.get("checkpoints", [])
    assert len(found.get("events", [])) == (checkpoints[-1][4] if checkpoints else 0)
    if checkpoints:
        raw = (out / LOG).read_bytes()[: checkpoints[-1][5]]
        assert hashlib.sha256(raw).hexdigest() == checkpoints[-1][6]


@pytest.mark.parametrize("number", range(KILLS))
def test_a_killed_run_is_resumed_as_if_nothing_had_been(
    kept: Kept, new_database: NewDatabase, tmp_path: Path, number: int
) -> None:
    chance, url = random.Random(number), new_database()
    size = (kept.out / LOG).stat().st_size
    arguments = run_arguments(kept.dataset, tmp_path, "--db", url)
    for _ in range(1 + number % 2):
        if kill_somewhere(arguments, tmp_path, chance, size):
            if not url.startswith("postgresql"):  # a server may still be finishing what the killed run had sent
                assert_nothing_half_done(rows(url), tmp_path)
            arguments = run_arguments(kept.dataset, tmp_path, "--db", url, "--resume")
    if "--resume" in arguments:
        succeeded(call("engine", *arguments))
    assert rows(url) == kept.rows
    assert files(tmp_path) == kept.files


def test_resume_keeps_its_hands_off_another_run(sqlite_kept: Kept, tmp_path: Path) -> None:
    out, url = copy(sqlite_kept, tmp_path)
    refused(run(sqlite_kept.dataset, out, "--db", url, "--resume", seed=43), "is there with seed 42")
    assert (files(out), rows(url)) == (sqlite_kept.files, sqlite_kept.rows)
    log = out / LOG
    log.write_bytes(log.read_bytes().replace(b'"bars":400', b'"bars":401'))
    before = files(out)
    refused(run(sqlite_kept.dataset, out, "--db", url, "--resume"), "the event log is not this run's")
    assert (files(out), rows(url)) == (before, sqlite_kept.rows)


def test_resume_cuts_what_no_checkpoint_covers_and_completes_what_is_short(sqlite_kept: Kept, tmp_path: Path) -> None:
    out, url = copy(sqlite_kept, tmp_path)
    raw = (out / LOG).read_bytes()
    for spoiled in (raw + b'{"ts_ms":17', raw[:5000]):
        (out / LOG).write_bytes(spoiled)
        succeeded(run(sqlite_kept.dataset, out, "--db", url, "--resume"))
        assert files(out) == sqlite_kept.files


def test_resume_without_a_database_is_wrong_usage(dataset: Path, tmp_path: Path) -> None:
    assert run(dataset, tmp_path, "--resume").returncode == 2


def refused_before_it_began(dataset: Path, folder: Path, url: str) -> None:
    ssot = folder / "ssot.json"
    ssot.write_text(SSOT.read_text().replace('"max_ttl_ms": 30000', '"max_ttl_ms": 300000'))
    arguments = run_arguments(dataset, folder / "refused", "--db", url)
    arguments[arguments.index(SSOT)] = ssot
    refused(call("engine", *arguments), "max_ttl_ms must be shorter")


def test_a_run_refused_before_it_began_leaves_no_rows(dataset: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/engine.db"
    refused_before_it_began(dataset, tmp_path, url)
    assert {name: len(found) for name, found in rows(url).items() if found} == {"schema_version": 1}


@pytest.mark.parametrize("table", ["checkpoints", "events", "positions"])
def test_a_batch_is_written_whole_or_not_at_all(sqlite_kept: Kept, tmp_path: Path, table: str) -> None:
    url, out = f"sqlite:///{tmp_path}/engine.db", tmp_path / "out"
    refused_before_it_began(sqlite_kept.dataset, tmp_path, url)
    late = "(SELECT count(*) FROM checkpoints) > 4"
    change(url, f"CREATE TRIGGER t BEFORE INSERT ON {table} WHEN {late} BEGIN SELECT RAISE(ABORT, 'disk gone'); END")
    refused(run(sqlite_kept.dataset, out, "--db", url), "disk gone")
    assert_nothing_half_done(rows(url), out)
    assert {event["event_type"] for event in lines(out / LOG)}.isdisjoint({"run_error", "run_complete"})
    change(url, "DROP TRIGGER t")
    succeeded(run(sqlite_kept.dataset, out, "--db", url, "--resume"))
    assert (files(out), rows(url)) == (sqlite_kept.files, sqlite_kept.rows)


def test_sqlite_is_set_up_as_promised(tmp_path: Path) -> None:
    code = (
        "import sys; from engine.store.database import connected\n"
        "with connected(sys.argv[1]) as found:\n"
        "    names = ('foreign_keys', 'journal_mode', 'synchronous')\n"
        "    print(*(found.exec_driver_sql('PRAGMA ' + name).scalar() for name in names))\n"
    )
    asked = [sys.executable, "-c", code, f"sqlite:///{tmp_path}/engine.db"]
    done = subprocess.run(asked, env=environment(), capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout, done.stderr) == ("1 wal 1\n", "")


# --- bad databases --------------------------------------------------------------------------------------------------


def noise(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(9000))


def foreign(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE notes (text)")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (noise, "file is not a database"),
        (foreign, "not the engine's: it has other tables (notes)"),
        (Path.mkdir, "unable to open database file"),
    ],
)
def test_a_file_that_is_no_database_of_ours(
    dataset: Path, tmp_path: Path, spoil: Callable[[Path], None], told: str
) -> None:
    spoil(tmp_path / "x.db")
    refused(run(dataset, tmp_path / "out", "--db", f"sqlite:///{tmp_path}/x.db"), told)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DROP TABLE fills", "table fills is missing"),
        ("ALTER TABLE fills DROP COLUMN slippage_bps", "column fills.slippage_bps is missing"),
        ("UPDATE schema_version SET version = 9", "its schema has version [9]"),
    ],
)
def test_a_schema_that_is_not_ours(sqlite_kept: Kept, tmp_path: Path, statement: str, told: str) -> None:
    _, url = copy(sqlite_kept, tmp_path)
    change(url, statement)
    refused(run(sqlite_kept.dataset, tmp_path / "again", "--db", url), told)


def test_a_torn_page_is_told(sqlite_kept: Kept, tmp_path: Path) -> None:
    _, url = copy(sqlite_kept, tmp_path)
    with (tmp_path / "engine.db").open("r+b") as file:
        file.seek(4096 * 20)
        file.write(random.Random(1).randbytes(4096 * 3))
    refused(run(sqlite_kept.dataset, tmp_path / "again", "--db", url), "database disk image is malformed")


def test_a_locked_database_is_told(sqlite_kept: Kept, tmp_path: Path) -> None:
    _, url = copy(sqlite_kept, tmp_path)
    with contextlib.closing(sqlite3.connect(tmp_path / "engine.db")) as connection:
        connection.execute("BEGIN IMMEDIATE")
        refused(run(sqlite_kept.dataset, tmp_path / "again", "--db", url), "database is locked")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://127.0.0.1:1/none", "connection failed"),
        ("mysql://127.0.0.1/none", "--db must be"),
        ("sqlite://", "--db must be"),
        ("engine.db", "--db must be"),
    ],
)
def test_an_address_without_a_database(dataset: Path, tmp_path: Path, url: str, told: str) -> None:
    refused(run(dataset, tmp_path, "--db", url), told)


# --- from the log again ---------------------------------------------------------------------------------------------


def but_checkpoints(found: Rows) -> Rows:
    return {name: found[name] for name in found if name != "checkpoints"}


def test_rows_are_rebuilt_from_the_log_alone(kept: Kept, new_database: NewDatabase, tmp_path: Path) -> None:
    url = new_database()
    assert "rebuilt" in succeeded(call("engine.rebuild", "--log", kept.out / LOG, "--db", url))
    assert but_checkpoints(rows(url)) == but_checkpoints(kept.rows)
    assert "already there, equal" in succeeded(call("engine.rebuild", "--log", kept.out / LOG, "--db", url))
    assert "already there, equal" in succeeded(call("engine.rebuild", "--log", kept.out / LOG, "--db", kept.url))
    succeeded(run(kept.dataset, tmp_path, "--db", url))
    assert but_checkpoints(rows(url)) == but_checkpoints(kept.rows)
    assert rows(kept.url) == kept.rows


def test_a_run_goes_on_from_what_was_rebuilt(sqlite_kept: Kept, tmp_path: Path) -> None:
    out, url = tmp_path / "out", f"sqlite:///{tmp_path}/engine.db"
    begun = (sqlite_kept.out / LOG).read_bytes().splitlines(keepends=True)[:777]
    (out / LOG).parent.mkdir(parents=True)
    (out / LOG).write_bytes(b"".join(begun))
    succeeded(call("engine.rebuild", "--log", out / LOG, "--db", url))
    assert [row[6] for row in rows(url)["runs"]] == ["RUNNING"]
    succeeded(run(sqlite_kept.dataset, out, "--db", url, "--resume"))
    assert files(out) == sqlite_kept.files
    assert but_checkpoints(rows(url)) == but_checkpoints(sqlite_kept.rows)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b'"seq":4,', b'"seq":5,', "line 5: seq is 5, expected 4"),
        (b'"seq":4,', b'"seq":4,"seq":4,', "line 5: key 'seq' occurs twice"),
        (b'"run_start"', b'"run_began"', "no run_start"),
        (b'"order_placed"', b'"order_place"', "is spoken of before it exists"),
        (b',"latency_ms":', b',"delay_ms":', "has no 'latency_ms'"),
        (b'"status":"complete"', b'"status":NaN', "NaN is not JSON"),
    ],
)
def test_a_log_that_cannot_be_followed(sqlite_kept: Kept, tmp_path: Path, old: bytes, new: bytes, told: str) -> None:
    raw = (sqlite_kept.out / LOG).read_bytes()
    assert old in raw
    (tmp_path / "log.jsonl").write_bytes(raw.replace(old, new, 1))
    url = f"sqlite:///{tmp_path}/engine.db"
    refused(call("engine.rebuild", "--log", tmp_path / "log.jsonl", "--db", url), told)


def test_a_cut_or_absent_log_is_refused(sqlite_kept: Kept, tmp_path: Path) -> None:
    (tmp_path / "cut.jsonl").write_bytes((sqlite_kept.out / LOG).read_bytes()[:-5])
    (tmp_path / "empty.jsonl").touch()
    for name in ("cut", "empty", "none"):
        url = f"sqlite:///{tmp_path}/{name}.db"
        refused(call("engine.rebuild", "--log", tmp_path / f"{name}.jsonl", "--db", url), f"{name}.jsonl: ")


def test_another_log_is_not_mixed_in(sqlite_kept: Kept, tmp_path: Path) -> None:
    _, url = copy(sqlite_kept, tmp_path)
    raw = (sqlite_kept.out / LOG).read_bytes()
    (tmp_path / "log.jsonl").write_bytes(raw.replace(b'"seed":42', b'"seed":43'))
    refused(call("engine.rebuild", "--log", tmp_path / "log.jsonl", "--db", url), "runs: t has seed 42, the run 43")
    assert rows(url) == sqlite_kept.rows


def test_a_run_is_replayed_by_its_log(sqlite_kept: Kept, tmp_path: Path) -> None:
    asked = ["--log", sqlite_kept.out / LOG, "--dataset", sqlite_kept.dataset, "--ssot", SSOT]
    url = f"sqlite:///{tmp_path}/engine.db"
    assert succeeded(call("engine.replay", *asked, "--out", tmp_path / "out", "--db", url)) == sqlite_kept.line
    assert files(tmp_path / "out") == sqlite_kept.files
    assert rows(url) == sqlite_kept.rows


def test_a_replay_takes_no_other_inputs(sqlite_kept: Kept, tmp_path: Path) -> None:
    other = shortened(DATASET, tmp_path / "data" / "bars.json", 399)
    asked = ["--log", sqlite_kept.out / LOG, "--ssot", SSOT, "--out", tmp_path / "out"]
    refused(call("engine.replay", *asked, "--dataset", other), "SHA-256 of bars.json")
    (tmp_path / "ssot.json").write_text(SSOT.read_text() + "\n")
    asked[asked.index(SSOT)] = tmp_path / "ssot.json"
    refused(call("engine.replay", *asked, "--dataset", sqlite_kept.dataset), "SHA-256 of ssot.json")
    assert not (tmp_path / "out").exists()


# --- emergency ------------------------------------------------------------------------------------------------------


def every_command(kept: Kept, folder: Path) -> dict[str, list[object]]:
    log, out, url = kept.out / LOG, folder / "out", f"sqlite:///{folder}/out/engine.db"
    return {
        "engine": run_arguments(kept.dataset, out, "--db", url),
        "engine.replay": ["--log", log, "--dataset", kept.dataset, "--ssot", SSOT, "--out", out],
        "engine.rebuild": ["--log", log, "--db", url],
        "engine.dryrun": ["--exchange", ROOT / "data" / "exchange", "--out", out, "--run-id", "t"],
        "engine.generator": ["--seed", 7, "--bars", 9, "--out", out / "bars.json"],
    }


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        ("Reason: test\nReason: feed is frozen\n\n", "feed is frozen"),
        ("12:05 the desk: feed is frozen\n", "12:05 the desk: feed is frozen"),
        ("Reason: [DESCRIBE]\n", "no reason in emergency.log"),
        ("", "no reason in emergency.log"),
        (None, "no reason, emergency.log cannot be read"),
    ],
)
def test_no_command_starts_under_the_emergency_flag(
    sqlite_kept: Kept, tmp_path: Path, log: str | None, reason: str
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/emergency.flag").touch()
    if log is not None:
        (tmp_path / "data/emergency.log").write_text(log)
    told = f"emergency halt, emergency.flag is set: {reason}\n"
    for module, arguments in every_command(sqlite_kept, tmp_path).items():
        refused(call(module, *arguments, cwd=tmp_path), told, code=3)
        refused(call(module, *arguments, "--emergency", tmp_path / "data/emergency.flag"), told, code=3)
    assert not (tmp_path / "out").exists()


def test_a_flag_beside_the_dataset_counts_too(tmp_path: Path) -> None:
    near = shortened(DATASET, tmp_path / "data" / "bars.json", 30)
    (tmp_path / "data/emergency.flag").touch()
    refused(run(near, tmp_path / "out"), "emergency halt", code=3)
    (tmp_path / "data/emergency.flag").unlink()
    succeeded(run(near, tmp_path / "out"))
