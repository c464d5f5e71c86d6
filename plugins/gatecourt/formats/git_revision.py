"""The commit that a folder is checked out at."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path


def revision(folder: Path, ignored: Path | None = None) -> str | None:
    """The commit of the git checkout around ``folder``, 40 hex digits, or None where there is none to be had.

    Where anything below ``folder`` is not as committed, ``-dirty`` follows: such a tree is no commit. Our own reports,
    below ``ignored``, do not count.
    """
    commit = _git(folder, "rev-parse", "HEAD")
    if not commit:
        return None
    return f"{commit}-dirty" if _git(folder, "status", "--porcelain", "--", ".", *_exclude(folder, ignored)) else commit


def _exclude(folder: Path, ignored: Path | None) -> list[str]:
    if ignored is None:
        return []
    base, inner = folder.resolve(), ignored.resolve()
    return [f":(exclude,literal){inner.relative_to(base)}"] if inner != base and inner.is_relative_to(base) else []


def resolve(folder: Path, name: str) -> str:
    """The commit that ``name`` (HEAD, a branch, short digits) means in the checkout of ``folder``, else ``name``."""
    if name.startswith("-"):
        return name
    return _git(folder, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}") or name


def _git(folder: Path, *words: str) -> str:
    git = shutil.which("git")
    if git is None:
        return ""
    command = [git, "-C", str(folder), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)  # noqa: S603 - fixed words
    return done.stdout.strip()
