"""A run repeated by the parameters in its log, and compared with the original."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding
from gatecourt.core.protocols import Target
from gatecourt.rules.determinism.runs import compare_runs
from gatecourt.rules.determinism.section import DeterminismSection
from gatecourt.rules.replay.parameters import recorded
from gatecourt.rules.replay.section import ReplaySection

_CODES = {
    "no_outputs": "replay.no_outputs",
    "output_missing": "replay.output_missing",
    "mask_mismatch": "replay.mask_mismatch",
    "mask_protected": "replay.mask_protected",
    "mask_unused": "replay.mask_unused",
}
"""What ``compare_runs`` reports under its own family, as this gate's codes."""


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
        (*renamed(comparison.findings, "determinism.", _CODES), *comparison.divergence_findings("replay.divergence")),
        {"masks": comparison.mask_places()},
        attachments={"replay_diff.txt": comparison.diff_text()},
    )


def renamed(findings: Iterable[Finding], family: str, codes: Mapping[str, str]) -> Iterator[Finding]:
    """The findings with the codes of this gate: ``codes`` by what follows ``family`` in a rule; others as they are."""
    for finding in findings:
        name = finding.rule.removeprefix(family) if finding.rule.startswith(family) else ""
        yield dataclasses.replace(finding, rule=codes.get(name, finding.rule))
