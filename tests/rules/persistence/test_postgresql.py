"""Databases in PostgreSQL, on a server of the tests' own: the same verdicts, and nothing is left behind."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecourt.core.errors import Judged
from gatecourt.rules.persistence import checks, postgresql
from gatecourt.rules.persistence.equality import differences
from gatecourt.rules.persistence.section import PersistenceSection, StoredEvents, StoredTable
from gatecourt.rules.persistence.store import StatePair
from gatecourt.rules.registry import pytest_gatecourt_gates
from gatecourt.system.manifest.loading import load
from gatecourt.system.target import DeclaredTarget, Sandbox
from tests.fixtures.treasure.treasure_commands import ROOT, shortened
from tests.rules.persistence.postgresql_server import databases, new_database, running_server
from tests.rules.persistence.stored_state import TABLES, as_tuples, finished, section

SCHEMA = """
    CREATE TABLE intents (intent_id text PRIMARY KEY, size double precision);
    CREATE TABLE orders (
        order_id text PRIMARY KEY, intent_id text UNIQUE REFERENCES intents, status text, qty numeric
    );
    INSERT INTO intents VALUES ('i1', 1.5), ('i2', 'NaN'), ('i3', NULL);
    INSERT INTO orders VALUES ('o1', 'i1', 'FILLED', 1.10), ('o2', 'i2', 'FILLED', NULL);
