"""JSON Pointers (RFC 6901), and pointer patterns in which ``*`` stands for any one step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from gatecourt.core.model import Json

Steps = tuple[str | int, ...]
ABSENT: Final = object()
"""Stands for what is not there, where null is a value like any other."""


def join(steps: Sequence[str | int]) -> str:
    """Steps to a pointer: ``("a/b", 0)`` is ``/a~1b/0``; no steps is the whole document, ``""``."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def split(pointer: str) -> tuple[str, ...]:
    """A pointer to its steps. Raises ``ValueError`` if it neither is empty nor begins with a slash."""
    if not pointer:
        return ()
    if not pointer.startswith("/"):
        raise ValueError(f"a JSON pointer begins with '/', got {pointer!r}")
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer[1:].split("/"))


def _child(value: Json, step: str) -> object:
    if isinstance(value, dict):
        return value.get(step, ABSENT)
    if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
        return value[int(step)]
    return ABSENT


def get(document: Json, pointer: str) -> Json:
    """The value at ``pointer``. Raises ``KeyError`` with the pointer if nothing is there."""
    value: object = document
    for step in split(pointer):
        value = _child(value, step)  # type: ignore[arg-type]  # ABSENT never goes a step further
        if value is ABSENT:
            raise KeyError(pointer)
    return value  # type: ignore[return-value]  # not ABSENT any more


def find(document: Json, pointer: str, absent: Any = None) -> Any:
    """The value at ``pointer``, or ``absent`` where nothing is there."""
    try:
        return get(document, pointer)
    except KeyError:
        return absent


def matches(pattern: Sequence[str], steps: Sequence[str | int]) -> bool:
    """Whether the split ``pattern`` covers exactly the place ``steps``; a ``*`` step covers any one step."""
    return len(pattern) == len(steps) and all(
        want in ("*", str(have)) for want, have in zip(pattern, steps, strict=True)
    )


def leaves(document: Json, at: Steps = ()) -> Iterator[tuple[Steps, Json]]:
    """Every scalar and every empty container of ``document`` with its steps, in document order."""
    if isinstance(document, dict) and document:
        for key, value in document.items():
            yield from leaves(value, (*at, key))
    elif isinstance(document, list) and document:
        for index, value in enumerate(document):
            yield from leaves(value, (*at, index))
    else:
        yield at, document
