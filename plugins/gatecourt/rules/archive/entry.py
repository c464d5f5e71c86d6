"""The entries of an archive of any kind, as a stream: each is consumed before the next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

BLOCK = 1 << 16


class BrokenError(Exception):
    """An archive that cannot be read further; the message is what was observed."""


class TooLargeError(Exception):
    """More bytes or members than the manifest allows."""


@dataclass(frozen=True)
class ArchiveEntry:
    """One entry: ``kind`` is ``file``, ``folder``, or the words for anything else; ``blocks`` is a file's content."""

    name: str
    kind: str
    blocks: Iterator[bytes]


class Readable(Protocol):
    """Something that gives at most ``size`` bytes, and none at its end."""

    def read(self, size: int, /) -> bytes:
        """The next bytes."""


class LimitedStream:
    """A stream that gives no more than ``limit`` bytes in all. Raises ``TooLargeError`` beyond."""

    def __init__(self, stream: Readable, limit: int) -> None:
        self._stream, self._left = stream, limit

    def read(self, size: int, /) -> bytes:
        """At most ``size`` bytes."""
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise TooLargeError
        return data
