"""Bands: where a value lies, what noise is, and what a baseline's file and custody are worth."""

from __future__ import annotations

import datetime
import hashlib
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from gatecourt.core.file_reasons import READING
from gatecourt.core.model import Finding
from gatecourt.formats.digests import canonical_bytes
from gatecourt.mechanisms.bands.baseline import (
    Baseline,
    Calibration,
    Custody,
    Origin,
    SourceLog,
    recorded_metric,
    text_of,
)
from gatecourt.mechanisms.bands.checks import Held, hold, statistic_of
from gatecourt.mechanisms.bands.custody import Reading, read
from gatecourt.mechanisms.bands.figures import counted, fraction, percent, shown, statistic, stored
from gatecourt.mechanisms.bands.noise import Noise, measure, moved
from gatecourt.mechanisms.bands.placement import BandOutcome, Placement, place
from gatecourt.mechanisms.bands.reasons import BANDS
from gatecourt.mechanisms.bands.section import Band, BaselineSection
from gatecourt.mechanisms.bands.table import markdown
from gatecourt.system.manifest.binding import bind

QUICK = settings(max_examples=60, deadline=None, derandomize=True, database=None)
NOW = datetime.datetime(2026, 11, 20, 12, tzinfo=datetime.UTC)
PLAIN = Band(calibrated=False)
RANK = {BandOutcome.INSIDE: 0, BandOutcome.NOISE: 1, BandOutcome.OUTSIDE: 2}
DECIMALS = st.decimals(-(10**6), 10**6, allow_nan=False, allow_infinity=False, places=4)
DISTANCES = st.decimals(0, 10**6, allow_nan=False, allow_infinity=False, places=4)
BANDS_OF_ANY_KIND = st.builds(
    Band,
    relative=st.decimals(0, 2, allow_nan=False, places=3),
    floor=st.one_of(st.just(Decimal(0)), DISTANCES),
    direction=st.sampled_from(["both", "higher_is_worse", "lower_is_worse"]),
    calibrated=st.booleans(),
)


def noise(half_width: Decimal | int | str) -> Noise:
    """A noise of which only the reach matters."""
    reach = Fraction(half_width)
    return Noise(20, Decimal("0.99"), Fraction(0), reach / 3, reach, reach)


def outcome(placed: Placement) -> tuple[BandOutcome, str | None]:
    return placed.outcome, placed.rule


# --- the band


@pytest.mark.parametrize("baseline", ["32", "0.1", "-7.3", "1e-12", "3.3333333333333335", "1e300", "52.75"])
@pytest.mark.parametrize("side", [1, -1])
def test_the_bound_itself_is_inside_and_the_next_decimal_is_not(baseline: str, side: int) -> None:
    base = Fraction(baseline)
    bound = base + side * abs(base) * Fraction("0.15")
    assert outcome(place(bound, base, PLAIN)) == (BandOutcome.INSIDE, None)
    beyond = bound + side * abs(base) * Fraction(1, 10**30)
    assert outcome(place(beyond, base, PLAIN)) == (BandOutcome.OUTSIDE, "band.outside")


def test_a_float_is_the_decimal_that_it_is_written_as() -> None:
    # In binary 0.85 * 0.1 is not what it says; 0.085 as written is exactly the bound.
    assert place(0.085, 0.1, PLAIN).outcome is BandOutcome.INSIDE
    assert place(0.115, 0.1, PLAIN).outcome is BandOutcome.INSIDE
    assert place(math.nextafter(0.115, 1), 0.1, PLAIN).outcome is BandOutcome.OUTSIDE
    assert (
        place(0.30000000000000004, 0.1 * 3, Band(relative=Decimal(0), calibrated=False)).outcome is BandOutcome.INSIDE
    )


@pytest.mark.parametrize("factor", ["1.14", "0.86"])
def test_fourteen_percent_is_acquitted_on_either_side(factor: str) -> None:
    assert place(Decimal(factor) * 40, 40, Band(), noise(2)).rule is None


@pytest.mark.parametrize("factor", ["1.16", "0.84"])
def test_sixteen_percent_is_convicted_on_either_side(factor: str) -> None:
    assert place(Decimal(factor) * 40, 40, Band(), noise(2)).rule == "band.outside"


def test_outside_the_band_but_within_the_noise_is_for_a_person() -> None:
    placed = place(50, 40, Band(), noise(10))
    assert outcome(placed) == (BandOutcome.NOISE, "band.narrower_than_noise")
    assert placed.carried is False
    assert place(Decimal("50.0001"), 40, Band(), noise(10)).rule == "band.outside"


