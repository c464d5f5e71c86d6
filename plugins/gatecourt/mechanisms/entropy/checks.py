"""What the trap recorded, compared with what is allowed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from gatecourt.core.model import Finding
from gatecourt.mechanisms.entropy.reading import EntropyRead, TrapLog
from gatecourt.mechanisms.sourcescan.exemptions import Honoured, SourceExemption, honour

_EXPECTED = "time, randomness and identity handed in by the caller"


@dataclass(frozen=True, slots=True)
class EntropyJudgement:
    """The findings, and what was allowed: by an exemption, or because the hidden generator had been seeded."""

    findings: tuple[Finding, ...]
    honoured: tuple[Honoured, ...]
    seeded: tuple[EntropyRead, ...]


def judge(
    log: TrapLog, languages: Collection[str], exemptions: Sequence[SourceExemption], *, strict: bool = False
) -> EntropyJudgement:
    """Judge the reads of one run.

    ``languages`` are the runtimes (``python``, ``node``) that the run must have armed: a trap that was not armed
    proves nothing (``entropy.not_armed``). Reads are ``entropy.read``; of a hidden generator that had been seeded
    ``entropy.global_generator``, and only if ``strict``. What could not be trapped is ``entropy.gap``.
    An exemption that was not needed is no finding here: the run need not reach every line.
    """
    reads, seeded = log.reads, tuple(read for read in log.reads if read.seeded)
    if not strict:
        reads = tuple(read for read in reads if not read.seeded)
    excused = honour(reads, exemptions)
    return EntropyJudgement(
        (*_unarmed(log, languages), *log.gaps, *(_finding(read) for read in excused.left)),
        excused.honoured,
        () if strict else seeded,
    )


def _unarmed(log: TrapLog, languages: Collection[str]) -> list[Finding]:
    missing = sorted(set(languages) - set(log.armed))
    expected = "a runtime with the trap armed"
    return [Finding(language, expected, "no record from it", "entropy.not_armed") for language in missing]


def _finding(read: EntropyRead) -> Finding:
    rule = "entropy.global_generator" if read.seeded else "entropy.read"
    return Finding(read.where, _EXPECTED, f"{read.call}: {read.snippet}", rule)
