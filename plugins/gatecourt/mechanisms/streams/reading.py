"""A stream of payloads in a file, read to its states."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json
from gatecourt.formats import jsonl
from gatecourt.formats.files import open_regular
from gatecourt.mechanisms.streams.merging import StreamMerger, StreamState
from gatecourt.mechanisms.streams.payloads import StreamShape


def payloads(path: Path, name: str) -> Iterator[tuple[int, Json] | Finding]:
    """Every line of the JSONL file ``path`` with its number from 1, or the finding (``json.*``, ``jsonl.*``) for it.

    A file that cannot be read is one finding ``artefact.unreadable``.
    """
    try:
        with open_regular(path) as stream:
            lines = (line for block in jsonl.blocks(stream) for line in jsonl.lines(block))
            for number, data in enumerate(lines, 1):
                try:
                    yield number, jsonl.parse(data, name, number)
                except Judged as judged:
                    yield judged.finding
    except OSError as error:
        yield Finding(name, "a readable file", error.strerror or type(error).__name__, "artefact.unreadable")


def stream_states(path: Path, name: str, shape: StreamShape) -> Iterator[StreamState | Finding]:
    """The state after each payload of a file, called ``name`` in findings, and what is wrong with payloads.

    A state is shared with the merger, which goes on changing it: take values from it before the next one is asked for.
    The rules of findings about merging are bare words such as ``tick_gap`` (see ``StreamMerger``), for which a gate
    puts a reason code of its own; those of reading are as ``payloads`` gives them.
    """
    merger = StreamMerger(shape, name)
    for payload in payloads(path, name):
        if isinstance(payload, Finding):
            yield payload
            continue
        state, findings = merger.feed(*payload)
        yield from findings
        if state is not None:
            yield state
