"""A run with the entropy trap set: where the trap lies, where it tells, and how what it told is read afterwards."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gatecourt.model import Run

if TYPE_CHECKING:
    from gatecourt.entropy import TrapLog

TRAPS = ("shallow", "deep")
_LOG = "entropy.jsonl"


def variables(kind: str, logs: Path, root: Path, work: Path, inherited: Mapping[str, str]) -> dict[str, str]:
    """The variables that set the trap. ``deep`` also charges reads inside libraries to the target's calling line."""
    from gatecourt import entropy  # only a trapped run pays for the import

    return entropy.environment(logs / "trap", logs / _LOG, [root, work], inherited, deep=kind == "deep")


def relocate(logs: Path, work: Path, to: Path) -> None:
    """Make the log name the work folder where it stays, not where the run had it."""
    log = logs / _LOG
    if log.exists():
        old, new = (json.dumps(str(path))[1:-1].encode() for path in (work, to))
        log.write_bytes(log.read_bytes().replace(old, new))


def trap_log(run: Run, root: Path) -> TrapLog:
    """What a trapped run of the target at ``root`` told. A run without a trap told nothing."""
    from gatecourt import entropy

    folder = run.root if run.work is None else run.work.parent
    return entropy.read_trap(folder / "logs" / _LOG, [root, folder / "work"])
