"""The files that a check reads: artefacts of a run by pattern, or named files of the target's own tree."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from gatecourt.errors import Judged
from gatecourt.model import Finding, Run, Subject
from gatecourt.patterns import select

Origin = Literal["artefacts", "target"]
_WILDCARDS = frozenset("*?[]{}")


@dataclass(frozen=True, slots=True)
class Source:
    """A file on disk and the subject it is in evidence."""

    path: Path
    subject: Subject

    @property
    def name(self) -> str:
        """The relative name, with POSIX separators."""
        return self.subject.name


def subject(path: Path, name: str) -> Subject:
    """Name, SHA-256 and size of a file. Raises ``Judged`` (``artefact.unreadable``) where it cannot be read."""
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
                size += len(block)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Judged(Finding(name, "a readable file", reason, "artefact.unreadable")) from error
    return Subject(name, digest.hexdigest(), size)


def gather(files: Sequence[str], origin: Origin, run: Run, root: Path) -> tuple[Source, ...]:
    """The sources that ``files`` names, sorted: patterns over ``run``, or paths below the target's ``root``.

    Raises ``Judged`` (``artefact.unreadable``) for a named file of the target that is not there.
    """
    if origin == "target":
        return tuple(Source(root / name, subject(root / name, name)) for name in sorted(set(files)))
    return tuple(Source(run.path(name), run.files[name]) for name in select(run.files, files))


def require_relative(names: Iterable[str]) -> None:
    """Raise ``ValueError`` for a name that is empty, absolute or climbs out of its folder."""
    for name in names:
        path = PurePosixPath(name)
        if not name or path.is_absolute() or ".." in path.parts or "\\" in name:
            raise ValueError(f"expected a path below the target's root, found {name!r}")


def require_files(files: Sequence[str], origin: Origin) -> None:
    """Raise ``ValueError`` where ``files`` is empty, or where a file of the target is named by a pattern."""
    if not files:
        raise ValueError("files is empty: name at least one pattern")
    require_relative(files)
    for name in files:
        if origin == "target" and _WILDCARDS & set(name):
            raise ValueError(f'a file of origin = "target" is named in full, found the pattern {name!r}')
