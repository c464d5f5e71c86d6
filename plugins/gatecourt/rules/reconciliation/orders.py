"""Orders and their fills as one side reports them: places, ids and finite numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from gatecourt.core.model import Finding, Subject

Numbers = Mapping[str, Decimal]
"""``qty``, ``price``, ``fee``, ``time``: each that is declared and finite; all others have a finding."""


@dataclass(frozen=True, slots=True)
class Fill:
    """One fill; ``where`` is its place, ``places`` has the place of each number."""

    where: str
    id: str
    numbers: Numbers
    places: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Order:
    """One order; ``state`` is None where it was not readable. ``flawed``: some value of it was not readable."""

    where: str
    id: str
    state: str | None
    numbers: Numbers
    places: Mapping[str, str]
    fills: tuple[Fill, ...]
    flawed: bool


@dataclass(frozen=True)
class SideOrders:
    """The orders of one side. ``flawed`` names those, by id or place, of which a value could not be read."""

    name: str
    orders: Mapping[str, Order]
    subjects: tuple[Subject, ...]
    findings: tuple[Finding, ...] = ()
    flawed: frozenset[str] = field(default=frozenset())
