"""Limits that are looser than normal: each needs leave, by name, for the very day."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Run
from gatecourt.formats.decimals import words
from gatecourt.rules.risk.clock import day, zone
from gatecourt.rules.risk.effective_times import Moments, read_moments
from gatecourt.rules.risk.section import Compare, Raise, RiskSection
from gatecourt.rules.risk.ssot import read_limits


def judge_raises(section: RiskSection, artefacts: Callable[[], Run], root: Path) -> Judgement:
    """No limit is looser than normal without leave that is signed, and of the day on which it was in force.

    ``artefacts`` is asked only where the moment is declared to lie in one. Rules: ``risk.normal_not_declared``,
    ``risk.raise_undocumented``, ``risk.raise_unapproved``, ``risk.raise_unexplained``, ``risk.raise_expired``,
    ``risk.raise_early``, ``risk.time``, those of the limits and of reading.
    """
    limits = read_limits(section, root)
    if not section.normal or section.moment is None:
        none = Finding("risk.normal", "the normal value of each limit", "none", "risk.normal_not_declared")
        return Judgement((limits.subject,), (none,))
    moments = _moments(section, artefacts, root)
    findings = list(limits.findings)
    for at, normal in sorted(section.normal.items()):
        value = limits.values.get(at)
        if value is not None and _looser(value, normal, section.compare(at)):
            findings += _judge(section, moments.times, (limits.where(at), at, normal, value))
    told: dict[str, Json] = {at: words(value) for at, value in sorted(section.normal.items())}
    subjects = dict.fromkeys((limits.subject, *moments.subjects))
    return Judgement(tuple(subjects), tuple(dict.fromkeys(findings)), {"normal": told})


def _moments(section: RiskSection, artefacts: Callable[[], Run], root: Path) -> Moments:
    if section.moment == "now" or section.moment is None:
        return Moments((), (datetime.datetime.now(datetime.UTC),))
    return read_moments(section.moment, artefacts, root)


def _looser(value: Decimal, than: Decimal, compare: Compare) -> bool:
    return value > than if compare == "at_most" else value < than


def _judge(
    section: RiskSection, times: Sequence[datetime.datetime], seen: tuple[str, str, Decimal, Decimal]
) -> Iterator[Finding]:
    where, at, normal, value = seen
    compare = section.compare(at)
    usual = f"{compare.replace('_', ' ')} {words(normal)}, as is normal"
    leaves = [one for one in section.raised if one.pointer == at and not _looser(value, one.value, compare)]
    if not leaves:
        yield Finding(where, f"{usual}, or leave for it", words(value), "risk.raise_undocumented")
        return
    signed = [one for one in leaves if one.approver.strip() and one.reason.strip()]
    if not signed:
        yield from _unsigned(where, usual, words(value), leaves)
        return
    try:
        yield from _outdated(where, times, signed)
    except ValueError as error:
        raise Judged(Finding(where, "a time in the calendar of the zone", str(error), "risk.time")) from error


def _unsigned(where: str, usual: str, value: str, leaves: Sequence[Raise]) -> Iterator[Finding]:
    for leave in leaves:
        observed = f"{value}, by the leave of {leave.date.isoformat()} with no"
        if not leave.approver.strip():
            yield Finding(where, f"{usual}, or an approver", f"{observed} approver", "risk.raise_unapproved")
        if not leave.reason.strip():
            yield Finding(where, f"{usual}, or a reason", f"{observed} reason", "risk.raise_unexplained")


def _outdated(where: str, times: Sequence[datetime.datetime], leaves: Sequence[Raise]) -> Iterator[Finding]:
    """A finding for each day on which the limit was in force and no leave was."""
    told: set[str] = set()
    for time in times:
        days = [(leave, day(time, zone(leave.timezone))) for leave in leaves]
        if any(leave.date == today for leave, today in days):
            continue
        past = [(leave, today) for leave, today in days if leave.date < today]
        leave, today = max(past or days, key=lambda pair: pair[0].date)
        name = f"{today.isoformat()} ({leave.timezone})"
        if name not in told:
            told.add(name)
            rule = "risk.raise_expired" if past else "risk.raise_early"
            observed = f"leave of {leave.date.isoformat()} ({leave.timezone}) by {leave.approver.strip()}"
            yield Finding(where, f"leave for {name}", observed, rule)
