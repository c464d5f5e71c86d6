"""Registers the gate ``throughput``."""

from __future__ import annotations

from gatecourt.core.file_reasons import READING
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.layout import GATES
from gatecourt.core.reasons import FAIL, HOLD, Reason
from gatecourt.core.run_reasons import RUNNING
from gatecourt.rules.throughput.section import ThroughputSection, timed_commands, timed_gates

THROUGHPUT = GateSpec(
    marker="throughput",
    summary="nothing takes much longer than it did when its time was recorded",
    module=GATES / "test_throughput.py",
    section=ThroughputSection,
    keys={"throughput": ThroughputSection},
    required=("throughput",),
    parameters={"timed_command": timed_commands, "timed_gate": timed_gates},
    reasons=(
        *READING,
        *RUNNING,
        Reason("throughput.slower", HOLD, "Find the change that made {where} slower, or record why it has to be."),
        Reason("throughput.much_slower", FAIL, "Find the change that made {where} slower before anything is released."),
        Reason("throughput.faster", HOLD, "See whether {where} still does its work; then record a new baseline."),
        Reason("throughput.no_baseline", HOLD, "Record a baseline in {where}: without one nothing is slow."),
        Reason("throughput.no_value", HOLD, "Record the time that is missing at {where}."),
        Reason("throughput.other_unit", HOLD, "Record the baseline again: {where} is not in the unit of this suite."),
        Reason("throughput.custody", HOLD, "Write at {where} who recorded the times, when and on what machine."),
        Reason("throughput.value", FAIL, "Record the times again: {where} is not what a recording writes."),
    ),
)
