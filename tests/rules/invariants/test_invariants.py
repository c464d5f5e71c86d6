from __future__ import annotations

import json
import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Run, Verdict
from gatecourt.core.reasons import Reason
from gatecourt.formats.files import subject
from gatecourt.mechanisms.streams.payloads import PayloadKinds
from gatecourt.rules.invariants.checks import judge_invariant
from gatecourt.rules.invariants.database import open_database
from gatecourt.rules.invariants.gate import INVARIANTS
from gatecourt.rules.invariants.query import UNSTEADY
from gatecourt.rules.invariants.section import (
    OWN_CODES,
    Invariant,
    InvariantsSection,
    Relation,
    StateStream,
    invariant_names,
    invariant_reasons,
)


def write(root: Path, name: str, content: Any) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())


def run_of(root: Path) -> Run:
    names = [path.relative_to(root).as_posix() for path in sorted(root.rglob("*")) if path.is_file()]
    return Run(root, {name: subject(root / name, name) for name in names})


def write_parquet(path: Path, sql: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({sql}) TO '{path}' (FORMAT parquet)")


def judge(root: Path, sql: str | None, relations: dict[str, Relation] | None = None, **invariant: Any) -> Judgement:
    """One invariant over ``t``: the JSON documents of the folder, unless ``relations`` says otherwise."""
    relations = relations or {"t": Relation(("*.json",), "json")}
    fields = {"name": "rule", "sql": sql, "over": "t", **invariant}
    return judge_invariant(InvariantsSection(relations, (Invariant(**fields),)), "rule", run_of(root), root)


def found(root: Path, sql: str, relations: dict[str, Relation] | None = None, **invariant: Any) -> list[Finding]:
    return list(judge(root, sql, relations, **invariant).findings)


def rows(root: Path, relation: Relation, sql: str = "SELECT * FROM t") -> list[tuple[Any, ...]]:
    section = InvariantsSection({"t": relation}, (Invariant("rule", "t", "SELECT 1 FROM t"),))
    database = open_database(section, run_of(root), root)
    assert database.relations["t"].findings == ()
    return database.connection.execute(sql).fetchall()


def faults(root: Path, relation: Relation) -> list[Finding]:
    return found(root, "SELECT * FROM t", {"t": relation})


# --- how a relation looks


def test_a_document_is_a_row_with_nested_objects_as_structs(tmp_path: Path) -> None:
    write(tmp_path, "r/b.json", {"summary": {"count": 2}, "tags": ["x"]})
    write(tmp_path, "r/a.json", {"summary": {"count": 1, "pnl": 0.5}})
    sql = "SELECT file, place, summary.count, summary.pnl, tags FROM t ORDER BY file"
    assert rows(tmp_path, Relation(("r/*.json",), "json"), sql) == [
        ("r/a.json", "r/a.json", 1, 0.5, None),
        ("r/b.json", "r/b.json", 2, None, ["x"]),
    ]


def test_a_pointer_takes_the_items_of_an_array(tmp_path: Path) -> None:
    write(tmp_path, "d.json", {"bars": [{"o": 1}, {"o": 2}]})
    assert rows(tmp_path, Relation(("d.json",), "json", pointer="/bars"), "SELECT place, o FROM t") == [
        ("d.json#/bars/0", 1),
        ("d.json#/bars/1", 2),
    ]


def test_values_that_are_no_objects_are_the_column_value(tmp_path: Path) -> None:
    write(tmp_path, "d.json", [3, 4])
    assert rows(tmp_path, Relation(("d.json",), "json", pointer=""), "SELECT value FROM t") == [(3,), (4,)]


def test_a_line_is_a_row_and_knows_its_number(tmp_path: Path) -> None:
    write(tmp_path, "e.jsonl", b'{"seq": 0}\n{"seq": 1}\n')
    assert rows(tmp_path, Relation(("e.jsonl",), "jsonl"), "SELECT place, seq FROM t") == [
        ("e.jsonl:1", 0),
        ("e.jsonl:2", 1),
    ]


def test_only_takes_the_records_that_are_meant(tmp_path: Path) -> None:
    write(tmp_path, "e.jsonl", b'{"k": {"n": 1}, "a": 5}\n{"k": {"n": 1.0}}\n{"k": {"n": true}}\n{"k": 1}\n{}\n')
    assert rows(tmp_path, Relation(("e.jsonl",), "jsonl", only={"k.n": 1}), "SELECT a FROM t") == [(5,)]


def test_csv_cells_are_text_unless_declared(tmp_path: Path) -> None:
    write(tmp_path, "c.csv", b'a,b,c,d\n1,1,true,"x\ny"\n02,,false,\n')
    relation = Relation(("c.csv",), "csv", columns={"b": "integer", "c": "boolean"})
    assert rows(tmp_path, relation, "SELECT place, a, b, c, d FROM t") == [
        ("c.csv:2", "1", 1, True, "x\ny"),
        ("c.csv:4", "02", None, False, ""),
    ]


def test_a_sqlite_table_is_read_with_its_own_types(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "s.db") as connection:
        connection.execute("CREATE TABLE orders (id INTEGER, price REAL, note TEXT, raw BLOB)")
        connection.execute("INSERT INTO orders VALUES (9223372036854775807, 1.0, NULL, x'00ff')")
    connection.close()
    relation = Relation(("s.db",), "sqlite", table="orders")
    assert rows(tmp_path, relation, "SELECT place, id, price, note, raw FROM t") == [
        ("s.db/orders/row 1", 9223372036854775807, 1.0, None, "00ff")
    ]
    assert rows(tmp_path, relation, "SELECT typeof(price) FROM t") == [("DOUBLE",)]


def test_a_sqlite_log_that_is_not_yet_in_the_file_is_read_and_nothing_is_written(tmp_path: Path) -> None:
    writer = sqlite3.connect(tmp_path / "s.db", isolation_level=None)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("CREATE TABLE t (a INTEGER)")
    writer.execute("INSERT INTO t VALUES (7)")
    for name in ("s.db", "s.db-wal"):
        write(tmp_path, f"copy/{name}", (tmp_path / name).read_bytes())
    writer.close()
    before = {path.name: path.read_bytes() for path in (tmp_path / "copy").iterdir()}
    assert rows(tmp_path, Relation(("copy/s.db",), "sqlite", table="t"), "SELECT a FROM t") == [(7,)]
    assert {path.name: path.read_bytes() for path in (tmp_path / "copy").iterdir()} == before


def test_parquet_keeps_its_types_and_knows_its_rows(tmp_path: Path) -> None:
    for name, number in (("a[1].parquet", 1), ("b.parquet", 2)):
        write_parquet(tmp_path / name, f"SELECT {number}::SMALLINT AS n, [1.5] AS l")
    sql = "SELECT place, n, typeof(n) FROM t ORDER BY place"
    assert rows(tmp_path, Relation(("*.parquet",), "parquet"), sql) == [
        ("a[1].parquet/row 1", 1, "SMALLINT"),
        ("b.parquet/row 1", 2, "SMALLINT"),
    ]


def test_a_file_of_the_target_itself_can_be_a_relation(tmp_path: Path) -> None:
    write(tmp_path, "spec/ssot.json", {"limit": 100})
    relation = Relation(("spec/ssot.json",), "json", origin="target")
    section = InvariantsSection({"t": relation}, (Invariant("rule", "t", 'SELECT place FROM t WHERE "limit" > 5'),))
    judgement = judge_invariant(section, "rule", Run(tmp_path / "out", {}), tmp_path)
    assert [found.name for found in judgement.subjects] == ["spec/ssot.json"]
    assert [finding.rule for finding in judgement.findings] == ["invariants.rule"]


LEAVES = (
    st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
    | st.booleans()
    | st.none()
)


@given(
    st.dictionaries(st.sampled_from(["a", "b", "c", "d e"]), LEAVES | st.dictionaries(st.just("x"), LEAVES), min_size=1)
)
@settings(max_examples=40, deadline=None)
def test_every_value_arrives_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, record: dict[str, Any]
) -> None:
    root = tmp_path_factory.mktemp("exact")
    write(root, "a.json", record)
    columns = ", ".join(f'"{name}"' for name in record)
    [row] = rows(root, Relation(("a.json",), "json"), f"SELECT {columns} FROM t")
    for wanted, got in zip(record.values(), row, strict=True):
        wanted = wanted or wanted if wanted != {} else "{}"
        assert (type(got), got) == (type(wanted), wanted)