def test_without_noise_outside_is_wrong_and_inside_is_not_yet_known_to_be_right() -> None:
    assert outcome(place(50, 40, Band())) == (BandOutcome.OUTSIDE, "band.outside")
    assert outcome(place(41, 40, Band())) == (BandOutcome.INSIDE, "band.not_calibrated")
    assert outcome(place(41, 40, PLAIN)) == (BandOutcome.INSIDE, None)


def test_the_floor_is_always_inside() -> None:
    band = Band(floor=Decimal("0.5"), calibrated=False)
    assert place(Decimal("0.6"), Decimal("0.1"), band).outcome is BandOutcome.INSIDE
    assert place(Decimal("0.60001"), Decimal("0.1"), band).outcome is BandOutcome.OUTSIDE
    assert place(Decimal("114.9"), 100, band).outcome is BandOutcome.INSIDE


@pytest.mark.parametrize(
    ("direction", "low", "high"),
    [
        ("both", BandOutcome.OUTSIDE, BandOutcome.OUTSIDE),
        ("higher_is_worse", BandOutcome.INSIDE, BandOutcome.OUTSIDE),
        ("lower_is_worse", BandOutcome.OUTSIDE, BandOutcome.INSIDE),
    ],
)
@pytest.mark.parametrize("baseline", [40, -40])
def test_a_direction_judges_its_own_side(direction: Any, low: BandOutcome, high: BandOutcome, baseline: int) -> None:
    band = Band(direction=direction, calibrated=False)
    assert place(baseline - 7, baseline, band).outcome is low
    assert place(baseline + 7, baseline, band).outcome is high


@pytest.mark.parametrize(
    ("band", "value", "rule"),
    [
        (Band(), 0, "band.baseline_zero"),
        (Band(floor=Decimal(3)), 1, "band.baseline_zero"),
        (Band(zero="equal", calibrated=False), 0, None),
        (Band(zero="equal", calibrated=False), Decimal("1e-30"), "band.outside"),
        (Band(zero="floor", floor=Decimal(2), calibrated=False), -2, None),
        (Band(zero="floor", floor=Decimal(2), calibrated=False), Decimal("2.01"), "band.outside"),
        (Band(zero="equal", direction="lower_is_worse", calibrated=False), 5, None),
    ],
)
def test_a_baseline_of_zero_has_one_explicit_rule(band: Band, value: Any, rule: str | None) -> None:
    assert place(value, 0, band).rule == rule
    assert place(value, Decimal("-0.0"), band).rule == rule


@pytest.mark.parametrize(
    ("value", "baseline", "rule"),
    [
        (None, 4, "band.metric_missing"),
        (math.nan, 4, "band.not_finite"),
        (math.inf, 4, "band.not_finite"),
        (Decimal("sNaN"), 4, "band.not_finite"),
        (True, 1, "band.not_finite"),
        ("4", 4, "band.not_finite"),
        (4, None, "band.no_value"),
        (4, math.nan, "band.value"),
        (4, "4", "band.value"),
    ],
)
def test_what_is_no_number_is_never_inside(value: Any, baseline: Any, rule: str) -> None:
    placed = place(value, baseline, PLAIN, noise(1))
    assert outcome(placed) == (BandOutcome.UNKNOWN, rule)
    assert placed.finding("log#/x", "base.json#/metrics/x") is not None
    canonical_bytes(placed.as_json())


@QUICK
@given(
    base=DECIMALS, near=DISTANCES, far=DISTANCES, up=st.booleans(), band=BANDS_OF_ANY_KIND, reach=st.none() | DISTANCES
)
def test_farther_from_the_baseline_is_never_better(
    base: Decimal, near: Decimal, far: Decimal, up: bool, band: Band, reach: Decimal | None
) -> None:
    assume(base)
    near, far = sorted((near, far))
    measured = None if reach is None else noise(reach)
    closer, further = (place(base + step if up else base - step, base, band, measured) for step in (near, far))
    assert RANK[closer.outcome] <= RANK[further.outcome]
    verdicts = {reason.code: reason.verdict.severity for reason in BANDS}
    assert verdicts.get(closer.rule or "", 0) <= verdicts.get(further.rule or "", 0)


