"""The commit that a folder is checked out at."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path


def revision(folder: Path) -> str | None:
    """The commit of the git checkout around ``folder``, 40 hex digits, or None where there is none to be had.

    Where anything below ``folder`` is not as committed, ``-dirty`` follows: such a tree is no commit.
    """
    commit = _git(folder, "rev-parse", "HEAD")
    if not commit:
        return None
    return f"{commit}-dirty" if _git(folder, "status", "--porcelain", "--", ".") else commit


def _git(folder: Path, *words: str) -> str:
    git = shutil.which("git")
    if git is None:
        return ""
    command = [git, "-C", str(folder), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)  # noqa: S603 - fixed words
    return done.stdout.strip()
