"""All logs of a run, each gone through once a process, and what they say about each aspect."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from gatecourt.core.model import Finding, Json, Run, Subject
from gatecourt.core.protocols import Findings
from gatecourt.formats import patterns, strictjson
from gatecourt.rules.events import completion, zones
from gatecourt.rules.events.scan import scan
from gatecourt.rules.events.schema import LineSchema
from gatecourt.rules.events.section import EventsSection
from gatecourt.rules.events.summary import LogSummary, Places

_SCANNED: dict[tuple[Subject, str, str], LogSummary] = {}
_ASPECT_OF_PART = {
    "lifecycle": "lifecycle",
    "orders": "orders",
    "slow_operations": "slow",
    "cascade": "cascade",
    "surfaced": "surface",
}
_STRUCTURE = ("schema", "dialect")

_Numbers: TypeAlias = Callable[[EventsSection, LogSummary], Json]


@dataclass(frozen=True, slots=True)
class Survey:
    """The logs of one run after one pass over each."""

    section: EventsSection
    run: Run
    schema: Subject
    subjects: tuple[Subject, ...]
    logs: tuple[LogSummary, ...]

    def tell(self, aspect: str, findings: Findings) -> None:
        """Name the subjects, parameters and findings of one aspect, which is the name of a check of the gate."""
        findings.subjects(self.subjects)
        if aspect == "schema":
            findings.subjects([self.schema])
        if aspect == "completeness":
            findings.subjects(completion.reports(self.section.complete, self.run))
        if excuse := self._excuse(aspect):
            findings.parameter("not_applicable", excuse)
        elif numbers := _PARAMETERS.get(aspect):
            findings.parameter("logs", {log.name: numbers(self.section, log) for log in self.logs})
        findings.extend(self.about(aspect))

    def _excuse(self, aspect: str) -> str | None:
        return _excuse(self.section, aspect)

    def about(self, aspect: str) -> list[Finding]:
        """The findings of one aspect, log by log, with those that let no aspect be judged."""
        if not self.logs:
            where = ", ".join(self.section.logs)
            return [Finding(where, "at least one event log", "no such file", "events.no_log")]
        found = [finding for log in self.logs for finding in self._about_log(aspect, log)]
        found = [finding for finding in found if not excused(self.section, aspect, finding)]
        if aspect == "completeness":
            found += completion.completeness(self.section.complete, self.run, self.logs)
        return found

    def _about_log(self, aspect: str, log: LogSummary) -> list[Finding]:
        found = [*log.findings.get(aspect, ()), *_emptiness(aspect, log)]
        counted = _COUNTED.get(aspect)
        return found if counted is None else [*found, *counted(self.section, log)]


def _excuse(section: EventsSection, aspect: str) -> str | None:
    return section.not_applicable.get(_ASPECT_OF_PART.get(aspect, aspect))


def excused(section: EventsSection, aspect: str, finding: Finding) -> bool:
    """Whether the finding tells of a field whose absence the section excuses for this aspect."""
    return finding.rule == "events.field_absent" and _excuse(section, aspect) is not None


def of_log(section: EventsSection, log: LogSummary) -> list[Finding]:
    """What a log comes to as a whole, beside the findings that it told on its way: numbers of events, and none."""
    excused = section.not_applicable
    counted = [each for aspect, judge in _COUNTED.items() if aspect not in excused for each in judge(section, log)]
    return list(dict.fromkeys([*_emptiness("event_count", log), *counted]))


def _emptiness(aspect: str, log: LogSummary) -> list[Finding]:
    if not log.lines:
        return [Finding(log.name, "at least one line", "none", "events.empty_log")]
    if not log.events and aspect not in _STRUCTURE:
        return [Finding(log.name, "at least one event", "none could be read", "events.no_event")]
    return []


def _slow(section: EventsSection, log: LogSummary) -> list[Finding]:
    return [] if section.slow is None else _over("slow_operation", log.slow, section.slow.limit)


def surfaced(section: EventsSection, found: Mapping[str, Places]) -> list[Finding]:
    """The places of the conditions that more events met than the section allows."""
    return [each for name, one in section.surface.items() for each in _over(name, found[name], one.limit)]


def _over(what: str, places: Places, limit: int | None) -> list[Finding]:
    if limit is None or places.number <= limit:
        return []
    expected = f"at most {limit} {what}, {places.number} seen"
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
    "event_count": lambda section, log: zones.event_count(log, section.minimum),
    "error_rate": lambda section, log: zones.error_rate(log, section.errors, section.error_rate),
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


def survey(section: EventsSection, root: Path, run: Run) -> Survey:
    """Go through the logs of ``run``; ``root`` is where the schema lies.

    Each log is scanned once a process for the same bytes, section and schema. Raises ``Judged`` where the schema
    cannot be read or is none.
    """
    data = strictjson.read_bytes(root / section.schema, section.schema)
    schema = Subject(section.schema, hashlib.sha256(data).hexdigest(), len(data))
    compiled = LineSchema(root / section.schema, section.schema)
    subjects = tuple(run.files[name] for name in patterns.select(run.files, section.logs))
    logs = tuple(_scanned(run, subject, section, schema, compiled) for subject in subjects)
    return Survey(section, run, schema, subjects, logs)


def _scanned(run: Run, subject: Subject, section: EventsSection, schema: Subject, compiled: LineSchema) -> LogSummary:
    key = (subject, schema.sha256, repr(section))
    if key not in _SCANNED:
        _SCANNED[key] = scan(run.path(subject.name), subject.name, section, compiled)
    return _SCANNED[key]
