"""Limits that are looser than normal: each needs an approval, by name, for the day on which it is in force."""

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
from gatecourt.rules.risk.effective_times import EffectiveTimes, read_times
from gatecourt.rules.risk.section import Compare, LimitIncrease, RiskSection
from gatecourt.rules.risk.ssot import read_limits


def judge_increases(section: RiskSection, artefacts: Callable[[], Run], root: Path) -> Judgement:
    """No limit is looser than normal without a signed approval for the day on which it was in force.

    ``artefacts`` is called only if the times are declared to be in an artefact. Rules: ``risk.normal_not_declared``,
    ``risk.raise_undocumented``, ``risk.raise_unapproved``, ``risk.raise_unexplained``, ``risk.raise_expired``,
    ``risk.raise_early``, ``risk.time``, those of the limits and of reading.
    """
    limits = read_limits(section, root)
    if not section.normal or section.moment is None:
        none = Finding(
            "risk.normal",
            "the normal value of each limit under [risk.normal], and a moment",
            "none",
            "risk.normal_not_declared",
        )
        return Judgement((limits.subject,), (none,))
    effective = _times(section, artefacts, root)
    findings = list(limits.findings)
    for at, normal in sorted(section.normal.items()):
        value = limits.values.get(at)
        if value is not None and _looser(value, normal, section.compare(at)):
            findings += _judge_increase(section, effective.times, (limits.where(at), at, normal, value))
    normals: dict[str, Json] = {at: words(value) for at, value in sorted(section.normal.items())}
    subjects = dict.fromkeys((limits.subject, *effective.subjects))
    return Judgement(tuple(subjects), tuple(dict.fromkeys(findings)), {"normal": normals})


def _times(section: RiskSection, artefacts: Callable[[], Run], root: Path) -> EffectiveTimes:
    if section.moment == "now" or section.moment is None:
        return EffectiveTimes((), (datetime.datetime.now(datetime.UTC),))
    return read_times(section.moment, artefacts, root)


def _looser(value: Decimal, than: Decimal, compare: Compare) -> bool:
    return value > than if compare == "at_most" else value < than


def _judge_increase(
    section: RiskSection, times: Sequence[datetime.datetime], seen: tuple[str, str, Decimal, Decimal]
) -> Iterator[Finding]:
    where, at, normal, value = seen
    compare = section.compare(at)
    usual = f"{compare.replace('_', ' ')} {words(normal)} (the normal value)"
    approvals = [one for one in section.raised if one.pointer == at and not _looser(value, one.value, compare)]
    if not approvals:
        yield Finding(
            where, f"{usual}, or an increase approved under [[risk.raised]]", words(value), "risk.raise_undocumented"
        )
        return
    signed = [one for one in approvals if one.approver.strip() and one.reason.strip()]
    if not signed:
        yield from _unsigned(where, usual, words(value), approvals)
        return
    try:
        yield from _outdated(where, times, signed)
    except ValueError as error:
        raise Judged(Finding(where, "a time within the calendar of the time zone", str(error), "risk.time")) from error


def _unsigned(where: str, usual: str, value: str, approvals: Sequence[LimitIncrease]) -> Iterator[Finding]:
    for approval in approvals:
        observed = f"{value}, under the approval of {approval.date.isoformat()} with no"
        if not approval.approver.strip():
            yield Finding(where, f"{usual}, or an approver", f"{observed} approver", "risk.raise_unapproved")
        if not approval.reason.strip():
            yield Finding(where, f"{usual}, or a reason", f"{observed} reason", "risk.raise_unexplained")


def _outdated(where: str, times: Sequence[datetime.datetime], approvals: Sequence[LimitIncrease]) -> Iterator[Finding]:
    """A finding for each day on which the limit was in force and no approval was."""
    reported: set[str] = set()
    for time in times:
        days = [(approval, day(time, zone(approval.timezone))) for approval in approvals]
        if any(approval.date == today for approval, today in days):
            continue
        past = [(approval, today) for approval, today in days if approval.date < today]
        approval, today = max(past or days, key=lambda pair: pair[0].date)
        name = f"{today.isoformat()} ({approval.timezone})"
        if name not in reported:
            reported.add(name)
            rule = "risk.raise_expired" if past else "risk.raise_early"
            observed = (
                f"the approval of {approval.date.isoformat()} ({approval.timezone}) by {approval.approver.strip()}"
            )
            yield Finding(where, f"an approval for {name}", observed, rule)
