"""A run repeated by the parameters in its log, and held against the original."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

from gatecourt.core.model import Finding, Run
from gatecourt.core.protocols import Target
from gatecourt.rules.determinism.runs import RunComparison, compare_runs
from gatecourt.rules.determinism.section import DeterminismSection
from gatecourt.rules.replay.parameters import recorded
from gatecourt.rules.replay.section import ReplaySection


@dataclasses.dataclass(frozen=True, slots=True)
class Repetition:
    """The original run, and all that the repeated one has otherwise."""

    original: Run
    comparison: RunComparison

    @property
    def findings(self) -> Iterator[Finding]:
        """Rules ``replay.divergence``, ``replay.output_missing`` and what else comparing runs tells, so renamed."""
        yield from renamed(self.comparison.findings, "determinism.")
        yield from self.comparison.divergence_findings("replay.divergence")


def repeat(section: ReplaySection, target: Target) -> Repetition:
    """Does the target's run again by its log alone.

    Raises ``Judged`` where the log does not say how, or where the repeated run does not end well.
    """
    original = target.artefacts()
    told = recorded(section, original)
    values = {f"log_{name}": value for name, value in told.require().items()}
    log = str(original.path(told.log.name))
    again = target.command(section.command, values={"log": log, **values})
    compared = DeterminismSection(
        outputs=section.outputs, exact=section.exact, mask=section.mask, tolerance=section.tolerance
    )
    return Repetition(original, compare_runs(original, again, compared))


def renamed(findings: Iterable[Finding], family: str) -> Iterator[Finding]:
    """Findings of another mechanism under the names that this gate registers; those of reading stay as they are."""
    for finding in findings:
        if finding.rule.startswith(family):
            yield dataclasses.replace(finding, rule=f"replay.{finding.rule.removeprefix(family)}")
        else:
            yield finding
