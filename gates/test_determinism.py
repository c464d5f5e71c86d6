"""Determinism: the same seed and inputs give the same outputs, and another seed gives others.

Why it matters: a result that cannot be repeated can be neither explained nor compared. A clock, an unordered set or a
path in an output is seldom seen in one place, because the second run there has the same clock, order and path.

Needs: ``[run]``; ``[determinism]`` may name further commands, outputs, masks, tolerances, further perturbations, the
runtimes whose reads of clocks and chance are trapped, and the parts of the source that are searched for them.

Evidence: the digests of the compared outputs, the masks with the number of places each covered,
``determinism_diff.txt`` (empty when the runs agree) and ``determinism_masked.txt`` with the masked differences.
Runbook: treasure "How to prove determinism".
"""

from __future__ import annotations

import pytest

from gatecourt.core.protocols import Findings, Target
from gatecourt.rules.determinism.doublerun import double_run, tell
from gatecourt.rules.determinism.nondeterminism import judge_run, judge_source
from gatecourt.rules.determinism.runs import seed_sensitivity
from gatecourt.rules.determinism.section import DeterminismSection

pytestmark = pytest.mark.determinism


def test_double_run(target: Target, findings: Findings) -> None:
    """Two isolated runs, the second in other surroundings, give equal outputs."""
    section = target.section(DeterminismSection)
    first = target.run()
    heard = double_run(first, lambda names: target.run(again=True, perturb=names), section)
    tell(heard, first, findings)
    compared = heard.comparison
    findings.parameter("masks", compared.mask_places())
    findings.observe("masked_differences", compared.mask_differences())
    findings.attach("determinism_diff.txt", compared.diff_text())
    findings.attach("determinism_masked.txt", compared.masked_text())


def test_command(target: Target, findings: Findings, repeated_command: str) -> None:
    """A further command, run twice, the second time in other surroundings, gives equal outputs."""
    section = target.section(DeterminismSection).of_a_command
    first = target.command(repeated_command)
    if not first.files:
        where, expected = f"commands.{repeated_command}", "outputs that can be compared"
        findings.add(where, expected=expected, observed="none", rule="determinism.command_writes_nothing")
        return
    heard = double_run(first, lambda names: target.command(repeated_command, again=True, perturb=names), section)
    tell(heard, first, findings)
    findings.attach(f"determinism_diff_{repeated_command}.txt", heard.comparison.diff_text())


def test_seed(target: Target, findings: Findings) -> None:
    """Another seed changes the outputs."""
    section = target.section(DeterminismSection)
    base = target.run()
    if target.other_seed is None:
        findings.subjects(base.files.values())
        findings.add("run.seed", expected="a seed", observed="none", rule="determinism.seed_not_declared")
        return
    other = target.run(seed=target.other_seed)
    findings.subjects(base.files.values())
    findings.parameter("other_seed", target.other_seed)
    findings.extend(seed_sensitivity(base, other, section))


def test_entropy_trap(target: Target, findings: Findings, trap_depth: str) -> None:
    """No line of the system reads a clock, chance or the identity of its process while it runs."""
    section = target.section(DeterminismSection)
    judge_run(target.run(again=True, trap=trap_depth), target.root, section).tell(findings)


def test_source_scan(target: Target, findings: Findings, source_part: str) -> None:
    """No line of the source names a clock or a source of chance, each exemption with its reason."""
    judge_source(target.root, target.section(DeterminismSection).source[source_part]).tell(findings)
