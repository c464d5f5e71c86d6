"""How far two numbers may lie apart: exact, with the bound itself still inside."""

from __future__ import annotations

from decimal import Decimal

from gatecourt.formats.decimals import EXACT, words
from gatecourt.formats.quantities import PER_SECOND, TimeUnit
from gatecourt.rules.reconciliation.section import Tolerances


class Bounds:
    """The declared tolerances, applied."""

    def __init__(self, tolerances: Tolerances, unit: TimeUnit | None) -> None:
        self._declared = tolerances
        self.time = EXACT.multiply(tolerances.time, Decimal(PER_SECOND[unit])) if unit else Decimal(0)

    def allowed(self, kind: str, expected: Decimal) -> Decimal:
        """The largest difference from ``expected`` that is none; ``kind`` is qty, price, fee or time."""
        size = expected.copy_abs()
        match kind:
            case "price":
                return EXACT.multiply(self._declared.price, size)
            case "fee":
                return max(self._declared.fee.absolute, EXACT.multiply(self._declared.fee.relative, size))
            case "qty":
                return self._declared.qty
        return self.time

    def holds(self, kind: str, expected: Decimal, observed: Decimal) -> bool:
        """Whether ``observed`` is no further from ``expected`` than it may be."""
        return distance(expected, observed) <= self.allowed(kind, expected)

    def shown(self, kind: str, expected: Decimal) -> str:
        """The expected number with its tolerance, in words."""
        return f"{words(expected)}, give or take {words(self.allowed(kind, expected))}"


def distance(one: Decimal, other: Decimal) -> Decimal:
    """How far two numbers lie apart, without rounding."""
    return EXACT.subtract(one, other).copy_abs()


def total(numbers: list[Decimal]) -> Decimal:
    """Their sum, without rounding."""
    found = Decimal(0)
    for one in numbers:
        found = EXACT.add(found, one)
    return found
