"""What began and had to end: each beginning among the events held against its end or call-off."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json
from gatecourt.core.protocols import Target
from gatecourt.formats.excerpt import bounded, excerpt
from gatecourt.rules.audit.reading import SHOWN, Event, witnessed
from gatecourt.rules.audit.section import AuditSection, Effect


def judge_effect(section: AuditSection, name: str, target: Target) -> Judgement:
    """Everything that began has ended or was called off, in time."""
    effect = section.effect[name]
    events, subjects, findings = witnessed(section, target)
    chains: dict[str | None, list[Event]] = defaultdict(list)
    for event in events:
        if event.type in (*effect.started, *effect.ended, *effect.cancelled):
            chains[event.id(effect.id)].append(event)
    findings += [
        Finding(f"{event.where}{effect.id}", "the id of what began", "none", "audit.event")
        for event in chains.pop(None, [])
    ]
    last = max((event.time for event in events), default=Decimal(0))
    begun = [event for chain in chains.values() for event in chain if event.type in effect.started]
    for key, chain in chains.items():
        findings += _chain(effect, str(key), chain, last)
    if not begun and not findings:
        where = subjects[0].name if subjects else name
        findings.append(Finding(where, f"an event {' or '.join(effect.started)}", "none", "audit.no_effect"))
    parameters: dict[str, Json] = {"begun": len(begun)}
    return Judgement(subjects, tuple(bounded(findings, SHOWN)), parameters)


def _chain(effect: Effect, key: str, chain: Sequence[Event], last: Decimal) -> Iterator[Finding]:
    begun: Event | None = None
    over: list[Event] = []
    for event in chain:
        if event.type in effect.started:
            yield from _beginning(key, event, begun, over)
            begun, over = event, []
        else:
            if begun is None and event.type in effect.ended:
                yield Finding(event.where, f"a beginning of {key} before its end", "none", "audit.end_of_nothing")
            over.append(event)
    if begun is not None:
        yield from _ending(effect, key, begun, over, last)


def _beginning(key: str, event: Event, begun: Event | None, over: Sequence[Event]) -> Iterator[Finding]:
    """What speaks against a beginning: an earlier one, or that ``key`` had been called off before."""
    if begun is not None:
        yield Finding(event.where, f"one beginning of {key}", f"another at {begun.where}", "audit.begun_twice")
    elif over:
        expected = f"no beginning of {key}, which was over at {over[0].where}"
        yield Finding(event.where, expected, event.type, "audit.begun_after_end")


def _ending(effect: Effect, key: str, begun: Event, ends: Sequence[Event], last: Decimal) -> Iterator[Finding]:
    due = _due(effect, begun)
    if isinstance(due, Finding):
        yield due
    elif not ends and (due is None or last > due):
        when = "" if due is None else f" by {due}"
        observed = f"none up to {last}"
        yield Finding(begun.where, f"an end of {key}{when}, or a call-off", observed, "audit.never_ended")
    elif not ends:
        yield Finding(begun.where, f"events up to {due}, when {key} ends", f"none after {last}", "audit.still_open")
    elif due is not None and ends[0].time > due:
        yield Finding(ends[0].where, f"the end of {key} by {due}", str(ends[0].time), "audit.ended_late")


def _due(effect: Effect, begun: Event) -> Decimal | Finding | None:
    if effect.due is None:
        return None
    due = begun.number(effect.due)
    if due is None:
        said = begun.id(effect.due)
        observed = "none" if said is None else excerpt(said)
        return Finding(f"{begun.where}{effect.due}", "the time of its end, a number", observed, "audit.event")
    return due + (effect.late or 0)
