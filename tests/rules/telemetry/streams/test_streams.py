"""Payloads: a clean stream is acquitted whole, and each thing that can be wrong with one is told by its rule."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Run
from gatecourt.formats.files import subject
from gatecourt.rules.telemetry.streams.checks import judge_stream
from gatecourt.rules.telemetry.streams.following import PARTS, Following
from gatecourt.rules.telemetry.streams.health import HealthLines, judge_health
from gatecourt.rules.telemetry.streams.health_section import HealthSection
from gatecourt.rules.telemetry.streams.reasons import STREAMS
from gatecourt.rules.telemetry.streams.rules_section import EventList, Lifecycle, RateLimit, RateLimits
from gatecourt.rules.telemetry.streams.section import PayloadSchemas, StreamSection
from gatecourt.system.manifest.binding import bind

Payload = dict[str, Any]
NAMES = [f"agent_{number:02}" for number in range(12)]
TICKS = 60

COUNT = {"kind": "count"}
DECLARED: dict[str, Any] = {
    "files": ["stream/*.jsonl"],
    "identity": ["/run_id"],
    "kinds": {},
    "schema": {"snapshot": "spec/snapshot.schema.json", "diff": "spec/diff.schema.json"},
    "version": {"expected": "0.9.7"},
    "field": {
        "connected": {"pointer": "/transport/connected", "kind": "truth", "equals": True},
        "dropped": {"pointer": "/transport/dropped_messages", **COUNT, "at_most": 0, "never_falls": True},
        "waiting": {"pointer": "/transport/queue_length", **COUNT, "at_most": 4},
        "last_error": {"pointer": "/transport/last_error", "kind": "null", "review": True},
        "last_success": {"pointer": "/transport/last_success_tick", "kind": "tick", "lag": 1},
        "pending": {
            "pointer": "/employment/pending_count",
            **COUNT,
            "at_most": "/employment/queue_limit",
            "count_of": "/employment/pending",
        },
        "limit": {"pointer": "/employment/queue_limit", "equals": "configs/release.yaml#/employment/queue_limit"},
        "exits": {"pointer": "/employment/exits_today", **COUNT, "at_most": "/employment/daily_exit_cap"},
        "totals": {"pointer": "/queue_metrics/*", **COUNT, "never_falls": True},
        "clip": {"pointer": "/rewards/clip_per_tick", "equals": "configs/release.yaml#/clip"},
        "mode": {"pointer": "/mode", "kind": "text", "one_of": ["live", "replay"]},
        "crowd": {"pointer": "/stability/metrics/crowd", "at_least": 1},
    },
    "lifecycle": {
        "exits": {
            "start": "employment_exit_manual_request",
            "end": "employment_exit_processed",
            "id": "agent_id",
            "earliest": 1,
            "latest": 1,
        }
    },
    "rate_limit": {
        "narrations": {
            "pointer": "/narrations",
            "limits": [
                {"window": "configs/release.yaml#/narration/cooldown", "unless": "priority"},
                {"window": "configs/release.yaml#/narration/categories", "by": ["category"], "unless": "priority"},
                {"window": 8, "by": ["dedupe_key", "message"]},
                {"window": 50, "at_most": 7},
            ],
        }
    },
    "held": {"objects": {"pointer": "/conflict/reservations", "holder": "agent", "longest": 10}},
    "running_total": {"queues": {"pointer": "/conflict/queue_history", "ends_at": "/queue_metrics"}},
    "clipped": {
        "rewards": {
            "values": "/rewards/values",
            "limit": "configs/release.yaml#/clip",
            "largest": "/rewards/max_abs",
            "clipped": "/rewards/clip_events",
            "share": "5%",
        }
    },
    "condition": {
        "never": ["queue_fairness_pressure", "rivalry_spike"],
        "number": {
            "crowded": {"value": "/stability/metrics/crowd", "above": 20},
            "employment_exit_queue_overflow": {
                "value": "/employment/pending_count",
                "above": "/employment/queue_limit",
            },
        },
        "sum": {"lateness_spike": {"members": "/jobs", "key": "late_ticks_today", "above": 3}},
        "events": {
            "affordance_failures_exceeded": {"types": ["affordance_fail"], "above": 2},
            "rivalry_spike": {
                "pointer": "/conflict/rivalry_events",
                "number": "intensity",
                "at_least": 0.5,
                "distinct": True,
                "above": 2,
            },
        },
        "streak": {
            "starvation_spike": {
                "members": "/agents",
                "value": "/needs/hunger",
                "at_most": 0.05,
                "ticks": 6,
                "window": 1000,
            }
        },
        "rolling": {
            "option_thrashing": {
                "samples": "/stability/inputs/switches",
                "above": 0.25,
                "window": 20,
                "reported": "/stability/metrics/option_switch_rate",
            }
        },
        "wait": {"employment_exit_backlog": {"members": "/employment/pending", "above": 15}},
        "growth": {
            "queue_fairness_pressure": {
                "at_least": {"/queue_metrics/ghost_step_events": 5, "/queue_metrics/rotation_events": 5}
            }
        },
    },
    "alerts": {
        "pointer": "/stability/alerts",
        "known": ["embedding_reuse_warning"],
        "aliases": {"option_thrash_detected": "option_thrashing"},
    },
}


def fields(**rules: dict[str, Any]) -> dict[str, Any]:
    """The declared field rules and ``rules``, or in place of those of the same name."""
    return {"field": {**DECLARED["field"], **rules}}


CONFIG = """
clip: 0.2
employment: {queue_limit: 8}
narration: {cooldown: 5, categories: {chat: 15}}
"""


def section(**changes: Any) -> StreamSection:
    """The declared section, with parts replaced; a part that is None is not declared."""
    declared = {key: value for key, value in {**DECLARED, **changes}.items() if value is not None}
    bound, problems = bind(StreamSection, declared)
    assert bound is not None, problems
    return bound


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The tree of a target with settings and schemas."""
    (tmp_path / "configs").mkdir()
    (tmp_path / "spec").mkdir()
    (tmp_path / "configs/release.yaml").write_text(CONFIG)
    draft = "https://json-schema.org/draft/2020-12/schema"
    whole = {"$schema": draft, "required": ["tick", "jobs", "stability"], "properties": {"tick": {"type": "integer"}}}
    diff = {"$schema": draft, "required": ["tick", "changes"]}
    (tmp_path / "spec/snapshot.schema.json").write_text(json.dumps(whole))
    (tmp_path / "spec/diff.schema.json").write_text(json.dumps(diff))
    return tmp_path


