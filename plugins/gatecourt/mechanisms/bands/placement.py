"""Where a value lies: within the policy band or the absolute floor, and if not, whether beyond the noise.

A value outside both, and farther from its baseline than the noise reaches, has moved. Every comparison is exact on the
decimals that were written; a bound belongs to the inside.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from fractions import Fraction

from gatecourt.core.model import Finding, Json
from gatecourt.mechanisms.bands.figures import fraction, percent, shown, stored
from gatecourt.mechanisms.bands.noise import Noise
from gatecourt.mechanisms.bands.section import Band


class BandOutcome(enum.StrEnum):
    """Where a value lies; UNKNOWN where it cannot be compared."""

    INSIDE = "inside"
    NOISE = "noise"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Placement:
    """One value compared with its baseline. ``rule`` is None inside the band, else a reason code ``band.*``."""

    outcome: BandOutcome
    rule: str | None
    band: Band
    value: Fraction | None = None
    baseline: Fraction | None = None
    noise: Noise | None = None

    @property
    def change(self) -> Fraction | None:
        """The signed distance as a share of the baseline without its sign; None for a baseline of 0."""
        if self.value is None or not self.baseline:
            return None
        return (self.value - self.baseline) / abs(self.baseline)

    @property
    def policy(self) -> Fraction | None:
        """The distance that the relative band allows."""
        return None if self.baseline is None else Fraction(self.band.relative) * abs(self.baseline)

    @property
    def allowed(self) -> Fraction | None:
        """The distance that band and floor together allow."""
        return None if self.policy is None else max(self.policy, Fraction(self.band.floor))

    @property
    def carried(self) -> bool | None:
        """Whether the noise leaves room for the band; None where one of both is not known."""
        return None if self.noise is None or self.allowed is None else self.noise.half_width <= self.allowed

    def limits(self, distance: Fraction) -> tuple[Fraction | None, Fraction | None]:
        """The bounds ``distance`` away from the baseline on the judged sides; None for a side that is not judged."""
        if self.baseline is None:
            return None, None
        low = None if self.band.direction == "higher_is_worse" else self.baseline - distance
        high = None if self.band.direction == "lower_is_worse" else self.baseline + distance
        return low, high

    def as_json(self) -> dict[str, Json]:
        """The three parts side by side, as evidence stores them."""
        band = self.band
        policy: dict[str, Json] = {"relative": str(band.relative), **self._range(self.policy)}
        floor: dict[str, Json] = {"distance": str(band.floor), **self._range(Fraction(band.floor))}
        noise: dict[str, Json] | None = None
        if self.noise is not None:
            noise = {**self.noise.as_json(), **self._range(self.noise.half_width), "carries_band": self.carried}
        return {
            "outcome": str(self.outcome),
            "statistic": band.statistic,
            "direction": band.direction,
            "value": _stored(self.value),
            "baseline": _stored(self.baseline),
            "change": _stored(self.change),
            "policy": policy,
            "floor": floor,
            "noise": noise,
        }

    def _range(self, distance: Fraction | None) -> dict[str, Json]:
        low, high = (None, None) if distance is None else self.limits(distance)
        return {"low": _stored(low), "high": _stored(high)}

    def finding(self, where: str, at: str) -> Finding | None:
        """The finding, if there is one: ``where`` is the value's place, ``at`` that of its baseline."""
        if self.rule is None:
            return None
        place = at if self.rule in _OF_THE_BASELINE else where
        return Finding(place, _expected(self), _observed(self), self.rule)


_OF_THE_BASELINE = frozenset({"band.no_value", "band.value", "band.baseline_zero", "band.not_calibrated"})


def place(value: object, baseline: object, band: Band, noise: Noise | None = None) -> Placement:
    """``value`` compared with ``baseline``; None for either is one that is missing.

    Rules, the first that holds: ``band.metric_missing``, ``band.not_finite``, ``band.no_value``, ``band.value``,
    ``band.baseline_zero``; outside the band ``band.outside``, or ``band.narrower_than_noise`` where the noise reaches
    as far; inside it ``band.not_calibrated`` where the noise has to be known and is not.
    """
    known, base = fraction(value), fraction(baseline)
    if rule := _unjudged(value, known, baseline, base, band):
        return Placement(BandOutcome.UNKNOWN, rule, band, known, base, noise)
    assert known is not None
    assert base is not None
    inside = Placement(BandOutcome.INSIDE, None, band, known, base, noise)
    distance = _worse(known - base, band)
    if distance <= max(Fraction(band.relative) * abs(base), Fraction(band.floor)):
        rule = "band.not_calibrated" if band.calibrated and noise is None else None
        return Placement(BandOutcome.INSIDE, rule, band, known, base, noise) if rule else inside
    if noise is not None and distance <= noise.half_width:
        return Placement(BandOutcome.NOISE, "band.narrower_than_noise", band, known, base, noise)
    return Placement(BandOutcome.OUTSIDE, "band.outside", band, known, base, noise)


def _unjudged(value: object, known: Fraction | None, baseline: object, base: Fraction | None, band: Band) -> str | None:
    if known is None:
        return "band.metric_missing" if value is None else "band.not_finite"
    if base is None:
        return "band.no_value" if baseline is None else "band.value"
    return "band.baseline_zero" if not base and band.zero == "hold" else None


def _worse(change: Fraction, band: Band) -> Fraction:
    """How far a change goes to a side that is judged; below 0 to the other."""
    if band.direction == "both":
        return abs(change)
    return change if band.direction == "higher_is_worse" else -change


def _stored(value: Fraction | None) -> Json:
    return None if value is None else stored(value)


def _expected(placed: Placement) -> str:
    match placed.rule:
        case "band.metric_missing" | "band.not_finite":
            return "a finite number"
        case "band.no_value" | "band.value":
            return "a recorded value"
        case "band.baseline_zero":
            return "a baseline other than 0, or a rule for 0"
        case "band.not_calibrated":
            return "the noise of the metric, measured from at least 20 runs"
    return _bounds(placed)


def _bounds(placed: Placement) -> str:
    low, high = placed.limits(placed.allowed or Fraction(0))
    text = f"{shown(low)} to {shown(high)}" if low is not None and high is not None else ""
    if low is None and high is not None:
        text = f"at most {shown(high)}"
    if high is None and low is not None:
        text = f"at least {shown(low)}"
    share = shown(Fraction(placed.band.relative) * 100)
    floor = f" or {placed.band.floor}" if placed.band.floor else ""
    return f"{text} (baseline {shown(placed.baseline or Fraction(0))}, {share}%{floor})"


def _observed(placed: Placement) -> str:
    match placed.rule:
        case "band.metric_missing" | "band.no_value":
            return "none"
        case "band.not_finite" | "band.value":
            return "no finite number"
        case "band.baseline_zero":
            return "a baseline of 0"
        case "band.not_calibrated":
            return "not measured"
    change = "" if placed.change is None else f" ({percent(placed.change)})"
    return f"{shown(placed.value or Fraction(0))}{change}, {_separation(placed)}"


def _separation(placed: Placement) -> str:
    if placed.noise is None:
        return "noise not measured"
    reach = f"the noise of {shown(placed.noise.half_width, 4)} ({placed.noise.runs} runs)"
    return f"within {reach}" if placed.outcome is BandOutcome.NOISE else f"beyond {reach}"
