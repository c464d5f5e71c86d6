"""The times at which the limits were in force, read from a declared place in a file."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json, Run, Subject
from gatecourt.formats import pointer
from gatecourt.formats.decimals import number, read
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import gather
from gatecourt.formats.jsonl import records
from gatecourt.rules.risk.clock import instant
from gatecourt.rules.risk.section import Moment


@dataclass(frozen=True)
class EffectiveTimes:
    """Times in the order of the files, and the files that hold them."""

    subjects: tuple[Subject, ...]
    times: tuple[datetime.datetime, ...]


def read_times(moment: Moment, artefacts: Callable[[], Run], root: Path) -> EffectiveTimes:
    """The times that the declaration picks, at least one.

    Raises ``Judged`` (``risk.time``, ``artefact.none``, those of reading).
    """
    run = artefacts() if moment.origin == "artefacts" else Run(root, {})
    sources = gather((moment.file,), moment.origin, run, root)
    if not sources:
        raise Judged(Finding(moment.file, "at least one file", "none", "artefact.none"))
    steps = pointer.split(moment.pointer)
    found = [
        (f"{where}#{moment.pointer}", value)
        for source in sources
        for where, document in _documents(source.path, source.name)
        for value in _values(document, steps)
    ]
    if not found:
        raise Judged(Finding(f"{moment.file}#{moment.pointer}", "a time", "absent", "risk.time"))
    picked = {"first": found[:1], "last": found[-1:], "every": found}[moment.pick]
    return EffectiveTimes(tuple(source.subject for source in sources), tuple(_time(moment, *one) for one in picked))


def _documents(path: Path, name: str) -> Iterator[tuple[str, object]]:
    if not name.endswith(".jsonl"):
        yield name, read(path, name)
        return
    for record in records(path, name):
        if isinstance(record, Finding):
            raise Judged(record)
        yield f"{name}:{record.line}", record.value


def _values(document: object, steps: tuple[str, ...]) -> Iterator[object]:
    """The values at a pointer in which ``*`` matches every item."""
    if not steps:
        yield document
        return
    step, *rest = steps
    if isinstance(document, list | dict) and step == "*":
        for item in document.values() if isinstance(document, dict) else document:
            yield from _values(item, tuple(rest))
        return
    try:
        inner: Json = pointer.get(document, pointer.join((step,)))  # type: ignore[arg-type]  # a Decimal has no children
    except KeyError:
        return
    yield from _values(inner, tuple(rest))


def _time(moment: Moment, where: str, value: object) -> datetime.datetime:
    time = number(value)
    if time is None:
        raise Judged(Finding(where, f"a time in {moment.unit} since 1970", excerpt(value), "risk.time"))
    try:
        return instant(time, moment.unit)
    except ValueError as error:
        raise Judged(Finding(where, "a time", f"{excerpt(str(time))}, {error}", "risk.time")) from error