def _queues(tick: int) -> Payload:
    def totals(at: int) -> dict[str, int]:
        return {"cooldown_events": at // 3, "ghost_step_events": at // 4, "rotation_events": at // 5}

    def entry(at: int) -> Payload:
        now, before = totals(at), totals(at - 1)
        return {"tick": at, "delta": {key: now[key] - before[key] for key in now}, "totals": now}

    return {
        "queue_metrics": totals(tick),
        "conflict": {
            "queue_history": [entry(at) for at in range(max(1, tick - 9), tick + 1)],
            "rivalry_events": [
                {"tick": at, "agent_a": "agent_00", "agent_b": "agent_01", "intensity": 0.9, "reason": "queue"}
                for at in range(max(0, tick - 20), tick + 1)
                if at % 3 == 0
            ],
            "reservations": {
                "stove_1": {"agent": NAMES[tick // 8 % 12], "since": tick // 8 * 8},
                "bed_1": None,
            },
        },
    }


def _events(tick: int) -> list[Payload]:
    found = [{"type": "affordance_fail", "tick": tick, "agent_id": NAMES[tick % 12]}] if tick % 7 == 0 else []
    if tick == 20:
        found.append({"type": "employment_exit_manual_request", "tick": tick, "agent_id": "agent_03"})
    if tick == 21:
        found.append({"type": "employment_exit_processed", "tick": tick, "agent_id": "agent_03"})
    return found


def _narrations(tick: int) -> list[Payload]:
    def told(category: str, message: str, priority: bool = False) -> list[Payload]:
        return [{"tick": tick, "category": category, "message": message, "priority": priority, "dedupe_key": None}]

    if tick in (10, 25, 40):
        return told("chat", "two get on well")
    return told("employment", f"left at {tick}", True) if tick in (12, 20) else []


def state(tick: int) -> Payload:
    """The healthy state at a tick."""
    switches = {name: int((tick + index) % 10 == 0) for index, name in enumerate(NAMES)}
    window = range(max(0, tick - 19), tick + 1)
    count = sum(int((at + index) % 10 == 0) for at in window for index in range(12))
    rewards = {name: round(0.18 * ((tick + index) % 9 - 4) / 4, 3) for index, name in enumerate(NAMES)}
    rewards |= {"agent_00": -0.2} if tick % 4 == 0 else {}
    pending = ["agent_03"] if 10 <= tick < 21 else []
    return {
        "schema_version": "0.9.7",
        "tick": tick,
        "run_id": "run-1",
        "mode": "live",
        "agents": {name: {"needs": {"hunger": 0.04 if tick % 6 else 0.5, "energy": 0.5}} for name in NAMES},
        "jobs": {name: {"late_ticks_today": int(name == "agent_02")} for name in NAMES},
        "employment": {
            "pending": pending,
            "pending_count": len(pending),
            "queue_limit": 8,
            "exits_today": int(tick > 20),
            "daily_exit_cap": 2,
        },
        **_queues(tick),
        "events": _events(tick),
        "narrations": _narrations(tick),
        "rewards": {"clip_per_tick": 0.2, "clip_events": tick // 4, "max_abs": 0.2, "values": rewards},
        "stability": {
            "alerts": [],
            "inputs": {"switches": switches},
            "metrics": {"crowd": 12, "option_switch_rate": round(count / (12 * len(window)), 6)},
        },
        "transport": {
            "connected": True,
            "dropped_messages": 0,
            "queue_length": 0,
            "last_error": None,
            "last_success_tick": tick - 1 if tick else None,
        },
    }


Change = Callable[[int, Payload], object]


def stream(change: Change | None = None, ticks: int = TICKS) -> list[Payload]:
    """The payloads of states that ``change`` has altered in place: a snapshot, then diffs."""
    payloads: list[Payload] = []
    before: Payload = {}
    for tick in range(ticks):
        now = state(tick)
        if change is not None:
            change(tick, now)
        if not payloads:
            payloads.append({"payload_type": "snapshot", **now})
        else:
            head = {"payload_type": "diff", "schema_version": now["schema_version"], "tick": now["tick"]}
            told = {key for key, value in now.items() if json.dumps(before.get(key)) != json.dumps(value)}
            changes = {key: now[key] for key in sorted(told - set(head))}
            payloads.append({**head, "changes": changes, "removed": sorted(set(before) - set(now))})
        before = now
    return payloads


def judged(payloads: Iterable[Any], declared: StreamSection, root: Path) -> list[tuple[str, Finding]]:
    """Everything that is told of a stream, with its part."""
    following = Following(declared, "s.jsonl", root)
    told = [found for line, payload in enumerate(payloads, 1) for found in following.feed_parts(line, payload)]
    return told + following.close_parts()


def rules(payloads: Iterable[Any], root: Path, declared: StreamSection | None = None) -> set[tuple[str, str]]:
    """Part and rule of all that is told, without the family's name."""
    told = judged(payloads, declared or section(), root)
    return {(part, finding.rule.removeprefix("telemetry.")) for part, finding in told}


def test_clean_stream_is_acquitted(root: Path) -> None:
    assert judged(stream(), section(), root) == []


def test_findings_are_registered(root: Path) -> None:
    codes = {reason.code for reason in STREAMS}
    assert len(codes) == len(STREAMS)
    for case in CASES:
        assert f"telemetry.{case.rule}" in codes, case


@dataclass(frozen=True)
class Case:
    """A change of the healthy states from a tick on, and the one rule that it breaks."""

    part: str
    rule: str
    change: Change
    also: frozenset[str] = field(default=frozenset())


def at(tick: int, pointer: str, value: Any, until: int | None = None) -> Change:
    """Set what lies at ``pointer`` at the tick, or from there up to ``until``; a callable is given the old value."""

    def change(now: int, payload: Payload) -> None:
        if tick <= now <= (tick if until is None else until):
            *steps, last = pointer.strip("/").split("/")
            inner: Any = payload
            for step in steps:
                inner = inner[int(step)] if isinstance(inner, list) else inner[step]
            inner[last] = value(inner[last], now) if callable(value) else value

    return change


def without(tick: int, pointer: str) -> Change:
    """Take out what lies at ``pointer``, at the tick."""

    def change(now: int, payload: Payload) -> None:
        if now == tick:
            *steps, last = pointer.strip("/").split("/")
            for step in steps:
                payload = payload[step]
            del payload[last]

    return change


def narrated(*told: tuple[int, str, str, bool]) -> Change:
    """Narrations beside the healthy ones: tick, category, message, priority."""

    def change(now: int, payload: Payload) -> None:
        for tick, category, message, priority in told:
            if tick == now:
                entry = {"tick": tick, "category": category, "message": message, "priority": priority}
                payload["narrations"].append({**entry, "dedupe_key": None})

    return change


def eventful(tick: int, *events: Payload) -> Change:
    """Events beside the healthy ones."""
    return at(tick, "/events", lambda old, now: [*old, *({"tick": now, **event} for event in events)])


def late(now: int, payload: Payload) -> None:
    """A reservation that keeps its holder, while its tick moves on."""
    payload["conflict"]["reservations"]["stove_1"] = {"agent": "agent_05", "since": now}


def rewritten(now: int, payload: Payload) -> None:
    """An entry of the history that is another one after a while."""
    for entry in payload["conflict"]["queue_history"]:
        if entry["tick"] == 20 and now > 22:
            entry["delta"] = {**entry["delta"], "cooldown_events": 9}


def miscounted(_: int, payload: Payload) -> None:
    """An entry whose delta is not what its totals grew by."""
    for entry in payload["conflict"]["queue_history"]:
        if entry["tick"] == 30:
            entry["delta"]["rotation_events"] += 2


def pressed(now: int, payload: Payload) -> None:
    """Queues that push five aside in one tick, and a history that agrees."""
    counters = [entry["totals"] for entry in payload["conflict"]["queue_history"] if entry["tick"] >= 30]
    for totals in [payload["queue_metrics"], *counters] if now >= 30 else []:
        totals["ghost_step_events"] += 5
    for entry in payload["conflict"]["queue_history"]:
        entry["delta"]["ghost_step_events"] += 5 * (entry["tick"] == 30)


def repeated_name(now: int, payload: Payload) -> None:
    """A list that holds a name twice, which the count takes for two."""
    if now == 15:
        payload["employment"].update(pending=["a", "a"], pending_count=2)


def beyond(now: int, payload: Payload) -> None:
    """A reward past the clip."""
    if now == 30:
        payload["rewards"].update(max_abs=0.201, values={"agent_00": -0.201})


def strong(tick: int, count: int) -> Change:
    """Strong rivalries of different agents in one tick."""

    def extended(old: Any, now: int) -> Any:
        event = {"tick": tick, "agent_b": "agent_11", "intensity": 0.5, "reason": "queue"}
        return old + [{**event, "agent_a": name} for name in NAMES[:count]]

    return at(tick, "/conflict/rivalry_events", extended, until=tick + 5)


AFTER = frozenset({"history_totals", "history_rewritten", "history_sum"})
CASES = [
    Case("version", "version_newer", at(0, "/schema_version", "0.10.0", 99)),
    Case("version", "version_newer", at(0, "/schema_version", "1.0", 99)),
    Case("version", "version_older", at(0, "/schema_version", "0.8.12", 99)),
    Case("version", "version_value", at(0, "/schema_version", 0.9, 99)),
    Case("version", "version_value", at(0, "/schema_version", "v0.9.7", 99)),
    Case("version", "version_changed", at(30, "/schema_version", "0.9.8", 99)),
    Case("field", "payload_missing", without(30, "/transport")),
    Case("field", "field_differs", at(30, "/transport/connected", False)),
    Case("field", "payload_value", at(30, "/transport/connected", "true")),
    Case("field", "field_limit", at(30, "/transport/dropped_messages", 1, 99)),
    Case("field", "payload_value", at(30, "/transport/dropped_messages", False)),
    Case("field", "counter_back", at(30, "/transport/dropped_messages", 1), frozenset({"field_limit"})),
    Case("field", "field_limit", at(30, "/transport/queue_length", 5)),
    Case("field", "payload_value", at(30, "/transport/queue_length", True)),
    Case("field", "payload_missing", without(30, "/transport/queue_length")),
    Case("field", "field_review", at(30, "/transport/last_error", "Connection refused", 99)),
    Case("field", "field_lag", at(30, "/transport/last_success_tick", 29, 33)),
    Case("field", "field_lag", at(0, "/transport/last_success_tick", None, 99)),
    Case("field", "payload_value", at(30, "/transport/last_success_tick", 31)),
    Case("field", "field_count", at(15, "/employment/pending_count", 2)),
    Case("field", "payload_value", at(15, "/employment/pending_count", True)),
    Case("field", "field_count", repeated_name),
    Case("field", "field_differs", at(0, "/employment/queue_limit", 80, 99)),
    Case("field", "field_limit", at(40, "/employment/exits_today", 3)),
    Case("lifecycle", "end_missing", at(21, "/events", [])),
    Case("lifecycle", "end_missing", eventful(31, *({"type": "employment_exit_manual_request", "agent_id": "x"},))),
    Case("lifecycle", "end_undecided", eventful(59, {"type": "employment_exit_manual_request", "agent_id": "x"})),
    Case("lifecycle", "no_sample", lambda _, payload: payload.update(events=[])),
    Case("lifecycle", "payload_value", eventful(30, {"type": "employment_exit_manual_request", "agent_id": 3})),
    Case("rate_limit", "rate_limit", narrated((14, "work", "help", False))),
    Case("rate_limit", "rate_limit", narrated((35, "chat", "others", False))),
    Case("rate_limit", "rate_limit", narrated((18, "work", "a", True), (25, "work", "a", True))),
    Case("rate_limit", "rate_limit", narrated((50, "w", "a", True), (50, "w", "a", True))),
    Case("rate_limit", "rate_limit", narrated(*((50, "w", f"{number}", True) for number in range(4)))),
    Case("rate_limit", "entry_late", at(30, "/narrations", [{**_narrations(20)[0], "message": "who left"}])),
    Case("rate_limit", "no_sample", lambda _, payload: payload.update(narrations=[])),
    Case("rate_limit", "payload_value", at(30, "/narrations", [{"tick": 31}])),
    Case("rate_limit", "payload_value", at(10, "/narrations/0/priority", 1)),
    Case("field", "counter_back", at(30, "/queue_metrics/cooldown_events", 3)),
    Case("field", "payload_value", at(30, "/queue_metrics/cooldown_events", 10.5)),
    Case("running_total", "history_entry", at(30, "/conflict/queue_history", [{"tick": 30}]), AFTER),
    Case("running_total", "history_totals", at(0, "/queue_metrics/cooldown_events", lambda old, _: old + 1, 99)),
    Case("running_total", "history_sum", miscounted),
    Case("running_total", "history_rewritten", rewritten),
    Case("condition", "condition", pressed),
    Case("condition", "condition", strong(30, 2)),
    Case("held", "held_too_long", at(24, "/conflict/reservations/stove_1", {"agent": "agent_03", "since": 24}, 36)),
    Case("held", "held_too_long", late),
    Case("held", "payload_value", at(30, "/conflict/reservations/stove_1", {"agent": "agent_03", "since": 31})),
    Case("held", "payload_missing", without(30, "/conflict/reservations")),
    Case("field", "field_differs", at(0, "/rewards/clip_per_tick", 0.4, 99)),
    Case("clipped", "value_unclipped", beyond, frozenset({"largest_differs"})),
    Case("clipped", "largest_differs", at(30, "/rewards/max_abs", 0.1)),
    Case("clipped", "payload_value", at(30, "/rewards/max_abs", "0.1")),
    Case("clipped", "clip_share", at(0, "/rewards/clip_events", lambda _, now: now, 99)),
    Case("clipped", "clip_count", at(30, "/rewards/clip_events", 20, 99)),
    Case("clipped", "counter_back", at(30, "/rewards/clip_events", 1)),
    Case("alerts", "alert_unfounded", at(30, "/stability/alerts", ["lateness_spike"]), frozenset({"alert"})),
    Case("alerts", "alert_unfounded", at(30, "/stability/alerts", ["option_thrash_detected"]), frozenset({"alert"})),
    Case("alerts", "alert_name", at(30, "/stability/alerts", ["queue_jam"])),
    Case("alerts", "alert", at(30, "/stability/alerts", ["embedding_reuse_warning"])),
    Case("alerts", "payload_value", at(30, "/stability/alerts", "none")),
    Case("alerts", "alert_missing", at(30, "/jobs/agent_02/late_ticks_today", 4)),
    Case("alerts", "alert_missing", at(30, "/stability/metrics/crowd", 20.5)),
    Case("alerts", "alert_missing", eventful(30, *[{"type": "affordance_fail"}] * 3)),
    Case("alerts", "alert_missing", at(30, "/agents/agent_04/needs/hunger", 0.05)),
    Case("alerts", "metric_differs", at(30, "/stability/metrics/option_switch_rate", 0.2)),
    Case("alerts", "payload_missing", without(30, "/stability/alerts")),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.part}-{case.rule}")
def test_each_wrong_is_told_by_its_rule(case: Case, root: Path) -> None:
    told = {found for found in rules(stream(case.change), root) if found[0] == case.part}
    assert told == {(case.part, rule) for rule in {case.rule, *case.also}}


def test_waits_and_backlogs_that_grow(root: Path) -> None:
    def crowded(now: int, payload: Payload) -> None:
        names = NAMES[:9] if now >= 30 else []
        payload["employment"].update(pending=names, pending_count=len(names))

    told = rules(stream(crowded), root)
    assert ("field", "field_limit") in told
    missing = [found for _, found in judged(stream(crowded), section(), root) if found.rule.endswith("alert_missing")]
    assert [found.expected for found in missing] == ["employment_exit_queue_overflow", "employment_exit_backlog"]
    assert missing[1].where == "s.jsonl:47#/changes/stability/alerts"


def test_alert_that_is_allowed_lets_its_condition_be(root: Path) -> None:
    def spiking(now: int, payload: Payload) -> None:
        strong(30, 4)(now, payload)
        payload["stability"]["alerts"] = ["rivalry_spike"] if now == 30 else []

    assert rules(stream(spiking), root) == {("condition", "condition"), ("alerts", "alert")}
    never = {**DECLARED["condition"], "never": ["queue_fairness_pressure"]}
    allowing = section(alerts={**DECLARED["alerts"], "allowed": ["rivalry_spike"]}, condition=never)
    assert rules(stream(spiking), root, allowing) == set()


def test_event_told_twice_is_one(root: Path) -> None:
    def doubled(now: int, payload: Payload) -> None:
        payload["conflict"]["rivalry_events"] = list(payload["conflict"]["rivalry_events"] * 3)

    assert rules(stream(doubled), root) == set()


def test_boundaries_belong_to_the_good_side(root: Path) -> None:
    def edge(now: int, payload: Payload) -> None:
        payload["transport"]["queue_length"] = 4
        payload["jobs"]["agent_02"]["late_ticks_today"] = 3
        payload["conflict"]["reservations"]["stove_1"] = {"agent": NAMES[now // 11 % 12], "since": now // 11 * 11}
        payload["stability"]["metrics"]["crowd"] = 20

    assert rules(stream(edge), root) == set()


# Merging


def altered(change: Callable[[list[Payload]], object]) -> list[Any]:
    """The clean payloads, altered in place."""
    payloads = stream()
    change(payloads)
    return payloads


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("no_snapshot", lambda payloads: payloads.pop(0)),
        ("tick_gap", lambda payloads: payloads.pop(30)),
        ("tick_order", lambda payloads: payloads.insert(31, payloads[30])),
        ("payload_shape", lambda payloads: payloads.insert(31, [payloads[30]])),
        ("payload_shape", lambda payloads: payloads[30].update(payload_type="delta")),
        ("payload_shape", lambda payloads: payloads[30].pop("payload_type")),
        ("payload_shape", lambda payloads: payloads[59].update(changes=[])),
        ("payload_shape", lambda payloads: payloads[59].update(removed="tick")),
        ("tick_value", lambda payloads: payloads[59].update(tick=True)),
        ("tick_value", lambda payloads: payloads[59].update(tick=59.0)),
        ("removed_unknown", lambda payloads: payloads[30].update(removed=["weather"])),
        ("removed_and_changed", lambda payloads: payloads[30].update(removed=["transport"])),
        ("contradiction", lambda payloads: payloads[30]["changes"].update(tick=29)),
        ("stream_identity", lambda payloads: payloads[30]["changes"].update(run_id="run-2")),
        ("stream_identity", lambda payloads: payloads.extend(stream(at(0, "/run_id", "run-2", 99)))),
        ("tick_order", lambda payloads: payloads.extend(stream())),
        ("no_payload", lambda payloads: payloads.__delitem__(slice(1, None))),
        ("snapshot_disagrees", lambda payloads: payloads.insert(31, snapshot_at(30, run_id="run-1", extra=1))),
        ("snapshot_disagrees", lambda payloads: payloads.insert(31, snapshot_at(30, employment={}))),
    ],
)
def test_what_is_wrong_with_payloads(rule: str, change: Callable[[list[Payload]], object], root: Path) -> None:
    told = {name for part, name in rules(altered(change), root) if part == "payloads"}
    assert rule in told
    assert told <= {rule, "tick_gap"}


def snapshot_at(tick: int, **changes: Any) -> Payload:
    return {"payload_type": "snapshot", **state(tick), **changes}


def test_snapshot_that_agrees_is_no_finding(root: Path) -> None:
    payloads = stream()
    payloads.insert(31, snapshot_at(30))
    payloads[41] = snapshot_at(40)
    assert rules(payloads, root) == set()


def test_snapshot_with_other_order_and_other_digits_agrees(root: Path) -> None:
    def reordered(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: reordered(value[key]) for key in reversed(value)}
        return float(value) if type(value) is int else value

    payloads = stream()
    told = {key: reordered(value) if key in ("agents", "queue_metrics") else value for key, value in state(30).items()}
    payloads.insert(31, {"payload_type": "snapshot", **told})
    payloads[32]["changes"]["queue_metrics"] = state(31)["queue_metrics"]
    assert rules(payloads, root) == set()


def test_disagreement_is_told_where_it_lies(root: Path) -> None:
    jobs = {**state(30)["jobs"], "agent_11": {"late_ticks_today": True}, "new": {}}
    payloads = stream()
    payloads.insert(31, snapshot_at(30, jobs=jobs, events=[{"type": "late"}]))
    told = [found for _, found in judged(payloads, section(), root) if found.rule.endswith("snapshot_disagrees")]
    assert [(found.where, found.expected, found.observed) for found in told] == [
        ("s.jsonl:32#/events/0", "absent, as merged", '{"type": "late"}'),
        ("s.jsonl:32#/jobs/agent_11/late_ticks_today", "0, as merged", "true"),
    ]


def test_second_run_begins_anew(root: Path) -> None:
    """What the first run left must not be held against the second one."""
    payloads = [*stream(), *stream(at(0, "/run_id", "run-2", 99))]
    assert rules(payloads, root) == {("payloads", "stream_identity")}


def test_removed_keys_are_gone(root: Path) -> None:
    def vanishing(now: int, payload: Payload) -> None:
        if now >= 50:
            del payload["jobs"]

    told = judged(stream(vanishing), section(), root)
    assert [(part, found.where, found.rule) for part, found in told] == [
        ("alerts", "s.jsonl:51", "telemetry.payload_missing"),
        ("schema", "s.jsonl (merged)", "telemetry.payload_schema"),
    ]


def test_schema_of_payloads(root: Path) -> None:
    payloads = stream()
    payloads[0]["tick"] = 0.5
    told = judged(payloads[:1], section(), root)
    assert ("schema", "s.jsonl:1#/tick") in {(part, found.where) for part, found in told}


DRAFT = "https://json-schema.org/draft/2020-12/schema"


def valid(root: Path, payload: Any, schema: dict[str, Any]) -> list[tuple[str, str]]:
    """Place and rule of what a schema of whole states finds in ``payload`` and in a good state behind it."""
    (root / "one.schema.json").write_text(json.dumps({"$schema": DRAFT, **schema}))
    declared = StreamSection(files=("x",), schema=PayloadSchemas(snapshot="one.schema.json"))
    following = Following(declared, "n", root)
    told = [*following.feed(1, payload), *following.feed(2, {"tick": 2, "a": "aa"})]
    return [(one.where, one.rule) for one in told if "tick" not in one.rule]


def test_a_payload_that_no_validator_can_decide_is_a_finding(root: Path) -> None:
    deep: Any = "aa"
    for _ in range(400):
        deep = [deep]
    text = {"properties": {"a": {"type": "string"}}}
    assert valid(root, {"tick": 1, "a": deep}, text) == [("n:1", "json.depth")]
    pattern = {"properties": {"a": {"pattern": "^a"}}}
    assert valid(root, {"tick": 1, "a": "\ud800"}, pattern) == [("n:1", "telemetry.payload_schema")]
    slow = {"properties": {"a": {"pattern": r"^(?:(a)\1?)*b(?=c)(x|x|x)*$|^aa$"}}}
    assert valid(root, {"tick": 1, "a": "a" * 60 + "c"}, slow) == [("n:1#/a", "telemetry.schema_undecided")]
    assert valid(root, {"tick": 1, "a": 3}, text) == [("n:1#/a", "telemetry.payload_schema")]


def test_stream_without_a_state_is_no_part_s_pass(root: Path) -> None:
    told = rules(stream()[1:], root)
    assert {part for part, rule in told if rule == "no_payload"} == set(PARTS)


def test_settings_that_cannot_be_read_are_told_once(root: Path) -> None:
    (root / "configs/release.yaml").write_text("clip: high\n")
    told = judged([*stream(), *stream(at(0, "/run_id", "run-2", 99))], section(), root)
    assert [(part, found.where) for part, found in told if found.rule == "telemetry.setting"] == [
        ("field", "configs/release.yaml#/employment/queue_limit"),
        ("rate_limit", "configs/release.yaml#/narration/cooldown"),
        ("clipped", "configs/release.yaml#/clip"),
    ]


def test_what_lasts_is_told_when_it_begins(root: Path) -> None:
    def flapping(now: int, payload: Payload) -> None:
        payload["transport"]["connected"] = not (10 <= now < 20 or now == 40)

    told = [found.where for _, found in judged(stream(flapping), section(), root)]
    assert told == ["s.jsonl:11#/changes/transport/connected", "s.jsonl:41#/changes/transport/connected"]


def test_another_alert_is_told_while_the_first_one_lasts(root: Path) -> None:
    def alarmed(now: int, payload: Payload) -> None:
        names = ["embedding_reuse_warning", "unheard_of"] if now >= 10 else []
        payload["stability"]["alerts"] = [*names, "lateness_spike", "unheard_of_too"] if now >= 20 else names

    told = [found.observed for _, found in judged(stream(alarmed), section(), root)]
    assert told[:2] == ['"embedding_reuse_warning"', '"unheard_of"']
    assert {'"lateness_spike"', '"unheard_of_too"'} < set(told[2:])
    assert len(told) == 5


def test_a_wrong_statistic_and_a_wrong_largest_are_told_once_while_they_last(root: Path) -> None:
    def off(now: int, payload: Payload) -> None:
        payload["rewards"]["max_abs"] = 0.2 if now < 10 else 0.1
        if now >= 10:
            payload["stability"]["metrics"]["option_switch_rate"] = 0.3

    told = [found.rule.removeprefix("telemetry.") for _, found in judged(stream(off), section(), root)]
    assert sorted(told) == ["largest_differs", "metric_differs"]


def test_rewards_at_the_clip_count_as_clipped_whatever_the_sender_counts(root: Path) -> None:
    def saturated(now: int, payload: Payload) -> None:
        payload["rewards"]["values"] = dict.fromkeys(NAMES[:2], 0.2 if now % 2 else -0.2)

    told = judged(stream(saturated), section(), root)
    assert [(part, found.rule) for part, found in told] == [("clipped", "telemetry.clip_share")]
    assert told[0][1].observed == "118, of which the sender counts 14"


def test_counters_of_the_transport_never_fall(root: Path) -> None:
    def restarted(now: int, payload: Payload) -> None:
        payload["transport"]["sent"] = now if now < 30 else now - 30

    sent = fields(sent={"pointer": "/transport/sent", "kind": "count", "never_falls": True})
    told = judged(stream(restarted), section(**sent), root)
    assert [(found.where, found.observed) for _, found in told] == [("s.jsonl:31#/changes/transport/sent", "0")]
    assert rules(stream(), root, section(**sent)) == {("field", "payload_missing")}


def test_a_payload_may_not_raise_its_own_cap(root: Path) -> None:
    def raised(now: int, payload: Payload) -> None:
        payload["employment"].update(daily_exit_cap=99, exits_today=5)

    assert rules(stream(raised), root) == set()
    capped = section(**fields(cap={"pointer": "/employment/daily_exit_cap", "kind": "count", "equals": 2}))
    told = [(found.where, found.expected, found.rule) for _, found in judged(stream(raised), capped, root)]
    assert told == [("s.jsonl:1#/employment/daily_exit_cap", "2, as declared", "telemetry.field_differs")]
    assert rules(stream(), root, capped) == set()


@pytest.mark.parametrize("value", [1e30, 1e308, 10**300, int("9" * 4300)])
@pytest.mark.parametrize(
    "pointer",
    [
        "/stability/inputs/switches/agent_00",
        "/jobs/agent_00/late_ticks_today",
        "/queue_metrics/rotation_events",
        "/employment/pending_count",
        "/rewards/max_abs",
        "/stability/metrics/crowd",
    ],
)
def test_numbers_beyond_all_sizes_are_told_in_few_words(pointer: str, value: Any, root: Path) -> None:
    told = [found for _, found in judged(stream(at(20, pointer, value)), section(), root)]
    assert told
    assert max(len(found.expected) + len(found.observed) for found in told) < 700


def test_an_entry_repeated_with_other_key_order_is_one(root: Path) -> None:
    def repeated(now: int, payload: Payload) -> None:
        if now == 11:
            payload["narrations"] = [dict(reversed(told.items())) for told in _narrations(10)]

    assert rules(stream(repeated), root) == set()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 99) | st.floats(allow_nan=True) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(state(12))), json_values, st.integers(0, 20))
def test_no_value_makes_a_traceback(key: str, value: Any, tick: int) -> None:
    judged(stream(at(tick, f"/{key}", value), ticks=21), section(schema=None), Path("absent"))


# Rate limits against a plain simulation of them

Told = tuple[int, str, str]


@dataclass(frozen=True)
class Gaps:
    """Cooldowns, and a limit of entries in a window."""

    cooldown: int
    category: int
    repeat: int
    window: int
    limit: int

    def section(self) -> RateLimits:
        """The same as rate limits."""
        limits = (
            RateLimit(self.cooldown, unless="priority"),
            RateLimit({"a": self.category}, by=("category",), unless="priority"),
            RateLimit(self.repeat, by=("message",)),
            RateLimit(self.window, at_most=self.limit),
        )
        return RateLimits(limits, pointer="/narrations")

    def allows(self, told: list[Told], tick: int, category: str, message: str, priority: bool) -> bool:
        """Whether the definition of the limits lets an entry come after those before it."""
        if any(known == message and tick - then < self.repeat for then, _, known in told):
            return False
        if not priority and any(tick - then < self.cooldown for then, _, _ in told):
            return False
        if not priority and category == "a" and any(k == "a" and tick - then < self.category for then, k, _ in told):
            return False
        return not self.limit or sum(then > tick - self.window for then, _, _ in told) < self.limit


tried = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from("ab"), st.sampled_from("xyz"), st.booleans()), max_size=25
)


