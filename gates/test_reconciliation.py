"""Reconciliation: the orders that the adapter reports match the expected ones, and the dry run uses no network.

Why it matters: a dry run that is compared with its own answers always matches; a NaN never exceeds a tolerance; a
widened tolerance makes any day a good one; and a dry run that reaches the exchange is a real one.

Needs: ``[reconciliation]`` with both sides, the fields of orders and fills, the tolerances; the system's own report,
the tolerances that it reports and how the network is watched, each of which is a HOLD where it is not declared; a
second dry run on tampered answers, without which only an exact copy is detected; earlier reports for the trend of
accuracy.

Evidence: the digests of both sides and of the report, counts and codes of both dry runs, the tolerances that were
compared, accuracy report by report. Runbook: treasure "Reconciliation Mismatches", "Escalation", weekly review.
"""

from __future__ import annotations

import pytest

from gatecourt.core.model import Run
from gatecourt.core.protocols import Findings, Target
from gatecourt.rules.reconciliation.checks import judge_halt, judge_orders
from gatecourt.rules.reconciliation.claims import judge_report
from gatecourt.rules.reconciliation.independence import judge_independence
from gatecourt.rules.reconciliation.isolation import judge_isolation
from gatecourt.rules.reconciliation.reported_tolerances import judge_reported_tolerances
from gatecourt.rules.reconciliation.section import ReconciliationSection
from gatecourt.rules.reconciliation.trend import judge_trend

pytestmark = pytest.mark.reconciliation


def test_orders(target: Target, findings: Findings) -> None:
    """Every order and every fill matches its expectation."""
    section = target.section(ReconciliationSection)
    findings.record(judge_orders(section, _dry_run(target, section), target.root))


def test_report_agrees(target: Target, findings: Findings, dry_run: str) -> None:
    """The system's own report equals the recomputation, when all is well and when much is wrong."""
    section = target.section(ReconciliationSection)
    run = target.command(dry_run) if dry_run == section.disturbed else _dry_run(target, section)
    findings.record(judge_report(section, run, target.root))


def test_halt(target: Target, findings: Findings) -> None:
    """No more orders have a mismatch than trading may continue with."""
    section = target.section(ReconciliationSection)
    findings.record(judge_halt(section, _dry_run(target, section), target.root))


def test_independent(target: Target, findings: Findings) -> None:
    """The expected side does not change when the answers do."""
    section = target.section(ReconciliationSection)
    name = section.disturbed
    disturbed = None if name is None else lambda: target.command(name)
    findings.record(judge_independence(section, _dry_run(target, section), disturbed, target.root))


def test_tolerances(target: Target, findings: Findings) -> None:
    """The system reports the tolerances that are declared."""
    section = target.section(ReconciliationSection)
    findings.record(judge_reported_tolerances(section, lambda: _dry_run(target, section), target.root))


def test_no_network(target: Target, findings: Findings) -> None:
    """No line of the dry run uses the network."""
    section = target.section(ReconciliationSection)
    run = target.command(section.command or "run", trap="network")
    findings.record(judge_isolation(section, run, target.root))


def test_accuracy(target: Target, findings: Findings, trend: str) -> None:
    """Accuracy has not dropped over the recorded reconciliations."""
    section = target.section(ReconciliationSection)
    findings.record(judge_trend(section.accuracy[trend], target.artefacts, target.root))


def _dry_run(target: Target, section: ReconciliationSection) -> Run:
    return target.artefacts() if section.command is None else target.command(section.command)
