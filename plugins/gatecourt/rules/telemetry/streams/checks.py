"""Streams at rest judged, part by part. Each stream is read once for all its parts."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Subject
from gatecourt.core.protocols import Target
from gatecourt.formats.files import Source, gather, run_behind, subject
from gatecourt.formats.finding_groups import FindingGroups
from gatecourt.formats.jsonl import records
from gatecourt.formats.strictjson import read
from gatecourt.rules.telemetry.streams.following import PARTS, PAYLOADS, Following, PartFinding
from gatecourt.rules.telemetry.streams.section import PayloadSchemas, StreamSection

_SHOWN = 50
_KEPT = 8


@dataclass(frozen=True, slots=True)
class _StreamReading:
    """What one reading of a stream gave, by part."""

    findings: Mapping[str, FindingGroups]
    parameters: Mapping[str, dict[str, Json]]

    def of(self, part: str) -> tuple[Finding, ...]:
        return tuple(dict.fromkeys(self.findings[part].findings()))


_readings: OrderedDict[tuple[str, ...], _StreamReading] = OrderedDict()


def judge_stream(section: StreamSection, part: str, target: Target) -> Judgement:
    """One part of a stream: ``payloads``, or one of ``PARTS`` that the section declares.

    Raises ``Judged`` (``artefact.none``) where there is no file, and as ``Target.command`` does.
    """
    sources = gather(section.files, section.origin, run_behind(section.origin, section.of, target), target.root)
    if not sources:
        raise Judged(Finding(", ".join(section.files), "at least one file", "none", "artefact.none"))
    used = _used(section, target.root)
    reading = _remembered(section, sources, used, target.root)
    names = _files(getattr(section, part, None))
    subjects = [source.subject for source in sources] + [used[name] for name in names if name in used]
    return Judgement(tuple(dict.fromkeys(subjects)), reading.of(part), {"streams": dict(reading.parameters[part])})


def _remembered(
    section: StreamSection, sources: Sequence[Source], used: Mapping[str, Subject], root: Path
) -> _StreamReading:
    """One reading serves all parts. What is judged is known by its digests, so nothing stale is remembered."""
    digests = [f"{subject.name} {subject.sha256}" for subject in (*(s.subject for s in sources), *used.values())]
    key = (str(root), repr(section), *digests)
    if key not in _readings:
        _readings[key] = _read_stream(section, sources, root)
        while len(_readings) > _KEPT:
            _readings.popitem(last=False)
    return _readings[key]


def _read_stream(section: StreamSection, sources: Sequence[Source], root: Path) -> _StreamReading:
    parts = (PAYLOADS, *PARTS)
    reading = _StreamReading({part: FindingGroups(_SHOWN) for part in parts}, {part: {} for part in parts})
    for source in sources:
        following = Following(section, source.name, root)
        for part, finding in _findings_of(section, source, following):
            reading.findings[part].add(finding)
        for part, summaries in reading.parameters.items():
            summaries[source.name] = dict(following.summary(part))
    return reading


def _findings_of(section: StreamSection, source: Source, following: Following) -> Iterator[PartFinding]:
    if section.format == "json":
        try:
            yield from following.feed_parts(None, read(source.path, source.name))
        except Judged as judged:
            yield PAYLOADS, judged.finding
    else:
        yield from _findings_of_lines(source, following)
    yield from following.close_parts()


def _findings_of_lines(source: Source, following: Following) -> Iterator[PartFinding]:
    for payload in records(source.path, source.name, surrogates=False):
        if isinstance(payload, Finding):
            yield PAYLOADS, payload
        else:
            yield from following.feed_parts(payload.line, payload.value)


def _used(section: StreamSection, root: Path) -> Mapping[str, Subject]:
    """The settings and schemas that the stream is held against, those that can be read."""
    found: dict[str, Subject] = {}
    for name in _files(section):
        with contextlib.suppress(Judged):  # the part that needs it reports the finding
            found[name] = subject(root / name, name)
    return found


def _files(part: object) -> list[str]:
    """The files of the target that a part of a section names, sorted."""
    return sorted(set(_named(part)))


def _named(part: object) -> Iterator[str]:
    if isinstance(part, PayloadSchemas):
        yield from (name for name in (part.snapshot, part.diff) if name is not None)
    elif is_dataclass(part) and not isinstance(part, type):
        for item in fields(part):
            yield from _named(getattr(part, item.name))
    elif isinstance(part, (Mapping, tuple)):
        for value in part.values() if isinstance(part, Mapping) else part:
            yield from _named(value)
    elif isinstance(part, str) and "#/" in part:
        yield part.partition("#")[0]
