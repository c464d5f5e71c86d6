"""The log of promotions: canaries after each, rollbacks that restore, and what follows a rehearsal."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecourt.rules.promotion.canaries import judge_canaries
from gatecourt.rules.promotion.documents import Document
from gatecourt.rules.promotion.followups import judge_reaction
from gatecourt.rules.promotion.history_section import ActionWords, CanariesSection, HistorySection, ReactionSection
from gatecourt.rules.promotion.rehearsal_section import StagesSection
from gatecourt.rules.promotion.release_section import AlertsSection
from gatecourt.rules.promotion.windows_section import WindowBound, WindowsSection
from tests.rules.promotion.promotion_town import Town, rules, told

HISTORY = HistorySection(Document("ops/rollouts.jsonl", "", "target"))
CANARIES = CanariesSection()
WINDOWS = WindowsSection(
    Document("windows.json"),
    min_observations=10,
    bounds={
        "lateness": WindowBound("/lateness", baseline=Decimal(4)),
        "starvation": WindowBound("/starvation_incidents", at_most=Decimal(0)),
    },
)
Entry = dict[str, Any]


def entry(action: str, **own: Any) -> Entry:
    whole = {"action": action, "by": "ada", **own}
    return {key: value for key, value in whole.items() if value is not ...}


def logged(town: Town, entries: list[Any]) -> None:
    """Writes the log with an hour between entries."""
    timed = [
        {"at": f"2026-03-{1 + number // 24:02}T{number % 24:02}:00:00+00:00", **one} if isinstance(one, dict) else one
        for number, one in enumerate(entries)
    ]
    town.own("ops/rollouts.jsonl", [keep(one) for one in timed])


def keep(one: Any) -> Any:
    return {key: value for key, value in one.items() if value is not ...} if isinstance(one, dict) else one


class Ops:
    """Entries of a town that has two snapshots and an incident note."""

    def __init__(self, root: Path) -> None:
        self.town = Town(root)
        self.first = {"path": "snaps/one.json", "sha256": self.town.own("snaps/one.json", {"tick": 1})}
        self.second = {"path": "snaps/two.json", "sha256": self.town.own("snaps/two.json", {"tick": 2})}
        self.town.own("ops/incidents/a.md", "# What happened\n")
        self.town.own("ops/incidents/blank.md", " \n\n")

    def promote(self, name: str = "p1", **own: Any) -> Entry:
        return entry("promote", promotion=name, **{"snapshot": self.first, **own})

    def canary(self, start: int, name: Any = "p1", green: Any = True, **own: Any) -> Entry:
        window: dict[str, Any] = {
            "start": start,
            "end": start + 20,
            "observations": 20,
            "lateness": 3,
            "starvation_incidents": 0,
        }
        window |= {"option_switch_rate": 0.1, "option_samples": 40, "alerts": [], **own}
        return entry("canary", promotion=name, window=window, green=green)

    def rollback(self, name: str = "p1", **own: Any) -> Entry:
        return entry("rollback", promotion=name, **{"snapshot": self.first, "incident": "ops/incidents/a.md", **own})

    def told(self, *entries: Any, alerts: AlertsSection | None = None) -> list[tuple[str, str]]:
        logged(self.town, [*entries])
        return told(judge_canaries, CANARIES, HISTORY, WINDOWS, alerts, self.town)


RED = {"green": False, "starvation_incidents": 1}
NO_DATA = {"green": False, "observations": 0, "option_switch_rate": None, "option_samples": 0}


@pytest.fixture
def ops(tmp_path: Path) -> Ops:
    return Ops(tmp_path)


GOOD: list[Callable[[Ops], list[Entry]]] = [
    lambda ops: [ops.promote(), ops.canary(0), ops.canary(20)],
    lambda ops: [ops.promote(), ops.canary(0), ops.canary(20, **NO_DATA), ops.canary(40)],
    lambda ops: [ops.promote(), ops.canary(0, **RED), ops.rollback()],
    lambda ops: [ops.promote(), ops.canary(0), ops.canary(20), ops.canary(40, **RED), ops.rollback()],
    lambda ops: [ops.promote(), ops.rollback()],
    lambda ops: [ops.promote(), ops.rollback(), ops.promote("p2"), ops.canary(0, "p2"), ops.canary(20, "p2")],
]


def test_one_log_is_needed(tmp_path: Path) -> None:
    town = Town(tmp_path)
    several = HistorySection(Document("ops/*.jsonl"))
    assert told(judge_canaries, CANARIES, several, WINDOWS, None, town) == [("artefact.none", "ops/*.jsonl")]
    town.out("ops/a.jsonl", [])
    town.out("ops/b.jsonl", [])
    assert told(judge_canaries, CANARIES, several, WINDOWS, None, town) == [("promotion.several", "ops/*.jsonl")]


@pytest.mark.parametrize("entries", GOOD)
def test_promotions_that_stayed_green_or_were_rolled_back(ops: Ops, entries: Callable[[Ops], list[Entry]]) -> None:
    assert ops.told(*entries(ops)) == []


BAD: list[tuple[Callable[[Ops], list[Any]], list[str]]] = [
    (lambda ops: [ops.promote()], ["promotion.canary_pending"]),
    (lambda ops: [ops.promote(), ops.canary(0)], ["promotion.canary_pending"]),
    (lambda ops: [ops.promote(), ops.canary(0), ops.canary(20, **NO_DATA)], ["promotion.canary_pending"]),
    (lambda ops: [ops.promote(), ops.canary(0), ops.canary(0)], ["promotion.window_order"]),
    (lambda ops: [ops.promote(), ops.canary(0), ops.canary(40)], ["promotion.window_gap"]),
    (lambda ops: [ops.promote(), ops.canary(0, **RED)], ["promotion.canary_red"]),
    (lambda ops: [ops.promote(), ops.canary(0), ops.canary(20), ops.canary(40, **RED)], ["promotion.canary_red"]),
    (
        lambda ops: [ops.promote(), ops.canary(0), ops.canary(20, starvation_incidents=1)],
        ["promotion.canary_red", "promotion.contradiction"],
    ),
    (
        lambda ops: [ops.promote(), ops.canary(0), ops.canary(20, alerts=["starvation_spike"])],
        ["promotion.canary_red", "promotion.contradiction"],
    ),
    (lambda ops: [ops.promote(), ops.canary(0), ops.canary(20, green=False)], ["promotion.contradiction"]),
    (lambda ops: [ops.promote(), ops.canary(0), ops.canary(20, green=None)], ["promotion.missing"]),
    (lambda ops: [ops.promote(), ops.canary(0), ops.canary(20, green="yes")], ["promotion.value"]),
    (
        lambda ops: [ops.promote(), ops.canary(0), ops.promote("p2"), ops.rollback("p2")],
        ["promotion.canary_cut_short"],
    ),
    (
        lambda ops: [ops.promote(), ops.promote("p2"), ops.canary(0), ops.canary(20), ops.rollback("p2")],
        ["promotion.canary_cut_short"] * 3,
    ),
    (
        lambda ops: [ops.promote(), ops.canary(0, **RED), ops.promote("p2"), ops.rollback(), ops.rollback("p2")],
        ["promotion.canary_cut_short", "promotion.canary_red"],
    ),
    (
        lambda ops: [ops.promote(), ops.rollback(), ops.promote(), ops.rollback()],
        ["promotion.canary_unknown", "promotion.promoted_twice"],
    ),
    (lambda ops: [ops.promote(), ops.rollback(), ops.canary(0)], ["promotion.canary_unknown"]),
    (lambda ops: [ops.canary(0, "px"), ops.promote(), ops.rollback()], ["promotion.canary_unknown"]),
    (lambda ops: [entry("freeze")], ["promotion.no_promotion"]),
    (lambda ops: [ops.promote(), ops.rollback(snapshot=ops.second)], ["promotion.restored_other"]),
    (
        lambda ops: [ops.promote(), ops.rollback(snapshot={**ops.first, "sha256": "0" * 64})],
        ["promotion.snapshot_differs"],
    ),
    (
        lambda ops: [ops.promote(), ops.rollback(snapshot={**ops.first, "path": "snaps/gone.json"})],
        ["promotion.snapshot_missing"],
    ),
    (
        lambda ops: [ops.promote(), ops.rollback(snapshot={**ops.first, "path": "../one.json"})],
        ["promotion.snapshot_missing"],
    ),
    (lambda ops: [ops.promote(), ops.rollback(snapshot=...)], ["promotion.missing"]),
    (lambda ops: [ops.promote(snapshot=...), ops.rollback()], ["promotion.missing"]),
    (lambda ops: [ops.promote(), ops.rollback(incident=...)], ["promotion.missing"]),
    (lambda ops: [ops.promote(), ops.rollback(incident="ops/incidents/b.md")], ["promotion.incident"]),
    (lambda ops: [ops.promote(), ops.rollback(incident="ops/incidents/blank.md")], ["promotion.incident"]),
    (lambda ops: [ops.promote(), ops.rollback(incident="/etc/passwd")], ["promotion.incident"]),
    (lambda ops: [ops.promote(), ops.rollback(incident=True)], ["promotion.value"]),
    (lambda ops: [ops.promote(), ops.rollback(at="2026-02-28T09:00:00+00:00")], ["promotion.history_order"]),
    (lambda ops: [ops.promote(), ops.rollback(), entry("promoted")], ["promotion.history_action"]),
    (lambda ops: [ops.promote(), ops.rollback(), entry("freeze", at="2026-04-01")], ["promotion.history_time"]),
    (lambda ops: [ops.promote(), ops.rollback(), entry("freeze", at="noon")], ["promotion.history_time"]),
    (lambda ops: [ops.promote(), ops.rollback(), entry("freeze", at=7)], ["promotion.value"]),
    (lambda ops: [ops.promote(), ops.rollback(), entry("freeze", by=...)], ["promotion.missing"]),
    (lambda ops: [ops.promote(), ops.rollback(), entry("freeze", by=" ")], ["promotion.value"]),
    (lambda ops: [ops.promote(), ops.rollback(), []], ["promotion.value"]),
]


@pytest.mark.parametrize(("entries", "expected"), BAD)
def test_what_is_amiss_after_a_promotion(ops: Ops, entries: Callable[[Ops], list[Any]], expected: list[str]) -> None:
    assert sorted(rule for rule, _ in ops.told(*entries(ops))) == expected


@pytest.mark.parametrize("note", [b"", b"\xef\xbb\xbf\n", " \u200b\n".encode(), b"\0\0", b"---\n\n---\n"])
def test_a_note_without_a_word_says_nothing(ops: Ops, note: bytes) -> None:
    ops.town.own("ops/incidents/a.md", note)
    assert [rule for rule, _ in ops.told(ops.promote(), ops.rollback())] == ["promotion.incident"]


def test_files_of_the_history_lie_in_the_tree_whatever_their_spelling(ops: Ops, tmp_path: Path) -> None:
    spelt = {"path": "./snaps//one.json", "sha256": f"sha256:{ops.first['sha256'].upper()}"}
    assert ops.told(ops.promote(), ops.rollback(snapshot=spelt, incident="./ops/incidents/a.md")) == []
    outside = tmp_path.parent / f"{tmp_path.name}_outside.md"
    outside.write_text("# What happened\n")
    (ops.town.root / "ops/incidents/link.md").symlink_to(outside)
    for note in ("ops/incidents/link.md", "ops/incidents", "n" * 5000):
        assert [rule for rule, _ in ops.told(ops.promote(), ops.rollback(incident=note))] == ["promotion.incident"]


def test_times_of_another_offset_are_compared_as_instants(ops: Ops) -> None:
    earlier_on_the_clock = ops.rollback(at="2026-02-28T23:30:00-02:00")
    assert ops.told(ops.promote(), earlier_on_the_clock) == []


def test_an_alert_that_is_allowed_leaves_a_canary_green(ops: Ops) -> None:
    allowed = AlertsSection((Document("a.json"),), allowed={"rivalry_spike": "the season"})
    entries = [ops.promote(), ops.canary(0), ops.canary(20, alerts=["rivalry_spike"])]
    assert ops.told(*entries, alerts=allowed) == []


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("", "promotion.history_empty"),
        ("\n", "json.syntax"),
        ('{"action": "promote", "lateness": NaN}\n', "json.not_finite"),
        ('{"action": "freeze", "action": "freeze"}\n', "json.duplicate_key"),
        ('{"action": "freeze"}', "jsonl.truncated"),
    ],
)
def test_a_log_that_cannot_be_read_is_told(ops: Ops, content: str, rule: str) -> None:
    ops.town.own("ops/rollouts.jsonl", content)
    assert rule in rules(judge_canaries, CANARIES, HISTORY, WINDOWS, None, ops.town)


STAGES = StagesSection(Document("results.json", of="anneal"), accuracy=Decimal("0.8"), against="first", streak="stages")
CLONE = {"cycle": 0, "mode": "bc", "accuracy": 0.9, "threshold": 0.8, "passed": True}
LEARN = {"mode": "ppo", "loss_total": 1.0, "queue_conflict_events": 100, "queue_conflict_intensity_sum": 200.0}
WELL = [CLONE, {**LEARN, "cycle": 1}, {**LEARN, "cycle": 2}]
DRIFTED = [*WELL[:2], {**LEARN, "cycle": 2, "loss_total": 2.0}]
FAILED = [{**CLONE, "accuracy": 0.5, "passed": False}]
WAITING = WELL[:2]


class Decisions:
    """Entries about four rehearsals: one that passed, one that drifted, one that failed, one that is not ready yet."""

    def __init__(self, root: Path) -> None:
        self.town = Town(root)
        self.digests = {
            name: self.town.own(f"ops/{name}.json", {"results": stages, "promotion": self._streak(streak)})
            for name, (stages, streak) in {
                "well": (WELL, 2),
                "again": (WELL, 2),
                "drifted": (DRIFTED, 0),
                "failed": (FAILED, 0),
                "waiting": (WAITING, 1),
            }.items()
        }

    def _streak(self, streak: int) -> dict[str, int]:
        return {"pass_streak": streak, "required_passes": 2}

    def decide(self, name: str, word: Any, **own: Any) -> Entry:
        summary = {"path": f"ops/{name}.json", "sha256": self.digests[name]}
        return entry("decision", **{"summary": summary, "decision": word, **own})

    def told(self, *entries: Entry) -> list[str]:
        logged(self.town, [*entries])
        named = [one["summary"]["path"] for one in entries if one["action"] == "decision" and "summary" in one]
        known = tuple(dict.fromkeys(name for name in named if isinstance(name, str) and name != "ops/lost.json"))
        section = ReactionSection(known or ("ops/well.json",))
        return rules(judge_reaction, section, HISTORY, STAGES, self.town)


@pytest.fixture
def log(tmp_path: Path) -> Decisions:
    return Decisions(tmp_path)


PROMOTE = entry("promote", promotion="p")
FREEZE = entry("freeze", reason="drift")
ESCALATE = entry("escalate")
RESUME = entry("resume", reason="data set refreshed")
ROLLBACK = entry("rollback", promotion="p")


def _promoted(log: Decisions) -> list[Entry]:
    return [log.decide("well", "PROMOTE"), PROMOTE]


REACTIONS: list[tuple[Callable[[Decisions], list[Entry]], list[str]]] = [
    (lambda log: [log.decide("well", "PROMOTE"), PROMOTE], []),
    (lambda log: [log.decide("drifted", "HOLD"), FREEZE, ESCALATE], []),
    (lambda log: [log.decide("drifted", "HOLD"), ESCALATE, FREEZE, log.decide("well", "PROMOTE"), RESUME, PROMOTE], []),
    (lambda log: [*_promoted(log), log.decide("failed", "FAIL"), ROLLBACK], []),
    (lambda log: [log.decide("failed", "FAIL")], []),  # nothing was promoted that could be rolled back
    (lambda log: [*_promoted(log), ROLLBACK, log.decide("failed", "FAIL")], []),
    (lambda log: [*_promoted(log), PROMOTE], ["promotion.promoted_undecided"]),
    (lambda log: [*_promoted(log), ROLLBACK, PROMOTE], ["promotion.promoted_undecided"]),
    (lambda log: [*_promoted(log), log.decide("again", "PROMOTE"), PROMOTE], []),
    (lambda log: [log.decide("waiting", "HOLD")], []),
    (lambda log: [log.decide("drifted", "HOLD"), FREEZE], ["promotion.not_escalated"]),
    (lambda log: [log.decide("drifted", "HOLD"), ESCALATE], ["promotion.not_frozen"]),
    (lambda log: [FREEZE, ESCALATE, log.decide("drifted", "HOLD")], ["promotion.not_escalated"]),
    (
        lambda log: [log.decide("drifted", "HOLD"), log.decide("well", "PROMOTE"), FREEZE, ESCALATE],
        ["promotion.not_escalated", "promotion.not_frozen"],
    ),
    (lambda log: [*_promoted(log), log.decide("failed", "FAIL")], ["promotion.not_rolled_back"]),
    (
        lambda log: [*_promoted(log), log.decide("failed", "FAIL"), PROMOTE, ROLLBACK],
        ["promotion.not_rolled_back", "promotion.promoted_against_decision"],
    ),
    (lambda log: [log.decide("failed", "HOLD"), ROLLBACK], ["promotion.contradiction"]),
    (lambda log: [log.decide("drifted", "PROMOTE"), FREEZE, ESCALATE], ["promotion.contradiction"]),
    (
        lambda log: [log.decide("drifted", "PROMOTE"), PROMOTE],
        [
            "promotion.contradiction",
            "promotion.not_escalated",
            "promotion.not_frozen",
            "promotion.promoted_against_decision",
        ],
    ),
    (lambda log: [log.decide("waiting", "HOLD"), PROMOTE], ["promotion.promoted_against_decision"]),
    (
        lambda log: [log.decide("drifted", "HOLD"), FREEZE, ESCALATE, log.decide("well", "PROMOTE"), PROMOTE],
        ["promotion.promoted_frozen"],
    ),
    (
        lambda log: [log.decide("drifted", "HOLD"), FREEZE, ESCALATE, RESUME, log.decide("well", "PROMOTE"), PROMOTE],
        ["promotion.resumed_early"],
    ),
    (lambda log: [log.decide("well", "PROMOTE"), RESUME], ["promotion.resumed_early"]),
    (lambda log: [PROMOTE, log.decide("well", "PROMOTE")], ["promotion.promoted_undecided"]),
    (lambda log: [PROMOTE], ["promotion.decision_missing", "promotion.promoted_undecided"]),
    (lambda log: [log.decide("well", "PROMOTE"), log.decide("well", "PROMOTE")], ["promotion.decision_twice"]),
    (lambda log: [log.decide("well", "promote")], ["promotion.contradiction"]),
    (lambda log: [log.decide("well", ...)], ["promotion.missing"]),
    (lambda log: [log.decide("well", "PROMOTE"), entry("freeze")], ["promotion.missing"]),
    (
        lambda log: [log.decide("well", "PROMOTE", summary={"path": "ops/well.json", "sha256": "0" * 64})],
        ["promotion.decision_missing", "promotion.summary_differs"],
    ),
    (
        lambda log: [log.decide("well", "PROMOTE", summary={"path": "ops/lost.json", "sha256": "0" * 64})],
        ["promotion.decision_missing", "promotion.summary_missing"],
    ),
]


@pytest.mark.parametrize(("entries", "expected"), REACTIONS)
def test_what_has_to_follow_a_rehearsal(
    log: Decisions, entries: Callable[[Decisions], list[Entry]], expected: list[str]
) -> None:
    assert log.told(*entries(log)) == expected


def test_each_summary_is_decided_on_and_each_decision_is_on_one_that_is_named(log: Decisions) -> None:
    logged(log.town, [log.decide("well", "PROMOTE"), log.decide("again", "PROMOTE")])
    section = ReactionSection(("ops/well.json", "ops/failed.json"))
    assert rules(judge_reaction, section, HISTORY, STAGES, log.town) == [
        "promotion.decision_missing",
        "promotion.summary_unknown",
    ]


def test_a_summary_without_stages_decides_nothing(log: Decisions) -> None:
    log.digests["well"] = log.town.own("ops/well.json", {"status": "PASS", "decision": "PROMOTE"})
    assert log.told(log.decide("well", "PROMOTE")) == ["promotion.decision_missing", "promotion.missing"]
    log.digests["well"] = log.town.own(
        "ops/well.json", {"results": [], "promotion": {"pass_streak": 2, "required_passes": 2}}
    )
    assert log.told(log.decide("well", "PROMOTE")) == [
        "promotion.contradiction",
        "promotion.not_escalated",
        "promotion.not_frozen",
    ]


@given(st.lists(st.sampled_from(["drifted", "well", "failed", "freeze", "escalate", "resume", "promote", "rollback"])))
@settings(max_examples=80, deadline=None)
def test_no_history_lets_a_promotion_pass_while_frozen(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    log = Decisions(tmp_path_factory.mktemp("ops"))
    words = {"drifted": "HOLD", "well": "PROMOTE", "failed": "FAIL"}
    entries = [log.decide(one, words[one]) if one in words else entry(one, reason="r", promotion="p") for one in steps]
    if not entries:
        return
    found = log.told(*entries)
    frozen, expected = False, 0
    for step in steps:
        frozen = step == "freeze" or (frozen and step != "resume")
        expected += frozen and step == "promote"
    assert found.count("promotion.promoted_frozen") == expected


def test_words_of_two_meanings_are_refused() -> None:
    with pytest.raises(ValueError, match="each once"):
        ActionWords(freeze="promote")
    with pytest.raises(ValueError, match="each once"):
        ReactionSection(("ops/a.json", "ops/a.json"))
    with pytest.raises(ValueError, match="pattern"):
        ReactionSection(("ops/*.json",))
    with pytest.raises(ValueError, match="green"):
        dataclasses.replace(CANARIES, green=0)
