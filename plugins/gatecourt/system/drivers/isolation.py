"""What goes into a run and what comes out of it: inputs copied in and watched, outputs that the run itself wrote."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Subject
from gatecourt.formats.files import real_path
from gatecourt.formats.patterns import select
from gatecourt.system.drivers import files
from gatecourt.system.drivers.files import Entry

_NOTHING: Mapping[Path, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Input:
    """One declared input: its name relative to the target's root, the file itself, its digest before the run."""

    name: str
    path: Path
    sha256: str


@dataclass(frozen=True)
class Copy:
    """A file as it lies in the work folder before the run: its digest, and the state that any writing changes."""

    path: Path
    sha256: str
    state: tuple[int, int, int]


def declared_inputs(root: Path, patterns: Sequence[str], skip: Path | None = None) -> tuple[Input, ...]:
    """The files below ``root`` that the patterns name, digested, sorted by name.

    Raises ``Judged``: ``run.input_missing`` for a pattern without a file, ``run.input_refused`` for a link out of the
    root, a link to a folder or anything that is no file, ``run.input_unreadable``.
    """
    base = root.resolve()
    entries = _listed(base, patterns, skip)
    for pattern in patterns:
        if not select(entries, [pattern]):
            raise Judged(_missing(base, pattern))
    return tuple(_input(base, entries[name]) for name in select(entries, patterns))


def copy_in(inputs: Sequence[Input], work: Path) -> dict[str, Copy]:
    """Copy the inputs into the work folder. Raises ``Judged`` where one has changed since it was digested."""
    copies = {}
    for item in inputs:
        to = work / item.name
        with _readable(item.name):
            if files.copy(item.path, to) != item.sha256:
                raise Judged(_changed(item.name, "other content while it was copied"))
        copies[item.name] = as_it_lies(to, item.sha256)
    return copies


def as_it_lies(path: Path, sha256: str | None = None) -> Copy:
    """The file at ``path`` as it is now; it is read only where its digest is not known already."""
    return Copy(path, sha256 or files.digest(path), _state(path))


def changed_inputs(inputs: Sequence[Input]) -> list[Finding]:
    """The inputs in the target's own tree that are not what they were."""
    found = []
    for item in inputs:
        try:
            same = files.digest(item.path) == item.sha256
        except FileNotFoundError:
            found.append(_changed(item.name, "deleted"))
        except OSError as error:
            found.append(_changed(item.name, f"no longer readable: {error.strerror}"))
        else:
            found += [] if same else [_changed(item.name, "other content")]
    return found


def neighbours(root: Path, inputs: Sequence[Input]) -> frozenset[str]:
    """The names of all files in the folders of the target's tree that hold an input."""
    base = root.resolve()
    folders = {PurePosixPath(item.name).parent for item in inputs}
    return frozenset((folder / name).as_posix() for folder in folders for name in _names(base / folder))


def new_neighbours(before: frozenset[str], after: frozenset[str]) -> list[Finding]:
    """The files that appeared in the target's tree, beside its inputs, during a run."""
    return [
        Finding(files.readable_name(name), "nothing written into the target's tree", "a new file", "run.root_written")
        for name in sorted(after - before)
    ]


def changed_copies(copies: Mapping[str, Copy], out: Path) -> list[Finding]:
    """The copied inputs outside the output folder that the run has written over or deleted."""
    found = []
    for name, item in sorted(copies.items()):
        if item.path.is_relative_to(out):
            continue
        if what := _what_happened(item):
            found.append(Finding(name, "the copied input unchanged by the run", what, "run.input_copy_changed"))
    return found


def outputs(
    out: Path, copies: Mapping[str, Copy], started: int, inherited: Mapping[Path, Copy] = _NOTHING
) -> tuple[dict[str, Subject], list[Finding]]:
    """The files below ``out`` that the run wrote or inherited, and what was found there instead of such files.

    An untouched copy of an input is no output and no finding, unless it is among what was inherited. ``started`` is a
    modification time, in nanoseconds, from before the start: a file that carries an older one and was not inherited
    was not written by the run (``run.output_older``). Links and special files are refused (``run.output_refused``),
    files that cannot be read told (``run.output_unreadable``).
    """
    copied = {item.path: item for item in copies.values() if item.path not in inherited}
    found: dict[str, Subject] = {}
    notes: list[Finding] = []
    for entry in sorted(_entries(out), key=lambda entry: entry.name):
        if entry.path in copied and _untouched(copied[entry.path]):
            continue
        judged = _output(entry, 0 if entry.path in inherited else started)
        if isinstance(judged, Subject):
            found[entry.name] = judged
        else:
            notes.append(judged)
    return found, notes


