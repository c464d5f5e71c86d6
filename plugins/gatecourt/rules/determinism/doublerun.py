"""Two isolated runs and, where they differ, a third that shows whether the target or its environment is the cause."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Run
from gatecourt.rules.determinism.outcome import Divergence
from gatecourt.rules.determinism.runs import RunComparison, compare_runs, seed_sensitivity
from gatecourt.rules.determinism.section import ALWAYS_PERTURBED, DeterminismSection

Names = tuple[str, ...]
Again = Callable[[Names], Run]


@dataclass(frozen=True, slots=True)
class DoubleRun:
    """What repeated runs showed.

    ``comparison`` is the one that decides: of the perturbed run where the runs are equal or only the environment makes
    them differ, else of the plain one. ``causes`` are the perturbations that make the outputs differ; with an
    environmental divergence whose cause is not found they are all that were tried.
    """

    comparison: RunComparison
    findings: tuple[Finding, ...]
    perturbed: Names
    causes: Names = ()


def double_run(first: Run, again: Again, section: DeterminismSection) -> DoubleRun:
    """Compares ``first`` with a run in another environment.

    ``again`` makes an independent run under the named perturbations, none for a plain one, and may return the same
    run for the same request. Findings: those of ``compare_runs``, and for each output that differs
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
    base: Run, other_seed: int | None, under: Callable[[int], Run], again: Again, section: DeterminismSection
) -> Judgement:
    """Another seed changes the outputs of ``base``; ``under`` makes the run of a seed, None where none is declared.

    ``again`` makes a run with the seed of ``base``, as for ``double_run``: what it changes as well is no effect of the
    seed. Rules: those of ``seed_sensitivity``, ``determinism.seed_not_declared``. Raises ``Judged`` as runs do.
    """
    subjects = tuple(base.files.values())
    if other_seed is None:
        return Judgement(subjects, (Finding("run.seed", "a seed", "none", "determinism.seed_not_declared"),))
    findings = seed_sensitivity(base, under(other_seed), section, _repeats(again, section))
    return Judgement(subjects, findings, {"other_seed": other_seed})


def _repeats(again: Again, section: DeterminismSection) -> Iterator[Run]:
    """The run of the double run, which is there already, then a plain one."""
    with contextlib.suppress(Judged):  # the double run reports it
        yield again((*ALWAYS_PERTURBED, *section.perturb))
    yield again(())


def _survived(again: Again, perturbed: Names) -> Run:
    """The run in another environment. Raises ``Judged``, with its changes named, where it ends unlike the plain one."""
    try:
        return again(perturbed)
    except Judged as judged:
        finding = judged.finding
        expected = f"{finding.expected}, as in the first run"
        observed = f"{finding.observed}, under another {', '.join(perturbed)}"
        raise Judged(Finding(finding.where, expected, observed, "determinism.environment")) from judged


def _equal(first: Run, names: Names, again: Again, section: DeterminismSection) -> bool:
    try:
        return compare_runs(first, again(names), section).equal
    except Judged:  # a run that breaks under a perturbation is not equal under it
        return False


def _environmental(divergence: Divergence, causes: Names) -> Finding:
    finding = divergence.finding("determinism.environment")
    return replace(finding, observed=f"{finding.observed} under another {', '.join(causes)}")


def blame(names: Sequence[str], equal_under: Callable[[Names], bool]) -> Names:
    """The circumstances among ``names`` that make the result differ, in the order of ``names``; () if none do.

    ``equal_under`` says whether the result stays equal when exactly the given names are changed; each set is asked
    once. A cause is minimal: without any one of its names the difference is gone. Causes that work each alone
    are all found. Two names are named together where only both make the difference.
    """
    asked: dict[Names, bool] = {}

    def differs(chosen: Sequence[str]) -> bool:
        key = tuple(name for name in names if name in chosen)
        if key not in asked:
            asked[key] = not equal_under(key)
        return asked[key]

    guilty: list[str] = []
    rest = list(names)
    while rest and differs(rest):
        cause = _minimal([], rest, differs)
        guilty += cause
        rest = [name for name in rest if name not in cause]
    return tuple(name for name in names if name in guilty)


def _minimal(held: list[str], names: list[str], differs: Callable[[Sequence[str]], bool]) -> list[str]:
    """The smallest part of ``names`` that differs together with ``held``, where all of ``names`` do."""
    if len(names) == 1:
        return names
    half = len(names) // 2
    first, second = names[:half], names[half:]
    from_second = [] if differs([*held, *first]) else _minimal([*held, *first], second, differs)
    if not from_second:  # the cause lies in the first half, and ``held`` alone is known not to differ
        return _minimal(held, first, differs)
    more = [*held, *from_second]
    return ([] if differs(more) else _minimal(more, first, differs)) + from_second
