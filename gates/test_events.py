"""Events: the log of a run is whole, well formed and tells of no trouble.

Why it matters: every diagnosis starts at the event log. A line that readers drop, a number that is missing or an order
that nobody saw end turns the log from evidence into decoration, and an empty log has no errors either.

Runbook: "Check Event Log", "How to Diagnose a Bad Run", "Find slow operations", "Get error summary", log rotation
and the trend of WARN and ERROR.

Needs: ``[events]`` with the logs, their schema, the dialects they speak, and the zones of what is well and wrong;
``[events.trend]`` with the summaries of earlier runs, where levels are followed over runs.

Evidence: the digests of logs, schema and report; counts by category and level, errors by type, slow operations and
surfaced conditions with file and line.
"""

from __future__ import annotations

import pytest

from gatecourt.core.protocols import Findings, Target
from gatecourt.rules.events.report import survey
from gatecourt.rules.events.rotation import judge_rotation
from gatecourt.rules.events.section import EventsSection
from gatecourt.rules.events.trend import judge_trend

pytestmark = pytest.mark.events


def test_schema(target: Target, findings: Findings) -> None:
    """Every line is strict JSON and meets the declared schema."""
    survey(target.section(EventsSection), target.root, target.artefacts()).tell("schema", findings)


def test_dialect(target: Target, findings: Findings) -> None:
    """Every line has the fields of one declared dialect, the same throughout a log."""
    survey(target.section(EventsSection), target.root, target.artefacts()).tell("dialect", findings)


def test_sequence(target: Target, findings: Findings) -> None:
    """Sequence numbers begin where declared, without gap or repeat."""
    survey(target.section(EventsSection), target.root, target.artefacts()).tell("sequence", findings)


def test_clock(target: Target, findings: Findings) -> None:
    """Time does not go backwards within a clock."""
    survey(target.section(EventsSection), target.root, target.artefacts()).tell("clock", findings)


def test_single_run(target: Target, findings: Findings) -> None:
    """A log tells of one run."""
    survey(target.section(EventsSection), target.root, target.artefacts()).tell("single_run", findings)


def test_lifecycle(target: Target, findings: Findings) -> None:
    """Each declared start and end is there exactly once, in this order."""
    survey(target.section(EventsSection), target.root, target.artefacts()).tell("lifecycle", findings)


def test_completeness(target: Target, findings: Findings) -> None:
    """The run came to its end, by the report or event that proves it."""
    survey(target.section(EventsSection), target.root, target.artefacts()).tell("completeness", findings)


def test_event_count(target: Target, findings: Findings) -> None:
    """A log holds as many events as a healthy run writes."""
    survey(target.section(EventsSection), target.root, target.artefacts()).tell("event_count", findings)


def test_error_rate(target: Target, findings: Findings) -> None:
    """The share of ERROR events is small."""
    survey(target.section(EventsSection), target.root, target.artefacts()).tell("error_rate", findings)


def test_critical(target: Target, findings: Findings) -> None:
    """No event is CRITICAL."""
    survey(target.section(EventsSection), target.root, target.artefacts()).tell("critical", findings)


def test_surfaced(target: Target, findings: Findings) -> None:
    """Declared conditions such as breaches and mismatches are told with their lines."""
    survey(target.section(EventsSection), target.root, target.artefacts()).tell("surfaced", findings)


def test_exceptions(target: Target, findings: Findings) -> None:
    """The last lines of a log do not speak of a crash."""
    survey(target.section(EventsSection), target.root, target.artefacts()).tell("exceptions", findings)


def test_cascade(target: Target, findings: Findings) -> None:
    """Errors do not cascade; where they do, the first one and its likely cause are named."""
    survey(target.section(EventsSection), target.root, target.artefacts()).tell("cascade", findings)


def test_orders(target: Target, findings: Findings) -> None:
    """Every order that was placed has ended."""
    survey(target.section(EventsSection), target.root, target.artefacts()).tell("orders", findings)


def test_slow_operations(target: Target, findings: Findings) -> None:
    """Slow operations are listed, and not more of them than the manifest allows."""
    survey(target.section(EventsSection), target.root, target.artefacts()).tell("slow_operations", findings)


def test_rotation(target: Target, findings: Findings) -> None:
    """No log has outgrown the size at which it is rotated."""
    judge_rotation(target.section(EventsSection), target.artefacts()).tell(findings)


def test_trend(target: Target, findings: Findings, level: str) -> None:
    """The level makes up no greater share of the events than in earlier runs, beyond the band."""
    section = target.section(EventsSection)
    if section.trend is not None:
        judge_trend(survey(section, target.root, target.artefacts()), section.trend, level, target.root).tell(findings)
