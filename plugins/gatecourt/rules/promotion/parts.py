"""One part of a promotion, judged by its own table of the section and by those that it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gatecourt.core.judgement import Judgement
from gatecourt.core.protocols import Target
from gatecourt.rules.promotion.alerts import judge_alerts
from gatecourt.rules.promotion.bands import judge_bands
from gatecourt.rules.promotion.canaries import judge_canaries
from gatecourt.rules.promotion.drill import judge_drill
from gatecourt.rules.promotion.followups import judge_reaction
from gatecourt.rules.promotion.parity import judge_parity
from gatecourt.rules.promotion.rehearsal import judge_stages
from gatecourt.rules.promotion.section import PromotionSection
from gatecourt.rules.promotion.thresholds import judge_thresholds
from gatecourt.rules.promotion.windows import judge_windows
from gatecourt.rules.telemetry.section import TelemetrySection


def judge_part(name: str, target: Target) -> Judgement:
    """The part ``name`` of ``section.PARTS`` judged. Raises ``LookupError`` for one that the section lacks."""
    judged = _JUDGES[name](target.section(PromotionSection), target)
    if judged is None:
        raise LookupError(f"[promotion.{name}] is not declared")
    return judged


def _stages(section: PromotionSection, target: Target) -> Judgement | None:
    return None if section.stages is None else judge_stages(section.stages, target)


def _bands(section: PromotionSection, target: Target) -> Judgement | None:
    return None if section.bands is None else judge_bands(section.bands, _telemetry(target), target)


def _windows(section: PromotionSection, target: Target) -> Judgement | None:
    return None if section.windows is None else judge_windows(section.windows, target)


def _alerts(section: PromotionSection, target: Target) -> Judgement | None:
    return None if section.alerts is None else judge_alerts(section.alerts, section.windows, target)


def _thresholds(section: PromotionSection, target: Target) -> Judgement | None:
    return None if section.thresholds is None else judge_thresholds(section.thresholds, target)


def _parity(section: PromotionSection, target: Target) -> Judgement | None:
    return None if section.parity is None else judge_parity(section.parity, target)


def _drill(section: PromotionSection, target: Target) -> Judgement | None:
    drill, stages = section.drill, section.stages
    return None if drill is None or stages is None else judge_drill(drill, stages, target)


def _canaries(section: PromotionSection, target: Target) -> Judgement | None:
    canaries, history, windows = section.canaries, section.history, section.windows
    if canaries is None or history is None or windows is None:
        return None
    return judge_canaries(canaries, history, windows, section.alerts, target)


def _reaction(section: PromotionSection, target: Target) -> Judgement | None:
    reaction, history, stages = section.reaction, section.history, section.stages
    if reaction is None or history is None or stages is None:
        return None
    return judge_reaction(reaction, history, stages, target)


_JUDGES: Mapping[str, Callable[[PromotionSection, Target], Judgement | None]] = {
    "stages": _stages,
    "bands": _bands,
    "windows": _windows,
    "alerts": _alerts,
    "thresholds": _thresholds,
    "parity": _parity,
    "drill": _drill,
    "canaries": _canaries,
    "reaction": _reaction,
}


def _telemetry(target: Target) -> TelemetrySection | None:
    try:
        return target.section(TelemetrySection)
    except LookupError:
        return None
