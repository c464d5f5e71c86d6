"""Registers the gate ``telemetry``."""

from __future__ import annotations

from gatecourt.core.file_reasons import READING
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.layout import GATES
from gatecourt.core.reasons import ERROR, FAIL, HOLD, Reason
from gatecourt.core.run_reasons import RUNNING
from gatecourt.mechanisms.bands.reasons import BANDS
from gatecourt.rules.e2.gate import E2
from gatecourt.rules.telemetry.section import (
    TelemetrySection,
    banded_metrics,
    baseline_logs,
    log_names,
    soak_names,
    threshold_logs,
)
from gatecourt.rules.telemetry.streams.names import PARAMETERS
from gatecourt.rules.telemetry.streams.reasons import STREAMS

_SCHEMAS = tuple(reason for reason in E2.reasons if reason.code.startswith("e2.schema_"))
_ROWS = (
    Reason("telemetry.no_log", HOLD, "Find out why no log matches {where}."),
    Reason("telemetry.several_logs", HOLD, "Name one log: several match {where}."),
    Reason("telemetry.empty_log", HOLD, "Find out why {where} holds no row."),
    Reason("telemetry.no_row", HOLD, "Find out why {where} holds no row that can be read."),
    Reason("telemetry.blank_line", FAIL, "Find the writer of the blank line {where}: readers disagree on it."),
    Reason("telemetry.not_an_object", FAIL, "Write one JSON object a line at {where}."),
    Reason("telemetry.csv_syntax", FAIL, "Mend the line at {where}."),
    Reason("telemetry.csv_header", FAIL, "Write one name a column, each once, at {where}."),
    Reason("telemetry.csv_cells", FAIL, "Write as many cells as the header has at {where}."),
    Reason("telemetry.field_missing", FAIL, "Have the learner write {where} in every row."),
    Reason("telemetry.not_a_number", FAIL, "Find the calculation behind {where}, and write a finite number."),
    Reason("telemetry.not_a_text", FAIL, "Write a text at {where}."),
    Reason("telemetry.schema", FAIL, "Mend the writer of {where}, or change the schema in the same commit."),
    Reason("telemetry.schema_undecided", ERROR, "Simplify the regular expression that gave up at {where}."),
    Reason("telemetry.version", HOLD, "Read what changed in the version at {where}; then accept it in the manifest."),
    Reason("telemetry.version_unreadable", FAIL, "Write a version such as 1.2 at {where}."),
)
_ORDER = (
    Reason("telemetry.identity_missing", FAIL, "Write what tells the row apart at {where}."),
    Reason("telemetry.identity_repeated", FAIL, "Find out who wrote the row at {where} a second time."),
    Reason("telemetry.identity_order", FAIL, "Find out why the row at {where} comes after a later one."),
    Reason("telemetry.identity_gap", FAIL, "Find the rows that were lost before {where}."),
    Reason("telemetry.run_id", FAIL, "Write the id of the run at {where}."),
    Reason("telemetry.several_runs", HOLD, "Delete the log before a run: at {where} another run was appended."),
    Reason("telemetry.runs_interleaved", FAIL, "Give each run a log of its own: two write to it at {where}."),
)
_JUDGED = (
    Reason("telemetry.mode_missing", FAIL, "Write the mode of the row at {where}."),
    Reason("telemetry.no_judged_row", HOLD, "Run the learner in the judged mode: {where} has no row of it."),
    Reason("telemetry.too_few", HOLD, "Run longer: {where} has fewer rows than a judgement needs."),
    Reason("telemetry.threshold", FAIL, "Find what moved {where} beyond its bound; leave the bound alone."),
    Reason("telemetry.metric_missing", HOLD, "Write the metric {where}, or take its threshold out in the open."),
    Reason("telemetry.metric_not_a_number", FAIL, "Find the calculation behind {where}, and write a finite number."),
)
_SOAK = (
    Reason("telemetry.cycles", HOLD, "Run the soak to its end: {where} does not have the declared cycles."),
    Reason("telemetry.cycle_missing", FAIL, "Write the cycle of the row at {where}."),
    Reason("telemetry.soak_drift", FAIL, "Find what moved at {where}, and in which cycle it began."),
)

TELEMETRY = GateSpec(
    marker="telemetry",
    summary="what a learner writes of itself is whole, keeps its bounds and lies where it was recorded",
    module=GATES / "test_telemetry.py",
    section=TelemetrySection,
    keys={"telemetry": TelemetrySection},
    required=("telemetry",),
    parameters={
        "telemetry_log": log_names,
        "threshold_log": threshold_logs,
        "baseline_log": baseline_logs,
        "banded": banded_metrics,
        "soak": soak_names,
        **PARAMETERS,
    },
    reasons=(*READING, *RUNNING, *_SCHEMAS, *BANDS, *_ROWS, *_ORDER, *_JUDGED, *_SOAK, *STREAMS),
)
"""Rows of a learner's log and what they may be, with bands around recorded baselines and soaks over many cycles."""
