"""A command killed on purpose: what the supervising process looks for, and what is found when all is over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gatecourt.core.model import Finding, Json, KillPoint
from gatecourt.formats import patterns
from gatecourt.system.drivers.files import fixed_part, readable_name
from gatecourt.system.drivers.section import RunSection

_BLOCK = 1 << 20


def watched(point: KillPoint, out: Path) -> dict[str, Any]:
    """The kill point as the supervising process is told it: a folder, regular expressions of names, an amount."""
    # The supervising process has the standard library alone, so it cannot read the pattern itself.
    return {
        "folder": str(out),
        "start": fixed_part(point.file),
        "names": patterns.expressions(point.file),
        "lines": point.lines,
        "bytes": point.bytes,
    }


def observations(out: Path, name: str) -> dict[str, Json]:
    """What lay in the file that reached the kill point, when nothing of the run was left."""
    lines, size = _amount(out / name)
    return {"kill.file": readable_name(name), "kill.lines": lines, "kill.bytes": size}


def missed(section: RunSection, point: KillPoint, out: Path, names: list[str]) -> Finding:
    """The finding for a command that ended by itself before it could be killed; ``names`` are its outputs."""
    found = [(*_amount(out / name), name) for name in patterns.select(names, [point.file])]
    lines, size, name = max(found, default=(0, 0, ""))
    most = f"{name} had {lines} lines, {size} bytes" if name else "no such file"
    key = section.key_of(len(section.argument_lists) - 1)
    return Finding(key, f"a command still at work at {point}", f"it ended by itself; {most}", "run.kill_missed")


def _amount(path: Path) -> tuple[int, int]:
    """Complete lines and bytes of a file; none of one that is gone."""
    lines = size = 0
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                lines += block.count(b"\n")
                size += len(block)
    except OSError:
        return 0, 0
    return lines, size
