"""Registers the gate ``risk``."""

from __future__ import annotations

from gatecourt.core.file_reasons import READING
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.layout import GATES
from gatecourt.core.reasons import FAIL, HOLD, Reason
from gatecourt.core.run_reasons import RUNNING
from gatecourt.rules.risk import RiskSection

RISK = GateSpec(
    marker="risk",
    summary="limits are respected at every event, increased only with approval for the day; money is conserved",
    module=GATES / "test_risk.py",
    section=RiskSection,
    keys={"risk": RiskSection},
    required=("risk",),
    reasons=(
        *READING,
        *RUNNING,
        Reason(
            "risk.limit_missing",
            FAIL,
            "The limit at {where} is missing, and a missing limit is not unlimited: restore it.",
        ),
        Reason("risk.limit_not_a_number", FAIL, "The limit at {where} is not a finite number: write one."),
        Reason("risk.limit_not_positive", FAIL, "The limit at {where} is 0 or less: write a limit above 0."),
        Reason(
            "risk.limit_broken",
            FAIL,
            "The value at {where} is beyond its limit: reduce what caused it, and do not change the limit.",
        ),
        Reason(
            "risk.value_missing",
            FAIL,
            "The value at {where} is missing: have the system write it, nothing can be checked without it.",
        ),
        Reason(
            "risk.value_not_a_number", FAIL, "The value at {where} is not a finite number: fix the code that writes it."
        ),
        Reason(
            "risk.time", FAIL, "There is no valid time at {where}: have the system write one, in the declared unit."
        ),
        Reason(
            "risk.no_events",
            HOLD,
            "{where} holds no such event, so nothing was checked: log the event, or correct its type in the manifest.",
        ),
        Reason(
            "risk.range_not_declared",
            HOLD,
            "No expected range of profit and loss is declared: declare one under [risk.pnl].",
        ),
        Reason(
            "risk.pnl_out_of_range",
            FAIL,
            "Profit or loss at {where} is outside the expected range: trace it to its trades before the next run.",
        ),
        Reason(
            "risk.not_conserved",
            FAIL,
            "The balance at {where} is not the sum of its flows: find the booking that is missing, repeated or wrong.",
        ),
        Reason("risk.not_followed", FAIL, "No balance update follows the event at {where}: have the system log one."),
        Reason(
            "risk.side_unknown",
            FAIL,
            "The event at {where} has no known side, so its sign is unknown: find the event that should state it.",
        ),
        Reason("risk.no_report", FAIL, "A report is missing from {where}: have the system write it."),
        Reason(
            "risk.conservation_not_declared",
            HOLD,
            "No sum to check is declared: declare one under [[risk.conservation]].",
        ),
        Reason("risk.emergency", FAIL, "Emergency flag {where} is set: run nothing until its owner clears it."),
        Reason(
            "risk.emergency_without_reason",
            FAIL,
            "{where} does not say why the emergency flag is set: add who set it, and why.",
        ),
        Reason(
            "risk.emergency_not_declared",
            HOLD,
            "No emergency flag is declared: declare flag and log under [risk.emergency].",
        ),
        Reason(
            "risk.emergency_unseen",
            HOLD,
            "The folder {where} cannot be read, so the emergency flag cannot be checked: make it readable.",
        ),
        Reason(
            "risk.normal_not_declared",
            HOLD,
            "No normal limits are declared, so no increase can be seen: declare them under [risk.normal].",
        ),
        Reason(
            "risk.raise_undocumented",
            FAIL,
            "{where} is looser than normal without approval: restore it, or add an approved [[risk.raised]] entry.",
        ),
        Reason(
            "risk.raise_unapproved",
            FAIL,
            "The increase of {where} has no approver: restore the limit, or get the risk officer's approval.",
        ),
        Reason(
            "risk.raise_unexplained",
            FAIL,
            "The increase of {where} has no reason: restore the limit, or add the reason to the approval.",
        ),
        Reason("risk.raise_expired", FAIL, "The approval for {where} expired with its trading day: restore the limit."),
        Reason("risk.raise_early", FAIL, "The approval for {where} is for a later day: restore the limit until then."),
    ),
)
