"""The checks of an audit log: each command is complete, executed once, authorised and recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json
from gatecourt.core.protocols import Target
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.finding_groups import bounded
from gatecourt.rules.audit.reading import (
    MOST_FINDINGS,
    AuditCommand,
    AuditEvent,
    CommandLog,
    find,
    read_commands,
    read_events,
)
from gatecourt.rules.audit.section import AuditSection, Recorded


def judge_lines(section: AuditSection, target: Target) -> Judgement:
    """Every line has command, issuer, time and outcome; there are enough lines, in order of time."""
    read = read_commands(section, target)
    findings = [*read.findings, *_order(read.commands), *_few(section, read)]
    counted = Counter(command.name for command in read.commands)
    return _judged(read, findings, {"commands": dict(sorted(counted.items())), "minimum": section.minimum})


def judge_idempotency(section: AuditSection, target: Target) -> Judgement:
    """A command that changes something has an id; a second line with that id is its retry, without a second effect."""
    read = read_commands(section, target)
    seen: dict[str, AuditCommand] = {}
    findings: list[Finding] = [*_few(section, read)]
    # In order of time, because the names of rotated logs do not show which one is older.
    for command in sorted(read.commands, key=lambda command: command.time):
        if command.id is None:
            if command.name not in section.read_only:
                at = f"{command.where}#{section.line.command_id}"
                findings.append(Finding(at, f"an id for {command.name}", "none", "audit.no_id"))
            continue
        first = seen.setdefault(command.id, command)
        if first is not command:
            findings += _again(section, first, command)
        elif command.replayed:
            observed = f"{command.id} marked as a retry, without an earlier line"
            findings.append(
                Finding(command.where, "an earlier line with the retried command", observed, "audit.retry_of_nothing")
            )
        if _is_new_attempt(first, command):
            seen[command.id] = command
    return _judged(read, findings, {"ids": len(seen), "read_only": sorted(section.read_only)})


def _is_new_attempt(first: AuditCommand, again: AuditCommand) -> bool:
    """A failed command had no effect: it may be issued again under its id, and is then executed."""
    return not first.succeeded and not again.replayed


def _again(section: AuditSection, first: AuditCommand, again: AuditCommand) -> Iterator[Finding]:
    line = section.line
    same = [("name", line.name), ("issuer", line.issuer)]
    same += [("arguments", line.arguments)] if line.arguments is not None else []
    for key, at in same:
        was, now = getattr(first, key), getattr(again, key)
        if was != now:
            expected = f"{excerpt(was)}, as at {first.where} with the same id"
            yield Finding(f"{again.where}#{at}", expected, excerpt(now), "audit.id_taken")
    if not _is_new_attempt(first, again):
        yield from _retry(section, first, again)


def _retry(section: AuditSection, first: AuditCommand, again: AuditCommand) -> Iterator[Finding]:
    line = section.line
    if not again.replayed:
        expected = f"true, because {again.id} was executed at {first.where}"
        yield Finding(f"{again.where}#{line.replayed}", expected, "not marked as a retry", "audit.done_twice")
    if (first.succeeded, first.outcome) != (again.succeeded, again.outcome):
        at = line.result if again.succeeded else line.error
        expected = f"{excerpt(first.outcome)}, as at {first.where}"
        yield Finding(f"{again.where}#{at}", expected, excerpt(again.outcome), "audit.other_result")


def judge_authority(section: AuditSection, name: str, target: Target) -> Judgement:
    """The command ``name``, if it is an admin's, succeeds for no one else."""
    read = read_commands(section, target)
    own = [command for command in read.commands if _is_called(command, name) and _is_for_admins(section, name, command)]
    findings = list(_few(section, read))
    if read.commands and not own and name not in section.optional:
        findings.append(Finding(read.sources[0].name, f"{name} issued at least once", "never", "audit.not_given"))
    for command in own:
        at = f"{command.where}#{section.line.mode}"
        expected = f"{' or '.join(section.admin)} if {name} succeeds"
        if command.mode is None:
            findings.append(Finding(at, "the issuer's role", "none", "audit.no_mode"))
        elif command.succeeded and command.mode not in section.admin:
            findings.append(Finding(at, expected, f"{command.mode} ({command.issuer})", "audit.not_allowed"))
    return _judged(read, findings, {"issued": len(own), "refused": sum(not command.succeeded for command in own)})


