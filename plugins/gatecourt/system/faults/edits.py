"""Applies the edits of a fault to a copy, never to the original, and proves that each one changed something."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gatecourt.core.errors import FaultError
from gatecourt.formats import patterns
from gatecourt.system.faults import database, documents, texts
from gatecourt.system.faults.section import Edit, Fault, Kind

_CONTENT: Mapping[str, Callable[[Edit, bytes], bytes]] = {
    "replace_text": texts.replace_text,
    "set_value": documents.change_value,
    "remove_value": documents.change_value,
    "drop_lines": texts.drop_lines,
    "duplicate_lines": texts.duplicate_lines,
    "swap_lines": texts.swap_lines,
    "truncate": texts.truncate,
    "append_text": texts.append_text,
    "write_text": texts.write_text,
    "write_bytes": texts.write_bytes,
}
_SIDECARS = ("", "-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class AppliedEdit:
    """One file that an edit changed: the edit's number from 1, the file's SHA-256 before and after.

    ``before`` is None for a file that is new, ``after`` for one that is deleted.
    """

    number: int
    kind: Kind
    file: str
    before: str | None
    after: str | None


def apply(fault: Fault, folder: Path, sandbox: Path) -> tuple[AppliedEdit, ...]:
    """Applies the fault's edits in their order to the copy in ``folder``, which must lie below ``sandbox``.

    Raises ``FaultError`` naming fault, edit and file if the copy lies elsewhere or an edit does not apply; the copy is
    then of no use. A file that is hard-linked to the original is parted from it first.
    """
    if sandbox.resolve() not in folder.resolve().parents or not folder.is_dir():
        raise FaultError(f"fault {fault.id}: the edits need a copy below the sandbox, {folder} is none")
    return tuple(applied for number, edit in enumerate(fault.edit, 1) for applied in _each(fault, number, edit, folder))


def _each(fault: Fault, number: int, edit: Edit, folder: Path) -> Iterator[AppliedEdit]:
    file = edit.file
    try:
        for file in _files(edit, folder):
            before, after = _applied(edit, folder, file)
            yield AppliedEdit(number, edit.kind, file, before, after)
    except (FaultError, OSError, RecursionError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        raise FaultError(f"fault {fault.id}: edit {number} ({edit.kind}) of {file}: {reason}") from error


def _files(edit: Edit, folder: Path) -> list[str]:
    """The files that the edit means, sorted, relative to the folder."""
    if _creates(edit) or os.path.lexists(folder / edit.file):
        return [edit.file]
    names = patterns.select(_names(folder), [edit.file])
    if not names:
        raise FaultError("no such file")
    if len(names) > 1 and not edit.all:
        raise FaultError(f"the pattern matches {len(names)} files, expected 1 (all = true edits each)")
    return names


def _creates(edit: Edit) -> bool:
    return edit.new and edit.kind.startswith("write_")


def _names(folder: Path) -> Iterator[str]:
    for place, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            path = Path(place, name)
            if path.is_symlink() or path.is_file():
                yield path.relative_to(folder).as_posix()


def _applied(edit: Edit, folder: Path, file: str) -> tuple[str | None, str | None]:
    """Edits one file and gives its digests before and after."""
    _refuse_links(folder, file)
    path = folder / file
    if _creates(edit):
        return None, _created(edit, path)
    if not path.is_file():
        raise FaultError("not a file" if path.exists() else "no such file")
    data = path.read_bytes()
    before = _digest(data)
    if edit.kind == "delete_file":
        path.unlink()
        return before, None
    after = _digest(_in_place(edit, path, data))
    if before == after:
        raise FaultError("the content stays the same")
    return before, after


def _refuse_links(folder: Path, file: str) -> None:
    path = folder
    for part in Path(file).parts:
        path /= part
        if path.is_symlink():
            raise FaultError(f"{path.relative_to(folder).as_posix()} is a symbolic link")


def _created(edit: Edit, path: Path) -> str:
    if path.exists():
        raise FaultError("the file is already there")
    path.parent.mkdir(parents=True, exist_ok=True)
    data = _CONTENT[edit.kind](edit, b"")
    path.write_bytes(data)
    return _digest(data)


def _in_place(edit: Edit, path: Path, data: bytes) -> bytes:
    """The file's content after the edit."""
    if edit.kind == "sql":
        for suffix in _SIDECARS:
            _part(path.with_name(path.name + suffix))
        database.run_statements(edit.statements, path)
        return path.read_bytes()
    result = _CONTENT[edit.kind](edit, data)
    _replace(path, lambda fresh: fresh.write_bytes(result))
    return result


def _part(path: Path) -> None:
    """Gives the path a file of its own where it shares one with the original by a hard link."""
    if path.exists() and path.stat().st_nlink > 1:
        _replace(path, lambda fresh: shutil.copyfile(path, fresh))


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    """Puts a fresh file with the same permissions in the place of the old one."""
    fresh = path.with_name(f".{path.name}.edited")
    write(fresh)
    shutil.copymode(path, fresh)
    fresh.replace(path)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
