"""Zip archives, by their directory."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator
from typing import IO

from gatecourt.rules.archive.entry import BLOCK, ArchiveEntry, LimitedStream

_ENCRYPTED = 0x1


def entries(file: IO[bytes], limit: int) -> Iterator[ArchiveEntry]:
    """The entries in the order of the directory, no more than ``limit`` bytes of content in all.

    Raises what ``zipfile`` raises for an archive that is damaged, and ``TooLargeError``.
    """
    with zipfile.ZipFile(file) as archive:
        left = limit
        for info in archive.infolist():
            kind = _kind(info)
            if kind != "file":
                yield ArchiveEntry(info.orig_filename, kind, iter(()))
                continue
            with archive.open(info) as content:
                blocks = _Counted(LimitedStream(content, left))
                yield ArchiveEntry(info.orig_filename, kind, blocks)
                for _ in blocks:
                    pass
            left -= blocks.size


class _Counted:
    def __init__(self, stream: LimitedStream) -> None:
        self._stream, self.size = stream, 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        data = self._stream.read(BLOCK)
        if not data:
            raise StopIteration
        self.size += len(data)
        return data


def _kind(info: zipfile.ZipInfo) -> str:
    mode = info.external_attr >> 16
    if stat.S_ISLNK(mode):
        return "symbolic link"
    if stat.S_IFMT(mode) and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        return "special file"
    if info.flag_bits & _ENCRYPTED:
        return "encrypted file"
    return "folder" if info.is_dir() else "file"