@settings(max_examples=80, deadline=None)
@given(tried, st.builds(Gaps, *[st.integers(0, 6)] * 3, st.integers(1, 12), st.integers(0, 4)))
def test_rate_limits_agree_with_their_definition(tries: list[tuple[int, str, str, bool]], gaps: Gaps) -> None:
    told: list[Told] = []
    tick, emitted, forbidden = 0, [], []
    for later, category, message, priority in tries:
        tick += later
        entry = {"tick": tick, "category": category, "message": message, "priority": priority}
        if gaps.allows(told, tick, category, message, priority):
            told.append((tick, category, message))
            emitted.append(entry)
        else:
            forbidden.append((list(emitted), entry))
    assert not _limited(gaps.section(), emitted)
    for before, entry in forbidden[:5]:
        assert _limited(gaps.section(), [*before, entry])


def _limited(limits: RateLimits, emitted: list[Payload]) -> list[Finding]:
    following = Following(StreamSection(files=("x",), rate_limit={"n": limits}), "n", Path("absent"))
    last = emitted[-1]["tick"] if emitted else 0
    told: list[Finding] = []
    for tick in range(last + 1):
        told += following.feed(None, {"tick": tick, "narrations": [one for one in emitted if one["tick"] == tick]})
    return told


def test_a_limit_of_entries_in_a_window_says_what_was_too_many() -> None:
    gaps = Gaps(30, 0, 20, 600, 10).section()
    urgent = [
        {"tick": tick, "category": "c", "message": str(tick), "priority": True}
        for tick in [*range(10), *range(600, 610)]
    ]
    assert not _limited(gaps, urgent)
    early = [*urgent[:10], {**urgent[10], "tick": 599}]
    assert _limited(gaps, early) == [
        Finding("n#/narrations/0", "at most 10 in 600 ticks", "11 from tick 0 to tick 599", "telemetry.rate_limit")
    ]