@QUICK
@given(base=DECIMALS, step=DISTANCES, reach=st.none() | DISTANCES, band=BANDS_OF_ANY_KIND)
def test_both_sides_are_symmetric_and_so_are_signs(
    base: Decimal, step: Decimal, reach: Decimal | None, band: Band
) -> None:
    assume(base)
    measured = None if reach is None else noise(reach)
    both = replace(band, direction="both")
    up = outcome(place(base + step, base, both, measured))
    assert outcome(place(base - step, base, both, measured)) == up
    assert outcome(place(-base - step, -base, both, measured)) == up
    mirrored = {"both": "both", "higher_is_worse": "lower_is_worse", "lower_is_worse": "higher_is_worse"}
    other = replace(band, direction=mirrored[band.direction])
    assert outcome(place(base + step, base, band, measured)) == outcome(place(-base - step, -base, other, measured))


@QUICK
@given(
    base=DECIMALS,
    value=DECIMALS,
    scale=st.fractions(min_value=Fraction(1, 10**9), max_value=10**9),
    band=BANDS_OF_ANY_KIND,
    reach=st.none() | DISTANCES,
)
def test_the_unit_of_a_metric_does_not_matter(
    base: Decimal, value: Decimal, scale: Fraction, band: Band, reach: Decimal | None
) -> None:
    scale = Fraction(Decimal(scale.numerator) / Decimal(scale.denominator))
    other = replace(band, floor=band.floor * Decimal(scale.numerator) / Decimal(scale.denominator))
    assume(Fraction(other.floor) == Fraction(band.floor) * scale)
    measured, scaled = (None, None) if reach is None else (noise(reach), noise(str(reach)))
    if scaled is not None:
        scaled = replace(scaled, half_width=scaled.half_width * scale)
    plain = outcome(place(value, base, band, measured))
    assert outcome(place(Fraction(value) * scale, Fraction(base) * scale, other, scaled)) == plain


@QUICK
@given(
    value=st.sampled_from([math.nan, math.inf, -math.inf, Decimal("NaN"), Decimal("Infinity"), None, "1", True]),
    baseline=st.one_of(DECIMALS, st.sampled_from([None, math.nan])),
    band=BANDS_OF_ANY_KIND,
    reach=st.none() | DISTANCES,
)
def test_nothing_passes_that_is_not_finite(value: Any, baseline: Any, band: Band, reach: Decimal | None) -> None:
    for left, right in ((value, baseline), (Decimal(1), math.nan)):
        placed = place(left, right, band, None if reach is None else noise(reach))
        assert placed.outcome is BandOutcome.UNKNOWN
        assert placed.rule is not None


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"zero": "floor"}, 'zero: "floor" needs a floor above 0'),
        ({"zero": "equal", "floor": Decimal(1)}, 'zero: "equal" contradicts a floor above 0; write zero = "floor"'),
    ],
)
def test_a_band_that_contradicts_itself_is_refused(wrong: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=f"^{problem}$"):
        Band(**wrong)
    assert Band(zero="floor", floor=Decimal(1)).zero == "floor"


def test_every_wrong_field_is_reported_with_its_key() -> None:
    bound, problems = bind(Band, {"relative": "-1%", "floor": -1, "at_least": 0, "zero": "hold"})
    assert bound is None
    assert [problem.at for problem in problems] == ["relative", "floor", "at_least"]
    written = {"file": "../b.txt", "max_age": "0s", "sha256": "sha256:ABC", "seeds": 0, "confidence": "79%"}
    bound, problems = bind(BaselineSection, written)
    assert bound is None
    assert {problem.at for problem in problems} == set(written)


@pytest.mark.parametrize("confidence", ["80%", "99.99%"])
def test_the_bounds_of_a_section_are_accepted(confidence: str) -> None:
    written = {"file": "a/b.json", "max_age": "1s", "sha256": f"sha256:{'0' * 64}", "seeds": 1}
    bound, problems = bind(BaselineSection, {**written, "confidence": confidence})
    assert problems == []
    assert bound is not None


# --- statistics over rows


@QUICK
@given(values=st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=12))
def test_statistics_agree_with_numpy(values: list[float]) -> None:
    exact = [fraction(value) for value in values]
    known = [number for number in exact if number is not None]
    references: dict[Any, Callable[[Sequence[float]], Any]] = {
        "mean": np.mean,
        "sum": np.sum,
        "max": np.max,
        "min": np.min,
        "last": lambda found: found[-1],
        "variance": lambda found: np.var(found, ddof=1),
    }
    for kind, reference in references.items():
        assert float(statistic(kind, known)) == pytest.approx(float(reference(values)), rel=1e-9, abs=1e-6), kind


