"""Replay: a run can be repeated from its log, and its database recovered from log and backup.

Why it matters: a parameter that is missing from the log, another dataset, or a backup without the last hour is found
only when a replay or a recovery is needed, and then it is too late.

Needs: ``[replay]`` with the log, the events that record what a run depends on, and the command that repeats it; for
disaster recovery ``database``, ``rebuild`` and ``restore``. Either of the last two is a HOLD where it is neither
declared nor listed under ``[court.not_applicable.replay]``. Evidence: the parameters as recorded, the digests of log,
inputs, outputs, backup and database, ``replay_diff.txt`` (empty when the runs agree).
Runbook: treasure "Replay run", "Disaster recovery".
"""

from __future__ import annotations

import pytest

from gatecourt.core.protocols import Findings, Target
from gatecourt.rules.replay.again import judge_repeated
from gatecourt.rules.replay.parameters import judge_parameters
from gatecourt.rules.replay.recovery import judge_rebuilt, judge_restored
from gatecourt.rules.replay.section import ReplaySection

pytestmark = pytest.mark.replay


def test_parameters(target: Target, findings: Findings) -> None:
    """The log records everything that the run depended on, and its inputs are unchanged."""
    findings.record(judge_parameters(target.section(ReplaySection), target.artefacts(), target.root))


def test_repeated(target: Target, findings: Findings) -> None:
    """The run, repeated from its log alone, has the same outputs."""
    findings.record(judge_repeated(target.section(ReplaySection), target))


def test_rebuilt(target: Target, findings: Findings) -> None:
    """The database rebuilt from the log alone has the rows of the live one."""
    findings.record(judge_rebuilt(target.section(ReplaySection), target))


def test_restored(target: Target, findings: Findings) -> None:
    """The database restored from the backup alone has the rows of the live one."""
    findings.record(judge_restored(target.section(ReplaySection), target))
