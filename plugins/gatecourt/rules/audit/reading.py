"""The lines of an audit log as commands, and the events that other logs hold about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from gatecourt.core.model import Finding, Json, Subject
from gatecourt.core.protocols import Target
from gatecourt.formats import pointer
from gatecourt.formats.decimals import number
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import Origin, Source, gather, run_behind
from gatecourt.formats.jsonl import records
from gatecourt.formats.pointer import ABSENT
from gatecourt.rules.audit.section import AuditSection, EventLog, LineFields

MOST_FINDINGS = 50


@dataclass(frozen=True, slots=True)
class AuditCommand:
    """One valid line of the log: ``where`` is its place, ``succeeded`` is by its status, ``value`` is all of it."""

    where: str
    name: str
    succeeded: bool
    id: str | None
    issuer: str
    mode: str | None
    time: Decimal
    replayed: bool
    arguments: Json
    outcome: Json
    value: Json


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One event: ``where`` is its place, ``value`` is all of it."""

    where: str
    type: str
    time: Decimal
    value: Json

    def id(self, at: str) -> str | None:
        """The text or number at the pointer ``at``; None if there is none."""
        found = find(self.value, at)
        return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else None

    def number(self, at: str) -> Decimal | None:
        """The number at the pointer ``at``; None if there is none."""
        return number(find(self.value, at))


@dataclass(frozen=True, slots=True)
class CommandLog:
    """The log of commands: its files, the valid lines, and a finding for each of the others."""

    sources: tuple[Source, ...]
    commands: tuple[AuditCommand, ...]
    findings: tuple[Finding, ...]


def find(value: Json, at: str) -> object:
    """The value at the pointer ``at``, or ``ABSENT``."""
    return pointer.find(value, at, ABSENT)


def is_absent(value: object) -> bool:
    """Whether ``find`` found nothing, or null."""
    return value is ABSENT or value is None


def sources_of(files: Sequence[str], origin: Origin, of: str, target: Target) -> tuple[Source, ...]:
    """The files, from the outputs of a command or from the target's tree. Raises ``Judged``."""
    return gather(files, origin, run_behind(origin, of, target), target.root)


def read_commands(section: AuditSection, target: Target) -> CommandLog:
    """Every line of the log, in order. Rules ``audit.no_log``, ``audit.line``, ``audit.field``, ``json.*``."""
    sources = sources_of(section.files, section.origin, section.of, target)
    if not sources:
        where = ", ".join(section.files)
        return CommandLog((), (), (Finding(where, "a log of commands", "none", "audit.no_log"),))
    commands: list[AuditCommand] = []
    findings: list[Finding] = []
    for source in sources:
        for record in records(source.path, source.name):
            read = [record] if isinstance(record, Finding) else list(_line(section, source, record.line, record.value))
            commands += [each for each in read if isinstance(each, AuditCommand)]
            findings += [each for each in read if isinstance(each, Finding)]
    return CommandLog(sources, tuple(commands), tuple(findings))


def _line(section: AuditSection, source: Source, line: int, value: Json) -> Iterator[AuditCommand | Finding]:
    where = f"{source.name}:{line}"
    if not isinstance(value, dict):
        yield Finding(where, "an object", excerpt(value), "audit.line")
        return
    wrong = list(_field_findings(section, where, value))
    yield from wrong
    if not any(finding.rule == "audit.field" for finding in wrong):
        yield _command(section, where, value)


def _field_findings(section: AuditSection, where: str, value: Json) -> Iterator[Finding]:
    line = section.line
    for at in (line.name, line.issuer):
        yield from _text(where, value, at)
    status = find(value, line.status)
    words = (*section.succeeded, *section.failed)
    if not isinstance(status, str) or status not in words:
        yield Finding(f"{where}#{line.status}", f"one of {', '.join(words)}", _describe(status), "audit.field")
    yield from _outcome(section, where, value, status)
    if (time := number(find(value, line.time))) is None:
        yield Finding(f"{where}#{line.time}", "a finite number", _describe(find(value, line.time)), "audit.field")
    elif time < 0:
        yield Finding(f"{where}#{line.time}", "a time of at least 0", str(time), "audit.field")
    replayed = find(value, line.replayed)
    if not is_absent(replayed) and not isinstance(replayed, bool):
        yield Finding(f"{where}#{line.replayed}", "true or false", _describe(replayed), "audit.field")


