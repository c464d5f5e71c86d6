"""What the judge reads of the target's own tree: manifests and all files that they name, watched through each run."""

from __future__ import annotations

import contextlib
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gatecourt.core.model import Finding

State = tuple[int, int, int, int]


def states(root: Path) -> dict[str, State]:
    """Each manifest at ``root`` and each file below it that one names, with the state that any writing changes.

    The change time is part of it: a file that was rewritten and restored has another one.
    """
    found: dict[str, State] = {}
    for manifest in sorted(root.glob("*.toml")):
        names = {manifest.name}
        with contextlib.suppress(OSError, ValueError, RecursionError):
            names |= set(_texts(tomllib.loads(manifest.read_text("utf-8"))))
        for name in names:
            with contextlib.suppress(OSError, ValueError):
                path = root / name
                if path.is_file() and path.resolve().is_relative_to(root.resolve()):
                    at = path.stat()
                    found[name] = (at.st_ino, at.st_size, at.st_mtime_ns, at.st_ctime_ns)
    return found


def changed(root: Path, before: Mapping[str, State]) -> tuple[Finding, ...]:
    """The files of ``before`` that are not as they were: findings ``run.root_written``."""
    expected, after = "a file that the judge reads, unchanged by the run", states(root)
    return tuple(
        Finding(name, expected, "rewritten" if (root / name).is_file() else "deleted", "run.root_written")
        for name, state in sorted(before.items())
        if after.get(name, _state(root / name)) != state
    )


def _state(path: Path) -> State | None:
    with contextlib.suppress(OSError):
        at = path.stat()
        return at.st_ino, at.st_size, at.st_mtime_ns, at.st_ctime_ns
    return None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
