"""Windows, alerts, thresholds, parity and the charter: what a run shows while a candidate is watched."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecourt.rules.promotion.alerts import judge_alerts
from gatecourt.rules.promotion.documents import Document
from gatecourt.rules.promotion.parity import judge_parity
from gatecourt.rules.promotion.reading import Node
from gatecourt.rules.promotion.release_section import AlertsSection, ParitySection, Stated, ThresholdsSection
from gatecourt.rules.promotion.service_levels import judge_charter
from gatecourt.rules.promotion.service_levels_section import CharterSection, StatedFigures
from gatecourt.rules.promotion.states import StateStream
from gatecourt.rules.promotion.thresholds import judge_thresholds
from gatecourt.rules.promotion.windows import colour, judge_windows
from gatecourt.rules.promotion.windows_section import Recount, WindowFields, WindowsSection
from tests.rules.promotion.promotion_town import Town, rules, told

WINDOWS = WindowsSection(
    Document("windows.json"), min_observations=10, min_switch_samples=5, lateness_baseline=Decimal(4)
)
STREAM = StateStream(Document("stream.jsonl"))
ALERTS = AlertsSection(
    (Document("console.json", "/stability/alerts"),), aliases={"option_thrash_detected": ("option_thrashing",)}
)


def window(start: int, **changed: Any) -> dict[str, Any]:
    plain = {"start": start, "end": start + 20, "observations": 20, "lateness": 3, "starvation_incidents": 0}
    whole = {**plain, "option_switch_rate": 0.1, "option_samples": 40, "alerts": [], **changed}
    return {key: value for key, value in whole.items() if value is not ...}


def windows_told(root: Path, windows: Any, section: WindowsSection = WINDOWS) -> list[str]:
    town = Town(root)
    town.out("windows.json", windows)
    return rules(judge_windows, section, STREAM, town)


EMPTY = {"observations": 0, "option_switch_rate": None, "option_samples": 0}


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        ([window(0), window(20)], []),
        ([window(0, lateness=99), window(20), window(40)], []),
        ([window(0), window(20, lateness=8)], []),
        ([window(0), window(20, lateness=8.01)], ["promotion.lateness"]),
        ([window(0), window(20, starvation_incidents=1)], ["promotion.starvation"]),
        ([window(0), window(20, option_switch_rate=0.25)], []),
        ([window(0), window(20, option_switch_rate=0.2501)], ["promotion.option_switch_rate"]),
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
        ([window(0, lateness=99), window(20, **EMPTY), window(40)], ["promotion.lateness"]),
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
    parameters = judge_windows(WINDOWS, STREAM, town).parameters  # type: ignore[arg-type]
    assert parameters["windows_without_data"] == ["20-40"]
    assert parameters["windows_judged"] == ["0-20", "40-60"]


def test_a_baseline_of_zero_needs_a_rule(tmp_path: Path) -> None:
    zero = dataclasses.replace(WINDOWS, lateness_baseline=Decimal(0))
    windows = [window(0, lateness=0), window(20, lateness=2)]
    assert windows_told(tmp_path, windows, zero) == ["promotion.baseline_zero"]
    assert windows_told(tmp_path, windows, dataclasses.replace(zero, lateness_at_zero=Decimal(2))) == []
    strict = dataclasses.replace(zero, lateness_at_zero=Decimal(1))
    assert windows_told(tmp_path, windows, strict) == ["promotion.lateness"]


@pytest.mark.parametrize(
    ("recorded", "expected"),
    [(4, []), (1, ["promotion.lateness"] * 2), (-1, ["promotion.value"]), (True, ["promotion.value"])],
)
def test_a_recorded_baseline_and_what_the_window_says_of_it(
    tmp_path: Path, recorded: object, expected: list[str]
) -> None:
    place = Document("base.json", "/lateness", "target")
    section = dataclasses.replace(WINDOWS, lateness_baseline=None, lateness_baseline_at=place)
    Town(tmp_path).own("base.json", {"lateness": recorded})
    assert windows_told(tmp_path, [window(0), window(20)], section) == expected
    says = dataclasses.replace(section, fields=WindowFields(lateness_baseline="/base"))
    if recorded == 4:
        assert windows_told(tmp_path, [window(0, base=4), window(20, base=40)], says) == ["promotion.contradiction"]
        assert windows_told(tmp_path, [window(0), window(20, base=4)], says) == ["promotion.missing"]


@given(st.decimals("0", "100", places=3), st.decimals("0", "1", places=4), st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_a_window_is_green_exactly_within_its_bounds(lateness: Decimal, rate: Decimal, starved: int) -> None:
    judged = window(0, lateness=lateness, option_switch_rate=rate, starvation_incidents=starved)
    found = list(colour(WINDOWS, Node("windows.json", "", judged), Decimal(8)))
    assert bool(found) is (lateness > 8 or rate > Decimal("0.25") or starved > 0)


def state(tick: int, **changed: Any) -> dict[str, Any]:
    changes = {"stability": {"alerts": []}, **changed}
    head = {"payload_type": "diff" if tick else "snapshot", "tick": tick}
    return {**head, "changes": changes} if tick else {**head, **changes}


def alerts_told(root: Path, last: Any, states: list[Any], section: AlertsSection = ALERTS) -> list[tuple[str, str]]:
    town = Town(root)
    town.out("console.json", {"stability": {"alerts": last}})
    town.out("windows.json", [window(0), window(20)])
    town.out("stream.jsonl", states)
    return told(judge_alerts, section, STREAM, WINDOWS, town)


def raising(*names: Any) -> dict[str, Any]:
    return {"stability": {"alerts": [*names]}}


QUIET = [state(tick) for tick in range(45)]


def test_a_quiet_town_has_no_alerts(tmp_path: Path) -> None:
    assert alerts_told(tmp_path, [], QUIET) == []


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
def test_an_alert_is_told_wherever_it_stands(tmp_path: Path, name: Any, rule: str) -> None:
    assert alerts_told(tmp_path, [name], QUIET) == [(rule, "console.json#/stability/alerts/0")]
    within = [*QUIET[:30], state(30, **raising(name)), *QUIET[31:]]
    assert alerts_told(tmp_path, [], within) == [(rule, "stream.jsonl:31#/changes/stability/alerts/0")]


def test_an_alert_before_the_judged_windows_is_past_and_one_after_them_counts(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.out("console.json", {"stability": {"alerts": []}})
    town.out("windows.json", [window(2), window(22)])
    town.out("stream.jsonl", [state(0, **raising("starvation_spike")), *QUIET[1:]])
    assert told(judge_alerts, ALERTS, STREAM, WINDOWS, town) == []
    for tick in (42, 44):
        since = [*QUIET[:tick], state(tick, **raising("starvation_spike")), *QUIET[tick + 1 :]]
        assert [rule for rule, _ in alerts_told(tmp_path, [], since)] == ["promotion.hard_hold"]


def test_an_alert_that_stands_for_long_is_told_once(tmp_path: Path) -> None:
    states = [*QUIET[:10], state(10, **raising("rivalry_spike")), *({**one, "changes": {}} for one in QUIET[11:])]
    found = alerts_told(tmp_path, [], states)
    assert found[0] == ("promotion.alert", "stream.jsonl:11#/changes/stability/alerts/0")
    assert {rule for rule, _ in found} == {"promotion.alert"}


def test_an_alert_that_only_the_window_tells_counts(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.out("console.json", {"stability": {"alerts": []}})
    town.out("windows.json", [window(0), window(20, alerts=["starvation_spike"])])
    town.out("stream.jsonl", QUIET)
    assert told(judge_alerts, ALERTS, STREAM, WINDOWS, town) == [("promotion.hard_hold", "windows.json#/1/alerts/0")]


RECOUNT = dataclasses.replace(
    WINDOWS, recount=Recount("/switches", "/jobs/*/late", "/stability/alerts"), min_observations=5
)


def counting(tick: int, **changed: Any) -> dict[str, Any]:
    """Two agents: one switches in every tenth tick, one is late for the first two ticks of a day of 20."""
    late = min(tick % 20 + 1, 2)
    own = {"switches": {"ann": int(tick % 10 == 0), "bob": 0}, "jobs": {"ann": {"late": 0}, "bob": {"late": late}}}
    return state(tick, **{**own, **changed})


def summed(start: int, **changed: Any) -> dict[str, Any]:
    return window(start, **{"lateness": 2, "option_switch_rate": 0.05, "option_samples": 40, **changed})


@pytest.mark.parametrize(
    ("windows", "states", "expected"),
    [
        ([summed(0), summed(20)], {}, []),
        ([summed(0), summed(20, lateness=1)], {}, ["promotion.contradiction"]),
        ([summed(0), summed(20, option_switch_rate=0.04)], {}, ["promotion.contradiction"]),
        ([summed(0), summed(20, option_samples=41)], {}, ["promotion.contradiction"]),
        ([summed(0), summed(20, observations=19)], {}, ["promotion.contradiction"]),
        ([summed(0), summed(20)], {7: raising("rivalry_spike")}, ["promotion.contradiction"]),
        ([summed(0, alerts=["rivalry_spike"]), summed(20)], {7: raising("rivalry_spike")}, []),
        ([summed(0), summed(20, alerts=["rivalry_spike"])], {}, ["promotion.contradiction"]),
        ([summed(0), summed(20)], {7: {"switches": {"ann": "1"}}}, ["promotion.contradiction", "promotion.value"]),
        ([summed(0), summed(20)], {7: {"jobs": None}}, ["promotion.contradiction", "promotion.missing"]),
        ([summed(0), summed(20)], {60: {}}, ["promotion.windows_stale"]),
        ([summed(0), summed(20, end=60, lateness=4, observations=40, option_samples=80)], {79: {}}, []),
        (
            [summed(0), summed(20, end=60, lateness=4, observations=40, option_samples=80)],
            {80: {}},
            ["promotion.windows_stale"],
        ),
    ],
)
def test_windows_are_counted_again(
    tmp_path: Path, windows: list[Any], states: dict[int, dict[str, Any]], expected: list[str]
) -> None:
    last = max([44, *states])
    town = Town(tmp_path)
    town.out("windows.json", windows)
    town.out("stream.jsonl", [counting(tick, **states.get(tick, {})) for tick in range(last + 1)])
    found = rules(judge_windows, RECOUNT, STREAM, town)
    assert sorted(set(found)) == expected


def test_allowed_alerts_pass_and_hard_holds_cannot_be_allowed(tmp_path: Path) -> None:
    allowing = dataclasses.replace(ALERTS, allowed={"rivalry_spike": "the scenario provokes it"})
    assert alerts_told(tmp_path, ["rivalry_spike"], QUIET, allowing) == []
    for name in ("starvation_spike", "option_thrashing"):
        with pytest.raises(ValueError, match="hard hold"):
            dataclasses.replace(ALERTS, allowed={name: "why not"})
    with pytest.raises(ValueError, match="reason"):
        dataclasses.replace(ALERTS, allowed={"rivalry_spike": " "})
    with pytest.raises(ValueError, match="not one of hard_holds"):
        dataclasses.replace(ALERTS, aliases={"lateness_spike": ("late",)})


@pytest.mark.parametrize(
    ("states", "rule"),
    [
        ([state(tick) for tick in range(100, 105)], "promotion.stream"),
        ([{"payload_type": "snapshot", "tick": 0}], "promotion.missing"),
        ([{"payload_type": "snapshot", "tick": 0, "stability": {"alerts": None}}], "promotion.missing"),
        ([{"payload_type": "snapshot", "tick": 0, "stability": {"alerts": "none"}}], "promotion.value"),
        ([], "promotion.no_states"),
        ([[]], "promotion.no_states"),
        ([{"payload_type": "snapshot", "tick": 500, "stability": {"alerts": []}}], "promotion.no_states"),
    ],
)
def test_states_that_do_not_say_are_told(tmp_path: Path, states: list[Any], rule: str) -> None:
    assert rule in [found for found, _ in alerts_told(tmp_path, [], states)]


def test_a_line_that_is_no_json_ends_the_look(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.out("console.json", {"stability": {"alerts": []}})
    town.out("windows.json", [window(0), window(20)])
    town.out("stream.jsonl", '{"payload_type": "snapshot", "tick": NaN}\n')
    assert rules(judge_alerts, ALERTS, STREAM, WINDOWS, town) == ["json.not_finite"]


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
    may_differ={"/behavior": "this is what is tried", "/jobs/*/wage": "no part of the observation"},
    stated=(Stated("/config_id", stream="/policy/config_id"), Stated("/config_id", Document("console.json", "/id"))),
    extends="extends",
)
BASE = "config_id: r1\nobservation_variant: hybrid\nseed: 1\nbehavior: {hunger: 0.6}\njobs: {cook: {wage: 1}}\n"


def parity_told(root: Path, shadow: str, said: object = "r1", release: str = BASE) -> list[tuple[str, str]]:
    town = Town(root)
    town.own("configs/release.yaml", release)
    town.own("configs/shadow.yaml", shadow)
    town.out("console.json", {"id": "r1"})
    town.out("stream.jsonl", [state(0, policy={"config_id": "r1"}), state(1), state(2, policy={"config_id": said})])
    return told(judge_parity, PARITY, STREAM, town)


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
    assert found == [("promotion.stated_differs", "stream.jsonl:3#/changes/policy/config_id")]
    assert [rule for rule, _ in parity_told(tmp_path, BASE, None)] == ["promotion.missing"]


def test_what_must_be_equal_cannot_be_exempt() -> None:
    for place, words in {"/config_id": "must be equal", "/*": "must be equal", "": "whole document"}.items():
        with pytest.raises(ValueError, match=words):
            dataclasses.replace(PARITY, may_differ={place: "reason"})
    with pytest.raises(ValueError, match="reason"):
        dataclasses.replace(PARITY, may_differ={"/seed": ""})


CHARTER = CharterSection(("on_time", "absent"), ("off",), ticks_per_day=10)


def living(tick: int, people: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The state of one tick; each agent's need, hiring, shift and tie."""
    agents, jobs, ties = {}, {}, {}
    for name, own in people.items():
        agents[name] = {"needs": {"hunger": own.get("hunger", 0.5), "rest": 0.9}, "hire_tick": own.get("hired", -20)}
        jobs[name] = {"shift_state": own.get("shift", "on_time"), "late_ticks_today": own.get("late", 0)}
        ties[name] = {"other": {"trust": own.get("trust", 0.4), "rivalry": 0.0}}
    return state(tick, agents=agents, jobs=jobs, relationship_snapshot=ties)


