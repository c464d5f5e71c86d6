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
    Reason("telemetry.no_log", HOLD, "No log matches {where}: find why it was not written."),
    Reason("telemetry.several_logs", HOLD, "Several logs match {where}: name one of them."),
    Reason("telemetry.empty_log", HOLD, "{where} has no row: find why nothing was logged."),
    Reason("telemetry.no_row", HOLD, "{where} has no row that can be read: fix its writer."),
    Reason("telemetry.blank_line", FAIL, "{where} is a blank line, on which readers disagree: find its writer."),
    Reason("telemetry.not_an_object", FAIL, "{where} is no JSON object: write one a line."),
    Reason("telemetry.csv_syntax", FAIL, "{where} is no line of CSV: fix its writer."),
    Reason("telemetry.csv_header", FAIL, "{where} repeats a column or leaves one unnamed: name each once."),
    Reason("telemetry.csv_cells", FAIL, "{where} has more or fewer cells than the header: fix its writer."),
    Reason("telemetry.field_missing", FAIL, "{where} is absent: write it in every row."),
    Reason("telemetry.not_a_number", FAIL, "{where} is no finite number: find the calculation behind it."),
    Reason("telemetry.not_a_text", FAIL, "{where} is no text: write one."),
    Reason("telemetry.schema", FAIL, "{where} breaks the schema: fix its writer, or the schema."),
    Reason("telemetry.schema_undecided", ERROR, "The regex at {where} exceeds the backtracking limit: simplify it."),
    Reason(
        "telemetry.version",
        HOLD,
        "The version at {where} is unknown: read what changed, then declare it.",
    ),
    Reason("telemetry.version_unreadable", FAIL, "{where} is no version: write one such as 1.2."),
)
_ORDER = (
    Reason("telemetry.identity_missing", FAIL, "{where} is absent, so rows cannot be distinguished: write it."),
    Reason("telemetry.identity_repeated", FAIL, "The row at {where} was logged before: find what wrote it again."),
    Reason("telemetry.identity_order", FAIL, "The row at {where} comes after a later one: find what delayed it."),
    Reason("telemetry.identity_gap", FAIL, "Rows are missing before {where}: find where they were lost."),
    Reason("telemetry.run_id", FAIL, "The run id at {where} is absent or changes: write it in every row."),
    Reason("telemetry.several_runs", HOLD, "Another run was appended at {where}: delete the log before a run."),
    Reason("telemetry.runs_interleaved", FAIL, "Two runs write to one log at {where}: give each a log of its own."),
)
_JUDGED = (
    Reason("telemetry.mode_missing", FAIL, "The mode at {where} is absent: write it in every row."),
    Reason("telemetry.no_judged_row", HOLD, "{where} has no row of the judged mode: run the learner in it."),
    Reason("telemetry.too_few", HOLD, "{where} has too few rows to judge: run longer."),
    Reason("telemetry.threshold", FAIL, "{where} is beyond its threshold: find the cause; keep the threshold."),
    Reason(
        "telemetry.metric_missing",
        HOLD,
        "The metric {where} is absent: write it, or remove its threshold.",
    ),
    Reason("telemetry.metric_not_a_number", FAIL, "{where} is no finite number: find the calculation behind it."),
)
_SOAK = (
    Reason("telemetry.cycles", HOLD, "{where} does not have the declared cycles: run the soak to its end."),
    Reason("telemetry.cycle_missing", FAIL, "The cycle at {where} is absent: write it in every row."),
    Reason("telemetry.soak_drift", FAIL, "{where} moved away from the first cycles: find in which cycle it began."),
)

TELEMETRY = GateSpec(
    marker="telemetry",
    summary="training logs and state streams are complete, within thresholds, and near their baselines",
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
"""Logs of rows with bands around recorded baselines, soaks over many cycles, streams of states, health lines."""
