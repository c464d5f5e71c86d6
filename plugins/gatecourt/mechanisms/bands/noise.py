"""The noise of a measure, from runs that differ by chance alone: by their seeds, known or not.

With ``n`` runs of sample deviation ``s`` (Student's t, ``n - 1`` degrees of freedom) one more run lies within
``t * s * sqrt(1 + 1/m)`` of the mean of ``m`` other runs as often as the confidence says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from fractions import Fraction

from gatecourt.core.model import Json
from gatecourt.mechanisms.bands.figures import mean, rounded, stored, variance

FEWEST_RUNS = 20
"""The fewest runs that noise is measured from: with fewer the deviation itself is a guess."""
POWER = Decimal("0.8")
_MOVED = Decimal("0.9999")
_DIGITS = 9  # what a quantile computed on any machine agrees to
_ROOT = Context(prec=30, Emax=MAX_EMAX, Emin=MIN_EMIN)


@dataclass(frozen=True, slots=True)
class Noise:
    """What ``runs`` of one system differ by. All but these and ``confidence`` is in the unit of the metric.

    ``half_width`` is that of the two-sided prediction interval for one more run around the baseline; ``visible`` is
    the smallest true shift that leaves this interval in 80 of 100 runs.
    """

    runs: int
    confidence: Decimal
    mean: Fraction
    deviation: Fraction
    half_width: Fraction
    visible: Fraction

    def as_json(self) -> dict[str, Json]:
        """The noise as evidence stores it."""
        return {
            "runs": self.runs,
            "confidence": str(self.confidence),
            "mean": stored(self.mean),
            "deviation": stored(self.deviation),
            "half_width": stored(self.half_width),
            "power": str(POWER),
            "smallest_visible_shift": stored(self.visible),
        }


def measure(samples: Sequence[Fraction], confidence: Decimal, averaged: int) -> Noise:
    """The noise in at least two ``samples``, one a run, around the mean of ``averaged`` other runs.

    Runs that do not differ at all have no noise: every distance is beyond it.
    """
    spread = _root(variance(samples))
    far = _root(1 + Fraction(1, averaged))
    quantile, noncentrality = _quantiles(len(samples) - 1, confidence)
    return Noise(
        len(samples),
        confidence,
        mean(samples),
        spread,
        Fraction(rounded(quantile * spread * far, _DIGITS)),
        Fraction(rounded(noncentrality * spread * far, _DIGITS)),
    )


def moved(samples: Sequence[Fraction], baseline: Fraction, averaged: int) -> bool:
    """Whether the system that gave ``samples`` is not the one whose ``averaged`` runs have the mean ``baseline``."""
    allowed, _ = _quantiles(len(samples) - 1, _MOVED)
    width = allowed * _root(variance(samples)) * _root(Fraction(1, len(samples)) + Fraction(1, averaged))
    # A stored mean is rounded, so runs that do not differ at all may be a last digit away from it.
    return abs(mean(samples) - baseline) > width + abs(baseline) * Fraction(1, 10**_DIGITS)


def _root(value: Fraction) -> Fraction:
    number = _ROOT.divide(Decimal(value.numerator), Decimal(value.denominator))
    return Fraction(_ROOT.sqrt(number))


def _quantiles(freedom: int, confidence: Decimal) -> tuple[Fraction, Fraction]:
    """The two-sided quantile, and the noncentrality that exceeds it with the wanted power."""
    from scipy.special import nctdtrinc, stdtrit  # a quarter of a second, which only judging noise pays

    quantile = float(stdtrit(freedom, float((1 + confidence) / 2)))
    noncentrality = float(nctdtrinc(freedom, float(1 - POWER), quantile))
    return Fraction(quantile), Fraction(noncentrality)