def test_an_entry_without_any_key_of_its_group_is_reported_and_the_next_one_judged() -> None:
    limits = RateLimits((RateLimit(9, by=("key", "name")),), pointer="/narrations")
    entries: list[Payload] = [{"tick": 0}, {"tick": 1, "key": 3}, {"tick": 2, "key": None, "name": "a"}]
    entries.append({"tick": 3, "key": "a"})
    assert _limited(limits, entries) == [
        Finding("n#/narrations/0/key", "a text", "absent", "telemetry.payload_missing"),
        Finding("n#/narrations/0/key", "a text", "3", "telemetry.payload_value"),
        Finding(
            "n#/narrations/0", 'at most 1 in 9 ticks with key "a"', "2 from tick 2 to tick 3", "telemetry.rate_limit"
        ),
    ]


# Starts and ends


def test_an_end_may_come_within_its_ticks_and_no_other_one_counts() -> None:
    lifecycle = Lifecycle("open", "close", "id", latest=3, earliest=1, events=EventList("/events"))
    following = Following(StreamSection(files=("x",), lifecycle={"l": lifecycle}), "n", Path("absent"))
    events = [
        [("open", "a"), ("open", "b"), ("open", "c")],
        [("close", "a")],
        [],
        [("close", "b"), ("close", "other")],
        [("close", "c"), ("open", "d"), ("open", "e"), ("open", None)],
        [("close", "d")],
    ]
    told: list[Finding] = []
    for tick, listed in enumerate(events):
        payload: Any = {"tick": tick, "events": [{"type": kind, "id": who} for kind, who in listed]}
        told += following.feed(tick + 1, payload)
    assert [*told, *following.close()] == [
        Finding("n:1#/events/2", 'close of "c" from tick 1 to tick 3', "none by tick 3", "telemetry.end_missing"),
        Finding("n:5#/events/3/id", "a text", "null", "telemetry.payload_value"),
        Finding("n:5#/events/2", "a state at tick 7", "the end of the stream", "telemetry.end_undecided"),
    ]


