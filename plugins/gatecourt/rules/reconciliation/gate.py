"""Registers the gate ``reconciliation``."""

from __future__ import annotations

from gatecourt.core.file_reasons import READING
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.layout import GATES
from gatecourt.core.reasons import FAIL, HOLD, Reason
from gatecourt.core.run_reasons import MONITORING, RUNNING
from gatecourt.rules.reconciliation.section import ReconciliationSection, dry_runs, trends

_CODES = (
    Reason("reconciliation.price_mismatch", FAIL, "The price {where} is wrong: compare it with the order book."),
    Reason("reconciliation.fee_mismatch", FAIL, "The fee {where} is wrong: recalculate it from the fee table."),
    Reason("reconciliation.qty_mismatch", FAIL, "The quantity {where} is wrong: trace it from the order to the fill."),
    Reason("reconciliation.missing_fill", FAIL, "The fill {where} is missing at the adapter: ask the exchange for it."),
    Reason("reconciliation.dup_fill", FAIL, "The fill {where} is booked twice: correct the position, find the cause."),
    Reason(
        "reconciliation.unexpected_fill",
        FAIL,
        "The fill {where} is not among the expected ones: find its owner before trading on.",
    ),
    Reason("reconciliation.order_state_drift", FAIL, "The state of {where} differs: trace the order through the log."),
    Reason("reconciliation.timestamp_drift", FAIL, "The time {where} differs: compare clocks and units of both sides."),
)

RECONCILIATION = GateSpec(
    marker="reconciliation",
    summary="a dry run matches an independent expectation, reports it truly, and uses no network",
    module=GATES / "test_reconciliation.py",
    section=ReconciliationSection,
    keys={"reconciliation": ReconciliationSection},
    required=("reconciliation",),
    parameters={"dry_run": dry_runs, "trend": trends},
    reasons=(
        *READING,
        *RUNNING,
        *_CODES,
        Reason("reconciliation.halt", FAIL, "Too many orders mismatch: halt trading and call the trading desk."),
        Reason("reconciliation.totals", FAIL, "{where} differs from the sum of its fills: find which one is wrong."),
        Reason(
            "reconciliation.value_missing",
            FAIL,
            "The value at {where} is missing, so it never matches: have the system write it.",
        ),
        Reason("reconciliation.value_not_a_number", FAIL, "{where} is no number: have the system write a finite one."),
        Reason("reconciliation.not_a_record", FAIL, "{where} is no JSON object: have the system write one."),
        Reason("reconciliation.duplicate_id", FAIL, "The id of {where} is used twice: find what wrote it again."),
        Reason(
            "reconciliation.side_missing", FAIL, "There are no orders at {where}: write them, or correct the pointer."
        ),
        Reason("reconciliation.side_empty", FAIL, "{where} has no orders, the other side has: find out why."),
        Reason("reconciliation.no_orders", HOLD, "The dry run has no orders: give it some, or nothing is compared."),
        Reason("reconciliation.report_contradicts", FAIL, "{where} differs from the recomputation: fix the report."),
        Reason("reconciliation.report_value", FAIL, "{where} cannot be read: correct the report, or the manifest."),
        Reason("reconciliation.report_not_declared", HOLD, "Declare the system's report in [reconciliation.report]."),
        Reason("reconciliation.expectation_follows", FAIL, "{where} depends on the adapter: compute it without."),
        Reason(
            "reconciliation.expectation_copied",
            HOLD,
            "{where} equals the adapter's side: declare a dry run on other answers as reconciliation.disturbed.",
        ),
        Reason("reconciliation.disturbance_void", HOLD, "{where} changes no order: tamper with the answers."),
        Reason(
            "reconciliation.tolerance",
            FAIL,
            "The tolerance {where} is not the declared one: restore it, or change the manifest in a reviewed commit.",
        ),
        Reason("reconciliation.tolerance_missing", FAIL, "Have the system report the tolerance {where} as a number."),
        Reason(
            "reconciliation.tolerances_not_declared",
            HOLD,
            "Declare in [reconciliation.reported_tolerances] where the system reports its tolerances.",
        ),
        Reason("reconciliation.network", FAIL, "{where} uses the network: remove the call from the dry run."),
        Reason(
            "reconciliation.network_unwatched",
            HOLD,
            "Remove the subprocess at {where}, or exempt it with a reason: its network use is not monitored.",
        ),
        Reason(
            "reconciliation.network_not_armed",
            HOLD,
            "The trap in {where} was not armed: run it without -I, -E or -S and let it inherit the environment.",
        ),
        Reason(
            "reconciliation.network_not_declared",
            HOLD,
            "Declare the runtimes of the dry run in [reconciliation.network].",
        ),
        Reason("reconciliation.accuracy_drop", FAIL, "Accuracy dropped in {where}: read its mismatches."),
        Reason("reconciliation.accuracy_low", FAIL, "Accuracy is too low in {where}: read its mismatches."),
        Reason("reconciliation.accuracy_value", FAIL, "{where} is no valid count: correct or withdraw the report."),
        Reason("reconciliation.accuracy_too_few", HOLD, "One report is no trend: record a report each week."),
        *MONITORING,
    ),
)
