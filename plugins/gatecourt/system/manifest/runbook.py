"""The links into the runbook: to a Markdown file below the target's root and, with ``#``, to a heading in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from gatecourt.core.errors import Judged
from gatecourt.formats.files import real_path
from gatecourt.formats.strictjson import read_bytes

_MOST = 6
"""The deepest level of a heading."""


def runbook_problems(runbook: Mapping[str, str], root: Path) -> Iterator[str]:
    """A sentence for each link, by gate, that leads nowhere or out of ``root``."""
    for gate, link in runbook.items():
        if sentence := _problem(link, root):
            yield f"runbook.{gate}: {sentence}"


def _problem(link: str, root: Path) -> str:
    name, _, heading = link.partition("#")
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or {"\\", "\0"} & set(name):
        return f"expected a path below {root.name}/ without '..', found {name!r}"
    if not real_path(root / name).is_relative_to(real_path(root)):
        return f"expected a file below {root.name}/, found a link out of it at {name!r}"
    if not (root / name).is_file():
        return f"expected a file below {root.name}/, found none called {name!r}"
    try:
        text = read_bytes(root / name, name).decode("utf-8", "replace")
    except Judged as judged:
        return f"expected a readable file, found one that cannot be read ({judged.finding.observed}) at {name!r}"
    if heading and heading not in anchors(text):
        return f"{name} has no heading whose link is #{heading}"
    return ""


def anchors(text: str) -> set[str]:
    """The links that code hosts make of Markdown headings: lower case, spaces to hyphens, punctuation dropped."""
    return {_anchor(title) for line in text.splitlines() if (title := _title(line))}


def _title(line: str) -> str:
    level = len(line) - len(line.lstrip("#"))
    if not 1 <= level <= _MOST or not line[level : level + 1].isspace():
        return ""
    return line[level:].strip().rstrip("#").rstrip()


def _anchor(title: str) -> str:
    return "".join(char for char in title.lower() if char.isalnum() or char in "_- ").replace(" ", "-")
