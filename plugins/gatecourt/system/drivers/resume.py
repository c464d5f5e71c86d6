"""What lies in a work folder before its run starts: copied inputs or, in a continued run, all that another one left."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.system.drivers import files, isolation
from gatecourt.system.drivers.isolation import Copy, Input
from gatecourt.system.drivers.record import WORK, Record

_GROUND = "ground"


@dataclass(frozen=True)
class Contents:
    """``copies`` are the copied inputs by name, ``inherited`` the other files by path, each as before the run."""

    copies: Mapping[str, Copy]
    inherited: Mapping[Path, Copy] = field(default_factory=dict)


def continued(earlier: Path, record: Record, inputs: Sequence[Input], work: Path) -> Contents:
    """Copy what the run remembered in the folder ``earlier`` left into the fresh ``work``, byte for byte, with times.

    Links are copied as links; sockets, pipes and devices cannot be copied and are left out. An input that the earlier
    run has changed belongs to what it left. Raises ``Judged`` (``run.output_unreadable``).
    """
    try:
        if (earlier / WORK).is_dir():
            shutil.copytree(earlier / WORK, work, symlinks=True, ignore=_special, dirs_exist_ok=True)
        present = _present(work, _known(record))
    except (OSError, shutil.Error) as error:
        observed = f"not to be copied: {_said(error)}"
        raise Judged(Finding("out", "an earlier run to continue", observed, "run.output_unreadable")) from error
    declared = {item.name: item.sha256 for item in inputs}
    copies = {name: copy for name, copy in present.items() if name in declared}
    inherited = {copy.path: copy for name, copy in present.items() if declared.get(name) != copy.sha256}
    return Contents(copies, inherited)


def ground(earlier: Path | None, own: str) -> str:
    """Where a run takes place: where the one that it goes on with did, else on the ground that is its ``own``."""
    return own if earlier is None else (earlier / _GROUND).read_text()


def note_ground(folder: Path, place: str) -> None:
    """Remember for later runs where the one of ``folder`` took place."""
    (folder / _GROUND).write_text(place)


def _known(record: Record) -> dict[str, str]:
    """The digests that the earlier run's own record holds, by name below its work folder."""
    below = Path(record.out).relative_to(WORK)
    return {(below / name).as_posix(): subject.sha256 for name, subject in record.files.items()}


def _present(work: Path, known: Mapping[str, str]) -> dict[str, Copy]:
    entries = sorted(files.walk(work), key=lambda entry: entry.name)
    return {
        entry.name: isolation.as_it_lies(entry.path, known.get(entry.name)) for entry in entries if entry.kind == "file"
    }


def _special(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if _is_special(os.lstat(os.path.join(folder, name)).st_mode)]  # noqa: PTH118 - as shutil has it


def _is_special(mode: int) -> bool:
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode))


def _said(error: OSError) -> str:
    """The reason without the temporary paths that ``shutil`` puts into it."""
    if isinstance(error, shutil.Error):
        return f"{len(error.args[0])} files"
    return error.strerror or type(error).__name__
