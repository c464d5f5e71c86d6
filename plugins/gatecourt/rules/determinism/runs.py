"""Two runs of one target compared, output by output."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json, Run, Subject
from gatecourt.formats.patterns import select
from gatecourt.rules.determinism.comparison_log import OnMasked
from gatecourt.rules.determinism.files import compare_files
from gatecourt.rules.determinism.outcome import Divergence, FileComparison, MaskedDifference, MaskUse
from gatecourt.rules.determinism.protection import Protection
from gatecourt.rules.determinism.report import text_of
from gatecourt.rules.determinism.rules import FileRules, refused
from gatecourt.rules.determinism.section import DeterminismSection, Mask

_SEED = ("seed",)


@dataclass(frozen=True, slots=True)
class RunComparison:
    """All declared outputs of two runs, sorted by name, and the findings about outputs, files and masks.

    The divergences are no findings yet: whether the target or its environment causes them, the caller decides.
    """

    comparisons: tuple[FileComparison, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def divergences(self) -> tuple[Divergence, ...]:
        """The first divergence of each output that differs."""
        return tuple(item.divergence for item in self.comparisons if item.divergence is not None)

    @property
    def equal(self) -> bool:
        """Whether no output differs beyond what masks and tolerances allow."""
        return not self.divergences

    @property
    def masked(self) -> tuple[MaskedDifference, ...]:
        """The listed masked differences of all outputs."""
        return tuple(difference for item in self.comparisons for difference in item.masked)

    def uses(self) -> dict[Mask, MaskUse]:
        """What each applied mask covered in all outputs."""
        total: dict[Mask, MaskUse] = {}
        for mask, use in (pair for item in self.comparisons for pair in item.uses.items()):
            known = total.get(mask, MaskUse(0, 0))
            total[mask] = MaskUse(known.places + use.places, known.differed + use.differed)
        return total

    def subjects(self, run: Run) -> tuple[Subject, ...]:
        """The compared outputs as they are in ``run``, one of the two."""
        return tuple(run.files[item.name] for item in self.comparisons if item.name in run.files)

    def mask_places(self) -> list[Json]:
        """Each applied mask with the number of values that it covered: the same from run to run."""
        return [{**_description(mask), "places": use.places} for mask, use in self.uses().items()]

    def mask_differences(self) -> list[Json]:
        """Each applied mask with the number of values that differed: chance has a part in it."""
        return [{**_description(mask), "differed": use.differed} for mask, use in self.uses().items()]

    def masked_text(self) -> str:
        """The masked differences for people, a line each, and how many more there are; "" for none."""
        lines = [f"{item.where}  {item.left}  {item.right}  ({item.reason})" for item in self.masked]
        more = sum(use.differed for use in self.uses().values()) - len(lines)
        return "".join(f"{line}\n" for line in [*lines, *([f"and {more} more"] if more else [])])

    def divergence_findings(self, rule: str) -> tuple[Finding, ...]:
        """Each divergence as a finding under ``rule``."""
        return tuple(divergence.finding(rule) for divergence in self.divergences)

    def diff_text(self) -> str:
        """The divergences for people; the empty string when the runs are equal."""
        return text_of(self.divergences)


def _description(mask: Mask) -> dict[str, Json]:
    return {"files": mask.files, "path": mask.path, "type": mask.type, "pattern": mask.pattern, "reason": mask.reason}


def compare_runs(
    left: Run, right: Run, section: DeterminismSection, *, on_masked: OnMasked | None = None
) -> RunComparison:
    """Every output that ``section`` declares, of ``left`` against ``right``.

    Findings: ``determinism.no_outputs``, ``determinism.output_missing``, ``determinism.mask_protected``,
    ``determinism.mask_mismatch``, ``determinism.mask_unused``, and those of strict reading for a file that differs.
    Files of one digest are equal without being read again, unless a mask wants their values. ``on_masked`` is called
    for every masked difference.
    """
    names = _outputs(left, right, section.outputs)
    if not names:
        wanted = ", ".join(section.outputs)
        return RunComparison((), (Finding("outputs", f"a file matching {wanted}", "none", "determinism.no_outputs"),))
    compared: list[FileComparison] = []
    findings: list[Finding] = list(_missing(left, right, section.outputs))
    findings += refused(section.mask, Protection(section.protected)).values()
    for name in names:
        try:
            compared.append(_compare(left, right, name, section, on_masked=on_masked))
        except Judged as judged:
            findings.append(judged.finding)
    result = RunComparison(tuple(compared))
    findings += [finding for item in compared for finding in item.findings]
    findings += _unused(result, section)
    return RunComparison(result.comparisons, tuple(dict.fromkeys(findings)))


def _outputs(left: Run, right: Run, patterns: Sequence[str]) -> list[str]:
    return select({*left.files, *right.files}, patterns)


def _missing(left: Run, right: Run, patterns: Sequence[str]) -> Iterator[Finding]:
    for pattern in patterns:
        if not _outputs(left, right, [pattern]):
            yield Finding(pattern, "an output of this name", "none in either run", "determinism.output_missing")


def _compare(
    left: Run,
    right: Run,
    name: str,
    section: DeterminismSection,
    *,
    seed_words: Sequence[str] = (),
    on_masked: OnMasked | None = None,
) -> FileComparison:
    one, other = left.files.get(name), right.files.get(name)
    if one is None or other is None:
        return FileComparison(name, _lone(name, left, right))
    rules = FileRules(name, section.mask, section.tolerance, Protection(section.protected), seed_words)
    if (one.sha256, one.size) == (other.sha256, other.size) and not rules.masks:
        return FileComparison(name)
    exact = bool(select([name], section.exact))
    return compare_files(left.path(name), right.path(name), rules, exact=exact, on_masked=on_masked)


def _lone(name: str, left: Run, right: Run) -> Divergence:
    if name in left.files:
        return Divergence(name, "missing file", f"{left.files[name].size} bytes", "no such file")
    return Divergence(name, "extra file", "no such file", f"{right.files[name].size} bytes")


def _unused(result: RunComparison, section: DeterminismSection) -> Iterator[Finding]:
    """Masks that covered nothing. A file that diverged was not read to its end, so it may yet hold a masked value."""
    cut_short = [divergence.file for divergence in result.divergences]
    uses = result.uses()
    stopped = refused(section.mask, Protection(section.protected))
    for mask in dict.fromkeys(section.mask):
        used = mask in stopped or (mask in uses and uses[mask].places > 0)
        if not used and not select(cut_short, [mask.files]):
            where = f"{mask.files}#{mask.path}"
            yield Finding(where, "a value that the mask covers", "none in either run", "determinism.mask_unused")


def seed_sensitivity(
    base: Run, other: Run, section: DeterminismSection, repeats: Iterable[Run] = ()
) -> tuple[Finding, ...]:
    """What another seed did not change: findings ``determinism.seed_ignored``, or those about absent outputs.

    Masks and tolerances apply, and a value below a name with the word "seed" does not count, since a report
    that only repeats its seed would always differ. An output that differs from that of every run in ``repeats``, made
    with the seed of ``base``, differs by itself: ``determinism.seed_noise``. They are made one after the other, each
    only where those before it left it open.
    """
    same = _SameSeed(base, section, repeats)
    if section.seed_changes:
        absent = tuple(_missing(base, other, section.seed_changes))
        names = _outputs(base, other, section.seed_changes)
        found = {name: _differs(base, other, name, section) for name in names}
        noise = same.noise([name for name in names if found[name]])
        return absent + tuple(_noisy(n) if n in noise else _ignored(n) for n in names if n in noise or not found[n])
    names = _outputs(base, other, section.outputs)
    if not names:
        return compare_runs(base, other, section).findings
    changed = [name for name in names if _differs(base, other, name, section)]
    if not changed:
        return (_ignored("outputs"),)
    noise = same.noise(changed)
    return tuple(map(_noisy, changed)) if len(noise) == len(changed) else ()


@dataclass(slots=True)
class _SameSeed:
    """Runs with the seed of ``base``, which show what differs by itself."""

    base: Run
    section: DeterminismSection
    repeats: Iterable[Run]

    def noise(self, names: Sequence[str]) -> list[str]:
        """Those of ``names`` that differ from ``base`` in every repeat; none where nothing is repeated."""
        left, repeated = list(names), False
        for run in self.repeats if names else ():
            repeated = True
            left = [name for name in left if _differs(self.base, run, name, self.section)]
            if not left:
                break
        return left if repeated else []


def _differs(base: Run, other: Run, name: str, section: DeterminismSection) -> bool:
    return _compare(base, other, name, section, seed_words=_SEED).divergence is not None


def _ignored(where: str) -> Finding:
    return Finding(where, "another content under another seed", "the same content", "determinism.seed_ignored")


def _noisy(where: str) -> Finding:
    return Finding(where, "the same content under the same seed", "another content", "determinism.seed_noise")
