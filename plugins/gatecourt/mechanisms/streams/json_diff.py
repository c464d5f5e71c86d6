"""Where two values of JSON differ, however their keys are ordered and their numbers are written."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any, Final

ABSENT: Final = object()
"""What stands for a member that one of the two does not have."""

Difference = tuple[tuple[str, ...], Any, Any]
"""The way to a difference, and what stands there in the one and in the other."""


def differences(mine: Any, theirs: Any, way: tuple[str, ...] = ()) -> Iterator[Difference]:
    """Every difference, members by their names; 1 and 1.0 are one number, 1 and true are not."""
    if isinstance(mine, dict) and isinstance(theirs, dict):
        for key in sorted({*mine, *theirs}):
            yield from differences(mine.get(key, ABSENT), theirs.get(key, ABSENT), (*way, key))
    elif isinstance(mine, list) and isinstance(theirs, list):
        for index, (one, other) in enumerate(zip_longest(mine, theirs, fillvalue=ABSENT)):
            yield from differences(one, other, (*way, str(index)))
    elif mine != theirs or isinstance(mine, bool) != isinstance(theirs, bool):
        yield way, mine, theirs
