"""An archive read once: its members with their digests, and findings on members that no archive may hold."""

from __future__ import annotations

import gzip
import hashlib
import lzma
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Subject
from gatecourt.formats.excerpt import excerpt
from gatecourt.mechanisms.bands.figures import counted
from gatecourt.rules.archive import tar, zipfiles
from gatecourt.rules.archive.entry import ArchiveEntry, BrokenError, LimitedStream, TooLargeError
from gatecourt.rules.archive.section import ArchiveSection

_LARGEST_LIST = 8 << 20
_QUOTE = '"'
_OUTSIDE = re.compile(r"/|[A-Za-z]:|.*[\\\x00-\x1f\x7f]", re.DOTALL)
_DAMAGE = (
    BrokenError, EOFError, lzma.LZMAError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, struct.error,
    NotImplementedError, ValueError, OverflowError,
)  # fmt: skip
_READ: dict[tuple[Subject, str], Contents] = {}


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive; ``data`` is kept of the checksum file alone."""

    name: str
    sha256: str
    size: int
    data: bytes | None = None


@dataclass
class Contents:
    """What was read of one archive; ``ended`` is the finding that stopped reading, None at a proper end."""

    archive: str
    members: dict[str, Member] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    ended: Finding | None = None

    def where(self, member: str) -> str:
        """The place of a member in the grammar of findings."""
        quoted = excerpt(member, 200)
        return f"{self.archive}#/{quoted.removeprefix(_QUOTE).removesuffix(_QUOTE)}"

    def require_whole(self) -> None:
        """Raise ``Judged`` where the archive was not read to its end: then no member can be called missing."""
        if self.ended is not None:
            raise Judged(self.ended)


def read(path: Path, subject: Subject, section: ArchiveSection) -> Contents:
    """The contents of the archive ``path``, read once a process. Nothing is written to disk.

    Findings: ``archive.unsafe_name``, ``archive.kind``, ``archive.repeated``; at the end ``archive.format``,
    ``archive.unreadable``, ``archive.too_large``, ``artefact.unreadable``.
    """
    key = (subject, repr(section))
    if key not in _READ:
        _READ[key] = _read(path, subject.name, section)
    return _READ[key]


def forget() -> None:
    """Forget what was read, so that a benchmark or a test reads again."""
    _READ.clear()


def _read(path: Path, name: str, section: ArchiveSection) -> Contents:
    contents = Contents(name)
    wanted = posixpath.normpath(section.prefix + section.checksums)
    try:
        with path.open("rb") as file:
            for number, entry in enumerate(_entries(file, section.max_size), 1):
                if number > section.max_members:
                    raise TooLargeError
                _take(contents, entry, wanted)
    except TooLargeError:
        most = f"at most {section.max_size} bytes in {section.max_members} members"
        contents.ended = Finding(name, most, "more", "archive.too_large")
    except _Unknown:
        contents.ended = Finding(name, "a tar, tar.gz or zip archive", "none of these", "archive.format")
    except _DAMAGE as error:
        after = f"after {counted(len(contents.members), 'member')}"
        contents.ended = Finding(
            name, "an archive that is whole", f"{_damage_text(error)}, {after}", "archive.unreadable"
        )
    except OSError as error:
        reason = error.strerror or type(error).__name__
        contents.ended = Finding(name, "a readable file", reason, "artefact.unreadable")
    return contents


class _Unknown(Exception):
    """The file does not begin like any known archive."""


def _entries(file: IO[bytes], limit: int) -> Iterator[ArchiveEntry]:
    begin = file.read(512)
    file.seek(0)
    if begin.startswith(b"\x1f\x8b"):
        return tar.entries(LimitedStream(gzip.GzipFile(fileobj=file), limit))
    if begin.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return zipfiles.entries(file, limit)
    if begin[257:262] == b"ustar" or (begin and not begin.strip(b"\0")):
        return tar.entries(LimitedStream(file, limit))
    raise _Unknown


def _take(contents: Contents, entry: ArchiveEntry, wanted: str) -> None:
    where = contents.where(entry.name)
    if _OUTSIDE.match(entry.name) or not entry.name or ".." in entry.name.split("/"):
        observed = excerpt(entry.name, 200)
        unsafe = Finding(where, "a name inside the archive's own folder", observed, "archive.unsafe_name")
        contents.findings.append(unsafe)
        return
    if entry.kind == "folder":
        return
    if entry.kind != "file":
        contents.findings.append(Finding(where, "a plain file", entry.kind, "archive.kind"))
        return
    name = posixpath.normpath(entry.name)
    member = _digested(name, entry.blocks, keep=name == wanted)
    if name in contents.members:
        contents.findings.append(Finding(where, "each name once", "a second member", "archive.repeated"))
        return
    contents.members[name] = member


def _digested(name: str, blocks: Iterator[bytes], *, keep: bool) -> Member:
    digest, size, data = hashlib.sha256(), 0, bytearray()
    for block in blocks:
        digest.update(block)
        size += len(block)
        if keep and size <= _LARGEST_LIST:
            data += block
    return Member(name, digest.hexdigest(), size, bytes(data) if keep and size <= _LARGEST_LIST else None)


def _damage_text(error: BaseException) -> str:
    if isinstance(error, BrokenError):
        return str(error)
    if isinstance(error, EOFError):
        return "the end of the file inside compressed data"
    return {
        "NotImplementedError": "a compression that is not known",
        "BadZipFile": "damaged zip data",
        "BadGzipFile": "damaged gzip data",
        "error": "damaged compressed data",
    }.get(type(error).__name__, f"damaged data ({type(error).__name__})")
