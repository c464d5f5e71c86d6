"""The court is a pure function: evidence and roll in, verdict out."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecourt.core.model import Verdict, worst
from gatecourt.court.evidence import Evidence
from gatecourt.court.verdict import CheckId, RollCall, Scope, TargetRoll, judge


def evidence(gate: str, check: str, verdict: str = "PASS", target: str = "town") -> Evidence:
    code = None if verdict == "PASS" else "x.y"
    judgement = {"verdict": verdict, "reason_code": code, "next_action": code, "findings": [], "subjects": []}
    return Evidence(target, gate, f"{gate}.{check}", judgement)


def call(*checks: Evidence, selected: tuple[Evidence, ...] | None = None, **more: object) -> RollCall:
    ids = [CheckId(e.target, e.gate, e.check) for e in checks]
    chosen = ids if selected is None else [CheckId(e.target, e.gate, e.check) for e in selected]
    return RollCall(frozenset(ids), frozenset(chosen), **more)  # type: ignore[arg-type]


A, B = evidence("alpha", "one"), evidence("beta", "two")
ROLL = TargetRoll("town", ("alpha", "beta"))


def test_everything_judged_and_passed_is_go() -> None:
    court = judge([A, B], [ROLL], call(A, B))
    assert (court.verdict, court.scope, court.go) == (Verdict.PASS, Scope.FULL, True)


def test_a_gate_of_the_roll_without_checks_is_not_run() -> None:
    court = judge([A], [ROLL], call(A))
    assert (court.verdict, court.scope, court.go) == (Verdict.NOT_RUN, Scope.INCOMPLETE, False)


def test_a_planned_check_without_evidence_is_not_run() -> None:
    lost = evidence("alpha", "three")
    court = judge([A, B], [ROLL], call(A, B, lost))
    assert court.verdict is Verdict.NOT_RUN
    assert not court.go


def test_an_empty_roll_is_an_error() -> None:
    assert judge([], [], call()).verdict is Verdict.ERROR
    assert judge([], [TargetRoll("town", ())], call()).verdict is Verdict.ERROR


def test_a_typed_selection_is_partial_and_counts_only_what_was_selected() -> None:
    court = judge([A], [ROLL], call(A, B, selected=(A,), typed=True))
    assert (court.verdict, court.scope, court.go) == (Verdict.PASS, Scope.PARTIAL, True)
    assert [gate.verdict for gate in court.gates] == [Verdict.PASS, Verdict.NOT_RUN]


def test_a_typed_selection_of_one_check_counts_that_check_alone() -> None:
    other = evidence("alpha", "three")
    court = judge([A], [ROLL], call(A, B, other, selected=(A,), typed=True))
    assert court.go
    assert [check.id.check for check in court.gates[0].checks] == ["alpha.one"]


@pytest.mark.parametrize("verdict", ["FAIL", "HOLD", "ERROR"])
def test_a_partial_session_with_a_bad_verdict_stops(verdict: str) -> None:
    bad = evidence("alpha", "one", verdict)
    court = judge([bad], [ROLL], call(bad, B, selected=(bad,), typed=True))
    assert court.verdict is Verdict(verdict)
    assert not court.go


def test_a_selection_that_nobody_typed_is_incomplete() -> None:
    court = judge([A], [ROLL], call(A, B, selected=(A,), typed=False, cut_short=("--lf",)))
    assert (court.scope, court.go) == (Scope.INCOMPLETE, False)


def test_a_typed_selection_that_something_else_narrowed_is_incomplete() -> None:
    court = judge([A], [ROLL], call(A, B, selected=(A,), typed=True, cut_short=("--lf",)))
    assert (court.scope, court.go) == (Scope.INCOMPLETE, False)


def test_a_check_whose_worker_died_is_an_error() -> None:
    court = judge([A], [ROLL], call(A, B, died={CheckId("town", "beta", "beta.two"): "gone"}))
    assert court.verdict is Verdict.ERROR
    assert court.gates[1].checks[0].reason_code == "court.worker_died"


def test_a_record_that_was_lost_is_an_error() -> None:
    court = judge([A], [ROLL], call(A, B, lost=frozenset({CheckId("town", "beta", "beta.two")})))
    assert court.gates[1].checks[0].reason_code == "court.evidence_lost"


def test_a_rerun_can_only_worsen_a_verdict() -> None:
    bad = evidence("alpha", "one", "FAIL")
    for order in itertools.permutations([A, bad, B]):
        assert judge(order, [ROLL], call(A, B)).verdict is Verdict.FAIL


VERDICTS = st.sampled_from(["PASS", "HOLD", "ERROR", "FAIL"])


@given(st.lists(VERDICTS, min_size=1, max_size=6), st.data())
def test_no_removal_of_evidence_turns_a_whole_into_a_pass(verdicts: list[str], data: st.DataObject) -> None:
    records = [evidence("alpha", f"c{i}", verdict) for i, verdict in enumerate(verdicts)]
    roll = TargetRoll("town", ("alpha",))
    whole = judge(records, [roll], call(*records))
    kept = data.draw(st.lists(st.sampled_from(records), unique_by=lambda record: record.check))
    less = judge(kept, [roll], call(*records))
    assert whole.go or not less.go
    if len(kept) < len(records):
        assert not less.go


@given(st.lists(st.sampled_from(list(Verdict))))
def test_worst_is_the_gravest_and_silence_is_not_a_pass(verdicts: list[Verdict]) -> None:
    counted = [verdict for verdict in verdicts if verdict is not Verdict.NA]
    assert worst(verdicts) is (max(counted, key=lambda v: v.severity) if counted else Verdict.NOT_RUN)
