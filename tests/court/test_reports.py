"""The court's files: valid under their own schemas, ours alone to replace, read back as strictly as any evidence."""

from __future__ import annotations

import datetime
import hashlib
import json
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from gatecourt.cli import main
from gatecourt.core.model import Subject
from gatecourt.core.reasons import COURT_REASONS, FAIL, Reason, Reasons
from gatecourt.court.evidence import CheckRecord, Evidence
from gatecourt.court.renderers import report as report_module
from gatecourt.court.renderers.report import ForeignReport, ReportsFolder, court_files, court_report
from gatecourt.court.renderers.stored import UnusableReport, decide
from gatecourt.court.renderers.terminal import summary
from gatecourt.court.verdict import CheckId, CourtVerdict, RollCall, TargetRoll, judge

REASONS = Reasons([*COURT_REASONS, Reason("a.bad", FAIL, "Fix {where}.")])
NOW = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
COMMIT = "c0ffee" + "0" * 34
OBSERVED = {"session": "s", "startedAt": NOW.isoformat(), "writtenAt": NOW.isoformat(), "commits": {"town": COMMIT}}
ROLL = TargetRoll("town", ("alpha", "beta"), {"gamma": "no chain"}, "0" * 64)


def evidence_of(check: str, *, bad: bool = False) -> Evidence:
    gate = check.partition(".")[0]
    record = CheckRecord("town", gate, check)
    record.subjects([Subject("report.json", "1" * 64, 10)])
    record.attach("diff.txt", "left\nright\n")
    if bad:
        record.add("report.json#/a", expected="1", observed="2", rule="a.bad")
    return record.close(REASONS, "runbook.md#alpha")


def court(*evidence: Evidence, planned: tuple[str, ...] = ("alpha.one", "beta.two")) -> CourtVerdict:
    checks = frozenset(CheckId("town", check.partition(".")[0], check) for check in planned)
    return judge(evidence, [ROLL], RollCall(checks, checks))


CLEAN = court(evidence_of("alpha.one"), evidence_of("beta.two"))
GUILTY = court(evidence_of("alpha.one", bad=True), evidence_of("beta.two"))
SILENT = court(evidence_of("alpha.one"))


def valid(name: str, document: object) -> None:
    text = resources.files("gatecourt").joinpath("formats", f"{name}.schema.json").read_text()
    jsonschema_rs.meta.validate(json.loads(text))
    jsonschema_rs.validator_for(json.loads(text), validate_formats=True).validate(document)


@pytest.mark.parametrize("verdict", [CLEAN, GUILTY, SILENT, judge([], [], RollCall(frozenset(), frozenset()))])
def test_every_report_is_valid_under_its_schema(verdict: CourtVerdict) -> None:
    for name, data in court_files(verdict, REASONS, OBSERVED).items():
        if name == "court_report.json":
            valid("court_report", json.loads(data))
        elif name.endswith(".json"):
            valid("evidence", json.loads(data))


def test_the_schemas_refuse_a_pass_without_a_subject_and_a_go_that_is_no_pass() -> None:
    files = court_files(CLEAN, REASONS, OBSERVED)
    evidence = json.loads(files["evidence/town/alpha.json"])
    evidence["checks"][0]["judgement"]["subjects"] = []
    report = json.loads(files["court_report.json"])
    report["judgement"]["verdict"] = "FAIL"
    for name, document in (("evidence", evidence), ("court_report", report)):
        with pytest.raises(jsonschema_rs.ValidationError):
            valid(name, document)


def test_attachments_lie_beside_the_evidence() -> None:
    assert court_files(CLEAN, REASONS, OBSERVED)["evidence/diffs/diff.txt"] == b"left\nright\n"


def test_a_session_removes_what_an_earlier_one_of_ours_left(tmp_path: Path) -> None:
    folder = ReportsFolder(tmp_path)
    folder.replace(court_files(CLEAN, REASONS, OBSERVED))
    folder.replace(court_files(SILENT, REASONS, OBSERVED))
    assert not (tmp_path / "evidence/town/beta.json").exists()
    assert (tmp_path / "evidence/town/alpha.json").exists()


