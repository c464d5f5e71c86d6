"""How far two numbers may differ: exact, a difference equal to the bound is allowed."""

from __future__ import annotations

from decimal import Decimal

from gatecourt.formats.decimals import EXACT, words
from gatecourt.formats.quantities import PER_SECOND, TimeUnit
from gatecourt.rules.reconciliation.section import DeclaredTolerances


class ToleranceBounds:
    """The declared tolerances as a test of two numbers."""

    def __init__(self, tolerances: DeclaredTolerances, unit: TimeUnit | None) -> None:
        self._declared = tolerances
        self.time = EXACT.multiply(tolerances.time, Decimal(PER_SECOND[unit])) if unit else Decimal(0)

    def allowed(self, kind: str, expected: Decimal) -> Decimal:
        """The largest allowed difference from ``expected``; ``kind`` is qty, price, fee or time."""
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
        """Whether ``observed`` differs from ``expected`` by no more than is allowed."""
        return distance(expected, observed) <= self.allowed(kind, expected)

    def describe(self, kind: str, expected: Decimal) -> str:
        """The expected number with its tolerance, such as ``100, give or take 0.1``."""
        return f"{words(expected)}, give or take {words(self.allowed(kind, expected))}"


def distance(one: Decimal, other: Decimal) -> Decimal:
    """The absolute difference of two numbers, without rounding."""
    return EXACT.subtract(one, other).copy_abs()


def total(numbers: list[Decimal]) -> Decimal:
    """Their sum, without rounding."""
    found = Decimal(0)
    for one in numbers:
        found = EXACT.add(found, one)
    return found
