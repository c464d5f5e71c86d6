"""The commit that a folder is checked out at."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path


def revision(folder: Path) -> str | None:
    """The commit of the git checkout around ``folder``, 40 hex digits, or None where there is none to be had."""
    git = shutil.which("git")
    if git is None:
        return None
    command = [git, "-C", str(folder), "rev-parse", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)  # noqa: S603 - fixed words
    return done.stdout.strip() or None