@given(st.integers(-(2**127), 2**127 - 1))
@settings(max_examples=15, deadline=None)
def test_integers_are_exact_to_128_bits(tmp_path_factory: pytest.TempPathFactory, number: int) -> None:
    root = tmp_path_factory.mktemp("huge")
    write(root, "a.json", [{"n": number}, {"n": 1}])
    assert rows(root, Relation(("a.json",), "json", pointer=""), "SELECT n FROM t") == [(number,), (1,)]


def test_a_column_is_as_wide_as_its_widest_integer(tmp_path: Path) -> None:
    write(tmp_path, "a.json", [2**70, 1])
    assert rows(tmp_path, Relation(("a.json",), "json", pointer=""), "SELECT value FROM t") == [(2**70,), (1,)]


# --- what cannot be a relation


@pytest.mark.parametrize(
    ("documents", "where", "rule"),
    [
        ([{"n": 1}, {"n": "1"}], "1.json#/n", "relations.mixed_types"),
        ([{"n": 1}, {"n": True}], "1.json#/n", "relations.mixed_types"),
        ([{"n": {"x": 1}}, {"n": {"x": [1]}}], "1.json#/n/x", "relations.mixed_types"),
        ([{"n": [1, "a", "b"]}], "0.json#/n/1", "relations.mixed_types"),
        ([{"n": 2**53 + 1}, {"n": 0.5}], "0.json#/n", "relations.inexact"),
        ([{"n": 2**127}], "0.json#/n", "relations.integer_range"),
        ([{"n": 1}, {"N": 1}], "1.json#/N", "relations.column_clash"),
        ([{"n": {"a": 1, "A": 1}}], "0.json#/n/A", "relations.column_clash"),
        ([{"file": "x"}], "0.json#/file", "relations.column_clash"),
    ],
)
def test_what_would_have_to_be_converted_is_a_finding(
    tmp_path: Path, documents: list[Any], where: str, rule: str
) -> None:
    for index, document in enumerate(documents):
        write(tmp_path, f"{index}.json", document)
    [finding] = faults(tmp_path, Relation(("*.json",), "json"))
    assert (finding.where, finding.rule) == (where, rule)


