"""The bands and bounds of a promotion over the log of training, in place of the log's own."""

from __future__ import annotations

import dataclasses
import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from gatecourt.mechanisms.bands.baseline import Baseline, Custody, Origin, recorded_metric, text_of
from gatecourt.mechanisms.bands.section import Band, BaselineSection
from gatecourt.rules.promotion.bands import judge_bands
from gatecourt.rules.promotion.bands_section import BandsSection, RollingMetric
from gatecourt.rules.telemetry.section import Identity, JudgedRows, LogSection, TelemetrySection, Threshold
from gatecourt.system.manifest.binding import bind
from tests.rules.promotion.promotion_town import Town, rules, told

LOSS = RollingMetric(2, variance_at_most=Decimal("0.05"))
SECTION = BandsSection(
    "train",
    thresholds={
        "kl_divergence": Threshold(at_most=Decimal("0.05")),
        "grad_norm": Threshold(at_most=Decimal("2.5")),
        "late_help_events": Threshold(at_least=Decimal("0.5"), statistic="mean"),
    },
    bands={
        "batch_entropy_mean": Band(relative=Decimal(0), floor=Decimal("0.1"), calibrated=False, zero="floor"),
        "queue_conflict_events": Band(calibrated=False),
        "queue_conflict_intensity_sum": Band(calibrated=False),
    },
    rolling={"loss_total": LOSS},
)
METRICS = {
    "loss_total": 1.0,
    "batch_entropy_mean": 1.5,
    "queue_conflict_events": 100,
    "queue_conflict_intensity_sum": 200,
}
LOG = LogSection(
    ("train.jsonl",),
    Identity(("epoch",)),
    numbers=("epoch",),
    judged=JudgedRows("data_mode", "rollout"),
    thresholds={"kl_divergence": Threshold(at_most=Decimal(9))},
)


def telemetry(town: Town, **metrics: float) -> TelemetrySection:
    now = datetime.datetime.now(datetime.UTC).isoformat()
    recorded = {
        name: recorded_metric("mean", [Fraction(str(value))] * 5) for name, value in {**METRICS, **metrics}.items()
    }
    text = text_of(Baseline(Custody(now, "ada", "first"), Origin("town", "train", "run"), (1, 2, 3, 4, 5), recorded))
    digest = town.own("base.json", text)
    section = BaselineSection("base.json", Decimal(86400), f"sha256:{digest}")
    return TelemetrySection({"train": dataclasses.replace(LOG, baseline=section, bands={"loss_total": Band()})})


def row(epoch: int, **changed: Any) -> dict[str, Any]:
    plain = {"epoch": epoch, "data_mode": "rollout", "kl_divergence": 0.05, "grad_norm": 2.5, "late_help_events": 1}
    whole = {**plain, **METRICS, **changed}
    return {key: value for key, value in whole.items() if value is not ...}


def bands_told(root: Path, rows: list[dict[str, Any]], section: BandsSection = SECTION) -> list[tuple[str, str]]:
    town = Town(root)
    town.out("train.jsonl", rows)
    return told(judge_bands, section, telemetry(town), town)