def test_a_foreign_file_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "evidence" / "town").mkdir(parents=True)
    (tmp_path / "evidence" / "town" / "beta.json").write_text("theirs")
    with pytest.raises(ForeignReport, match=r"beta\.json: expected a report of an earlier court"):
        ReportsFolder(tmp_path).replace(court_files(CLEAN, REASONS, OBSERVED))
    assert not (tmp_path / "court_report.json").exists()


def test_a_report_is_known_by_its_format_when_the_index_is_lost(tmp_path: Path) -> None:
    ReportsFolder(tmp_path).replace(court_files(CLEAN, REASONS, OBSERVED))
    (tmp_path / ".gatecourt.json").unlink()
    (tmp_path / "evidence/diffs/diff.txt").unlink()
    ReportsFolder(tmp_path).replace(court_files(GUILTY, REASONS, OBSERVED))
    assert decide(tmp_path / "court_report.json", None, None, NOW)[0] == 1


def test_a_file_that_was_ours_and_was_replaced_by_someone_is_foreign(tmp_path: Path) -> None:
    ReportsFolder(tmp_path).replace(court_files(CLEAN, REASONS, OBSERVED))
    (tmp_path / "evidence/diffs/diff.txt").write_text("theirs")
    with pytest.raises(ForeignReport, match=r"diff\.txt: expected a report"):
        ReportsFolder(tmp_path).replace(court_files(CLEAN, REASONS, OBSERVED))


def test_what_this_session_wrote_is_replaced_whatever_the_target_made_of_it(tmp_path: Path) -> None:
    folder = ReportsFolder(tmp_path)
    folder.replace(court_files(GUILTY, REASONS, OBSERVED))
    for path in tmp_path.rglob("*"):
        if path.is_file():
            path.write_text("forged")
    (tmp_path / ".gatecourt.json").unlink()
    folder.replace(court_files(GUILTY, REASONS, OBSERVED))
    assert decide(tmp_path / "court_report.json", None, None, NOW)[0] == 1


FORGED = ["evidence/../src.py", "../src.py", "src.py", "evidence/notes.txt", "/etc/hostname", "evidence/./notes.txt"]


@pytest.mark.parametrize("name", FORGED)
@pytest.mark.parametrize("signed", [True, False])
def test_an_index_from_elsewhere_lets_nothing_be_removed(tmp_path: Path, name: str, *, signed: bool) -> None:
    root = tmp_path / "tree"
    (root / "evidence").mkdir(parents=True)
    for path in (root / "src.py", root / "evidence/notes.txt", tmp_path / "src.py"):
        path.write_text("x")
    digest = hashlib.sha256(b"x").hexdigest()
    index = {"files": {name: digest}, "signature": "0" * 64 if signed else None}
    (root / ".gatecourt.json").write_text(json.dumps(index))
    ReportsFolder(root).replace(court_files(CLEAN, REASONS, OBSERVED))
    assert (root / "src.py").exists()
    assert (root / "evidence/notes.txt").exists()
    assert (tmp_path / "src.py").exists()


def test_a_file_that_changed_since_it_was_written_is_not_removed(tmp_path: Path) -> None:
    ReportsFolder(tmp_path).replace(court_files(CLEAN, REASONS, OBSERVED))
    (tmp_path / "evidence/town/beta.json").write_text("somebody's notes")
    ReportsFolder(tmp_path).replace(court_files(SILENT, REASONS, OBSERVED))
    assert (tmp_path / "evidence/town/beta.json").read_text() == "somebody's notes"


def test_without_a_key_nothing_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_module, "index_key", lambda: None)
    ReportsFolder(tmp_path).replace(court_files(CLEAN, REASONS, OBSERVED))
    ReportsFolder(tmp_path).replace(court_files(SILENT, REASONS, OBSERVED))
    assert (tmp_path / "evidence/town/beta.json").exists()