def test_a_mean_is_not_rounded() -> None:
    assert statistic_of("log#/x", [0.1, 0.2, 0.3], Band()) == Fraction(1, 5)


@pytest.mark.parametrize(
    ("values", "band", "rule"),
    [
        ([], Band(), "band.metric_missing"),
        ([1.0, None], Band(), "band.metric_missing"),
        ([1.0, math.nan], Band(), "band.not_finite"),
        ([1.0, True], Band(), "band.not_finite"),
        ([1.0, "2"], Band(), "band.not_finite"),
        ([1.0, 2.0], Band(at_least=3), "band.too_few_samples"),
        ([1.0], Band(statistic="variance"), "band.too_few_samples"),
    ],
)
def test_rows_that_give_no_statistic_say_why(values: list[Any], band: Band, rule: str) -> None:
    found = statistic_of("log#/x", values, band)
    assert isinstance(found, Finding)
    assert found.rule == rule


def test_numbers_are_written_so_that_people_can_read_them() -> None:
    assert [shown(Fraction(text)) for text in ("27.20", "-0.00031", "1e300", "0", "100000")] == [
        "27.2",
        "-0.00031",
        "1e+300",
        "0",
        "100000",
    ]
    assert [percent(Fraction(text)) for text in ("0.16", "-0.0025", "0", "1e5")] == [
        "+16%",
        "-0.25%",
        "+0%",
        "+10000000%",
    ]
    assert stored(Fraction(1, 3)) == 0.333333333333
    assert stored(Fraction(10) ** 400) == "1.00000000000E+400"


# --- noise

SAMPLES = tuple(Fraction(repr(round(float(x), 6))) for x in np.random.default_rng(7).normal(40, 1.5, 20))
CONFIDENCE = Decimal("0.99")


@pytest.mark.parametrize(("confidence", "averaged"), [("0.99", 20), ("0.95", 20), ("0.8", 1), ("0.9999", 7)])
def test_the_prediction_interval_is_that_of_scipy(confidence: str, averaged: int) -> None:
    found = measure(SAMPLES, Decimal(confidence), averaged)
    floats = [float(sample) for sample in SAMPLES]
    scale = np.std(floats, ddof=1) * math.sqrt(1 + 1 / averaged)
    low, high = stats.t.interval(float(confidence), 19, loc=np.mean(floats), scale=scale)
    assert float(found.half_width) == pytest.approx((high - low) / 2, rel=1e-8)
    assert float(found.mean) == pytest.approx(np.mean(floats))
    assert float(found.deviation) == pytest.approx(np.std(floats, ddof=1))


@pytest.mark.parametrize("confidence", ["0.8", "0.95", "0.99", "0.999"])
@pytest.mark.parametrize("seeds", [20, 31, 120])
def test_the_visible_shift_is_seen_with_a_power_of_80_percent(confidence: str, seeds: int) -> None:
    samples = tuple(Fraction(repr(float(x))) for x in np.random.default_rng(3).normal(0, 2, seeds))
    found = measure(samples, Decimal(confidence), seeds)
    scale = float(found.deviation) * math.sqrt(1 + 1 / seeds)
    beyond = float(found.half_width) / scale
    power = stats.nct.sf(beyond, seeds - 1, float(found.visible) / scale)
    assert power == pytest.approx(0.8, abs=1e-6)


def test_honest_runs_lie_within_the_noise_as_often_as_it_says() -> None:
    source = np.random.default_rng(20261120)
    within = 0
    for _ in range(400):
        *runs, one = (Fraction(float(x)) for x in source.normal(10, 1, 21))
        found = measure(tuple(runs), Decimal("0.9"), 20)
        within += abs(one - found.mean) <= found.half_width
    low, high = stats.binom.interval(0.9999, 400, 0.9)
    assert low <= within <= high


def test_a_shift_of_the_visible_size_is_seen_four_times_in_five() -> None:
    source = np.random.default_rng(11)
    far = [float(measure(SAMPLES, CONFIDENCE, 20).visible / measure(SAMPLES, CONFIDENCE, 20).deviation)]
    seen = 0
    for _ in range(400):
        *runs, one = (Fraction(float(x)) for x in source.normal(0, 1, 21))
        found = measure(tuple(runs), CONFIDENCE, 20)
        seen += abs(one + Fraction(far[0]) - found.mean) > found.half_width
    low, high = stats.binom.interval(0.9999, 400, 0.8)
    assert low <= seen <= high


