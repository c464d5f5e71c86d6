"""Risk: the limits are there and kept at every event, raised only with leave, and the sums behind them close.

Why it matters: a deleted limit compares with nothing and lets everything through; a limit that is looked at in the
end alone does not see what was broken and mended in between; and equity in the wrong unit never comes near any limit.

Needs: ``[risk]`` with the SSOT and its limits; events, conservation, range of profit and loss, emergency flag, normal
and raised limits, each of which is a HOLD where it is not declared. Evidence: the digests of SSOT, logs and reports,
how many events each limit was held against, each breach with its line. Runbook: treasure "Risk Management",
"Post-Run Checklist" (PnL, positions), "Emergency Procedures".
"""

from __future__ import annotations

import pytest

from gatecourt.core.protocols import Findings, Target
from gatecourt.rules import risk

pytestmark = pytest.mark.risk


def test_emergency(target: Target, findings: Findings) -> None:
    """No emergency flag is set; where one is, the log says why."""
    risk.judge_emergency(target.section(risk.RiskSection), target.root).tell(findings)


def test_declared(target: Target, findings: Findings) -> None:
    """Every limit stands in the SSOT and is a finite number above 0."""
    risk.judge_declared(target.section(risk.RiskSection), target.root).tell(findings)


def test_raised(target: Target, findings: Findings) -> None:
    """No limit is looser than normal without signed leave for the very day."""
    risk.judge_raises(target.section(risk.RiskSection), target.artefacts, target.root).tell(findings)


def test_kept(target: Target, findings: Findings) -> None:
    """Every number under a limit keeps it, at each event and in the final reports."""
    risk.judge_kept(target.section(risk.RiskSection), target.artefacts(), target.root).tell(findings)


def test_conservation(target: Target, findings: Findings) -> None:
    """Fills sum to positions, and profits to the change of equity, in every book."""
    risk.judge_conservation(target.section(risk.RiskSection), target.artefacts(), target.root).tell(findings)


def test_pnl_range(target: Target, findings: Findings) -> None:
    """Profit and loss lie where they are expected."""
    risk.judge_pnl(target.section(risk.RiskSection), target.artefacts()).tell(findings)
