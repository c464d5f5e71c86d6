"""What starts must end: each start event is matched with its end or cancellation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json
from gatecourt.core.protocols import Target
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.finding_groups import bounded
from gatecourt.rules.audit.reading import MOST_FINDINGS, AuditEvent, read_events
from gatecourt.rules.audit.section import AuditSection, Effect


def judge_effect(section: AuditSection, name: str, target: Target) -> Judgement:
    """Everything that started has ended in time or was cancelled."""
    effect = section.effect[name]
    events, subjects, findings = read_events(section, target)
    chains: dict[str | None, list[AuditEvent]] = defaultdict(list)
    for event in events:
        if event.type in (*effect.started, *effect.ended, *effect.cancelled):
            chains[event.id(effect.id)].append(event)
    findings += [Finding(f"{event.where}{effect.id}", "an id", "none", "audit.event") for event in chains.pop(None, [])]
    last = max((event.time for event in events), default=Decimal(0))
    started = [event for chain in chains.values() for event in chain if event.type in effect.started]
    for key, chain in chains.items():
        findings += _chain(effect, str(key), chain, last)
    if not started and not findings:
        where = subjects[0].name if subjects else name
        findings.append(Finding(where, f"an event {' or '.join(effect.started)}", "none", "audit.no_effect"))
    parameters: dict[str, Json] = {"started": len(started)}
    return Judgement(subjects, tuple(bounded(findings, MOST_FINDINGS)), parameters)


def _chain(effect: Effect, key: str, chain: Sequence[AuditEvent], last: Decimal) -> Iterator[Finding]:
    start: AuditEvent | None = None
    over: list[AuditEvent] = []
    for event in chain:
        if event.type in effect.started:
            yield from _start_findings(key, event, start, over)
            start, over = event, []
        else:
            if start is None and event.type in effect.ended:
                yield Finding(event.where, f"a start of {key} before its end", "none", "audit.end_of_nothing")
            over.append(event)
    if start is not None:
        yield from _end_findings(effect, key, start, over, last)


def _start_findings(
    key: str, event: AuditEvent, start: AuditEvent | None, over: Sequence[AuditEvent]
) -> Iterator[Finding]:
    """The findings of a start event: an earlier one, or an end or cancellation of ``key`` before it."""
    if start is not None:
        yield Finding(event.where, f"one start of {key}", f"another at {start.where}", "audit.begun_twice")
    elif over:
        expected = f"no start of {key}, which was over at {over[0].where}"
        yield Finding(event.where, expected, event.type, "audit.begun_after_end")


def _end_findings(
    effect: Effect, key: str, start: AuditEvent, ends: Sequence[AuditEvent], last: Decimal
) -> Iterator[Finding]:
    due = _due(effect, start)
    if isinstance(due, Finding):
        yield due
    elif not ends and (due is None or last > due):
        when = "" if due is None else f" by {due}"
        observed = f"none up to {last}"
        yield Finding(start.where, f"an end of {key}{when}, or a cancellation", observed, "audit.never_ended")
    elif not ends:
        yield Finding(start.where, f"events up to {due}, when {key} must end", f"none after {last}", "audit.still_open")
    elif due is not None and ends[0].time > due:
        yield Finding(ends[0].where, f"the end of {key} by {due}", str(ends[0].time), "audit.ended_late")


def _due(effect: Effect, start: AuditEvent) -> Decimal | Finding | None:
    if effect.due is None:
        return None
    due = start.number(effect.due)
    if due is None:
        text = start.id(effect.due)
        observed = "none" if text is None else excerpt(text)
        return Finding(f"{start.where}{effect.due}", "the time at which it must end, a number", observed, "audit.event")
    return due + (effect.late or 0)
