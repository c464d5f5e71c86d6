"""Numbers as exact fractions, the statistics over them, and how they are written for people and into JSON."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from gatecourt.core.model import Json
from gatecourt.formats import decimals
from gatecourt.mechanisms.bands.section import Statistic

DIGITS = 12
"""Significant digits of every stored number: fewer than a double has, so that text and number are one."""


def fraction(value: object) -> Fraction | None:
    """``value`` exactly as it is written, a float by its shortest decimal; None where it is no finite number."""
    if isinstance(value, Fraction):
        return value
    number = decimals.number(value)
    return None if number is None else Fraction(number)


def statistic(kind: Statistic, values: Sequence[Fraction]) -> Fraction:
    """The statistic of at least one value, without rounding; the variance needs two."""
    return _STATISTICS[kind](values)


def mean(values: Sequence[Fraction]) -> Fraction:
    """The arithmetic mean, without rounding."""
    return statistics.mean(values)


def variance(values: Sequence[Fraction]) -> Fraction:
    """The sample variance, which divides by one less than there are values, without rounding."""
    return statistics.variance(values)


_STATISTICS: Mapping[Statistic, Callable[[Sequence[Fraction]], Fraction]] = {
    "mean": mean,
    "sum": lambda values: sum(values, Fraction(0)),
    "max": max,
    "min": min,
    "last": lambda values: values[-1],
    "variance": variance,
}


def rounded(value: Fraction, digits: int = DIGITS) -> Decimal:
    """``value`` to so many significant digits, halves to even."""
    context = Context(prec=digits, rounding=ROUND_HALF_EVEN, Emax=MAX_EMAX, Emin=MIN_EMIN)
    return context.divide(Decimal(value.numerator), Decimal(value.denominator))


def shown(value: Fraction, digits: int = DIGITS) -> str:
    """``value`` for people: ``27.2``, ``-0.00031``, and beyond ordinary sizes ``1.5e+300``."""
    number = rounded(value, digits)
    if number and not -7 < number.adjusted() < 16:
        return f"{number.normalize():e}"
    return decimals.words(number)


def percent(value: Fraction) -> str:
    """A share as a signed percentage of three digits at least: ``+16%``, ``-0.25%``."""
    text = shown(value * 100, 3)
    return f"{'' if text.startswith('-') else '+'}{text}%"


def counted(number: int, noun: str) -> str:
    """A number of things for people: ``1 seed``, ``20 seeds``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def stored(value: Fraction) -> Json:
    """``value`` as evidence and baselines store it; as text where no double holds it."""
    number = rounded(value)
    held = float(number)
    return held if fraction(held) == Fraction(number) else str(number)