def test_an_integer_and_a_fraction_share_a_column(tmp_path: Path) -> None:
    write(tmp_path, "a.json", [{"n": 1}, {"n": 0.5}])
    assert rows(tmp_path, Relation(("a.json",), "json", pointer=""), "SELECT n FROM t") == [(1.0,), (0.5,)]


def test_a_declared_type_is_demanded(tmp_path: Path) -> None:
    write(tmp_path, "a.json", {"s": {"n": 1.0}})
    [finding] = faults(tmp_path, Relation(("a.json",), "json", columns={"s.n": "integer"}))
    assert (finding.where, finding.expected, finding.observed) == (
        "a.json#/s/n",
        "declared type integer",
        "number 1.0",
    )


def test_a_column_declared_as_json_keeps_whatever_is_there(tmp_path: Path) -> None:
    write(tmp_path, "a.json", [{"p": {"x": 1}}, {"p": "x"}, {"p": None}, {}])
    relation = Relation(("a.json",), "json", pointer="", columns={"p": "json"})
    assert rows(tmp_path, relation, "SELECT p, p IS NULL FROM t") == [
        ('{"x":1}', False),
        ('"x"', False),
        (None, True),
        (None, True),
    ]


@pytest.mark.parametrize(
    ("name", "content", "relation", "rule", "where"),
    [
        ("a.json", b'{"n": NaN}', Relation(("*",), "json"), "json.not_finite", "a.json#/n"),
        ("a.json", b'{"n": "\\ud800"}', Relation(("*",), "json"), "relations.surrogate", "a.json"),
        ("a.json", b"{}", Relation(("*",), "json", pointer="/x"), "relations.no_array", "a.json#/x"),
        ("a.json", b'{"x": {}}', Relation(("*",), "json", pointer="/x"), "relations.no_array", "a.json#/x"),
        ("a.jsonl", b'{"n": 1}\n{"n": 2', Relation(("*",), "jsonl"), "jsonl.truncated", "a.jsonl:2"),
        ("a.csv", b"", Relation(("*",), "csv"), "relations.csv_header", "a.csv:1"),
        ("a.csv", b"a,a\n1,2\n", Relation(("*",), "csv"), "relations.csv_header", "a.csv:1"),
        ("a.csv", b"a,b\n1\n", Relation(("*",), "csv"), "relations.csv_cells", "a.csv:2"),
        ("a.csv", b'a\n"x\n', Relation(("*",), "csv"), "relations.csv_syntax", "a.csv:2"),
        ("a.csv", b"a\n\xff\n", Relation(("*",), "csv"), "relations.csv_syntax", "a.csv"),
        ("a.csv", b"a\n1\nnan\n", Relation(("*",), "csv", columns={"a": "number"}), "relations.csv_type", "a.csv:3"),
        ("a.csv", b"a\n1e999\n", Relation(("*",), "csv", columns={"a": "number"}), "relations.csv_type", "a.csv:2"),
        ("a.csv", b"a\n01\n", Relation(("*",), "csv", columns={"a": "integer"}), "relations.csv_type", "a.csv:2"),
        ("a.db", b"no database" * 100, Relation(("*",), "sqlite", table="t"), "relations.database", "a.db"),
        ("a.db", b"", Relation(("*",), "sqlite", table="t"), "relations.no_table", "a.db"),
        ("a.parquet", b"PAR1", Relation(("*",), "parquet"), "relations.parquet", "a.parquet"),
        ("a.jsonl", b'{"n": 1}\n{"": 2}\n', Relation(("*",), "jsonl"), "relations.not_loaded", "t"),
    ],
)
def test_an_input_that_is_not_sound_is_one_finding(
    tmp_path: Path, name: str, content: bytes, relation: Relation, rule: str, where: str
) -> None:
    write(tmp_path, name, content)
    [finding] = faults(tmp_path, relation)
    assert (finding.rule, finding.where) == (rule, where)
    assert str(tmp_path) not in finding.observed
    assert "/tmp" not in finding.observed


