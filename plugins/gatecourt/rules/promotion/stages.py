"""The stages of a rehearsal: PASS, HOLD or FAIL recomputed from their numbers, whatever they say of themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise, takewhile

from gatecourt.core.model import Finding, Json
from gatecourt.formats.decimals import words
from gatecourt.formats.json_value import JsonValue
from gatecourt.rules.promotion.drift import Drift, drift_of
from gatecourt.rules.promotion.reading import Inquiry, contradiction, noted, word
from gatecourt.rules.promotion.rehearsal_section import METRICS, StagesSection


@dataclass
class Rehearsal:
    """What the stages give, and what was found on the way."""

    accuracies: list[Decimal] = field(default_factory=list)
    failed: bool = False
    drifts: Mapping[str, Drift] = field(default_factory=dict)
    cloning: Sequence[JsonValue] = ()
    learning: Sequence[JsonValue] = ()
    incomplete: bool = False
    findings: list[Finding] = field(default_factory=list)

    @property
    def status(self) -> str:
        """FAIL where cloning failed, HOLD where a metric drifted or anything needed is missing, else PASS."""
        if self.failed:
            return "FAIL"
        return "HOLD" if self.incomplete or any(self.drifted(metric) for metric in METRICS) else "PASS"

    def drifted(self, metric: str) -> bool:
        """Whether a stage has left the metric's band."""
        return metric in self.drifts and self.drifts[metric].drifted

    @property
    def streak(self) -> int:
        """How many learning stages at the end are clean, each a window of its own."""
        unclean = {where for drift in self.drifts.values() for where in drift.unclean}
        return sum(1 for _ in takewhile(lambda stage: stage.where not in unclean, reversed(self.learning)))

    def lack(self, findings: Sequence[Finding]) -> None:
        """Keeps findings after which the stages cannot be called complete."""
        self.findings += findings
        self.incomplete = self.incomplete or bool(findings)

    def parameters(self) -> dict[str, Json]:
        """What was recomputed, for the record."""
        values = {metric: drift.as_json() for metric, drift in self.drifts.items()}
        return {"status": self.status, "accuracies": [words(one) for one in self.accuracies], "metrics": values}


def recorded_baseline(section: StagesSection, inquiry: Inquiry) -> JsonValue | None:
    """The recorded numbers that learning stages are held against; None where their first is. Raises ``Judged``."""
    return inquiry.node(section.baseline) if section.baseline is not None else None


def rehearse(section: StagesSection, stages: JsonValue, baseline: JsonValue | None) -> Rehearsal:
    """The list at ``stages`` judged. Raises ``Judged`` where it is no list.

    Rules: ``promotion.no_stages``, ``.no_bc_stage``, ``.no_ppo_stage``, ``.mode``, ``.cycle_order``, ``.stage_order``,
    ``.bc_accuracy``, ``.drift``, ``.baseline_zero``, ``.threshold``, ``.contradiction``, ``.missing``, ``.value``.
    """
    found, items = Rehearsal(), stages.items()
    found.lack(list(_cycles(section, items)))
    kinds = by_mode(section, stages, items, found.findings)
    found.incomplete = found.incomplete or bool(found.findings)
    for mode, rule in ((section.bc_mode, "promotion.no_bc_stage"), (section.ppo_mode, "promotion.no_ppo_stage")):
        if items and not kinds[mode]:
            found.lack([Finding(stages.where, f"a stage of mode {mode}", "none", rule)])
    for item in kinds[section.bc_mode]:
        problems: list[Finding] = []
        with noted(problems):
            _clone(section, item, found)
        found.lack(problems)
    found.lack([*_order(section, items, kinds, failed=found.failed), *_rolled_back(section, items)])
    found.cloning, found.learning = kinds[section.bc_mode], kinds[section.ppo_mode]
    found.drifts = {metric: drift_of(section, metric, found.learning, baseline) for metric in METRICS}
    for drift in found.drifts.values():
        found.findings += drift.findings
        found.incomplete = found.incomplete or drift.unknown
    return found


