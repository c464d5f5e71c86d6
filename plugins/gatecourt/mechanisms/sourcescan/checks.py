"""What the scan found, compared with the exemptions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gatecourt.core.model import Finding
from gatecourt.mechanisms.sourcescan.exemptions import Honoured, SourceExemption, honour, stale
from gatecourt.mechanisms.sourcescan.uses import SourceUse

_EXPECTED = "no wall clock, random source or identity of process or host"


@dataclass(frozen=True, slots=True)
class ScanJudgement:
    """The findings, and every exemption that was honoured. ``unused`` are findings too, of exemptions without a use."""

    findings: tuple[Finding, ...]
    honoured: tuple[Honoured, ...]
    unused: tuple[Finding, ...]


def judge(uses: Iterable[SourceUse], exemptions: Sequence[SourceExemption]) -> ScanJudgement:
    """Judge the uses: ``source.entropy`` for each that no exemption covers, ``source.exemption_unused`` for each
    exemption that covers none."""
    excused = honour(uses, exemptions)
    findings = dict.fromkeys(
        Finding(use.where, _EXPECTED, f"{use.call}: {use.snippet}", "source.entropy") for use in excused.left
    )
    return ScanJudgement(tuple(findings), excused.honoured, tuple(stale(exemption) for exemption in excused.unused))
