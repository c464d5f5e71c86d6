"""Regular expressions for JSON numbers within bounds: each matches a subset of those numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

_DIGITS = 18
_REAL_DIGITS = 15
_EXPONENT = "(?:[eE][-+]?+[0-9]{1,2}+)?+"
# So few zeros that nothing is rounded to zero.
_ABOVE_ZERO = "0\\.0{0,40}+[1-9][0-9]*+"
_FRACTION = "(?:\\.[0-9]++)?+"


@dataclass(frozen=True, slots=True)
class Bounds:
    """The range of a number. Bounds may be open; ``integer`` matches digits only, so 1.0 goes the exact way."""

    integer: bool = False
    low: Fraction | None = None
    low_open: bool = False
    high: Fraction | None = None
    high_open: bool = False

    def at_least(self, low: Fraction, is_open: bool) -> Bounds:
        """These bounds with a further lower bound."""
        if self.low is not None and (self.low, self.low_open) >= (low, is_open):
            return self
        return Bounds(self.integer, low, is_open, self.high, self.high_open)

    def at_most(self, high: Fraction, is_open: bool) -> Bounds:
        """These bounds with a further upper bound."""
        if self.high is not None and (self.high, not self.high_open) <= (high, not is_open):
            return self
        return Bounds(self.integer, self.low, self.low_open, high, is_open)

    def mirrored(self) -> Bounds:
        """The bounds of the negated number."""
        low = None if self.high is None else -self.high
        high = None if self.low is None else -self.low
        return Bounds(self.integer, low, self.high_open, high, self.low_open)

    def whole(self) -> Bounds:
        """These bounds for integers only."""
        return Bounds(True, self.low, self.low_open, self.high, self.high_open)


def numeral(bounds: Bounds) -> str | None:
    """An expression for numbers within ``bounds``; None if it would match nothing.

    The part before the point is bounded: the size of a real number with the integer part i is at least i and, rounded
    to a double, at most i + 1. Where nothing below zero may stand there is no sign, not even for -0.
    """
    alternatives = _sizes(bounds)
    if bounds.low is None or bounds.low < 0:
        alternatives += ["-" + size for size in _sizes(bounds.mirrored())]
    return f"(?:{'|'.join(alternatives)})" if alternatives else None


def _sizes(bounds: Bounds) -> list[str]:
    """Expressions for the numbers without sign within ``bounds``."""
    first, beyond = _first(bounds), _beyond(bounds)
    alternatives = []
    if first < beyond:
        above = f"(?!{_below(first)}(?![0-9]))" if first else ""
        alternatives.append(above + _below(beyond) + _tail(bounds))
    if bounds.low == 0 and bounds.low_open and beyond > 0 and not bounds.integer:
        alternatives.append(_ABOVE_ZERO)
    return alternatives


def _tail(bounds: Bounds) -> str:
    if bounds.integer:
        return ""
    return _FRACTION + (_EXPONENT if bounds.low is None and bounds.high is None else "")


def _first(bounds: Bounds) -> int:
    """The smallest allowed integer part."""
    if bounds.low is None:
        return 0
    return max(0, math.floor(bounds.low) + 1 if bounds.low_open else math.ceil(bounds.low))


def _beyond(bounds: Bounds) -> int:
    """The first integer part above the allowed ones."""
    limit: int = 10 ** (_DIGITS if bounds.integer else _REAL_DIGITS)
    if bounds.high is None:
        return limit
    last = math.ceil(bounds.high) - 1 if bounds.high_open else math.floor(bounds.high)
    return min(limit, last + 1 if bounds.integer else last)


def _below(limit: int) -> str:
    """Integers without leading zero from 0 to below ``limit``."""
    digits = str(limit)
    rest = len(digits) - 1
    same = [
        digits[:place] + f"[{0 if place else 1}-{int(digit) - 1}]" + f"[0-9]{{{rest - place}}}"
        for place, digit in enumerate(digits)
        if int(digit) > (0 if place else 1)
    ]
    shorter = [] if rest == 0 else ["0", f"[1-9][0-9]{{0,{rest - 1}}}+"]
    return f"(?:{'|'.join([*same, *shorter] if rest else [f'[0-{limit - 1}]'])})"
