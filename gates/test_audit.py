"""Audit: operator commands are logged, authorised, executed exactly once, and completed.

Why it matters: this log is what an incident is reconstructed from. It shows a retry that was executed twice, a viewer
whose command succeeded, a promotion that was not logged, and a disturbance that was never ended.

Needs: ``[audit]`` with the log and the places of its fields; ``admin_only``, ``recorded`` and ``effect``, each declared
or not applicable; ``event_log``, the events that the system writes outside its audit log.

Evidence: the digests of log and events, counts by command.

Runbook: townlet "Console audit".
"""

from __future__ import annotations

import pytest

from gatecourt.core.protocols import Findings, Target
from gatecourt.rules.audit.checks import judge_authority, judge_idempotency, judge_lines, judge_recorded
from gatecourt.rules.audit.effects import judge_effect
from gatecourt.rules.audit.section import AuditSection

pytestmark = pytest.mark.audit


def test_lines(target: Target, findings: Findings) -> None:
    """Every line has its command, issuer, time and outcome."""
    findings.record(judge_lines(target.section(AuditSection), target))


def test_idempotency(target: Target, findings: Findings) -> None:
    """A command has an id, and its retry has no second effect."""
    findings.record(judge_idempotency(target.section(AuditSection), target))


def test_authority(target: Target, findings: Findings, admin_command: str) -> None:
    """The command succeeds for no one but an admin."""
    findings.record(judge_authority(target.section(AuditSection), admin_command, target))


def test_recorded(target: Target, findings: Findings, recorded_pair: str) -> None:
    """Each such command has its event, and each such event has its command."""
    findings.record(judge_recorded(target.section(AuditSection), recorded_pair, target))


def test_effect(target: Target, findings: Findings, lasting_effect: str) -> None:
    """What started has ended in time or was cancelled."""
    findings.record(judge_effect(target.section(AuditSection), lasting_effect, target))