def test_infinity_in_a_database_is_found(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "s.db") as connection:
        connection.execute("CREATE TABLE t (a REAL)")
        connection.execute("INSERT INTO t VALUES (1.0), (9e999)")
    connection.close()
    [finding] = faults(tmp_path, Relation(("s.db",), "sqlite", table="t"))
    assert (finding.where, finding.rule) == ("s.db/t/row 2#/a", "relations.not_finite")


def test_nan_in_parquet_is_found_at_every_depth(tmp_path: Path) -> None:
    write_parquet(tmp_path / "a.parquet", "SELECT {'x': [[1.0], ['nan'::DOUBLE]]} AS s")
    [finding] = faults(tmp_path, Relation(("*.parquet",), "parquet"))
    assert (finding.where, finding.rule) == ("a.parquet/row 1#/s", "relations.not_finite")


def test_parquet_files_of_different_types_do_not_mix(tmp_path: Path) -> None:
    write_parquet(tmp_path / "a.parquet", "SELECT 1 AS n")
    write_parquet(tmp_path / "b.parquet", "SELECT '1' AS n")
    [finding] = faults(tmp_path, Relation(("*.parquet",), "parquet"))
    assert (finding.where, finding.rule) == ("b.parquet", "relations.mixed_types")


def test_many_broken_lines_are_counted(tmp_path: Path) -> None:
    write(tmp_path, "a.jsonl", b"{\n" * 100)
    findings = faults(tmp_path, Relation(("*",), "jsonl"))
    assert len(findings) == 21
    assert findings[-1].observed.startswith("80 more of this kind")


def test_an_invariant_is_not_heard_on_inputs_with_faults_but_another_one_is(tmp_path: Path) -> None:
    write(tmp_path, "good.json", {"n": 1})
    write(tmp_path, "bad.json", b"{")
    relations = {"t": Relation(("good.json",), "json"), "b": Relation(("bad.json",), "json")}
    assert found(tmp_path, "SELECT n FROM t WHERE n < 0", relations) == []
    [finding] = found(tmp_path, "SELECT n FROM t, b", relations)
    assert (finding.where, finding.rule) == ("bad.json:1", "json.syntax")


def test_no_file_and_no_row_are_different_findings(tmp_path: Path) -> None:
    relation = Relation(("*.jsonl",), "jsonl", columns={"n": "integer"})
    assert [finding.rule for finding in faults(tmp_path, relation)] == ["artefact.none"]
    write(tmp_path, "a.jsonl", b"")
    assert [finding.rule for finding in faults(tmp_path, relation)] == ["invariants.no_rows"]


def test_an_empty_relation_beside_the_judged_one_still_has_its_columns(tmp_path: Path) -> None:
    write(tmp_path, "a.json", {"id": 1})
    write(tmp_path, "b.csv", b"id\n")
    relations = {"t": Relation(("a.json",), "json"), "b": Relation(("b.csv",), "csv", columns={"id": "integer"})}
    [finding] = found(tmp_path, "SELECT t.id FROM t ANTI JOIN b ON t.id = b.id", relations)
    assert finding.rule == "invariants.rule"


# --- what an invariant says


def test_a_row_is_a_violation_at_the_place_it_names(tmp_path: Path) -> None:
    write(tmp_path, "a.json", {"total": 5, "filled": 2, "rejected": 2})
    write(tmp_path, "b.json", {"total": 5, "filled": 4, "rejected": 1})
    sql = "SELECT place || '#/total' AS place, total FROM t WHERE filled + rejected <> total"
    judgement = judge(tmp_path, sql, expected="filled and rejected make up the total")
    assert judgement.findings == (
        Finding("a.json#/total", "filled and rejected make up the total", "total = 5", "invariants.rule"),
    )
    assert judgement.parameters == {"sql": sql, "over": "t", "rows": {"t": 2}}
    assert [found.name for found in judgement.subjects] == ["a.json", "b.json"]


def test_where_names_the_column_of_the_place(tmp_path: Path) -> None:
    write(tmp_path, "a.json", {"n": 1})
    [finding] = found(tmp_path, "SELECT 'here' AS at, n, NULL AS m FROM t", where="at")
    assert (finding.where, finding.observed) == ("here", "n = 1, m = null")
    [finding] = found(tmp_path, "SELECT n FROM t")
    assert finding.where == "invariant/rule/row 1"
    [finding] = found(tmp_path, "SELECT n FROM t", where="at")
    assert finding.rule == "invariants.sql_error"


