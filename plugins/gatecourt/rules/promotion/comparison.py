"""Two configuration trees compared leaf by leaf, without taking 1 for true or 0.30 for another number than 0.3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gatecourt.formats.decimals import number
from gatecourt.formats.pointer import Steps, join, leaves
from gatecourt.rules.promotion.reading import word

Leaves = dict[str, tuple[Steps, Any]]


def leaves_of(value: Any) -> Leaves:
    """The leaves of a tree by their pointers; empty containers are leaves."""
    return {join(steps): (steps, leaf) for steps, leaf in leaves(value)}


def differences(one: Leaves, other: Leaves) -> Iterator[tuple[str, Steps]]:
    """The places at which the two differ, those too that one of them alone has; sorted."""
    for place in sorted({*one, *other}):
        if place not in one or place not in other or not same(one[place][1], other[place][1]):
            yield place, (one.get(place) or other[place])[0]


def told(found: Leaves, place: str) -> str:
    """A leaf for people."""
    return word(found[place][1]) if place in found else "absent"


def same(one: Any, other: Any) -> bool:
    """Whether two scalars are one value; numbers compare by value, everything else by type and value."""
    numbers = number(one), number(other)
    if None not in numbers:
        return numbers[0] == numbers[1]
    return type(one) is type(other) and bool(one == other)
