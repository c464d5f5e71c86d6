"""What a mechanism hands to its check: the things looked at, what the judgement rests on, and what was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatecourt.core.model import Finding, Json, Subject
from gatecourt.core.protocols import Findings


@dataclass(frozen=True, slots=True)
class Judgement:
    """Subjects, parameters and findings of one check, the same from run to run."""

    subjects: tuple[Subject, ...]
    findings: tuple[Finding, ...]
    parameters: Mapping[str, Json] = field(default_factory=dict)

    def tell(self, findings: Findings) -> None:
        """Put all of it on record."""
        findings.subjects(self.subjects)
        for name, value in self.parameters.items():
            findings.parameter(name, value)
        findings.extend(self.findings)
