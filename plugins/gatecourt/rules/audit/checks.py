"""An audit log held against its rules: each command known once, allowed and recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json
from gatecourt.core.protocols import Target
from gatecourt.formats.excerpt import bounded, excerpt
from gatecourt.rules.audit.reading import SHOWN, Command, Event, Read, find, read_commands, witnessed
from gatecourt.rules.audit.section import AuditSection, Recorded


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
    # In order of time, since the names of rotated logs do not tell which is the older one.
    for command in sorted(read.commands, key=lambda command: command.time):
        if command.id is None:
            if command.name not in section.harmless:
                at = f"{command.where}#{section.line.command_id}"
                findings.append(Finding(at, f"an id for {command.name}", "none", "audit.no_id"))
            continue
        first = seen.setdefault(command.id, command)
        if first is not command:
            findings += _again(section, first, command)
        elif command.replayed:
            observed = f"{command.id} marked as a retry, and no earlier line"
            findings.append(Finding(command.where, "the command that is retried", observed, "audit.retry_of_nothing"))
        if _is_new_attempt(first, command):
            seen[command.id] = command
    return _judged(read, findings, {"ids": len(seen), "harmless": sorted(section.harmless)})


def _is_new_attempt(first: Command, again: Command) -> bool:
    """A command that failed took no effect: it may be given again under its id, and is then carried out."""
    return not first.succeeded and not again.replayed


def _again(section: AuditSection, first: Command, again: Command) -> Iterator[Finding]:
    line = section.line
    same = [("name", line.name), ("issuer", line.issuer)]
    same += [("arguments", line.arguments)] if line.arguments is not None else []
    for key, at in same:
        was, now = getattr(first, key), getattr(again, key)
        if was != now:
            expected = f"{excerpt(was)} as at {first.where}, which has the same id"
            yield Finding(f"{again.where}#{at}", expected, excerpt(now), "audit.id_taken")
    if not _is_new_attempt(first, again):
        yield from _retry(section, first, again)


def _retry(section: AuditSection, first: Command, again: Command) -> Iterator[Finding]:
    line = section.line
    if not again.replayed:
        expected = f"true: {again.id} was carried out at {first.where}"
        yield Finding(f"{again.where}#{line.replayed}", expected, "not so marked", "audit.done_twice")
    if (first.succeeded, first.outcome) != (again.succeeded, again.outcome):
        at = line.result if again.succeeded else line.error
        expected = f"{excerpt(first.outcome)} as at {first.where}"
        yield Finding(f"{again.where}#{at}", expected, excerpt(again.outcome), "audit.other_result")


def judge_authority(section: AuditSection, name: str, target: Target) -> Judgement:
    """The command ``name``, where it is an admin's, never succeeds for anyone else."""
    read = read_commands(section, target)
    own = [command for command in read.commands if _is_called(command, name) and _is_for_admins(section, name, command)]
    findings = list(_few(section, read))
    if read.commands and not own and name not in section.may_be_absent:
        findings.append(Finding(read.sources[0].name, f"{name} given at least once", "never", "audit.not_given"))
    for command in own:
        at = f"{command.where}#{section.line.mode}"
        expected = f"{' or '.join(section.admin)} where {name} succeeds"
        if command.mode is None:
            findings.append(Finding(at, "the issuer's mode", "none", "audit.no_mode"))
        elif command.succeeded and command.mode not in section.admin:
            findings.append(Finding(at, expected, f"{command.mode} ({command.issuer})", "audit.not_allowed"))
    return _judged(read, findings, {"given": len(own), "refused": sum(not command.succeeded for command in own)})


def _is_called(command: Command, name: str) -> bool:
    """Whether a console may have taken it for ``name``: capitals and blanks around it hide nothing."""
    return command.name.strip().casefold() == name.strip().casefold()


def _is_for_admins(section: AuditSection, name: str, command: Command) -> bool:
    where = section.admin_where.get(name)
    return where is None or find(command.value, where.pointer) in where.values


def judge_recorded(section: AuditSection, name: str, target: Target) -> Judgement:
    """Each such command that took effect has its event, and each such event its command."""
    pair, read = section.recorded[name], read_commands(section, target)
    events, subjects, findings = witnessed(section, target)
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
    if read.commands and not done and not told and name not in section.may_be_absent:
        expected = f"a successful {' or '.join(pair.commands)}, and its event"
        findings.append(Finding(read.sources[0].name, expected, "none", "audit.no_pair"))
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
    told = tuple(bounded(dict.fromkeys(findings), SHOWN))
    return Judgement(tuple(source.subject for source in read.sources), told, parameters)
