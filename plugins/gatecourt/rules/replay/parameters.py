"""What a run depended on, read from its event log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Run, Subject
from gatecourt.formats import pointer
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import subject
from gatecourt.formats.patterns import select
from gatecourt.formats.strictjson import parse
from gatecourt.rules.replay.section import Parameter, ReplaySection

_TYPES: Mapping[str, type] = {"string": str, "integer": int}


@dataclass(frozen=True, slots=True)
class LoggedParameters:
    """The parameters of one log, with the line of each; ``findings`` are about those that are not there."""

    log: Subject
    values: Mapping[str, tuple[int, str]]
    findings: tuple[Finding, ...]

    def require(self) -> Mapping[str, str]:
        """The values as text. Raises ``Judged`` where one is missing: there is nothing to repeat."""
        if self.findings:
            raise Judged(self.findings[0])
        return {name: value for name, (_, value) in self.values.items()}


def the_one(run: Run, pattern: str, what: str) -> Subject:
    """The one file of the run that matches. Raises ``Judged`` (``replay.none``, ``replay.several``)."""
    names = select(run.files, [pattern])
    if len(names) == 1:
        return run.files[names[0]]
    rule = "replay.several" if names else "replay.none"
    raise Judged(Finding(pattern, f"one {what}", ", ".join(names[:5]) or "none", rule))


def recorded(section: ReplaySection, run: Run) -> LoggedParameters:
    """The parameters that the log of ``run`` records.

    Findings: ``replay.event_missing``, ``replay.event_repeated``, ``replay.parameter_missing``,
    ``replay.parameter_type``. Raises ``Judged``: as ``the_one``, and for a line with such an event that is no JSON.
    """
    log = the_one(run, section.log, "event log")
    events = _events(run.path(log.name), log.name, section)
    values: dict[str, tuple[int, str]] = {}
    findings: list[Finding] = []
    for name, declared in sorted(section.parameters.items()):
        try:
            values[name] = _value(log.name, events[declared.event], declared)
        except Judged as judged:
            findings.append(judged.finding)
    return LoggedParameters(log, values, tuple(dict.fromkeys(findings)))


_Events = dict[str, list[tuple[int, Json]]]


def _events(path: Path, name: str, section: ReplaySection) -> _Events:
    """The lines of each event that records a parameter. Lines without any of their names are not parsed."""
    found: _Events = {parameter.event: [] for parameter in section.parameters.values()}
    marks = [event.encode() for event in found]
    for number, line in _lines(path, name):
        if any(mark in line for mark in marks):
            value = parse(line.rstrip(b"\n"), name, number)
            kind = pointer.find(value, section.type)
            if isinstance(kind, str) and kind in found:
                found[kind].append((number, value))
    return found


def _lines(path: Path, name: str) -> Iterator[tuple[int, bytes]]:
    try:
        with path.open("rb") as stream:
            yield from enumerate(stream, 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Judged(Finding(name, "a readable file", reason, "artefact.unreadable")) from error


def _value(log: str, events: list[tuple[int, Json]], declared: Parameter) -> tuple[int, str]:
    expected = f"one event {declared.event}"
    if not events:
        raise Judged(Finding(log, expected, "none", "replay.event_missing"))
    (line, event), *more = events
    if more:
        where = f"{log}:{more[0][0]}"
        raise Judged(Finding(where, expected, f"another one, the first on line {line}", "replay.event_repeated"))
    where = f"{log}:{line}#{declared.pointer}"
    value = pointer.find(event, declared.pointer)
    if value is None:
        raise Judged(Finding(where, f"a {declared.type}", "nothing there", "replay.parameter_missing"))
    if type(value) is not _TYPES[declared.type] or value == "":
        raise Judged(Finding(where, f"a {declared.type}", excerpt(value), "replay.parameter_type"))
    return line, str(value)


def judge_parameters(section: ReplaySection, run: Run, root: Path) -> Judgement:
    """The log records all that the run depended on, and the named files still have the digests it records.

    Rules: those of ``recorded``, ``replay.digest``, ``artefact.unreadable``.
    """
    logged = recorded(section, run)
    findings = list(logged.findings)
    inputs: dict[str, Subject] = {}
    for name, file in sorted(section.digests.items()):
        try:
            inputs[file] = subject(root / file, file)
        except Judged as judged:
            findings.append(judged.finding)
            continue
        if name in logged.values:
            findings += _digest(section, logged, name, inputs[file])
    parameters: dict[str, Json] = {"parameters": {name: value for name, (_, value) in logged.values.items()}}
    return Judgement((logged.log, *inputs.values()), tuple(findings), parameters)


def _digest(section: ReplaySection, logged: LoggedParameters, name: str, file: Subject) -> Iterator[Finding]:
    line, value = logged.values[name]
    if value.removeprefix("sha256:").lower() != file.sha256:
        where = f"{logged.log.name}:{line}#{section.parameters[name].pointer}"
        yield Finding(where, f"{file.sha256}, the SHA-256 of {file.name}", excerpt(value), "replay.digest")
