"""Registers the gate ``snapshots``."""

from __future__ import annotations

from gatecourt.core.file_reasons import READING
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.layout import GATES
from gatecourt.core.reasons import FAIL, HOLD, Reason
from gatecourt.core.run_reasons import RUNNING
from gatecourt.rules.e2.gate import E2
from gatecourt.rules.snapshots.section import SnapshotsSection, declared_parts, migration_names

_ABOUT_SCHEMAS = tuple(
    reason for reason in E2.reasons if reason.code.startswith(("e2.schema_", "e2.pattern_", "e2.unpaired_"))
)

SNAPSHOTS = GateSpec(
    marker="snapshots",
    summary="saved states are of this release, whole, and migrate to the current version",
    module=GATES / "test_snapshots.py",
    section=SnapshotsSection,
    keys={"snapshots": SnapshotsSection},
    required=("snapshots",),
    parts={"config": ("guardrails",)},
    optional=declared_parts,
    parameters={"snapshot_migration": migration_names},
    reasons=(
        *READING,
        *RUNNING,
        *_ABOUT_SCHEMAS,
        Reason(
            "snapshots.none",
            HOLD,
            "No snapshot matches {where}: correct the patterns, or find out why nothing was saved.",
        ),
        Reason(
            "snapshots.none_current", HOLD, "No snapshot has the current version, so none can be validated: save one."
        ),
        Reason("snapshots.empty", FAIL, "{where} is empty: find out what ended its writer."),
        Reason("snapshots.version_value", FAIL, 'Write the version at {where} as a text such as "1.6".'),
        Reason("snapshots.newer", FAIL, "A newer build wrote {where}: upgrade before you load it."),
        Reason("snapshots.downgrade", HOLD, "A newer build wrote {where}: decide whether it may be loaded."),
        Reason(
            "snapshots.no_migration",
            FAIL,
            "No migration starts from the version at {where}: declare it under snapshots.migrations.",
        ),
        Reason(
            "snapshots.name",
            FAIL,
            "The name {where} has no tick: name the file after its tick, or correct snapshots.name.",
        ),
        Reason("snapshots.tick_value", FAIL, "Write the tick at {where} as a whole number."),
        Reason(
            "snapshots.tick_differs",
            FAIL,
            "The tick at {where} is not that of the file name: find out whether the file was renamed or overwritten.",
        ),
        Reason("snapshots.agents_value", FAIL, "The agents at {where} are missing or no object: correct the writer."),
        Reason(
            "snapshots.too_few_agents", HOLD, "{where} holds too few agents to show anything: save a run with more."
        ),
        Reason(
            "snapshots.config_value",
            HOLD,
            "There is nothing to compare at {where}: write the value into the configuration.",
        ),
        Reason(
            "snapshots.config_differs", FAIL, "{where} is of another configuration: do not continue from this snapshot."
        ),
        Reason(
            "snapshots.other_config",
            HOLD,
            "{where} is of another configuration: decide whether to continue from this snapshot.",
        ),
        Reason(
            "snapshots.policy_hash",
            FAIL,
            "The hash of the released policy is missing or wrong at {where}: have the writer store it.",
        ),
        Reason(
            "snapshots.no_release",
            HOLD,
            "No snapshot of a release matches {where}: save one, or correct snapshots.releases.",
        ),
        Reason(
            "snapshots.guardrail",
            FAIL,
            "The guardrail at {where} is not as declared: restore it, or declare the change in a reviewed commit.",
        ),
        Reason(
            "snapshots.guardrail_missing",
            HOLD,
            "The guardrail {where} is not set and uses a default: set it in the configuration.",
        ),
        Reason("snapshots.no_autosave", HOLD, "No autosave was due by {where}: run for longer."),
        Reason("snapshots.cadence", FAIL, "{where} was saved between two autosaves: find out what saved it."),
        Reason("snapshots.retain", FAIL, "Too many autosaves match {where}: correct the pruning."),
        Reason(
            "snapshots.not_kept", FAIL, "The newest autosave {where} is missing: find out what skipped or deleted it."
        ),
        Reason(
            "snapshots.end_unknown", HOLD, "The run does not say at {where} when it ended: have it write its last tick."
        ),
        Reason(
            "snapshots.autosave_config",
            FAIL,
            "{where} is not as declared: restore it, or declare the change in a reviewed commit.",
        ),
        Reason("snapshots.pickle", HOLD, "{where} is a pickle, which is never loaded: export the snapshot as JSON."),
        Reason(
            "snapshots.sidecar_incomplete",
            HOLD,
            "The sidecar {where} does not describe its pickle: write it whole, or export the snapshot as JSON.",
        ),
        Reason("snapshots.sidecar_differs", FAIL, "{where} was written for other bytes: do not load the pickle."),
        Reason("snapshots.not_old", HOLD, "{where} needs no migration: name a snapshot of an earlier version."),
        Reason(
            "snapshots.migration_result",
            FAIL,
            "The migration did not write exactly one snapshot for {where}: correct it.",
        ),
        Reason(
            "snapshots.migration_version",
            FAIL,
            "{where} did not reach the current version: complete the chain of migrations.",
        ),
        Reason(
            "snapshots.migration_unrecorded",
            FAIL,
            "No migration is recorded at {where}: have each one record itself there.",
        ),
        Reason("snapshots.migration_lost", FAIL, "The migration lost or changed {where}: correct it."),
        Reason("snapshots.kept_absent", HOLD, "The old snapshot does not have {where}: name data that it has."),
        Reason(
            "snapshots.migration_repeats",
            FAIL,
            "The migration changed {where}, which was current already: have it do nothing then.",
        ),
        Reason(
            "snapshots.original_changed", FAIL, "The migration changed the original {where}: have it write a new file."
        ),
    ),
)
