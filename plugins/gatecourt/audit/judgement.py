"""An audit log held against its rules: each command known once, allowed, recorded, and its effects ended."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from gatecourt.audit.reading import Command, Event, Read, read_commands, read_events
from gatecourt.audit.section import AuditSection, Effect, Recorded
from gatecourt.excerpt import bounded, excerpt
from gatecourt.hearing import Target
from gatecourt.judgement import Judgement
from gatecourt.model import Finding, Json, Subject

_SHOWN = 50


def judge_lines(section: AuditSection, target: Target) -> Judgement:
    """Every line says who gave which command when, and what came of it; there are enough of them, in order of time."""
    read = read_commands(section, target)
    findings = [*read.findings, *_order(read.commands), *_few(section, read)]
    counted = Counter(command.name for command in read.commands)
    return _judged(read, findings, {"commands": dict(sorted(counted.items())), "minimum": section.minimum})


def judge_idempotency(section: AuditSection, target: Target) -> Judgement:
    """A command that changes something has an id; a second line with it is its retry, without a second effect."""
    read = read_commands(section, target)
    seen: dict[str, Command] = {}
    findings: list[Finding] = [*_few(section, read)]
    for command in read.commands:
        if command.id is None:
            if command.name not in section.harmless:
                at = f"{command.where}#{section.line.command_id}"
                findings.append(Finding(at, f"an id for {command.name}", "none", "audit.no_id"))
            continue
        first = seen.setdefault(command.id, command)
        if first is not command:
            findings += _retry(section, first, command)
        elif command.replayed:
            observed = f"{command.id} marked as a retry, and no earlier line"
            findings.append(Finding(command.where, "the command that is retried", observed, "audit.retry_of_nothing"))
    return _judged(read, findings, {"ids": len(seen), "harmless": sorted(section.harmless)})


def _retry(section: AuditSection, first: Command, again: Command) -> Iterator[Finding]:
    line = section.line
    same = [("name", line.name), ("issuer", line.issuer)]
    same += [("arguments", line.arguments)] if line.arguments is not None else []
    for key, at in same:
        was, now = getattr(first, key), getattr(again, key)
        if was != now:
            expected = f"{excerpt(was)} as at {first.where}, which has the same id"
            yield Finding(f"{again.where}#{at}", expected, excerpt(now), "audit.id_taken")
    if not again.replayed:
        expected = f"true: {again.id} was carried out at {first.where}"
        yield Finding(f"{again.where}#{line.replayed}", expected, "not so marked", "audit.done_twice")
    if (first.succeeded, first.outcome) != (again.succeeded, again.outcome):
        at = line.result if again.succeeded else line.error
        expected = f"{excerpt(first.outcome)} as at {first.where}"
        yield Finding(f"{again.where}#{at}", expected, excerpt(again.outcome), "audit.other_result")


def judge_authority(section: AuditSection, name: str, target: Target) -> Judgement:
    """The command ``name`` never succeeds for anyone but an admin."""
    read = read_commands(section, target)
    own = [command for command in read.commands if command.name == name]
    findings = list(_few(section, read))
    for command in own:
        at = f"{command.where}#{section.line.mode}"
        expected = f"{' or '.join(section.admin)} where {name} succeeds"
        if command.mode is None:
            findings.append(Finding(at, "the issuer's mode", "none", "audit.no_mode"))
        elif command.succeeded and command.mode not in section.admin:
            findings.append(Finding(at, expected, f"{command.mode} ({command.issuer})", "audit.not_allowed"))
    return _judged(read, findings, {"given": len(own), "refused": sum(not command.succeeded for command in own)})


def judge_recorded(section: AuditSection, name: str, target: Target) -> Judgement:
    """Each such command that took effect has its event, and each such event its command."""
    pair, read = section.recorded[name], read_commands(section, target)
    events, subjects, findings = _witnessed(section, target)
    findings += _few(section, read)
    done = {command.id: command for command in read.commands if _took_effect(command, pair)}
    told: dict[str | None, Event] = {}
    for event in events:
        if event.type in pair.events:
            findings += _witness(event, pair, told, done)
    for key, command in done.items():
        if key not in told:
            expected = f"an event {' or '.join(pair.events)} with the id {key}"
            findings.append(Finding(command.where, expected, "none", "audit.not_recorded"))
    judged = _judged(read, findings, {"commands": len(done), "events": len(told)})
    return Judgement((*judged.subjects, *subjects), judged.findings, judged.parameters)


def _took_effect(command: Command, pair: Recorded) -> bool:
    return command.name in pair.commands and command.succeeded and not command.replayed


def _witness(
    event: Event, pair: Recorded, told: dict[str | None, Event], done: dict[str | None, Command]
) -> Iterator[Finding]:
    key = event.id(pair.id)
    if key in told:
        expected = f"one event for {key}, which is that at {told[key].where}"
        yield Finding(event.where, expected, f"{event.type} once more", "audit.recorded_twice")
        return
    told[key] = event
    if key not in done:
        expected = f"a successful {' or '.join(pair.commands)} in the audit log"
        yield Finding(f"{event.where}{pair.id}", expected, f"{event.type} of {key}", "audit.unaudited")
    elif event.time < done[key].time:
        expected = f"an event not before its command, {done[key].where}"
        yield Finding(event.where, expected, f"{event.time} before {done[key].time}", "audit.before_command")


def judge_effect(section: AuditSection, name: str, target: Target) -> Judgement:
    """Everything that began has ended or was called off, in time."""
    effect = section.effect[name]
    events, subjects, findings = _witnessed(section, target)
    chains: dict[str | None, list[Event]] = defaultdict(list)
    for event in events:
        if event.type in (*effect.started, *effect.ended, *effect.cancelled):
            chains[event.id(effect.id)].append(event)
    for key, chain in chains.items():
        findings += _chain(effect, key, chain, last=max(event.time for event in events))
    if not chains:
        where = subjects[0].name if subjects else name
        findings.append(Finding(where, f"an event {' or '.join(effect.started)}", "none", "audit.no_effect"))
    parameters: dict[str, Json] = {"begun": sum(chain[0].type in effect.started for chain in chains.values())}
    return Judgement(subjects, tuple(bounded(findings, _SHOWN)), parameters)


def _chain(effect: Effect, key: str | None, chain: Sequence[Event], last: Decimal) -> Iterator[Finding]:
    begun: Event | None = None
    for event in chain:
        if key is None:
            yield Finding(f"{event.where}{effect.id}", "the id of what began", "none", "audit.event")
        elif event.type in effect.started:
            if begun is not None:
                yield Finding(event.where, f"one beginning of {key}", f"another at {begun.where}", "audit.begun_twice")
            begun = event
        elif begun is None and event.type in effect.ended:
            yield Finding(event.where, f"a beginning of {key} before its end", "none", "audit.end_of_nothing")
    if begun is not None and key is not None:
        yield from _ending(effect, key, begun, chain, last)


def _ending(effect: Effect, key: str, begun: Event, chain: Sequence[Event], last: Decimal) -> Iterator[Finding]:
    ends = [event for event in chain if event.type in (*effect.ended, *effect.cancelled)]
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
    said = begun.id(effect.due)
    if said is None or not said.lstrip("-").isdecimal():
        return Finding(f"{begun.where}{effect.due}", "the whole number of its end", said or "none", "audit.event")
    return Decimal(said) + (effect.late or 0)


def _witnessed(section: AuditSection, target: Target) -> tuple[list[Event], tuple[Subject, ...], list[Finding]]:
    assert section.witnesses is not None  # the section refuses pairs and effects without it
    sources, read = read_events(section.witnesses, target)
    events = [each for each in read if isinstance(each, Event)]
    findings = [each for each in read if isinstance(each, Finding)]
    return events, tuple(source.subject for source in sources), findings


def _order(commands: Iterable[Command]) -> Iterator[Finding]:
    last: Command | None = None
    for command in commands:
        if last is not None and _file(command) == _file(last) and command.time < last.time:
            expected = f"a time from {last.time}, that of the line before"
            yield Finding(command.where, expected, str(command.time), "audit.order")
        last = command


def _file(command: Command) -> str:
    return command.where.rpartition(":")[0]


def _few(section: AuditSection, read: Read) -> Iterator[Finding]:
    if read.sources and len(read.commands) < section.minimum:
        expected, observed = f"at least {section.minimum} commands", str(len(read.commands))
        yield Finding(read.sources[0].name, expected, observed, "audit.few")
    if not read.sources:
        yield from read.findings


def _judged(read: Read, findings: Iterable[Finding], parameters: dict[str, Json]) -> Judgement:
    told = tuple(bounded(dict.fromkeys(findings), _SHOWN))
    return Judgement(tuple(source.subject for source in read.sources), told, parameters)
