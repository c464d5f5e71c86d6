"""Throughput: nothing takes much longer than it did when its time was recorded.

Why it matters: a system that becomes slow becomes slow a little at a time, or by one change that nobody measured; what
was ready before the market opened then is not. A slowdown is told on the day on which it comes, or not at all.

Needs: ``[throughput]`` with the baseline, the commands that are timed, and the zones; for gates the newest record of
their times. Times are told in units of a fixed piece of work, measured beside them, so that machines compare; a command
that seems slow is run again before it is called so. Evidence: the baseline's digest and custody; times and units as
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
    timed = judge_command(section, timed_command, target, thorough=effort == "high")
    timed.judgement.tell(findings)
    for name, value in timed.observations.items():
        findings.observe(name, value)


def test_gate(target: Target, findings: Findings, timed_gate: str) -> None:
    """The gate's newest recorded time is at most so many times that of the baseline."""
    judge_gate(target.section(ThroughputSection), timed_gate, target.root).tell(findings)
