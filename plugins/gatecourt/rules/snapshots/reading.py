"""The snapshots of a section: plain JSON is read strictly, a pickle never, and a sidecar is no snapshot of its own."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json, Subject
from gatecourt.core.protocols import Target
from gatecourt.formats import pointer
from gatecourt.formats.files import Source, gather, in_tree, left_by, open_regular
from gatecourt.formats.patterns import select
from gatecourt.formats.strictjson import read
from gatecourt.rules.snapshots.section import SnapshotsSection

ABSENT: Any = object()
_SUFFIXES = (".pkl", ".pickle", ".pt", ".joblib")
_PROTOCOLS = frozenset({2, 3, 4, 5})


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One snapshot that could be read."""

    source: Source
    document: Json

    @property
    def name(self) -> str:
        """The relative name."""
        return self.source.name

    def at(self, place: str) -> Any:
        """The value at a pointer; ``ABSENT`` where there is none."""
        return value_at(self.document, place)


@dataclass(frozen=True, slots=True)
class Pickle:
    """A file that runs code when it is loaded, and the sidecar that speaks for it, if there is one."""

    source: Source
    sidecar: Source | None


@dataclass(frozen=True, slots=True)
class Snapshots:
    """All files of the section: snapshots, pickles, and why others could not be read."""

    sources: tuple[Source, ...]
    read: tuple[Snapshot, ...]
    pickles: tuple[Pickle, ...]
    findings: tuple[Finding, ...]

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """All that was looked at."""
        return tuple(source.subject for source in self.sources)

    def only(self, patterns: Sequence[str]) -> tuple[Snapshot, ...]:
        """The read snapshots whose name matches a pattern."""
        names = set(select([snapshot.name for snapshot in self.read], patterns))
        return tuple(snapshot for snapshot in self.read if snapshot.name in names)


def read_snapshots(section: SnapshotsSection, target: Target) -> Snapshots:
    """The snapshots that the section names, of the target's run or of its tree. Raises ``Judged`` as runs do."""
    if section.origin == "target":
        sources: tuple[Source, ...] = in_tree(target.root, section.files)
    else:
        sources = gather(section.files, "artefacts", left_by(section.of, target), target.root)
    return sorted_out(section, sources)


def sorted_out(section: SnapshotsSection, sources: tuple[Source, ...]) -> Snapshots:
    """The files told apart and read.

    Rules: ``snapshots.none`` and those of reading JSON.
    """
    pickles = [source for source in sources if is_pickle(source)]
    known = {f"{source.name}.json" for source in pickles}
    sidecars = {source.name: source for source in sources if source.name in known}
    plain = [source for source in sources if source not in pickles and source.name not in known]
    findings: list[Finding] = []
    read_ones: list[Snapshot] = []
    if not plain:
        observed = "pickles alone" if pickles else "no file"
        findings.append(Finding(", ".join(section.files), "at least one snapshot in JSON", observed, "snapshots.none"))
    for source in plain:
        try:
            read_ones.append(Snapshot(source, read(source.path, source.name)))
        except Judged as judged:
            findings.append(judged.finding)
    told = tuple(Pickle(source, sidecars.get(f"{source.name}.json", _beside(source))) for source in pickles)
    return Snapshots(sources, tuple(read_ones), told, tuple(findings))


def is_pickle(source: Source) -> bool:
    """Whether the file is one by its suffix, its first bytes, or as a zip that holds one."""
    if source.name.lower().endswith(_SUFFIXES):
        return True
    try:
        with open_regular(source.path) as stream:
            head = stream.read(4)
    except OSError:
        return False
    if head[:1] == b"\x80" and len(head) > 1 and head[1] in _PROTOCOLS:
        return True
    return head == b"PK\x03\x04" and _holds_pickle(source.path)


def value_at(document: Json, place: str) -> Any:
    """The value at a pointer of a document; ``ABSENT`` where there is none."""
    return pointer.find(document, place, ABSENT)


def _holds_pickle(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.rpartition("/")[2] == "data.pkl" for name in archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def _beside(source: Source) -> Source | None:
    """The sidecar that lies beside the pickle, where the patterns do not name it."""
    from gatecourt.formats.files import subject

    path = source.path.with_name(f"{source.path.name}.json")
    name = f"{source.name}.json"
    return Source(path, subject(path, name)) if path.is_file() else None
