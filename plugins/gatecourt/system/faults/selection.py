"""Which of a target's faults a session proves: all, one of each kind, or those that are named."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from gatecourt.core.errors import FaultError
from gatecourt.system.faults.section import Fault


def choose(faults: Sequence[Fault], words: str) -> list[Fault]:
    """``all``, ``sample`` (for each gate and kind of edit the first by id), or ids separated by commas.

    Raises ``FaultError`` where an id is not declared or nothing is left.
    """
    if words == "sample":
        return list({_kind(fault): fault for fault in reversed(faults)}.values())[::-1]
    chosen = list(faults) if words == "all" else [_named(faults, name.strip()) for name in words.split(",")]
    if not chosen:
        raise FaultError("no fault is declared: write one in faults/*.toml beside the manifest")
    return chosen


def _kind(fault: Fault) -> tuple[str, str, bool]:
    harmless = fault.verdict == "PASS"
    if fault.command:
        return fault.gate, "command", harmless
    return fault.gate, "environment" if fault.environment else fault.edit[0].kind, harmless


def _named(faults: Sequence[Fault], name: str) -> Fault:
    for fault in faults:
        if fault.id == name:
            return fault
    near = difflib.get_close_matches(name, [fault.id for fault in faults], n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise FaultError(f"no fault has the id {name!r}{hint}")
