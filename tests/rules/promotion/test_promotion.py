"""Rehearsals and drills: counted again from their stages, whatever they say of themselves."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecourt.core.protocols import Target
from gatecourt.mechanisms.bands.section import Band
from gatecourt.rules.promotion.documents import Document
from gatecourt.rules.promotion.drill import judge_drill
from gatecourt.rules.promotion.gate import PROMOTION
from gatecourt.rules.promotion.parts import judge_part
from gatecourt.rules.promotion.reading import value_of
from gatecourt.rules.promotion.rehearsal import judge_stages
from gatecourt.rules.promotion.rehearsal_section import DrillSection, StagesSection
from gatecourt.rules.promotion.section import PARTS, PromotionSection
from gatecourt.rules.promotion.stages import rehearse
from gatecourt.system.declared_checks import check_ids
from tests.rules.promotion.promotion_town import Town, rules, told

REASONS = {
    "bc": "bc_low",
    "loss": "loss_drift",
    "queue": "queue_drift",
    "intensity": "intensity_drift",
    "not_ready": "candidate_not_ready",
}
SECTION = StagesSection(
    results=Document("results.json", of="anneal"),
    accuracy=Decimal("0.8"),
    against="first",
    streak="stages",
    summary=Document("summary.json", of="anneal"),
    reasons=REASONS,
)
ALONE = dataclasses.replace(SECTION, summary=None)
DRILL = DrillSection(
    Document("results.json", of="drill"), Document("summary.json", of="drill"), no_stage_in=("telemetry/*", "promo/**")
)


def clone(**changed: Any) -> dict[str, Any]:
    return keep({"cycle": 0.0, "mode": "bc", "accuracy": 0.9, "threshold": 0.8, "passed": True, **changed})


def learn(cycle: int, **changed: Any) -> dict[str, Any]:
    plain = {"loss_total": 1.0, "queue_conflict_events": 100, "queue_conflict_intensity_sum": 200.0}
    return keep({"cycle": float(cycle), "mode": "ppo", **plain, **changed})


def keep(stage: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in stage.items() if value is not ...}


STAGES = [clone(), learn(1), learn(2)]


def summary(stages: list[dict[str, Any]], **changed: Any) -> dict[str, Any]:
    flags = {"bc_passed": True, "loss_flag": False, "queue_flag": False, "intensity_flag": False}
    promotion = {"pass_streak": 2, "required_passes": 2}
    said = {"status": "PASS", "decision": "PROMOTE", "candidate_ready": True, "reasons": [], **flags}
    return keep({**said, "results": stages, "promotion": promotion, **changed})


def stages_told(root: Path, stages: Any, section: StagesSection = ALONE) -> list[str]:
    town = Town(root)
    town.out("results.json", stages, "anneal")
    return rules(judge_stages, section, town)


def summary_told(root: Path, stages: list[dict[str, Any]], **changed: Any) -> list[tuple[str, str]]:
    town = Town(root)
    town.out("results.json", stages, "anneal")
    town.out("summary.json", summary(stages, **changed), "anneal")
    return told(judge_stages, SECTION, town)


def test_a_rehearsal_that_is_well_passes(tmp_path: Path) -> None:
    assert summary_told(tmp_path, STAGES) == []


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        ([], ["promotion.no_stages"]),
        ([learn(1)], ["promotion.no_bc_stage"]),
        ([clone()], ["promotion.no_ppo_stage"]),
        ({"cycle": 1}, ["promotion.value"]),
        ([clone(accuracy=0.7999, passed=False), learn(1)], ["promotion.bc_accuracy"]),
        ([clone(accuracy=0.8), learn(1)], []),
        ([clone(accuracy=...), learn(1)], ["promotion.missing"]),
        ([clone(accuracy=None), learn(1)], ["promotion.missing"]),
        ([clone(accuracy=True), learn(1)], ["promotion.value"]),
        ([clone(accuracy="0.9"), learn(1)], ["promotion.value"]),
        ([clone(accuracy=1.01), learn(1)], ["promotion.value"]),
        ([clone(accuracy=-0.1), learn(1)], ["promotion.value"]),
        ([clone(passed=False), learn(1)], ["promotion.contradiction"]),
        ([clone(accuracy=0.1, passed=True), learn(1)], ["promotion.bc_accuracy", "promotion.contradiction"]),
        ([clone(passed=...), learn(1)], ["promotion.missing"]),
        ([clone(threshold=0.5), learn(1)], ["promotion.threshold"]),
        ([clone(), learn(1), learn(1)], ["promotion.cycle_order"]),
        ([clone(), learn(2), learn(1)], ["promotion.cycle_order"]),
        ([clone(cycle="0"), learn(1)], ["promotion.value"]),
        ([clone(), learn(1), learn(2, mode="eval")], ["promotion.mode"]),
        ([clone(), learn(1, mode=...)], ["promotion.missing", "promotion.no_ppo_stage"]),
        ([clone(), 7, learn(2)], ["promotion.missing", "promotion.missing"]),
        ([clone(), learn(1), learn(2, loss_total=1.1)], []),
        ([clone(), learn(1), learn(2, loss_total=1.11)], ["promotion.drift"]),
        ([clone(), learn(1), learn(2, loss_total=0.89)], ["promotion.drift"]),
        ([clone(), learn(1), learn(2, queue_conflict_events=116)], ["promotion.drift"]),
        ([clone(), learn(1), learn(2, queue_conflict_events=84)], ["promotion.drift"]),
        ([clone(), learn(1), learn(2, queue_conflict_events=115)], []),
        ([clone(), learn(1), learn(2, queue_conflict_intensity_sum=1000)], ["promotion.drift"]),
        ([clone(), learn(1), learn(2, loss_total=...)], ["promotion.missing"]),
        ([clone(), learn(1), learn(2, loss_total=False)], ["promotion.value"]),
        ([clone(), learn(1, loss_total=0), learn(2)], ["promotion.baseline_zero"]),
        ([clone(), learn(1, loss_total=-1.0), learn(2, loss_total=-1.2)], ["promotion.drift"]),
        ([clone(), learn(1), learn(2, anneal_loss_flag=True)], ["promotion.contradiction"]),
        ([clone(), learn(1), learn(2, anneal_queue_flag="no")], ["promotion.value"]),
        ([learn(0), clone(cycle=1), learn(2)], ["promotion.stage_order"]),
        ([clone(), learn(1), clone(cycle=2)], ["promotion.stage_order"]),
        ([clone(), learn(1), clone(cycle=2), learn(3)], []),
        ([clone(), learn(1), clone(cycle=2, accuracy=0.5, passed=False, rolled_back=True)], ["promotion.bc_accuracy"]),
        ([clone(rolled_back=True), learn(1)], ["promotion.contradiction"]),
        ([clone(), learn(1), learn(2, rolled_back=True)], ["promotion.contradiction"]),
        ([clone(rolled_back=False), learn(1)], []),
        ([clone(rolled_back="no"), learn(1)], ["promotion.value"]),
    ],
)
def test_what_stages_are_worth(tmp_path: Path, stages: Any, expected: list[str]) -> None:
    assert stages_told(tmp_path, stages) == expected


def test_a_number_that_is_none_ends_the_check(tmp_path: Path) -> None:
    town = Town(tmp_path)
    town.out("results.json", '[{"mode": "bc", "accuracy": NaN}]', "anneal")
    assert rules(judge_stages, ALONE, town) == ["json.not_finite"]
    town.out("results.json", b"[", "anneal")
    assert rules(judge_stages, ALONE, town) == ["json.syntax"]


def test_small_steps_add_up_to_a_drift(tmp_path: Path) -> None:
    creeping = [clone(), *(learn(n, loss_total=1.0 + 0.04 * n) for n in range(1, 6))]
    assert set(stages_told(tmp_path, creeping)) == {"promotion.drift"}


def test_a_jump_between_two_stages_is_seen_inside_the_band_of_the_first(tmp_path: Path) -> None:
    assert stages_told(tmp_path, [clone(), learn(1), learn(2, loss_total=0.92), learn(3, loss_total=1.08)]) == [
        "promotion.drift"
    ]


def test_the_first_stage_too_is_held_against_a_recorded_baseline(tmp_path: Path) -> None:
    recorded = Document("configs/base.yaml", "/baselines", "target")
    section = dataclasses.replace(ALONE, against="file", baseline=recorded)
    names = ("loss_total", "queue_conflict_events", "queue_conflict_intensity_sum")
    base = "baselines:\n" + "".join(f"  {name}: {{}}\n" for name in names)
    town = Town(tmp_path)
    town.out("results.json", STAGES, "anneal")
    town.own("configs/base.yaml", base.format(1.0, 100, 200.0))
    assert rules(judge_stages, section, town) == []
    town.own("configs/base.yaml", base.format(1.2, 100, 200.0))
    assert rules(judge_stages, section, town) == ["promotion.drift", "promotion.drift"]
    town.own("configs/base.yaml", base.format(".nan", 100, 200.0))
    assert rules(judge_stages, section, town) == ["promotion.value"]
    town.own("configs/base.yaml", "baselines: {loss_total: 1.0}\n")
    assert rules(judge_stages, section, town) == ["promotion.missing", "promotion.missing"]
    (tmp_path / "configs/base.yaml").unlink()
    assert rules(judge_stages, section, town) == ["artefact.unreadable"]


@pytest.mark.parametrize(
    ("changed", "places"),
    [
        ({"status": "HOLD"}, ["/status"]),
        ({"status": "pass"}, ["/status"]),
        ({"decision": "HOLD"}, ["/decision"]),
        ({"candidate_ready": False}, ["/candidate_ready"]),
        ({"candidate_ready": 1}, ["/candidate_ready"]),
        ({"bc_passed": False}, ["/bc_passed"]),
        ({"loss_flag": True}, ["/loss_flag"]),
        ({"queue_flag": None}, ["/queue_flag"]),
        ({"reasons": ["candidate_not_ready"]}, ["/reasons"]),
        ({"reasons": ...}, ["/reasons"]),
        ({"promotion": {"pass_streak": 1, "required_passes": 2}}, ["/promotion/pass_streak"]),
        ({"promotion": {"pass_streak": 2, "required_passes": 1}}, ["/promotion/required_passes"]),
        ({"promotion": {"pass_streak": 2}}, ["/promotion/required_passes"]),
        ({"results": []}, ["/results"]),
        ({"results": ...}, ["/results"]),
        ({"results": [clone(), learn(1), learn(2, note="\ud800")]}, ["/results/2/note"]),
        ({"bc": clone(), "ppo": learn(2)}, []),
        ({"bc": {"accuracy": 0.90}, "ppo": {}}, []),
        ({"bc": clone(accuracy=0.95)}, ["/bc/accuracy"]),
        ({"ppo": learn(2, loss_total=0.99)}, ["/ppo/loss_total"]),
    ],
)
def test_each_word_of_a_summary_is_held_against_the_stages(
    tmp_path: Path, changed: dict[str, Any], places: list[str]
) -> None:
    assert [where for _, where in summary_told(tmp_path, STAGES, **changed)] == [f"summary.json#{at}" for at in places]


def test_a_summary_that_praises_a_failed_clone_is_contradicted(tmp_path: Path) -> None:
    stages = [clone(accuracy=0.1), learn(1), learn(2)]
    found = summary_told(tmp_path, stages)
    assert ("promotion.bc_accuracy", "results.json#/0/accuracy") in found
    assert {where for rule, where in found if rule == "promotion.contradiction"} == {
        "results.json#/0/passed",
        *(f"summary.json#/{at}" for at in ("status", "decision", "candidate_ready", "bc_passed", "reasons")),
    }


def test_a_summary_that_owns_up_to_a_drift_is_held_for_the_drift_alone(tmp_path: Path) -> None:
    stages = [clone(), learn(1), learn(2, loss_total=2.0)]
    owned = {"status": "HOLD", "decision": "HOLD", "candidate_ready": False, "loss_flag": True}
    streak = {"pass_streak": 0, "required_passes": 2}
    found = summary_told(tmp_path, stages, **owned, reasons=["loss_drift"], promotion=streak)
    assert found == [("promotion.drift", "results.json#/2/loss_total")]


def test_a_candidate_that_is_not_ready_waits(tmp_path: Path) -> None:
    stages = [clone(), learn(1)]
    owned = {"decision": "HOLD", "candidate_ready": False, "reasons": ["candidate_not_ready"]}
    found = summary_told(tmp_path, stages, **owned, promotion={"pass_streak": 1, "required_passes": 2})
    assert found == [("promotion.not_ready", "summary.json#/promotion/pass_streak")]


def test_a_streak_that_only_the_summary_knows_is_taken_as_stated(tmp_path: Path) -> None:
    town = Town(tmp_path)
    stages = [clone(), learn(1)]
    town.out("results.json", stages, "anneal")
    town.out("summary.json", summary(stages), "anneal")
    assert rules(judge_stages, dataclasses.replace(SECTION, streak="stated"), town) == []
    assert "promotion.contradiction" in rules(judge_stages, SECTION, town)


@given(st.lists(st.decimals("-5", "5", places=2), min_size=2, max_size=6))
@settings(max_examples=80, deadline=None)
def test_no_order_of_steps_hides_a_stage_outside_the_band_of_the_first(losses: list[Decimal]) -> None:
    stages = [clone(), *(learn(n, loss_total=loss) for n, loss in enumerate(losses, 1))]
    found = rehearse(ALONE, value_of(stages, "results.json"), None)
    first = losses[0]
    far = any(abs(loss - first) > abs(first) * Decimal("0.10") for loss in losses[1:])
    assert found.status in ("PASS", "HOLD")
    if first and far:
        assert found.status == "HOLD"
        assert found.drifted("loss")
    if found.status == "PASS":
        assert first
        assert not far


def drill_town(root: Path, stages: Any, exit_code: int = 1, **said: Any) -> Town:
    town = Town(root, exit_codes={"drill": exit_code})
    town.out("results.json", STAGES, "anneal")
    town.out("results.json", stages, "drill")
    failed = {"status": "FAIL", "decision": "FAIL", "candidate_ready": False, "bc_passed": False}
    town.out("summary.json", {**failed, **said}, "drill")
    return town


def failing(**changed: Any) -> dict[str, Any]:
    return clone(**{"threshold": 0.999, "passed": False, "rolled_back": True, **changed})


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        ([failing()], []),
        ([], ["promotion.drill_stages", "promotion.no_stages"]),
        ([failing(), learn(1)], ["promotion.drill_stages", "promotion.drill_stages"]),
        ([learn(1)], ["promotion.drill_stages"]),
        ([failing(rolled_back=False)], ["promotion.drill_not_rolled_back"]),
        ([failing(rolled_back=...)], ["promotion.drill_not_rolled_back"]),
        ([failing(rolled_back="true")], ["promotion.value"]),
        ([failing(accuracy=0.2)], ["promotion.drill_accuracy"]),
        ([failing(accuracy=...)], ["promotion.missing"]),
        ([failing(passed=True)], ["promotion.contradiction"]),
        ([failing(threshold=0.8, passed=True)], ["promotion.drill_threshold"]),
        ([failing(threshold=0.9, passed=True)], ["promotion.drill_threshold"]),
    ],
)
def test_what_a_drill_has_to_leave(tmp_path: Path, stages: Any, expected: list[str]) -> None:
    assert rules(judge_drill, DRILL, SECTION, drill_town(tmp_path, stages)) == expected


def test_a_drill_that_ends_well_or_goes_on_is_none(tmp_path: Path) -> None:
    town = drill_town(tmp_path, [failing()], exit_code=0, decision="PROMOTE", candidate_ready=True)
    town.out("telemetry/anneal.jsonl", [learn(1)], "drill")
    town.out("promo/empty.json", "", "drill")
    assert told(judge_drill, DRILL, SECTION, town) == [
        ("promotion.drill_exit", "commands.drill.exit_code"),
        ("promotion.drill_promoted", "telemetry/anneal.jsonl"),
        ("promotion.contradiction", "summary.json#/decision"),
        ("promotion.drill_promoted", "summary.json#/candidate_ready"),
    ]


def test_a_drill_without_results_or_rehearsal_is_told(tmp_path: Path) -> None:
    town = Town(tmp_path, exit_codes={"drill": 1})
    town.out("other.json", [], "drill")
    assert rules(judge_drill, DRILL, SECTION, town) == ["artefact.none"]
    town.out("results.json", [failing()], "drill")
    town.out("results.json", [learn(1)], "anneal")
    assert "promotion.no_bc_stage" in rules(judge_drill, DRILL, SECTION, town)


def test_each_part_is_a_check_that_a_section_may_lack(tmp_path: Path) -> None:
    section = PromotionSection(stages=SECTION)
    assert list(check_ids(PROMOTION, section)) == [f"promotion.{name}" for name in sorted(PARTS)]
    assert PROMOTION.optional(section) == {name: name == "stages" for name in PARTS}
    for name in PARTS[1:]:
        with pytest.raises(LookupError, match=rf"\[promotion\.{name}\] is not declared"):
            judge_part(name, cast(Target, Town(tmp_path, (section,))))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"accuracy": Decimal(0)}, "accuracy"),
        ({"accuracy": Decimal("1.01")}, "accuracy"),
        ({"against": "file"}, "baseline"),
        ({"baseline": Document("a.json", "", "target")}, "baseline"),
        ({"required_passes": 0}, "required_passes"),
        ({"reasons": {"bc": "x"}}, "reasons"),
        ({"reasons": {**REASONS, "bc": "loss_drift"}}, "each once"),
        ({"bc_mode": "ppo"}, "same word"),
        ({"loss": Band()}, "calibrated"),
    ],
)
def test_a_section_without_sense_is_refused(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        dataclasses.replace(SECTION, **changed)


def test_parts_that_lack_another_and_no_part_at_all_are_refused() -> None:
    with pytest.raises(ValueError, match=r"drill needs \[promotion.stages\]"):
        PromotionSection(drill=DRILL)
    with pytest.raises(ValueError, match="no part is declared"):
        PromotionSection()
    with pytest.raises(ValueError, match="covers the results"):
        DrillSection(Document("results.json", of="drill"), no_stage_in=("*.json",))
    with pytest.raises(ValueError, match=r"results\.of"):
        DrillSection(Document("results.json"))
