"""A run with the entropy trap set: where the trap lies, where it tells, and how what it told is read afterwards."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from gatecourt.entropy.trap import environment

TRAPS = ("shallow", "deep")
TRAP_LOG = "entropy.jsonl"


def variables(kind: str, logs: Path, root: Path, work: Path, inherited: Mapping[str, str]) -> dict[str, str]:
    """The variables that set the trap. ``deep`` also charges reads inside libraries to the target's calling line."""
    return environment(logs / "trap", logs / TRAP_LOG, [root, work], inherited, deep=kind == "deep")


def relocate(logs: Path, work: Path, to: Path) -> None:
    """Make the log name the work folder where it stays, not where the run had it."""
    log = logs / TRAP_LOG
    if log.exists():
        old, new = (json.dumps(str(path))[1:-1].encode() for path in (work, to))
        log.write_bytes(log.read_bytes().replace(old, new))
