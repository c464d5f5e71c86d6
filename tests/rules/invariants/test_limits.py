"""Invariants and the databases behind them end in time, take bounded memory, and change no row."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from gatecourt.core.model import Finding
from gatecourt.rules.invariants import apart as module
from gatecourt.rules.invariants import rows
from gatecourt.rules.invariants.apart import apart
from gatecourt.rules.invariants.section import Relation
from tests.bench import within
from tests.rules.invariants.test_invariants import found, write


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("WITH d AS (DELETE FROM t RETURNING *) SELECT * FROM d WHERE false", "DELETE"),
        ("WITH d AS (INSERT INTO t SELECT * FROM t RETURNING *) SELECT * FROM d WHERE false", "INSERT"),
        ("WITH d AS (UPDATE t SET a = 0 RETURNING *) SELECT * FROM d WHERE false", "UPDATE"),
    ],
)
def test_a_query_that_writes_is_refused_and_the_next_sees_every_row(tmp_path: Path, sql: str, kind: str) -> None:
    write(tmp_path, "a.json", {"a": -1})
    [refused] = found(tmp_path, sql)
    assert refused == Finding(
        "invariant/rule",
        "one SELECT over the declared relations (t)",
        f"a part that may change rows ({kind})",
        "invariants.sql_refused",
    )
    assert [one.rule for one in found(tmp_path, "SELECT * FROM t WHERE a < 0")] == ["invariants.rule"]


def test_a_text_of_four_gigabytes_is_given_up(tmp_path: Path) -> None:
    write(tmp_path, "a.json", {"a": 1})
    with within(seconds=20, megabytes=200):
        [ended] = found(tmp_path, "SELECT length(repeat('x', 4000000000)) FROM t", deadline=Decimal(2))
    assert ended.where == "invariant/rule"
    assert ended.rule in ("invariants.sql_deadline", "invariants.sql_error")
    assert found(tmp_path, "SELECT * FROM t WHERE a < 0") == []


def test_what_a_query_does_in_its_process_is_not_seen_here() -> None:
    seen: list[int] = []
    finding = Finding("a", "b", "c", "d")

    def work() -> list[Finding]:
        seen.append(os.getpid())
        return [finding, Finding(str(os.getpid() != parent), "", "", "")]

    parent = os.getpid()
    assert apart(work, "w", 10) == [finding, Finding("True", "", "", "")]
    assert seen == []


def test_a_process_that_hangs_or_dies_is_one_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_GRACE", 0.2)
    with within(seconds=5, megabytes=50):
        hung = apart(lambda: time.sleep(60) or [], "w", 0.2)
    assert hung == [Finding("w", "an answer within 0.2 s", "none", "invariants.sql_deadline")]
    died = apart(lambda: os.kill(os.getpid(), signal.SIGKILL) or [], "w", 10)
    expected = "a query of at most 3 GB of memory"
    assert died == [Finding("w", expected, "its process ended without an answer", "invariants.sql_error")]
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.mark.parametrize(
    ("view", "observed"),
    [
        (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(i) AS i FROM n",
            "no end in time",
        ),
        ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n", "more rows"),
        ("SELECT a.v FROM few a, few b, few c, few d", "more rows"),
    ],
)
def test_a_view_that_recurses_or_multiplies_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, view: str, observed: str
) -> None:
    monkeypatch.setattr(rows, "_VIEW_SECONDS", 1.0)
    monkeypatch.setattr(rows, "_VIEW_ROWS", 5000)
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        connection.execute("CREATE TABLE few (v)")
        connection.executemany("INSERT INTO few VALUES (?)", [(number,) for number in range(6000)])
        connection.execute(f"CREATE VIEW more AS {view}")
        connection.execute("CREATE VIEW sound AS SELECT v FROM few WHERE v < 5")
        connection.commit()
    with within(seconds=10, megabytes=100):
        [given_up] = found(tmp_path, "SELECT * FROM t", {"t": Relation(("a.db",), "sqlite", table="more")})
    expected = "a view of at most 5000 rows within 1 s"
    assert given_up == Finding("a.db/more", expected, observed, "relations.view_too_large")
    for table, number in (("few", 6000), ("sound", 5)):
        relation = {"t": Relation(("a.db",), "sqlite", table=table)}
        assert found(tmp_path, f"SELECT count(*) AS n FROM t HAVING n <> {number}", relation) == []


def test_a_value_made_out_of_nothing_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        connection.execute("CREATE VIEW big AS SELECT hex(zeroblob(100000000)) AS v")
        connection.commit()
    with within(seconds=10, megabytes=100):
        [refused] = found(tmp_path, "SELECT * FROM t", {"t": Relation(("a.db",), "sqlite", table="big")})
    assert (refused.where, refused.observed, refused.rule) == (
        "a.db",
        "string or blob too big",
        "relations.database",
    )
