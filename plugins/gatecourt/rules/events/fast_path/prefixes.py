"""The prefixes of matched lines, read by the thousand: time, sequence number and kind of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers: TypeAlias = NDArray[np.int64]

_MOST_PLACES = 7
WIDEST = 19
"""Length in bytes of the longest integer in a prefix and the byte that ends it. A rest is at least as long."""


@dataclass(frozen=True, slots=True)
class Prefix:
    """How a line begins: literal texts, each followed by an integer field, then the literal ``rest``."""

    integers: tuple[tuple[bytes, str], ...]
    rest: bytes


@dataclass(frozen=True, slots=True)
class PrefixColumns:
    """The values in the prefixes of some lines, one row per line. ``kinds`` are the numbers of their kinds, ``rests``
    the offsets at which the rests begin."""

    integers: dict[str, Integers]
    kinds: Integers
    rests: Integers


def places(rests: Sequence[tuple[bytes, object]]) -> tuple[int, ...] | None:
    """Offsets at which rests of different kinds differ, given (rest, kind); None if a rest is too short."""
    shortest = min(len(rest) for rest, _ in rests)
    chosen: list[int] = []
    for (left, kind), (right, other) in combinations(rests, 2):
        if kind == other or any(left[at] != right[at] for at in chosen):
            continue
        place = next((at for at in range(shortest) if left[at] != right[at]), None)
        if place is None or len(chosen) == _MOST_PLACES:
            return None
        chosen.append(place)
    return tuple(chosen)


class PrefixReader:
    """Reads lines that are known to begin with the same ``integers`` and one of the given rests."""

    def __init__(self, integers: Sequence[tuple[bytes, str]], kinds: Mapping[bytes, int], at: Sequence[int]) -> None:
        """``kinds`` maps each rest to the number of its kind; ``at`` are the ``places`` that distinguish the kinds."""
        import numpy as np

        self._integers = integers
        self._places = at
        known = {sum(rest[place] << 8 * index for index, place in enumerate(at)): kind for rest, kind in kinds.items()}
        self._codes = np.array(sorted(known), dtype=np.int64)
        self._kinds = np.array([known[code] for code in sorted(known)], dtype=np.int64)

    def read(self, data: Any, starts: Integers) -> PrefixColumns:
        """The columns of the lines that begin at ``starts`` of ``data``, which are bytes as uint8."""
        import numpy as np

        columns: dict[str, Integers] = {}
        at = starts
        for literal, field in self._integers:
            columns[field], lengths = _integers(data, at + len(literal))
            at = at + len(literal) + lengths
        codes = np.zeros(len(starts), dtype=np.int64)
        for index, place in enumerate(self._places):
            codes |= data[at + place].astype(np.int64) << 8 * index
        return PrefixColumns(columns, self._kinds[np.searchsorted(self._codes, codes)], at)


def _integers(data: Any, starts: Integers) -> tuple[Integers, Integers]:
    """The integers, of at most ``WIDEST`` - 1 digits, that begin at ``starts``; and the number of digits of each."""
    import numpy as np

    if not len(starts):
        return starts, starts
    windows = np.lib.stride_tricks.sliding_window_view(data, WIDEST)[starts]
    lengths: Integers = np.argmax((windows < 48) | (windows > 57), axis=1)
    values = np.zeros(len(starts), dtype=np.int64)
    for length in range(int(lengths.min()), int(lengths.max()) + 1):
        rows = lengths == length
        powers = 10 ** np.arange(length - 1, -1, -1, dtype=np.int64)
        values[rows] = (windows[rows, :length] - 48).astype(np.int64) @ powers
    return values, lengths
