"""Throughput: nothing takes much longer than it did when its time was recorded.

Why it matters: systems become slow a little at a time, or by one change that was not measured, until a result is no
longer ready when the market opens. A slowdown is cheap to find on the day it is made.

Needs: ``[throughput]`` with the baseline, the commands that are timed, and the zones; for gates the newest record of
their times. Times are in units of a fixed workload, measured beside them, so that machines can be compared. A command
that seems slow is run again before it is reported. Evidence: the baseline's digest and custody; times and units as
observations. Runbook: treasure "Monthly".
"""

from __future__ import annotations

import pytest

from gatecourt.core.protocols import Findings, Target
from gatecourt.rules.throughput.checks import judge_command, judge_gate
from gatecourt.rules.throughput.section import ThroughputSection

pytestmark = pytest.mark.throughput


def test_command(target: Target, findings: Findings, timed_command: str, effort: str) -> None:
    """The command takes at most so many times what it took when the baseline was recorded."""
    section = target.section(ThroughputSection)
    findings.record(judge_command(section, timed_command, target, thorough=effort == "high"))


def test_gate(target: Target, findings: Findings, timed_gate: str) -> None:
    """The gate's newest recorded time is at most so many times that of the baseline."""
    findings.record(judge_gate(target.section(ThroughputSection), timed_gate, target.root))