def _text(where: str, value: Json, at: str) -> Iterator[Finding]:
    found = find(value, at)
    if not isinstance(found, str) or not found.strip():
        yield Finding(f"{where}#{at}", "a text that is not blank", _describe(found), "audit.field")


def _outcome(section: AuditSection, where: str, value: Json, status: object) -> Iterator[Finding]:
    """A success needs a result and no error, a failure needs a reason."""
    line = section.line
    if status in section.succeeded and is_absent(find(value, line.result)):
        yield Finding(f"{where}#{line.result}", "the result of a command that succeeded", "none", "audit.no_result")
    if status in section.succeeded and line.error != line.result and not is_absent(find(value, line.error)):
        observed = excerpt(_as_json(find(value, line.error)))
        yield Finding(f"{where}#{line.error}", f"no error with the status {status}", observed, "audit.contradiction")
    if status in section.failed and (is_absent(why := find(value, line.error)) or _is_blank(why)):
        yield Finding(f"{where}#{line.error}", "the reason of a command that failed", "none", "audit.no_result")


def _is_blank(value: object) -> bool:
    return value in ({}, []) or (isinstance(value, str) and not value.strip())


def _command(section: AuditSection, where: str, value: Json) -> AuditCommand:
    line, good = section.line, find(value, section.line.status) in section.succeeded
    time = number(find(value, line.time))
    assert time is not None  # a line without a time is a finding and never gets here
    return AuditCommand(
        where=where,
        name=str(find(value, line.name)),
        succeeded=good,
        id=_identity(value, line),
        issuer=str(find(value, line.issuer)),
        mode=mode if isinstance(mode := find(value, line.mode), str) else None,
        time=time,
        replayed=find(value, line.replayed) is True,
        arguments=_as_json(find(value, line.arguments)) if line.arguments is not None else None,
        outcome=_as_json(find(value, line.result if good else line.error)),
        value=value,
    )


def _identity(value: Json, line: LineFields) -> str | None:
    found = find(value, line.command_id)
    return found if isinstance(found, str) and found.strip() else None


def _as_json(value: object) -> Json:
    return None if value is ABSENT else value  # type: ignore[return-value]  # what a document holds is JSON


def _describe(value: object) -> str:
    return "absent" if value is ABSENT else excerpt(value)


def _read_events(event_log: EventLog, target: Target) -> tuple[tuple[Source, ...], list[AuditEvent | Finding]]:
    """Every event in file order, or the finding about it: ``audit.event``, ``audit.no_log``, ``json.*``."""
    sources = sources_of(event_log.files, event_log.origin, event_log.of, target)
    if not sources:
        none = Finding(", ".join(event_log.files), "a file of events", "none", "audit.no_log")
        return (), [none]
    return sources, [event for source in sources for event in _events(event_log, source)]


def _events(event_log: EventLog, source: Source) -> Iterator[AuditEvent | Finding]:
    for record in records(source.path, source.name):
        if isinstance(record, Finding):
            yield record
            continue
        for at in event_log.events:
            held = find(record.value, at)
            if not is_absent(held):
                yield from _each(event_log, f"{source.name}:{record.line}", at, _as_json(held))


def _each(event_log: EventLog, line: str, at: str, held: Json) -> Iterator[AuditEvent | Finding]:
    items = enumerate(held) if isinstance(held, list) else [(None, held)]
    for place, value in items:
        where = f"{line}#{at}" + ("" if place is None else f"/{place}")
        kind, time = find(value, event_log.type), number(find(value, event_log.time))
        if isinstance(kind, str) and time is not None:
            yield AuditEvent(where, kind, time, value)
        else:
            observed = excerpt(value)
            yield Finding(where, "an event with a type and a finite time", observed, "audit.event")


def read_events(section: AuditSection, target: Target) -> tuple[list[AuditEvent], tuple[Subject, ...], list[Finding]]:
    """All events in order of time, the files that hold them, and the findings of reading them."""
    assert section.event_log is not None  # the section requires it for recorded and effect
    sources, read = _read_events(section.event_log, target)
    events = sorted((each for each in read if isinstance(each, AuditEvent)), key=lambda event: event.time)
    findings = [each for each in read if isinstance(each, Finding)]
    return events, tuple(source.subject for source in sources), findings
