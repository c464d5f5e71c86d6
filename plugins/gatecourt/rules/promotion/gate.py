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
    Reason("promotion.no_stages", HOLD, "The rehearsal at {where} has no stage: run it again."),
    Reason("promotion.no_bc_stage", HOLD, "No stage at {where} clones behaviour: run the rehearsal with one."),
    Reason("promotion.no_ppo_stage", HOLD, "No stage at {where} learns: run the rehearsal to its end."),
    Reason(
        "promotion.mode",
        FAIL,
        "The stage at {where} is of a kind that no rule covers: correct it, or declare its mode.",
    ),
    Reason(
        "promotion.cycle_order",
        FAIL,
        "The cycle at {where} is out of order: find out why the stages are not numbered upwards.",
    ),
    Reason(
        "promotion.stage_order",
        HOLD,
        "The stage at {where} is out of order: run the rehearsal with cloning first and learning last.",
    ),
    Reason(
        "promotion.bc_accuracy",
        FAIL,
        "The cloned policy at {where} is too inaccurate: roll back, then correct the dataset or the cloning.",
    ),
    Reason(
        "promotion.threshold",
        FAIL,
        "The stage at {where} used another threshold than the declared one: run it with the declared one.",
    ),
    Reason("promotion.drift", HOLD, "The metric at {where} left its band: freeze promotions and find out what drifts."),
    Reason(
        "promotion.baseline_zero",
        HOLD,
        "A multiple of the baseline at {where} is 0: declare what is good where the baseline is 0.",
    ),
    Reason(
        "promotion.contradiction",
        FAIL,
        "The value at {where} is not what the numbers give: find the mistake in its calculation.",
    ),
    Reason(
        "promotion.summary_stages",
        FAIL,
        "The summary at {where} repeats other stages than there are: write it from the stages themselves.",
    ),
    Reason(
        "promotion.passes_required",
        FAIL,
        "{where} asks for another number of passed windows than is declared: correct it.",
    ),
    Reason("promotion.not_ready", HOLD, "Too few good windows in a row at {where}: do not promote yet."),
    Reason("promotion.log_unknown", HOLD, "{where} names no log with a baseline: declare it under [telemetry.log]."),
    Reason("promotion.rolling_mean", FAIL, "The mean of the rows up to {where} left its band: find what moved it."),
    Reason("promotion.rolling_variance", FAIL, "The rows up to {where} are unstable: find the cause."),
)
_WATCHED = (
    Reason("promotion.windows_too_few", HOLD, "{where} has too few windows with data: watch for longer."),
    Reason("promotion.window_gap", HOLD, "Ticks are missing before {where}: find out why no window covers them."),
    Reason(
        "promotion.window_order",
        FAIL,
        "The window at {where} overlaps another one or ends before it starts: correct its writer.",
    ),
    Reason(
        "promotion.window_overfull",
        FAIL,
        "The window at {where} has more observations than ticks: correct their count.",
    ),
    Reason("promotion.window_bound", FAIL, "{where} is above its bound: find the cause before anything is promoted."),
    Reason("promotion.samples_too_few", HOLD, "The rate beside {where} rests on too few samples: watch for longer."),
    Reason("promotion.alert", FAIL, "An alert is raised at {where}: remove its cause before you promote anything."),
    Reason("promotion.hard_hold", FAIL, "The alert at {where} stops every promotion: remove its cause first."),
    Reason(
        "promotion.threshold_differs",
        FAIL,
        "The threshold at {where} is not that of the release: restore it, or release the new one.",
    ),
    Reason(
        "promotion.threshold_unpaired",
        FAIL,
        "The threshold at {where} has no counterpart: add it to the pairs, or give the reason why it has none.",
    ),
    Reason("promotion.parity", FAIL, "{where} differs from the release: make it equal."),
    Reason(
        "promotion.config_differs",
        HOLD,
        "{where} differs from the release: make it equal, or declare with a reason that it may differ.",
    ),
    Reason("promotion.extends", FAIL, "The file named at {where} cannot be followed: name one of the same tree."),
    Reason(
        "promotion.stated_differs",
        FAIL,
        "The run behind {where} had another configuration than the release: run it again with that one.",
    ),
)
_DRILL = (
    Reason(
        "promotion.drill_exit",
        FAIL,
        "The drill at {where} ended as a success, but it must fail: declare the exit code of its failure.",
    ),
    Reason(
        "promotion.drill_stages", FAIL, "The rehearsal went on at {where} after cloning had failed: make it stop there."
    ),
    Reason(
        "promotion.drill_not_rolled_back",
        FAIL,
        "The failed stage at {where} was not rolled back: make the rehearsal do so.",
    ),
    Reason("promotion.drill_accuracy", FAIL, "Cloning gave another accuracy in the drill at {where}: find out why."),
    Reason("promotion.drill_threshold", FAIL, "Cloning can reach the threshold of the drill at {where}: raise it."),
    Reason(
        "promotion.drill_promoted", FAIL, "Something went on after the rollback and wrote {where}: find it and stop it."
    ),
)
_HISTORY = (
    Reason("promotion.history_empty", HOLD, "{where} has no entry: log promotions and decisions in it."),
    Reason(
        "promotion.history_time", FAIL, "The time at {where} has no offset from UTC: have the system write it with one."
    ),
    Reason(
        "promotion.history_order",
        FAIL,
        "The entry at {where} is earlier than one before it: find out who added it afterwards.",
    ),
    Reason("promotion.history_action", FAIL, "The action at {where} is unknown: write one of the declared actions."),
    Reason("promotion.no_promotion", HOLD, "{where} has no promotion, so no canary can be judged: log the promotions."),
    Reason("promotion.promoted_twice", FAIL, "Two promotions have the name at {where}: give each a name of its own."),
    Reason(
        "promotion.canary_unknown", FAIL, "{where} matches no logged promotion: correct the name, or log the promotion."
    ),
    Reason("promotion.canary_red", FAIL, "The canary window at {where} breaks a bound: roll back."),
    Reason("promotion.canary_pending", HOLD, "{where} has too few good windows so far: wait until it has enough."),
    Reason(
        "promotion.canary_cut_short",
        FAIL,
        "The next promotion came before {where} had its green windows: watch each promotion to its end.",
    ),
    Reason(
        "promotion.snapshot_missing",
        FAIL,
        "The snapshot that {where} names is not there: restore it, or save it again.",
    ),
    Reason(
        "promotion.snapshot_differs", FAIL, "The snapshot behind {where} was changed: restore the one that was saved."
    ),
    Reason("promotion.restored_other", FAIL, "{where} is not the release before the promotion: restore that one."),
    Reason("promotion.incident", FAIL, "The incident note that {where} names is missing or blank: write it."),
    Reason(
        "promotion.decision_missing", HOLD, "The rehearsal {where} has no decision: decide on it and log the decision."
    ),
    Reason("promotion.decision_twice", FAIL, "The rehearsal at {where} has two decisions: withdraw one of them."),
    Reason("promotion.summary_missing", FAIL, "The rehearsal summary that {where} names is not there: restore it."),
    Reason(
        "promotion.summary_differs",
        FAIL,
        "The summary was changed after the decision at {where}: restore the one that was decided on.",
    ),
    Reason(
        "promotion.summary_unknown",
        HOLD,
        "The summary at {where} is not declared: add it to promotion.reaction.summaries.",
    ),
    Reason("promotion.not_frozen", FAIL, "Promotions were not frozen after {where}: freeze them."),
    Reason("promotion.not_escalated", FAIL, "{where} was not escalated: ask for a new dataset or an investigation."),
    Reason("promotion.not_rolled_back", FAIL, "No rollback followed {where}: roll back and log it."),
    Reason("promotion.promoted_frozen", FAIL, "Promotions were frozen at {where}: withdraw the promotion."),
    Reason("promotion.promoted_against_decision", FAIL, "The rehearsal forbids the promotion at {where}: withdraw it."),
    Reason("promotion.promoted_undecided", HOLD, "The promotion at {where} rests on no logged decision: log it."),
    Reason(
        "promotion.resumed_early",
        FAIL,
        "{where} resumed promotions without a rehearsal that passed: freeze them again.",
    ),
)

PROMOTION = GateSpec(
    marker="promotion",
    summary="the decision to promote is recomputed, and what had to follow earlier promotions did",
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
        Reason("promotion.missing", HOLD, "The value at {where} is missing: write it."),
        Reason(
            "promotion.value",
            FAIL,
            "The value at {where} has the wrong type: have the system write what is shown as expected.",
        ),
        Reason("promotion.several", HOLD, "{where} matches several files: name one."),
    ),
)