def test_a_hundred_rows_are_told_in_order_and_the_rest_counted(tmp_path: Path) -> None:
    write(tmp_path, "a.jsonl", b"".join(b'{"n": %d}\n' % n for n in range(250)))
    relation = {"t": Relation(("a.jsonl",), "jsonl")}
    findings = found(tmp_path, "SELECT place, n FROM t ORDER BY n DESC", relation)
    assert [finding.where for finding in findings[:100]] == [f"a.jsonl:{line}" for line in range(1, 101)]
    assert len(findings) == 101
    assert findings[-1].observed == "150 more rows"


def test_a_long_value_is_cut(tmp_path: Path) -> None:
    write(tmp_path, "a.json", {"n": "x" * 5000})
    [finding] = found(tmp_path, "SELECT n FROM t")
    assert len(finding.observed) < 100


def test_the_same_judgement_comes_from_a_cold_start_and_from_a_warm_one(tmp_path: Path) -> None:
    for index in range(5):
        write(tmp_path, f"{index}.json", {"n": index / 7})
    sql = "SELECT sum(n) AS total, list(n) AS l FROM t"
    assert judge(tmp_path, sql) == judge(tmp_path, sql)


# --- NULL


@pytest.mark.parametrize("second", [{"s": {"n": None}}, {"s": {}}, {}, {"s": None}])
def test_a_null_in_a_column_that_the_query_uses_is_a_finding(tmp_path: Path, second: Any) -> None:
    write(tmp_path, "a.json", {"s": {"n": 1}})
    write(tmp_path, "b.json", second)
    write(tmp_path, "c.json", second)
    [finding] = found(tmp_path, "SELECT file FROM t WHERE s.n < 0")
    assert (finding.where, finding.rule) == ("b.json#/s/n", "invariants.null")
    assert finding.observed == "null, here and in 1 more rows"


def test_a_column_that_is_null_throughout_fits_any_query_and_is_found(tmp_path: Path) -> None:
    write(tmp_path, "a.json", {"n": None})
    for condition in ("n > 1", "n - 0.5 > 0", "n = 'x'", "abs(n) > 1"):
        assert [finding.rule for finding in found(tmp_path, f"SELECT file FROM t WHERE {condition}")] == [
            "invariants.null"
        ]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT place FROM t x WHERE x.n > 1",
        "WITH d AS (SELECT n * 2 AS m FROM t) SELECT * FROM d WHERE m > 9",
        "SELECT sum(n) AS s FROM t HAVING sum(n) > 9",
        "SELECT 1 AS one FROM t JOIN (SELECT 5 AS n) USING (n)",
        "SELECT n AS m FROM t WHERE m > 9",
        "SELECT place FROM t WHERE place IN (SELECT place FROM t WHERE n > 9)",
    ],
)
def test_a_null_is_found_however_the_query_uses_it(tmp_path: Path, sql: str) -> None:
    write(tmp_path, "a.json", {"n": 1})
    write(tmp_path, "b.json", {"n": None})
    assert [(finding.where, finding.rule) for finding in found(tmp_path, sql)] == [("b.json#/n", "invariants.null")]


@pytest.mark.parametrize(
    "condition", ["n IS NULL AND false", "coalesce(n, 0) > 9", "n IS DISTINCT FROM n", "ifnull(n, 0) > 9"]
)
def test_a_query_that_asks_for_null_is_excused(tmp_path: Path, condition: str) -> None:
    write(tmp_path, "a.json", [{"n": 1}, {"n": None}])
    relation = {"t": Relation(("a.json",), "json", pointer="")}
    assert found(tmp_path, f"SELECT place, n FROM t WHERE {condition}", relation) == []


def test_a_null_is_excused_where_it_is_merely_shown_or_declared(tmp_path: Path) -> None:
    write(tmp_path, "a.json", [{"n": 1, "why": None}, {"n": 2, "why": "x"}])
    relation = {"t": Relation(("a.json",), "json", pointer="")}
    assert found(tmp_path, "SELECT place, why FROM t WHERE n > 5", relation) == []
    assert len(found(tmp_path, "SELECT place FROM t WHERE why = 'y'", relation)) == 1
    assert found(tmp_path, "SELECT place FROM t WHERE why = 'y'", relation, nullable=("why",)) == []


def test_a_field_that_no_report_has_is_found_once_it_is_declared(tmp_path: Path) -> None:
    write(tmp_path, "a.json", {"dataset_ref": {"path": "d.json"}})
    relation = {"t": Relation(("a.json",), "json", columns={"dataset_ref.sha256": "text"})}
    sql = "SELECT place || '#/dataset_ref' AS place FROM t WHERE dataset_ref.sha256 IS NULL"
    assert [finding.where for finding in found(tmp_path, sql, relation)] == ["a.json#/dataset_ref"]