# Alerts by their timing


def alerted(timing: dict[str, int], held: str, raised: str) -> list[tuple[int, str]]:
    """Ticks and rules of alert findings, where ``x`` marks ticks in which the condition held or the alert was there."""
    declared, problems = bind(
        StreamSection,
        {
            "files": ["x"],
            "condition": {"number": {"hot": {"value": "/heat", "above": 1}}},
            "alerts": {"pointer": "/alerts", "allowed": ["hot"], "timing": {"hot": timing}},
        },
    )
    assert declared is not None, problems
    following = Following(declared, "n", Path("absent"))
    found = []
    for tick, (hot, there) in enumerate(zip(held, raised, strict=True)):
        payload: Any = {"tick": tick, "heat": 2 if hot == "x" else 1, "alerts": ["hot"] if there == "x" else []}
        found += [(tick, one.rule.removeprefix("telemetry.alert_")) for one in following.feed(None, payload)]
    return found


@pytest.mark.parametrize(
    ("timing", "held", "raised", "expected"),
    [
        ({}, ".xx..", ".xx..", []),
        ({}, ".xx..", "..xx.", [(1, "missing"), (3, "unfounded")]),
        ({"lag": 1}, ".xx..", "..xx.", []),
        ({"lag": 1}, ".xxx..", "...xxx", [(2, "missing"), (5, "unfounded")]),
        ({"lag": 1}, ".xxxxx", ".x.x.x", [(2, "missing"), (4, "missing")]),
        ({"lag": 1}, "......", "x.x...", [(0, "unfounded"), (2, "unfounded")]),
        ({"ticks": 2, "of": 3}, ".x.x..", "...x..", []),
        ({"ticks": 2, "of": 3}, ".x.x..", ".x.x..", [(1, "unfounded")]),
        ({"ticks": 2, "of": 3}, ".x.x..", "......", [(3, "missing")]),
        ({"ticks": 3, "of": 3}, "xxx.xx", "..x...", []),
    ],
)
def test_alerts_follow_their_conditions(
    timing: dict[str, int], held: str, raised: str, expected: list[tuple[int, str]]
) -> None:
    assert alerted(timing, held, raised) == expected


