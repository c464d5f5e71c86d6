"""The rollback drill: a rehearsal under a threshold out of reach fails for that alone, stops and promotes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Run
from gatecourt.core.protocols import Target
from gatecourt.formats.decimals import words
from gatecourt.formats.json_value import JsonValue
from gatecourt.formats.patterns import select
from gatecourt.rules.promotion.reading import Inquiry, contradiction, noted
from gatecourt.rules.promotion.rehearsal_section import DrillSection, StagesSection
from gatecourt.rules.promotion.stages import by_mode, own_words


def judge_drill(drill: DrillSection, section: StagesSection, target: Target) -> Judgement:
    """The drill ends after cloning, rolled back, with the accuracy of the rehearsal and a threshold above it.

    Rules: ``promotion.drill_exit``, ``.drill_stages``, ``.drill_not_rolled_back``, ``.drill_accuracy``,
    ``.drill_threshold``, ``.drill_promoted``, ``.mode``, ``.no_stages``, ``.contradiction``, ``.missing``, ``.value``,
    those of reading and running.
    """
    inquiry = Inquiry(target)
    run = target.command(drill.results.of)
    inquiry.told += _exit(drill, run)
    stages = inquiry.node(drill.results)
    items = stages.items()
    if len(items) != 1:
        inquiry.told.append(
            Finding(stages.where, "one stage, after which all ends", str(len(items)), "promotion.drill_stages")
        )
    kinds = by_mode(section, stages, items, inquiry.told)
    for item in kinds[section.ppo_mode]:
        inquiry.told.append(Finding(item.where, "no stage of learning", section.ppo_mode, "promotion.drill_stages"))
    for item in kinds[section.bc_mode]:
        with noted(inquiry.told):
            inquiry.told += _stage(section, item, _rehearsed(section, inquiry))
    inquiry.told += _left(drill, run)
    if drill.summary is not None:
        with noted(inquiry.told):
            inquiry.told += _summary(section, inquiry.node(drill.summary))
    inquiry.parameters["exit_code"] = run.exit_code
    return inquiry.judgement()


def _exit(drill: DrillSection, run: Run) -> Iterator[Finding]:
    if not run.exit_code:
        where = f"commands.{drill.results.of}.exit_code"
        yield Finding(where, "an exit code that says failure", "0", "promotion.drill_exit")


def _rehearsed(section: StagesSection, inquiry: Inquiry) -> tuple[JsonValue, Decimal]:
    """The cloning stage of the rehearsal proper, and its accuracy. Raises ``Judged``."""
    stages = inquiry.node(section.results)
    told: list[Finding] = []
    kinds = by_mode(section, stages, stages.items(), told)[section.bc_mode]
    if not kinds:
        expected = f"a stage of mode {section.bc_mode}"
        raise Judged(Finding(stages.where, expected, "none", "promotion.no_bc_stage"))
    return kinds[0], kinds[0].share(section.fields.accuracy)


def _stage(section: StagesSection, item: JsonValue, rehearsed: tuple[JsonValue, Decimal]) -> Iterator[Finding]:
    fields = section.fields
    other, due = rehearsed
    accuracy, held_to = item.share(fields.accuracy), item.number(fields.threshold)
    where = item.node(fields.accuracy).where
    if accuracy != due:
        expected = f"{words(due)}, as in {other.where}"
        yield Finding(where, expected, words(accuracy), "promotion.drill_accuracy")
    if held_to <= section.accuracy or accuracy >= held_to:
        expected = f"above {words(max(accuracy, section.accuracy))}, so that cloning must fail"
        yield Finding(item.node(fields.threshold).where, expected, words(held_to), "promotion.drill_threshold")
    yield from own_words(section, item, accuracy)
    if not item.has(fields.rolled_back) or not item.truth(fields.rolled_back):
        observed = "false" if item.has(fields.rolled_back) else "absent"
        yield Finding(f"{item.where}{fields.rolled_back}", "true", observed, "promotion.drill_not_rolled_back")


def _left(drill: DrillSection, run: Run) -> Iterator[Finding]:
    """Outputs that only a stage after the rollback, or a promotion, could have written."""
    for name in select(run.files, drill.no_stage_in):
        size = run.files[name].size
        if size:
            yield Finding(name, "no file, or an empty one", f"{size} bytes", "promotion.drill_promoted")


def _summary(section: StagesSection, summary: JsonValue) -> Iterator[Finding]:
    fields = section.summary_fields
    for at, due in ((fields.status, "FAIL"), (fields.decision, "FAIL")):
        if summary.text(at) != due:
            yield contradiction(summary.node(at), f"{due}, recomputed")
    for at, rule in (
        (fields.candidate_ready, "promotion.drill_promoted"),
        (fields.bc_passed, "promotion.contradiction"),
    ):
        if summary.truth(at):
            yield Finding(summary.node(at).where, "false", "true", rule)
