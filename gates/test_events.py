"""Events: the event log is complete, in order, and reports no errors.

Why it matters: every diagnosis starts at the event log. With a line that readers drop, a missing sequence number or an
order that was never closed the log proves nothing; and an empty log has no errors either.

Runbook: "Check Event Log", "How to Diagnose a Bad Run", "Find slow operations", "Get error summary", log rotation
and the trend of WARN and ERROR.

Needs: ``[events]`` with the logs, their schema and dialects, and the zones that pass and fail; ``[events.trend]`` with
the summaries of earlier runs, if levels are compared over runs.

Evidence: the digests of logs, schema and report; counts by category and level, errors by type, slow operations and
surfaced conditions with file and line.
"""

from __future__ import annotations

import pytest

from gatecourt.core.protocols import Findings, Target
from gatecourt.rules.events.report import judge_rotation, read_logs
from gatecourt.rules.events.section import EventsSection
from gatecourt.rules.events.trend import judge_trend

pytestmark = pytest.mark.events


def test_schema(target: Target, findings: Findings) -> None:
    """Every line is strict JSON and matches the declared schema."""
    findings.record(read_logs(target.section(EventsSection), target.root, target.artefacts()).judge("schema"))


def test_dialect(target: Target, findings: Findings) -> None:
    """Every line has the fields of one declared dialect, the same throughout a log."""
    findings.record(read_logs(target.section(EventsSection), target.root, target.artefacts()).judge("dialect"))


def test_sequence(target: Target, findings: Findings) -> None:
    """Sequence numbers begin where declared, without gap or repeat."""
    findings.record(read_logs(target.section(EventsSection), target.root, target.artefacts()).judge("sequence"))


def test_clock(target: Target, findings: Findings) -> None:
    """Time does not go backwards within a clock."""
    findings.record(read_logs(target.section(EventsSection), target.root, target.artefacts()).judge("clock"))


def test_single_run(target: Target, findings: Findings) -> None:
    """A log holds the events of one run."""
    findings.record(read_logs(target.section(EventsSection), target.root, target.artefacts()).judge("single_run"))


def test_lifecycle(target: Target, findings: Findings) -> None:
    """Each declared start and end occurs exactly once, in this order."""
    findings.record(read_logs(target.section(EventsSection), target.root, target.artefacts()).judge("lifecycle"))


def test_completeness(target: Target, findings: Findings) -> None:
    """The run finished, as a report or an event proves."""
    findings.record(read_logs(target.section(EventsSection), target.root, target.artefacts()).judge("completeness"))


def test_event_count(target: Target, findings: Findings) -> None:
    """A log holds at least as many events as a healthy run writes."""
    findings.record(read_logs(target.section(EventsSection), target.root, target.artefacts()).judge("event_count"))


def test_error_rate(target: Target, findings: Findings) -> None:
    """The share of error events is within its bound."""
    findings.record(read_logs(target.section(EventsSection), target.root, target.artefacts()).judge("error_rate"))


def test_critical(target: Target, findings: Findings) -> None:
    """No event has a critical level."""
    findings.record(read_logs(target.section(EventsSection), target.root, target.artefacts()).judge("critical"))


def test_surfaced(target: Target, findings: Findings) -> None:
    """Declared conditions, such as breaches and mismatches, do not occur; each that does is reported with its line."""
    findings.record(read_logs(target.section(EventsSection), target.root, target.artefacts()).judge("surfaced"))


def test_exceptions(target: Target, findings: Findings) -> None:
    """The last lines of a log hold no words of a crash."""
    findings.record(read_logs(target.section(EventsSection), target.root, target.artefacts()).judge("exceptions"))


def test_cascade(target: Target, findings: Findings) -> None:
    """Errors do not cascade; if they do, the first one and its likely cause are named."""
    findings.record(read_logs(target.section(EventsSection), target.root, target.artefacts()).judge("cascade"))


def test_orders(target: Target, findings: Findings) -> None:
    """Every order that was placed was closed."""
    findings.record(read_logs(target.section(EventsSection), target.root, target.artefacts()).judge("orders"))


def test_slow_operations(target: Target, findings: Findings) -> None:
    """There are no more slow operations than the manifest allows; the evidence lists them."""
    findings.record(read_logs(target.section(EventsSection), target.root, target.artefacts()).judge("slow_operations"))


def test_rotation(target: Target, findings: Findings) -> None:
    """No log is larger than the size at which it must be rotated."""
    findings.record(judge_rotation(target.section(EventsSection), target.artefacts()))


def test_trend(target: Target, findings: Findings, level: str) -> None:
    """The share of the level is not above its share in earlier runs, plus the band."""
    section = target.section(EventsSection)
    if section.trend is not None:
        logs = read_logs(section, target.root, target.artefacts())
        findings.record(judge_trend(logs, section.trend, level, target.root))
