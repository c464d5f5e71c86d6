"""Sets the trap: copies the payload beside the run and names it in the environment of the run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

Trap = Literal["entropy", "network"]
_PAYLOAD = Path(__file__).parent / "payload"


def environment(
    folder: Path,
    log: Path,
    roots: Sequence[Path],
    inherited: Mapping[str, str],
    *,
    deep: bool = False,
    traps: Sequence[Trap] = ("entropy",),
) -> dict[str, str]:
    """The variables to add to a run so that it, and every process it starts, tells what the ``traps`` watch.

    ``folder`` is a folder for the payload, created, outside of all that is judged; ``log`` the JSONL file that the
    run appends to; ``roots`` the folders that hold the target's own code, as the run sees them; ``inherited`` the
    environment that the run would have had. ``deep`` also charges a read inside a library to the line of the
    target that called into the library; a use of the network always is. Raises ValueError for a path with a line break.
    """
    shutil.copytree(_PAYLOAD, folder, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    lines = [f"log {log.absolute()}", *(f"root {root.resolve()}" for root in roots), f"deep {int(deep)}"]
    lines += [f"trap {name}" for name in traps]
    if any("\n" in line or "\r" in line for line in lines):
        raise ValueError("a trap cannot be set below a folder with a line break in its name")
    (folder / "trap.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return {
        "PYTHONPATH": _before(str(folder.absolute() / "python"), inherited.get("PYTHONPATH"), os.pathsep),
        "NODE_OPTIONS": _before(
            f"--require {_quoted(folder.absolute() / 'node' / 'preload.cjs')}", inherited.get("NODE_OPTIONS"), " "
        ),
    }


def _before(first: str, rest: str | None, separator: str) -> str:
    return f"{first}{separator}{rest}" if rest else first


def _quoted(path: Path) -> str:
    """The path as one word of NODE_OPTIONS, whose only escape is the backslash within double quotes."""
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
