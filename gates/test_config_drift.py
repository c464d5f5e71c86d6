"""Config drift: files and values are as pinned, and every deviation is documented.

Why it matters: a limit raised by hand, a loosened schema, a regenerated dataset: each lets a run pass that would have
been stopped, and none shows in the run's own reports.

Needs: ``[pins]`` with ``files`` (SHA-256) or ``values`` (by pointer), and ``override`` with reason, date and name.
Evidence: the digest of each pinned file, old and new value of each drift, the overrides that applied. Runbook: treasure
"Pre-Run Checklist", SSOT unchanged.
"""

from __future__ import annotations

import pytest

from gatecourt.core.protocols import Findings, Target
from gatecourt.rules.config_drift.pins import PinsSection, judge_pins

pytestmark = pytest.mark.config_drift


def test_pins(target: Target, findings: Findings) -> None:
    """Every pinned file and value is as pinned or as a documented override states, and every override is in force."""
    findings.record(judge_pins(target.section(PinsSection), target.root))
