"""Telemetry: what a learner writes of itself is whole, keeps its bounds, and lies where it lay when it was recorded.

Why it matters: a NaN trips no threshold, a log without a single row of the judged kind breaks none, a metric that a
reader takes for 0 where it is missing keeps all of them; a band with one side lets the other run away, and a baseline
that is taken from the run under judgement agrees with everything.

Needs: ``[telemetry.log.NAME]`` with the log, what a row has, what tells rows apart, which rows count and how many there
must be; thresholds; bands with a recorded baseline (``gatecourt record``) and its noise (``gatecourt calibrate``);
``[telemetry.soak.NAME]`` for many cycles that are held against one baseline; ``[telemetry.stream.NAME]`` with payloads
and what their states have to keep; ``[telemetry.health.NAME]`` for health lines.

Evidence: the digests of logs, schemas and baselines; rows and judged rows; each threshold with the number of values
held against it; policy band, floor and noise side by side; the summary of each log as JSON and as Markdown. Runbook:
townlet "Telemetry".
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
    judge_aspect(log, "rows", run_of(log, target), target.root).tell(findings)


def test_identity(target: Target, findings: Findings, telemetry_log: str) -> None:
    """Rows are told apart, in order, none twice and none missing, and all of one run."""
    log = target.section(TelemetrySection).log[telemetry_log]
    judge_aspect(log, "identity", run_of(log, target), target.root).tell(findings)


def test_judged_rows(target: Target, findings: Findings, telemetry_log: str) -> None:
    """There are as many rows of the judged mode as a judgement needs; here stands the summary of the log."""
    judge_rows(target.section(TelemetrySection).log[telemetry_log], telemetry_log, target).tell(findings)


def test_threshold(target: Target, findings: Findings, threshold_log: str) -> None:
    """Every metric keeps its bounds, in each row or over all of them."""
    log = target.section(TelemetrySection).log[threshold_log]
    judge_aspect(log, "thresholds", run_of(log, target), target.root).tell(findings)


def test_baseline(target: Target, findings: Findings, baseline_log: str) -> None:
    """The recorded baseline is there, unchanged, signed for, of this log and not too old."""
    judge_custody(target.section(TelemetrySection).log[baseline_log], baseline_log, target).tell(findings)


def test_band(target: Target, findings: Findings, banded: str) -> None:
    """The metric lies within its band around the recorded baseline."""
    section = target.section(TelemetrySection)
    name, metric = banded_metric(section, banded)
    judge_band(section.log[name], name, metric, target).tell(findings)


def test_soak(target: Target, findings: Findings, soak: str) -> None:
    """All cycles are there, and none has drifted away from the first baseline."""
    section = target.section(TelemetrySection)
    judge_soak(section.soak[soak], section.log[section.soak[soak].log], target).tell(findings)


def test_payloads(target: Target, findings: Findings, stream: str) -> None:
    """Every payload can be read, and together they are states without a gap, tick by tick, of one run."""
    judge_stream(target.section(TelemetrySection).stream[stream], "payloads", target).tell(findings)


def test_payload_schema(target: Target, findings: Findings, schema_stream: str) -> None:
    """Every payload, and the state that they add up to, is what its schema says."""
    judge_stream(target.section(TelemetrySection).stream[schema_stream], "schema", target).tell(findings)


def test_payload_version(target: Target, findings: Findings, version_stream: str) -> None:
    """The payloads are of the version that their readers know, all along."""
    judge_stream(target.section(TelemetrySection).stream[version_stream], "version", target).tell(findings)


def test_transport(target: Target, findings: Findings, transport_stream: str) -> None:
    """The transport is connected, lost nothing, and does not lag behind."""
    judge_stream(target.section(TelemetrySection).stream[transport_stream], "transport", target).tell(findings)


def test_backlog(target: Target, findings: Findings, backlog_stream: str) -> None:
    """No more wait to leave a job than the limit allows, and as many as are listed."""
    judge_stream(target.section(TelemetrySection).stream[backlog_stream], "backlog", target).tell(findings)


def test_approval(target: Target, findings: Findings, approval_stream: str) -> None:
    """What was approved by hand is carried out exactly when it is due."""
    judge_stream(target.section(TelemetrySection).stream[approval_stream], "approval", target).tell(findings)


def test_narration(target: Target, findings: Findings, narration_stream: str) -> None:
    """Every narration that was emitted might be: cooldowns, repeats and the window are worked out again."""
    judge_stream(target.section(TelemetrySection).stream[narration_stream], "narration", target).tell(findings)


def test_queues(target: Target, findings: Findings, queues_stream: str) -> None:
    """Queues add up, are fair, and release what they hold."""
    judge_stream(target.section(TelemetrySection).stream[queues_stream], "queues", target).tell(findings)


def test_rewards(target: Target, findings: Findings, rewards_stream: str) -> None:
    """Rewards keep their clip, and clipping stays the exception."""
    judge_stream(target.section(TelemetrySection).stream[rewards_stream], "rewards", target).tell(findings)


def test_alerts(target: Target, findings: Findings, alerts_stream: str) -> None:
    """Alerts are told exactly while the numbers beside them call for it, and none that is not allowed."""
    judge_stream(target.section(TelemetrySection).stream[alerts_stream], "alerts", target).tell(findings)


def test_health(target: Target, findings: Findings, health_log: str) -> None:
    """Every health line is read, and keeps its bounds."""
    judge_health(target.section(TelemetrySection).health[health_log], target).tell(findings)