def test_runs_that_never_differ_have_no_noise() -> None:
    found = measure((Fraction(7),) * 20, CONFIDENCE, 20)
    assert (found.half_width, found.visible) == (0, 0)
    assert place(7, 7, Band(), found).rule is None
    assert place(9, 7, Band(), found).rule == "band.outside"


def test_noise_scales_with_its_unit() -> None:
    one, thousand = measure(SAMPLES, CONFIDENCE, 20), measure(tuple(1000 * s for s in SAMPLES), CONFIDENCE, 20)
    assert thousand.half_width == 1000 * one.half_width
    huge = measure(tuple(s * Fraction(10) ** 305 for s in SAMPLES), CONFIDENCE, 20)
    assert float(huge.half_width / 10**305) == pytest.approx(float(one.half_width))


def test_calibrated_runs_of_another_system_are_noticed() -> None:
    centre = sum(SAMPLES, Fraction(0)) / 20
    assert not moved(SAMPLES, centre, 20)
    assert moved(SAMPLES, centre + 3, 20)
    assert not moved((Fraction(1, 3),) * 20, Fraction("0.333333333333"), 20)


# --- the baseline's file

CUSTODY = Custody("2026-11-01T08:00:00+00:00", "night desk", "first recording", None)
SECTION = BaselineSection("baselines/queue.json", Decimal(90 * 86400))


def recorded(samples: Sequence[Fraction] = SAMPLES, *, seeds: int = 20, kind: str = "mean") -> Baseline:
    metric = recorded_metric(kind, samples)
    found = Calibration(CUSTODY, tuple(range(100, 100 + seeds)), {"events": SAMPLES[:seeds]})
    return Baseline(CUSTODY, Origin("town", "queue", "train"), tuple(range(len(samples))), {"events": metric}, found)


def written(root: Path, content: Baseline | dict[str, Any] | bytes) -> BaselineSection:
    """The file in its place, and the section that pins it."""
    path = root / SECTION.file
    path.parent.mkdir(exist_ok=True)
    if isinstance(content, Baseline):
        content = text_of(content).encode()
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    path.write_bytes(data)
    return replace(SECTION, sha256=f"sha256:{hashlib.sha256(data).hexdigest()}")


def heard(root: Path, section: BaselineSection, now: datetime.datetime = NOW) -> Reading:
    return read(section, root, "town", "queue", now)


def rules(findings: Sequence[Finding]) -> list[str]:
    return [finding.rule for finding in findings]


def document(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text_of(recorded()))
    return {**found, **changes}


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    reading = heard(tmp_path, written(tmp_path, recorded()))
    assert reading.findings == ()
    assert reading.baseline == recorded()
    assert reading.subject is not None
    assert text_of(recorded()).encode() == (tmp_path / SECTION.file).read_bytes()


def test_a_baseline_that_was_never_recorded_and_one_that_is_gone_are_two_things(tmp_path: Path) -> None:
    assert rules(heard(tmp_path, SECTION).findings) == ["band.no_baseline"]
    pinned = written(tmp_path, recorded())
    (tmp_path / SECTION.file).unlink()
    assert rules(heard(tmp_path, pinned).findings) == ["band.baseline_deleted"]


def test_a_rewritten_baseline_is_told_and_nothing_is_held_against_it(tmp_path: Path) -> None:
    pinned = written(tmp_path, recorded())
    written(tmp_path, document(reason="nothing to see"))
    reading = heard(tmp_path, pinned)
    assert rules(reading.findings) == ["band.baseline_rewritten"]
    assert reading.baseline is None
    assert rules(heard(tmp_path, SECTION).findings) == ["band.baseline_not_pinned"]