# --- what SQL may not do


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM t WHERE n IN (SELECT 1 FROM glob('/etc/*'))",
        "SELECT * FROM query('SELECT 1')",
        "SELECT * FROM duckdb_settings()",
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM duckdb_tables",
        "SELECT * FROM python_object",
        "FROM 'https://example.org/a.parquet'",
        "ATTACH '/tmp/gatecourt-test.db'",
        "COPY (SELECT 1) TO '/tmp/gatecourt-test.csv'",
        "COPY t FROM '/etc/passwd'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "PRAGMA version",
        "CREATE TABLE x AS SELECT 1",
        "INSERT INTO t SELECT * FROM t",
        "DROP TABLE t",
        "SELECT 1; SELECT 2",
        "SHOW TABLES",
        "DESCRIBE t",
        "EXPLAIN SELECT 1",
        "-- nothing",
        "SELECT now() FROM t",
        "SELECT current_date FROM t",
        "SELECT random() FROM t",
        "SELECT uuid() FROM t",
        "SELECT current_setting('threads')",
        "SELECT " + "+".join(["n"] * 900) + " FROM t",
    ],
)
def test_a_query_that_reaches_out_or_is_no_select_is_refused(tmp_path: Path, sql: str) -> None:
    python_object = duckdb.sql("SELECT 1")  # a replacement scan would find it
    write(tmp_path, "a.json", {"n": 1})
    [finding] = found(tmp_path, sql)
    assert (finding.where, finding.rule) == ("invariant/rule", "invariants.sql_refused")
    assert python_object is not None
    assert not Path("/tmp/gatecourt-test.db").exists()
    assert not Path("/tmp/gatecourt-test.csv").exists()


@pytest.mark.parametrize(
    "sql",
    ["SELECT * FROM read_csv('/etc/passwd')", "ATTACH '/tmp/x.db'", "INSTALL httpfs", "SET threads = 2"],
)
def test_the_engine_itself_would_refuse_too(tmp_path: Path, sql: str) -> None:
    write(tmp_path, "a.json", {"n": 1})
    section = InvariantsSection({"t": Relation(("a.json",), "json")}, (Invariant("rule", "t", "SELECT 1"),))
    connection = open_database(section, run_of(tmp_path), tmp_path).connection
    with pytest.raises((duckdb.PermissionException, duckdb.InvalidInputException)):
        connection.execute(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "WITH x AS (SELECT n FROM t) SELECT * FROM x WHERE n > 5",
        "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x WHERE n < 3) SELECT * FROM x WHERE n > 5",
        "SELECT * FROM t, unnest([1]) AS u(v) WHERE v > 5;",
        "FROM t WHERE n > 5 -- a comment",
        "SELECT * FROM T WHERE T.n > 5",
        "(SELECT n FROM t WHERE n > 5) EXCEPT SELECT n FROM t",
    ],
)
def test_ordinary_queries_are_heard(tmp_path: Path, sql: str) -> None:
    write(tmp_path, "a.json", {"n": 1})
    assert found(tmp_path, sql) == []


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT FROM WHERE", "Parser Error"),
        ("SELECT nothing FROM t", "Binder Error"),
        ("SELECT file + 1 FROM t", "Binder Error"),
        ("SELECT CAST(file AS INTEGER) FROM t", "Conversion Error"),
        ("SELECT x.y FROM t", "Binder Error"),
    ],
)
def test_sql_that_does_not_fit_is_one_finding_in_one_line(tmp_path: Path, sql: str, words: str) -> None:
    write(tmp_path, "a.json", {"n": 1})
    [finding] = found(tmp_path, sql)
    assert (finding.where, finding.rule) == ("invariant/rule", "invariants.sql_error")
    assert finding.observed.startswith(words)
    assert "\n" not in finding.observed


def test_a_query_without_end_is_interrupted_and_the_next_one_is_heard(tmp_path: Path) -> None:
    write(tmp_path, "a.json", {"n": 1})
    endless = "SELECT count(*) AS c FROM range(10000000) a, range(10000000) b WHERE (a.range * b.range) % 7 = 3"
    [finding] = found(tmp_path, f"{endless} AND EXISTS (FROM t)", deadline=Decimal("0.2"))
    assert (finding.rule, finding.expected) == ("invariants.sql_deadline", "an answer within 0.2 s")
    assert found(tmp_path, "SELECT n FROM t WHERE n > 5") == []


# --- sections


