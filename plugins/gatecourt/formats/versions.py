"""Versions such as 0.9.7, compared as numbers: 1.10 is newer than 1.9."""

from __future__ import annotations

import re

Version = tuple[int, ...]

_VERSION = re.compile(r"(?:0|[1-9][0-9]{0,8})(?:\.(?:0|[1-9][0-9]{0,8})){0,3}")


def parse_version(value: object, *, parts: range = range(1, 5)) -> Version | None:
    """A text of one to four numbers in its parts; None for anything else, or where ``parts`` allows another number."""
    if not isinstance(value, str) or not _VERSION.fullmatch(value):
        return None
    found = tuple(int(part) for part in value.split("."))
    return found if len(found) in parts else None


def at_least(found: Version, known: Version) -> bool:
    """Whether ``found`` is ``known`` or newer; a part that is not written is 0."""
    width = max(len(found), len(known))
    return found + (0,) * (width - len(found)) >= known + (0,) * (width - len(known))