@pytest.mark.parametrize(
    ("changes", "rule", "where"),
    [
        ({"by": " "}, "band.custody", "/by"),
        ({"by": 3}, "band.custody", "/by"),
        ({"reason": ""}, "band.custody", "/reason"),
        ({"recorded_at": None}, "band.custody", "/recorded_at"),
        ({"recorded_at": "2026-11-01"}, "band.custody", "/recorded_at"),
        ({"recorded_at": "2026-11-01T08:00:00"}, "band.custody", "/recorded_at"),
        ({"recorded_at": "2026-08-01T08:00:00+00:00"}, "band.baseline_old", "/recorded_at"),
        ({"recorded_at": "2026-11-20T12:02:00+00:00"}, "band.baseline_future", "/recorded_at"),
        ({"commit": "HEAD"}, "band.custody", "/commit"),
        ({"previous": "sha256:1"}, "band.custody", "/previous"),
        ({"target": "other"}, "band.baseline_other", "/target"),
        ({"log": "control"}, "band.baseline_other", "/log"),
        ({"format": "gatecourt/baseline/2"}, "band.baseline_format", "/format"),
        ({"passed": True}, "band.baseline_format", "/passed"),
        ({"seeds": [1, 1]}, "band.value", "/seeds"),
        ({"seeds": [True, 2]}, "band.value", "/seeds"),
        ({"metrics": []}, "band.value", "/metrics"),
        ({"noise": 3}, "band.value", "/noise"),
        ({"before": {"events": {"statistic": "mean", "value": True}}}, "band.value", "/before/events/value"),
    ],
)
def test_each_defect_of_custody_is_one_finding(tmp_path: Path, changes: dict[str, Any], rule: str, where: str) -> None:
    found = heard(tmp_path, written(tmp_path, document(**changes))).findings
    assert f"{SECTION.file}#{where}" in [finding.where for finding in found if finding.rule == rule]


@pytest.mark.parametrize(("number", "observed"), [(4, "4 seeds"), (1, "1 seed")])
def test_too_few_seeds_are_told(tmp_path: Path, number: int, observed: str) -> None:
    found = heard(tmp_path, written(tmp_path, recorded(SAMPLES[:number]))).findings
    assert [(one.where, one.expected, one.observed, one.rule) for one in found] == [
        (f"{SECTION.file}#/seeds", "at least 5 seeds", observed, "band.baseline_seeds")
    ]


def logs(number: int, first: int = 0) -> tuple[SourceLog, ...]:
    return tuple(SourceLog(f"runs/{at}.jsonl", f"sha256:{at:064x}") for at in range(first, first + number))


def from_logs(number: int = 20) -> Baseline:
    """A baseline and its noise, both from logs of runs whose seeds nobody knows."""
    found = recorded(SAMPLES[:number])
    assert found.noise is not None
    noise = replace(found.noise, seeds=(), sources=logs(20, 100))
    return replace(found, origin=Origin("town", "queue", None), seeds=(), sources=logs(number), noise=noise)


def test_a_baseline_from_logs_names_them_in_the_place_of_seeds(tmp_path: Path) -> None:
    reading = heard(tmp_path, written(tmp_path, from_logs()))
    assert (reading.findings, reading.baseline) == ((), from_logs())
    content = json.loads((tmp_path / SECTION.file).read_bytes())
    assert "seeds" not in {*content, *content["noise"]}
    assert content["command"] is None
    assert content["sources"][1] == {"name": "runs/1.jsonl", "sha256": f"sha256:{1:064x}"}
    assert rules(held(Fraction(40), from_logs()).findings) == []
    assert rules(held(Fraction(50), from_logs()).findings) == ["band.outside"]


def test_noise_from_logs_fits_a_baseline_from_seeds(tmp_path: Path) -> None:
    mixed = replace(recorded(), noise=from_logs().noise)
    reading = heard(tmp_path, written(tmp_path, mixed))
    assert (reading.findings, reading.baseline) == ((), mixed)


def test_too_few_logs_are_like_too_few_seeds(tmp_path: Path) -> None:
    found = heard(tmp_path, written(tmp_path, from_logs(4))).findings
    assert [(one.where, one.observed, one.rule) for one in found] == [
        (f"{SECTION.file}#/sources", "4 logs", "band.baseline_seeds")
    ]


LOG = {"name": "a", "sha256": f"sha256:{7:064x}"}


@pytest.mark.parametrize(
    ("sources", "where"),
    [
        ([], "/sources"),
        (None, "/sources"),
        ("a.jsonl", "/sources"),
        (["a.jsonl"] * 20, "/sources"),
        ([LOG] * 20, "/sources"),
        ([{**LOG, "name": ""}], "/sources"),
        ([{**LOG, "sha256": 3}], "/sources"),
        ([{**LOG, "sha256": "sha256:7"}], "/sources"),
        ([{**LOG, "seed": 7}], "/sources"),
        ([LOG], "/metrics/events/samples"),
    ],
)
def test_sources_that_a_recording_does_not_write_are_told(tmp_path: Path, sources: Any, where: str) -> None:
    content = json.loads(text_of(from_logs())) | {"sources": sources}
    found = heard(tmp_path, written(tmp_path, content)).findings
    assert ("band.value", f"{SECTION.file}#{where}") in [(one.rule, one.where) for one in found]


