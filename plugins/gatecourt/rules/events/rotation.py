"""Logs that have outgrown what people and tools can read."""

from __future__ import annotations

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Run
from gatecourt.formats import patterns
from gatecourt.rules.events.section import EventsSection


def judge_rotation(section: EventsSection, run: Run) -> Judgement:
    """Rules ``events.rotate`` for a log of more bytes than ``rotate_over``, ``events.no_log``. No log is read."""
    logs = tuple(run.files[name] for name in patterns.select(run.files, section.logs))
    limit = section.rotate_over
    found = [
        Finding(log.name, f"at most {limit} bytes", f"{log.size} bytes", "events.rotate")
        for log in logs
        if log.size > limit
    ]
    if not logs:
        found.append(Finding(", ".join(section.logs), "at least one event log", "no such file", "events.no_log"))
    return Judgement(logs, tuple(found), {"rotate_over_bytes": limit})
