"""Clocks and chance in a system: trapped while it runs, and searched for in its source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from gatecourt.difference.section import DeterminismSection, SourceSettings
from gatecourt.entropy.judging import judge as judge_reads
from gatecourt.entropy.reading import read_trap
from gatecourt.judgement import Judgement
from gatecourt.model import Finding, Json, Run, Subject
from gatecourt.patterns import select
from gatecourt.sources import subject
from gatecourt.sourcescan.exemptions import Honoured
from gatecourt.sourcescan.judging import judge as judge_uses
from gatecourt.sourcescan.scanning import scan

_SKIPPED = {".git", "__pycache__", ".venv", "node_modules"}


def judge_run(run: Run, root: Path, section: DeterminismSection) -> Judgement:
    """What the trap of ``run`` told: rules ``entropy.*``."""
    settings = section.entropy
    if settings is None or run.trap is None or run.work is None:
        raise ValueError("no trap is declared, or the run was made without one")
    log = read_trap(run.trap, [root, run.work])
    heard = judge_reads(log, settings.runtimes, settings.exempt, strict=settings.strict)
    parameters: dict[str, Json] = {
        "runtimes": list(settings.runtimes),
        "depth": settings.depth,
        "exempt": _listed(heard.honoured),
        "seeded": sorted({f"{read.where} {read.call}" for read in heard.seeded}),
    }
    return Judgement(tuple(run.files.values()), heard.findings, parameters)


def judge_source(root: Path, settings: SourceSettings) -> Judgement:
    """The files below ``root`` that the patterns name, searched. Rules ``source.*`` and ``artefact.none``."""
    names = select(_files(root), settings.files)
    if not names:
        where = ", ".join(settings.files)
        return Judgement((), (Finding(where, "at least one source file", "none", "artefact.none"),))
    found = scan({name: root / name for name in names})
    heard = judge_uses(found.uses, settings.exempt)
    subjects: tuple[Subject, ...] = tuple(subject(root / name, name) for name in names)
    parameters: dict[str, Json] = {"files": list(settings.files), "exempt": _listed(heard.honoured)}
    return Judgement(subjects, (*found.findings, *heard.findings, *heard.unused), parameters)


def _listed(honoured: Iterable[Honoured]) -> list[Json]:
    return [{"where": item.where, "call": item.call, "reason": item.reason} for item in honoured]


def _files(root: Path) -> Iterator[str]:
    for path in root.rglob("*"):
        relative = path.relative_to(root)
        if not _SKIPPED.intersection(relative.parts) and path.is_file():
            yield relative.as_posix()