def written(out: Path, names: Iterable[str], inherited: Mapping[Path, Copy]) -> frozenset[str]:
    """The outputs that a run did not just inherit as they are."""
    paths = ((name, out / name) for name in names)
    return frozenset(name for name, path in paths if path not in inherited or not _untouched(inherited[path]))


def kind_in_words(entry: Entry) -> str:
    """What an entry that is no file is."""
    return "a symbolic link" if entry.kind == "link" else "a pipe, socket or device"


def _listed(base: Path, patterns: Sequence[str], skip: Path | None) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for start in files.starts(patterns):
        folder = base / start
        if not real_path(folder).is_relative_to(base):
            raise Judged(_refused(start, "a symbolic link that leaves it"))
        if folder.is_dir():
            with _readable(start or "."):
                found |= {entry.name: entry for entry in files.walk(folder, start, skip=skip)}
    return found


def _input(base: Path, entry: Entry) -> Input:
    name = files.readable_name(entry.name)
    if name != entry.name:
        raise Judged(_refused(name, "a name that is not UTF-8"))
    if entry.kind == "special":
        raise Judged(_refused(name, kind_in_words(entry)))
    path = real_path(entry.path) if entry.kind == "link" else entry.path
    if not path.is_relative_to(base):
        raise Judged(_refused(name, "a symbolic link that leaves it"))
    if entry.kind == "link" and not path.is_file():
        raise Judged(_refused(name, "a symbolic link to no file"))
    with _readable(name):
        return Input(name, path, files.digest(path))


def _missing(base: Path, pattern: str) -> Finding:
    if (base / pattern).is_dir():
        folder = pattern.rstrip("/")
        return Finding(folder, "files", f"a folder; write '{folder}/**' for all that it holds", "run.input_missing")
    return Finding(pattern, "at least one file below the target's root", "none", "run.input_missing")


def _refused(name: str, observed: str) -> Finding:
    return Finding(name, "a file inside the target's root", observed, "run.input_refused")


def _changed(name: str, observed: str) -> Finding:
    return Finding(name, "the input unchanged by the run", observed, "run.inputs_changed")


@contextlib.contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Judged(Finding(name, "a readable input", str(error.strerror), "run.input_unreadable")) from error


def _names(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries if not entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []


def _entries(out: Path) -> list[Entry]:
    if not out.is_dir() or out.is_symlink():
        return []
    try:
        return list(files.walk(out))
    except OSError as error:
        name = Path(str(error.filename)).relative_to(out).as_posix()
        raise Judged(Finding(name, "a readable output", str(error.strerror), "run.output_unreadable")) from error


def _output(entry: Entry, started: int) -> Subject | Finding:
    name = files.readable_name(entry.name)
    if name != entry.name:
        return Finding(name, "a file name in UTF-8", "bytes that are not", "run.output_refused")
    if entry.kind != "file":
        return Finding(name, "a file", kind_in_words(entry), "run.output_refused")
    if entry.path.stat().st_mtime_ns < started:
        return Finding(name, "a file written by the run", "a modification time before its start", "run.output_older")
    try:
        return files.subject(name, entry.path)
    except OSError as error:
        return Finding(name, "a readable output", str(error.strerror), "run.output_unreadable")


def _state(path: Path) -> tuple[int, int, int]:
    found = path.lstat()
    return found.st_ino, found.st_size, found.st_mtime_ns


def _untouched(item: Copy) -> bool:
    return _state(item.path) == item.state and files.digest(item.path) == item.sha256


def _what_happened(item: Copy) -> str:
    try:
        if item.path.is_symlink() or not item.path.is_file():
            return "no longer a file" if os.path.lexists(item.path) else "deleted"
        return "" if files.digest(item.path) == item.sha256 else "other content"
    except OSError as error:
        return f"no longer readable: {error.strerror}"
