"""What becomes of one metric over many rows, kept exactly in constant memory."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from gatecourt.formats.decimals import EXACT
from gatecourt.mechanisms.bands.section import Statistic


class Tally:
    """Number, sum, least, most and last of the numbers so far; the sum of squares where a variance is asked for."""

    __slots__ = ("_squared", "last", "least", "most", "number", "squares", "total")

    def __init__(self, *, squared: bool = True) -> None:
        self._squared = squared
        self.number = 0
        self.total = Decimal(0)
        self.squares = Decimal(0)
        self.least: Decimal | None = None
        self.most: Decimal | None = None
        self.last: Decimal | None = None

    def add(self, value: Decimal) -> None:
        """Count one more finite number, such as ``exact.number`` gives."""
        self.number += 1
        self.total = EXACT.add(self.total, value)
        if self._squared:
            self.squares = EXACT.fma(value, value, self.squares)
        if self.least is None or value < self.least:
            self.least = value
        if self.most is None or value > self.most:
            self.most = value
        self.last = value

    def statistic(self, kind: Statistic) -> Fraction | None:
        """The statistic without rounding; None where too few numbers were counted: none, or for the variance one.

        Raises ``ValueError`` for the variance of a tally without squares.
        """
        if kind == "variance" and not self._squared:
            raise ValueError("this tally keeps no squares")
        if self.number < (2 if kind == "variance" else 1):
            return None
        match kind:
            case "sum":
                return Fraction(self.total)
            case "mean":
                return Fraction(self.total) / self.number
            case "variance":
                total = Fraction(self.total)
                return (Fraction(self.squares) - total * total / self.number) / (self.number - 1)
        end = {"max": self.most, "min": self.least, "last": self.last}[kind]
        return None if end is None else Fraction(end)
