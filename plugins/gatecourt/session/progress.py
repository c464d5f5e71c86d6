"""Prints on stderr which system is running, so that a long run does not look like a hanging one."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from gatecourt.session.session import GateSession


class Progress:
    """A thread of the controller that prints every few seconds which runs the session's processes are waiting for."""

    def __init__(self, session: GateSession, every: float) -> None:
        self.folder = session.folder / "running"
        self.every = every
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._print_runs, name="gatecourt-progress", daemon=True)

    def pytest_sessionstart(self) -> None:
        """Starts the thread."""
        # pytest captures file descriptor 2 while a test runs; a duplicate made before still reaches the terminal.
        self.terminal = os.fdopen(os.dup(2), "w", encoding="utf-8", errors="backslashreplace")
        self.thread.start()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Stops the thread before the summary is printed."""
        self.done.set()
        self.thread.join()
        self.terminal.close()

    def _print_runs(self) -> None:
        while not self.done.wait(self.every):
            for path in sorted(self.folder.glob("*")):
                self._print_run(path)

    def _print_run(self, path: Path) -> None:
        try:
            seconds = time.time() - path.stat().st_mtime
            description = path.read_text("utf-8")
        except OSError:
            return  # the run ended between the listing and this look at it
        if seconds >= self.every:
            print(f"\n[gatecourt] {description}: running for {seconds:.0f} s", file=self.terminal, flush=True)