def days(ticks: int = 25, **people: Any) -> list[dict[str, Any]]:
    """States in which each agent is what its function of the tick says; None while it is away."""
    told_of = {name: one if callable(one) else (lambda tick, one=one: one) for name, one in people.items()}
    every = [{name: one(tick) for name, one in told_of.items()} for tick in range(ticks)]
    return [living(tick, {name: own for name, own in now.items() if own is not None}) for tick, now in enumerate(every)]


def charter_told(root: Path, states: list[Any], section: CharterSection = CHARTER) -> list[str]:
    town = Town(root)
    town.out("stream.jsonl", states)
    return rules(judge_charter, section, STREAM, town)


WELL: dict[str, Any] = {name: {} for name in ("ann", "bob", "cyd", "dee", "eve")}


def needy(at: int) -> Any:
    return lambda tick: {"hunger": 0.3 if tick == at else 0.31}


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        (WELL, []),
        ({**WELL, "ann": needy(20)}, []),
        ({**WELL, "ann": needy(20), "bob": needy(14)}, []),
        ({**WELL, "ann": needy(20), "bob": needy(15)}, ["promotion.self_sufficiency"]),
        ({**WELL, "ann": needy(20), "bob": lambda tick: {} if tick < 20 else None}, ["promotion.self_sufficiency"]),
        ({**WELL, "ann": needy(20), "bob": lambda tick: {} if tick < 15 else None}, []),
        ({**WELL, "new": lambda tick: {"hunger": 0.1} if tick > 15 else None, "ann": needy(20)}, []),
        ({name: {"hired": -6} for name in WELL}, []),
        ({name: {"hired": -5} for name in WELL}, ["promotion.tenure"]),
        ({name: {"hired": None} for name in WELL}, ["promotion.nobody_employed"]),
        ({**WELL, "ann": {"hired": None}}, []),
        ({**WELL, "ann": {"hired": 2.5}}, ["promotion.value"] * 25),
        ({**WELL, "ann": {"hired": 99}}, ["promotion.value"] * 25),
        ({**WELL, "ann": lambda tick: {"hired": -20 if tick < 9 else -900}}, ["promotion.hire_rewritten"]),
        ({**WELL, "ann": lambda tick: {"hired": None if tick == 9 else -20 * tick}}, ["promotion.hire_rewritten"] * 23),
        ({**WELL, "ann": lambda tick: {"late": max(0, tick - 17)}}, []),
        ({**WELL, "ann": lambda tick: {"late": max(0, tick - 16)}}, ["promotion.charter_lateness"]),
        ({**WELL, "ann": lambda tick: {"late": tick % 2}}, []),
        (
            {**WELL, "ann": lambda tick: {"late": tick % 2}, "bob": lambda tick: {"late": tick % 3 == 0}},
            ["promotion.value"] * 25,
        ),
        ({**WELL, "ann": lambda tick: {"late": min(tick, 14)}}, []),
        ({**WELL, "ann": {"late": -1}}, ["promotion.value"] * 25),
        ({name: lambda tick: {"late": tick} for name in ("ann", "bob")}, ["promotion.charter_lateness"]),
        ({name: {"shift": "off"} for name in WELL}, ["promotion.no_shifts"]),
        ({**WELL, "ann": lambda tick: {"shift": "sick" if tick == 3 else "off"}}, ["promotion.shift_state"]),
        ({**WELL, "ann": {"trust": 0.3}, "bob": {"trust": -0.3}}, []),
        ({**WELL, "ann": {"trust": 0.3}, "bob": {"trust": 0}, "cyd": {"trust": 0.1}}, ["promotion.relationships"]),
        ({**WELL, "ann": {"trust": -0.4}, "bob": {"trust": 0}, "cyd": {"trust": 0.1}}, []),
        ({}, ["promotion.no_agents"]),
        ({**WELL, "ann": {"hunger": None}}, ["promotion.missing"] * 25),
        ({**WELL, "ann": {"hunger": "much"}}, ["promotion.value"] * 25),
        ({**WELL, "ann": {"trust": True}}, ["promotion.value"]),
    ],
)
def test_what_the_charter_promises(tmp_path: Path, people: dict[str, Any], expected: list[str]) -> None:
    assert charter_told(tmp_path, days(**people)) == expected


