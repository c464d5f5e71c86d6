"""Orders and their fills as both sides tell them: places, ids, and numbers that are known to be numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from gatecourt.core.model import Finding, Subject

Numbers = Mapping[str, Decimal]
"""``qty``, ``price``, ``fee``, ``time``: what is declared and a finite number. The rest has been told already."""


@dataclass(frozen=True, slots=True)
class Fill:
    """One fill; ``where`` is its place, ``places`` are those of its numbers."""

    where: str
    id: str
    numbers: Numbers
    places: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Order:
    """One order; ``state`` is None where it was not readable. A ``flawed`` one has something that was not."""

    where: str
    id: str
    state: str | None
    numbers: Numbers
    places: Mapping[str, str]
    fills: tuple[Fill, ...]
    flawed: bool


@dataclass(frozen=True)
class Ledger:
    """All that one side tells. ``flawed`` names the orders, by id or place, of which something could not be read."""

    name: str
    orders: Mapping[str, Order]
    subjects: tuple[Subject, ...]
    findings: tuple[Finding, ...] = ()
    flawed: frozenset[str] = field(default=frozenset())
