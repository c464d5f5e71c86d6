"""Promotion: a candidate is promoted on its numbers, and what had to follow earlier promotions did.

Why it matters: a summary that says PASS over stages that do not is believed by whoever reads the first line; a drift
in small steps is never seen from one step to the next; two windows in which nobody looked are no two green windows; and
a rollback that was never rehearsed is found not to work when it is needed.

Needs: ``[promotion]`` with the rehearsal's stages, bands over its log, windows of observation, alerts, thresholds,
release and shadow configuration, a drill that must fail, and the history of promotions and decisions; each part is
declared, or listed with a reason in [court.not_applicable.promotion]. Evidence: digests of all that was read, the
recomputed status and decision, the windows that counted, what followed each promotion.
Runbook: townlet "Promotion".
"""

from __future__ import annotations

import pytest

from gatecourt.core.protocols import Findings, Target
from gatecourt.rules.promotion.parts import judge_part

pytestmark = pytest.mark.promotion


def test_stages(target: Target, findings: Findings) -> None:
    """The rehearsal passes when its stages are counted again, and its summary says what they give."""
    findings.record(judge_part("stages", target))


def test_bands(target: Target, findings: Findings) -> None:
    """The log of training keeps the bands and bounds of a promotion."""
    findings.record(judge_part("bands", target))


def test_windows(target: Target, findings: Findings) -> None:
    """The last windows with data keep every declared bound."""
    findings.record(judge_part("windows", target))


def test_alerts(target: Target, findings: Findings) -> None:
    """No alert stands at the end, or in the windows that count."""
    findings.record(judge_part("alerts", target))


def test_thresholds(target: Target, findings: Findings) -> None:
    """The thresholds in force are those of the release's file, all of them."""
    findings.record(judge_part("thresholds", target))


def test_parity(target: Target, findings: Findings) -> None:
    """Release and shadow agree, and the run says that it is that configuration."""
    findings.record(judge_part("parity", target))


def test_drill(target: Target, findings: Findings) -> None:
    """A rehearsal under a threshold out of reach fails for its accuracy, stops and promotes nothing."""
    findings.record(judge_part("drill", target))


def test_canaries(target: Target, findings: Findings) -> None:
    """Each promotion was followed by green windows, or by a rollback to the release before it."""
    findings.record(judge_part("canaries", target))


def test_reaction(target: Target, findings: Findings) -> None:
    """Each decision is what its rehearsal gives, and what it asks for was done."""
    findings.record(judge_part("reaction", target))
