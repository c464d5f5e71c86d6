"""The states of a run, payload by payload, and what stands in them with the line that told it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.formats import pointer
from gatecourt.formats.strictjson import records
from gatecourt.mechanisms.streams.merging import StreamMerger, StreamState
from gatecourt.mechanisms.streams.payloads import PayloadKinds, StreamShape
from gatecourt.rules.promotion.documents import Document, require_pointers
from gatecourt.rules.promotion.reading import MISSING, Inquiry, Node


@dataclass(frozen=True)
class StateStream:
    """The run's own stream, from which its states are put together."""

    log: Document = field(metadata={"doc": "JSONL, one payload a line."})
    tick: str = field(default="/tick", metadata={"doc": "Where a payload says its tick, a whole number."})
    kinds: PayloadKinds = field(
        default_factory=PayloadKinds, metadata={"doc": "How whole states and changes are told apart."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for places that a log of many payloads has no use for."""
        require_pointers(self.tick)
        if self.log.pointer:
            raise ValueError("log.pointer has no use: a log is many payloads")

    @property
    def merged(self) -> StreamShape:
        """The stream as merging needs it."""
        return StreamShape(tick=self.tick, kinds=self.kinds)


def frames(stream: StateStream, inquiry: Inquiry) -> Iterator[StreamState]:
    """The state after each payload that can be trusted; the state goes on changing, so keep values, never it.

    Payloads that cannot be merged are told (``promotion.stream``). Raises ``Judged`` for a line that is no JSON, and
    in the end where no state was found (``promotion.no_states``).
    """
    source = inquiry.source(stream.log)
    merging = StreamMerger(stream.merged, source.name)
    seen = False
    for record in records(source.path, source.name):
        if isinstance(record, Finding):
            raise Judged(record)
        frame, told = merging.feed(record.line, record.value)
        inquiry.told += (Finding(one.where, one.expected, one.observed, "promotion.stream") for one in told)
        if frame is not None:
            seen = True
            yield frame
    if not seen:
        raise Judged(Finding(source.name, "at least one state", "none", "promotion.no_states"))


def at(frame: StreamState, place: str, expected: str = "a value") -> Node:
    """What stands in the state. Raises ``Judged`` (``promotion.missing``), for null too."""
    steps = pointer.split(place)
    file, _, inner = frame.at(steps).partition("#")
    try:
        value: Any = pointer.get(dict(frame.state), place)
    except KeyError:
        raise Judged(Finding(frame.at(steps), f"{expected} at {place}", "absent", MISSING)) from None
    if value is None:
        raise Judged(Finding(frame.at(steps), f"{expected} at {place}", "null", MISSING))
    return Node(file, inner, value)
