"""The result of a rule: what was judged, what the judgement rests on, and the findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatecourt.core.model import Finding, Json, Subject


@dataclass(frozen=True, slots=True)
class Judgement:
    """The result of one check, handed over by ``findings.record(judgement)``.

    ``subjects`` (what was looked at), ``findings`` and ``parameters`` (thresholds, counts, masks) are the same from
    run to run. ``observations`` are measured and may differ. ``attachments`` are files for people, by name.
    """

    subjects: tuple[Subject, ...]
    findings: tuple[Finding, ...]
    parameters: Mapping[str, Json] = field(default_factory=dict)
    observations: Mapping[str, Json] = field(default_factory=dict)
    attachments: Mapping[str, str] = field(default_factory=dict)