def store(folder: Path, verdict: CourtVerdict, **observed: Any) -> Path:
    for name, data in court_files(verdict, REASONS, OBSERVED | observed).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder / "court_report.json"


@pytest.mark.parametrize(("verdict", "code"), [(CLEAN, 0), (GUILTY, 1), (SILENT, 5)])
def test_the_stored_verdict_is_an_exit_code(tmp_path: Path, verdict: CourtVerdict, code: int) -> None:
    assert decide(store(tmp_path, verdict), None, None, NOW)[0] == code
    assert main(["verdict", str(store(tmp_path, verdict))]) == code


def test_a_partial_or_incomplete_report_is_not_go(tmp_path: Path) -> None:
    one = CheckId("town", "alpha", "alpha.one")
    call = RollCall(frozenset({one, CheckId("town", "beta", "beta.two")}), frozenset({one}), typed=True)
    decided = decide(store(tmp_path, judge([evidence_of("alpha.one")], [ROLL], call)), None, None, NOW)
    assert decided == (5, "PARTIAL: 1 of 2 gates judged, all PASS")
    assert decide(store(tmp_path, SILENT), None, None, NOW) == (5, "INCOMPLETE: 1 of 2 gates judged")
    assert decide(store(tmp_path, CLEAN), None, None, NOW) == (0, "GO: PASS, 2 of 2 gates judged")


def test_a_report_of_another_commit_or_too_old_is_not_this_one(tmp_path: Path) -> None:
    path = store(tmp_path, CLEAN)
    later = NOW + datetime.timedelta(hours=2)
    assert decide(path, COMMIT, "1d", later)[0] == 0
    assert decide(path, "c0ffee", "1d", later)[0] == 0
    assert decide(path, "beef", None, later) == (5, f"STOP: the report is about commit {COMMIT}, not beef")
    dirty = store(tmp_path, CLEAN, commits={"town": f"{COMMIT}-dirty"})
    assert decide(dirty, "c0ffee", None, later)[0] == 5
    assert decide(store(tmp_path, CLEAN, commits={}), "c0ffee", None, later)[0] == 5
    path = store(tmp_path, CLEAN)
    assert decide(path, None, "1h", later) == (5, "STOP: the report is 7200 s old, more than 1h")
    assert decide(path, None, "1h", NOW - datetime.timedelta(hours=2))[0] == 5


def test_a_changed_report_is_unusable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = store(tmp_path, GUILTY)
    path.write_bytes(path.read_bytes().replace(b'"FAIL"', b'"PASS"'))
    with pytest.raises(UnusableReport, match="does not have the digest"):
        decide(path, None, None, NOW)
    assert main(["verdict", str(path)]) == 4
    assert "does not have the digest" in capsys.readouterr().err


@pytest.mark.parametrize("change", [b'"verdict": "FAIL"', b'"observed": "2"'])
def test_evidence_that_was_changed_or_lost_makes_the_report_unusable(tmp_path: Path, change: bytes) -> None:
    path = store(tmp_path, GUILTY)
    evidence = tmp_path / "evidence/town/alpha.json"
    judgement, _, rest = evidence.read_bytes().partition(b'"judgement"')
    evidence.write_bytes(judgement + b'"judgement"' + rest.replace(change, b'"verdict": "PASS"', 1))
    with pytest.raises(UnusableReport, match=r"alpha\.json: the evidence is not the one|alpha\.json: expected"):
        decide(path, None, None, NOW)
    evidence.unlink()
    with pytest.raises(UnusableReport, match=r"alpha\.json: expected the evidence"):
        decide(path, None, None, NOW)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format": "other"}', '{"a": NaN}'])
