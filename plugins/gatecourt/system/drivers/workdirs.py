"""The folders in which runs take place: fresh for each run, at the same path for every plain one."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock


@dataclass(frozen=True)
class Places:
    """The folders of one run, each fresh and empty when it starts."""

    work: Path
    tmp: Path
    home: Path


def places(base: Path, perturb: Iterable[str]) -> Places:
    """Where below ``base`` a run has its folders: equal for equal perturbations."""
    changed = set(perturb)
    return Places(
        work=base / ("elsewhere/below/longer/work" if "cwd" in changed else "work"),
        tmp=base / ("tmp_elsewhere" if "temp" in changed else "tmp"),
        home=base / ("home_elsewhere" if "home" in changed else "home"),
    )


@contextlib.contextmanager
def reserved(base: Path, where: Places) -> Iterator[None]:
    """Make the folders fresh and empty, for this run alone; afterwards all but the work folder are deleted."""
    base.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileLock(base / "places.lock"):
        for folder in (where.work, where.tmp, where.home):
            remove(folder)
            folder.mkdir(parents=True, mode=0o700)
        yield
        remove(where.tmp)
        remove(where.home)


def keep(work: Path, to: Path) -> None:
    """Move a work folder to where it stays."""
    if work.is_dir() and not work.is_symlink():
        work.chmod(0o700)
        work.rename(to)


def remove(folder: Path) -> None:
    """Delete a folder, also one whose permissions the run has taken away."""

    def allow(_function: Callable[..., Any], path: str, _error: object) -> None:
        Path(path).parent.chmod(0o700)
        if Path(path).is_dir():
            Path(path).chmod(0o700)
            shutil.rmtree(path, ignore_errors=True)
        else:
            Path(path).unlink(missing_ok=True)

    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder, onerror=allow)
    else:
        folder.unlink(missing_ok=True)
