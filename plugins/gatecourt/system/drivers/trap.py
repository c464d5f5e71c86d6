"""A run with a trap set: where the trap lies, where it tells, and how what it told is read afterwards."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from gatecourt.mechanisms.entropy.trap import Trap, environment

TRAPS = ("shallow", "deep", "network")
TRAP_LOG = "entropy.jsonl"


def variables(kind: str, logs: Path, root: Path, work: Path, inherited: Mapping[str, str]) -> dict[str, str]:
    """The variables that set the trap: that of the network, or that of entropy, which ``deep`` also charges for reads
    inside libraries to the target's calling line."""
    traps: tuple[Trap, ...] = ("network",) if kind == "network" else ("entropy",)
    return environment(logs / "trap", logs / TRAP_LOG, [root, work], inherited, deep=kind == "deep", traps=traps)


def relocate(logs: Path, work: Path, to: Path) -> None:
    """Make the log name the work folder where it stays, not where the run had it."""
    log = logs / TRAP_LOG
    if log.exists():
        old, new = (json.dumps(str(path))[1:-1].encode() for path in (work, to))
        log.write_bytes(log.read_bytes().replace(old, new))
