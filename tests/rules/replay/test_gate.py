"""The checks of the gate ``replay``: that what each of them finds is recorded."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from gatecourt.core.model import Run
from gatecourt.core.reasons import COURT_REASONS, Reasons
from gatecourt.court.evidence import CheckRecord, Evidence
from gatecourt.rules.replay.gate import REPLAY
from gatecourt.rules.replay.section import Parameter, ReplaySection
from tests.rules.replay.test_replay import LOG, START, Commands, log_of, run_of

SECTION = ReplaySection(
    log="logs/*.jsonl",
    type="/type",
    parameters={"seed": Parameter("run_start", "/data/seed", "integer")},
    outputs=("reports/*.json",),
)


class RecordedRuns(Commands):
    name = "town"

    def section(self, _: type[ReplaySection]) -> ReplaySection:
        return SECTION


def judged(request: pytest.FixtureRequest, check: str, target: RecordedRuns) -> Evidence:
    request.config.addinivalue_line("markers", "replay: the gate, whose module is imported here")
    record = CheckRecord("town", "replay", f"replay.{check}")
    getattr(importlib.import_module("gates.test_replay"), f"test_{check}")(target, record)
    return record.close(Reasons([*COURT_REASONS, *REPLAY.reasons]), "")


def run(root: Path, report: bytes, *events: object) -> Run:
    return run_of(root, {LOG: log_of(*events), "reports/a.json": report, "reports/b.json": b"1"})


def runs(root: Path, replayed: bytes = b"7", *events: object) -> RecordedRuns:
    original = run(root / "run", b"7", *(events or (START,)))
    return RecordedRuns(root, {"run": original, "replay": run(root / "replay", replayed, START)})


def found(evidence: Evidence) -> list[tuple[str, str, str, str]]:
    keys = ("where", "expected", "observed", "rule")
    return [tuple(one[key] for key in keys) for one in evidence.judgement["findings"]]


def test_a_replay_that_differs_is_recorded_with_both_sides(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    evidence = judged(request, "repeated", runs(tmp_path, b"8"))
    assert found(evidence) == [("reports/a.json", "7, as in the first run", "8", "replay.divergence")]
    assert [subject["name"] for subject in evidence.judgement["subjects"]] == ["reports/a.json", "reports/b.json"]
    assert "reports/a.json" in evidence.attachments["replay_diff.txt"]


def test_a_replay_that_agrees_has_an_empty_difference(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    evidence = judged(request, "repeated", runs(tmp_path))
    assert found(evidence) == []
    assert evidence.attachments == {"replay_diff.txt": ""}
    assert evidence.judgement["parameters"] == {"masks": []}


def test_what_the_log_lacks_is_recorded(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    evidence = judged(request, "parameters", runs(tmp_path, b"7", {"type": "tick"}))
    assert found(evidence) == [(LOG, "one event run_start", "none", "replay.event_missing")]


@pytest.mark.parametrize(("check", "part"), [("rebuilt", "rebuild"), ("restored", "restore")])
def test_a_recovery_that_is_not_declared_is_recorded(
    request: pytest.FixtureRequest, tmp_path: Path, check: str, part: str
) -> None:
    ((where, _, observed, rule),) = found(judged(request, check, runs(tmp_path)))
    assert (where, observed, rule) == (f"replay.{part}", "none", f"replay.{part}_not_declared")
