"""How far learning stages drifted: each held against the first one, or a recorded one, and against the one before.

A stage that is compared with its predecessor alone may go anywhere in small steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gatecourt.core.model import Finding, Json
from gatecourt.formats.decimals import words
from gatecourt.formats.json_value import JsonValue
from gatecourt.mechanisms.bands.placement import BandOutcome, Placement, place
from gatecourt.mechanisms.bands.section import Band
from gatecourt.rules.promotion.reading import contradiction, noted, word
from gatecourt.rules.promotion.rehearsal_section import StagesSection

_RULES = {"band.outside": "promotion.drift", "band.baseline_zero": "promotion.baseline_zero"}


@dataclass
class Drift:
    """One metric over all stages: whether one left the band, whether one could not be judged, and which these are."""

    metric: str
    drifted: bool = False
    unknown: bool = False
    unclean: set[str] = field(default_factory=set)
    baseline: Json = None
    values: list[Json] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def as_json(self) -> dict[str, Json]:
        """The numbers, for the record."""
        return {"baseline": self.baseline, "stages": self.values, "drifted": self.drifted}


def drift_of(section: StagesSection, metric: str, stages: Sequence[JsonValue], recorded: JsonValue | None) -> Drift:
    """The drift of one metric.

    Rules: ``promotion.drift``, ``.baseline_zero``, ``.contradiction``, ``.missing``, ``.value``.
    """
    found = Drift(metric)
    at, band = getattr(section.fields, metric), getattr(section, metric)
    values: list[JsonValue] = []
    told: list[Finding] = []
    for stage in stages:
        found.unclean.add(stage.where)
        with noted(told):
            found.values.append(words(stage.number(at)))
            values.append(stage)
            found.unclean.discard(stage.where)
    with noted(told):
        if origin := recorded or next(iter(values), None):
            found.baseline = words(origin.number(at))
            _follow(section, found, values, origin, (at, band))
    found.unknown = found.unknown or bool(told)
    found.findings = [*told, *found.findings]
    return found


def _follow(
    section: StagesSection, found: Drift, stages: Sequence[JsonValue], origin: JsonValue, how: tuple[str, Band]
) -> None:
    before: JsonValue | None = None
    for stage in stages:
        others = {id(other): other for other in (origin, before) if other is not None and other is not stage}
        placed = [(other, _placed(stage, other, how)) for other in others.values()]
        _tell(found, stage, placed, how[0])
        flag = section.fields.flag.format(found.metric)
        if stage.has(flag):
            with noted(found.findings):
                _own_flag(found, stage, flag, [one for _, one in placed])
        before = stage


def _placed(stage: JsonValue, other: JsonValue, how: tuple[str, Band]) -> Placement:
    at, band = how
    return place(stage.number(at), other.number(at), band)


def _tell(found: Drift, stage: JsonValue, placed: Sequence[tuple[JsonValue, Placement]], at: str) -> None:
    """The first of the comparisons that is not well; one finding a stage and metric is enough."""
    for other, one in placed:
        finding = one.finding(stage.node(at).where, other.node(at).where)
        if finding is None:
            continue
        found.unclean.add(stage.where)
        found.drifted = found.drifted or one.outcome is BandOutcome.OUTSIDE
        found.unknown = found.unknown or one.outcome is BandOutcome.UNKNOWN
        against = f"{finding.expected}; that of {other.node(at).where}"
        found.findings.append(Finding(finding.where, against, finding.observed, _RULES[finding.rule]))
        return


def _own_flag(found: Drift, stage: JsonValue, flag: str, placed: Sequence[Placement]) -> None:
    """The stage's own flag held against the comparisons; where one of them could not be made, nothing is said."""
    outcomes = [one.outcome for one in placed]
    drifted = BandOutcome.OUTSIDE in outcomes
    if BandOutcome.UNKNOWN not in outcomes and stage.truth(flag) != drifted:
        found.findings.append(contradiction(stage.node(flag), f"{word(drifted)}, recomputed"))
