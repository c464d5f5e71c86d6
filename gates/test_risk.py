"""Risk: limits are present and respected at every event, increased only with approval; money is conserved.

Why it matters: a deleted limit lets everything through; a limit that is checked only at the end misses a breach that
was gone by then; and equity in the wrong unit never comes near any limit.

Needs: ``[risk]`` with the SSOT and its limits. Events, conservation, range of profit and loss, emergency flag and
normal limits are optional; the check of each is HOLD if it is not declared.

Evidence: the digests of SSOT, logs and reports, the number of events checked per limit, each breach with its line.

Runbook: treasure "Risk Management", "Post-Run Checklist" (PnL, positions), "Emergency Procedures".
"""

from __future__ import annotations

import pytest

from gatecourt.core.protocols import Findings, Target
from gatecourt.rules import risk

pytestmark = pytest.mark.risk


def test_emergency(target: Target, findings: Findings) -> None:
    """No emergency flag is set; if one is, the log gives the reason."""
    findings.record(risk.judge_emergency(target.section(risk.RiskSection), target.root))


def test_declared(target: Target, findings: Findings) -> None:
    """Every limit is in the SSOT, as a finite number above 0."""
    findings.record(risk.judge_declared(target.section(risk.RiskSection), target.root))


def test_raised(target: Target, findings: Findings) -> None:
    """No limit is looser than normal without a signed approval for the day."""
    findings.record(risk.judge_increases(target.section(risk.RiskSection), target.artefacts, target.root))


def test_kept(target: Target, findings: Findings) -> None:
    """Every limited number is within its limit, at each event and in the final reports."""
    findings.record(risk.judge_kept(target.section(risk.RiskSection), target.artefacts(), target.root))


def test_conservation(target: Target, findings: Findings) -> None:
    """Fills sum to positions, and profits to the change of equity, in every book."""
    findings.record(risk.judge_conservation(target.section(risk.RiskSection), target.artefacts(), target.root))


def test_pnl_range(target: Target, findings: Findings) -> None:
    """Profit and loss are within their expected range."""
    findings.record(risk.judge_pnl(target.section(risk.RiskSection), target.artefacts()))
