"""A run repeated by the parameters in its log, and held against the original."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding
from gatecourt.core.protocols import Target
from gatecourt.rules.determinism.runs import compare_runs
from gatecourt.rules.determinism.section import DeterminismSection
from gatecourt.rules.replay.parameters import recorded
from gatecourt.rules.replay.section import ReplaySection


def judge_repeated(section: ReplaySection, target: Target) -> Judgement:
    """The target's run, repeated from its log alone, has the same outputs.

    Rules: ``replay.divergence``, ``replay.output_missing`` and the others of ``compare_runs``, as this gate's. Raises
    ``Judged`` where the log lacks a parameter, or where the repeated run does not end well.
    """
    original = target.artefacts()
    log = recorded(section, original)
    values = {f"log_{name}": value for name, value in log.require().items()}
    path = str(original.path(log.log.name))
    again = target.command(section.command, values={"log": path, **values})
    compared = DeterminismSection(
        outputs=section.outputs, exact=section.exact, mask=section.mask, tolerance=section.tolerance
    )
    comparison = compare_runs(original, again, compared)
    return Judgement(
        comparison.subjects(original),
        (*renamed(comparison.findings, "determinism."), *comparison.divergence_findings("replay.divergence")),
        {"masks": comparison.mask_places()},
        attachments={"replay_diff.txt": comparison.diff_text()},
    )


def renamed(findings: Iterable[Finding], family: str) -> Iterator[Finding]:
    """Findings of another mechanism under the names that this gate registers; those of reading stay as they are."""
    for finding in findings:
        if finding.rule.startswith(family):
            yield dataclasses.replace(finding, rule=f"replay.{finding.rule.removeprefix(family)}")
        else:
            yield finding