def by_mode(
    section: StagesSection, stages: JsonValue, items: Sequence[JsonValue], told: list[Finding]
) -> dict[str, list[JsonValue]]:
    """The stages by their mode; one of another mode, or none at all, is told."""
    kinds: dict[str, list[JsonValue]] = {section.bc_mode: [], section.ppo_mode: []}
    if not items:
        told.append(Finding(stages.where, "at least one stage", "an empty list", "promotion.no_stages"))
    for item in items:
        with noted(told):
            mode = item.text(section.fields.mode)
            if mode in kinds:
                kinds[mode].append(item)
            else:
                expected = f"{section.bc_mode} or {section.ppo_mode}"
                told.append(Finding(item.node(section.fields.mode).where, expected, mode, "promotion.mode"))
    return kinds


def _cycles(section: StagesSection, items: Sequence[JsonValue]) -> Iterator[Finding]:
    told: list[Finding] = []
    cycles: list[tuple[JsonValue, Decimal]] = []
    for item in items:
        with noted(told):
            cycles.append((item.node(section.fields.cycle), item.number(section.fields.cycle)))
    yield from told
    for (_, before), (at, after) in pairwise(cycles):
        if after <= before:
            yield Finding(at.where, f"a cycle after {words(before)}", words(after), "promotion.cycle_order")


def _order(
    section: StagesSection, items: Sequence[JsonValue], kinds: Mapping[str, Sequence[JsonValue]], *, failed: bool
) -> Iterator[Finding]:
    """What was learnt before any cloning rests on nothing; what is cloned in the end, nobody has seen at work."""
    places = {item.where: place for place, item in enumerate(items)}
    clones, lessons = kinds[section.bc_mode], kinds[section.ppo_mode]
    if not clones or not lessons:
        return
    if places[lessons[0].where] < places[clones[0].where]:
        yield Finding(lessons[0].where, f"a stage of mode {section.bc_mode} before it", "none", "promotion.stage_order")
    if places[clones[-1].where] > places[lessons[-1].where] and not failed:
        yield Finding(clones[-1].where, f"a stage of mode {section.ppo_mode} after it", "none", "promotion.stage_order")


def _rolled_back(section: StagesSection, items: Sequence[JsonValue]) -> Iterator[Finding]:
    """Stages that say they were rolled back although, by their own word, nothing failed."""
    told: list[Finding] = []
    for item in items:
        with noted(told):
            at, passed = section.fields.rolled_back, section.fields.passed
            if item.has(at) and item.truth(at) and not (item.has(passed) and not item.truth(passed)):
                told.append(contradiction(item.node(at), "false, for it did not fail"))
    yield from told


def _clone(section: StagesSection, item: JsonValue, found: Rehearsal) -> None:
    """A cloning stage. Raises ``Judged`` where it has no accuracy that can be judged."""
    accuracy = item.share(section.fields.accuracy)
    found.accuracies.append(accuracy)
    if accuracy < section.accuracy:
        found.failed = True
        where, expected = item.node(section.fields.accuracy).where, f"at least {words(section.accuracy)}"
        found.findings.append(Finding(where, expected, words(accuracy), "promotion.bc_accuracy"))
    with noted(found.findings):
        found.findings += own_words(section, item, accuracy)
        found.findings += _own_threshold(section, item)


def own_words(section: StagesSection, item: JsonValue, accuracy: Decimal) -> Iterator[Finding]:
    """The stage's ``passed`` held against its own accuracy and threshold. Raises ``Judged``."""
    held_to = item.number(section.fields.threshold)
    passed = item.node(section.fields.passed)
    if item.truth(section.fields.passed) != (accuracy >= held_to):
        yield contradiction(passed, f"{word(accuracy >= held_to)}: {words(accuracy)} against {words(held_to)}")


def _own_threshold(section: StagesSection, item: JsonValue) -> Iterator[Finding]:
    held_to = item.number(section.fields.threshold)
    if held_to != section.accuracy:
        where = item.node(section.fields.threshold).where
        yield Finding(where, f"{words(section.accuracy)}, as declared", words(held_to), "promotion.threshold")
