"""All logs of a run, each read once per process, and the judgement of each aspect of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Run, Subject
from gatecourt.formats import patterns, strictjson
from gatecourt.rules.events import completion
from gatecourt.rules.events.scan import scan
from gatecourt.rules.events.schema import LineSchema
from gatecourt.rules.events.section import CountZones, EventsSection, RateZones
from gatecourt.rules.events.summary import LogSummary, Places

_SCANNED: dict[tuple[Subject, str, str], LogSummary] = {}
_STRUCTURE = ("schema", "dialect")

_Numbers: TypeAlias = Callable[[EventsSection, LogSummary], Json]


@dataclass(frozen=True, slots=True)
class LogsReport:
    """The logs of one run after one pass over each."""

    section: EventsSection
    run: Run
    schema: Subject
    subjects: tuple[Subject, ...]
    logs: tuple[LogSummary, ...]

    def judge(self, aspect: str) -> Judgement:
        """Subjects, parameters and findings of one aspect, which is the name of a check of the gate."""
        subjects = [*self.subjects]
        if aspect == "schema":
            subjects.append(self.schema)
        if aspect == "completeness":
            subjects += completion.reports(self.section.complete, self.run)
        parameters: dict[str, Json] = {}
        if reason := self.section.optional.get(aspect):
            parameters["optional"] = reason
        elif numbers := _PARAMETERS.get(aspect):
            parameters["logs"] = {log.name: numbers(self.section, log) for log in self.logs}
        return Judgement(tuple(subjects), tuple(self.about(aspect)), parameters)

    def about(self, aspect: str) -> list[Finding]:
        """The findings of one aspect, log by log, and those that keep it from being judged."""
        if not self.logs:
            where = ", ".join(self.section.logs)
            return [Finding(where, "at least one event log", "none", "events.no_log")]
        found = [finding for log in self.logs for finding in self._about_log(aspect, log)]
        found = [finding for finding in found if not passed_over(self.section, aspect, finding)]
        if aspect == "completeness":
            found += completion.completeness(self.section.complete, self.run, self.logs)
        return found

    def _about_log(self, aspect: str, log: LogSummary) -> list[Finding]:
        found = [*log.findings.get(aspect, ()), *_empty(aspect, log)]
        counted = _COUNTED.get(aspect)
        return found if counted is None else [*found, *counted(self.section, log)]


def passed_over(section: EventsSection, aspect: str, finding: Finding) -> bool:
    """Whether the finding is about an absent field, and the section declares it optional for this aspect."""
    return finding.rule == "events.field_absent" and aspect in section.optional


def of_log(section: EventsSection, log: LogSummary, not_applicable: Collection[str] = ()) -> list[Finding]:
    """The findings that need the whole log and are not in ``log.findings``: event counts, rates, an empty log.

    ``not_applicable`` are the aspects that are not judged.
    """
    left_out = {*section.optional, *not_applicable}
    counted = [each for aspect, judge in _COUNTED.items() if aspect not in left_out for each in judge(section, log)]
    return list(dict.fromkeys([*_empty("event_count", log), *counted]))


def _empty(aspect: str, log: LogSummary) -> list[Finding]:
    if not log.lines:
        return [Finding(log.name, "at least one line", "none", "events.empty_log")]
    if not log.events and aspect not in _STRUCTURE:
        return [Finding(log.name, "at least one event", "none that fits a dialect", "events.no_event")]
    return []


def _event_count(log: LogSummary, zones: CountZones) -> list[Finding]:
    """``events.too_few`` below the bad threshold, ``events.few`` below the good one; equal to it passes."""
    if log.events >= zones.good:
        return []
    rule = "events.too_few" if log.events < zones.bad else "events.few"
    return [Finding(log.name, f"at least {zones.good} events", f"{log.events} events", rule)]


def _error_rate(log: LogSummary, levels: tuple[str, ...], zones: RateZones) -> list[Finding]:
    """``events.many_errors`` above the bad threshold, ``events.errors`` above the good one; equal to it passes."""
    errors = sum(log.by_type(levels).values())
    if errors <= Fraction(zones.good) * log.events:
        return []
    rule = "events.many_errors" if errors > Fraction(zones.bad) * log.events else "events.errors"
    observed = f"{errors} of {log.events} ({100 * errors / log.events:.2f}%)"
    expected = f"at most {float(100 * zones.good):g}% of the events at level {', '.join(levels)}"
    return [Finding(log.name, expected, observed, rule)]


def _slow(section: EventsSection, log: LogSummary) -> list[Finding]:
    return [] if section.slow is None else _over("slow_operation", log.slow, section.slow.limit)


def surfaced(section: EventsSection, found: Mapping[str, Places]) -> list[Finding]:
    """The places of the events that meet a condition more often than the section allows."""
    return [each for name, one in section.surface.items() for each in _over(name, found[name], one.limit)]


def _over(what: str, places: Places, limit: int | None) -> list[Finding]:
    if limit is None or places.number <= limit:
        return []
    expected = f"at most {limit} {what}, {places.number} found"
    rule = "events.slow" if what == "slow_operation" else "events.surfaced"
    return [Finding(where, expected, text, rule) for where, text in places.first]


def _counts(section: EventsSection, log: LogSummary) -> Json:
    return {
        "lines": log.lines,
        "events": log.events,
        "dialect": log.dialect,
        "categories": dict(log.by_category()),
        "good": section.minimum.good,
        "bad": section.minimum.bad,
    }


def _errors(section: EventsSection, log: LogSummary) -> Json:
    return {
        "levels": dict(log.by_level()),
        "errors_by_type": dict(log.by_type(section.errors)),
        "good": str(section.error_rate.good),
        "bad": str(section.error_rate.bad),
    }


def _places(places: Places) -> Json:
    return {"number": places.number, "first": [f"{where} {what}" for where, what in places.first]}


_COUNTED: Mapping[str, Callable[[EventsSection, LogSummary], Iterable[Finding]]] = {
    "event_count": lambda section, log: _event_count(log, section.minimum),
    "error_rate": lambda section, log: _error_rate(log, section.errors, section.error_rate),
    "slow_operations": _slow,
    "surfaced": lambda section, log: surfaced(section, log.surfaced),
}

_PARAMETERS: Mapping[str, _Numbers] = {
    "event_count": _counts,
    "error_rate": _errors,
    "cascade": lambda _, log: {"first_error": log.first_error},
    "slow_operations": lambda _, log: _places(log.slow),
    "surfaced": lambda _, log: {name: _places(places) for name, places in log.surfaced.items()},
}


def read_logs(section: EventsSection, root: Path, run: Run) -> LogsReport:
    """Read the logs of ``run``; ``root`` is the folder of the schema.

    The same bytes, section and schema are scanned once per process. Raises ``Judged`` if the schema cannot be read or
    is invalid.
    """
    data = strictjson.read_bytes(root / section.schema, section.schema)
    schema = Subject(section.schema, hashlib.sha256(data).hexdigest(), len(data))
    compiled = LineSchema(root / section.schema, section.schema)
    subjects = tuple(run.files[name] for name in patterns.select(run.files, section.logs))
    logs = tuple(_scanned(run, subject, section, schema, compiled) for subject in subjects)
    return LogsReport(section, run, schema, subjects, logs)


def _scanned(run: Run, subject: Subject, section: EventsSection, schema: Subject, compiled: LineSchema) -> LogSummary:
    key = (subject, schema.sha256, repr(section))
    if key not in _SCANNED:
        _SCANNED[key] = scan(run.path(subject.name), subject.name, section, compiled)
    return _SCANNED[key]


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
        found.append(Finding(", ".join(section.logs), "at least one event log", "none", "events.no_log"))
    return Judgement(logs, tuple(found), {"rotate_over_bytes": limit})