def shifted(name: str, value: float) -> list[dict[str, Any]]:
    return [row(epoch, **{name: value}) for epoch in (1, 2, 3)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([row(1), row(2), row(3)], []),
        (shifted("kl_divergence", 0.0501), ["telemetry.threshold"] * 3),
        (shifted("grad_norm", 2.51), ["telemetry.threshold"] * 3),
        (shifted("late_help_events", 0.5), []),
        (shifted("late_help_events", 0.49), ["telemetry.threshold"]),
        ([row(1, late_help_events=0), row(2, late_help_events=0), row(3, late_help_events=2)], []),
        (shifted("batch_entropy_mean", 1.6), []),
        (shifted("batch_entropy_mean", 1.61), ["band.outside"]),
        (shifted("batch_entropy_mean", 1.39), ["band.outside"]),
        (shifted("queue_conflict_events", 115), []),
        (shifted("queue_conflict_events", 116), ["band.outside"]),
        (shifted("queue_conflict_events", 84), ["band.outside"]),
        (shifted("queue_conflict_intensity_sum", 1000), ["band.outside"]),
        (shifted("loss_total", 1.1), []),
        (shifted("loss_total", 1.11), ["promotion.rolling_mean"]),
        (shifted("loss_total", 0.89), ["promotion.rolling_mean"]),
        ([row(1, loss_total=0.85), row(2, loss_total=1.15), row(3, loss_total=0.85)], []),
        (
            [row(1), row(2, loss_total=1.25), row(3, loss_total=0.75)],
            ["promotion.rolling_mean", "promotion.rolling_variance"],
        ),
        ([row(1), row(2, loss_total=9, data_mode="replay"), row(3)], []),
        ([row(1)], ["telemetry.too_few"]),
        ([row(1, data_mode="replay")], ["telemetry.no_judged_row"]),
        ([], ["telemetry.empty_log"]),
        ([row(1), row(2, kl_divergence=...)], ["telemetry.metric_missing"]),
        ([row(1), row(2, grad_norm="2")], ["telemetry.metric_not_a_number"]),
        ([row(1), row(2, loss_total=True)], ["promotion.value"]),
        ([row(1), row(2, queue_conflict_events=None)], ["band.metric_missing"]),
    ],
)
def test_the_bands_of_a_promotion(tmp_path: Path, rows: list[dict[str, Any]], expected: list[str]) -> None:
    assert [rule for rule, _ in bands_told(tmp_path, rows)] == expected


def test_the_first_mean_that_leaves_the_band_is_named(tmp_path: Path) -> None:
    rows = [row(epoch, loss_total=1.0 + 0.05 * epoch) for epoch in range(6)]
    found = dict(bands_told(tmp_path, rows))
    assert found["promotion.rolling_mean"] == "train.jsonl:4#/loss_total"


def test_each_rolling_metric_is_judged_by_itself_and_its_variance_only_where_it_is_bounded(tmp_path: Path) -> None:
    rolling = {"grad_norm": dataclasses.replace(LOSS, rows=3), "loss_total": RollingMetric(2)}
    section = BandsSection("train", SECTION.bands, rolling=rolling)
    rows = [row(1, loss_total=1.4), row(2, loss_total=0.6), row(3, grad_norm=4)]
    assert bands_told(tmp_path, rows, section) == [
        ("band.no_value", "promotion.bands.baseline"),
        ("promotion.rolling_variance", "train.jsonl:3#/grad_norm"),
        ("promotion.rolling_mean", "train.jsonl:3#/loss_total"),
    ]


def test_a_log_that_is_not_declared_or_has_no_baseline(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.out("train.jsonl", [row(1), row(2)])
    assert told(judge_bands, SECTION, None, town) == [("promotion.log_unknown", "promotion.bands.log")]
    bare = TelemetrySection({"train": LOG})
    assert told(judge_bands, SECTION, bare, town) == [("promotion.log_unknown", "promotion.bands.baseline")]
    other = telemetry(town)
    (tmp_path / "base.json").unlink()
    assert rules(judge_bands, SECTION, other, town) == ["band.baseline_deleted"]


def test_a_baseline_of_zero_is_undecided(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.out("train.jsonl", [row(1), row(2)])
    section = telemetry(town, loss_total=0, queue_conflict_events=0)
    assert rules(judge_bands, SECTION, section, town) == ["band.baseline_zero", "band.baseline_zero"]


def test_bands_without_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="bands: expected at least one band"):
        BandsSection("train", {})
    with pytest.raises(ValueError, match=r"band\.statistic: expected mean"):
        RollingMetric(2, Band(statistic="max"))
    document = {"log": "train", "bands": {"loss": {}}, "rolling": {"loss": {"rows": 1, "variance_at_most": -1}}}
    assert [problem.at for problem in bind(BandsSection, document)[1]] == [
        "rolling.loss.rows",
        "rolling.loss.variance_at_most",
    ]