def test_a_sample_has_a_seed_or_a_source_and_not_both(tmp_path: Path) -> None:
    content = json.loads(text_of(from_logs())) | {"seeds": list(range(20))}
    found = heard(tmp_path, written(tmp_path, content)).findings
    assert [(one.rule, one.where) for one in found] == [("band.baseline_format", f"{SECTION.file}#/seeds")]


def test_noise_from_the_logs_of_the_baseline_itself_is_told(tmp_path: Path) -> None:
    own = from_logs()
    assert own.noise is not None
    own = replace(own, noise=replace(own.noise, sources=(*logs(19, 100), own.sources[3])))
    found = heard(tmp_path, written(tmp_path, own)).findings
    assert [(one.rule, one.where) for one in found] == [("band.value", f"{SECTION.file}#/noise/sources")]


def test_one_of_a_thing_is_told_in_the_singular() -> None:
    assert [counted(number, "judged row") for number in (0, 1, 2)] == ["0 judged rows", "1 judged row", "2 judged rows"]
    found = statistic_of("log#/x", [None], Band())
    assert isinstance(found, Finding)
    assert found.observed == "absent in 1 of 1 judged row"


def test_an_age_of_one_day_is_told_in_the_singular(tmp_path: Path) -> None:
    section = replace(written(tmp_path, recorded()), max_age=Decimal(86400))
    assert {one.expected for one in heard(tmp_path, section).findings} == {"a recording of the last 1 day"}


@pytest.mark.parametrize("value", [True, "40", None, [40], 1e-5])
def test_a_value_that_a_recording_does_not_write_is_told(tmp_path: Path, value: Any) -> None:
    content = document()
    content["metrics"]["events"]["value"] = value
    reading = heard(tmp_path, written(tmp_path, content))
    assert [(one.rule, one.where) for one in reading.findings] == [
        ("band.value", f"{SECTION.file}#/metrics/events/value")
    ]
    assert reading.baseline is not None
    assert "events" not in reading.baseline.metrics


@pytest.mark.parametrize("value", [False, "1", None])
@pytest.mark.parametrize("part", ["metrics", "noise"])
def test_so_is_a_sample(tmp_path: Path, value: Any, part: str) -> None:
    content = document()
    samples = content["metrics"]["events"]["samples"] if part == "metrics" else content["noise"]["samples"]["events"]
    samples[3] = value
    found = heard(tmp_path, written(tmp_path, content)).findings
    assert rules(found) == ["band.value"]
    assert found[0].where.endswith("/3")


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", "json.syntax"),
        (b"[]", "band.baseline_format"),
        (b'{"format": NaN}', "json.not_finite"),
        (b'{"format": 1, "format": 2}', "json.duplicate_key"),
        (b"\xff", "json.encoding"),
    ],
)
def test_a_file_that_is_no_baseline_is_one_finding(tmp_path: Path, data: bytes, rule: str) -> None:
    reading = heard(tmp_path, written(tmp_path, data))
    assert rules(reading.findings) == [rule]
    assert reading.baseline is None


def test_a_folder_or_a_dangling_link_in_its_place_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / SECTION.file).mkdir(parents=True)
    assert rules(heard(tmp_path, SECTION).findings) == ["artefact.unreadable"]
    (tmp_path / SECTION.file).rmdir()
    (tmp_path / SECTION.file).symlink_to("nowhere")
    assert rules(heard(tmp_path, SECTION).findings) == ["artefact.unreadable"]


# --- one metric, held


def held(value: Any, baseline: Baseline, band: Band | None = None, rows: int = 5) -> Held:
    return hold("events", "log.jsonl#/events", value, rows, band or Band(), SECTION, baseline)


def test_a_metric_at_its_baseline_passes_with_the_smallest_visible_shift_in_evidence() -> None:
    found = held(Fraction(40), recorded())
    assert found.findings == ()
    told: Any = found.as_json()
    assert told["outcome"] == "inside"
    assert 0 < told["noise"]["half_width"] < told["noise"]["smallest_visible_shift"]
    assert told["noise"]["carries_band"] is True
    assert told["policy"]["low"] == pytest.approx(0.85 * told["baseline"])
    canonical_bytes(told)


