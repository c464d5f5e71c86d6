"""Registers the gate ``events``."""

from __future__ import annotations

from gatecourt.core.file_reasons import READING
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.layout import GATES
from gatecourt.core.reasons import ERROR, FAIL, HOLD, Reason
from gatecourt.core.run_reasons import RUNNING
from gatecourt.rules.events.section import EventsSection, trend_levels

EVENTS = GateSpec(
    marker="events",
    summary="the log of a run is whole, well formed and tells of no trouble",
    module=GATES / "test_events.py",
    section=EventsSection,
    keys={"events": EventsSection},
    required=("events",),
    parameters={"level": trend_levels},
    reasons=(
        *READING,
        *RUNNING,
        Reason("events.schema", FAIL, "Correct the writer of {where}."),
        Reason("events.field", FAIL, "Correct the writer of {where}: a field of its dialect has another type."),
        Reason("events.schema_invalid", ERROR, "Make {where} a valid schema without outside references."),
        Reason("events.unknown_dialect", FAIL, "Declare the dialect of {where}, or correct its writer."),
        Reason("events.mixed_dialects", FAIL, "Let one writer write {where}."),
        Reason("events.field_absent", HOLD, "Add the field to the writer of {where}: without it nobody can judge."),
        Reason("events.sequence_gap", FAIL, "Find the events that were lost before {where}."),
        Reason("events.sequence_repeat", FAIL, "Find out who wrote the event at {where} a second time."),
        Reason("events.clock_backwards", FAIL, "Use one clock at {where}, or declare the other in events.clock."),
        Reason("events.second_run", FAIL, "Write one log a run: {where} belongs to another."),
        Reason("events.lifecycle_missing", FAIL, "Look at how the run started and ended: {where}."),
        Reason("events.lifecycle_repeated", FAIL, "Look for a second writer or a restart at {where}."),
        Reason("events.lifecycle_order", FAIL, "Look at how the run started and ended: {where}."),
        Reason("events.report_missing", FAIL, "Find out why the run left no report: {where}."),
        Reason("events.incomplete", FAIL, "Find out why the run did not finish: {where}."),
        Reason("events.no_status", HOLD, "Write a status at {where}, or name an event that proves completion."),
        Reason("events.other_run", FAIL, "Replace the stale report {where}: it is about another run."),
        Reason("events.no_log", HOLD, "Find out why no log matches {where}."),
        Reason("events.empty_log", HOLD, "Find out why {where} holds no events."),
        Reason("events.no_event", HOLD, "Find out why {where} holds no valid event."),
        Reason("events.too_few", FAIL, "Find out why the run wrote so little: {where}."),
        Reason("events.few", HOLD, "Let a person look at {where}: it holds fewer events than a healthy run."),
        Reason("events.many_errors", FAIL, "Read the first error of {where}; what follows is its consequence."),
        Reason("events.errors", HOLD, "Let a person read the errors of {where}."),
        Reason("events.critical", FAIL, "Page the on-call engineer about {where}."),
        Reason("events.surfaced", HOLD, "Read {where} and what precedes it, then decide."),
        Reason("events.exception", HOLD, "Read {where} and what precedes it: the run may have crashed."),
        Reason("events.cascade", HOLD, "Read the first error, {where}, and mend its cause."),
        Reason("events.order_open", FAIL, "Ask the venue what became of the order of {where}."),
        Reason("events.order_id", FAIL, "Write the order's id at {where}."),
        Reason("events.duration", FAIL, "Write a duration that is a number at {where}."),
        Reason("events.slow", HOLD, "Find out what was slow at {where}."),
        Reason("events.rotate", HOLD, "Rotate {where}, and keep the old part with its digest."),
        Reason("events.rise", HOLD, "Find the event type that became more frequent in {where} than in earlier runs."),
        Reason("events.few_runs", HOLD, "Add the summaries of more runs to {where}: a trend needs them."),
        Reason("events.tally", FAIL, "Restore the summary of the earlier run: {where} holds no numbers of events."),
        Reason("events.history_repeated", HOLD, "Take {where} out of the history: one run counts once."),
    ),
)