# Field rules


def kept(rule: dict[str, Any], *values: Any) -> list[tuple[str, str, str, str]]:
    """All that a field rule finds in states whose ``/at`` has the values one after another."""
    declared, problems = bind(StreamSection, {"files": ["x"], "field": {"one": {"pointer": "/at", **rule}}})
    assert declared is not None, problems
    following = Following(declared, "n", Path("absent"))
    told = [one for tick, value in enumerate(values) for one in following.feed(tick + 1, {"tick": tick, **value})]
    return [(one.where, one.expected, one.observed, one.rule.removeprefix("telemetry.")) for one in told]


def test_an_absent_value_does_not_hide_the_wrong_one_behind_it() -> None:
    told = kept({"at_most": 3}, {}, {"at": 4}, {"at": 5}, {"at": 3}, {"at": 4}, {"at": "4"})
    assert told == [
        ("n:1#/at", "/at", "absent", "payload_missing"),
        ("n:2#/at", "at most 3", "4", "field_limit"),
        ("n:5#/at", "at most 3", "4", "field_limit"),
        ("n:6#/at", "a finite number", '"4"', "payload_value"),
    ]


def test_every_member_that_a_pattern_names_is_judged() -> None:
    rule = {"pointer": "/at/*/n", "kind": "count", "never_falls": True, "at_most": "/most"}
    first = {"most": 5, "at": {"a": {"n": 1}, "b": {}, "c": {"n": 6}, "d": {"n": 5}}}
    assert kept(rule, first, {"most": 5, "at": {"a": {"n": 0}, "c": {"n": 4}}}) == [
        ("n:1#/at/b/n", "/at/b/n", "absent", "payload_missing"),
        ("n:1#/at/c/n", "at most 5", "6", "field_limit"),
        ("n:2#/at/a/n", "at least 1, as before", "0", "counter_back"),
        ("n:2#/at/c/n", "at least 6, as before", "4", "counter_back"),
        ("n:2#/at/d/n", "a counter, as before", "absent", "counter_back"),
    ]


