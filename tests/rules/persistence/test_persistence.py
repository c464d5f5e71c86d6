"""Databases in SQLite: what is seen in them, what is as_tuples, and that the judged file is never touched."""

from __future__ import annotations

import contextlib
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecourt.core.errors import Judged
from gatecourt.core.model import KillPoint
from gatecourt.rules.persistence import checks
from gatecourt.rules.persistence.failures import errors_as_findings
from gatecourt.rules.persistence.section import (
    UNDECLARED,
    DeclaredKillPoint,
    KillSection,
    PersistenceSection,
    StoredEvents,
    StoredTable,
    TableReference,
    kill_points,
    kill_points_high,
    table_names,
)
from gatecourt.system.manifest.binding import bind
from tests.bench import started
from tests.rules.persistence.stored_state import INTENTS, ORDERS, TABLES, as_tuples, finished, rules, run_of, section

SCHEMA = """
    CREATE TABLE intents (intent_id TEXT NOT NULL PRIMARY KEY, size REAL);
    CREATE TABLE orders (
        order_id TEXT NOT NULL PRIMARY KEY, intent_id TEXT REFERENCES intents, status TEXT, qty, UNIQUE (intent_id)
    );
"""
ROWS = """
    INSERT INTO intents VALUES ('i1', 1.5), ('i2', 2), ('i3', NULL);
    INSERT INTO orders VALUES ('o1', 'i1', 'FILLED', 1), ('o2', 'i2', 'FILLED', NULL);
"""
CHECKS = ("opens", "integrity", "tables", "unique", "orphans", "status", "restored")


