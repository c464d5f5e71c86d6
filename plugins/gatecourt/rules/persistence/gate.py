"""Registers the gate ``persistence``."""

from __future__ import annotations

from gatecourt.core.file_reasons import READING
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.layout import GATES
from gatecourt.core.reasons import FAIL, HOLD, Reason
from gatecourt.core.run_reasons import RUNNING
from gatecourt.rules.persistence.section import PersistenceSection, kill_points, kill_points_high, table_names

PERSISTENCE = GateSpec(
    marker="persistence",
    summary="what the database keeps is kept once, whole, and as the log tells it",
    module=GATES / "test_persistence.py",
    section=PersistenceSection,
    keys={"persistence": PersistenceSection},
    required=("persistence",),
    parameters={"stored_table": table_names, "kill_point": kill_points},
    parameters_high={"kill_point": kill_points_high},
    reasons=(
        *READING,
        *RUNNING,
        Reason("persistence.absent", FAIL, "Find out why the run left no {where}, or correct persistence.url."),
        Reason("persistence.empty", FAIL, "Find out what emptied {where}; restore it from its backup."),
        Reason("persistence.foreign", FAIL, "Correct persistence.url: {where} is somebody else's database."),
        Reason("persistence.corrupt", FAIL, "Put {where} aside as it is, and restore it from its backup or its log."),
        Reason("persistence.locked", HOLD, "End the process that holds {where}, then judge again."),
        Reason("persistence.unreachable", HOLD, "Start the server of {where}, or correct the URL in that variable."),
        Reason("persistence.refused", HOLD, "Give the user of {where} the right to read it, and to make databases."),
        Reason("persistence.driver_missing", HOLD, "Install SQLAlchemy and, for PostgreSQL, psycopg."),
        Reason("persistence.url", HOLD, "Put a postgresql:// URL into the variable that persistence.url names."),
        Reason("persistence.write_missing", HOLD, "Name under persistence.write the command that fills the database."),
        Reason("persistence.again_missing", HOLD, "Name under persistence.again the command that does the work again."),
        Reason("persistence.resume_missing", HOLD, "Name under persistence.resume the command that goes on."),
        Reason("persistence.kill_missing", HOLD, "Declare under [persistence.kill] where the run is killed."),
        Reason("persistence.events_missing", HOLD, "Declare the events table under [persistence.events]."),
        Reason("persistence.no_references", HOLD, "Declare what the tables refer to: persistence.tables.*.references."),
        Reason("persistence.no_status", HOLD, "Declare under unfinished what no ended run is left with."),
        Reason("persistence.no_rows", HOLD, "Look at why {where} is empty: nothing was judged there."),
        Reason("persistence.integrity", FAIL, "Put the database aside as it is, and restore it: {where} is broken."),
        Reason("persistence.foreign_key", FAIL, "Find out who wrote {where} with foreign keys switched off."),
        Reason("persistence.table_missing", FAIL, "Create {where} by the system's own migration."),
        Reason("persistence.column_missing", FAIL, "Create {where} by the system's own migration."),
        Reason(
            "persistence.table_undeclared",
            HOLD,
            "Declare {where}, or ignore it with a reason.",
        ),
        Reason("persistence.columns_differ", FAIL, "Find out what changed the column {where} between two equal runs."),
        Reason("persistence.row_differs", FAIL, "Find out what wrote {where} otherwise when the work was done again."),
        Reason("persistence.row_lost", FAIL, "Find out what deleted or never wrote {where}."),
        Reason("persistence.row_added", FAIL, "Find out what booked {where} a second time."),
        Reason(
            "persistence.key_twice", FAIL, "Put the constraint back, and find out which of the rows is true: {where}."
        ),
        Reason("persistence.key_null", FAIL, "Declare the key NOT NULL, and find out who wrote {where} without it."),
        Reason("persistence.not_enforced", FAIL, "Put the constraint back on {where}: code alone does not hold."),
        Reason("persistence.duplicate", FAIL, "Find out which of the rows is true before anything else runs: {where}."),
        Reason("persistence.orphan", FAIL, "Find out what deleted, or never wrote, the row that {where} refers to."),
        Reason("persistence.unfinished", FAIL, "Find out how the run ended, and resume it: {where}."),
        Reason("persistence.event_not_stored", FAIL, "Find out why {where} did not reach the database."),
        Reason("persistence.event_not_logged", FAIL, "Find out who wrote {where}: the log does not know it."),
        Reason("persistence.event_differs", FAIL, "Compare {where} with its line, and find out which was changed."),
        Reason("persistence.event_field", FAIL, "Have the system write the field at {where}."),
        Reason("persistence.event_twice", FAIL, "Find out which of the two writers of {where} is the run's own."),
        Reason("persistence.payload_syntax", FAIL, "Find out who cut or changed the JSON in {where}."),
        Reason("persistence.output_differs", FAIL, "Compare {where} of a resumed run with that of an undisturbed one."),
    ),
)