@pytest.mark.parametrize(
    "fields",
    [
        {"format": "sqlite"},
        {"format": "json", "table": "t"},
        {"format": "csv", "pointer": "/a"},
        {"format": "json", "pointer": "a"},
        {"format": "parquet", "columns": {"a": "text"}},
        {"format": "json", "files": ()},
        {"format": "json", "origin": "target"},
    ],
)
def test_a_relation_that_makes_no_sense_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Relation(**{"files": ("*.json",), **fields})


def test_a_section_that_makes_no_sense_is_refused() -> None:
    relations = {"t": Relation(("*",), "json")}
    rule = Invariant("rule", "t", "SELECT 1")
    for bad in ((), (rule, rule), (Invariant("rule", "u", "SELECT 1"),)):
        with pytest.raises(ValueError, match="invariant"):
            InvariantsSection(relations, bad)
    with pytest.raises(ValueError, match="relation name"):
        InvariantsSection({"a b": relations["t"]}, (rule,))
    wrong: tuple[dict[str, Any], ...] = ({"name": "A b"}, {"sql": " "}, {"deadline": Decimal(0)})
    for fields in wrong:
        with pytest.raises(ValueError, match=r"\w"):
            Invariant(**{"name": "rule", "sql": "SELECT 1", "over": "t", **fields})
    assert invariant_names(InvariantsSection(relations, (rule, Invariant("a", "t", "SELECT 1")))) == ["a", "rule"]


# --- merged states


STREAM = (
    b'{"payload_type": "snapshot", "tick": 0, "agents": {"a": {"needs": {"food": 1.0}, "job": null}},'
    b' "left": {"a": 1}}\n'
    b'{"payload_type": "diff", "tick": 1, "changes": {"agents": {"b/c": {"needs": {"food": 0.5}, "job": 3}}}}\n'
    b'{"payload_type": "diff", "tick": 2, "changes": {"x": 1}, "removed": ["left"]}\n'
)
NEED = "s.jsonl:2#/changes/agents/b~1c/needs"


def states(pointer: str | None = None, **fields: Any) -> dict[str, Relation]:
    return {"t": Relation(("s.jsonl",), "states", pointer=pointer, **fields)}


def test_each_match_in_each_merged_state_is_a_row_with_its_place(tmp_path: Path) -> None:
    write(tmp_path, "s.jsonl", STREAM)
    relation = states("/agents/*/needs/*")["t"]
    assert rows(tmp_path, relation, "SELECT place, tick, keys, value FROM t") == [
        ("s.jsonl:1#/agents/a/needs/food", 0, ["a", "food"], 1.0),
        ("s.jsonl:2#/changes/agents/b~1c/needs/food", 1, ["b/c", "food"], 0.5),
        ("s.jsonl:3", 2, ["b/c", "food"], 0.5),
    ]


def test_without_a_pointer_each_whole_state_is_a_row(tmp_path: Path) -> None:
    write(tmp_path, "s.jsonl", STREAM)
    relation = Relation(("s.jsonl",), "states", columns={"value.agents": "json"})
    assert rows(tmp_path, relation, "SELECT place, tick, keys, value.left.a, value.x FROM t") == [
        ("s.jsonl:1", 0, [], 1, None),
        ("s.jsonl:2", 1, [], 1, None),
        ("s.jsonl:3", 2, [], None, 1),
    ]


def test_a_null_in_a_state_is_found_at_its_own_place(tmp_path: Path) -> None:
    write(tmp_path, "s.jsonl", STREAM)
    assert found(tmp_path, "SELECT place FROM t WHERE value.job > 3", states("/agents/*")) == [
        Finding("s.jsonl:1#/agents/a/job", "a value, for rule", "null", "invariants.null")
    ]


@pytest.mark.parametrize(
    ("lines", "finding"),
    [
        (b"", Finding("s.jsonl", "at least one state", "none", "relations.no_states")),
        (
            b'{"payload_type": "diff", "tick": 1, "changes": {}}\n' + STREAM,
            Finding("s.jsonl:1", "a snapshot first", "a diff, and no state that it could change", "relations.stream"),
        ),
        (
            STREAM.replace(b'"agents": {"b/c"', b'"b": {"b/c"').replace(b'"x": 1', b'"agents": 5'),
            Finding("s.jsonl:3#/changes/agents", "an object or an array", "5", "relations.no_items"),
        ),
        (
            STREAM.replace(b'"needs": {"food": 0.5}', b'"n": {"food": 0.5}').replace(b'"x": 1', b'"agents": {}'),
            Finding(NEED, "a value", "absent", "relations.no_items"),
        ),
        (
            STREAM.replace(b'{"food": 0.5}', b'{"food": "0.5"}').replace(b'"x": 1', b'"agents": {}'),
            Finding(f"{NEED}/food", "declared type number", 'text "0.5"', "relations.mixed_types"),
        ),
    ],
)
def test_a_stream_that_cannot_be_merged_or_lacks_the_place_is_a_finding(
    tmp_path: Path, lines: bytes, finding: Finding
) -> None:
    write(tmp_path, "s.jsonl", lines)
    relation = states("/agents/*/needs/*", columns={"value": "number"})
    assert found(tmp_path, "SELECT * FROM t", relation) == [finding]