"""
CHECKS = ("opens", "integrity", "tables", "unique", "orphans", "status", "restored")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running_server() as url:
        yield url


@pytest.fixture
def database(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with new_database(server) as url:
        monkeypatch.setenv("JUDGED_DB", url)
        yield url


@pytest.fixture
def sound(database: str) -> str:
    do(database, SCHEMA)
    return database


def do(url: str, *statements: str) -> None:
    with psycopg.connect(url) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def of(**other: Any) -> PersistenceSection:
    return section(**({"url": "env:JUDGED_DB"} | other))


def findings_of(
    check: str, section: PersistenceSection | None = None, root: Path = Path()
) -> list[tuple[str, str, str, str]]:
    try:
        return as_tuples(getattr(checks, check)(section or of(), finished(root)).findings)
    except Judged as judged:
        return as_tuples((judged.finding,))


def content(url: str) -> list[Any]:
    """All that a check could have changed: rows, schemas, tables, and how often anything was written."""
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT n.nspname, c.relname, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' ORDER BY 1, 2"
        ).fetchall()
        rows = [connection.execute(f"SELECT xmin, * FROM {name} ORDER BY 2".encode()).fetchall() for name in TABLES]
    return [tables, str(rows)]


# --- opening ----------------------------------------------------------------------------------------------------------


def test_a_sound_database_passes_and_is_left_as_it_is(sound: str, server: str) -> None:
    before, there = content(sound), databases(server)
    for check in CHECKS:
        judged = getattr(checks, check)(of(), finished(Path()))
        assert judged.findings == ()
        assert [subject.name for subject in judged.subjects] == ["JUDGED_DB/intents", "JUDGED_DB/orders"]
    assert (content(sound), databases(server)) == (before, there)


def test_subjects_tell_the_content(sound: str) -> None:
    first = checks.opens(of(), finished(Path())).subjects
    do(sound, "UPDATE orders SET qty = qty")  # moves the row, changes nothing
    assert checks.opens(of(), finished(Path())).subjects == first
    do(sound, "UPDATE orders SET qty = 2 WHERE order_id = 'o1'")
    second = checks.opens(of(), finished(Path())).subjects
    assert [a == b for a, b in zip(first, second, strict=True)] == [True, False]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.mark.parametrize(
    ("url", "rule", "observed"),
    [
        (lambda: f"postgresql://me:secret@127.0.0.1:{free_port()}/books", "unreachable", "Connection refused"),
        (lambda: "postgresql:///books?host=/nowhere/at/all", "unreachable", "No such file or directory"),
        (lambda: "mysql://me:secret@host/books", "url", "another kind of URL, or none"),
        (lambda: "books", "url", "another kind of URL, or none"),
        (lambda: "", "run.env_missing", "not set"),
    ],
)
def test_no_server(monkeypatch: pytest.MonkeyPatch, url: Callable[[], str], rule: str, observed: str) -> None:
    monkeypatch.setenv("JUDGED_DB", url())
    for check in CHECKS:
        ((found, _, _, text),) = findings_of(check)
        assert found == rule
        assert observed in text
        assert "secret" not in text
        assert "127.0.0.1" not in text
        assert "\n" not in text


def test_no_such_database(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUDGED_DB", server.replace("/postgres?", "/books?"))
    assert findings_of("opens") == [
        ("unreachable", "JUDGED_DB", "a server that answers", "FATAL:  database … does not exist")
    ]


def test_an_empty_and_a_foreign_database(database: str) -> None:
    assert [rule for rule, *_ in findings_of("opens")] == ["empty"]
    do(database, "CREATE TABLE notes (x int)")
    assert findings_of("opens") == [("foreign", "JUDGED_DB", "the declared tables", "none of them, but notes")]
    assert [rule for rule, *_ in findings_of("unique")] == ["table_missing", "table_missing"]


def test_a_table_that_somebody_holds(sound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "_PATIENCE_S", 1)
    with psycopg.connect(sound) as holder:
        holder.execute("LOCK TABLE orders")
        assert findings_of("status") == [
            ("locked", "JUDGED_DB", "a database without a lock", "canceling statement due to lock timeout")
        ]


def test_no_right_to_read(sound: str, monkeypatch: pytest.MonkeyPatch) -> None:
    do(sound, "DROP ROLE IF EXISTS reader", "CREATE ROLE reader LOGIN")
    monkeypatch.setenv("JUDGED_DB", sound.replace("postgres:@", "reader:@"))
    assert [(rule, text) for rule, _, _, text in findings_of("status")] == [
        ("refused", "permission denied for table intents")
    ]


# --- what must hold ---------------------------------------------------------------------------------------------------


def test_a_foreign_key_that_was_never_validated(sound: str) -> None:
    do(
        sound,
        "ALTER TABLE orders DROP CONSTRAINT orders_intent_id_fkey",
        "INSERT INTO orders VALUES ('o3', 'gone', 'OPEN', 1)",
        "ALTER TABLE orders ADD CONSTRAINT late FOREIGN KEY (intent_id) REFERENCES intents NOT VALID",
    )
    assert findings_of("integrity") == [("integrity", "JUDGED_DB/orders/late", "a validated constraint", "not valid")]
    assert findings_of("orphans") == [("orphan", 'JUDGED_DB/orders/row "o3"', 'a row "gone" in intents', "none")]
    assert [where for _, where, *_ in findings_of("status")] == ['JUDGED_DB/orders/row "o3"']


@pytest.mark.parametrize(
    ("columns", "more", "enforced"),
    [
        ("k text PRIMARY KEY", "", True),
        ("k text NOT NULL UNIQUE DEFERRABLE", "", True),
        ("k text NOT NULL", "CREATE UNIQUE INDEX ON t (k) INCLUDE (v)", True),
        ("k text NOT NULL", "CREATE UNIQUE INDEX ON t (k) WHERE v > 0", False),
        ("k text NOT NULL", "CREATE UNIQUE INDEX ON t (lower(k))", False),
        ("k text NOT NULL", "CREATE INDEX ON t (k)", False),
    ],
)
def test_uniqueness_as_a_constraint(database: str, columns: str, more: str, enforced: bool) -> None:
    do(database, f"CREATE TABLE t ({columns}, v int)", *([more] if more else []))
    found = findings_of("unique", of(tables={"t": StoredTable(("k",))}))
    assert [rule for rule, *_ in found] == ([] if enforced else ["not_enforced"])


def test_missing_duplicate_and_undeclared(sound: str) -> None:
    do(
        sound,
        "ALTER TABLE orders DROP CONSTRAINT orders_intent_id_key",
        "INSERT INTO orders VALUES ('o3', 'i1', 'FILLED', 1)",
        "CREATE TABLE more (x int)",
    )
    assert [rule for rule, *_ in findings_of("unique")] == ["not_enforced", "duplicate"]
    assert [rule for rule, *_ in findings_of("tables")] == ["table_undeclared"]
    do(sound, "ALTER TABLE orders DROP COLUMN status")
    assert [rule for rule, *_ in findings_of("status")] == ["column_missing"]


def test_events_as_json_types(database: str, tmp_path: Path) -> None:
    do(
        database,
        "CREATE TABLE events (seq bigint PRIMARY KEY, ts numeric, payload json, meta jsonb)",
        """INSERT INTO events VALUES (0, 1.5, '{"b": 1.0, "a": null}', '[1]'), (1, 2, '{}', '"x"')""",
    )
    (tmp_path / "a.jsonl").write_text(
        '{"seq": 0, "ts": 1.5, "payload": {"a": null, "b": 1}, "meta": [1]}\n'
        '{"seq": 1, "ts": 2, "payload": {}, "meta": "y"}\n'
    )
    columns = {"seq": "/seq", "ts": "/ts", "payload": "/payload", "meta": "/meta"}
    events = StoredEvents("events", ("*.jsonl",), columns, ("payload", "meta"))
    found = findings_of("events", of(tables={"events": StoredTable(("seq",))}, events=events), tmp_path)
    assert found == [("event_differs", "JUDGED_DB/events/row 1", 'meta "y", as in a.jsonl:2', 'meta "x"')]


# --- two states -------------------------------------------------------------------------------------------------------


def changed(url: str, *statements: str, table: StoredTable | None = None) -> list[tuple[str, str, str, str]]:
    """What differs in ``t`` after the statements."""
    declared = section(url="env:X")
    with postgresql.connected(postgresql.server_url("JUDGED_DB"), declared.name, isolation="AUTOCOMMIT") as connection:
        first = postgresql.copy_state(connection, postgresql.side_of(connection, "public"), "before")
        do(url, *statements)
        pair = StatePair("db", connection, postgresql.KIND, first, postgresql.side_of(connection, "public", "after"))
        return as_tuples(tuple(differences(pair, "t", table or StoredTable(("k",)))))


def test_types_that_compare_in_their_own_way(database: str) -> None:
    do(
        database,
        "CREATE TYPE mood AS ENUM ('a', 'b')",
        "CREATE TABLE t (k int PRIMARY KEY, j json, p point, m mood, f float8, c text, n numeric)",
        'ALTER TABLE t ADD COLUMN "x:%y" text[]',
        """INSERT INTO t VALUES (1, '{"a":1,"b":2}', '(1,2)', 'a', 'NaN', 'x', 1.0, '{a}')""",
        "INSERT INTO t VALUES (2)",
    )
    same = """UPDATE t SET j = '{"b":2, "a":1.0}', f = 'NaN', n = 1.00 WHERE k = 1"""
    assert changed(database, same) == []
    other = """UPDATE t SET j = '{"a":2}', p = '(1,3)', m = 'b', f = 0, c = 'X', n = 1.1, "x:%y" = '{b}' WHERE k = 1"""
    assert [(where, text) for _, where, _, text in changed(database, other)] == [
        ("db/t/row 1", 'j {"a": 2} after'),
        ("db/t/row 1", 'p "(1,3)" after'),
        ("db/t/row 1", 'm "b" after'),
        ("db/t/row 1", "f 0.0 after"),
        ("db/t/row 1", 'c "X" after'),
        ("db/t/row 1", 'n "1.1" after'),
        ("db/t/row 1", 'x:%y ["b"] after'),
    ]


def test_a_table_that_was_made_again_otherwise(database: str) -> None:
    do(database, "CREATE TABLE t (k int, v int)", "INSERT INTO t VALUES (1, 1), (NULL, 2)")
    assert changed(database, "UPDATE t SET v = 3 WHERE k IS NULL") == [
        ("row_differs", "db/t/row null", "v 2 before", "v 3 after")
    ]
    found = changed(database, "DROP TABLE t", "CREATE TABLE t (k int, v bigint)", "INSERT INTO t VALUES (1, 1), (1, 1)")
    assert [rule for rule, *_ in found] == ["columns_differ", "key_twice"]


VALUE = st.none() | st.sampled_from(["", "a", "A", "é", "\\N", "\t"])
STATE = st.dictionaries(st.sampled_from(["a", "B", "b", "1", ""]), st.tuples(VALUE, VALUE), max_size=5)


def test_the_database_finds_what_python_finds(database: str) -> None:
    do(database, "CREATE TABLE t (k text PRIMARY KEY, v text, w text)")

    @settings(max_examples=25, deadline=None)
    @given(first=STATE, second=STATE)
    def check(first: dict[str, tuple[Any, Any]], second: dict[str, tuple[Any, Any]]) -> None:
        fill(database, first)
        declared = section(url="env:X")
        url = postgresql.server_url("JUDGED_DB")
        with postgresql.connected(url, declared.name) as connection:
            # As in a restored backup: out by COPY and in again, into tables of the session.
            before = postgresql.side_of(connection, "public")
            taken = postgresql.copy_state_of(connection, connection, before, "")
            equal = StatePair("db", connection, postgresql.KIND, before, taken)
            assert list(differences(equal, "t", StoredTable(("k",)))) == []
        with postgresql.connected(url, declared.name, isolation="AUTOCOMMIT") as connection:
            remembered = postgresql.copy_state(connection, postgresql.side_of(connection, "public"), "")
            fill(database, second)
            pair = StatePair("db", connection, postgresql.KIND, remembered, postgresql.side_of(connection, "public"))
            found = list(differences(pair, "t", StoredTable(("k",))))
        lost, added = first.keys() - second.keys(), second.keys() - first.keys()
        cells = sum(
            a != b for key in first.keys() & second.keys() for a, b in zip(first[key], second[key], strict=True)
        )
        rules = [each.rule.partition(".")[2] for each in found]
        assert [rules.count(rule) for rule in ("row_lost", "row_added", "row_differs")] == [
            len(lost),
            len(added),
            cells,
        ]

    check()


def fill(url: str, rows: dict[str, tuple[Any, Any]]) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("TRUNCATE t")
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO t VALUES (%s, %s, %s)", [(key, *value) for key, value in rows.items()])


# --- the reference engine ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def engine(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeclaredTarget]:
    """The trading engine, told to keep its runs on the server."""
    folder = tmp_path_factory.mktemp("engine")
    root = folder / "treasure"
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns("__pycache__"))
    manifest = root / "gates.toml"
    whole: Any = tomlkit.parse(manifest.read_text())
    commands = {name: whole["commands"][name] for name in ("keep", "keep_again", "keep_resume")}
    for command in commands.values():
        command["command"][command["command"].index("--db") + 1] = "{database}"
        command["needs"] = ["database"]
    commands["keep"]["outputs"].remove("db/engine.db")
    whole["persistence"]["url"] = "env:JUDGED_SERVER"
    whole["persistence"]["kill"]["points"]["half_way"]["lines"] = 400
    shortened(ROOT / "data" / "bars.json", root / "data" / "bars.json", 200)
    document = {name: whole[name] for name in ("target", "run", "persistence")}
    document |= {"court": {"roll": ["persistence"]}, "commands": commands}
    manifest.write_text(tomlkit.dumps(document))
    gates = {gate.marker: gate for gate in pytest_gatecourt_gates()}
    (folder / "session").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUDGED_SERVER", server)
        yield DeclaredTarget(load(manifest, gates), Sandbox(folder / "session", gates))


def test_the_engine_on_postgresql(engine: DeclaredTarget, server: str) -> None:
    declared, there = engine.section(PersistenceSection), databases(server)
    for check in ("unique", "events", "restored"):
        judged = getattr(checks, check)(declared, engine)
        assert judged.findings == ()
        assert judged.subjects
    assert checks.idempotent(declared, engine, "orders").findings == ()
    judged = checks.resumed(declared, engine, "half_way")
    assert judged.findings == ()
    assert isinstance(judged.observations["kill.lines"], int)
    assert judged.observations["kill.lines"] >= 400
    assert databases(server) == there


def test_the_engine_without_a_server(engine: DeclaredTarget, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUDGED_SERVER", f"postgresql://me:secret@127.0.0.1:{free_port()}/books")
    declared = engine.section(PersistenceSection)
    for ask in (lambda: checks.idempotent(declared, engine, "orders"), lambda: checks.opens(declared, engine)):
        with pytest.raises(Judged) as raised:
            ask()
        assert raised.value.finding.rule == "persistence.unreachable"
        assert "secret" not in str(raised.value)


def test_the_password_is_not_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUDGED_SERVER", "postgresql://me:secret@host:5433/books?sslmode=require")
    handed = postgresql.without_password(postgresql.server_url("JUDGED_SERVER").set(database="mine"))
    assert handed == "postgresql://me@host:5433/mine?sslmode=require"
