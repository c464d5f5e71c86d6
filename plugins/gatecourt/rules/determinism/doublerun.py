"""Two isolated runs and, where they differ, a third that shows whether the target or its environment is the cause."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Run
from gatecourt.rules.determinism.causes import Names, blame
from gatecourt.rules.determinism.outcome import Divergence
from gatecourt.rules.determinism.runs import RunComparison, compare_runs, seed_sensitivity
from gatecourt.rules.determinism.section import ALWAYS_PERTURBED, DeterminismSection

Again = Callable[[Names], Run]


@dataclass(frozen=True, slots=True)
class DoubleRun:
    """What repeated runs showed.

    ``comparison`` is the one that decides: of the perturbed run where the runs are equal or only the surroundings make
    them differ, else of the plain one. ``causes`` are the perturbations that make the outputs differ; with an
    environmental divergence whose cause is not found they are all that were tried.
    """

    comparison: RunComparison
    findings: tuple[Finding, ...]
    perturbed: Names
    causes: Names = ()


def double_run(first: Run, again: Again, section: DeterminismSection) -> DoubleRun:
    """Compares ``first`` with a run in another environment.

    ``again`` makes an independent run under the named perturbations, none for a plain one, and may answer the same
    request with the same run. Findings: those of ``compare_runs``, and for each output that differs
    ``determinism.divergence`` if a plain run differs too, else ``determinism.environment`` with the cause. Raises
    ``Judged`` where the second or third run does not end well.
    """
    perturbed: Names = (*ALWAYS_PERTURBED, *section.perturb)
    second = compare_runs(first, _survived(again, perturbed), section)
    if second.equal:
        return DoubleRun(second, second.findings, perturbed)
    third = compare_runs(first, again(()), section)
    if not third.equal:
        found = third.divergence_findings("determinism.divergence")
        return DoubleRun(third, (*third.findings, *found), perturbed)
    causes = blame(perturbed, lambda names: names != perturbed and _equal(first, names, again, section)) or perturbed
    found = tuple(_environmental(divergence, causes) for divergence in second.divergences)
    return DoubleRun(second, (*second.findings, *found), perturbed, causes)


def judge_double_run(first: Run, again: Again, section: DeterminismSection) -> Judgement:
    """``double_run`` as a result: its findings, the perturbations, what each mask covered, and the differences."""
    result = double_run(first, again, section)
    compared = result.comparison
    parameters: dict[str, Json] = {"perturbed": list(result.perturbed), "masks": compared.mask_places()}
    texts = {"determinism_diff.txt": compared.diff_text(), "determinism_masked.txt": compared.masked_text()}
    observations: dict[str, Json] = {"masked_differences": compared.mask_differences()}
    return Judgement(compared.subjects(first), result.findings, parameters, observations, texts)


def judge_command(name: str, first: Run, again: Again, section: DeterminismSection) -> Judgement:
    """The further command ``name``, whose first run is ``first``: all outputs are compared, and nothing is masked.

    Rules: those of ``double_run``, ``determinism.command_writes_nothing``.
    """
    if not first.files:
        where, expected = f"commands.{name}", "outputs that can be compared"
        return Judgement((), (Finding(where, expected, "none", "determinism.command_writes_nothing"),))
    result = double_run(first, again, section.of_a_command)
    text = {f"determinism_diff_{name}.txt": result.comparison.diff_text()}
    parameters: dict[str, Json] = {"perturbed": list(result.perturbed)}
    return Judgement(result.comparison.subjects(first), result.findings, parameters, attachments=text)


def judge_seed(
    base: Run, other_seed: int | None, under: Callable[[int], Run], section: DeterminismSection
) -> Judgement:
    """Another seed changes the outputs of ``base``; ``under`` makes the run of a seed, None where none is declared.

    Rules: those of ``seed_sensitivity``, ``determinism.seed_not_declared``. Raises ``Judged`` as runs do.
    """
    subjects = tuple(base.files.values())
    if other_seed is None:
        return Judgement(subjects, (Finding("run.seed", "a seed", "none", "determinism.seed_not_declared"),))
    return Judgement(subjects, seed_sensitivity(base, under(other_seed), section), {"other_seed": other_seed})


def _survived(again: Again, perturbed: Names) -> Run:
    """The run in other surroundings. Raises ``Judged`` that names them where it does not end as the plain one did."""
    try:
        return again(perturbed)
    except Judged as judged:
        told = judged.finding
        expected = f"{told.expected}, as in the first run"
        observed = f"{told.observed}, under another {', '.join(perturbed)}"
        raise Judged(Finding(told.where, expected, observed, "determinism.environment")) from judged


def _equal(first: Run, names: Names, again: Again, section: DeterminismSection) -> bool:
    try:
        return compare_runs(first, again(names), section).equal
    except Judged:  # a run that breaks under a perturbation is not equal under it
        return False


def _environmental(divergence: Divergence, causes: Names) -> Finding:
    finding = divergence.finding("determinism.environment")
    return replace(finding, observed=f"{finding.observed} under another {', '.join(causes)}")
