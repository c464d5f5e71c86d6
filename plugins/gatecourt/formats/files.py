"""Files at rest, and those that a check reads: artefacts of a run by pattern, or files of the target's own tree.

What is judged is never a pipe or a device, which may not answer.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path, PurePosixPath
from typing import Literal

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Run, Subject
from gatecourt.core.protocols import Target
from gatecourt.formats.patterns import select

Origin = Literal["artefacts", "target"]
_SKIPPED = frozenset({".git", "__pycache__", ".venv", "node_modules"})
_LONG = 120  # characters of a folder of folders that are shown
_WILDCARDS = frozenset("*?[]{}")


def open_regular(path: Path) -> BufferedReader:
    """A plain file opened for reading. Raises ``OSError``, also for a pipe, a device or a folder."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise OSError(errno.EINVAL, "not a regular file")
    return path.open("rb")


def real_path(path: Path) -> Path:
    """Where ``path`` leads. Links in a circle are no error: the path is then one that cannot be opened."""
    return Path(os.path.realpath(path))


def sha256_file(path: Path) -> tuple[str, int]:
    """SHA-256 (64 hex digits) and the number of bytes digested, in one pass of constant memory. Raises ``OSError``."""
    with open_regular(path) as stream:
        digest = hashlib.file_digest(stream, "sha256")
        return digest.hexdigest(), stream.tell()


def subject(path: Path, name: str) -> Subject:
    """The file ``path`` as a thing that is judged under ``name``. Raises ``Judged`` (``artefact.unreadable``)."""
    try:
        sha256, size = sha256_file(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Judged(Finding(name, "a readable file", reason, "artefact.unreadable")) from error
    return Subject(name, sha256, size)


@dataclass(frozen=True, slots=True)
class Source:
    """A file on disk and the subject it is in evidence."""

    path: Path
    subject: Subject

    @property
    def name(self) -> str:
        """The relative name, with POSIX separators."""
        return self.subject.name


def gather(files: Sequence[str], origin: Origin, run: Run, root: Path) -> tuple[Source, ...]:
    """The sources that ``files`` names, sorted: patterns over ``run``, or paths below the target's ``root``.

    Raises ``Judged`` (``artefact.unreadable``) for a named file of the target that is not there.
    """
    if origin == "target":
        return tuple(Source(root / name, subject(root / name, name)) for name in sorted(set(files)))
    return tuple(Source(run.path(name), run.files[name]) for name in select(run.files, files))


def left_by(of: str, target: Target) -> Run:
    """What the command ``of`` left; "run" is what is judged by default. Raises ``Judged`` as runs do."""
    return target.artefacts() if of == "run" else target.command(of)


def run_behind(origin: Origin, of: str, target: Target) -> Run:
    """What the command ``of`` left or, for files of the target's own tree, no run at all."""
    return Run(target.root, {}) if origin == "target" else left_by(of, target)


def in_tree(root: Path, patterns: Sequence[str]) -> tuple[Source, ...]:
    """The files below ``root`` that the patterns match, sorted; version control, caches and environments are left out.

    Raises ``Judged`` (``artefact.none``, ``artefact.unreadable``).
    """
    names = select(_tree(root), patterns)
    if not names:
        raise Judged(Finding(", ".join(patterns), "at least one file", "none", "artefact.none"))
    return tuple(Source(root / name, subject(root / name, name)) for name in names)


def _tree(root: Path) -> Iterator[str]:
    pending = [""]
    while pending:
        prefix = pending.pop()
        try:
            with os.scandir(root / prefix) as entries:
                for entry in entries:
                    if entry.name in _SKIPPED:
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(f"{prefix}{entry.name}/")
                    elif entry.is_file():
                        yield f"{prefix}{entry.name}"
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise Judged(Finding(_brief(prefix), "a readable folder", reason, "artefact.unreadable")) from error


def _brief(folder: str) -> str:
    return folder if len(folder) <= _LONG else f"{folder[:_LONG]}…"


def require_relative(names: Iterable[str]) -> None:
    """Raise ``ValueError`` for a name that is empty, absolute or climbs out of its folder."""
    for name in names:
        path = PurePosixPath(name)
        if not name or path.is_absolute() or ".." in path.parts or "\\" in name:
            raise ValueError(f"expected a path below the target's root, found {name!r}")


def require_full_names(files: Sequence[str], origin: Origin) -> None:
    """Raise ``ValueError`` for a pattern among the files of a section whose ``origin`` is "target"."""
    patterns = [name for name in files if _WILDCARDS & set(name)]
    if origin == "target" and patterns:
        raise ValueError(f'files: with origin = "target" each file is named in full, found the pattern {patterns[0]!r}')


def require_files(files: Sequence[str], origin: Origin) -> None:
    """Raise ``ValueError`` where ``files`` is empty, or where a file of the target is named by a pattern."""
    if not files:
        raise ValueError("files is empty: name at least one pattern")
    require_relative(files)
    for name in files:
        if origin == "target" and _WILDCARDS & set(name):
            raise ValueError(f'a file of origin = "target" is named in full, found the pattern {name!r}')
