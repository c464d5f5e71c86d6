"""Determinism: the same seed and inputs give the same outputs, and another seed gives others.

Why it matters: a result that cannot be repeated can be neither explained nor compared. A clock, an unordered set or a
path in an output often goes unseen, because a second run on the same machine has the same clock, order and path.

Needs: ``[run]``; ``[determinism]`` may name further commands, outputs, masks, tolerances, further perturbations, the
runtimes whose reads of clocks and chance are trapped, and the parts of the source that are searched for them.

Evidence: the digests of the compared outputs, the masks with the number of places each covered,
``determinism_diff.txt`` (empty when the runs agree) and ``determinism_masked.txt`` with the masked differences.
Runbook: treasure "How to prove determinism".
"""

from __future__ import annotations

import pytest

from gatecourt.core.model import Run
from gatecourt.core.protocols import Findings, Target
from gatecourt.rules.determinism.doublerun import Names, judge_command, judge_double_run, judge_seed
from gatecourt.rules.determinism.nondeterminism import judge_run, judge_source
from gatecourt.rules.determinism.section import DeterminismSection

pytestmark = pytest.mark.determinism


def test_double_run(target: Target, findings: Findings) -> None:
    """Two isolated runs, the second in another environment, give equal outputs."""
    section = target.section(DeterminismSection)
    first = target.run()
    findings.record(judge_double_run(first, lambda names: target.run(again=True, perturb=names), section))


def test_command(target: Target, findings: Findings, repeated_command: str) -> None:
    """A further command, run twice, the second time in another environment, gives equal outputs."""
    section, name = target.section(DeterminismSection), repeated_command
    first = target.command(name)
    findings.record(judge_command(name, first, lambda names: target.command(name, again=True, perturb=names), section))


def test_seed(target: Target, findings: Findings) -> None:
    """Another seed changes the outputs."""
    section = target.section(DeterminismSection)
    base, other = target.run(), target.other_seed

    def again(names: Names) -> Run:
        return target.run(again=True, perturb=names)

    findings.record(judge_seed(base, other, lambda seed: target.run(seed=seed), again, section))


def test_entropy_trap(target: Target, findings: Findings, trap_depth: str) -> None:
    """No line of the system reads a clock, a random source or its process id while it runs."""
    section = target.section(DeterminismSection)
    findings.record(judge_run(target.run(again=True, trap=trap_depth), target.root, section))


def test_source_scan(target: Target, findings: Findings, source_part: str) -> None:
    """No line of the source names a clock or a random source, unless exempt with a reason."""
    findings.record(judge_source(target.root, target.section(DeterminismSection).source[source_part]))