def test_a_bound_that_the_state_lacks_is_reported_and_the_next_state_judged() -> None:
    told = kept({"at_most": "/most"}, {"at": 3}, {"at": 3, "most": "2"}, {"at": 3, "most": 3}, {"at": 3, "most": 2})
    assert told == [
        ("n:1#/most", "/most", "absent", "payload_missing"),
        ("n:2#/most", "a finite number", '"2"', "payload_value"),
        ("n:4#/at", "at most 2", "3", "field_limit"),
    ]


def test_what_a_value_counts_may_be_an_object_but_no_text() -> None:
    rule = {"kind": "count", "count_of": "/all"}
    told = kept(
        rule, {"at": 1}, {"at": 1, "all": "a"}, {"at": 2, "all": {"a": 1, "b": 2}}, {"at": 2, "all": ["a", "a"]}
    )
    assert told == [
        ("n:1#/all", "/all", "absent", "payload_missing"),
        ("n:2#/all", "an array or an object", '"a"', "payload_value"),
        ("n:4#/at", "1, as many different ones as are listed at /all", "2", "field_count"),
    ]


@pytest.mark.parametrize(
    ("rule", "good", "bad", "expected"),
    [
        ({"kind": "truth", "equals": False}, False, True, ("false", "true", "field_differs")),
        ({"kind": "truth", "equals": False}, False, 0, ("true or false", "0", "payload_value")),
        ({"equals": "0.5"}, 0.5, 0.6, ("0.5, as declared", "0.6", "field_differs")),
        ({"at_least": 2}, 2, 1.9, ("at least 2", "1.9", "field_limit")),
        ({"kind": "count"}, 0, -1, ("a whole number of at least 0", "-1", "payload_value")),
        ({"kind": "text", "one_of": ["a", "b"]}, "b", "c", ("one of a, b", '"c"', "field_differs")),
        ({"kind": "null", "review": True}, None, "x", ("null", '"x"', "field_review")),
        ({"kind": "tick"}, None, 9, ("null or a tick of at most 1", "9", "payload_value")),
    ],
)
def test_kinds_and_limits_of_a_field(rule: dict[str, Any], good: Any, bad: Any, expected: tuple[str, str, str]) -> None:
    assert kept(rule, {"at": good}, {"at": bad}, {"at": good}) == [("n:2#/at", *expected)]


def test_a_tick_that_stays_null_is_late_from_the_first_state_on() -> None:
    late = kept({"kind": "tick", "lag": 1}, *[{"at": None}] * 3, {"at": 3}, *[{"at": 3}] * 2)
    assert late == [
        ("n:3#/at", "a tick at most 1 ticks ago", "none since tick 0, at tick 2", "field_lag"),
        ("n:6#/at", "a tick at most 1 ticks ago", "the last at tick 3, at tick 5", "field_lag"),
    ]


# Judging files


@dataclass
class FakeTarget:
    """A target whose run left ``files``."""

    root: Path
    files: dict[str, bytes]

    def artefacts(self) -> Run:
        out = self.root / "out"
        for name, data in self.files.items():
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            (out / name).write_bytes(data)
        return Run(out, {name: subject(out / name, name) for name in self.files})


def judge(root: Path, data: bytes, part: str, **changes: Any) -> Judgement:
    target: Any = FakeTarget(root, {"stream/telemetry.jsonl": data})
    return judge_stream(section(**changes), part, target)


def lines(payloads: Iterable[Any]) -> bytes:
    return b"".join(json.dumps(payload).encode() + b"\n" for payload in payloads)


def test_judgement_names_what_it_rests_on(root: Path) -> None:
    judgement = judge(root, lines(stream()), "rate_limit")
    assert [found.name for found in judgement.subjects] == ["stream/telemetry.jsonl", "configs/release.yaml"]
    assert not judgement.findings
    streams: Any = judgement.parameters["streams"]
    assert streams["stream/telemetry.jsonl"]["narrations"]["entries"] == 5
    assert streams["stream/telemetry.jsonl"]["ticks"] == [0, 59]


def test_remembered_reading_is_never_stale(root: Path) -> None:
    assert not judge(root, lines(stream()), "field").findings
    (root / "configs/release.yaml").write_text(CONFIG.replace("queue_limit: 8", "queue_limit: 7"))
    assert {found.rule for found in judge(root, lines(stream()), "field").findings} == {"telemetry.field_differs"}
    (root / "configs/release.yaml").write_text(CONFIG)
    broken = lines(stream(at(30, "/transport/connected", False)))
    assert {found.rule for found in judge(root, broken, "field").findings} == {"telemetry.field_differs"}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", {"telemetry.no_payload"}),
        (b"\n", {"json.syntax", "telemetry.no_payload"}),
        (lines(stream()) + b"\n", {"json.syntax"}),
        (lines(stream())[:-9], {"jsonl.truncated"}),
        (lines(stream()).replace(b'"queue_length": 0', b'"queue_length": NaN', 1), {"json.not_finite"}),
        (lines(stream()).replace(b'"tick": 0,', b'"tick": 0, "tick": 0,', 1), {"json.duplicate_key"}),
        (b'{"payload_type": "snapshot"}\n' * 2, {"telemetry.tick_value"}),
        (lines(stream()) + b'{"a": "' + b"x" * 5_000_000 + b'"}\n', {"jsonl.line_too_long"}),
        (lines(stream()) + b"[" * 400 + b"]" * 400 + b"\n", {"json.depth"}),
        (lines(stream()) + b'["\\ud800"]\n', {"json.encoding"}),
    ],
)
def test_bad_bytes(data: bytes, expected: set[str], root: Path) -> None:
    told = {found.rule for found in judge(root, data, "payloads").findings}
    assert told - {"telemetry.no_snapshot"} == expected


