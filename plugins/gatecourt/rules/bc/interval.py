"""The Wilson score interval of a proportion, in decimals."""

from __future__ import annotations

from decimal import Decimal, localcontext
from statistics import NormalDist

_PRECISION = 50


def deviate(confidence: Decimal) -> Decimal:
    """The standard normal deviate that encloses the central share ``confidence``: 0.95 gives 1.959964."""
    return Decimal(repr(NormalDist().inv_cdf(float((1 + confidence) / 2))))


def wilson(successes: int, trials: int, confidence: Decimal) -> tuple[Decimal, Decimal]:
    """Lower and upper bound of the two-sided Wilson interval, within 0 to 1. ``trials`` is at least 1.

    Raises ``ValueError`` for counts that are none.
    """
    if not 0 <= successes <= trials or trials < 1:
        raise ValueError(f"expected 0 <= successes <= trials and a trial, got {successes} of {trials}")
    with localcontext() as context:
        context.prec = _PRECISION
        z, n = deviate(confidence), Decimal(trials)
        share = Decimal(successes) / n
        square = z * z
        centre = share + square / (2 * n)
        reach = z * (share * (1 - share) / n + square / (4 * n * n)).sqrt()
        scale = 1 + square / n
        low, high = (centre - reach) / scale, (centre + reach) / scale
    return (Decimal(0) if successes == 0 else low), (Decimal(1) if successes == trials else high)
