"""The lines of a block that are in the language, as rows of columns."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from gatecourt.rules.events.fast_path.line_regex import Kind, Language

if TYPE_CHECKING:
    from gatecourt.rules.events.fast_path.prefixes import Integers

_PIECE = 65536

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


def _starts(data: Any) -> Integers:
    import numpy as np

    # Piece by piece, so that intermediate results stay in the CPU cache.
    ends = [np.flatnonzero(data[at : at + _PIECE] == ord("\n")) + (at + 1) for at in range(0, len(data), _PIECE)]
    return np.concatenate(([0], *ends))


class Rows:
    """One row per line that is in the language, in the order of the block."""

    def __init__(self, language: Language, block: bytes, found: Sequence[Part]) -> None:
        import numpy as np

        data = np.frombuffer(block, dtype=np.uint8)
        starts = _starts(data)
        others = np.searchsorted(starts, [stop for _, stop, after in found if stop < after] + [len(block)])
        self._starts = np.delete(starts, others[others < len(starts)])
        self._edges = np.searchsorted(self._starts, [offset for start, stop, _ in found for offset in (start, stop)])
        columns = language.prefixes.read(data, self._starts)
        self._times = columns.integers["time"]
        self._sequences = columns.integers.get("sequence")
        self._kinds = columns.kinds
        steps_back = np.diff(self._times) < 0
        broken = steps_back if self._sequences is None else steps_back | (np.diff(self._sequences) != 1)
        self._broken = np.concatenate(([0], np.cumsum(broken)))
        skips = np.array([-1 if order is None else order.skip for order in language.orders])[self._kinds]
        rows = np.flatnonzero(skips >= 0)
        self._order_rows: list[int] = rows.tolist()
        self._order_starts: list[int] = (columns.rests + skips)[rows].tolist()
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
        """Whether the rows continue from ``sequence`` and ``time`` without gap, repeat or step back."""
        return bool(
            self._broken[first] == self._broken[last - 1]
            and (self._sequences is None or self._sequences[first] == sequence)
            and (time is None or int(self._times[first]) >= time)
        )

    def time(self, row: int) -> int:
        """The time of a row."""
        return int(self._times[row])

    def orders(self, first: int, last: int) -> Iterator[tuple[int, str, bytes]]:
        """(row, event type, order id) of each row that opens or closes an order."""
        chosen = slice(bisect_left(self._order_rows, first), bisect_left(self._order_rows, last))
        found = zip(self._order_rows[chosen], self._order_kinds[chosen], self._order_starts[chosen], strict=True)
        for row, kind, start in found:
            order = self._language.orders[kind]
            match = order and order.pattern.match(self._block, start)
            if match and match.lastindex:  # always: the line is in the language
                yield row, self._language.kinds[kind][1], match[match.lastindex]

    def counts(self, ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[Kind, int]]:
        """The number of rows of each kind in the ranges [first, last)."""
        import numpy as np

        chosen = [self._kinds[first:last] for first, last in ranges]
        if chosen:
            for kind, number in enumerate(np.bincount(np.concatenate(chosen)).tolist()):
                if number:
                    yield self._language.kinds[kind], number
