"""The lines of a block that are in the language, as rows of columns."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from gatecourt.eventlog.heads import WIDEST
from gatecourt.eventlog.language import Kind, Language

Part = tuple[int, int, int]
"""Offsets (start, stop, next): [start, stop) is in the language, the line [stop, next), if any, is not."""


def parts(lines: re.Pattern[bytes], block: bytes) -> Iterator[Part]:
    """The whole block in parts, in order."""
    at = 0
    while at < len(block):
        match = lines.match(block, at)
        stop = at if match is None else match.end()
        after = stop if stop == len(block) else block.find(b"\n", stop) + 1 or len(block)
        yield at, stop, after
        at = after


class Rows:
    """One row a line that is in the language, in the order of the block."""

    def __init__(self, language: Language, block: bytes, found: Sequence[Part]) -> None:
        import numpy as np

        data = np.frombuffer(block + bytes(WIDEST), dtype=np.uint8)
        ends = np.flatnonzero(data[: len(block)] == ord("\n")) + 1
        starts = np.concatenate(([0], ends))
        others = np.searchsorted(starts, [stop for _, stop, after in found if stop < after] + [len(block)])
        self._starts = np.delete(starts, others[others < len(starts)])
        self._edges = np.searchsorted(self._starts, [offset for start, stop, _ in found for offset in (start, stop)])
        columns = language.heads.read(data, self._starts)
        self._times = columns.integers["time"]
        self._sequences = columns.integers.get("sequence")
        self._kinds = columns.kinds
        steps_back = np.diff(self._times) < 0
        broken = steps_back if self._sequences is None else steps_back | (np.diff(self._sequences) != 1)
        self._broken = np.concatenate(([0], np.cumsum(broken)))
        followed = np.array([pattern is not None for pattern in language.orders])
        rows = np.flatnonzero(followed[self._kinds])
        self._order_rows: list[int] = rows.tolist()
        self._order_starts: list[int] = self._starts[rows].tolist()
        self._order_kinds: list[int] = self._kinds[rows].tolist()
        self._language = language
        self._block = block

    def bounds(self, part: int) -> tuple[int, int]:
        """The rows [first, last) of a part."""
        return int(self._edges[2 * part]), int(self._edges[2 * part + 1])

    def line(self, row: int) -> bytes:
        """The text of a row, newline included."""
        start = int(self._starts[row])
        return self._block[start : self._block.find(b"\n", start) + 1]

    def follow(self, first: int, last: int, sequence: int, time: int | float | None) -> bool:
        """Whether the rows go on from ``sequence`` and ``time`` without gap, repeat or step back."""
        return bool(
            self._broken[first] == self._broken[last - 1]
            and (self._sequences is None or self._sequences[first] == sequence)
            and (time is None or int(self._times[first]) >= time)
        )

    def time(self, row: int) -> int:
        """The time of a row."""
        return int(self._times[row])

    def orders(self, first: int, last: int) -> Iterator[tuple[int, str, str]]:
        """(row, event type, order id) of each row that opens or ends an order."""
        for at in range(bisect_left(self._order_rows, first), bisect_left(self._order_rows, last)):
            kind = self._order_kinds[at]
            pattern = self._language.orders[kind]
            match = pattern and pattern.match(self._block, self._order_starts[at])
            if match and match.lastindex:  # always: the line is in the language
                yield self._order_rows[at], self._language.kinds[kind][1], match[match.lastindex].decode("ascii")

    def counts(self, ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[Kind, int]]:
        """How many of the rows in the ranges [first, last) are of each kind."""
        import numpy as np

        chosen = [self._kinds[first:last] for first, last in ranges]
        if chosen:
            for kind, number in enumerate(np.bincount(np.concatenate(chosen)).tolist()):
                if number:
                    yield self._language.kinds[kind], number
