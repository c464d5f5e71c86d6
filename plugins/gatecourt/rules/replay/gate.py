"""Registers the gate ``replay``."""

from __future__ import annotations

from gatecourt.core.file_reasons import READING
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.layout import GATES
from gatecourt.core.reasons import FAIL, HOLD, Reason
from gatecourt.core.run_reasons import RUNNING
from gatecourt.rules.replay.section import ReplaySection

REPLAY = GateSpec(
    marker="replay",
    summary="a run can be done again from its log, and its database made again from log and backup",
    module=GATES / "test_replay.py",
    section=ReplaySection,
    keys={"replay": ReplaySection},
    required=("replay",),
    reasons=(
        *READING,
        *RUNNING,
        Reason("replay.none", HOLD, "Correct the pattern in the manifest, or look at why no file matches {where}."),
        Reason("replay.several", HOLD, "Correct the pattern in the manifest, so that one file matches {where}."),
        Reason(
            "replay.event_missing", FAIL, "Have the system write the event into {where}: nobody can repeat the run."
        ),
        Reason("replay.event_repeated", FAIL, "Find out which of two runs, or writers, {where} belongs to."),
        Reason("replay.parameter_missing", FAIL, "Have the system record the value at {where}."),
        Reason("replay.parameter_type", FAIL, "Have the system record the value at {where} in its own type."),
        Reason("replay.digest", FAIL, "Find the file that the run was made with; {where} has its digest."),
        Reason("replay.divergence", FAIL, "Find what writes {where} from something that the log does not record."),
        Reason("replay.no_outputs", FAIL, "Correct replay.outputs: there is nothing to compare."),
        Reason("replay.output_missing", FAIL, "Make both runs write {where}, or correct replay.outputs."),
        Reason("replay.mask_mismatch", FAIL, "Mend the value at {where}, or correct the mask's type and pattern."),
        Reason("replay.mask_protected", FAIL, "Remove the mask over {where}: such a value may not be hidden."),
        Reason("replay.mask_unused", HOLD, "Remove the mask {where}: it covers nothing any more."),
        Reason("replay.rebuild_not_declared", HOLD, "Declare how the database is made from the log: replay.rebuild."),
        Reason("replay.restore_not_declared", HOLD, "Declare how the database is backed up: replay.restore."),
        Reason("replay.row_differs", FAIL, "Keep both databases, and find out which of them is true at {where}."),
        Reason("replay.row_lost", FAIL, "Find out why log or backup does not bring {where} back."),
        Reason("replay.row_added", FAIL, "Find out where {where} comes from: the live database does not have it."),
        Reason("replay.key_twice", FAIL, "Put the constraint back, and find out which of the rows is true: {where}."),
        Reason("replay.columns_differ", FAIL, "Make the database again with the columns of the live one: {where}."),
        Reason("replay.table_missing", FAIL, "Bring {where} back: the recovered database is not whole without it."),
        Reason("replay.column_missing", FAIL, "Bring {where} back, or correct the key in the manifest."),
        Reason("replay.table_undeclared", HOLD, "Declare {where} with its key under replay.database.tables."),
        Reason("replay.no_rows", HOLD, "Look at why {where} is empty: recovering nothing proves nothing."),
        Reason("replay.absent", FAIL, "Find out why the command did not write {where}."),
        Reason("replay.empty", FAIL, "Find out why the command left {where} without content."),
        Reason("replay.corrupt", FAIL, "Stop all runs on {where}, and recover it from a sound backup."),
        Reason("replay.locked", HOLD, "End the process that holds {where}, then judge again."),
        Reason("replay.refused", HOLD, "Open {where} by hand, and see why it cannot be read."),
    ),
)
