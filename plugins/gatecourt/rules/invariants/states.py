"""The merged states of a stream as records: one a state, or one a match of a pointer pattern in each state.

A row has the columns ``tick``, ``keys`` (what each ``*`` of the pattern matched, as text) and ``value``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gatecourt.core.model import Finding, Json
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import Source
from gatecourt.formats.jsonl import records
from gatecourt.formats.pointer import join, split
from gatecourt.mechanisms.streams.merging import StreamMerger, StreamState
from gatecourt.mechanisms.streams.payloads import StreamShape
from gatecourt.rules.invariants.record import Columns, Record
from gatecourt.rules.invariants.section import Relation, StateStream

_VALUE = "value"


def state_records(source: Source, relation: Relation) -> Iterator[Record | Columns | Finding]:
    """The records of one stream. A payload that cannot be merged, or lacks what the pattern names, is a finding.

    Rules: ``relations.stream``, ``relations.no_states``, ``relations.no_items``, those of reading JSONL.
    """
    stream = relation.stream or StateStream()
    merging = StreamMerger(StreamShape(tick=stream.tick, kinds=stream.kinds), source.name)
    pattern = split(relation.pointer or "")
    states = 0
    yield Columns(("tick", "keys", _VALUE))
    for line in records(source.path, source.name):
        if isinstance(line, Finding):
            yield line
            continue
        frame, problems = merging.feed(line.line, line.value)
        yield from (Finding(one.where, one.expected, one.observed, "relations.stream") for one in problems)
        if frame is not None:
            states += 1
            for match in _matches(frame.state, pattern):
                yield match.finding(frame) if isinstance(match, _Absent) else _row(source.name, frame, match)
    if not states:
        yield Finding(source.name, "at least one state", "none", "relations.no_states")


@dataclass(frozen=True, slots=True)
class _Match:
    """A value of a state, the steps to it and what each ``*`` matched."""

    steps: tuple[str, ...]
    keys: tuple[str, ...]
    value: Json


@dataclass(frozen=True, slots=True)
class _Absent:
    """A place that the pattern names and a state does not have, or that has nothing below it."""

    steps: tuple[str, ...]
    expected: str
    observed: str

    def finding(self, frame: StreamState) -> Finding:
        return Finding(frame.at(self.steps), self.expected, self.observed, "relations.no_items")


def _row(name: str, frame: StreamState, match: _Match) -> Record:
    # A state is changed by its top-level keys alone, so what stands below them may be kept.
    value = dict(frame.state) if not match.steps else match.value
    row: dict[str, Json] = {"tick": frame.tick, "keys": list(match.keys), _VALUE: value}
    located = frame.sent is None or (bool(match.steps) and match.steps[0] in frame.sent)
    prefix = join(match.steps if frame.sent is None else (frame.changes, *match.steps))
    return Record(name, frame.where, prefix, row, key=_VALUE, located=located)


def _matches(state: Mapping[str, Json], pattern: Sequence[str]) -> Iterator[_Match | _Absent]:
    found = [_Match((), (), dict(state))]
    for step in pattern:
        below: list[_Match] = []
        for match in found:
            children = list(_children(match, step))
            yield from (child for child in children if isinstance(child, _Absent))
            below += (child for child in children if isinstance(child, _Match))
        found = below
    yield from found


def _children(match: _Match, step: str) -> Iterator[_Match | _Absent]:
    value: Any = match.value
    if isinstance(value, dict):
        items = {str(key): item for key, item in value.items()}
    elif isinstance(value, list):
        items = {str(index): item for index, item in enumerate(value)}
    else:
        yield _Absent(match.steps, "an object or an array", excerpt(value))
        return
    if step == "*":
        yield from (_Match((*match.steps, key), (*match.keys, key), item) for key, item in items.items())
    elif step in items:
        yield _Match((*match.steps, step), match.keys, items[step])
    else:
        yield _Absent((*match.steps, step), "a value", "absent")
