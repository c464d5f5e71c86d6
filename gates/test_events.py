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
    read_logs(target.section(EventsSection), target.root, target.artefacts()).judge("schema").tell(findings)


def test_dialect(target: Target, findings: Findings) -> None:
    """Every line has the fields of one declared dialect, the same throughout a log."""
    read_logs(target.section(EventsSection), target.root, target.artefacts()).judge("dialect").tell(findings)


def test_sequence(target: Target, findings: Findings) -> None:
    """Sequence numbers begin where declared, without gap or repeat."""
    read_logs(target.section(EventsSection), target.root, target.artefacts()).judge("sequence").tell(findings)


def test_clock(target: Target, findings: Findings) -> None:
    """Time does not go backwards within a clock."""
    read_logs(target.section(EventsSection), target.root, target.artefacts()).judge("clock").tell(findings)


def test_single_run(target: Target, findings: Findings) -> None:
    """A log holds the events of one run."""
    read_logs(target.section(EventsSection), target.root, target.artefacts()).judge("single_run").tell(findings)


def test_lifecycle(target: Target, findings: Findings) -> None:
    """Each declared start and end occurs exactly once, in this order."""
    read_logs(target.section(EventsSection), target.root, target.artefacts()).judge("lifecycle").tell(findings)


def test_completeness(target: Target, findings: Findings) -> None:
    """The run finished, as a report or an event proves."""
    read_logs(target.section(EventsSection), target.root, target.artefacts()).judge("completeness").tell(findings)


def test_event_count(target: Target, findings: Findings) -> None:
    """A log holds at least as many events as a healthy run writes."""
    read_logs(target.section(EventsSection), target.root, target.artefacts()).judge("event_count").tell(findings)


def test_error_rate(target: Target, findings: Findings) -> None:
    """The share of error events is within its bound."""
    read_logs(target.section(EventsSection), target.root, target.artefacts()).judge("error_rate").tell(findings)


def test_critical(target: Target, findings: Findings) -> None:
    """No event has a critical level."""
    read_logs(target.section(EventsSection), target.root, target.artefacts()).judge("critical").tell(findings)


def test_surfaced(target: Target, findings: Findings) -> None:
    """Declared conditions, such as breaches and mismatches, do not occur; each that does is reported with its line."""
    read_logs(target.section(EventsSection), target.root, target.artefacts()).judge("surfaced").tell(findings)


def test_exceptions(target: Target, findings: Findings) -> None:
    """The last lines of a log hold no words of a crash."""
    read_logs(target.section(EventsSection), target.root, target.artefacts()).judge("exceptions").tell(findings)


def test_cascade(target: Target, findings: Findings) -> None:
    """Errors do not cascade; if they do, the first one and its likely cause are named."""
    read_logs(target.section(EventsSection), target.root, target.artefacts()).judge("cascade").tell(findings)


def test_orders(target: Target, findings: Findings) -> None:
    """Every order that was placed was closed."""
    read_logs(target.section(EventsSection), target.root, target.artefacts()).judge("orders").tell(findings)


def test_slow_operations(target: Target, findings: Findings) -> None:
    """There are no more slow operations than the manifest allows; the evidence lists them."""
    read_logs(target.section(EventsSection), target.root, target.artefacts()).judge("slow_operations").tell(findings)


def test_rotation(target: Target, findings: Findings) -> None:
    """No log is larger than the size at which it must be rotated."""
    judge_rotation(target.section(EventsSection), target.artefacts()).tell(findings)


def test_trend(target: Target, findings: Findings, level: str) -> None:
    """The share of the level is not above its share in earlier runs, plus the band."""
    section = target.section(EventsSection)
    if section.trend is not None:
        logs = read_logs(section, target.root, target.artefacts())
        judge_trend(logs, section.trend, level, target.root).tell(findings)
