"""Files compared as bytes: where they first differ, and on which line. Memory is constant."""

from __future__ import annotations

from pathlib import Path
from typing import AnyStr, BinaryIO

_CHUNK = 1 << 20
_BACK = 1 << 16


def first_difference(left: AnyStr, right: AnyStr) -> int | None:
    """Index of the first element that differs, the length of the shorter where it begins the other, None if equal."""
    if left == right:
        return None
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def first_differing_byte(left: Path, right: Path) -> int | None:
    """Offset of the first byte that differs, or the size of the shorter file, or None. Raises ``OSError``."""
    with left.open("rb", buffering=0) as one, right.open("rb", buffering=0) as other:
        offset = 0
        while True:
            here, there = _filled(one), _filled(other)
            if here != there:
                return offset + (first_difference(here, there) or 0)
            if not here:
                return None
            offset += len(here)


def _filled(stream: BinaryIO) -> bytes:
    """A whole chunk, or what is left: a raw read may give less than it was asked for."""
    data = stream.read(_CHUNK) or b""
    while data and len(data) < _CHUNK and (more := stream.read(_CHUNK - len(data))):
        data += more
    return data


def line_at(path: Path, offset: int) -> tuple[int, int]:
    """The line (from 1) in which ``offset`` lies, and the offset at which that line starts."""
    line, start, at = 1, 0, 0
    with path.open("rb") as stream:
        while at < offset and (data := stream.read(min(_CHUNK, offset - at))):
            line += data.count(b"\n")
            if (newline := data.rfind(b"\n")) >= 0:
                start = at + newline + 1
            at += len(data)
    return line, start


def line_before(path: Path, start: int) -> bytes:
    """The end of the line before the one that starts at ``start``: all of it, up to 64 KiB; b"" if there is none."""
    if start == 0:
        return b""
    begin = max(0, start - _BACK)
    with path.open("rb") as stream:
        stream.seek(begin)
        data = stream.read(start - begin)
    return data[data.rfind(b"\n", 0, len(data) - 1) + 1 :]


def is_text(path: Path) -> bool:
    """Whether the first 8 KiB hold no NUL and are UTF-8, but for a character that the cut may have split."""
    with path.open("rb") as stream:
        data = stream.read(8192)
    if b"\0" in data:
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return len(data) == 8192 and error.start > len(data) - 4
    return True
