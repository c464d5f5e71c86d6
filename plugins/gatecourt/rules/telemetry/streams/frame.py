"""What a rule is given: the state after one payload, where it was told, and its values read strictly."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gatecourt.core.model import Finding, Json
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.pointer import join, split

MISSING = "telemetry.payload_missing"
VALUE = "telemetry.payload_value"
_WIDEST_COUNT, _WIDEST_NUMBER = 1 << 63, 1 << 1024


@dataclass(frozen=True, slots=True)
class Frame:
    """The merged state after a payload. ``told`` names the top-level keys of a diff; None where all of it was told.

    ``state`` is shared with the merger, which goes on changing it: a rule keeps values, never the state.
    """

    where: str
    tick: int
    state: Mapping[str, Json]
    told: Collection[str] | None = None
    changes: str = ""

    def at(self, steps: tuple[str, ...]) -> str:
        """Where the value at ``steps`` was told; the payload alone where an earlier one told it."""
        if self.told is None:
            return f"{self.where}#{join(steps)}"
        return f"{self.where}#{join((self.changes, *steps))}" if steps and steps[0] in self.told else self.where


class Place:
    """A pointer into the state, split once."""

    __slots__ = ("pointer", "steps")

    def __init__(self, pointer: str) -> None:
        self.pointer = pointer
        self.steps = split(pointer)

    def told(self, frame: Frame) -> bool:
        """Whether this payload tells the value, rather than an earlier one."""
        return frame.told is None or not self.steps or self.steps[0] in frame.told

    def value(self, frame: Frame) -> Json | Finding:
        """The value, or the finding that the state has none."""
        found: Any = frame.state
        for step in self.steps:
            if isinstance(found, Mapping) and step in found:
                found = found[step]
            elif isinstance(found, list) and step.isdecimal() and int(step) < len(found):
                found = found[int(step)]
            else:
                return Finding(frame.at(self.steps), self.pointer, "absent", MISSING)
        return found  # type: ignore[no-any-return]  # a state is JSON

    def wrong(self, frame: Frame, expected: str, value: object) -> Finding:
        """The finding that the value is not of its kind."""
        observed = "null (a NaN written as JSON?)" if value is None else excerpt(value)
        return Finding(frame.at(self.steps), expected, observed, VALUE)

    def table(self, frame: Frame) -> dict[str, Any] | Finding:
        """The object here, or the finding that it is none."""
        value = self.value(frame)
        return value if isinstance(value, (dict, Finding)) else self.wrong(frame, "an object", value)

    def array(self, frame: Frame) -> list[Any] | Finding:
        """The array here, or the finding that it is none."""
        value = self.value(frame)
        return value if isinstance(value, (list, Finding)) else self.wrong(frame, "an array", value)

    def count(self, frame: Frame) -> int | Finding:
        """The whole number of at least 0 here, or the finding that it is none."""
        value = self.value(frame)
        if isinstance(value, Finding):
            return value
        number = whole(value)
        return number if number is not None else self.wrong(frame, "a whole number of at least 0", value)

    def number(self, frame: Frame) -> Decimal | Finding:
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
