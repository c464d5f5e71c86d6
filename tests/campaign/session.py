"""One session of the suite in a process of its own, as a campaign starts it."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.bench import PLUGINS, Done, environment
from tests.bench import run as finish

LIMIT = 1800
"""Seconds."""


def command(target: Path, reports: Path, *arguments: str) -> list[str]:
    """The command line that judges ``target`` and reports into ``reports``."""
    return [sys.executable, "-m", "pytest", "-q", f"--target={target}", f"--reports={reports}", *arguments]


def run(target: Path, reports: Path, *arguments: str) -> Done:
    """The finished session with what it printed."""
    return finish(command(target, reports, *arguments), env=environment(PLUGINS), limit=LIMIT)
