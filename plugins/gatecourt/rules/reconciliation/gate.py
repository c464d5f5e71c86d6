"""Registers the gate ``reconciliation``."""

from __future__ import annotations

from gatecourt.core.file_reasons import READING
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.layout import GATES
from gatecourt.core.reasons import ERROR, FAIL, HOLD, Reason
from gatecourt.core.run_reasons import RUNNING
from gatecourt.rules.reconciliation.section import ReconciliationSection, dry_runs, trends

_CODES = (
    Reason(
        "reconciliation.price_mismatch", FAIL, "Compare the fill at {where} with the book: slippage or a wrong side?"
    ),
    Reason("reconciliation.fee_mismatch", FAIL, "Recalculate the fee at {where} from the fee table, its unit first."),
    Reason("reconciliation.qty_mismatch", FAIL, "Follow the quantity at {where} from the order to the fill."),
    Reason("reconciliation.missing_fill", FAIL, "Ask the exchange for the fill at {where}, then find what dropped it."),
    Reason("reconciliation.dup_fill", FAIL, "Find what booked the fill at {where} twice: the position is too large."),
    Reason("reconciliation.unexpected_fill", FAIL, "Find out whose fill {where} is before anything else is sent."),
    Reason("reconciliation.order_state_drift", FAIL, "Follow the order at {where} through the log to its last answer."),
    Reason("reconciliation.timestamp_drift", FAIL, "Compare clocks and time units on both sides of {where}."),
)

RECONCILIATION = GateSpec(
    marker="reconciliation",
    summary="a dry run agrees with an expectation of its own, its report says so truly, and nothing goes out",
    module=GATES / "test_reconciliation.py",
    section=ReconciliationSection,
    keys={"reconciliation": ReconciliationSection},
    required=("reconciliation",),
    parameters={"dry_run": dry_runs, "trend": trends},
    reasons=(
        *READING,
        *RUNNING,
        *_CODES,
        Reason("reconciliation.halt", FAIL, "Halt trading and hand over to the trading desk before looking further."),
        Reason("reconciliation.totals", FAIL, "Find out how the sum at {where} came about: its fills give another."),
        Reason("reconciliation.value_missing", FAIL, "Have the system write the value at {where}: absence agrees not."),
        Reason("reconciliation.value_not_a_number", FAIL, "Have the system write a finite number at {where}."),
        Reason("reconciliation.not_a_record", FAIL, "Have the system write an object at {where}."),
        Reason("reconciliation.duplicate_id", FAIL, "Find what wrote {where} a second time under one id."),
        Reason(
            "reconciliation.side_missing", FAIL, "Have the system write its orders at {where}, or correct the place."
        ),
        Reason("reconciliation.side_empty", FAIL, "Find out why the side at {where} tells nothing of these orders."),
        Reason("reconciliation.no_orders", HOLD, "Give the dry run orders: over none nothing is reconciled."),
        Reason(
            "reconciliation.report_contradicts",
            FAIL,
            "Mend how the system reconciles: both sides give another {where}.",
        ),
        Reason("reconciliation.report_value", FAIL, "Have the system write its report so that {where} can be read."),
        Reason(
            "reconciliation.report_not_declared", HOLD, "Declare the system's report under [reconciliation.report]."
        ),
        Reason("reconciliation.expectation_follows", FAIL, "Compute {where} without looking at the adapter's answers."),
        Reason(
            "reconciliation.expectation_copied",
            HOLD,
            "Declare a dry run on other answers as reconciliation.disturbed, to show that {where} is no copy.",
        ),
        Reason("reconciliation.disturbance_void", HOLD, "Tamper with the answers: {where} changes no order."),
        Reason("reconciliation.tolerance", FAIL, "Put the tolerance at {where} back, or change it here in the open."),
        Reason("reconciliation.tolerance_missing", FAIL, "Have the system state the tolerance at {where} as a number."),
        Reason(
            "reconciliation.tolerances_not_declared",
            HOLD,
            "Declare under [reconciliation.stated] where the system states the tolerances it judged by.",
        ),
        Reason("reconciliation.network", FAIL, "Take the call at {where} out of the dry run: it must reach nothing."),
        Reason(
            "reconciliation.network_unwatched",
            HOLD,
            "Do without the program at {where}, or exempt it with a reason: nobody sees what it reaches.",
        ),
        Reason(
            "reconciliation.network_not_armed",
            HOLD,
            "Run {where} without -I, -E or -S and let it inherit the environment.",
        ),
        Reason(
            "reconciliation.network_not_declared",
            HOLD,
            "Name the runtimes of the dry run under [reconciliation.network].",
        ),
        Reason("reconciliation.accuracy_drop", FAIL, "Read the mismatches of {where}: fewer orders agree than before."),
        Reason("reconciliation.accuracy_low", FAIL, "Read the mismatches of {where}: too few orders agree."),
        Reason("reconciliation.accuracy_value", FAIL, "Correct or withdraw the recorded report: {where} is no count."),
        Reason("reconciliation.accuracy_too_few", HOLD, "Record a report each week: one is no trend."),
        Reason("entropy.gap", HOLD, "Judge with an interpreter on which {where} can be trapped."),
        Reason("entropy.log", ERROR, "Run again; if it happens twice, see whether the system writes into {where}."),
    ),
)