def _is_called(command: AuditCommand, name: str) -> bool:
    """Whether a console may have read it as ``name``: case and surrounding spaces are ignored."""
    return command.name.strip().casefold() == name.strip().casefold()


def _is_for_admins(section: AuditSection, name: str, command: AuditCommand) -> bool:
    where = section.admin_where.get(name)
    return where is None or find(command.value, where.pointer) in where.values


def judge_recorded(section: AuditSection, name: str, target: Target) -> Judgement:
    """Each such command that took effect has its event, and each such event has its command."""
    pair, read = section.recorded[name], read_commands(section, target)
    events, subjects, findings = read_events(section, target)
    findings += _few(section, read)
    executed = {command.id: command for command in read.commands if _took_effect(command, pair)}
    seen: dict[str | None, AuditEvent] = {}
    for event in events:
        if event.type in pair.events:
            findings += _event_findings(event, pair, seen, executed)
    for key, command in executed.items():
        if key not in seen:
            expected = f"an event {' or '.join(pair.events)} with the id {key}"
            findings.append(Finding(command.where, expected, "none", "audit.not_recorded"))
    if read.commands and not executed and not seen and name not in section.optional:
        expected = f"a successful {' or '.join(pair.commands)}, and its event"
        findings.append(Finding(read.sources[0].name, expected, "none", "audit.no_pair"))
    judged = _judged(read, findings, {"commands": len(executed), "events": len(seen)})
    return Judgement((*judged.subjects, *subjects), judged.findings, judged.parameters)


def _took_effect(command: AuditCommand, pair: Recorded) -> bool:
    return command.name in pair.commands and command.succeeded and not command.replayed


def _event_findings(
    event: AuditEvent, pair: Recorded, seen: dict[str | None, AuditEvent], executed: dict[str | None, AuditCommand]
) -> Iterator[Finding]:
    key = event.id(pair.id)
    if key in seen:
        expected = f"one event for {key}, the one at {seen[key].where}"
        yield Finding(event.where, expected, f"a second {event.type}", "audit.recorded_twice")
        return
    seen[key] = event
    if key not in executed:
        expected = f"a successful {' or '.join(pair.commands)} in the audit log"
        yield Finding(f"{event.where}{pair.id}", expected, f"{event.type} of {key}", "audit.unaudited")
    elif event.time < executed[key].time:
        expected = f"a time not before that of its command at {executed[key].where}"
        yield Finding(event.where, expected, f"{event.time} before {executed[key].time}", "audit.before_command")


def _order(commands: Iterable[AuditCommand]) -> Iterator[Finding]:
    last: AuditCommand | None = None
    for command in commands:
        if last is not None and _file(command) == _file(last) and command.time < last.time:
            expected = f"at least {last.time}, the time on the line before"
            yield Finding(command.where, expected, str(command.time), "audit.order")
        last = command


def _file(command: AuditCommand) -> str:
    return command.where.rpartition(":")[0]


def _few(section: AuditSection, read: CommandLog) -> Iterator[Finding]:
    if read.sources and len(read.commands) < section.minimum:
        expected, observed = f"at least {section.minimum} commands", str(len(read.commands))
        yield Finding(read.sources[0].name, expected, observed, "audit.few")
    if not read.sources:
        yield from read.findings


def _judged(read: CommandLog, findings: Iterable[Finding], parameters: dict[str, Json]) -> Judgement:
    shown = tuple(bounded(dict.fromkeys(findings), MOST_FINDINGS))
    return Judgement(tuple(source.subject for source in read.sources), shown, parameters)
