"""Registers the gate ``promotion``."""

from __future__ import annotations

from gatecourt.core.file_reasons import READING
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.layout import GATES
from gatecourt.core.reasons import FAIL, HOLD, Reason
from gatecourt.core.run_reasons import RUNNING
from gatecourt.mechanisms.bands.reasons import BANDS
from gatecourt.rules.promotion.section import PromotionSection, declared_parts
from gatecourt.rules.telemetry.gate import TELEMETRY

_LOG = tuple(reason for reason in TELEMETRY.reasons if reason.code.startswith(("telemetry.", "e2.schema_")))
_STAGES = (
    Reason("promotion.no_stages", HOLD, "Rehearse: {where} holds no stage."),
    Reason("promotion.no_bc_stage", HOLD, "Rehearse with a cloning stage: {where} has none."),
    Reason("promotion.no_ppo_stage", HOLD, "Rehearse to the end: {where} has no stage of learning."),
    Reason("promotion.mode", FAIL, "Find out what kind of stage {where} is: no rule covers it."),
    Reason("promotion.cycle_order", FAIL, "Find out why the cycle at {where} is not after the one before it."),
    Reason("promotion.stage_order", HOLD, "Rehearse in order, cloning first and learning last: {where} stands apart."),
    Reason("promotion.bc_accuracy", FAIL, "Roll back; refresh the data set or mend the cloning behind {where}."),
    Reason("promotion.threshold", FAIL, "Hold the stage at {where} to the declared threshold, or change both openly."),
    Reason(
        "promotion.drift", HOLD, "Freeze promotion and escalate: refresh the data set or find what drifts at {where}."
    ),
    Reason("promotion.baseline_zero", HOLD, "Decide what a baseline of 0 at {where} asks for."),
    Reason("promotion.contradiction", FAIL, "Find out why {where} says something else than its own numbers give."),
    Reason("promotion.summary_stages", FAIL, "Write the summary from the stages themselves: {where} has others."),
    Reason("promotion.passes_required", FAIL, "Ask for as many windows at {where} as are declared."),
    Reason("promotion.not_ready", HOLD, "Wait with the promotion: {where} has passed too few windows in a row."),
    Reason("promotion.log_unknown", HOLD, "Declare the log that {where} names under [telemetry.log], with a baseline."),
    Reason("promotion.rolling_mean", FAIL, "The mean of the rows up to {where} left its band: find what moved it."),
    Reason("promotion.rolling_variance", FAIL, "The rows up to {where} are unstable: find the cause."),
)
_WATCHED = (
    Reason("promotion.windows_too_few", HOLD, "Watch longer: {where} has too few windows with data."),
    Reason("promotion.window_gap", HOLD, "Find out who watched in the ticks that are missing before {where}."),
    Reason("promotion.window_order", FAIL, "Find the writer of {where}: windows overlap or end before they begin."),
    Reason("promotion.window_overfull", FAIL, "Count the observations at {where} again: the window is too short."),
    Reason("promotion.window_bound", FAIL, "{where} is above its bound: find the cause before anything is promoted."),
    Reason("promotion.samples_too_few", HOLD, "Watch longer: the rate beside {where} rests on too few samples."),
    Reason("promotion.alert", FAIL, "Clear the alert at {where} before anything is promoted."),
    Reason("promotion.hard_hold", FAIL, "Hold every promotion until the cause of {where} is mitigated."),
    Reason("promotion.threshold_differs", FAIL, "Find out who changed the threshold at {where} outside the release."),
    Reason("promotion.threshold_unpaired", FAIL, "Pair {where} with its counterpart, or say why it has none."),
    Reason("promotion.parity", FAIL, "Bring {where} in line with the release."),
    Reason("promotion.config_differs", HOLD, "Bring {where} in line, or declare that it may differ, and why."),
    Reason("promotion.extends", FAIL, "Name a file of the same tree at {where}."),
    Reason("promotion.stated_differs", FAIL, "Find out which configuration the run behind {where} had."),
)
_DRILL = (
    Reason("promotion.drill_exit", FAIL, "Declare the exit code of failure at {where}: a drill that succeeds is none."),
    Reason("promotion.drill_stages", FAIL, "Make the rehearsal stop after cloning has failed: {where} went on."),
    Reason("promotion.drill_not_rolled_back", FAIL, "Make the rehearsal roll back at {where}."),
    Reason("promotion.drill_accuracy", FAIL, "Find out why cloning behaves otherwise in the drill, at {where}."),
    Reason("promotion.drill_threshold", FAIL, "Raise the drill's threshold at {where} above what cloning can reach."),
    Reason("promotion.drill_promoted", FAIL, "Find out what went on after the rollback and wrote {where}."),
)
_HISTORY = (
    Reason("promotion.history_empty", HOLD, "Log promotions and decisions in {where}."),
    Reason("promotion.history_time", FAIL, "Write the time at {where} with its offset from UTC."),
    Reason("promotion.history_order", FAIL, "Find out who wrote {where} afterwards: it is earlier than one before it."),
    Reason("promotion.history_action", FAIL, "Write one of the known actions at {where}."),
    Reason("promotion.no_promotion", HOLD, "Log the promotions in {where}: without one no canary is due."),
    Reason("promotion.promoted_twice", FAIL, "Give the promotion at {where} a name of its own."),
    Reason("promotion.canary_unknown", FAIL, "Find out which promotion {where} belongs to."),
    Reason("promotion.canary_red", FAIL, "Roll back: the window at {where} is red."),
    Reason("promotion.canary_pending", HOLD, "Watch on until {where} has its green windows."),
    Reason("promotion.canary_cut_short", FAIL, "Watch each promotion to its end: the next came too soon for {where}."),
    Reason("promotion.snapshot_missing", FAIL, "Put the snapshot that {where} names back, or take it anew."),
    Reason("promotion.snapshot_differs", FAIL, "Find out who changed the snapshot behind {where}."),
    Reason("promotion.restored_other", FAIL, "Restore the release that there was before, not {where}."),
    Reason("promotion.incident", FAIL, "Write the incident note that {where} names."),
    Reason("promotion.decision_missing", HOLD, "Decide on the rehearsal {where}, and log it."),
    Reason("promotion.decision_twice", FAIL, "Withdraw one of the decisions on the rehearsal at {where}."),
    Reason("promotion.summary_missing", FAIL, "Put the rehearsal summary that {where} names back."),
    Reason("promotion.summary_differs", FAIL, "Find out who changed the summary after the decision at {where}."),
    Reason("promotion.summary_unknown", HOLD, "Name the summary at {where} in promotion.reaction.summaries."),
    Reason("promotion.not_frozen", FAIL, "Freeze promotion after {where}."),
    Reason("promotion.not_escalated", FAIL, "Escalate {where} for a new data set or an investigation."),
    Reason("promotion.not_rolled_back", FAIL, "Roll back after {where}, and log it."),
    Reason("promotion.promoted_frozen", FAIL, "Withdraw the promotion at {where}: promotions were frozen."),
    Reason("promotion.promoted_against_decision", FAIL, "Withdraw the promotion at {where}: the rehearsal forbids it."),
    Reason("promotion.promoted_undecided", HOLD, "Log the decision on which the promotion at {where} rests."),
    Reason("promotion.resumed_early", FAIL, "Freeze again: {where} resumed without a rehearsal that passed."),
)

PROMOTION = GateSpec(
    marker="promotion",
    summary="a candidate is promoted on its numbers, and what had to follow earlier promotions did",
    module=GATES / "test_promotion.py",
    section=PromotionSection,
    keys={"promotion": PromotionSection},
    required=("promotion",),
    optional=declared_parts,
    reasons=(
        *READING,
        *RUNNING,
        *BANDS,
        *_LOG,
        *_STAGES,
        *_WATCHED,
        *_DRILL,
        *_HISTORY,
        Reason(
            "promotion.missing", HOLD, "Have the system write the value at {where}: nothing can be judged without it."
        ),
        Reason("promotion.value", FAIL, "Have the system write what is expected at {where}."),
        Reason("promotion.several", HOLD, "Name one file at {where} in the manifest."),
    ),
)
