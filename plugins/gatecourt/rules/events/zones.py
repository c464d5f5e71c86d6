"""Numbers of a log held against their zones: well, wrong, and between them a person looks."""

from __future__ import annotations

from fractions import Fraction

from gatecourt.core.model import Finding
from gatecourt.rules.events.section import CountZones, RateZones
from gatecourt.rules.events.summary import LogSummary


def event_count(log: LogSummary, zones: CountZones) -> list[Finding]:
    """``events.too_few`` under the bad threshold, ``events.few`` under the good one; equal to it is well."""
    if log.events >= zones.good:
        return []
    rule = "events.too_few" if log.events < zones.bad else "events.few"
    return [Finding(log.name, f"at least {zones.good} events", f"{log.events} events", rule)]


def error_rate(log: LogSummary, levels: tuple[str, ...], zones: RateZones) -> list[Finding]:
    """``events.many_errors`` over the bad threshold, ``events.errors`` over the good one; equal to it is well."""
    errors = sum(log.by_type(levels).values())
    if errors <= Fraction(zones.good) * log.events:
        return []
    rule = "events.many_errors" if errors > Fraction(zones.bad) * log.events else "events.errors"
    observed = f"{errors} of {log.events} ({100 * errors / log.events:.2f}%)"
    expected = f"at most {float(100 * zones.good):g}% of the events at {', '.join(levels)}"
    return [Finding(log.name, expected, observed, rule)]
