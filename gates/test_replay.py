"""Replay: a run can be done again from its log, and its database made again from log and backup.

Why it matters: "we can always replay it" is believed until the day on which a parameter turns out to be missing from
the log, the dataset to be another one, or the backup to lack the last hour. Then it is too late to find out.

Needs: ``[replay]`` with the log, the events that tell what a run depends on, and the command that repeats it; for
disaster recovery ``database``, ``rebuild`` and ``restore``, each of which is a HOLD where it is neither declared nor
excused. Evidence: the parameters as recorded, the digests of log, inputs, outputs, backup and database,
``replay_diff.txt`` (empty when the runs agree). Runbook: treasure "Replay run", "Disaster recovery".
"""

from __future__ import annotations

import pytest

from gatecourt.core.protocols import Findings, Target
from gatecourt.rules.replay.again import repeat
from gatecourt.rules.replay.parameters import judge_parameters
from gatecourt.rules.replay.recovery import judge_rebuilt, judge_restored
from gatecourt.rules.replay.section import ReplaySection

pytestmark = pytest.mark.replay


def test_parameters(target: Target, findings: Findings) -> None:
    """The log tells all that the run depended on, and its inputs are still those."""
    judge_parameters(target.section(ReplaySection), target.artefacts(), target.root).tell(findings)


def test_repeated(target: Target, findings: Findings) -> None:
    """The run, done again by its log alone, has the same outputs."""
    repeated = repeat(target.section(ReplaySection), target)
    findings.subjects(repeated.comparison.subjects(repeated.original))
    findings.parameter("masks", repeated.comparison.mask_places())
    findings.attach("replay_diff.txt", repeated.comparison.diff_text())
    findings.extend(repeated.findings)


def test_rebuilt(target: Target, findings: Findings) -> None:
    """The database that the log alone gives has the rows of the live one."""
    judge_rebuilt(target.section(ReplaySection), target).tell(findings)


def test_restored(target: Target, findings: Findings) -> None:
    """The database that the backup alone gives back has the rows of the live one."""
    judge_restored(target.section(ReplaySection), target).tell(findings)
