"""Files on disk as subjects: listed without following links, digested once for each state that they are in."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gatecourt.core.model import Subject

_BLOCK = 1 << 20
_SETTLED = 50_000_000  # ns; a file touched later than that may change again within one tick of the clock that stamps it
_MAGIC = frozenset("*?[{!")

_State = tuple[int, int, int, int, int]
_digests: dict[str, tuple[_State, str]] = {}


@dataclass(frozen=True)
class Entry:
    """One name that is no folder, found below a folder: relative, with POSIX separators."""

    name: str
    path: Path
    kind: str
    """``file``, ``link`` or, for anything else that cannot be read as a file, ``special``."""


def walk(folder: Path, prefix: str = "", *, skip: Path | None = None) -> Iterator[Entry]:
    """Every entry below ``folder``, in no promised order; links are named, never followed.

    Raises ``OSError`` for a folder that cannot be read. ``skip`` is left out with all that it holds.
    """
    pending = [(folder, prefix)]
    while pending:
        folder, prefix = pending.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                path = Path(entry.path)
                if path == skip:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    pending.append((path, f"{prefix}{entry.name}/"))
                else:
                    yield Entry(f"{prefix}{entry.name}", path, _kind(entry))


def fixed_part(pattern: str) -> str:
    """The folders at the start of ``pattern`` that hold no wildcard, with a slash at the end, or nothing."""
    parts = pattern.split("/")[:-1]
    fixed = next((place for place, part in enumerate(parts) if _MAGIC & set(part)), len(parts))
    return "".join(f"{part}/" for part in parts[:fixed])


def starts(patterns: Sequence[str]) -> list[str]:
    """The folders below which all matches of ``patterns`` lie, none inside another; '' is the root itself."""
    found: list[str] = []
    for start in sorted({fixed_part(pattern) for pattern in patterns}):
        if not any(start.startswith(other) for other in found):
            found.append(start)
    return found


def subject(name: str, path: Path) -> Subject:
    """The file at ``path`` as a subject called ``name``. Raises ``OSError`` where it cannot be read."""
    found = path.stat()
    return Subject(name, digest(path), found.st_size)


def digest(path: Path) -> str:
    """SHA-256 of a file, from memory where neither its inode, size nor change time has moved since."""
    key = os.fspath(path)
    state = _state(path)
    known = _digests.get(key)
    if known is not None and known[0] == state:
        return known[1]
    with path.open("rb") as file:
        value = hashlib.file_digest(file, "sha256").hexdigest()
    if time.time_ns() - state[4] > _SETTLED and _state(path) == state:
        _digests[key] = (state, value)
    return value


def copy(source: Path, to: Path) -> str:
    """Copy content, permissions and modification time; returns the SHA-256 of what was copied.

    Never a hard link: a run could write through it.
    """
    to.parent.mkdir(parents=True, exist_ok=True)
    sum_ = hashlib.sha256()
    with source.open("rb") as reading, to.open("xb") as writing:
        found = os.fstat(reading.fileno())
        while block := reading.read(_BLOCK):
            sum_.update(block)
            writing.write(block)
    to.chmod(stat.S_IMODE(found.st_mode) & 0o777)
    os.utime(to, ns=(found.st_mtime_ns, found.st_mtime_ns))
    return sum_.hexdigest()


def readable_name(name: str) -> str:
    """A file name that can be printed and stored: what is not UTF-8 in it is escaped."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _kind(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "link"
    return "file" if entry.is_file(follow_symlinks=False) else "special"


def _state(path: Path) -> _State:
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
