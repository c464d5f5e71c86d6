"""Audit: every command that people gave is on record, was allowed, was carried out once, and what it began has ended.

Why it matters: an incident is reconstructed from this log or not at all. A retry that was carried out twice, a viewer
whose command went through, a promotion that nobody wrote down or a disturbance that was never taken back is found
here, or by the next person who is surprised by it.

Needs: ``[audit]`` with the log and where a line says what; ``admin_only``, ``recorded`` and ``effect``, each declared
or excused in ``not_applicable``; ``witnesses``, the events that the system writes elsewhere. Evidence: the digests of
log and events, counts by command. Runbook: townlet "Console audit".
"""

from __future__ import annotations

import pytest

from gatecourt.core.protocols import Findings, Target
from gatecourt.rules.audit.checks import judge_authority, judge_idempotency, judge_lines, judge_recorded
from gatecourt.rules.audit.effects import judge_effect
from gatecourt.rules.audit.section import AuditSection

pytestmark = pytest.mark.audit


def test_lines(target: Target, findings: Findings) -> None:
    """Every line names its command, its issuer, its time and what came of it."""
    judge_lines(target.section(AuditSection), target).tell(findings)


def test_idempotency(target: Target, findings: Findings) -> None:
    """A command has an id, and its retry has no second effect."""
    judge_idempotency(target.section(AuditSection), target).tell(findings)


def test_authority(target: Target, findings: Findings, admin_command: str) -> None:
    """The command never succeeds for anyone but an admin."""
    judge_authority(target.section(AuditSection), admin_command, target).tell(findings)


def test_recorded(target: Target, findings: Findings, recorded_pair: str) -> None:
    """Each such command has its event, and each such event its command."""
    judge_recorded(target.section(AuditSection), recorded_pair, target).tell(findings)


def test_effect(target: Target, findings: Findings, lasting_effect: str) -> None:
    """What began has ended or was called off, in time."""
    judge_effect(target.section(AuditSection), lasting_effect, target).tell(findings)