def test_a_metric_that_moved_is_convicted_at_its_own_place() -> None:
    found = held(Fraction(50), recorded())
    assert [(one.rule, one.where) for one in found.findings] == [("band.outside", "log.jsonl#/events")]
    assert "beyond the noise" in found.findings[0].observed


@pytest.mark.parametrize("seeds", [0, 19])
def test_fewer_than_twenty_seeds_are_no_noise(seeds: int) -> None:
    assert rules(held(Fraction(40), recorded(seeds=seeds)).findings) == ["band.not_calibrated"]
    assert rules(held(Fraction(50), recorded(seeds=seeds)).findings) == ["band.outside"]


def test_noise_wider_than_the_band_names_the_metric_that_cannot_carry_it() -> None:
    wide = recorded()
    spread = tuple(40 + 8 * (sample - 40) for sample in SAMPLES)
    wide = replace(
        wide, metrics={"events": recorded_metric("mean", spread)}, noise=replace(wide.noise, samples={"events": spread})
    )
    found = held(Fraction(50), wide)
    assert rules(found.findings) == ["band.narrower_than_noise"]
    assert found.findings[0].where == "log.jsonl#/events"


def test_noise_from_the_seeds_that_were_recorded_is_told(tmp_path: Path) -> None:
    content = document()
    content["noise"]["seeds"] = content["seeds"]
    found = heard(tmp_path, written(tmp_path, content)).findings
    assert [(each.rule, each.where) for each in found] == [("band.value", f"{SECTION.file}#/noise/seeds")]


def test_runs_all_alike_are_not_the_noise_of_a_system_whose_runs_differ() -> None:
    baseline = recorded()
    assert baseline.noise is not None
    alike = {"events": (baseline.metrics["events"].value,) * 20}
    found = held(Fraction(40), replace(baseline, noise=replace(baseline.noise, samples=alike)))
    assert rules(found.findings) == ["band.noise_moved"]


def test_noise_of_another_system_is_told_beside_the_outcome() -> None:
    other = replace(recorded(), metrics={"events": recorded_metric("mean", [s + 4 for s in SAMPLES])})
    assert rules(held(Fraction(44), other).findings) == ["band.noise_moved"]


@pytest.mark.parametrize(
    ("value", "baseline", "band", "rows", "rule"),
    [
        (Fraction(40), replace(recorded(), metrics={}), Band(), 5, "band.no_value"),
        (Fraction(40), recorded(kind="sum"), Band(), 5, "band.other_statistic"),
        (Fraction(40), recorded(), Band(at_least=6), 5, "band.too_few_samples"),
        (None, recorded(), Band(), 0, "band.metric_missing"),
        (Finding("log.jsonl:3#/events", "a number", "NaN", "telemetry.x"), recorded(), Band(), 5, "telemetry.x"),
    ],
)
def test_what_cannot_be_held_says_why(value: Any, baseline: Baseline, band: Band, rows: int, rule: str) -> None:
    found = held(value, baseline, band, rows)
    assert rules(found.findings) == [rule]
    assert found.placement.outcome is BandOutcome.UNKNOWN
    assert rule in markdown([found])


def test_the_three_parts_stand_side_by_side() -> None:
    found = [held(Fraction(40), recorded()), held(Fraction(55), recorded(), Band(floor=Decimal("0.5")))]
    first, parts, second, others = markdown(found).splitlines()
    assert " inside: 40" in first
    assert " outside: band.outside: 55, " in second
    for line, floor in ((parts, "-"), (others, "±0.5")):
        assert [part.split()[0] for part in line.split("|")] == ["policy", "floor", "noise", "sees"]
        assert f"floor {floor} |" in line
        assert len(line) <= 80


def test_the_step_for_a_last_line_without_its_newline_is_true_of_a_whole_record_too() -> None:
    step = next(reason.next_action for reason in READING if reason.code == "jsonl.truncated")
    assert step == "{where} is a last line without its newline: find out why its writer stopped."


def test_every_rule_is_registered_once() -> None:
    codes = [reason.code for reason in (*BANDS, *READING)]
    assert len(set(codes)) == len(codes)
    source = Path(place.__code__.co_filename).parent
    told = {word for path in source.glob("*.py") for word in path.read_text("utf-8").split('"') if word[:5] == "band."}
    assert told <= set(codes)
    assert {reason.code for reason in BANDS} <= told
