"""Where a row holds a value: the name of one of its keys, or a JSON pointer into it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gatecourt.formats import pointer
from gatecourt.formats.pointer import ABSENT

Getter = Callable[[Any], Any]


def pointer_of(name: str) -> str:
    """A metric's name as a JSON pointer: the name of a key, unless it begins with a slash and so is one already."""
    return name if name.startswith("/") else pointer.join((name,))


def require_place(name: str) -> None:
    """Raise ``ValueError`` for a name that leads nowhere."""
    if not name or not pointer.split(pointer_of(name)):
        raise ValueError("a name of a key, or a JSON pointer, is empty")


def getter(name: str) -> Getter:
    """A function from a row, an object, to its value at ``name``, or to ``ABSENT``."""
    at = pointer_of(name)
    steps = pointer.split(at)
    if len(steps) == 1:
        key = steps[0]
        return lambda row: row.get(key, ABSENT)

    return lambda row: pointer.find(row, at, ABSENT)
