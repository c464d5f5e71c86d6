"""Clocks and random sources in a system: trapped while it runs, and searched for in its source."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Json, Run
from gatecourt.formats.files import in_tree
from gatecourt.mechanisms.entropy.checks import judge as judge_reads
from gatecourt.mechanisms.entropy.reading import read_trap
from gatecourt.mechanisms.sourcescan.checks import judge as judge_uses
from gatecourt.mechanisms.sourcescan.exemptions import Honoured
from gatecourt.mechanisms.sourcescan.scanning import scan
from gatecourt.rules.determinism.section import DeterminismSection, SourceSettings


def judge_run(run: Run, root: Path, section: DeterminismSection) -> Judgement:
    """What the trap of ``run`` recorded: rules ``entropy.*``."""
    settings = section.entropy
    if settings is None or run.trap is None or run.work is None:
        raise ValueError("no trap is declared, or the run was made without one")
    log = read_trap(run.trap, [root, run.work])
    judged = judge_reads(log, settings.runtimes, settings.exempt, strict=settings.strict)
    parameters: dict[str, Json] = {
        "runtimes": list(settings.runtimes),
        "depth": settings.depth,
        "exempt": _listed(judged.honoured),
        "seeded": sorted({f"{read.where} {read.call}" for read in judged.seeded}),
    }
    return Judgement(tuple(run.files.values()), judged.findings, parameters)


def judge_source(root: Path, settings: SourceSettings) -> Judgement:
    """The files below ``root`` that the patterns name, searched. Rules ``source.*`` and ``artefact.none``."""
    try:
        sources = in_tree(root, settings.files)
    except Judged as refused:
        return Judgement((), (refused.finding,))
    found = scan({source.name: source.path for source in sources})
    judged = judge_uses(found.uses, settings.exempt)
    parameters: dict[str, Json] = {"files": list(settings.files), "exempt": _listed(judged.honoured)}
    return Judgement(
        tuple(source.subject for source in sources), (*found.findings, *judged.findings, *judged.unused), parameters
    )


def _listed(honoured: Iterable[Honoured]) -> list[Json]:
    return [{"where": item.where, "call": item.call, "reason": item.reason} for item in honoured]
