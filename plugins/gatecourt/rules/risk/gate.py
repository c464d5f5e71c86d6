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
    summary="limits are there and kept at every event, raised only with leave, and the sums behind them close",
    module=GATES / "test_risk.py",
    section=RiskSection,
    keys={"risk": RiskSection},
    required=("risk",),
    reasons=(
        *READING,
        *RUNNING,
        Reason("risk.limit_missing", FAIL, "Put the limit back at {where}: absence never means that there is none."),
        Reason("risk.limit_not_a_number", FAIL, "Write the limit at {where} as a finite number."),
        Reason("risk.limit_not_positive", FAIL, "Write a limit above 0 at {where}."),
        Reason("risk.limit_broken", FAIL, "Close what breaks the limit at {where}; leave the limit alone."),
        Reason("risk.value_missing", FAIL, "Have the system write the value at {where}: nothing can be judged by it."),
        Reason("risk.value_not_a_number", FAIL, "Have the system write a finite number at {where}."),
        Reason("risk.time", FAIL, "Have the system write a time at {where}."),
        Reason("risk.no_events", HOLD, "Look at why {where} has no such event: a limit over nothing is not kept."),
        Reason("risk.range_not_declared", HOLD, "Declare the range of profit and loss under [risk.pnl]."),
        Reason("risk.pnl_out_of_range", FAIL, "Follow {where} back to its trades before the next run."),
        Reason("risk.not_conserved", FAIL, "Follow the fills up to {where}: money or quantity came from nowhere."),
        Reason("risk.not_followed", FAIL, "Find out why nothing tells what the fill at {where} left."),
        Reason("risk.side_unknown", FAIL, "Find the order of the fill at {where}: its side is not known."),
        Reason("risk.no_report", FAIL, "Have the system write the report that is missing from {where}."),
        Reason("risk.conservation_not_declared", HOLD, "Declare the sums that must close under [[risk.conservation]]."),
        Reason("risk.emergency", FAIL, "Stop: run nothing until whoever set {where} has taken it away."),
        Reason("risk.emergency_without_reason", FAIL, "Write into {where} who set the emergency flag, and why."),
        Reason("risk.emergency_not_declared", HOLD, "Declare flag and log under [risk.emergency]."),
        Reason("risk.emergency_unseen", HOLD, "Make the folder {where} readable, so that the flag can be seen."),
        Reason("risk.normal_not_declared", HOLD, "Declare the normal limits under [risk.normal]."),
        Reason("risk.raise_undocumented", FAIL, "Put {where} back, or record who gave leave under [[risk.raised]]."),
        Reason("risk.raise_unapproved", FAIL, "Put {where} back, or have the risk officer sign the leave."),
        Reason("risk.raise_unexplained", FAIL, "Put {where} back, or write the reason into the leave."),
        Reason("risk.raise_expired", FAIL, "Put {where} back: leave ends with its trading day."),
        Reason("risk.raise_early", FAIL, "Put {where} back until the day for which leave was given."),
    ),
)
