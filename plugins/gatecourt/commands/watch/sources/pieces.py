"""What a source gives: whole lines, changes of the log, or no data for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

LONGEST = 8 * 1024 * 1024
"""Bytes of an unfinished line that are kept. More than any rule reads: the line is still found to be too long."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Whole lines, each with its newline; none where only a part of one came."""

    block: bytes


@dataclass(frozen=True, slots=True)
class LogChange:
    """Something happened to what is followed; ``unfinished`` is the line that was cut off by it.

    ``rotated``: another file stands under the name, and the old one was read to its end. ``truncated``: the file became
    shorter and is read from its start. ``disconnected``: the peer went away. ``ended``: there is nothing more to come;
    ``absent`` describes what never came, as in ``NoData``.
    """

    kind: Literal["rotated", "truncated", "disconnected", "ended"]
    unfinished: bytes = b""
    absent: str = ""


@dataclass(frozen=True, slots=True)
class NoData:
    """Nothing came for one interval: it is time to look at the clock.

    ``absent`` describes the source that is not there yet, such as ``no such file``; empty once there was something.
    """

    absent: str = ""


Piece: TypeAlias = Lines | LogChange | NoData
Stop: TypeAlias = Callable[[], bool]
"""Called whenever nothing comes; true ends the watch."""


class Cutter:
    """Bytes as they come, cut behind the last newline."""

    def __init__(self) -> None:
        self._rest = b""

    def take(self, data: bytes) -> Iterator[Lines]:
        """The whole lines that ``data`` completes, if any."""
        whole, newline, rest = data.rpartition(b"\n")
        if newline:
            block, self._rest = self._rest + whole + newline, b""
            yield Lines(block)
        self._rest += rest[: LONGEST - len(self._rest)]
        if not newline:
            yield Lines(b"")

    def cut_off(self) -> bytes:
        """The line that never ended; afterwards there is none."""
        rest, self._rest = self._rest, b""
        return rest
