"""A rehearsal judged: its stages, and every word of its summary held against what the stages give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding
from gatecourt.core.protocols import Target
from gatecourt.formats.json_value import JsonValue
from gatecourt.rules.promotion.comparison import differences, leaves_of
from gatecourt.rules.promotion.comparison import told as leaf
from gatecourt.rules.promotion.reading import Inquiry, contradiction, noted, word
from gatecourt.rules.promotion.rehearsal_section import METRICS, StagesSection
from gatecourt.rules.promotion.stages import Rehearsal, recorded_baseline, rehearse


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows from a rehearsal: its status, whether the candidate is ready, and the causes against promotion.

    ``causes`` is None where something needed is missing: then nobody can say what the reasons should have been.
    """

    status: str
    ready: bool
    causes: tuple[str, ...] | None

    @property
    def word(self) -> str:
        """PROMOTE, HOLD or FAIL."""
        if self.status != "PASS":
            return self.status
        return "PROMOTE" if self.ready else "HOLD"


def judge_stages(section: StagesSection, target: Target) -> Judgement:
    """The stages pass when recomputed, and the summary says what they give.

    Rules: those of ``stages.rehearse`` and ``promotion.not_ready``, ``.passes_required``, ``.summary_stages``, and
    those of reading.
    """
    inquiry = Inquiry(target)
    stages = inquiry.node(section.results)
    found = rehearse(section, stages, recorded_baseline(section, inquiry))
    inquiry.told += found.findings
    inquiry.parameters |= found.parameters()
    if section.summary is not None:
        summary = inquiry.node(section.summary)
        with noted(inquiry.told):
            decision = decide(section, summary, found, inquiry.told)
            inquiry.parameters["decision"] = decision.word
            inquiry.told += _same_stages(summary.node(section.summary_fields.results, "the stages"), stages)
            inquiry.told += _repeated(section, summary, found)
            inquiry.told += contradictions(section, summary, decision, found)
            inquiry.told += _readiness(section, summary, decision)
    return inquiry.judgement()


def decide(section: StagesSection, summary: JsonValue, found: Rehearsal, told: list[Finding]) -> Decision:
    """The decision recomputed from stages and the windows that the candidate passed in a row. Raises ``Judged``."""
    fields = section.summary_fields
    stated, required = summary.node(fields.pass_streak), summary.count(fields.required_passes)
    streak = summary.count(fields.pass_streak)
    if required != section.required_passes:
        expected, where = f"{section.required_passes}, as declared", summary.node(fields.required_passes).where
        told.append(Finding(where, expected, str(required), "promotion.passes_required"))
    if section.streak == "stages" and streak != found.streak:
        told.append(contradiction(stated, f"{found.streak}, recomputed"))
    passed = found.streak if section.streak == "stages" else streak
    return _decision(found, ready=passed >= section.required_passes)


def _decision(found: Rehearsal, *, ready: bool) -> Decision:
    drifted = tuple(metric for metric in METRICS if found.drifted(metric))
    if found.failed:
        return Decision("FAIL", False, ("bc",))
    if found.incomplete:
        return Decision("HOLD", False, None)
    if drifted:
        return Decision("HOLD", False, drifted)
    return Decision("PASS", ready, () if ready else ("not_ready",))


def contradictions(
    section: StagesSection, summary: JsonValue, decision: Decision, found: Rehearsal
) -> Iterator[Finding]:
    """Words of the summary that differ from the recomputation (``promotion.contradiction``, ``.missing``)."""
    fields = section.summary_fields
    due: dict[str, bool | str] = {
        fields.status: decision.status,
        fields.decision: decision.word,
        fields.candidate_ready: decision.ready,
        fields.bc_passed: bool(found.accuracies) and not found.failed,
    }
    due |= {fields.flag.format(metric): found.drifted(metric) for metric in METRICS}
    told: list[Finding] = []
    for at, expected in due.items():
        with noted(told):
            said = summary.node(at, word(expected))
            if said.value != expected or isinstance(said.value, bool) is not isinstance(expected, bool):
                told.append(contradiction(said, f"{word(expected)}, recomputed"))
    with noted(told):
        told += _reasons(section, summary, decision)
    yield from told


def _reasons(section: StagesSection, summary: JsonValue, decision: Decision) -> Iterator[Finding]:
    said = summary.node(section.summary_fields.reasons, "a list of reasons")
    if decision.causes is None:
        return
    reasons = sorted(item.text("") for item in summary.items(section.summary_fields.reasons))
    if section.reasons:
        due = sorted(section.reasons[cause] for cause in decision.causes)
        if reasons != due:
            yield contradiction(said, f"{', '.join(due) or 'no reason'}, recomputed")
    elif bool(reasons) is (decision.word == "PROMOTE"):
        expected = "no reason" if decision.word == "PROMOTE" else f"a reason for {decision.word}"
        yield contradiction(said, f"{expected}, recomputed")


def _same_stages(repeated: JsonValue, stages: JsonValue) -> Iterator[Finding]:
    """The first place at which the summary repeats the stages otherwise than they are."""
    due, said = leaves_of(stages.value), leaves_of(repeated.value)
    for place, _ in differences(due, said):
        yield _otherwise(repeated, stages, place)
        return


def _repeated(section: StagesSection, summary: JsonValue, found: Rehearsal) -> Iterator[Finding]:
    """What the summary tells of the last stage of each kind once more, where the stage tells it otherwise."""
    fields = section.summary_fields
    for place, stages in ((fields.bc, found.cloning), (fields.ppo, found.learning)):
        if not stages or not summary.has(place):
            continue
        said, due = summary.node(place), leaves_of(stages[-1].value)
        for inner, _ in differences(due, leaves_of(said.value)):
            if inner in due and said.has(inner):
                yield _otherwise(said, stages[-1], inner)
                break


def _otherwise(said: JsonValue, due: JsonValue, place: str) -> Finding:
    expected = f"{leaf(leaves_of(due.value), place)}, as in {due.file}#{due.at}{place}"
    observed = leaf(leaves_of(said.value), place)
    return Finding(f"{said.file}#{said.at}{place}", expected, observed, "promotion.summary_stages")


def _readiness(section: StagesSection, summary: JsonValue, decision: Decision) -> Iterator[Finding]:
    if decision.status == "PASS" and not decision.ready:
        streak = summary.node(section.summary_fields.pass_streak)
        expected = f"{section.required_passes} windows passed in a row"
        yield Finding(streak.where, expected, word(streak.value), "promotion.not_ready")
