"""Registers the gate ``replay``."""

from __future__ import annotations

from gatecourt.core.file_reasons import READING
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.layout import GATES
from gatecourt.core.reasons import FAIL, HOLD, Reason
from gatecourt.core.run_reasons import RUNNING
from gatecourt.rules.replay.section import ReplaySection, declared_parts

REPLAY = GateSpec(
    marker="replay",
    summary="a run can be repeated from its log, and its database recovered from log and backup",
    module=GATES / "test_replay.py",
    section=ReplaySection,
    keys={"replay": ReplaySection},
    required=("replay",),
    parts={"rebuild": ("rebuilt",), "restore": ("restored",)},
    optional=declared_parts,
    reasons=(
        *READING,
        *RUNNING,
        Reason(
            "replay.none",
            HOLD,
            "No file matches {where}: correct the pattern in the manifest, or check why the run did not write it.",
        ),
        Reason("replay.several", HOLD, "Several files match {where}: correct the pattern so that one does."),
        Reason("replay.event_missing", FAIL, "{where} lacks an event that replay needs: have the system write it."),
        Reason(
            "replay.event_repeated",
            FAIL,
            "{where} is a second event of a type that a run writes once: check for two runs in one log.",
        ),
        Reason("replay.parameter_missing", FAIL, "{where} is missing: have the system record the value."),
        Reason(
            "replay.parameter_type",
            FAIL,
            "{where} has the wrong type: have the system record the value in its declared type.",
        ),
        Reason(
            "replay.digest",
            FAIL,
            "The file on disk does not match the digest at {where}: restore the file that the run used.",
        ),
        Reason(
            "replay.divergence",
            FAIL,
            "The replay differs from the original at {where}: log whatever its code depends on.",
        ),
        Reason(
            "replay.no_outputs",
            FAIL,
            "No output matches {where}, so there is nothing to compare: correct replay.outputs.",
        ),
        Reason("replay.output_missing", FAIL, "No run writes {where}: make both write it, or correct replay.outputs."),
        Reason(
            "replay.mask_mismatch",
            FAIL,
            "{where} is not as its mask declares: fix the value, or correct the mask's type and pattern.",
        ),
        Reason("replay.mask_protected", FAIL, "The mask over {where} hides a protected value: remove it."),
        Reason("replay.mask_unused", HOLD, "The mask {where} covers nothing: remove it."),
        Reason(
            "replay.rebuild_not_declared",
            HOLD,
            "{where} is not declared: declare how the database is rebuilt from the log.",
        ),
        Reason(
            "replay.restore_not_declared",
            HOLD,
            "{where} is not declared: declare how the database is backed up and restored.",
        ),
        Reason(
            "replay.row_differs",
            FAIL,
            "The recovered row {where} differs from the live one: keep both databases, and check which is right.",
        ),
        Reason(
            "replay.row_lost",
            FAIL,
            "The recovered database lacks the row {where}: fix the log or backup that should contain it.",
        ),
        Reason(
            "replay.row_added",
            FAIL,
            "The recovered database has the row {where}, the live one does not: find what wrote it.",
        ),
        Reason(
            "replay.key_twice",
            FAIL,
            "Several rows share the key {where}: restore the constraint, and keep the right row.",
        ),
        Reason(
            "replay.columns_differ",
            FAIL,
            "{where} has other columns than in the live database: rebuild it with the same columns.",
        ),
        Reason(
            "replay.table_missing", FAIL, "The table {where} is missing: restore it, or correct replay.database.tables."
        ),
        Reason(
            "replay.column_missing",
            FAIL,
            "The key column {where} is missing: restore it, or correct the key in the manifest.",
        ),
        Reason(
            "replay.table_undeclared",
            HOLD,
            "The table {where} is not declared: add it with its key to replay.database.tables.",
        ),
        Reason("replay.no_rows", HOLD, "{where} has no rows, so recovery shows nothing: find why it is empty."),
        Reason("replay.absent", FAIL, "{where} does not exist: find why the command did not write it."),
        Reason("replay.empty", FAIL, "{where} is empty: find why the command wrote no content."),
        Reason(
            "replay.corrupt",
            FAIL,
            "{where} is corrupt: stop all runs that use it, and recover it from an intact backup.",
        ),
        Reason("replay.locked", HOLD, "Another process holds {where}: end that process, then judge again."),
        Reason("replay.refused", HOLD, "{where} cannot be read as a database: open it by hand to see why."),
    ),
)
