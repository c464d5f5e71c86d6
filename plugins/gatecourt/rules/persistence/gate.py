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
    summary="the database has no row twice, misses none, and equals the event log",
    module=GATES / "test_persistence.py",
    section=PersistenceSection,
    keys={"persistence": PersistenceSection},
    required=("persistence",),
    parameters={"stored_table": table_names, "kill_point": kill_points},
    parameters_high={"kill_point": kill_points_high},
    reasons=(
        *READING,
        *RUNNING,
        Reason("persistence.absent", FAIL, "The run wrote no {where}: correct the run, or persistence.url."),
        Reason("persistence.empty", FAIL, "{where} is empty: restore it from its backup."),
        Reason(
            "persistence.foreign",
            FAIL,
            "{where} is a database of another application: set persistence.url to the system's own.",
        ),
        Reason("persistence.corrupt", FAIL, "{where} is corrupt: keep a copy of it, then restore it from a backup."),
        Reason("persistence.locked", HOLD, "Another process holds {where}: end it, then judge again."),
        Reason("persistence.unreachable", HOLD, "The server of {where} does not answer: start it, or correct the URL."),
        Reason("persistence.refused", HOLD, "The user of {where} lacks rights: grant SELECT and CREATEDB."),
        Reason(
            "persistence.driver_missing", HOLD, "Install the missing driver: SQLAlchemy, and psycopg for PostgreSQL."
        ),
        Reason(
            "persistence.url",
            HOLD,
            "The variable holds no PostgreSQL URL: set it to one such as postgresql://host/name.",
        ),
        Reason("persistence.write_missing", HOLD, "Declare persistence.write, the command that fills the database."),
        Reason("persistence.again_missing", HOLD, "Declare persistence.again, the command that repeats the work."),
        Reason("persistence.resume_missing", HOLD, "Declare persistence.resume, the command that continues a run."),
        Reason("persistence.kill_missing", HOLD, "Declare in [persistence.kill] when the run is killed."),
        Reason("persistence.events_missing", HOLD, "Declare the events table in [persistence.events]."),
        Reason("persistence.no_references", HOLD, "Declare what the tables refer to: persistence.tables.*.references."),
        Reason(
            "persistence.no_status",
            HOLD,
            "No unfinished states are declared: list in unfinished those that a finished run must not leave.",
        ),
        Reason("persistence.no_rows", HOLD, "{where} is empty, nothing was judged: find why no row was written."),
        Reason("persistence.integrity", FAIL, "{where} is corrupt: keep a copy of it, then restore it from a backup."),
        Reason("persistence.foreign_key", FAIL, "{where} refers to a missing row: find what wrote it unchecked."),
        Reason("persistence.table_missing", FAIL, "The table {where} is missing: run the system's migrations."),
        Reason("persistence.column_missing", FAIL, "The column {where} is missing: run the system's migrations."),
        Reason(
            "persistence.table_undeclared",
            HOLD,
            "The table {where} is not declared: declare it, or list it in ignored with a reason.",
        ),
        Reason(
            "persistence.columns_differ", FAIL, "The column {where} differs between the runs: find what changed it."
        ),
        Reason("persistence.row_differs", FAIL, "{where} differs between two states that must be equal: find why."),
        Reason("persistence.row_lost", FAIL, "{where} is missing in the second state: find what lost it."),
        Reason("persistence.row_added", FAIL, "{where} was added by repeated work: make the write idempotent."),
        Reason("persistence.key_twice", FAIL, "Several rows share the key {where}: correct them, add a constraint."),
        Reason("persistence.key_null", FAIL, "{where} has rows without a key: correct them, declare it NOT NULL."),
        Reason("persistence.not_enforced", FAIL, "{where} lacks the constraint: add it, code cannot prevent races."),
        Reason("persistence.duplicate", FAIL, "{where} has a duplicate: find the correct row before the next run."),
        Reason("persistence.orphan", FAIL, "{where} refers to a missing row: find what deleted it or never wrote it."),
        Reason("persistence.unfinished", FAIL, "{where} is unfinished: find how the run ended, and resume it."),
        Reason("persistence.event_not_stored", FAIL, "{where} is not in the database: find out why it was not stored."),
        Reason("persistence.event_not_logged", FAIL, "{where} is not in the log: find out what wrote it."),
        Reason("persistence.event_differs", FAIL, "{where} differs from its line in the log: find which is correct."),
        Reason("persistence.event_field", FAIL, "{where} is missing: have the system write the field."),
        Reason("persistence.event_twice", FAIL, "{where} repeats the key of another event: find the second writer."),
        Reason("persistence.payload_syntax", FAIL, "{where} holds broken JSON: find what cut or changed it."),
        Reason(
            "persistence.output_differs",
            FAIL,
            "{where} differs between the resumed and the undisturbed run: find what the resumed run does differently.",
        ),
    ),
)
