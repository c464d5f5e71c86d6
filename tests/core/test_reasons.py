"""The register of reason codes, the sentences that it gives to people, and codes that only core registers."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from gatecourt.core.errors import Judged
from gatecourt.core.gatespec import reasons_of
from gatecourt.core.model import Finding, KillPoint, Verdict, worst
from gatecourt.core.reasons import COURT_REASONS, FAIL, HOLD, Reason, Reasons
from gatecourt.court.renderers.terminal import headline
from gatecourt.court.verdict import RollCall, judge
from gatecourt.rules.registry import pytest_gatecourt_gates
from gatecourt.session import checks
from gatecourt.system.drivers import attempt
from gatecourt.system.drivers.process import Outcome
from gatecourt.system.drivers.record import WORK, Record
from gatecourt.system.drivers.request import RunRequest
from gatecourt.system.drivers.resume import continued
from gatecourt.system.drivers.section import RunSection

SPECS = pytest_gatecourt_gates()
ALL = {reason.code: reason for reason in (*COURT_REASONS, *(reason for spec in SPECS for reason in spec.reasons))}
OPEN = {"persistence", "reconciliation"}
"""2026-12-01, to be emptied: families of which some sentences are still to be written in plain words."""

WORDS = r"mend|told|tells?(?!.*\bapart\b)|nobody|somebody|whoever|heard|in the open|speaks?"
QUAINT = re.compile(rf"\b({WORDS})\b", re.IGNORECASE)


def test_every_next_action_is_one_plain_sentence_of_a_readable_length() -> None:
    wrong = {
        code: reason.next_action
        for code, reason in ALL.items()
        if code.partition(".")[0] not in OPEN
        and (
            QUAINT.search(reason.next_action)
            or not reason.next_action.endswith(".")
            or len(reason.next_action) > 120
            or not (reason.next_action[0].isupper() or reason.next_action.startswith("{where}"))
        )
    }
    assert wrong == {}


def test_a_code_is_its_family_and_its_name() -> None:
    assert [code for code in ALL if not re.fullmatch(r"[a-z0-9_]+\.[a-z0-9_]+", code)] == []


def test_one_code_has_one_meaning() -> None:
    one = Reason("a.b", FAIL, "Fix {where}.")
    assert one.code in Reasons([one, Reason("a.b", FAIL, "Fix {where}.")])
    with pytest.raises(ValueError, match=r"reason code 'a\.b' is registered twice, with different meanings"):
        Reasons([one, Reason("c.d", FAIL, "Fix {where}."), Reason("a.b", HOLD, "Fix {where}.")])
    with pytest.raises(ValueError, match=r"'a\.b' is registered twice"):
        Reasons([one]).with_more([Reason("a.b", FAIL, "Remove {where}.")])


def test_a_code_that_no_gate_registers_is_a_fault_of_the_check() -> None:
    more = Reason("a.b", FAIL, "Fix {where}.")
    reasons = reasons_of(SPECS, more)
    assert reasons.of(Finding("x", "", "", "a.b")) is more
    assert reasons.of(Finding("x", "", "", "a.c")).code == "instrument.unregistered_reason"
    assert "a.c" not in reasons


def test_the_worst_verdict_counts_neither_na_nor_nothing() -> None:
    assert worst([]) is Verdict.NOT_RUN
    assert worst([Verdict.NA]) is Verdict.NOT_RUN
    assert worst([Verdict.NA, Verdict.PASS, Verdict.NA]) is Verdict.PASS
    assert worst([Verdict.FAIL, Verdict.ERROR, Verdict.HOLD, Verdict.PASS]) is Verdict.FAIL
    assert worst([Verdict.PASS, Verdict.HOLD, Verdict.ERROR, Verdict.PASS]) is Verdict.ERROR
    assert worst([Verdict.NOT_RUN, Verdict.PASS, Verdict.HOLD]) is Verdict.HOLD


@pytest.mark.parametrize(
    ("file", "lines", "size", "words"),
    [
        ("", 1, None, "a relative pattern"),
        ("/a", 1, None, "a relative pattern"),
        ("a/../b", 1, None, "a relative pattern"),
        ("a", None, None, "exactly one of lines and bytes"),
        ("a", 1, 1, "exactly one of lines and bytes"),
        ("a", 0, None, "at least one line, or at least 0 bytes"),
        ("a", None, -1, "at least one line, or at least 0 bytes"),
    ],
)
def test_a_kill_point_that_is_none(file: str, lines: int | None, size: int | None, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        KillPoint(file, lines, size)


def test_a_kill_point_in_words() -> None:
    assert str(KillPoint("a/*.jsonl", lines=1)) == "a/*.jsonl with 1 lines"
    assert str(KillPoint("a..b", bytes=0)) == "a..b with 0 bytes"


def test_the_headline_of_an_empty_roll() -> None:
    reasons = reasons_of(SPECS)
    line = headline(judge([], [], RollCall(frozenset(), frozenset())), reasons)
    assert line.endswith(reasons.code("court.empty_roll").next_action)
    assert line == (
        "STOP: ERROR the roll is empty. Next: Nothing is on the roll: name at least one target whose roll names a gate."
    )


def test_what_an_earlier_run_left_cannot_be_copied(tmp_path: Path) -> None:
    earlier, work = tmp_path / "earlier", tmp_path / "file" / "work"
    (earlier / WORK).mkdir(parents=True)
    (earlier / WORK / "a").write_text("x", "utf-8")
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(Judged) as caught:
        continued(earlier, Record(f"{WORK}/out"), (), work)
    assert (caught.value.finding.where, caught.value.finding.rule) == ("out", "run.output_unreadable")
    assert caught.value.finding.observed.startswith("not to be copied: ")
    shutil.rmtree(earlier)


def test_a_lost_supervisor_is_no_result_of_the_command(tmp_path: Path) -> None:
    redaction: Any = None  # not looked at
    request = RunRequest(tmp_path, RunSection(inputs=("*.py",), command=("engine",)))
    found = attempt._bad_end(request, 0, "engine", Outcome(broken=True, exit_code=1), redaction)
    assert found == Finding(
        "run.command", "a run under supervision", "the supervising process was lost", "run.supervision_lost"
    )


def test_a_check_that_breaks_is_a_fault_of_the_instrument() -> None:
    assert checks._broken("e2.validates", KeyError("x")) == Finding(
        "e2.validates", "a check that runs to its end", "KeyError: 'x'", "instrument.broke"
    )
