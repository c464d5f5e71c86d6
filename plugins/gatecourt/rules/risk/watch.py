"""Limits held against every event that tells a number under them, and against the final numbers in reports."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Run, Subject
from gatecourt.formats.decimals import EXACT, number_at, read, words
from gatecourt.formats.excerpt import bounded
from gatecourt.rules.risk.log import Event, Group, book, gather_reports, read_events
from gatecourt.rules.risk.section import EventFiles, Limit, Reported, RiskSection
from gatecourt.rules.risk.ssot import read_limits

_TOLD = 50


class Watch:
    """One limit and the sums so far of what counts against it."""

    def __init__(self, limit: Limit, allowed: Decimal, ssot: str) -> None:
        self.limit = limit
        self.allowed = allowed
        self.seen = 0
        self.books: set[Group] = set()
        self._expected = f"{limit.name} {limit.compare.replace('_', ' ')} {words(allowed)} ({ssot}#{limit.pointer})"
        self._totals: dict[tuple[Group, str], Decimal] = {}

    def hear(self, event: Event, log: EventFiles) -> Finding | None:
        """The breach or the missing number that the event shows. Raises ``Judged`` where its book is not told."""
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
            span = f" in all on {key}" if self.limit.total == "day" else " in all so far"
        return self.judge(value, f"{event.where}#{self.limit.value}", span + book(group))

    def judge(self, value: Decimal, where: str, behind: str = "") -> Finding | None:
        """The breach where ``value`` does not keep the limit; equal to it keeps it."""
        measured = {"value": value, "absolute": value.copy_abs(), "negative": value.copy_negate()}[self.limit.measure]
        kept = measured <= self.allowed if self.limit.compare == "at_most" else measured >= self.allowed
        return None if kept else Finding(where, self._expected, words(measured) + behind, "risk.limit_broken")


def judge_kept(section: RiskSection, run: Run, root: Path) -> Judgement:
    """Every number under a limit keeps it, event by event and in the final reports.

    Rules: ``risk.limit_broken``, ``risk.no_events``, ``risk.value_missing``, ``risk.value_not_a_number``,
    ``risk.time``, those of the limits themselves and of reading logs and reports.
    """
    limits = read_limits(section, root)
    watches = [
        Watch(limit, limits.values[limit.pointer], section.ssot)
        for limit in sorted(section.limit, key=lambda limit: limit.name)
        if limit.pointer in limits.values
    ]
    subjects: dict[str, Subject] = {limits.subject.name: limits.subject}
    findings = list(limits.findings)
    if section.events is not None:
        findings += bounded(_over_events(watches, section.events, run, subjects), _TOLD)
    for watch in watches:
        if watch.limit.report is not None:
            findings += _over_reports(watch, watch.limit.report, run, subjects)
    parameters: dict[str, Json] = {"events_judged": {watch.limit.name: watch.seen for watch in watches}}
    return Judgement(tuple(subjects.values()), tuple(dict.fromkeys(findings)), parameters)


def _over_events(watches: list[Watch], log: EventFiles, run: Run, subjects: dict[str, Subject]) -> Iterator[Finding]:
    by_type: dict[str, list[Watch]] = {}
    for watch in watches:
        for kind in watch.limit.events:
            by_type.setdefault(kind, []).append(watch)
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
            yield from _heard(event, by_type[event.type], log)
    for watch in watches:
        if watch.limit.events and not watch.seen:
            expected = f"events {', '.join(watch.limit.events)} for {watch.limit.name}"
            yield Finding(", ".join(source.name for source in sources), expected, "none", "risk.no_events")
    yield from _unwatched_books(watches, ", ".join(source.name for source in sources))


def _unwatched_books(watches: list[Watch], where: str) -> Iterator[Finding]:
    """A book that trades without ever being held to a limit is not within it; nobody knows."""
    known = {group for watch in watches for group in watch.books}
    for watch in watches:
        for group in sorted(known - watch.books) if watch.limit.every_book and watch.seen else ():
            expected = f"events {', '.join(watch.limit.events)} for {watch.limit.name}{book(group)}"
            yield Finding(where, expected, "none", "risk.no_events")


def _heard(event: Event, watches: list[Watch], log: EventFiles) -> Iterator[Finding]:
    for watch in watches:
        try:
            if (finding := watch.hear(event, log)) is not None:
                yield finding
        except Judged as judged:
            yield judged.finding


def _over_reports(watch: Watch, report: Reported, run: Run, subjects: dict[str, Subject]) -> Iterator[Finding]:
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
        finding = value if isinstance(value, Finding) else watch.judge(value, where)
        if finding is not None:
            yield finding
