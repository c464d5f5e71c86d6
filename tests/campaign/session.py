"""One session of the suite in a process of its own, as a campaign starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def command(target: Path, reports: Path, *arguments: str) -> list[str]:
    """The command line that judges ``target`` and reports into ``reports``."""
    return [sys.executable, "-m", "pytest", "-q", f"--target={target}", f"--reports={reports}", *arguments]


def run(target: Path, reports: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The finished session with what it printed."""
    return subprocess.run(
        command(target, reports, *arguments), cwd=ROOT, env=environment(), text=True, capture_output=True, check=False
    )


def environment() -> dict[str, str]:
    """The environment of a session: what the user has, without options for pytest."""
    return {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