def test_many_findings_are_bounded(root: Path) -> None:
    payloads: list[Any] = [*stream(ticks=3), *[[]] * 500]
    told = judge(root, lines(payloads), "payloads").findings
    assert len(told) == 51
    assert told[-1].observed.startswith("450 more of this kind")


def test_console_view_is_one_state(root: Path) -> None:
    (root / "view.json").write_text(json.dumps(state(30)))
    declared = section(files=["view.json"], origin="target", format="json", kinds=None, schema=None)
    target: Any = FakeTarget(root, {})
    assert not judge_stream(declared, "field", target).findings
    view = {**state(30), "employment": {**state(30)["employment"], "pending_count": 99}}
    (root / "view.json").write_text(json.dumps(view))
    told = judge_stream(declared, "field", target).findings
    assert [found.where for found in told] == ["view.json#/employment/pending_count"] * 2
    with pytest.raises(Judged):
        judge_stream(section(files=["none.jsonl"]), "payloads", target)


# Health lines

LINE = "tick_health tick={} duration_ms=34.70 queue=0 dropped=0 flush_ms=0.2 exit_queue=1"


def health(text: str, **changes: Any) -> list[str]:
    """Rules that are told of the lines."""
    declared, problems = bind(HealthSection, {"files": ["h.log"], "at_most": {"queue": 3, "dropped": 0}, **changes})
    assert declared is not None, problems
    reader = HealthLines(declared, "h.log")
    told = [found for number, line in enumerate(text.splitlines(), 1) for found in reader.feed(number, line)]
    return [found.rule.removeprefix("telemetry.") for found in [*told, *reader.close()]]


@pytest.mark.parametrize(
    ("find", "put", "expected"),
    [
        ("queue=0", "queue=0", []),
        (" queue=0", " queue=3", []),
        (" queue=0", " queue=4", ["health_limit"]),
        ("dropped=0", "dropped=None", ["health_none"]),
        ("flush_ms=0.2", "flush_ms=None", ["health_none"]),
        ("34.70", "nan", ["health_value"]),
        (" dropped=0", "", ["health_missing"]),
        (" queue=0", " queue", ["health_line"]),
        (" queue=0", " queue=0 queue=1", ["health_line"]),
        ("tick=2", "tick=4", ["tick_gap"]),
        ("tick=2", "tick=1", ["tick_order"]),
        ("tick=2", "tick=x", ["health_value", "tick_value"]),
        ("tick_health tick=2", "WARNING something", ["health_line"]),
        ("tick_health tick=2", "\ntick_health tick=2", ["health_line"]),
    ],
)
def test_health_lines(find: str, put: str, expected: list[str]) -> None:
    text = "\n".join(LINE.format(tick) for tick in (1, 2))
    told = health(text.replace(find, put))
    assert sorted(set(told)) == expected


def test_health_values_below_their_lowest() -> None:
    text = "\n".join(LINE.format(tick) for tick in (1, 2)).replace("queue=0", "queue=-1")
    assert set(health(text)) == set()
    assert health(text, lowest={"queue": 0}) == ["health_limit"]
    assert health(LINE.format(1), lowest={"depth": 0}, required=["depth"]) == ["health_missing"]
    bound, _ = bind(HealthSection, {"files": ["h.log"], "at_most": {"queue": 3}, "lowest": {"queue": 4}})
    assert bound is None


def test_health_of_other_lines_and_none() -> None:
    text = f"starting\n{LINE.format(1)}"
    assert health(text, other_lines=True) == []
    assert health("starting", other_lines=True) == ["no_payload"]
    assert health("") == ["no_payload"]


def test_health_log_is_judged(root: Path) -> None:
    target: Any = FakeTarget(root, {"logs/h.log": (LINE.format(1) + "\n" + LINE.format(2)).encode()})
    judgement = judge_health(HealthSection(files=("logs/*.log",), at_most={"queue": Decimal(3)}), target)
    assert [found.where for found in judgement.findings] == ["logs/h.log:2"]
    assert judgement.parameters == {"lines": {"logs/h.log": 2}}


# Sections and speed


@pytest.mark.parametrize(
    "changes",
    [
        {"files": []},
        {"tick": "tick"},
        {"step": 0},
        {"format": "json"},
        {"version": {"expected": "nine"}},
        {"schema": {}},
        {"kinds": {"diff": "snapshot"}},
        fields(one={"pointer": "/at", "at_most": "release.yaml"}),
        fields(one={"pointer": "at"}),
        fields(one={"pointer": "/at", "equals": True}),
        fields(one={"pointer": "/at", "kind": "text", "at_most": 3}),
        fields(one={"pointer": "/at", "kind": "truth", "never_falls": True}),
        fields(one={"pointer": "/at", "lag": 3}),
        fields(one={"pointer": "/at", "one_of": ["a"]}),
        {"rate_limit": {"n": {"limits": []}}},
        {"rate_limit": {"n": {"limits": [{"window": "../x.yaml#/a"}]}}},
        {"rate_limit": {"n": {"limits": [{"window": {"a": 3}}]}}},
        {"lifecycle": {"n": {"start": "a", "end": "a", "id": "i", "latest": 1}}},
        {"lifecycle": {"n": {"start": "a", "end": "b", "id": "i", "latest": 1, "earliest": 2}}},
        {"held": {"n": {"pointer": "/at", "longest": 0}}},
        {"clipped": {"n": {"values": "/at", "limit": 1, "share": "500%"}}},
        {"condition": {"never": ["nobody"]}, "alerts": None},
        {"condition": {"wait": {"a": {"members": "/at", "above": 1}}, "growth": {"a": {"at_least": {"/b": 1}}}}},
        {"condition": {"events": {"a": {"above": 1, "number": "n"}}}},
        {"alerts": {"pointer": "/at", "aliases": {"a": "nowhere"}}},
        {"alerts": {"pointer": "/at", "timing": {"nowhere": {}}}},
        {"alerts": {"pointer": "/at", "timing": {"crowded": {"ticks": 2}}}},
    ],
)
def test_sections_that_cannot_be(changes: dict[str, Any]) -> None:
    bound, problems = bind(StreamSection, {**DECLARED, **changes})
    assert bound is None
    assert problems


def test_parts_are_keys_of_the_section() -> None:
    assert all(hasattr(section(), part) for part in PARTS)


def test_a_thousand_payloads_a_second(root: Path) -> None:
    payloads = stream(ticks=300)
    following = Following(section(), "s.jsonl", root)
    begun = time.process_time()
    for line, payload in enumerate(payloads, 1):
        following.feed(line, payload)
    assert time.process_time() - begun < 0.3
