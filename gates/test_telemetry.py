"""Telemetry: training logs and state streams are complete, within thresholds, and near their recorded baselines.

Why it matters: a NaN breaks no threshold, nor does a log without a judged row; a metric that a reader takes for 0
where it is absent keeps every threshold; a band with one side lets the other side drift, and a baseline taken from the
judged run always agrees.

Needs: ``[telemetry.log.NAME]`` with the log, its fields and identity, which rows are judged and how many there must be;
thresholds; bands with a recorded baseline (``gatecourt record``) and its noise (``gatecourt calibrate``);
``[telemetry.soak.NAME]`` for many cycles compared with one baseline; ``[telemetry.stream.NAME]`` with payloads and the
rules that their states keep; ``[telemetry.health.NAME]`` for health lines.

Evidence: the digests of logs, schemas and baselines; rows and judged rows; each threshold with the number of values
compared; policy band, floor and noise side by side; the summary of each log as JSON and as Markdown. Runbook: townlet
"Telemetry".
"""

from __future__ import annotations

import pytest

from gatecourt.core.protocols import Findings, Target
from gatecourt.rules.telemetry.banding import judge_band, judge_custody
from gatecourt.rules.telemetry.checks import judge_aspect, run_of
from gatecourt.rules.telemetry.page import judge_rows
from gatecourt.rules.telemetry.section import TelemetrySection, banded_metric
from gatecourt.rules.telemetry.soak import judge_soak
from gatecourt.rules.telemetry.streams.checks import judge_stream
from gatecourt.rules.telemetry.streams.health import judge_health

pytestmark = pytest.mark.telemetry


def test_rows(target: Target, findings: Findings, telemetry_log: str) -> None:
    """Every row is complete, typed, finite, and of a known version."""
    log = target.section(TelemetrySection).log[telemetry_log]
    findings.record(judge_aspect(log, "rows", run_of(log, target), target.root))


def test_identity(target: Target, findings: Findings, telemetry_log: str) -> None:
    """Rows have an identity: in order, none twice, none missing, all of one run."""
    log = target.section(TelemetrySection).log[telemetry_log]
    findings.record(judge_aspect(log, "identity", run_of(log, target), target.root))


def test_judged_rows(target: Target, findings: Findings, telemetry_log: str) -> None:
    """There are enough rows of the judged mode; the evidence holds the summary of the log."""
    findings.record(judge_rows(target.section(TelemetrySection).log[telemetry_log], telemetry_log, target))


def test_threshold(target: Target, findings: Findings, threshold_log: str) -> None:
    """Every metric keeps its bounds, in each row or over all of them."""
    log = target.section(TelemetrySection).log[threshold_log]
    findings.record(judge_aspect(log, "thresholds", run_of(log, target), target.root))


def test_baseline(target: Target, findings: Findings, baseline_log: str) -> None:
    """The recorded baseline exists, is unchanged, has an author, is of this log and not too old."""
    findings.record(judge_custody(target.section(TelemetrySection).log[baseline_log], baseline_log, target))


def test_band(target: Target, findings: Findings, banded: str) -> None:
    """The metric lies within its band around the recorded baseline."""
    section = target.section(TelemetrySection)
    name, metric = banded_metric(section, banded)
    findings.record(judge_band(section.log[name], name, metric, target))


def test_soak(target: Target, findings: Findings, soak: str) -> None:
    """All cycles are there, and none has drifted away from the first baseline."""
    section = target.section(TelemetrySection)
    findings.record(judge_soak(section.soak[soak], section.log[section.soak[soak].log], target))


def test_payloads(target: Target, findings: Findings, stream: str) -> None:
    """Every payload can be read, and they merge to the states of one run without a gap."""
    findings.record(judge_stream(target.section(TelemetrySection).stream[stream], "payloads", target))


def test_payload_schema(target: Target, findings: Findings, schema_stream: str) -> None:
    """Every payload, and the state merged at the end, keeps its schema."""
    findings.record(judge_stream(target.section(TelemetrySection).stream[schema_stream], "schema", target))


def test_payload_version(target: Target, findings: Findings, version_stream: str) -> None:
    """All payloads have the version that their readers know."""
    findings.record(judge_stream(target.section(TelemetrySection).stream[version_stream], "version", target))


def test_fields(target: Target, findings: Findings, field_stream: str) -> None:
    """Values of the states are of their kind and within their limits."""
    findings.record(judge_stream(target.section(TelemetrySection).stream[field_stream], "field", target))


def test_rate_limits(target: Target, findings: Findings, rate_limit_stream: str) -> None:
    """Entries come only as often as their limits allow."""
    findings.record(judge_stream(target.section(TelemetrySection).stream[rate_limit_stream], "rate_limit", target))


def test_lifecycles(target: Target, findings: Findings, lifecycle_stream: str) -> None:
    """What starts ends in time."""
    findings.record(judge_stream(target.section(TelemetrySection).stream[lifecycle_stream], "lifecycle", target))


def test_held_objects(target: Target, findings: Findings, held_stream: str) -> None:
    """What is held is released in time."""
    findings.record(judge_stream(target.section(TelemetrySection).stream[held_stream], "held", target))


def test_running_totals(target: Target, findings: Findings, running_total_stream: str) -> None:
    """Totals are the sum of their deltas."""
    findings.record(
        judge_stream(target.section(TelemetrySection).stream[running_total_stream], "running_total", target)
    )


def test_clipped_values(target: Target, findings: Findings, clipped_stream: str) -> None:
    """Values are clipped at their limit, and clipping is the exception."""
    findings.record(judge_stream(target.section(TelemetrySection).stream[clipped_stream], "clipped", target))


def test_conditions(target: Target, findings: Findings, condition_stream: str) -> None:
    """Conditions that must never hold do not hold."""
    findings.record(judge_stream(target.section(TelemetrySection).stream[condition_stream], "condition", target))


def test_alerts(target: Target, findings: Findings, alerts_stream: str) -> None:
    """Alerts are raised exactly while their conditions hold, and none that is not allowed."""
    findings.record(judge_stream(target.section(TelemetrySection).stream[alerts_stream], "alerts", target))


def test_health(target: Target, findings: Findings, health_log: str) -> None:
    """Every health line can be read and keeps its limits."""
    findings.record(judge_health(target.section(TelemetrySection).health[health_log], target))
