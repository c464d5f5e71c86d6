"""The branches of the package that the suite's own tests go through, held to a floor (``pyproject.toml``)."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from tests.bench import PLUGINS, environment, run
from tests.campaign.ledger import Ledger

PART = "coverage"
LIMIT = 3600
"""Seconds."""
_ELSEWHERE = ("tests/test_installations.py", "tests/session/test_proof.py")
"""What they run, they run in other processes, which are not measured."""


def items() -> list[str]:
    """All of the package at once."""
    return ["branches"]


def measure(ledger: Ledger) -> Iterator[str]:
    """Runs the tests once under coverage; good where they pass and reach the floor."""
    for item in ledger.open_items(PART, items()):
        ignored = [f"--ignore={name}" for name in _ELSEWHERE]
        words = ["-q", "-n", "2", "--dist", "loadfile", "-c", "tests/pytest.ini", "--cov", "--cov-report=term", "tests"]
        done = run([sys.executable, "-m", "pytest", *words, *ignored], env=environment(PLUGINS), limit=LIMIT)
        found = re.search(r"^TOTAL .* (\d+)%$", done.stdout, re.MULTILINE)
        detail = f"{found[1]} %" if found else done.stdout[-500:] + done.stderr[-500:]
        ledger.note(PART, item, good=done.returncode == 0, told=detail)
        yield f"{'reached' if done.returncode == 0 else 'NOT REACHED'}  {item}  {detail}"
