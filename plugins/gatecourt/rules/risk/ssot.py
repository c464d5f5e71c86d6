"""The limits in the single source of truth (SSOT). A missing limit is not unlimited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Subject
from gatecourt.formats.decimals import read, words
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import subject
from gatecourt.rules.risk.section import RiskSection
from gatecourt.rules.risk.values import number_at


@dataclass(frozen=True)
class SsotLimits:
    """The SSOT: its subject, its limits by pointer, and a finding for each limit that is missing or invalid."""

    subject: Subject
    document: object
    values: Mapping[str, Decimal]
    findings: tuple[Finding, ...]

    def where(self, at: str) -> str:
        """The place of a pointer in the SSOT."""
        return f"{self.subject.name}#{at}"


def read_limits(section: RiskSection, root: Path) -> SsotLimits:
    """The declared limits. Raises ``Judged`` where the SSOT cannot be read.

    Findings: ``risk.limit_missing``, ``risk.limit_not_a_number``, ``risk.limit_not_positive``.
    """
    name = section.ssot
    read_subject, document = subject(root / name, name), read(root / name, name)
    values: dict[str, Decimal] = {}
    findings: list[Finding] = []
    for at in sorted({limit.pointer for limit in section.limit}):
        value = _limit(document, at, name)
        if isinstance(value, Finding):
            findings.append(value)
        else:
            values[at] = value
    return SsotLimits(read_subject, document, values, tuple(findings))


def _limit(document: object, at: str, name: str) -> Decimal | Finding:
    value = number_at(document, at, name)
    expected = "a limit: a finite number above 0"
    if isinstance(value, Finding):
        missing = value.observed == "absent"
        rule = "risk.limit_missing" if missing else "risk.limit_not_a_number"
        return Finding(value.where, expected, value.observed, rule)
    if value <= 0:
        return Finding(f"{name}#{at}", expected, excerpt(words(value)), "risk.limit_not_positive")
    return value


def judge_declared(section: RiskSection, root: Path) -> Judgement:
    """Every declared limit is in the SSOT, as a finite number above 0. Needs no run."""
    limits = read_limits(section, root)
    return Judgement((limits.subject,), limits.findings, {"limits": dict(_as_parameters(section, limits))})


def _as_parameters(section: RiskSection, limits: SsotLimits) -> Iterator[tuple[str, Json]]:
    for limit in sorted(section.limit, key=lambda limit: limit.name):
        value = limits.values.get(limit.pointer)
        yield limit.name, None if value is None else words(value)
