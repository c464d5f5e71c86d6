"""Replay: what a log says of its run, the run repeated by it, and databases made again."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Run, Subject
from gatecourt.core.protocols import Target
from gatecourt.rules.determinism.section import Mask
from gatecourt.rules.persistence import sqlite as sqlite_store
from gatecourt.rules.replay.again import judge_repeated
from gatecourt.rules.replay.parameters import judge_parameters, recorded
from gatecourt.rules.replay.recovery import judge_rebuilt, judge_restored
from gatecourt.rules.replay.section import LiveDatabase, Parameter, Rebuild, ReplaySection, Restore, declared_parts
from gatecourt.system.manifest.binding import bind

LOG = "logs/run.jsonl"
DATA = b"bars"
DATA_SHA = hashlib.sha256(DATA).hexdigest()
SECTION = ReplaySection(
    log="logs/*.jsonl",
    type="/type",
    parameters={
        "seed": Parameter("run_start", "/data/seed", "integer"),
        "dataset": Parameter("dataset_loaded", "/data/sha"),
    },
    digests={"dataset": "bars.json"},
    outputs=("reports/*.json", "logs/*.jsonl"),
    database=LiveDatabase("run", "day.db", {"fills": ("id",), "marks": ("id",)}),
    rebuild=Rebuild("rebuild", {"marks": "only a run that is going on has them"}),
    restore=Restore("backup", "*.bak", "restore"),
)
START = {"type": "run_start", "data": {"seed": 7}}
LOADED = {"type": "dataset_loaded", "data": {"sha": DATA_SHA}}


def log_of(*events: object) -> bytes:
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


def run_of(root: Path, files: Mapping[str, bytes]) -> Run:
    subjects = {}
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
        subjects[name] = Subject(name, hashlib.sha256(data).hexdigest(), len(data))
    return Run(root, subjects)


@dataclass
class Commands:
    """A target whose commands have been run already; notes what each was asked with."""

    root: Path
    runs: Mapping[str, Run]
    asked: dict[str, Mapping[str, str]] = field(default_factory=dict)
    went_on: dict[str, Run | None] = field(default_factory=dict)

    def artefacts(self) -> Run:
        return self.runs["run"]

    def command(self, name: str, *, on: Run | None = None, values: Mapping[str, str] | None = None) -> Run:
        self.asked[name], self.went_on[name] = values or {}, on
        return self.runs[name]


def target(commands: Commands) -> Target:
    return cast(Target, commands)


def parameters(tmp_path: Path, log: bytes | None, section: ReplaySection = SECTION) -> list[Finding]:
    (tmp_path / "bars.json").write_bytes(DATA)
    run = run_of(tmp_path / "out", {} if log is None else {LOG: log})
    return list(judge_parameters(section, run, tmp_path).findings)


def shown(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.where, finding.rule) for finding in findings]


def test_a_log_that_tells_all_gives_its_parameters(tmp_path: Path) -> None:
    (tmp_path / "bars.json").write_bytes(DATA)
    run = run_of(tmp_path / "out", {LOG: log_of(START, {"type": "tick"}, LOADED)})
    told = judge_parameters(SECTION, run, tmp_path)
    assert told.findings == ()
    assert told.parameters == {"parameters": {"dataset": DATA_SHA, "seed": "7"}}
    assert [subject.name for subject in told.subjects] == [LOG, "bars.json"]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([LOADED], [(LOG, "replay.event_missing")]),
        ([START], [(LOG, "replay.event_missing")]),
        ([], [(LOG, "replay.event_missing")]),
        ([START, LOADED, START], [(f"{LOG}:3", "replay.event_repeated")]),
        ([{**START, "data": {}}, LOADED], [(f"{LOG}:1#/data/seed", "replay.parameter_missing")]),
        ([{**START, "data": {"seed": None}}, LOADED], [(f"{LOG}:1#/data/seed", "replay.parameter_missing")]),
        ([{**START, "data": {"seed": "7"}}, LOADED], [(f"{LOG}:1#/data/seed", "replay.parameter_type")]),
        ([{**START, "data": {"seed": True}}, LOADED], [(f"{LOG}:1#/data/seed", "replay.parameter_type")]),
        ([{**START, "data": {"seed": 7.0}}, LOADED], [(f"{LOG}:1#/data/seed", "replay.parameter_type")]),
        ([START, {**LOADED, "data": {"sha": ""}}], [(f"{LOG}:2#/data/sha", "replay.parameter_type")]),
        ([START, {**LOADED, "data": {"sha": "0" * 64}}], [(f"{LOG}:2#/data/sha", "replay.digest")]),
        ([START, {**LOADED, "data": {"sha": f"sha256:{DATA_SHA.upper()}"}}], []),
        ([START, {"type": "note", "data": "run_start was before"}, LOADED, ["dataset_loaded"]], []),
    ],
)
def test_what_the_log_lacks_is_told_where_it_should_be(
    tmp_path: Path, events: list[Any], expected: list[tuple[str, str]]
) -> None:
    found = shown(parameters(tmp_path, log_of(*events)))
    assert list(dict.fromkeys(found)) == expected


def test_each_missing_event_is_told(tmp_path: Path) -> None:
    assert [finding.expected for finding in parameters(tmp_path, b"")] == [
        "one event dataset_loaded",
        "one event run_start",
    ]


def test_a_changed_or_lost_dataset_is_told(tmp_path: Path) -> None:
    run = run_of(tmp_path / "out", {LOG: log_of(START, LOADED)})
    assert shown(list(judge_parameters(SECTION, run, tmp_path).findings)) == [("bars.json", "artefact.unreadable")]
    (tmp_path / "bars.json").write_bytes(b"other bars")
    (finding,) = judge_parameters(SECTION, run, tmp_path).findings
    assert finding.rule == "replay.digest"
    assert finding.observed == f'"{DATA_SHA}"'


@pytest.mark.parametrize(
    ("files", "rule"),
    [({}, "replay.none"), ({"logs/a.jsonl": b"", "logs/b.jsonl": b""}, "replay.several")],
)
def test_one_log_is_needed(tmp_path: Path, files: dict[str, bytes], rule: str) -> None:
    with pytest.raises(Judged) as raised:
        recorded(SECTION, run_of(tmp_path, files))
    assert raised.value.finding.rule == rule


def test_a_damaged_line_that_speaks_of_the_run_ends_the_check(tmp_path: Path) -> None:
    with pytest.raises(Judged) as raised:
        parameters(tmp_path, log_of(START, LOADED)[:-9])
    assert shown([raised.value.finding]) == [(f"{LOG}:2", "json.syntax")]


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=80))
def test_no_bytes_make_a_traceback(tmp_path_factory: pytest.TempPathFactory, junk: bytes) -> None:
    root = tmp_path_factory.mktemp("junk")
    with suppress(Judged):
        parameters(root, log_of(START) + junk + b'"run_start"' + junk)


ORIGINAL = {LOG: log_of(START, LOADED, {"type": "fill", "data": {"qty": 1}}), "reports/a.json": b'{"pnl": 1.5}'}


def repeated(tmp_path: Path, again: Mapping[str, bytes], section: ReplaySection = SECTION) -> list[Finding]:
    runs = {"run": run_of(tmp_path / "one", ORIGINAL), "replay": run_of(tmp_path / "two", again)}
    return list(judge_repeated(section, target(Commands(tmp_path, runs))).findings)


def test_an_equal_repetition_gives_no_finding_and_was_told_all_parameters(tmp_path: Path) -> None:
    original = run_of(tmp_path / "one", ORIGINAL)
    commands = Commands(tmp_path, {"run": original, "replay": run_of(tmp_path / "two", ORIGINAL)})
    assert list(judge_repeated(SECTION, target(commands)).findings) == []
    assert commands.asked == {
        "replay": {"log": str(original.path(LOG)), "log_seed": "7", "log_dataset": DATA_SHA},
    }


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"reports/a.json": b'{"pnl": 1.6}'}, [("reports/a.json#/pnl", "replay.divergence")]),
        ({"reports/a.json": None}, [("reports/a.json", "replay.divergence")]),
        ({"reports/b.json": b"{}"}, [("reports/b.json", "replay.divergence")]),
        ({LOG: log_of(START, LOADED)}, [(f"{LOG}:3", "replay.divergence")]),
        ({"reports/a.json": b'{ "pnl": 1.5 }'}, []),
    ],
)
def test_a_repetition_that_differs_is_told_at_the_first_place(
    tmp_path: Path, change: dict[str, bytes | None], expected: list[tuple[str, str]]
) -> None:
    again = {name: data for name, data in {**ORIGINAL, **change}.items() if data is not None}
    assert shown(repeated(tmp_path, again)) == expected


def test_spelling_counts_where_bytes_are_compared(tmp_path: Path) -> None:
    again = {**ORIGINAL, "reports/a.json": b'{ "pnl": 1.5 }'}
    exact = replace(SECTION, exact=("reports/*",))
    assert shown(repeated(tmp_path, again, exact)) == [("reports/a.json:1", "replay.divergence")]


def test_masks_work_and_may_not_hide_money(tmp_path: Path) -> None:
    hidden = replace(SECTION, mask=(Mask("reports/*.json", "/pnl", "number", "it differs"),))
    found = repeated(tmp_path, {**ORIGINAL, "reports/a.json": b'{"pnl": 1.6}'}, hidden)
    assert sorted({finding.rule for finding in found}) == ["replay.divergence", "replay.mask_protected"]


def test_a_mask_covers_a_value_as_it_declares(tmp_path: Path) -> None:
    masks = (
        Mask("reports/*.json", "/none", "number", "it differs"),
        Mask("logs/*.jsonl", "/data/seed", "string", "it differs", "[a-z]+"),
    )
    assert shown(repeated(tmp_path, ORIGINAL, replace(SECTION, mask=masks))) == [
        (f"{LOG}:1#/data/seed", "replay.mask_mismatch"),
        ("reports/*.json#/none", "replay.mask_unused"),
    ]


def test_no_output_at_all(tmp_path: Path) -> None:
    nowhere = replace(SECTION, outputs=("*.csv", "*.txt"))
    assert shown(repeated(tmp_path, ORIGINAL, nowhere)) == [("outputs", "replay.no_outputs")]


def test_outputs_that_are_nowhere_are_told(tmp_path: Path) -> None:
    nowhere = replace(SECTION, outputs=("reports/*.json", "*.csv"))
    assert shown(repeated(tmp_path, ORIGINAL, nowhere)) == [("*.csv", "replay.output_missing")]


def test_each_finding_of_the_comparison_has_a_code_of_this_gate(tmp_path: Path) -> None:
    masks = (Mask("reports/*.json", "/id", "integer", "it differs"), Mask("logs/*.jsonl", "/no", "integer", "no"))
    original = {**ORIGINAL, "reports/a.json": b'{"id": "x"}'}
    runs = {"run": run_of(tmp_path / "one", original), "replay": run_of(tmp_path / "two", original)}
    section = replace(SECTION, mask=masks)
    found = judge_repeated(section, target(Commands(tmp_path, runs))).findings
    assert shown(list(found)) == [
        ("reports/a.json#/id", "replay.mask_mismatch"),
        ("logs/*.jsonl#/no", "replay.mask_unused"),
    ]
    nowhere = replace(SECTION, outputs=("*.csv",))
    assert shown(repeated(tmp_path / "more", ORIGINAL, nowhere)) == [("outputs", "replay.no_outputs")]


def test_nothing_is_repeated_without_its_parameters(tmp_path: Path) -> None:
    commands = Commands(tmp_path, {"run": run_of(tmp_path, {LOG: log_of(LOADED)})})
    with pytest.raises(Judged) as raised:
        judge_repeated(SECTION, target(commands))
    assert raised.value.finding.rule == "replay.event_missing"
    assert commands.asked == {}


_ID = "id INTEGER PRIMARY KEY"
ROWS = [(1, 0.5), (2, None), (3, 2.5)]


def database(path: Path, rows: list[tuple[int, float | None]] | None = None, further: str = "") -> bytes:
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"CREATE TABLE fills ({_ID}, fee REAL); CREATE TABLE marks ({_ID}); {further}")
        connection.executemany("INSERT INTO fills VALUES (?, ?)", ROWS if rows is None else rows)
        connection.commit()
    return path.read_bytes()


Recover = Callable[[ReplaySection, Target], Any]


def recovered(
    tmp_path: Path, judge: Recover, live: bytes, made: bytes | None, section: ReplaySection = SECTION
) -> tuple[Any, Commands]:
    """The judgement of a recovery whose command left ``made``."""
    files = {} if made is None else {"day.db": made}
    runs = {
        "run": run_of(tmp_path / "live", {LOG: log_of(START, LOADED), "day.db": live}),
        "rebuild": run_of(tmp_path / "rebuilt", files),
        "backup": run_of(tmp_path / "kept", {"night.bak": b"backup"}),
        "restore": run_of(tmp_path / "restored", files),
    }
    commands = Commands(tmp_path, runs)
    return judge(section, target(commands)), commands


@pytest.mark.parametrize("judge", [judge_rebuilt, judge_restored])
def test_an_equal_database_gives_no_finding(tmp_path: Path, judge: Recover) -> None:
    live, same = database(tmp_path / "a.db"), database(tmp_path / "b.db", ROWS[::-1])
    told, _ = recovered(tmp_path, judge, live, same)
    assert told.findings == ()
    assert "day.db" in [subject.name for subject in told.subjects]


@pytest.mark.parametrize("judge", [judge_rebuilt, judge_restored])
@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (ROWS[:2], [("day.db/fills/row 3", "replay.row_lost")]),
        ([*ROWS, (4, 1.0)], [("day.db/fills/row 4", "replay.row_added")]),
        ([(1, 0.5), (2, 0.0), (3, 2.5)], [("day.db/fills/row 2", "replay.row_differs")]),
    ],
)
def test_each_row_that_is_other_is_told(
    tmp_path: Path, judge: Recover, rows: list[tuple[int, float | None]], expected: list[tuple[str, str]]
) -> None:
    live, other = database(tmp_path / "a.db"), database(tmp_path / "b.db", rows)
    told, _ = recovered(tmp_path, judge, live, other)
    assert shown(list(told.findings)) == expected


def test_a_table_apart_may_differ_when_rebuilt_but_not_when_restored(tmp_path: Path) -> None:
    live = database(tmp_path / "a.db", further="INSERT INTO marks VALUES (1), (2);")
    other = database(tmp_path / "b.db", further="INSERT INTO marks VALUES (1);")
    assert recovered(tmp_path, judge_rebuilt, live, other)[0].findings == ()
    assert shown(recovered(tmp_path, judge_restored, live, other)[0].findings) == [
        ("day.db/marks/row 2", "replay.row_lost")
    ]


def test_a_table_that_nobody_declared_is_told(tmp_path: Path) -> None:
    live = database(tmp_path / "a.db", further="CREATE TABLE secrets (id INTEGER);")
    told, _ = recovered(tmp_path, judge_restored, live, database(tmp_path / "b.db"))
    assert shown(told.findings) == [("day.db/secrets", "replay.table_undeclared")]


TABLES = f"CREATE TABLE marks ({_ID});"


def other_database(path: Path, script: str) -> bytes:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    return path.read_bytes()


def test_columns_and_keys_that_differ_are_reported(tmp_path: Path) -> None:
    live = database(tmp_path / "a.db")
    narrow = f"CREATE TABLE fills ({_ID}); {TABLES} INSERT INTO fills VALUES (1), (2), (3);"
    judgement, _ = recovered(tmp_path, judge_restored, live, other_database(tmp_path / "b.db", narrow))
    assert ("day.db/fills/fee", "replay.columns_differ") in shown(list(judgement.findings))
    values = "INSERT INTO fills VALUES (1, 0.5), (2, NULL), (3, 2.5), (3, 2.5);"
    twice = f"CREATE TABLE fills (id INTEGER, fee REAL); {TABLES} {values}"
    judgement, _ = recovered(tmp_path, judge_restored, live, other_database(tmp_path / "c.db", twice))
    assert ("day.db/fills/row 3", "replay.key_twice") in shown(list(judgement.findings))


@pytest.mark.parametrize(
    ("tables", "where", "rule"),
    [
        ({"fills": ("id",), "orders": ("id",)}, "day.db/orders", "replay.table_missing"),
        ({"fills": ("serial",), "marks": ("id",)}, "day.db/fills/serial", "replay.column_missing"),
    ],
)
def test_a_declared_table_or_column_that_is_missing_is_reported(
    tmp_path: Path, tables: dict[str, tuple[str, ...]], where: str, rule: str
) -> None:
    live = database(tmp_path / "a.db")
    section = replace(SECTION, database=LiveDatabase("run", "day.db", tables), rebuild=None)
    with pytest.raises(Judged) as raised:
        recovered(tmp_path, judge_restored, live, live, section)
    assert (raised.value.finding.where, raised.value.finding.rule) == (where, rule)


@pytest.mark.parametrize(
    ("reported", "rule"),
    [
        ("persistence.locked", "replay.locked"),
        ("persistence.refused", "replay.refused"),
        ("artefact.unreadable", "artefact.unreadable"),
        ("json.empty", "json.empty"),
    ],
)
def test_a_database_that_cannot_be_read_has_a_code_of_this_gate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reported: str, rule: str
) -> None:
    def refuse(*_: object) -> None:
        raise Judged(Finding("day.db", "a database", "what it says", reported))

    monkeypatch.setattr(sqlite_store, "pair", refuse)
    live = database(tmp_path / "a.db")
    with pytest.raises(Judged) as raised:
        recovered(tmp_path, judge_restored, live, live)
    assert raised.value.finding == Finding("day.db", "a database", "what it says", rule)


def test_recovering_nothing_proves_nothing(tmp_path: Path) -> None:
    empty = database(tmp_path / "a.db", [])
    told, _ = recovered(tmp_path, judge_rebuilt, empty, empty)
    assert shown(told.findings) == [("day.db", "replay.no_rows")]


@pytest.mark.parametrize(
    ("made", "rule"),
    [(None, "replay.absent"), (b"", "replay.empty"), (b"no database" * 100, "replay.corrupt")],
)
def test_what_is_no_database_ends_the_check(tmp_path: Path, made: bytes | None, rule: str) -> None:
    with pytest.raises(Judged) as raised:
        recovered(tmp_path, judge_rebuilt, database(tmp_path / "a.db"), made)
    assert raised.value.finding.rule == rule


def lost(tmp_path: Path, judge: Recover, sql: str, section: ReplaySection = SECTION) -> list[tuple[str, str]]:
    """The findings where the recovered database went through ``sql``; what ends the check is one too."""
    live, other = database(tmp_path / "a.db"), database(tmp_path / "b.db", further=sql)
    try:
        return shown(recovered(tmp_path, judge, live, other, section)[0].findings)
    except Judged as judged:
        return shown([judged.finding])


@pytest.mark.parametrize("judge", [judge_rebuilt, judge_restored])
def test_tables_and_columns_that_recovery_lost(tmp_path: Path, judge: Recover) -> None:
    assert lost(tmp_path, judge, "ALTER TABLE fills RENAME COLUMN fee TO cost;") == [
        ("day.db/fills/cost", "replay.columns_differ"),
        ("day.db/fills/fee", "replay.columns_differ"),
    ]
    renamed = "ALTER TABLE fills RENAME COLUMN id TO number;"
    assert lost(tmp_path, judge, renamed) == [("day.db/fills/id", "replay.column_missing")]
    section = replace(SECTION, database=LiveDatabase("run", "day.db", {"marks": ("id",), "more": ("id",)}))
    assert lost(tmp_path, judge, "", section)[-1] == ("day.db/more", "replay.table_missing")


@pytest.mark.parametrize("judge", [judge_rebuilt, judge_restored])
def test_a_key_of_two_rows(tmp_path: Path, judge: Recover) -> None:
    section = replace(SECTION, database=LiveDatabase("run", "day.db", {"fills": ("fee",), "marks": ("id",)}))
    live, other = database(tmp_path / "a.db"), database(tmp_path / "b.db", [(1, 0.5), (2, 0.5), (3, 2.5)])
    told, _ = recovered(tmp_path, judge, live, other, section)
    assert shown(told.findings) == [("day.db/fills/row 0.5", "replay.key_twice")]


def test_a_database_that_another_process_holds_or_of_a_later_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = database(tmp_path / "a.db")
    later = live[:44] + (9).to_bytes(4, "big") + live[48:]
    with pytest.raises(Judged) as raised:
        recovered(tmp_path, judge_restored, live, later)
    assert shown([raised.value.finding]) == [("day.db", "replay.refused")]

    def refuse(*_: object) -> None:
        raise BlockingIOError

    monkeypatch.setattr("fcntl.lockf", refuse)
    with pytest.raises(Judged) as raised:
        recovered(tmp_path, judge_restored, live, live)
    assert shown([raised.value.finding]) == [("day.db", "replay.locked")]


def test_recovery_is_given_log_and_backup_and_nothing_else(tmp_path: Path) -> None:
    live = database(tmp_path / "a.db")
    _, commands = recovered(tmp_path, judge_rebuilt, live, live)
    assert commands.asked["rebuild"] == {"log": str(tmp_path / "live" / LOG)}
    assert commands.went_on["rebuild"] is None
    _, commands = recovered(tmp_path, judge_restored, live, live)
    assert commands.asked["restore"] == {"backup": str(tmp_path / "kept" / "night.bak")}
    assert commands.went_on == {"run": None, "backup": commands.runs["run"], "restore": None}


@pytest.mark.parametrize(
    ("judge", "part", "rule"),
    [
        (judge_rebuilt, "rebuild", "replay.rebuild_not_declared"),
        (judge_restored, "restore", "replay.restore_not_declared"),
    ],
)
def test_a_part_that_is_not_declared_holds(tmp_path: Path, judge: Recover, part: str, rule: str) -> None:
    live = database(tmp_path / "a.db")
    without = replace(SECTION, rebuild=None, restore=None)
    told, _ = recovered(tmp_path, judge, live, live, without)
    assert shown(told.findings) == [(f"replay.{part}", rule)]
    assert declared_parts(SECTION) == {"rebuild": True, "restore": True}
    assert declared_parts(replace(SECTION, rebuild=None)) == {"restore": True}
    assert declared_parts(without) == {}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: replace(SECTION, digests={"other": "bars.json"}), "no declared parameter"),
        (lambda: replace(SECTION, database=None), "need the database"),
        (lambda: replace(SECTION, rebuild=Rebuild("x", {"lost": "why"})), "no declared table"),
    ],
)
def test_a_section_that_proves_nothing_is_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_all_problems_of_a_section_are_reported_with_their_keys() -> None:
    table = {
        "log": "/run.jsonl",
        "type": "type",
        "parameters": {"seed": {"event": "", "pointer": "seed"}},
        "outputs": [],
        "digests": {"seed": "../bars.json"},
        "database": {"of": "run", "file": "*.db", "tables": {"fills": []}},
        "rebuild": {"command": "x", "apart": {"fills": " "}},
        "restore": {"backup": "b", "file": "../x", "command": "r"},
    }
    _, problems = bind(ReplaySection, table, "replay")
    assert sorted(str(problem).split(":")[0].removeprefix("replay.") for problem in problems) == [
        "database.file",
        "database.tables.fills",
        "digests.seed",
        "log",
        "outputs",
        "parameters.seed.event",
        "parameters.seed.pointer",
        "rebuild.apart.fills",
        "restore.file",
        "type",
    ]
