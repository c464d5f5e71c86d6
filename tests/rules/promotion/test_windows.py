"""Windows, alerts, thresholds and parity: what a run shows while a candidate is watched."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecourt.core.protocols import Target
from gatecourt.rules.promotion.alerts import judge_alerts
from gatecourt.rules.promotion.documents import Document
from gatecourt.rules.promotion.parity import judge_parity
from gatecourt.rules.promotion.reading import value_of
from gatecourt.rules.promotion.release_section import AlertsSection, ParitySection, Stated, ThresholdsSection
from gatecourt.rules.promotion.thresholds import judge_thresholds
from gatecourt.rules.promotion.windows import judge_windows, problems
from gatecourt.rules.promotion.windows_section import WindowBound, WindowsSection
from tests.rules.promotion.promotion_town import Town, rules, told

LATENESS = WindowBound("/lateness", baseline=Decimal(4))
BOUNDS = {
    "lateness": LATENESS,
    "starvation": WindowBound("/starvation_incidents", at_most=Decimal(0)),
    "switches": WindowBound("/option_switch_rate", at_most=Decimal("0.25"), samples="/option_samples", min_samples=5),
}
WINDOWS = WindowsSection(Document("windows.json"), min_observations=10, bounds=BOUNDS)


def with_lateness(**changed: Any) -> WindowsSection:
    """The windows with another bound of the lateness."""
    return dataclasses.replace(WINDOWS, bounds={**BOUNDS, "lateness": dataclasses.replace(LATENESS, **changed)})


ALERTS = AlertsSection(
    (Document("console.json", "/stability/alerts"),),
    hard_holds=("starvation_spike", "option_thrash_detected"),
    aliases={"option_thrash_detected": ("option_thrashing",)},
)


def window(start: int, **changed: Any) -> dict[str, Any]:
    plain = {"start": start, "end": start + 20, "observations": 20, "lateness": 3, "starvation_incidents": 0}
    whole = {**plain, "option_switch_rate": 0.1, "option_samples": 40, "alerts": [], **changed}
    return {key: value for key, value in whole.items() if value is not ...}


def windows_told(root: Path, windows: Any, section: WindowsSection = WINDOWS) -> list[str]:
    town = Town(root)
    town.out("windows.json", windows)
    return rules(judge_windows, section, town)


EMPTY = {"observations": 0, "option_switch_rate": None, "option_samples": 0}


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        ([window(0), window(20)], []),
        ([window(0, lateness=99), window(20), window(40)], []),
        ([window(0), window(20, lateness=8)], []),
        ([window(0), window(20, lateness=8.01)], ["promotion.window_bound"]),
        ([window(0), window(20, starvation_incidents=1)], ["promotion.window_bound"]),
        ([window(0), window(20, option_switch_rate=0.25)], []),
        ([window(0), window(20, option_switch_rate=0.2501)], ["promotion.window_bound"]),
        ([window(0), window(20, option_samples=4)], ["promotion.samples_too_few"]),
        ([window(0), window(20, option_switch_rate=None)], ["promotion.missing"]),
        ([window(0), window(20, lateness="3")], ["promotion.value"]),
        ([window(0), window(20, lateness=-1)], ["promotion.value"]),
        ([window(0), window(20, starvation_incidents=False)], ["promotion.value"]),
        ([window(0), window(20, starvation_incidents=...)], ["promotion.missing"]),
        ([window(0)], ["promotion.windows_too_few"]),
        ([], ["promotion.windows_too_few"]),
        ([window(0), window(20, **EMPTY), window(40)], []),
        ([window(0), window(20), window(40, **EMPTY)], []),
        ([window(0, **EMPTY), window(20)], ["promotion.windows_too_few"]),
        ([window(0, lateness=99), window(20, **EMPTY), window(40)], ["promotion.window_bound"]),
        ([window(0), window(20, observations=9)], ["promotion.windows_too_few"]),
        ([window(0), window(20, observations=21)], ["promotion.window_overfull", "promotion.windows_too_few"]),
        ([window(0), window(21)], ["promotion.window_gap"]),
        ([window(0), window(19)], ["promotion.window_order"]),
        ([window(20), window(0)], ["promotion.window_order"]),
        ([window(0), window(0)], ["promotion.window_order"]),
        ([window(0), window(20, end=20)], ["promotion.window_order", "promotion.windows_too_few"]),
        ([window(0), window(20), 5], ["promotion.missing"]),
        ({"windows": []}, ["promotion.value"]),
    ],
)
def test_which_windows_count_and_whether_they_are_green(tmp_path: Path, windows: Any, expected: list[str]) -> None:
    assert windows_told(tmp_path, windows) == expected


def test_windows_without_data_are_named(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.out("windows.json", [window(0), window(20, **EMPTY), window(40)])
    parameters = judge_windows(WINDOWS, town).parameters  # type: ignore[arg-type]
    assert parameters["windows_without_data"] == ["20-40"]
    assert parameters["windows_judged"] == ["0-20", "40-60"]
    assert parameters["at_most"] == {"lateness": "8", "starvation": "0", "switches": "0.25"}


def test_a_baseline_of_zero_needs_a_rule(tmp_path: Path) -> None:
    windows = [window(0, lateness=0), window(20, lateness=2)]
    assert windows_told(tmp_path, windows, with_lateness(baseline=Decimal(0))) == ["promotion.baseline_zero"]
    assert windows_told(tmp_path, windows, with_lateness(baseline=Decimal(0), at_most_at_zero=Decimal(2))) == []
    strict = with_lateness(baseline=Decimal(0), at_most_at_zero=Decimal(1))
    assert windows_told(tmp_path, windows, strict) == ["promotion.window_bound"]


@pytest.mark.parametrize(
    ("recorded", "expected"),
    [(4, []), (1, ["promotion.window_bound"] * 2), (-1, ["promotion.value"]), (True, ["promotion.value"])],
)
def test_a_recorded_baseline_and_what_the_window_says_of_it(
    tmp_path: Path, recorded: object, expected: list[str]
) -> None:
    place = Document("base.json", "/lateness", "target")
    section = with_lateness(baseline=None, baseline_at=place)
    Town(tmp_path).own("base.json", {"lateness": recorded})
    assert windows_told(tmp_path, [window(0), window(20)], section) == expected
    says = with_lateness(baseline=None, baseline_at=place, reported_baseline="/base")
    if recorded == 4:
        assert windows_told(tmp_path, [window(0, base=4), window(20, base=40)], says) == ["promotion.contradiction"]
        assert windows_told(tmp_path, [window(0), window(20, base=4)], says) == ["promotion.missing"]


@given(st.decimals("0", "100", places=3), st.decimals("0", "1", places=4), st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_a_window_is_green_exactly_within_its_bounds(lateness: Decimal, rate: Decimal, starved: int) -> None:
    judged = window(0, lateness=lateness, option_switch_rate=rate, starvation_incidents=starved)
    limits = {"lateness": Decimal(8), "starvation": Decimal(0), "switches": Decimal("0.25")}
    found = list(problems(WINDOWS, value_of(judged, "windows.json"), limits))
    assert bool(found) is (lateness > 8 or rate > Decimal("0.25") or starved > 0)


def alerts_told(root: Path, last: Any, section: AlertsSection = ALERTS, **judged: Any) -> list[tuple[str, str]]:
    town = Town(root)
    town.out("console.json", {"stability": {"alerts": last}})
    town.out("windows.json", [window(0, alerts=["rivalry_spike"]), window(20), window(40, **judged)])
    return told(judge_alerts, section, WINDOWS, town)


def test_a_quiet_town_has_no_alerts_and_those_before_the_judged_windows_are_past(tmp_path: Path) -> None:
    assert alerts_told(tmp_path, []) == []


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("rivalry_spike", "promotion.alert"),
        ("starvation_spike", "promotion.hard_hold"),
        ("option_thrash_detected", "promotion.hard_hold"),
        ("option_thrashing", "promotion.hard_hold"),
        (7, "promotion.value"),
        ("", "promotion.value"),
    ],
)
def test_an_alert_is_a_finding_wherever_it_stands(tmp_path: Path, name: Any, rule: str) -> None:
    assert alerts_told(tmp_path, [name, "rivalry_spike"])[0] == (rule, "console.json#/stability/alerts/0")
    assert alerts_told(tmp_path, [], alerts=[name]) == [(rule, "windows.json#/2/alerts/0")]


def test_an_alias_is_named_with_the_hard_hold_that_it_means(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.out("console.json", {"stability": {"alerts": ["option_thrashing"]}})
    (finding,) = judge_alerts(ALERTS, None, cast(Target, town)).findings
    assert finding.observed == "option_thrashing, which is option_thrash_detected"


def test_allowed_alerts_pass_and_hard_holds_cannot_be_allowed(tmp_path: Path) -> None:
    allowing = dataclasses.replace(ALERTS, allowed={"rivalry_spike": "the scenario provokes it"})
    assert alerts_told(tmp_path, ["rivalry_spike"], allowing) == []
    for name in ("starvation_spike", "option_thrashing"):
        with pytest.raises(ValueError, match="hard hold"):
            dataclasses.replace(ALERTS, allowed={name: "why not"})
    with pytest.raises(ValueError, match="reason"):
        dataclasses.replace(ALERTS, allowed={"rivalry_spike": " "})
    with pytest.raises(ValueError, match="not one of hard_holds"):
        dataclasses.replace(ALERTS, aliases={"lateness_spike": ("late",)})


THRESHOLDS = ThresholdsSection(
    Document("console.json", "/thresholds"),
    Document("release.yaml", "/stability", "target"),
    {"/late": "/lateness", "/hunger": "/starvation"},
    {"/promotion": "asked of windows"},
)
RELEASE = "config_id: r1\nstability:\n  lateness: 3\n  starvation: {level: 0.05, ticks: 30}\n  promotion: {passes: 2}\n"


@pytest.mark.parametrize(
    ("reported", "release", "expected"),
    [
        ({"late": 3, "hunger": {"level": 0.05, "ticks": 30}}, RELEASE, []),
        ({"late": 3.0, "hunger": {"level": 0.050, "ticks": 30}}, RELEASE, []),
        ({"late": 4, "hunger": {"level": 0.05, "ticks": 30}}, RELEASE, ["promotion.threshold_differs"]),
        ({"late": "3", "hunger": {"level": 0.05, "ticks": 30}}, RELEASE, ["promotion.threshold_differs"]),
        ({"late": 3, "hunger": {"level": 0.05}}, RELEASE, ["promotion.threshold_differs"]),
        ({"late": 3, "hunger": {"level": 0.05, "ticks": 30, "x": 1}}, RELEASE, ["promotion.threshold_differs"]),
        ({"late": 3}, RELEASE, ["promotion.missing"]),
        ({"late": 3, "hunger": {"level": 0.05, "ticks": 30}, "x": 1}, RELEASE, ["promotion.threshold_unpaired"]),
        (
            {"late": 3, "hunger": {"level": 0.05, "ticks": 30}},
            RELEASE + "  rivalry: 5\n",
            ["promotion.threshold_unpaired"],
        ),
    ],
)
def test_thresholds_stand_on_both_sides_with_one_value(
    tmp_path: Path, reported: Any, release: str, expected: list[str]
) -> None:
    town = Town(tmp_path)
    town.out("console.json", {"thresholds": reported})
    town.own("release.yaml", release)
    assert rules(judge_thresholds, THRESHOLDS, town) == expected


PARITY = ParitySection(
    Document("configs/release.yaml", "", "target"),
    Document("configs/shadow.yaml", "", "target"),
    equal=("/config_id", "/observation_variant"),
    may_differ={"/behavior": "this is what is tried", "/jobs/*/wage": "no part of the observation"},
    stated=(
        Stated("/config_id", Document("policy.json", "/id")),
        Stated("/config_id", Document("console.json", "/id")),
    ),
    extends="extends",
)
BASE = "config_id: r1\nobservation_variant: hybrid\nseed: 1\nbehavior: {hunger: 0.6}\njobs: {cook: {wage: 1}}\n"


def parity_told(root: Path, shadow: str, said: object = "r1", release: str = BASE) -> list[tuple[str, str]]:
    town = Town(root)
    town.own("configs/release.yaml", release)
    town.own("configs/shadow.yaml", shadow)
    town.out("console.json", {"id": "r1"})
    town.out("policy.json", {"id": said})
    return told(judge_parity, PARITY, town)


@pytest.mark.parametrize(
    ("shadow", "expected"),
    [
        (BASE, []),
        ("extends: release.yaml\nbehavior: {hunger: 0.7}\njobs: {cook: {wage: 2}}\n", []),
        ("extends: release.yaml\nconfig_id: r2\n", [("promotion.parity", "configs/shadow.yaml#/config_id")]),
        (
            "extends: release.yaml\nobservation_variant: compact\n",
            [("promotion.parity", "configs/shadow.yaml#/observation_variant")],
        ),
        (BASE.replace("config_id: r1\n", ""), [("promotion.missing", "configs/shadow.yaml#/config_id")]),
        (BASE.replace("config_id: r1", "config_id:"), [("promotion.missing", "configs/shadow.yaml#/config_id")]),
        ("extends: release.yaml\nseed: 2\n", [("promotion.config_differs", "configs/shadow.yaml#/seed")]),
        ("extends: release.yaml\nseed: true\n", [("promotion.config_differs", "configs/shadow.yaml#/seed")]),
        (
            "extends: release.yaml\njobs: {cook: {wage: 1, hours: 9}}\n",
            [("promotion.config_differs", "configs/shadow.yaml#/jobs/cook/hours")],
        ),
        ("extends: ../../etc/release.yaml\n", [("promotion.extends", "configs/shadow.yaml#/extends")]),
        ("extends: 7\n", [("promotion.value", "configs/shadow.yaml#/extends")]),
        ("extends: shadow.yaml\n", [("promotion.extends", "configs/shadow.yaml#/extends")]),
        ("extends: lost.yaml\n", [("artefact.unreadable", "configs/lost.yaml")]),
        ("config_id: r1\nconfig_id: r1\n", [("document.syntax", "configs/shadow.yaml:2")]),
    ],
)
def test_release_and_shadow_agree(tmp_path: Path, shadow: str, expected: list[tuple[str, str]]) -> None:
    assert parity_told(tmp_path, shadow) == expected


def test_the_run_says_which_configuration_it_had(tmp_path: Path) -> None:
    found = parity_told(tmp_path, BASE, "r2")
    assert found == [("promotion.stated_differs", "policy.json#/id")]
    assert [rule for rule, _ in parity_told(tmp_path, BASE, None)] == ["promotion.missing"]


def test_what_must_be_equal_cannot_be_exempt() -> None:
    for place, words in {"/config_id": "must be equal", "/*": "must be equal", "": "whole document"}.items():
        with pytest.raises(ValueError, match=words):
            dataclasses.replace(PARITY, may_differ={place: "reason"})
    with pytest.raises(ValueError, match="reason"):
        dataclasses.replace(PARITY, may_differ={"/seed": ""})


def test_windows_without_sense_are_refused() -> None:
    for changed, words in (
        ({"baseline": None}, "exactly one"),
        ({"at_most": Decimal(1)}, "exactly one"),
        ({"baseline": None, "at_most": Decimal(1), "reported_baseline": "/base"}, "go with a baseline"),
        ({"factor": Decimal("0.5")}, "factor: expected at least 1, found 0.5"),
        ({"samples": "/samples"}, "samples and min_samples go together"),
    ):
        with pytest.raises(ValueError, match=words):
            dataclasses.replace(LATENESS, **changed)
    with pytest.raises(ValueError, match="bounds: expected at least one bound"):
        dataclasses.replace(WINDOWS, bounds={})
