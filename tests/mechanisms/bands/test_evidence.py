"""What evidence and tables show of a comparison with a baseline, to the last figure."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from gatecourt.core.model import Finding
from gatecourt.mechanisms.bands.checks import Held, statistic_of
from gatecourt.mechanisms.bands.figures import mean, variance
from gatecourt.mechanisms.bands.noise import Noise
from gatecourt.mechanisms.bands.placement import BandOutcome, Placement, place
from gatecourt.mechanisms.bands.section import Band
from gatecourt.mechanisms.bands.table import aligned, change_of, markdown, number

NOISE = Noise(20, Decimal("0.99"), Fraction(40), Fraction(2), Fraction(4), Fraction(5))


def band(**keys: Any) -> Band:
    return Band(**{"relative": Decimal("0.15"), "calibrated": False, **keys})


@pytest.mark.parametrize(
    ("direction", "policy", "floor", "noise"),
    [
        ("both", (34.0, 46.0), (39.0, 41.0), (36.0, 44.0)),
        ("higher_is_worse", (None, 46.0), (None, 41.0), (None, 44.0)),
        ("lower_is_worse", (34.0, None), (39.0, None), (36.0, None)),
    ],
)
def test_evidence_has_the_bounds_of_the_judged_sides(direction: str, policy: Any, floor: Any, noise: Any) -> None:
    shown: Any = place(Fraction(41), Fraction(40), band(direction=direction, floor=Decimal(1)), NOISE).as_json()
    assert shown["policy"] == {"relative": "0.15", "low": policy[0], "high": policy[1]}
    assert shown["floor"] == {"distance": "1", "low": floor[0], "high": floor[1]}
    assert (shown["noise"]["low"], shown["noise"]["high"]) == noise
    assert (shown["noise"]["runs"], shown["noise"]["confidence"], shown["noise"]["power"]) == (20, "0.99", "0.8")
    assert (shown["noise"]["half_width"], shown["noise"]["smallest_visible_shift"]) == (4.0, 5.0)
    assert (shown["value"], shown["baseline"], shown["change"]) == (41.0, 40.0, 0.025)
    assert (shown["outcome"], shown["statistic"], shown["direction"]) == ("inside", "mean", direction)


def test_evidence_without_noise_or_baseline_says_so() -> None:
    assert place(Fraction(41), Fraction(40), band()).as_json()["noise"] is None
    shown: Any = place(Fraction(41), None, band()).as_json()
    assert (shown["baseline"], shown["change"], shown["policy"]["low"]) == (None, None, None)


@pytest.mark.parametrize(("half_width", "carried"), [(5, True), (6, True), (7, False)])
def test_a_band_carries_noise_up_to_its_width(half_width: int, carried: bool) -> None:
    reach = Noise(20, Decimal("0.99"), Fraction(40), Fraction(1), Fraction(half_width), Fraction(9))
    placed = place(Fraction(40), Fraction(40), band(), reach)
    assert placed.carried is carried
    assert placed.as_json()["noise"]["carries_band"] is carried  # type: ignore[index,call-overload]  # it is an object


@pytest.mark.parametrize(
    ("value", "baseline", "keys", "noise", "finding"),
    [
        (50, 40, {}, None, ("out#/m", "34 to 46 (baseline 40, 15%)", "50 (+25%), noise not measured", "outside")),
        (50, 40, {}, NOISE,
         ("out#/m", "34 to 46 (baseline 40, 15%)", "50 (+25%), beyond the noise of 4 (20 runs)", "outside")),
        (43, 40, {"relative": Decimal("0.05")}, NOISE, (
            "out#/m", "38 to 42 (baseline 40, 5%)", "43 (+7.5%), within the noise of 4 (20 runs)",
            "narrower_than_noise",
        )),
        (50, 40, {"direction": "higher_is_worse"}, None,
         ("out#/m", "at most 46 (baseline 40, 15%)", "50 (+25%), noise not measured", "outside")),
        (30, 40, {"direction": "lower_is_worse", "floor": Decimal(2)}, None,
         ("out#/m", "at least 34 (baseline 40, 15% or 2)", "30 (-25%), noise not measured", "outside")),
        (40, 40, {"calibrated": True}, None,
         ("base#/m", "the noise of the metric, measured from at least 20 runs", "not measured", "not_calibrated")),
        (None, 40, {}, None, ("out#/m", "a finite number", "none", "metric_missing")),
        ("x", 40, {}, None, ("out#/m", "a finite number", "no finite number", "not_finite")),
        (40, None, {}, None, ("base#/m", "a recorded value", "none", "no_value")),
        (40, "x", {}, None, ("base#/m", "a recorded value", "no finite number", "value")),
        (40, 0, {}, None, ("base#/m", "a baseline other than 0, or a rule for 0", "a baseline of 0", "baseline_zero")),
    ],
)  # fmt: skip
def test_a_finding_names_place_bounds_and_value(
    value: Any, baseline: Any, keys: dict[str, Any], noise: Noise | None, finding: tuple[str, str, str, str]
) -> None:
    where, expected, observed, rule = finding
    found = place(value, baseline, band(**keys), noise).finding("out#/m", "base#/m")
    assert found == Finding(where, expected, observed, f"band.{rule}")


def test_inside_there_is_no_finding() -> None:
    assert place(Fraction(46), Fraction(40), band()).finding("out#/m", "base#/m") is None


def test_a_metric_in_the_summary_has_its_three_parts() -> None:
    inside = Held("queue", place(Fraction(41), Fraction(40), band(floor=Decimal(1)), NOISE), 8, ())
    unknown = Held("gone", Placement(BandOutcome.UNKNOWN, "band.metric_missing", band(), None, Fraction(40)), 8, ())
    above = Held("cost", place(Fraction(50), Fraction(40), band(direction="higher_is_worse")), 8, ())
    assert markdown([inside, unknown, above]) == (
        "- `queue` inside: 41, +2.5% of 40\n"
        "  policy 34 .. 46 | floor ±1 | noise ±4 | sees 5\n"
        "- `gone` unknown: band.metric_missing: -\n"
        "  policy 34 .. 46 | floor - | noise - | sees -\n"
        "- `cost` outside: band.outside: 50, +25% of 40\n"
        "  policy - .. 46 | floor - | noise - | sees -\n"
    )


def test_columns_are_aligned_first_and_last_to_the_left() -> None:
    assert aligned([("a", "b", "c"), ("long", "12345", "end")]) == "a         b  c\nlong  12345  end\n"


def test_cells_of_what_is_missing() -> None:
    assert (number(None), number(Fraction(1, 3), 3)) == ("-", "0.333")
    assert change_of(place(None, Fraction(40), band())) == "-"
    assert change_of(place(Fraction(30), Fraction(40), band())) == "-25%"


@pytest.mark.parametrize(
    ("values", "finding"),
    [
        ([1, None, 3], ("the metric in every judged row", "absent in 1 of 3 judged rows", "metric_missing")),
        ([], ("the metric in every judged row", "no judged row", "metric_missing")),
        ([1, "x", None], ("the metric in every judged row", "absent in 1 of 3 judged rows", "metric_missing")),
        ([1, 2, "x"], ("finite numbers", '"x"', "not_finite")),
        ([1, float("inf"), "x"], ("finite numbers", "inf", "not_finite")),
        ([1], ("at least 2 judged rows", "1", "too_few_samples")),
    ],
)
def test_why_a_log_has_no_statistic(values: list[Any], finding: tuple[str, str, str]) -> None:
    expected, observed, rule = finding
    found = statistic_of("log#/m", values, band(statistic="variance"))
    assert found == Finding("log#/m", expected, observed, f"band.{rule}")


def test_mean_and_variance_are_exact() -> None:
    values = [Fraction(1, 3), Fraction(1, 7), Fraction(5)]
    middle = sum(values, Fraction(0)) / 3
    assert mean(values) == middle
    assert variance(values) == sum(((value - middle) ** 2 for value in values), Fraction(0)) / 2
    assert isinstance(mean(values), Fraction)
    assert isinstance(variance(values), Fraction)
