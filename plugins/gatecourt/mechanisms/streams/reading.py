"""A stream of payloads in a file, read to its states."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gatecourt.core.model import Finding
from gatecourt.formats.jsonl import records
from gatecourt.mechanisms.streams.merging import StreamMerger, StreamState
from gatecourt.mechanisms.streams.payloads import StreamShape


def stream_states(path: Path, name: str, shape: StreamShape) -> Iterator[StreamState | Finding]:
    """The state after each payload of a file, called ``name`` in findings, and what is wrong with payloads.

    A state is shared with the merger, which goes on changing it: take values from it before the next one is asked for.
    The rules of findings about merging are bare words such as ``tick_gap`` (see ``StreamMerger``), for which a gate
    puts a reason code of its own; those of reading are as ``jsonl.records`` gives them.
    """
    merger = StreamMerger(shape, name)
    for payload in records(path, name, surrogates=False):
        if isinstance(payload, Finding):
            yield payload
            continue
        state, findings = merger.feed(payload.line, payload.value)
        yield from findings
        if state is not None:
            yield state
