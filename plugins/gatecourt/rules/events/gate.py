"""Registers the gate ``events``."""

from __future__ import annotations

from gatecourt.core.file_reasons import READING
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.layout import GATES
from gatecourt.core.reasons import ERROR, FAIL, HOLD, Reason
from gatecourt.core.run_reasons import RUNNING
from gatecourt.rules.events.section import EventsSection, declared_parts, trend_levels

EVENTS = GateSpec(
    marker="events",
    summary="the event log is complete, in order, and reports no errors",
    module=GATES / "test_events.py",
    section=EventsSection,
    keys={"events": EventsSection},
    required=("events",),
    parts={"slow": ("slow_operations",), "surface": ("surfaced",)},
    optional=declared_parts,
    parameters={"level": trend_levels},
    reasons=(
        *READING,
        *RUNNING,
        Reason("events.schema", FAIL, "{where} does not match the event schema: fix the code that writes it."),
        Reason(
            "events.field",
            FAIL,
            "A declared field is missing or has another type at {where}: fix the code that writes it, or the dialect.",
        ),
        Reason("events.schema_invalid", ERROR, "{where} is not a valid, self-contained JSON Schema: fix it."),
        Reason(
            "events.unknown_dialect",
            FAIL,
            "No line of {where} fits a declared dialect: declare its dialect, or fix the code that writes it.",
        ),
        Reason(
            "events.mixed_dialects",
            FAIL,
            "{where} is in another dialect than the lines before: let only one program write a log.",
        ),
        Reason(
            "events.field_absent",
            HOLD,
            "{where} lacks a field that this check needs: log the field, or declare the check not applicable.",
        ),
        Reason("events.sequence_gap", FAIL, "Sequence numbers are missing before {where}: find the lost events."),
        Reason(
            "events.sequence_repeat",
            FAIL,
            "The sequence number at {where} was used before: find what wrote the event twice.",
        ),
        Reason(
            "events.clock_backwards",
            FAIL,
            "Time goes backwards at {where}: use one clock, or declare the second one in events.clock.",
        ),
        Reason("events.second_run", FAIL, "{where} belongs to another run: write one log per run."),
        Reason(
            "events.lifecycle_missing",
            FAIL,
            "A start or end event is missing in {where}: find out whether the run really started and ended.",
        ),
        Reason(
            "events.lifecycle_repeated",
            FAIL,
            "{where} repeats a start or end event: look for a second writer or a restart.",
        ),
        Reason(
            "events.lifecycle_order",
            FAIL,
            "The end event at {where} comes before its start: check the order in which the run logs them.",
        ),
        Reason("events.report_missing", FAIL, "The run wrote no report {where}: find out why."),
        Reason("events.incomplete", FAIL, "The run did not finish, according to {where}: find out why."),
        Reason(
            "events.no_status",
            HOLD,
            "There is no status at {where}: write one, or name an event that proves completion.",
        ),
        Reason("events.other_run", FAIL, "{where} is from another run than the log: replace the stale report."),
        Reason(
            "events.no_log", HOLD, "No log matches {where}: correct the pattern, or find out why the run wrote no log."
        ),
        Reason("events.empty_log", HOLD, "{where} is empty: find out why the run logged nothing."),
        Reason("events.no_event", HOLD, "{where} holds no valid event: fix its writer."),
        Reason(
            "events.too_few",
            FAIL,
            "{where} holds far too few events for a healthy run: find out why the run logged so little.",
        ),
        Reason("events.few", HOLD, "{where} holds fewer events than a healthy run: have a person review it."),
        Reason(
            "events.many_errors",
            FAIL,
            "Too many events of {where} are errors: start with the first one, later ones often follow from it.",
        ),
        Reason("events.errors", HOLD, "More events than usual are errors in {where}: have a person review them."),
        Reason("events.critical", FAIL, "{where} is a critical event: call the engineer on duty."),
        Reason(
            "events.surfaced",
            HOLD,
            "A declared condition occurred at {where}: read it and the events before it, then decide.",
        ),
        Reason(
            "events.exception",
            HOLD,
            "The log ends with a word of failure at {where}: read the lines before it, the run may have crashed.",
        ),
        Reason("events.cascade", HOLD, "Errors follow one another from {where} on: fix the cause of the first one."),
        Reason("events.order_open", FAIL, "The order at {where} was never closed: ask the venue for its state."),
        Reason("events.order_id", FAIL, "The order event at {where} has no order id: log the id."),
        Reason("events.duration", FAIL, "The duration at {where} is not a number: write a number."),
        Reason(
            "events.slow",
            HOLD,
            "The operation at {where} was slow, and there are more slow ones than allowed: find out why.",
        ),
        Reason(
            "events.rotate",
            HOLD,
            "{where} is larger than rotate_over: rotate it, and keep the old part with its digest.",
        ),
        Reason(
            "events.rise",
            HOLD,
            "This level is more frequent in {where} than in earlier runs: find the event type behind the rise.",
        ),
        Reason("events.few_runs", HOLD, "A trend needs more earlier runs: add their summaries to {where}."),
        Reason("events.tally", FAIL, "The summary of an earlier run has no event counts at {where}: restore it."),
        Reason("events.history_repeated", HOLD, "{where} repeats a summary that is already in the history: remove it."),
    ),
)