def test_a_file_that_is_no_report_is_one_clear_line(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    assert main(["verdict", str(path)]) == 4
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_usage_error_is_four(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 4
    assert main(["verdict"]) == 4
    assert main(["verdict", "nowhere.json"]) == 4
    assert capsys.readouterr().err


def test_the_manifest_schema_is_printed_and_valid(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    jsonschema_rs.meta.validate(schema)
    assert {"target", "court", "run", "determinism", "schemas", "invariant"} <= set(schema["properties"])


@pytest.mark.parametrize("verdict", [CLEAN, GUILTY, SILENT])
def test_the_summary_is_at_most_eighty_columns_and_begins_with_the_verdict(verdict: CourtVerdict) -> None:
    lines = summary(verdict, REASONS, "reports/court_report.json")
    assert lines[0].startswith("GO: " if verdict.go else "STOP: ")
    assert all(len(line) <= 80 for line in lines)
    assert any("no chain" in line for line in lines)


def test_one_word_says_how_much_of_the_roll_was_judged() -> None:
    one, two = CheckId("town", "alpha", "alpha.one"), CheckId("town", "beta", "beta.two")
    call = RollCall(frozenset({one, two}), frozenset({one}), typed=True)
    assert summary(judge([evidence_of("alpha.one")], [ROLL], call), REASONS, "r.json") == [
        "PARTIAL: 1 of 2 gates judged, all PASS",
        "",
        "  PASS     town               alpha            1 of 1 checks",
        "  NOT_RUN  town               beta             not selected",
        "  NA       town               gamma            no chain",
        "",
        "Court report: r.json",
    ]
    assert summary(SILENT, REASONS, "r.json") == [
        "STOP: NOT_RUN town beta",
        "INCOMPLETE: 1 of 2 gates judged",
        "",
        "  PASS     town               alpha            1 of 1 checks",
        "  NOT_RUN  town               beta             0 of 1 checks",
        "  NA       town               gamma            no chain",
        "",
        "NOT_RUN town beta [court.not_run]",
        "  expected  every gate of the roll to run",
        "  observed  no evidence",
        "  next      The gate was not run. Run it.",
        "",
        "Court report: r.json",
    ]


LONG = json.dumps({"tick": 7, **{f"key{n:02}": n for n in range(20)}, "queue": {"length/max": 40}, "end": "x " * 50})


def rows(lines: dict[str, str], *findings: tuple[str, str]) -> list[str]:
    """What the summary quotes for findings, each a place and what was observed."""
    record = CheckRecord("town", "alpha", "alpha.one")
    record.subjects([Subject("log.jsonl", "1" * 64, 10)])
    for where, observed in findings:
        record.add(where, expected="1", observed=observed, rule="a.bad")
    record.quote(lines.get)
    lines = summary(court(record.close(REASONS, ""), evidence_of("beta.two")), REASONS, "reports/court_report.json")
    assert all(len(line) <= 80 for line in lines)
    return [line.removeprefix("  line      ") for line in lines if line.startswith("  line ")]


@pytest.mark.parametrize(
    ("where", "shown"),
    [
        ("log.jsonl:3", '{"tick": 7, "key00": 0'),
        ("log.jsonl:3#/tick", '{"tick": 7, "key00": 0'),
        ("log.jsonl:3#/key12", '"key12": 12'),
        ("log.jsonl:3#/queue/length~1max", '"length/max": 40'),
        ("log.jsonl:3#/queue/absent", '"queue": {'),
        ("log.jsonl:3#/queue/3", '"queue": {'),
        ("log.jsonl:3#/end", '"end": "x x'),
        ("log.jsonl:3#/absent", '{"tick": 7, "key00": 0'),
    ],
)
def test_a_quoted_line_is_one_row_around_the_key_of_its_finding(where: str, shown: str) -> None:
    (row,) = rows({where: LONG}, (where, "40"))
    assert shown in row
    assert "…" in row
    assert row.strip("…") in LONG


def test_a_key_is_found_below_its_parents_and_without_quotes() -> None:
    twice = json.dumps({"a": {"x": 1}, "pad": "." * 80, "b": {"x": 2, "why": "a"}, "rest": "." * 80})
    assert '"b": {"x": 2' in rows({"l:1#/b/x": twice}, ("l:1#/b/x", "2"))[0]
    plain = f"{'word ' * 30}health_ms=3 health=4 {'word ' * 30}"
    assert "health=4" in rows({"l:1#/health": plain}, ("l:1#/health", "4"))[0]


@pytest.mark.parametrize(("others", "shown"), [(1, "in 1 other check: "), (2, "in 2 other checks: ")])
def test_checks_with_the_same_findings_are_counted(others: int, shown: str) -> None:
    names = [f"alpha.{name}" for name in ("one", "three", "two")[: others + 1]]
    lines = summary(court(*(evidence_of(name, bad=True) for name in names)), REASONS, "reports/court_report.json")
    assert any(line.startswith(f"  also      {shown}") for line in lines)


def test_a_line_is_quoted_once_a_check() -> None:
    lines = {f"log.jsonl:{at}": LONG for at in ("3#/tick", "3#/end", "3", "4")}
    assert len(rows(lines, *((where, "40") for where in lines), ("log.jsonl:3", "again"))) == 2


@pytest.mark.parametrize(
    ("line", "observed", "shown"),
    [
        ("not json", "not json", 0),
        ("not json", '"not json"', 0),
        ('{"a": 1}', '{"a":1}', 0),
        ("   ", "a blank line", 0),
        ("", "a blank line", 0),
        (LONG, LONG, 0),
        ('{"a": 1}', "1", 1),
    ],
)
def test_a_line_that_shows_nothing_more_than_was_observed_is_not_quoted(line: str, observed: str, shown: int) -> None:
    assert len(rows({"l:1": line}, ("l:1", observed))) == shown


def test_a_quoted_line_cannot_act_on_the_terminal_nor_grow_beyond_its_row() -> None:
    (row,) = rows({"l:1": "\x1b[2J" * 60}, ("l:1", "40"))
    assert "\x1b" not in row
    assert len(row) == 68


def test_the_judgement_digest_does_not_depend_on_the_provenance() -> None:
    first, second = (court_report(CLEAN, REASONS, observed) for observed in (OBSERVED, {"session": "other"}))
    assert first["judgement_sha256"] == second["judgement_sha256"]


@pytest.mark.parametrize("name", ["../victim.txt", "evidence/../../victim.txt", "/etc/hostname", ".", "victim.txt"])
def test_an_index_that_came_with_a_foreign_tree_deletes_nothing(tmp_path: Path, name: str) -> None:
    victims = [tmp_path / "victim.txt", tmp_path / "reports" / "victim.txt"]
    (tmp_path / "reports").mkdir()
    for victim in victims:
        victim.write_text("theirs")
    (tmp_path / "reports" / ".gatecourt.json").write_text(json.dumps({"files": [name]}))
    ReportsFolder(tmp_path / "reports").replace(court_files(CLEAN, REASONS, OBSERVED))
    assert [victim.read_text() for victim in victims] == ["theirs", "theirs"]


@pytest.mark.parametrize("index", ["[1]", '{"files": [1]}', '{"files": null}', "", '{"files": ["a\\u0000b"]}'])
def test_an_index_that_is_none_is_no_index(tmp_path: Path, index: str) -> None:
    (tmp_path / ".gatecourt.json").write_text(index)
    ReportsFolder(tmp_path).replace(court_files(CLEAN, REASONS, OBSERVED))
    assert (tmp_path / "court_report.json").exists()


def test_a_link_out_of_the_reports_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "evidence").symlink_to(tmp_path / "target")
    with pytest.raises(ForeignReport, match=r"a link out of it"):
        ReportsFolder(tmp_path / "reports").replace(court_files(CLEAN, REASONS, OBSERVED))
    assert list((tmp_path / "target").iterdir()) == []


@pytest.mark.parametrize("change", [{"observations": None}, {"observations": []}, {"judgement": None}])
def test_a_report_with_holes_is_one_clear_line(
    tmp_path: Path, change: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    path = store(tmp_path, CLEAN)
    path.write_text(json.dumps({**json.loads(path.read_bytes()), **change}))
    assert main(["verdict", str(path), "--max-age=1h"]) == 4
    assert len(capsys.readouterr().err.splitlines()) == 1
