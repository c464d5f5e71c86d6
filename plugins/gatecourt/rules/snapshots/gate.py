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
    summary="what a town can be continued from is of this release, whole, and readable tomorrow",
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
        Reason("snapshots.none", HOLD, "Correct the patterns, or find out why nothing was saved: {where}."),
        Reason("snapshots.none_current", HOLD, "Save a snapshot of the current version: none can be validated."),
        Reason("snapshots.empty", FAIL, "Find out what ended the writer of {where}."),
        Reason("snapshots.version_value", FAIL, 'Write the version at {where} as a text such as "1.6".'),
        Reason("snapshots.newer", FAIL, "Do not load {where}: a newer build wrote it; upgrade first."),
        Reason("snapshots.downgrade", HOLD, "Have somebody decide on {where}: a newer build wrote it."),
        Reason("snapshots.no_migration", FAIL, "Declare the migration of {where} under snapshots.migrations."),
        Reason("snapshots.name", FAIL, "Name {where} after its tick, or correct snapshots.name."),
        Reason("snapshots.tick_value", FAIL, "Write the tick at {where} as a whole number."),
        Reason("snapshots.tick_differs", FAIL, "Find out whether {where} was renamed or overwritten."),
        Reason("snapshots.agents_value", FAIL, "Find the writer that left the agents out of {where}."),
        Reason("snapshots.too_few_agents", HOLD, "Save a town that somebody lives in: {where} shows nothing."),
        Reason("snapshots.config_value", HOLD, "Write {where} into the configuration: there is nothing to compare."),
        Reason("snapshots.config_differs", FAIL, "Do not continue from {where}: it is of another configuration."),
        Reason("snapshots.other_config", HOLD, "Have somebody decide on {where}: it is of another configuration."),
        Reason("snapshots.policy_hash", FAIL, "Write the hash of the released policy at {where}."),
        Reason("snapshots.no_release", HOLD, "Save a snapshot of the release, or correct snapshots.releases: {where}."),
        Reason("snapshots.guardrail", FAIL, "Put {where} back, or declare the change in the open."),
        Reason("snapshots.guardrail_missing", HOLD, "Write {where} out: what is left to a default can change unseen."),
        Reason("snapshots.no_autosave", HOLD, "Run the town for longer: no autosave was due at {where}."),
        Reason("snapshots.cadence", FAIL, "Find out what saved {where} between two autosaves."),
        Reason("snapshots.retain", FAIL, "Mend the pruning: more of {where} are kept than are to be."),
        Reason("snapshots.not_kept", FAIL, "Find out what skipped or deleted a newest autosave: {where}."),
        Reason("snapshots.end_unknown", HOLD, "Have the run say at {where} when it ended."),
        Reason("snapshots.autosave_config", FAIL, "Put {where} back, or declare the change in the open."),
        Reason("snapshots.pickle", HOLD, "Export {where} as JSON: a pickle is never loaded, so nobody knows it."),
        Reason("snapshots.sidecar_incomplete", HOLD, "Write {where} when the pickle is written, or export it as JSON."),
        Reason("snapshots.sidecar_differs", FAIL, "Do not load the pickle: {where} was written for other bytes."),
        Reason("snapshots.not_old", HOLD, "Name a snapshot of an earlier version: {where} needs no migration."),
        Reason("snapshots.migration_result", FAIL, "Have the migration write one snapshot: {where}."),
        Reason("snapshots.migration_version", FAIL, "Complete the chain: {where} did not reach the current version."),
        Reason("snapshots.migration_unrecorded", FAIL, "Have each migration write itself down at {where}."),
        Reason("snapshots.migration_lost", FAIL, "Mend the migration: it loses or changes {where}."),
        Reason("snapshots.kept_absent", HOLD, "Name data that the old snapshot has: {where} is not there."),
        Reason("snapshots.migration_repeats", FAIL, "Have the migration leave a current snapshot alone: {where}."),
        Reason("snapshots.original_changed", FAIL, "Have the migration write a new file and leave {where} alone."),
    ),
)
