"""Limits checked at every event that carries a limited number, and against the final numbers in reports."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Run, Subject
from gatecourt.formats.decimals import EXACT, read, words
from gatecourt.formats.finding_groups import bounded
from gatecourt.rules.risk.log import Group, RiskEvent, book, gather_reports, read_events
from gatecourt.rules.risk.section import EventFiles, Limit, Reported, RiskSection
from gatecourt.rules.risk.ssot import read_limits
from gatecourt.rules.risk.values import number_at

_MOST_FINDINGS = 50


class LimitMonitor:
    """One limit, and the totals so far that count against it."""

    def __init__(self, limit: Limit, allowed: Decimal, ssot: str) -> None:
        self.limit = limit
        self.allowed = allowed
        self.seen = 0
        self.books: set[Group] = set()
        self._expected = f"{limit.name} {limit.compare.replace('_', ' ')} {words(allowed)} ({ssot}#{limit.pointer})"
        self._totals: dict[tuple[Group, str], Decimal] = {}

    def check_event(self, event: RiskEvent, log: EventFiles) -> Finding | None:
        """The breach or the missing number in the event, if any. Raises ``Judged`` if its book is missing."""
        assert self.limit.value is not None
        self.seen += 1
        group = event.group(log.group)
        self.books.add(group)
        value = event.number(self.limit.value)
        if isinstance(value, Finding):
            return value
        span = ""
        if self.limit.total is not None:
            key = event.trading_day(log) if self.limit.total == "day" else "the run"
            value = self._totals[group, key] = EXACT.add(self._totals.get((group, key), Decimal(0)), value)
            span = f" in total on {key}" if self.limit.total == "day" else " in total so far"
        return self.judge(value, f"{event.where}#{self.limit.value}", span + book(group))

    def judge(self, value: Decimal, where: str, behind: str = "") -> Finding | None:
        """The breach if ``value`` is beyond the limit; a value equal to it is within."""
        measured = {"value": value, "absolute": value.copy_abs(), "negative": value.copy_negate()}[self.limit.measure]
        kept = measured <= self.allowed if self.limit.compare == "at_most" else measured >= self.allowed
        return None if kept else Finding(where, self._expected, words(measured) + behind, "risk.limit_broken")


def judge_kept(section: RiskSection, run: Run, root: Path) -> Judgement:
    """Every limited number is within its limit, event by event and in the final reports.

    Rules: ``risk.limit_broken``, ``risk.no_events``, ``risk.value_missing``, ``risk.value_not_a_number``,
    ``risk.time``, those of the limits themselves and of reading logs and reports.
    """
    limits = read_limits(section, root)
    monitors = [
        LimitMonitor(limit, limits.values[limit.pointer], section.ssot)
        for limit in sorted(section.limit, key=lambda limit: limit.name)
        if limit.pointer in limits.values
    ]
    subjects: dict[str, Subject] = {limits.subject.name: limits.subject}
    findings = list(limits.findings)
    if section.events is not None:
        findings += bounded(_over_events(monitors, section.events, run, subjects), _MOST_FINDINGS)
    for monitor in monitors:
        if monitor.limit.report is not None:
            findings += _over_reports(monitor, monitor.limit.report, run, subjects)
    parameters: dict[str, Json] = {"events_judged": {monitor.limit.name: monitor.seen for monitor in monitors}}
    return Judgement(tuple(subjects.values()), tuple(dict.fromkeys(findings)), parameters)


def _over_events(
    monitors: list[LimitMonitor], log: EventFiles, run: Run, subjects: dict[str, Subject]
) -> Iterator[Finding]:
    by_type: dict[str, list[LimitMonitor]] = {}
    for monitor in monitors:
        for kind in monitor.limit.events:
            by_type.setdefault(kind, []).append(monitor)
    try:
        sources = gather_reports(log.files, run)
    except Judged as judged:
        yield judged.finding
        return
    subjects.update({source.name: source.subject for source in sources})
    for event in read_events(sources, log, frozenset(by_type)):
        if isinstance(event, Finding):
            yield event
        else:
            yield from _check_event(event, by_type[event.type], log)
    for monitor in monitors:
        if monitor.limit.events and not monitor.seen:
            expected = f"events {', '.join(monitor.limit.events)} for {monitor.limit.name}"
            yield Finding(", ".join(source.name for source in sources), expected, "none", "risk.no_events")
    yield from _unmonitored_books(monitors, ", ".join(source.name for source in sources))


def _unmonitored_books(monitors: list[LimitMonitor], where: str) -> Iterator[Finding]:
    """A finding for each book that other limits saw and that had no event for a limit with ``every_book``."""
    known = {group for monitor in monitors for group in monitor.books}
    for monitor in monitors:
        for group in sorted(known - monitor.books) if monitor.limit.every_book and monitor.seen else ():
            expected = f"events {', '.join(monitor.limit.events)} for {monitor.limit.name}{book(group)}"
            yield Finding(where, expected, "none", "risk.no_events")


def _check_event(event: RiskEvent, monitors: list[LimitMonitor], log: EventFiles) -> Iterator[Finding]:
    for monitor in monitors:
        try:
            if (finding := monitor.check_event(event, log)) is not None:
                yield finding
        except Judged as judged:
            yield judged.finding


def _over_reports(monitor: LimitMonitor, report: Reported, run: Run, subjects: dict[str, Subject]) -> Iterator[Finding]:
    try:
        sources = gather_reports(report.files, run)
    except Judged as judged:
        yield judged.finding
        return
    for source in sources:
        subjects[source.name] = source.subject
        try:
            value = number_at(read(source.path, source.name), report.pointer, source.name)
        except Judged as judged:
            yield judged.finding
            continue
        where = f"{source.name}#{report.pointer}"
        finding = value if isinstance(value, Finding) else monitor.judge(value, where)
        if finding is not None:
            yield finding
