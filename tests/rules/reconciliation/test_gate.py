"""The checks of the gate ``reconciliation``: which run each of them judges, and that its result is recorded."""

from __future__ import annotations

import dataclasses
import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gatecourt.core.model import Run
from gatecourt.core.reasons import COURT_REASONS, Reasons
from gatecourt.court.evidence import CheckRecord, Evidence
from gatecourt.rules.reconciliation.gate import RECONCILIATION
from gatecourt.rules.reconciliation.section import AccuracySeries, NetworkWatch, ReconciliationSection
from tests.rules.reconciliation.test_claims import AGREED, CLEAN, REPORTED, SECTION, TRUE, WRONG, run_of

REASONS = Reasons([*COURT_REASONS, *RECONCILIATION.reasons])
DECLARED = dataclasses.replace(SECTION, command="dry", disturbed="tampered", reported_tolerances=REPORTED)


class RecordedRuns:
    """A target whose commands have run already; ``asked`` are the names of those that a check used."""

    name = "town"

    def __init__(self, root: Path, section: ReconciliationSection, **runs: Run) -> None:
        self.root, self._section, self._runs, self.asked = root, section, runs, list[str]()

    def section(self, _: type[ReconciliationSection]) -> ReconciliationSection:
        return self._section

    def artefacts(self) -> Run:
        return self.command("run")

    def command(self, name: str, *, trap: str | None = None) -> Run:
        self.asked.append(f"{name} under {trap}" if trap else name)
        return self._runs[name]


@pytest.fixture
def target(tmp_path: Path) -> RecordedRuns:
    return RecordedRuns(
        tmp_path,
        DECLARED,
        dry=run_of(tmp_path / "dry", orders=AGREED, report=CLEAN),
        tampered=run_of(tmp_path / "tampered", orders=WRONG, report=TRUE),
    )


Judge = Callable[..., Evidence]


@pytest.fixture
def judged(request: pytest.FixtureRequest) -> Judge:
    """Runs one check of the gate's module on a target, and closes its record."""
    request.config.addinivalue_line("markers", "reconciliation: the gate, whose module is imported here")
    module = importlib.import_module("gates.test_reconciliation")

    def judge(check: str, target: RecordedRuns, *parameters: str) -> Evidence:
        record = CheckRecord("town", "reconciliation", f"reconciliation.{check}")
        getattr(module, f"test_{check}")(target, record, *parameters)
        return record.close(REASONS, "")

    return judge


def codes(evidence: Evidence) -> list[str]:
    return [finding["rule"] for finding in evidence.judgement["findings"]]


def test_the_dry_run_is_judged(target: RecordedRuns, judged: Judge) -> None:
    for check in ("orders", "halt"):
        assert str(judged(check, target).verdict) == "PASS"
    assert target.asked == ["dry", "dry"]
    target._runs["dry"] = target._runs["tampered"]
    assert codes(judged("orders", target)) == ["reconciliation.price_mismatch", "reconciliation.order_state_drift"]
    assert codes(judged("halt", target)) == ["reconciliation.halt"]


def test_each_report_is_compared_with_the_sides_of_its_own_run(target: RecordedRuns, judged: Judge) -> None:
    for dry_run in ("dry", "tampered"):
        assert str(judged("report_agrees", target, dry_run).verdict) == "PASS"
    assert target.asked == ["dry", "tampered"]
    (target._runs["tampered"].root / "report.json").write_text(json.dumps(TRUE | {"halt": False}))
    assert codes(judged("report_agrees", target, "dry")) == []
    assert codes(judged("report_agrees", target, "tampered")) == ["reconciliation.report_contradicts"]


def test_independence_needs_the_disturbed_run(target: RecordedRuns, judged: Judge) -> None:
    evidence = judged("independent", target)
    assert (str(evidence.verdict), target.asked) == ("PASS", ["dry", "tampered"])
    assert evidence.judgement["parameters"]["shown_by"] == "experiment tampered"
    target._runs["tampered"] = target._runs["dry"]
    assert codes(judged("independent", target)) == ["reconciliation.disturbance_void"]
    target._section = dataclasses.replace(DECLARED, disturbed=None)
    assert codes(judged("independent", target)) == ["reconciliation.expectation_copied"]


def test_the_reported_tolerances_are_those_of_the_dry_run(target: RecordedRuns, judged: Judge) -> None:
    assert codes(judged("tolerances", target)) == ["reconciliation.tolerance_missing"] * 6
    assert target.asked == ["dry"]


def test_the_network_is_watched_under_the_trap(target: RecordedRuns, judged: Judge, tmp_path: Path) -> None:
    log = tmp_path / "trap"
    log.write_text("")
    target._runs["dry"] = dataclasses.replace(target._runs["dry"], trap=log, work=tmp_path)
    target._section = dataclasses.replace(DECLARED, network=NetworkWatch(("python",)))
    assert codes(judged("no_network", target)) == ["reconciliation.network_not_armed"]
    assert target.asked == ["dry under network"]


def test_a_trend_is_judged_by_its_own_series(target: RecordedRuns, judged: Judge, tmp_path: Path) -> None:
    counts: dict[str, Any] = {"w0": {"of": 9, "wrong": 0}, "w1": {"of": 9, "wrong": 5}}
    target._runs["run"] = run_of(tmp_path / "history", **counts)
    series = AccuracySeries(("w*.json",), "/of", "/wrong", DECLARED.tolerances.price)
    other = dataclasses.replace(series, files=("w1.json",))
    target._section = dataclasses.replace(DECLARED, accuracy={"weekly": series, "single": other})
    assert codes(judged("accuracy", target, "weekly")) == ["reconciliation.accuracy_drop"]
    assert codes(judged("accuracy", target, "single")) == ["reconciliation.accuracy_too_few"]