def test_the_merging_of_a_stream_can_be_declared(tmp_path: Path) -> None:
    write(tmp_path, "s.jsonl", b'{"kind": "all", "t": 4, "a": [7, 8]}\n')
    kinds = PayloadKinds(pointer="/kind", snapshot="all", diff="part")
    relation = Relation(("s.jsonl",), "states", pointer="/a/*", stream=StateStream(tick="/t", kinds=kinds))
    assert rows(tmp_path, relation, "SELECT place, tick, keys, value FROM t") == [
        ("s.jsonl:1#/a/0", 4, ["0"], 7),
        ("s.jsonl:1#/a/1", 4, ["1"], 8),
    ]


# --- what an invariant declares of itself


def test_an_invariant_has_its_own_code_verdict_next_action_and_runbook() -> None:
    relations = {"t": Relation(("*",), "json")}
    plain = Invariant("sums", "t", "SELECT 1")
    held = Invariant("old", "t", "SELECT 1", verdict="HOLD", next="Ask about {where}.", runbook="book.md#old")
    assert invariant_reasons(InvariantsSection(relations, (plain, held))) == (
        Reason("invariants.sums", Verdict.FAIL, "Trace {where} to the code that wrote it: sums does not hold."),
        Reason("invariants.old", Verdict.HOLD, "Ask about {where}.", "book.md#old"),
    )


def test_a_query_may_lie_in_a_file_which_is_a_subject(tmp_path: Path) -> None:
    write(tmp_path, "a.json", {"n": 1})
    write(tmp_path, "q.sql", b"SELECT place, n FROM t")
    judgement = judge(tmp_path, sql=None, sql_file="q.sql")
    assert judgement.findings == (Finding("a.json", "no row", "n = 1", "invariants.rule"),)
    assert [one.name for one in judgement.subjects] == ["a.json", "q.sql"]
    assert judgement.parameters["sql"] == "SELECT place, n FROM t"
    write(tmp_path, "q.sql", b"SELECT '\xff' FROM t")
    with pytest.raises(Judged) as judged:
        judge(tmp_path, sql=None, sql_file="q.sql")
    assert judged.value.finding == Finding("q.sql", "UTF-8", "byte at offset 8", "invariants.sql_error")
    with pytest.raises(Judged) as judged:
        judge(tmp_path, sql=None, sql_file="none.sql")
    assert (judged.value.finding.where, judged.value.finding.rule) == ("none.sql", "artefact.unreadable")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"sql": None}, "exactly one of sql and sql_file"),
        ({"sql_file": "q.sql"}, "exactly one of sql and sql_file"),
        ({"sql": None, "sql_file": "../q.sql"}, "below the target's root"),
        ({"name": "null"}, "a meaning of its own"),
        ({"next": " "}, "blank"),
    ],
)
def test_an_invariant_that_contradicts_itself_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Invariant(**{"name": "rule", "sql": "SELECT 1", "over": "t", **fields})


def test_a_name_of_a_built_in_code_is_taken() -> None:
    codes = [reason.code for reason in INVARIANTS.reasons]
    assert {code.removeprefix("invariants.") for code in codes if code.startswith("invariants.")} == set(OWN_CODES)


def test_every_function_that_the_engine_calls_unsteady_is_refused_and_no_operator() -> None:
    """Only a name of letters counts: some releases mark overloads of operators, which are judged as what they are."""
    with duckdb.connect() as connection:
        marked = connection.execute("SELECT function_name FROM duckdb_functions() WHERE stability <> 'CONSISTENT'")
        names = {name.lower() for (name,) in marked.fetchall() if name[0].isalpha()}
    assert names - UNSTEADY == set()
    assert all(name.replace("_", "").isalnum() for name in UNSTEADY)


@pytest.mark.parametrize("call", ["age(TIMESTAMP '2020-01-01')", "version()", "current_user", "random()", "Now()"])
def test_a_function_of_clock_chance_or_session_is_refused(tmp_path: Path, call: str) -> None:
    write(tmp_path, "a.json", {"n": 1})
    (finding,) = found(tmp_path, f"SELECT {call} FROM t")
    assert finding.rule == "invariants.sql_refused"
    assert found(tmp_path, "SELECT age(TIMESTAMP '2020-01-02', TIMESTAMP '2020-01-01') FROM t WHERE n + 1 > 3") == []
