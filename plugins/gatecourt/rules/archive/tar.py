"""Tar archives, header by header. Unlike ``tarfile`` this reader does not take damage for the end of the archive."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator

from gatecourt.rules.archive.entry import BLOCK, ArchiveEntry, BrokenError, Readable

_RECORD = 512
_ZEROS = bytes(_RECORD)
_LONGEST_HEADER = 1 << 20
_OTHER = {
    tarfile.SYMTYPE: "symbolic link",
    tarfile.LNKTYPE: "hard link",
    tarfile.CHRTYPE: "character device",
    tarfile.BLKTYPE: "block device",
    tarfile.FIFOTYPE: "named pipe",
    tarfile.GNUTYPE_SPARSE: "sparse file",
}
_EXTENDED = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE)


def entries(stream: Readable) -> Iterator[ArchiveEntry]:
    """The entries in order. Raises ``BrokenError`` for one that is cut off, damaged or has data behind its end."""
    everywhere: dict[str, str] = {}
    ahead: dict[str, str] = {}
    while (record := _exactly(stream, _RECORD, "a header")) != _ZEROS:
        info = _header(record)
        if info.type == tarfile.XGLTYPE:
            everywhere |= _pax(_long(stream, info.size))
        elif info.type in _EXTENDED:
            ahead |= _pax(_long(stream, info.size))
        elif info.type == tarfile.GNUTYPE_LONGNAME:
            ahead["path"] = _text(_long(stream, info.size).rstrip(b"\0"))
        elif info.type == tarfile.GNUTYPE_LONGLINK:
            _long(stream, info.size)
        else:
            yield from _entry(stream, info, everywhere | ahead)
            ahead = {}
    while data := stream.read(BLOCK):
        if data.strip(b"\0"):
            raise BrokenError("data behind the end of the archive")


def _entry(stream: Readable, info: tarfile.TarInfo, extended: dict[str, str]) -> Iterator[ArchiveEntry]:
    name = extended.get("path", info.name)
    size = _size(extended.get("size"), info.size)
    if any(key.startswith("GNU.sparse.") for key in extended):
        yield ArchiveEntry(name, "sparse file", iter(()))
        _skip(stream, size)
    elif info.isreg() and info.type not in _OTHER:
        content = _content(stream, size)
        yield ArchiveEntry(name, "file", content)
        for _ in content:  # the caller may not have read all of it
            pass
    elif info.isdir():
        yield ArchiveEntry(name, "folder", iter(()))
    else:
        yield ArchiveEntry(name, _OTHER.get(info.type, f"entry of type {info.type!r}"), iter(()))
        if info.type not in tarfile.SUPPORTED_TYPES or info.isreg():
            _skip(stream, size)


def _header(record: bytes) -> tarfile.TarInfo:
    try:
        info = tarfile.TarInfo.frombuf(record, "utf-8", "surrogateescape")
    except (tarfile.TarError, ValueError) as error:
        raise BrokenError("a damaged header") from error
    if info.size < 0:
        raise BrokenError("a header with a size below 0")
    return info


def _size(extended: str | None, plain: int) -> int:
    if extended is None:
        return plain
    if not extended.isascii() or not extended.isdecimal() or len(extended) > 20:
        raise BrokenError("an extended header whose size is no number")
    return int(extended)


def _long(stream: Readable, size: int) -> bytes:
    if size > _LONGEST_HEADER:
        raise BrokenError(f"an extended header of {size} bytes")
    return b"".join(_content(stream, size))


def _pax(data: bytes) -> dict[str, str]:
    """Records ``LENGTH KEY=VALUE\\n``, the length counting the whole record."""
    found: dict[str, str] = {}
    at = 0
    while at < len(data):
        digits, space, _ = data[at : at + 20].partition(b" ")
        length = int(digits) if space and digits.isdigit() else 0
        key, equals, value = data[at + len(digits) + 1 : at + length].partition(b"=")
        if not equals or not value.endswith(b"\n") or at + length > len(data):
            raise BrokenError("a damaged extended header")
        found[_text(key)] = _text(value[:-1])
        at += length
    return found


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _content(stream: Readable, size: int) -> Iterator[bytes]:
    left = size
    while left:
        data = stream.read(min(BLOCK, left))
        if not data:
            raise BrokenError("the end of the file inside a member")
        left -= len(data)
        yield data
    _exactly(stream, -size % _RECORD, "the padding of a member")


def _skip(stream: Readable, size: int) -> None:
    for _ in _content(stream, size):
        pass


def _exactly(stream: Readable, size: int, what: str) -> bytes:
    data = b""
    while len(data) < size:
        more = stream.read(size - len(data))
        if not more:
            raise BrokenError(f"the end of the file where {what} should be")
        data += more
    return data
