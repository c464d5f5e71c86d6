"""Values of a state, read strictly, with the place where they were sent."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from gatecourt.core.model import Finding, Json
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.pointer import join, split
from gatecourt.mechanisms.streams.merging import StreamState

_WIDEST_COUNT, _WIDEST_NUMBER = 1 << 63, 1 << 1024


class Place:
    """A pointer into the state, split once."""

    __slots__ = ("pointer", "steps")

    def __init__(self, pointer: str) -> None:
        self.pointer = pointer
        self.steps = split(pointer)

    def sent(self, frame: StreamState) -> bool:
        """Whether this payload sent the value, rather than an earlier one."""
        return frame.sent is None or not self.steps or self.steps[0] in frame.sent

    def value(self, frame: StreamState) -> Json | Finding:
        """The value, or the finding at the first step that the state does not have."""
        found: Any = frame.state
        for index, step in enumerate(self.steps, 1):
            if isinstance(found, Mapping) and step in found:
                found = found[step]
            elif isinstance(found, list) and step.isdecimal() and int(step) < len(found):
                found = found[int(step)]
            else:
                absent = self.steps[:index]
                return Finding(frame.at(absent), join(absent), "absent", "telemetry.payload_missing")
        return found  # type: ignore[no-any-return]  # a state is JSON

    def matches(self, frame: StreamState) -> Iterator[tuple[Place, Json | Finding]]:
        """Every value that the pointer names with its own place; a ``*`` step stands for any member or index."""
        if "*" not in self.steps:
            yield self, self.value(frame)
            return
        at = self.steps.index("*")
        above = Place(join(self.steps[:at]))
        members = above.value(frame)
        if isinstance(members, Finding) or not isinstance(members, (dict, list)):
            yield above, members
            return
        for key in members if isinstance(members, dict) else range(len(members)):
            yield from Place(join((*above.steps, str(key), *self.steps[at + 1 :]))).matches(frame)

    def wrong(self, frame: StreamState, expected: str, value: object) -> Finding:
        """The finding that the value is not of its kind."""
        observed = "null (a NaN written as JSON?)" if value is None else excerpt(value)
        return Finding(frame.at(self.steps), expected, observed, "telemetry.payload_value")

    def table(self, frame: StreamState) -> dict[str, Any] | Finding:
        """The object here, or the finding that it is none."""
        value = self.value(frame)
        return value if isinstance(value, (dict, Finding)) else self.wrong(frame, "an object", value)

    def array(self, frame: StreamState) -> list[Any] | Finding:
        """The array here, or the finding that it is none."""
        value = self.value(frame)
        return value if isinstance(value, (list, Finding)) else self.wrong(frame, "an array", value)

    def count(self, frame: StreamState) -> int | Finding:
        """The whole number of at least 0 here, or the finding that it is none."""
        value = self.value(frame)
        if isinstance(value, Finding):
            return value
        number = whole(value)
        return number if number is not None else self.wrong(frame, "a whole number of at least 0", value)

    def number(self, frame: StreamState) -> Decimal | Finding:
        """The finite number here as a decimal, or the finding that it is none."""
        value = self.value(frame)
        if isinstance(value, Finding):
            return value
        number = decimal(value)
        return number if number is not None else self.wrong(frame, "a finite number", value)

    def below(self, key: str) -> Place:
        """The place of a key in the object here."""
        return Place(f"{self.pointer}{join((key,))}")


def whole(value: object) -> int | None:
    """``value`` where it is a whole number of at least 0 that 63 bits hold; a boolean is none."""
    return value if type(value) is int and 0 <= value < _WIDEST_COUNT else None


def decimal(value: object) -> Decimal | None:
    """``value`` as a decimal where it is a finite number that a double holds; a boolean is none."""
    if type(value) is int:
        return Decimal(value) if -_WIDEST_NUMBER < value < _WIDEST_NUMBER else None
    return Decimal(repr(value)) if type(value) is float and math.isfinite(value) else None