def build(path: Path, *scripts: str) -> Path:
    """A database made by the scripts; its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        for script in scripts:
            connection.executescript(script)
    return path.parent


def findings_of(check: str, root: Path, of: PersistenceSection | None = None) -> list[tuple[str, str, str, str]]:
    """What a check tells; the finding that ended it, where one did."""
    try:
        return as_tuples(getattr(checks, check)(of or section(), finished(root)).findings)
    except Judged as judged:
        return as_tuples((judged.finding,))


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    return build(tmp_path / "out.db", SCHEMA, ROWS)


def state(root: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in root.iterdir()}


# --- the section ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "problems"),
    [
        (
            {"url": "postgresql://me:secret@host/db"},
            ['url: expected "sqlite:///{out}/PATH" or "env:NAME", found a URL of postgresql'],
        ),
        (
            {"url": "sqlite:///elsewhere.db"},
            ['url: expected "sqlite:///{out}/PATH" or "env:NAME", found \'sqlite:///elsewhere.db\''],
        ),
        *(
            (
                {"url": f"sqlite:///{{out}}/{path}"},
                [f"url: expected the full path of a file below {{out}}, without wildcards and '..', found {path!r}"],
            )
            for path in ("../x.db", "a/../x.db", "*.db", "/x.db", "")
        ),
        ({"url": "env:1X"}, ['url: expected "sqlite:///{out}/PATH" or "env:NAME", found \'env:1X\'']),
        (
            {"ignored": {"orders": "why", "notes": "why", "intents": "why"}},
            ["ignored: 'orders' is declared under tables too", "ignored: 'intents' is declared under tables too"],
        ),
        (
            {"again": "keep"},
            ["write: again and resume continue what write began: name the command that writes"],
        ),
        (
            {"events": StoredEvents("x", ("*.jsonl",), {"seq": "/seq"})},
            ["events.table: 'x' is not declared under tables"],
        ),
        (
            {"events": StoredEvents("orders", ("*.jsonl",), {"qty": "/qty"})},
            ["events.columns: 'order_id' needs a pointer, it is part of the key of orders"],
        ),
        (
            {
                "tables": {
                    "orders": ORDERS,
                    "x": StoredTable(("k",), references=(TableReference(("a", "b"), "orders"),)),
                }
            },
            [
                "tables.orders.references: 'intents' is not declared under tables",
                "tables.x.references: ['a', 'b'] cannot refer to ['order_id'] of orders",
            ],
        ),
    ],
)
def test_a_section_that_contradicts_itself(other: dict[str, Any], problems: list[str]) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        section(**other)
    assert list(raised.value.args) == problems


@pytest.mark.parametrize(
    ("kind", "table", "at"),
    [
        (StoredTable, {"key": []}, ["key"]),
        (StoredTable, {"key": ["a", "a"], "unique": [["b"], [], ["c", "c"]]}, ["key", "unique[1]", "unique[2]"]),
        (StoredTable, {"key": ["a"], "volatile": {"b": "", "c": "the clock", "d": " "}}, ["volatile.b", "volatile.d"]),
        (StoredTable, {"key": ["a"], "volatile": {"a": "the clock"}}, ["volatile"]),
        (
            StoredTable,
            {"key": ["a"], "unfinished": {"a": [], "b": [1], "c": [1.5]}},
            ["unfinished.a", "unfinished.c[0]"],
        ),
        (StoredEvents, {"table": "e", "logs": ["*", "../x"], "columns": {"a": "no pointer"}}, ["logs[1]", "columns.a"]),
        (StoredEvents, {"table": "e", "logs": ["*"], "columns": {"a": "/a"}, "json": ["a", "b"]}, ["json"]),
        (StoredEvents, {"table": "e", "logs": [], "columns": {}}, ["logs"]),
        (DeclaredKillPoint, {"file": "x"}, [""]),
        (DeclaredKillPoint, {"file": "x", "lines": 1, "bytes": 1}, [""]),
        (DeclaredKillPoint, {"file": "../x", "lines": 0}, ["file", "lines"]),
        (DeclaredKillPoint, {"file": "x", "bytes": -1}, ["bytes"]),
        (KillSection, {"points": {}}, ["points"]),
        (
            KillSection,
            {"points": {"Upper": {"file": "x", "lines": 1}, "a": {"file": "x", "lines": 1}, UNDECLARED: {"file": "x"}}},
            ["points.Upper", f"points.{UNDECLARED}", f"points.{UNDECLARED}"],
        ),
        (
            KillSection,
            {"points": {"a": {"file": "x", "lines": 1}}, "points_high": {"a": {"file": "x", "lines": 2}}},
            ["points_high"],
        ),
        (KillSection, {"points": {"a": {"file": "x", "lines": 1}}, "same": ["x", "/x"]}, ["same[1]"]),
        (PersistenceSection, {"url": "env:X", "tables": {}, "ignored": {"x": " "}}, ["tables", "ignored.x"]),
    ],
)
def test_an_invalid_part_is_refused_at_its_key(kind: type[object], table: dict[str, Any], at: list[str]) -> None:
    assert [problem.at for problem in bind(kind, table)[1]] == at


def test_names_of_checks() -> None:
    kill = KillSection(
        {"b": DeclaredKillPoint("x", 1), "a": DeclaredKillPoint("x", 2)}, {"c": DeclaredKillPoint("x", bytes=3)}
    )
    assert table_names(section()) == ["intents", "orders"]
    assert kill_points(section(kill=kill)) == ["b", "a"]
    assert kill_points_high(section(kill=kill)) == ["b", "a", "c"]
    assert kill.point("c").moment == KillPoint("x", bytes=3)
    assert kill_points(section()) == kill_points_high(section()) == [UNDECLARED]


# --- opening ----------------------------------------------------------------------------------------------------------


def test_a_sound_database_passes_every_check(sound: Path) -> None:
    before = state(sound)
    for check in CHECKS:
        judged = getattr(checks, check)(section(), finished(sound))
        assert not judged.findings
        assert [subject.name for subject in judged.subjects] == ["out.db"]
    assert state(sound) == before


def nothing(_: Path) -> None:
    pass


def noise(path: Path) -> None:
    path.write_bytes(random.Random(7).randbytes(20_000))


def foreign(path: Path) -> None:
    build(path, "CREATE TABLE notes (text); CREATE TABLE tags (name)")


def half(path: Path) -> None:
    build(path, SCHEMA, ROWS)
    path.write_bytes(path.read_bytes()[: 4096 + 2048])


def torn_root(path: Path) -> None:
    build(path, SCHEMA, ROWS)
    data = bytearray(path.read_bytes())
    data[100:140] = bytes(range(40))
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("spoil", "rule", "observed"),
    [
        (nothing, "absent", "no such file"),
        (Path.touch, "empty", "an empty file"),
        (lambda path: build(path, "PRAGMA user_version = 1"), "empty", "no table at all"),
        (noise, "corrupt", "file is not a database"),
        (foreign, "foreign", "none of them, but notes, tags"),
        (half, "corrupt", "database disk image is malformed"),
        (torn_root, "corrupt", "database disk image is malformed"),
    ],
)
def test_what_does_not_open(tmp_path: Path, spoil: Callable[[Path], None], rule: str, observed: str) -> None:
    spoil(tmp_path / "out.db")
    before = state(tmp_path)
    ((found, where, _, text),) = findings_of("opens", tmp_path)
    assert (found, where, text) == (rule, "out.db", observed)
    missing = [("table_missing", f"out.db/{name}") for name in TABLES]
    others = [("table_undeclared", f"out.db/{name}") for name in ("notes", "tags") if rule == "foreign"]
    after = {
        "tables": missing + others,
        "unique": missing,
        "orphans": missing,
        "status": missing[1:],
        "restored": missing,
    }
    opens = rule == "foreign" or observed == "no table at all"
    for check in CHECKS:
        expected = after.get(check, [(rule, "out.db")]) if opens else [(rule, "out.db")]
        assert [(each, where) for each, where, *_ in findings_of(check, tmp_path)] == expected, check
    assert state(tmp_path) == before


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_a_database_that_another_process_writes_to(sound: Path, mode: str) -> None:
    program = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('PRAGMA journal_mode = ' + sys.argv[2]); c.execute('BEGIN IMMEDIATE');"
        "c.execute('UPDATE intents SET size = 3'); print('held', flush=True); sys.stdin.read()"
    )
    arguments = [sys.executable, "-c", program, str(sound / "out.db"), mode]
    with started(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert findings_of("opens", sound) == [
            ("locked", "out.db", "a database without a lock", "another process is writing to it")
        ]
        holder.kill()
    assert findings_of("opens", sound) == []


@pytest.fixture
def left_in_wal(tmp_path: Path) -> Path:
    """What a killed process leaves: rows that are in the -wal file alone."""
    (tmp_path / "left").mkdir()
    connection = sqlite3.connect(build(tmp_path / "live" / "out.db", "PRAGMA journal_mode = WAL", SCHEMA) / "out.db")
    connection.executescript(ROWS + "INSERT INTO orders VALUES ('o3', 'i9', 'OPEN', 1)")
    for path in (tmp_path / "live").iterdir():
        shutil.copy(path, tmp_path / "left")
    connection.close()
    return tmp_path / "left"


def test_rows_that_are_in_the_log_alone_are_seen_and_stay_there(left_in_wal: Path) -> None:
    before = state(left_in_wal)
    assert {"out.db-wal", "out.db-shm"} < before.keys()
    assert [rule for rule, *_ in findings_of("status", left_in_wal)] == ["unfinished"]
    assert [rule for rule, *_ in findings_of("orphans", left_in_wal)] == ["orphan"]
    assert [subject.name for subject in checks.opens(section(), finished(left_in_wal)).subjects] == [
        "out.db",
        "out.db-wal",
    ]
    assert state(left_in_wal) == before


def test_a_missing_driver_is_a_finding() -> None:
    with pytest.raises(Judged) as raised, errors_as_findings("BOOKS_DB", connecting=True):
        raise ImportError("No module named 'psycopg'", name="psycopg")
    expected = ("driver_missing", "BOOKS_DB", "a driver for it", "psycopg is absent")
    assert as_tuples((raised.value.finding,)) == [expected]


# --- what must be there, and must hold --------------------------------------------------------------------------------


def test_integrity_tells_pages_and_foreign_keys(sound: Path) -> None:
    build(sound / "out.db", "PRAGMA foreign_keys = OFF; UPDATE orders SET intent_id = 'gone' WHERE order_id = 'o2'")
    assert findings_of("integrity", sound) == [("foreign_key", "out.db/orders/row 2", "a row in intents", "none")]
    data = (sound / "out.db").read_bytes()
    (sound / "out.db").write_bytes(data.replace(b"\x03\x00o1", b"\x03\x00o7", 1).replace(b"o1i1", b"o9i1", 1))
    assert {rule for rule, *_ in findings_of("integrity", sound)} == {"integrity"}


def test_declared_tables_and_columns(sound: Path) -> None:
    build(sound / "out.db", "ALTER TABLE orders DROP COLUMN status; CREATE TABLE extra (x); CREATE TABLE old (x)")
    declared = {**TABLES, "fills": StoredTable(("fill_id",)), "intents": StoredTable(("intent_id",), ("no", "size"))}
    assert findings_of("tables", sound, section(tables=declared, ignored={"old": "of the version before"})) == [
        ("table_missing", "out.db/fills", "a table of that name", "absent; tables are extra, intents, old, orders"),
        ("column_missing", "out.db/intents/no", "a column of that name", "absent"),
        ("column_missing", "out.db/orders/status", "a column of that name", "absent"),
        ("table_undeclared", "out.db/extra", "a table that the manifest declares or ignores", "neither"),
    ]
    assert findings_of("status", sound) == [
        ("column_missing", "out.db/orders/status", "a column of that name", "absent")
    ]


def test_a_missing_table_ends_the_look_at_it_alone(sound: Path) -> None:
    build(sound / "out.db", "DROP TABLE intents")
    found = findings_of("unique", sound)
    assert [rule for rule, *_ in found] == ["table_missing"]
    assert [(rule, where) for rule, where, *_ in findings_of("orphans", sound)] == [
        ("table_missing", "out.db/intents")
    ] * 2


@pytest.mark.parametrize(
    ("columns", "more", "enforced"),
    [
        ("k TEXT NOT NULL PRIMARY KEY", "", True),
        ("k INTEGER PRIMARY KEY", "", True),
        ("k TEXT NOT NULL UNIQUE", "", True),
        ("k TEXT NOT NULL", "CREATE UNIQUE INDEX u ON t (k)", True),
        ("k TEXT NOT NULL", "CREATE INDEX u ON t (k)", False),
        ("k TEXT NOT NULL", "CREATE UNIQUE INDEX u ON t (k) WHERE v > 0", False),
        ("k TEXT NOT NULL", "CREATE UNIQUE INDEX u ON t (lower(k))", False),
        ("k TEXT NOT NULL", "CREATE UNIQUE INDEX u ON t (k, v)", False),
        ("k TEXT NOT NULL", "", False),
    ],
)
def test_uniqueness_as_a_constraint(tmp_path: Path, columns: str, more: str, enforced: bool) -> None:
    build(tmp_path / "out.db", f"CREATE TABLE t ({columns}, v); INSERT INTO t VALUES (1, 1); {more}")
    found = findings_of("unique", tmp_path, section(tables={"t": StoredTable(("k",))}))
    assert found == (
        [] if enforced else [("not_enforced", "out.db/t", "a primary key or unique constraint over k", "none")]
    )


def test_a_constraint_over_fewer_columns_is_enough(tmp_path: Path) -> None:
    build(tmp_path / "out.db", "CREATE TABLE t (a PRIMARY KEY NOT NULL, b); INSERT INTO t VALUES (1, 2)")
    assert findings_of("unique", tmp_path, section(tables={"t": StoredTable(("b", "a"))})) == []


def test_uniqueness_in_the_data(tmp_path: Path) -> None:
    rows = "INSERT INTO orders VALUES ('o1', 'i1'), ('o2', 'i2'), ('o3', 'i1'), (NULL, NULL), ('o4', NULL)"
    build(tmp_path / "out.db", f"CREATE TABLE orders (order_id TEXT, intent_id TEXT); {rows}")
    declared = section(tables={"orders": StoredTable(("order_id",), unique=(("intent_id",),))})
    assert findings_of("unique", tmp_path, declared) == [
        ("not_enforced", "out.db/orders", "a primary key or unique constraint over order_id", "none"),
        ("not_enforced", "out.db/orders", "a primary key or unique constraint over intent_id", "none"),
        ("duplicate", 'out.db/orders/row "o1"', 'one row with intent_id "i1"', '2 rows, another is "o3"'),
        ("key_null", "out.db/orders", "a value in order_id", "NULL in 1 rows"),
    ]


def test_orphans_without_a_foreign_key(sound: Path) -> None:
    build(sound / "out.db", "CREATE TABLE fills (n INTEGER PRIMARY KEY, o TEXT)")
    rows = "INSERT INTO fills (o) VALUES ('o1'), (NULL), ('gone')"
    build(sound / "out.db", rows)
    fills = StoredTable(("n",), references=(TableReference(("o",), "orders", ("order_id",)),))
    assert findings_of("orphans", sound, section(tables=TABLES | {"fills": fills})) == [
        ("orphan", "out.db/fills/row 3", 'a row "gone" in orders', "none")
    ]
    build(sound / "out.db", *[rows] * 40)
    found = findings_of("orphans", sound, section(tables=TABLES | {"fills": fills}))
    assert len(found) == 21
    assert found[-1] == ("orphan", "out.db/fills", "no further orphan", "21 more")
    assert findings_of("orphans", sound, section(tables={"intents": INTENTS}))[0][0] == "no_references"


def test_what_is_left_unfinished(sound: Path) -> None:
    build(sound / "out.db", "UPDATE orders SET status = 'OPEN' WHERE order_id = 'o2'")
    build(sound / "out.db", "UPDATE orders SET status = NULL WHERE order_id = 'o1'")
    expected = "a status of a finished run"
    assert findings_of("status", sound) == [
        ("unfinished", 'out.db/orders/row "o1"', expected, "status null"),
        ("unfinished", 'out.db/orders/row "o2"', expected, 'status "OPEN"'),
    ]
    build(sound / "out.db", "DELETE FROM orders")
    assert findings_of("status", sound) == [("no_rows", "out.db/orders", "at least one row", "none")]
    assert findings_of("status", sound, section(tables={"intents": INTENTS}))[0][0] == "no_status"


# --- two states -------------------------------------------------------------------------------------------------------


def twice(folder: Path, first: str, second: str, **other: Any) -> list[tuple[str, str, str, str]]:
    """What the double application tells of the table ``t``."""
    for name, script in (("first", first), ("second", second)):
        shutil.rmtree(folder / name, ignore_errors=True)
        build(folder / name / "out.db", script)
    table = StoredTable(("k",), **other)
    target = finished(folder, {"keep": folder / "first", "again": folder / "second"})
    of = section(tables={"t": table}, write="keep", again="again")
    found = as_tuples(checks.idempotent(of, target, "t").findings)
    assert target.asked == ["keep", "again on"]
    return found


T = "CREATE TABLE t (k TEXT PRIMARY KEY NOT NULL, v, n TEXT COLLATE NOCASE);"


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ("('a', 1, NULL)", "('a', 1, NULL)", []),
        (
            "('a', 1, NULL)",
            "('a', NULL, '')",
            [
                ("row_differs", 'out.db/t/row "a"', "v 1 after the first time", "v null after the second time"),
                ("row_differs", 'out.db/t/row "a"', "n null after the first time", 'n "" after the second time'),
            ],
        ),
        (
            "('a', 1, 'x')",
            "('a', 1, 'X')",
            [("row_differs", 'out.db/t/row "a"', 'n "x" after the first time', 'n "X" after the second time')],
        ),
        (
            "('a', x'00ff', 'x')",
            "('a', x'00', 'x')",
            [
                (
                    "row_differs",
                    'out.db/t/row "a"',
                    "v \"x'00ff'\" after the first time",
                    "v \"x'00'\" after the second time",
                )
            ],
        ),
        (
            "('a', 1, 'x'), ('b', 1, 'x')",
            "('b', 1, 'x'), ('c', 1, 'x')",
            [
                ("row_lost", 'out.db/t/row "a"', "the row after the first time", "none after the second time"),
                ("row_added", 'out.db/t/row "c"', "none after the first time", "the row after the second time"),
            ],
        ),
    ],
)
def test_differences_of_rows(tmp_path: Path, first: str, second: str, found: list[Any]) -> None:
    assert twice(tmp_path, f"{T} INSERT INTO t VALUES {first}", f"{T} INSERT INTO t VALUES {second}") == found


def test_volatile_columns_and_changed_columns(tmp_path: Path) -> None:
    first, second = f"{T} INSERT INTO t VALUES ('a', 1, 'x')", f"{T} INSERT INTO t VALUES ('a', 2, 'x')"
    assert twice(tmp_path, first, second, volatile={"v": "the time of writing"}) == []
    other = second + "; ALTER TABLE t ADD COLUMN more INTEGER; ALTER TABLE t DROP COLUMN v"
    assert twice(tmp_path, first, other) == [
        ("columns_differ", "out.db/t/more", "no such column after the first time", "INTEGER after the second time"),
        ("columns_differ", "out.db/t/v", "after the first time", "no such column after the second time"),
    ]
    (gone,) = [rule for rule, *_ in _judged(lambda: twice(tmp_path, first, "CREATE TABLE x (k)"))]
    assert gone == "table_missing"


def _judged(ask: Callable[[], Any]) -> list[tuple[str, str, str, str]]:
    with pytest.raises(Judged) as raised:
        ask()
    return as_tuples((raised.value.finding,))


def test_a_key_without_constraint_that_names_two_rows(tmp_path: Path) -> None:
    bare = "CREATE TABLE t (k, v);"
    rows = "INSERT INTO t VALUES ('a', 1), ('a', 2), (NULL, 3)"
    assert twice(tmp_path, f"{T} INSERT INTO t VALUES ('a', 1, NULL)", f"{bare} {rows}")[-1] == (
        "key_twice",
        'out.db/t/row "a"',
        "one row with this key",
        "2 rows after the second time",
    )
    null = "INSERT INTO t VALUES (NULL, 3), ('b', 4)"
    assert twice(tmp_path, bare + null, bare + null) == []
    assert twice(tmp_path, bare + null, bare + null.replace("3", "5")) == [
        ("row_differs", "out.db/t/row null", "v 3 after the first time", "v 5 after the second time")
    ]


def test_many_differences_are_counted(tmp_path: Path) -> None:
    counting = "WITH RECURSIVE c(n) AS (SELECT 1000 UNION ALL SELECT n + 1 FROM c WHERE n < {})"
    many = f"{T} {counting} INSERT INTO t SELECT n, {{}}, 0 FROM c;"
    found = twice(tmp_path, many.format(1099, 1), many.format(1199, 2) + "DELETE FROM t WHERE k < 1030")
    assert len(found) == 3 * 21
    assert [(rule, text) for rule, where, _, text in found if where == "out.db/t"] == [
        ("row_differs", "50 more rows"),
        ("row_lost", "10 more rows"),
        ("row_added", "80 more rows"),
    ]


VALUE = st.one_of(
    st.none(), st.integers(-3, 3), st.sampled_from(["", "a", "A", "0", "é"]), st.sampled_from([b"", b"a"])
)
STATE = st.dictionaries(st.sampled_from(["a", "B", "b", "1", ""]), st.tuples(VALUE, VALUE), max_size=5)


@settings(max_examples=60, deadline=None)
@given(first=STATE, second=STATE)
def test_the_database_finds_what_python_finds(
    first: dict[str, tuple[Any, Any]], second: dict[str, tuple[Any, Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("states")
    for name, rows in (("first", first), ("second", second)):
        build(folder / name / "out.db", "CREATE TABLE t (k TEXT PRIMARY KEY, v, w)")
        with contextlib.closing(sqlite3.connect(folder / name / "out.db")) as connection:
            connection.executemany("INSERT INTO t VALUES (?, ?, ?)", [(key, *value) for key, value in rows.items()])
            connection.commit()
    of = section(tables={"t": StoredTable(("k",))}, write="keep", again="again")
    target = finished(folder, {"keep": folder / "first", "again": folder / "second"})
    found = checks.idempotent(of, target, "t").findings
    expected = sorted(
        [("row_lost", key) for key in first.keys() - second.keys()]
        + [("row_added", key) for key in second.keys() - first.keys()]
        + [
            ("row_differs", key)
            for key in first.keys() & second.keys()
            for before, after in zip(first[key], second[key], strict=True)
            if before != after
        ]
    )
    assert (
        sorted((each.rule.partition(".")[2], each.where[len("out.db/t/row ") + 1 : -1]) for each in found) == expected
    )


# --- killed, resumed, restored ----------------------------------------------------------------------------------------


@pytest.fixture
def killed(tmp_path: Path) -> Iterator[tuple[Path, Any, PersistenceSection]]:
    for name in ("clean", "killed", "resumed"):
        build(tmp_path / name / "out.db", SCHEMA, ROWS)
        (tmp_path / name / "log.jsonl").write_text("{}\n")
    runs = {"keep": tmp_path / "clean", "keep!": tmp_path / "killed", "go_on": tmp_path / "resumed"}
    kill = KillSection({"soon": DeclaredKillPoint("*.jsonl", 3)}, same=("*.jsonl", "*.txt"))
    of = section(write="keep", resume="go_on", kill=kill)
    target = finished(tmp_path, runs)
    yield tmp_path / "resumed", target, of
    assert target.asked == ["keep", "keep!", "go_on on"]


def test_a_resumed_run_that_is_as_if_nothing_had_been(killed: tuple[Path, Any, PersistenceSection]) -> None:
    _, target, of = killed
    judged = checks.resumed(of, target, "soon")
    assert judged.findings == ()
    assert judged.parameters["killed_at"] == "*.jsonl with 3 lines"
    assert judged.observations == {"kill.lines": 3}


def test_a_resumed_run_that_lost_doubled_and_changed(killed: tuple[Path, Any, PersistenceSection]) -> None:
    resumed, target, of = killed
    build(resumed / "out.db", "DELETE FROM intents WHERE intent_id = 'i3'; INSERT INTO intents VALUES ('i1-2', 1.5)")
    (resumed / "log.jsonl").write_text("{}\n{}\n")
    (resumed / "more.txt").touch()
    judged = checks.resumed(of, target, "soon")
    assert [(rule, where) for rule, where, *_ in as_tuples(judged.findings)] == [
        ("row_lost", 'out.db/intents/row "i3"'),
        ("row_added", 'out.db/intents/row "i1-2"'),
        ("output_differs", "log.jsonl"),
        ("output_differs", "more.txt"),
    ]
    (resumed / "log.jsonl").unlink()
    judged = checks.resumed(of, target, "soon")
    assert ("output_differs", "log.jsonl", "the file, as in the undisturbed run", "none") in as_tuples(judged.findings)
    del target.asked[3:]


def test_what_is_not_declared_is_told(sound: Path) -> None:
    target: Any = finished(sound, {"keep": sound})
    assert rules(checks.resumed(section(), target, UNDECLARED).findings) == ["kill_missing"]
    assert rules(checks.events(section(), target).findings) == ["events_missing"]
    assert _judged(lambda: checks.idempotent(section(), target, "orders"))[0][0] == "write_missing"
    assert _judged(lambda: checks.idempotent(section(write="keep"), target, "orders"))[0][0] == "again_missing"
    kill = KillSection({"soon": DeclaredKillPoint("x", 1)})
    asked = section(write="keep", kill=kill)
    assert _judged(lambda: checks.resumed(asked, target, "soon"))[0][0] == "resume_missing"


def test_a_backup_of_a_broken_database(sound: Path) -> None:
    data = (sound / "out.db").read_bytes()
    (sound / "out.db").write_bytes(data.replace(b"o1i1", b"o9i1", 1))
    found = findings_of("restored", sound)
    assert {(rule, where) for rule, where, *_ in found} == {("integrity", "out.db (restored copy)")}


def test_the_subject_is_the_run_that_nothing_disturbed(killed: tuple[Path, Any, PersistenceSection]) -> None:
    resumed, target, of = killed
    build(resumed / "out.db", "VACUUM")
    judged = checks.resumed(of, target, "soon")
    assert judged.subjects == (run_of(resumed.parent / "clean").files["out.db"],)
