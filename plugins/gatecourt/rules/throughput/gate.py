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
        Reason(
            "throughput.slower",
            HOLD,
            "{where} is slower than its baseline: find the change that made it so, or record a new baseline.",
        ),
        Reason(
            "throughput.much_slower",
            FAIL,
            "{where} is much slower than its baseline: find the change that made it so before a release.",
        ),
        Reason(
            "throughput.faster",
            HOLD,
            "{where} is much faster than its baseline: check that it does all its work, then record a new one.",
        ),
        Reason("throughput.no_baseline", HOLD, "There is nothing to compare with: record a baseline in {where}."),
        Reason("throughput.no_value", HOLD, "{where} has no recorded time: record one."),
        Reason("throughput.other_unit", HOLD, "{where} is in another format or unit: record the baseline again."),
        Reason(
            "throughput.custody",
            HOLD,
            "{where} does not say who recorded the times, when, or on what machine: write it there.",
        ),
        Reason("throughput.value", FAIL, "{where} is no valid record of times: record it again."),
    ),
)
