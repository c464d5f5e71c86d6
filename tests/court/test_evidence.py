"""Evidence is earned by named subjects and stored so that a changed byte is seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Subject, Verdict
from gatecourt.core.reasons import COURT_REASONS, Reason, Reasons
from gatecourt.court.evidence import CheckRecord, Spool

REASONS = Reasons(
    [*COURT_REASONS, Reason("a.bad", Verdict.FAIL, "Fix {where}."), Reason("a.odd", Verdict.HOLD, "Ask.")]
)
SEEN = Subject("report.json", "0" * 64, 3)


def new_record() -> CheckRecord:
    return CheckRecord("town", "alpha", "alpha.one")


def test_a_check_that_saw_nothing_is_a_hold() -> None:
    evidence = new_record().close(REASONS, "")
    assert evidence.verdict is Verdict.HOLD
    assert evidence.judgement["reason_code"] == "evidence.no_subject"


def test_a_subject_without_a_finding_is_a_pass() -> None:
    record = new_record()
    record.subjects([SEEN])
    assert record.close(REASONS, "").verdict is Verdict.PASS


def test_a_whole_result_is_recorded_at_once() -> None:
    record = new_record()
    finding = Finding("x:1", "1", "2", "a.bad")
    record.record(Judgement((SEEN,), (finding,), {"limit": 1}, {"seconds": 2.5}, {"page.md": "text"}))
    evidence = record.close(REASONS, "")
    assert [subject["name"] for subject in evidence.judgement["subjects"]] == ["report.json"]
    assert evidence.judgement["findings"] == [finding.as_json()]
    assert evidence.judgement["parameters"] == {"limit": 1}
    assert evidence.observations == {"seconds": 2.5}
    assert evidence.attachments == {"page.md": "text"}


def test_the_gravest_finding_gives_reason_and_next_step() -> None:
    record = new_record()
    record.subjects([SEEN])
    record.add("x:1", expected="1", observed="2", rule="a.odd")
    record.add("x:2", expected="1", observed="3", rule="a.bad")
    judgement = record.close(REASONS, "runbook.md#alpha").judgement
    assert judgement["verdict"] == "FAIL"
    assert judgement["next_action"] == "Fix x:2. (runbook.md#alpha)"
    assert len(judgement["findings"]) == 2


def test_a_rule_that_nobody_registered_is_an_error_of_the_instrument() -> None:
    record = new_record()
    record.add("x", expected="1", observed="2", rule="a.unknown")
    evidence = record.close(REASONS, "")
    assert evidence.verdict is Verdict.ERROR
    assert evidence.judgement["reason_code"] == "instrument.unregistered_reason"


def test_a_reason_registered_twice_must_mean_the_same() -> None:
    with pytest.raises(ValueError, match=r"'a\.bad' is registered twice"):
        Reasons([Reason("a.bad", Verdict.FAIL, "One."), Reason("a.bad", Verdict.FAIL, "Two.")])


def test_an_attachment_is_a_bare_file_name() -> None:
    with pytest.raises(ValueError, match="bare file name"):
        new_record().attach("../out.txt", "")


def test_the_spool_gives_back_what_was_put(tmp_path: Path) -> None:
    record = new_record()
    record.subjects([SEEN])
    record.observe("seconds", 1.5)
    record.attach("a.txt", "…")
    evidence = record.close(REASONS, "")
    spool = Spool(tmp_path / "spool")
    assert spool.get(spool.put(evidence)) == evidence
    assert list(spool) == [evidence]


def test_a_changed_byte_in_the_spool_is_no_evidence(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    digest = spool.put(new_record().close(REASONS, ""))
    path = tmp_path / f"{digest}.json"
    path.write_bytes(path.read_bytes().replace(b"HOLD", b"PASS"))
    assert spool.get(digest) is None
    assert list(spool) == []


def test_a_missing_recordis_no_evidence(tmp_path: Path) -> None:
    assert Spool(tmp_path).get("0" * 64) is None


def test_a_folder_of_this_machine_does_not_enter_evidence() -> None:
    record = new_record()
    record.add("x", expected="one path", observed="/tmp/s-1/work and /tmp/s-1", rule="a.bad")
    record.parameter("paths", {"seen": ["/tmp/s-1/out"]})
    record.attach("d.txt", "in /tmp/s-1/out")
    evidence = record.close(REASONS, "", {"/tmp/s-1": "{session}"})
    assert evidence.judgement["findings"][0]["observed"] == "{session}/work and {session}"
    assert evidence.judgement["parameters"] == {"paths": {"seen": ["{session}/out"]}}
    assert evidence.attachments == {"d.txt": "in {session}/out"}


def test_the_judgement_does_not_depend_on_what_was_observed() -> None:
    first, second = new_record(), new_record()
    for record, seconds in ((first, 1.0), (second, 2.0)):
        record.subjects([SEEN])
        record.observe("seconds", seconds)
    assert first.close(REASONS, "").judgement_sha256 == second.close(REASONS, "").judgement_sha256


@pytest.mark.parametrize("word", ["FAIL", "PASS", "verdict", "findings", "a.bad", "observed"])
def test_a_secret_that_is_a_word_of_the_report_leaves_the_report_whole(word: str) -> None:
    record = new_record()
    record.add("a.json", expected="x", observed=f"saw {word}", rule="a.bad")
    record.parameter("verdict", {"value": word})
    plain = record.close(REASONS, "").judgement
    judgement = record.close(REASONS, "", {word: "{env:KEY}"}).judgement
    assert judgement.keys() == plain.keys()
    assert judgement["verdict"] == plain["verdict"]
    assert judgement["reason_code"] == plain["reason_code"]
    assert judgement["findings"][0] == plain["findings"][0] | {"observed": "saw {env:KEY}"}
    assert judgement["parameters"] == {"verdict": {"value": "{env:KEY}"}}