def test_a_need_that_is_no_longer_told_is_not_met(tmp_path: Path) -> None:
    states = days(**WELL)
    for one in states[-3:]:
        del one["changes"]["agents"]["ann"]["needs"]["hunger"]
    assert charter_told(tmp_path, states) == ["promotion.missing"] * 3


def test_nobody_has_a_tie_with_itself(tmp_path: Path) -> None:
    states = days(**WELL)
    for one in states:
        own = one.get("changes", one)
        own["relationship_snapshot"] = {name: {name: {"trust": 1.0, "rivalry": 0.0}} for name in WELL}
    assert charter_told(tmp_path, states) == ["promotion.relationships"]


def test_less_than_a_day_is_too_short(tmp_path: Path) -> None:
    old_hands = {name: {"hired": -40} for name in WELL}
    assert charter_told(tmp_path, days(9, **old_hands)) == ["promotion.day_too_short"]
    assert charter_told(tmp_path, days(10, **old_hands)) == []


def test_states_that_nobody_counted_in_between_are_missed(tmp_path: Path) -> None:
    states = days(25, **WELL)
    assert charter_told(tmp_path, [*states[:16], *states[18:]]) == ["promotion.day_too_short", "promotion.stream"]


def test_the_length_of_the_day_may_stand_in_the_configuration(tmp_path: Path) -> None:
    at = Document("release.yaml", "/town/day", "target")
    section = dataclasses.replace(CHARTER, ticks_per_day=None, ticks_per_day_at=at)
    town = Town(tmp_path)
    for text, expected in {
        "10": [],
        "0": ["promotion.value"],
        "ten": ["promotion.value"],
        "": ["promotion.missing"],
    }.items():
        town.own("release.yaml", f"town: {{day: {text}}}\n")
        assert charter_told(tmp_path, days(**WELL), section) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"self": 0.833333, "tenure": 4.4, "ties": 1}, []),
        ({"self": 0.833333, "tenure": 4.4, "ties": 1.0}, []),
        ({"self": 0.8333, "tenure": 4.4, "ties": 1}, ["promotion.contradiction"]),
        ({"self": 1, "tenure": 4.4, "ties": 1}, ["promotion.contradiction"]),
        ({"self": 0.833333, "tenure": "4.4", "ties": 1}, ["promotion.value"]),
        ({"self": 0.833333, "tenure": None, "ties": 1}, ["promotion.missing"]),
    ],
)
def test_the_systems_own_figures_are_the_recomputed_ones(tmp_path: Path, said: Any, expected: list[str]) -> None:
    stated = StatedFigures(Document("kpis.json"), "/self", "/tenure", "/ties")
    Town(tmp_path).out("kpis.json", said)
    people = {**WELL, "fay": {}, "ann": needy(20)}
    assert charter_told(tmp_path, days(**people), dataclasses.replace(CHARTER, stated=stated)) == expected
    with pytest.raises(ValueError, match="no figure is stated"):
        StatedFigures(Document("kpis.json"))


def test_a_charter_without_sense_is_refused() -> None:
    for changed, words in (
        ({"ticks_per_day": None}, "exactly one"),
        ({"min_agents": 0}, "at least 1"),
        ({"connected": Decimal(0)}, "connected"),
        ({"on_shift": ()}, "on_shift is empty"),
        ({"off_shift": ("absent",)}, "on_shift and of off_shift"),
    ):
        with pytest.raises(ValueError, match=words):
            dataclasses.replace(CHARTER, **changed)


def test_windows_without_sense_are_refused() -> None:
    for changed, words in (
        ({"lateness_baseline": None}, "exactly one"),
        ({"required": 0}, "at least 1"),
        ({"lateness_factor": Decimal("0.5")}, "lateness_factor"),
        ({"switch_rate": Decimal(1)}, "switch_rate"),
        ({"lateness_baseline": Decimal(-1)}, "below 0"),
    ):
        with pytest.raises(ValueError, match=words):
            dataclasses.replace(WINDOWS, **changed)
