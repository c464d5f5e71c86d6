"""The log of operator commands: logged, authorised, executed once, recorded and completed."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Run
from gatecourt.core.protocols import Target
from gatecourt.formats.files import subject
from gatecourt.rules.audit.checks import judge_authority, judge_idempotency, judge_lines, judge_recorded
from gatecourt.rules.audit.effects import judge_effect
from gatecourt.rules.audit.gate import AUDIT
from gatecourt.rules.audit.section import AuditSection, Effect, EventLog, LineFields, LineFilter, Recorded
from gatecourt.system.manifest.binding import bind

CODES = {reason.code for reason in AUDIT.reasons}


@dataclass
class Town:
    """As much of a target as the gate asks for: what lies in a folder is its run."""

    root: Path

    def artefacts(self) -> Run:
        files = sorted(path for path in self.root.rglob("*") if path.is_file())
        names = [path.relative_to(self.root).as_posix() for path in files]
        return Run(self.root, {name: subject(self.root / name, name) for name in names})


def line(number: int, **changed: Any) -> dict[str, Any]:
    plain = {"name": "setneed", "status": "ok", "cmd_id": f"c-{number}", "issuer": "ada", "mode": "admin"}
    whole = {**plain, "tick": number, "result": {"hunger": 0.5}, "args": {"need": "hunger"}, **changed}
    return {key: value for key, value in whole.items() if value is not ...}


SECTION = AuditSection(
    files=("audit.jsonl",),
    read_only=("status",),
    admin_only=("promote_policy", "setneed"),
    event_log=EventLog(files=("stream.jsonl",), events=("/events", "/changes/events")),
    recorded={"promotion": Recorded(commands=("promote_policy",), events=("promoted",), id="/cmd_id")},
    effect={
        "perturbation": Effect(
            started=("started",), ended=("ended",), cancelled=("cancelled",), id="/event_id", due="/ends_at"
        )
    },
)
Judge = Callable[..., Judgement]


def rules_and_places(
    tmp_path: Path, judge: Judge, *name: str, lines: Any = (), events: Any = (), section: AuditSection = SECTION
) -> list[tuple[str, str]]:
    (tmp_path / "audit.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in lines))
    payloads = [{"tick": 0, "events": []}, *({"tick": 1, "changes": {"events": [each]}} for each in events)]
    (tmp_path / "stream.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in payloads))
    judged = judge(section, *name, cast("Target", Town(tmp_path)))
    assert {finding.rule for finding in judged.findings} <= CODES
    return [(finding.rule, finding.where) for finding in judged.findings]


def test_a_good_log_is_acquitted_by_every_check(tmp_path: Path) -> None:
    lines = [
        line(1), line(1, replayed=True, tick=2), line(3, name="status", cmd_id=None, mode="viewer"),
        line(4, mode="viewer", status="error", result=..., error={"code": "forbidden"}),
        line(5, name="promote_policy", cmd_id="p-1"),
    ]  # fmt: skip
    events = [
        {"type": "promoted", "tick": 5, "cmd_id": "p-1"},
        {"type": "started", "tick": 1, "event_id": "storm", "ends_at": 6},
        {"type": "ended", "tick": 6, "event_id": "storm"},
        {"type": "started", "tick": 7, "event_id": "flood", "ends_at": 90},
        {"type": "cancelled", "tick": 8, "event_id": "flood"},
        {"type": "ended", "tick": 8, "event_id": "flood"},
    ]
    for judge, *name in (
        (judge_lines,), (judge_idempotency,), (judge_authority, "setneed"), (judge_authority, "promote_policy"),
        (judge_recorded, "promotion"), (judge_effect, "perturbation"),
    ):  # fmt: skip
        assert rules_and_places(tmp_path, judge, *name, lines=lines, events=events) == []


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"issuer": None}, "/issuer"), ({"issuer": " "}, "/issuer"), ({"issuer": ...}, "/issuer"),
        ({"name": 7}, "/name"), ({"status": "fine"}, "/status"), ({"status": True}, "/status"),
        ({"tick": "1"}, "/tick"), ({"tick": True}, "/tick"), ({"tick": -1}, "/tick"), ({"replayed": "no"}, "/replayed"),
    ],
)  # fmt: skip
def test_a_field_that_is_missing_or_invalid(tmp_path: Path, changed: dict[str, Any], where: str) -> None:
    found = rules_and_places(tmp_path, judge_lines, lines=[line(0), line(1, **changed)])
    assert found == [("audit.field", f"audit.jsonl:2#{where}")]


def test_a_success_has_a_result_and_a_failure_a_reason(tmp_path: Path) -> None:
    lines = [line(1, result=None), line(2, status="error"), line(3, status="error", error="no", result=...)]
    blanks: list[Any] = [" ", {}, []]
    lines += [line(4, status="error", error=blank, result=...) for blank in blanks]
    places = ["1#/result", *(f"{number}#/error" for number in (2, 4, 5, 6))]
    assert rules_and_places(tmp_path, judge_lines, lines=lines) == [
        ("audit.no_result", f"audit.jsonl:{place}") for place in places
    ]


def test_a_success_with_an_error_is_a_contradiction(tmp_path: Path) -> None:
    lines = [line(1, error={"code": "usage"}), line(2, error=None)]
    assert rules_and_places(tmp_path, judge_lines, lines=lines) == [("audit.contradiction", "audit.jsonl:1#/error")]


def test_a_command_that_was_never_issued_and_a_pair_that_is_absent_hold(tmp_path: Path) -> None:
    lines = [line(1, name="status")]
    assert rules_and_places(tmp_path, judge_authority, "setneed", lines=lines) == [("audit.not_given", "audit.jsonl")]
    assert rules_and_places(tmp_path, judge_recorded, "promotion", lines=lines) == [("audit.no_pair", "audit.jsonl")]
    reasons = {"setneed": "nobody needs to", "promotion": "a day without one"}
    excused = dataclasses.replace(SECTION, optional=reasons)
    assert rules_and_places(tmp_path, judge_authority, "setneed", lines=lines, section=excused) == []
    assert rules_and_places(tmp_path, judge_recorded, "promotion", lines=lines, section=excused) == []
    events = [{"type": "promoted", "tick": 1, "cmd_id": "p-1"}]
    found = rules_and_places(tmp_path, judge_recorded, "promotion", lines=lines, events=events, section=excused)
    assert [rule for rule, _ in found] == ["audit.unaudited"]


def test_a_part_of_a_command_may_be_the_admins(tmp_path: Path) -> None:
    approve = LineFilter(pointer="/args/action", values=("approve",))
    section = dataclasses.replace(SECTION, admin_where={"setneed": approve})
    lines = [line(1, args={"action": "review"}, mode="viewer"), line(2, args={"action": "approve"})]
    assert rules_and_places(tmp_path, judge_authority, "setneed", lines=lines, section=section) == []
    lines[1] |= {"mode": "viewer"}
    found = rules_and_places(tmp_path, judge_authority, "setneed", lines=lines, section=section)
    assert found == [("audit.not_allowed", "audit.jsonl:2#/mode")]
    found = rules_and_places(tmp_path, judge_authority, "setneed", lines=lines[:1], section=section)
    assert found == [("audit.not_given", "audit.jsonl")]


def test_an_empty_log_and_a_missing_one_hold(tmp_path: Path) -> None:
    assert rules_and_places(tmp_path, judge_lines) == [("audit.few", "audit.jsonl")]
    (tmp_path / "audit.jsonl").unlink()
    judges: list[tuple[Any, ...]] = [(judge_lines,), (judge_idempotency,), (judge_authority, "setneed")]
    for judge, *name in judges:
        judged = judge(SECTION, *name, cast("Target", Town(tmp_path)))
        assert [finding.rule for finding in judged.findings] == ["audit.no_log"]


def test_lines_that_are_invalid(tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").write_text(f'{json.dumps(line(1))}\n\n[1]\n{{"tick": NaN}}\n{{"a"')
    judged = judge_lines(SECTION, cast("Target", Town(tmp_path)))
    assert [(f.rule, f.where.partition("#")[0]) for f in judged.findings] == [
        ("json.syntax", "audit.jsonl:2"), ("audit.line", "audit.jsonl:3"),
        ("json.not_finite", "audit.jsonl:4"), ("jsonl.truncated", "audit.jsonl:5"),
    ]  # fmt: skip


def test_time_never_decreases(tmp_path: Path) -> None:
    assert rules_and_places(tmp_path, judge_lines, lines=[line(5), line(4)]) == [("audit.order", "audit.jsonl:2")]


@pytest.mark.parametrize(
    ("changed", "rules"),
    [
        ({}, ["audit.done_twice"]),
        ({"replayed": True, "result": {"hunger": 0.1}}, ["audit.other_result"]),
        ({"replayed": True, "status": "error", "error": {"hunger": 0.5}}, ["audit.other_result"]),
        ({"replayed": True, "name": "spawn"}, ["audit.id_taken"]),
        ({"replayed": True, "issuer": "bob"}, ["audit.id_taken"]),
        ({"replayed": True, "result": {"hunger": 0.5}}, []),
        ({"status": "error", "result": ..., "error": {"code": "usage"}}, ["audit.done_twice", "audit.other_result"]),
    ],
)
def test_a_second_line_with_the_same_id(tmp_path: Path, changed: dict[str, Any], rules: list[str]) -> None:
    found = rules_and_places(tmp_path, judge_idempotency, lines=[line(1), line(2, cmd_id="c-1", **changed)])
    assert [rule for rule, _ in found] == rules


FAILED = {"status": "error", "result": ..., "error": {"code": "not_ready"}}


@pytest.mark.parametrize(
    ("later", "rules"),
    [
        ([{}], []),
        ([FAILED, {}, {"replayed": True}], []),
        ([{**FAILED, "replayed": True}], []),
        ([{"replayed": True}], ["audit.other_result"]),
        ([{"args": {"need": "energy"}}], ["audit.id_taken"]),
        ([{}, {}], ["audit.done_twice"]),
    ],
)
def test_a_failed_command_may_be_issued_again_until_it_succeeds(
    tmp_path: Path, later: list[dict[str, Any]], rules: list[str]
) -> None:
    lines = [line(1, **FAILED), *(line(n, **{"cmd_id": "c-1", **each}) for n, each in enumerate(later, 2))]
    section = dataclasses.replace(SECTION, line=LineFields(arguments="/args"))
    found = rules_and_places(tmp_path, judge_idempotency, lines=lines, section=section)
    assert [rule for rule, _ in found] == rules


def test_a_command_that_changes_something_needs_an_id(tmp_path: Path) -> None:
    lines = [line(1, cmd_id=None), line(2, cmd_id=None, name="status"), line(3, cmd_id="")]
    assert rules_and_places(tmp_path, judge_idempotency, lines=lines) == [
        ("audit.no_id", "audit.jsonl:1#/cmd_id"), ("audit.no_id", "audit.jsonl:3#/cmd_id"),
    ]  # fmt: skip
    assert rules_and_places(tmp_path, judge_idempotency, lines=[line(1, replayed=True)]) == [
        ("audit.retry_of_nothing", "audit.jsonl:1")
    ]


def test_only_an_admin_succeeds(tmp_path: Path) -> None:
    lines = [line(1, mode="viewer"), line(2, mode=...), line(3, mode="Admin")]
    assert [rule for rule, _ in rules_and_places(tmp_path, judge_authority, "setneed", lines=lines)] == [
        "audit.not_allowed", "audit.no_mode", "audit.not_allowed",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["Setneed", " setneed"])
def test_case_and_spaces_do_not_hide_a_command(tmp_path: Path, name: str) -> None:
    lines = [line(1), line(2, name=name, mode="viewer")]
    assert rules_and_places(tmp_path, judge_authority, "setneed", lines=lines) == [
        ("audit.not_allowed", "audit.jsonl:2#/mode")
    ]


def test_a_retry_in_the_newer_of_two_rotated_logs(tmp_path: Path) -> None:
    for name, each in (("audit.jsonl.1", line(1)), ("audit.jsonl", line(2, cmd_id="c-1", replayed=True))):
        (tmp_path / name).write_text(f"{json.dumps(each)}\n")
    section = dataclasses.replace(SECTION, files=("audit.jsonl*",))
    assert judge_idempotency(section, cast("Target", Town(tmp_path))).findings == ()


def test_promotions_and_their_records_agree_both_ways(tmp_path: Path) -> None:
    lines = [line(3, name="promote_policy", cmd_id="p-1"), line(4, name="promote_policy", cmd_id="p-2")]
    events = [{"type": "promoted", "tick": tick, "cmd_id": key} for tick, key in ((2, "p-1"), (5, "p-3"), (6, "p-3"))]
    assert rules_and_places(tmp_path, judge_recorded, "promotion", lines=lines, events=events) == [
        ("audit.before_command", "stream.jsonl:2#/changes/events/0"),
        ("audit.unaudited", "stream.jsonl:3#/changes/events/0/cmd_id"),
        ("audit.recorded_twice", "stream.jsonl:4#/changes/events/0"),
        ("audit.not_recorded", "audit.jsonl:2"),
    ]  # fmt: skip


def started(tick: int, key: Any = "storm", ends: Any = 5) -> dict[str, Any]:
    return {"type": "started", "tick": tick, "event_id": key, "ends_at": ends}


def other(kind: str, tick: int, key: str = "storm") -> dict[str, Any]:
    return {"type": kind, "tick": tick, "event_id": key}


@pytest.mark.parametrize(
    ("events", "rules"),
    [
        ([], ["audit.no_effect"]),
        ([started(1), other("tea", 9)], ["audit.never_ended"]),
        ([started(1), other("tea", 4)], ["audit.still_open"]),
        ([started(1), other("ended", 6)], ["audit.ended_late"]),
        ([other("ended", 2)], ["audit.end_of_nothing"]),
        ([started(1), started(2), other("ended", 5)], ["audit.begun_twice"]),
        ([started(1, ends="soon"), other("ended", 5)], ["audit.event"]),
        ([started(1, ends="--5"), other("ended", 5)], ["audit.event"]),
        ([started(1, ends="5"), other("ended", 5)], ["audit.event"]),
        ([started(1, ends=5.0), other("ended", 5)], []),
        ([other("ended", 5), started(1)], []),
        (
            [started(8, ends=9), other("ended", 5)],
            ["audit.end_of_nothing", "audit.begun_after_end", "audit.still_open"],
        ),
        ([started(1, key=True)], ["audit.event"]),
        ([started(1), other("cancelled", 3)], []),
        ([other("cancelled", 1), started(2), other("tea", 9)], ["audit.begun_after_end", "audit.never_ended"]),
        ([other("ended", 1), started(2), other("ended", 5)], ["audit.end_of_nothing", "audit.begun_after_end"]),
        ([other("cancelled", 1)], ["audit.no_effect"]),
    ],
)
def test_what_started_must_end(tmp_path: Path, events: list[Any], rules: list[str]) -> None:
    assert [rule for rule, _ in rules_and_places(tmp_path, judge_effect, "perturbation", events=events)] == rules


def test_a_part_is_declared_or_listed_as_not_applicable() -> None:
    assert AUDIT.optional(SECTION) == {"admin_only": True, "recorded": True, "effect": True}
    assert (
        AUDIT.optional(dataclasses.replace(SECTION, admin_only=(), admin_where={}, optional={}))["admin_only"] is False
    )
    assert AUDIT.parts == {"admin_only": ("authority",)}


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"succeeded": ("ok",), "failed": ("ok",)}, "succeeded: 'ok' is under failed too"),
        ({"event_log": None}, "event_log: missing"),
        ({"optional": {"spawn": "none"}}, "expected one of promote_policy, setneed, promotion"),
        ({"admin_where": {"spawn": LineFilter(pointer="/args", values=("a",))}}, "expected one of promote_policy"),
    ],
)
def test_sections_that_contradict_themselves(changed: dict[str, Any], sentence: str) -> None:
    values = {name: getattr(SECTION, name) for name in AuditSection.__dataclass_fields__}
    with pytest.raises(ValueError, match=sentence):
        AuditSection(**{**values, **changed})


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=8))
def test_no_id_is_executed_twice_unseen(given_lines: list[tuple[str, bool]]) -> None:
    import tempfile

    lines = [line(n, cmd_id=key, replayed=again) for n, (key, again) in enumerate(given_lines)]
    with tempfile.TemporaryDirectory() as folder:
        rules = [rule for rule, _ in rules_and_places(Path(folder), judge_idempotency, lines=lines)]
    keys = [key for key, _ in given_lines]
    twice = sum(not again and key in keys[:n] for n, (key, again) in enumerate(given_lines))
    assert rules.count("audit.done_twice") == twice


# What comes behind a bad case is judged too, and the texts of the evidence.


def texts(tmp_path: Path, judge: Judge, *name: str, **given: Any) -> list[tuple[str, str, str]]:
    rules_and_places(tmp_path, judge, *name, **given)
    found = judge(given.get("section", SECTION), *name, cast("Target", Town(tmp_path))).findings
    return [(finding.where, finding.expected, finding.observed) for finding in found]


def test_a_bad_field_behind_lines_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").write_text(f"x\n[]\n{json.dumps(line(3, issuer=...))}\n{json.dumps(line(2))}\n")
    judged = judge_lines(SECTION, cast("Target", Town(tmp_path)))
    assert [(f.rule, f.where, f.expected, f.observed) for f in judged.findings[1:]] == [
        ("audit.line", "audit.jsonl:2", "an object", "[]"),
        ("audit.field", "audit.jsonl:3#/issuer", "a text that is not blank", "absent"),
    ]
    assert judged.parameters == {"commands": {"setneed": 1}, "minimum": 1}


def test_an_unsuccessful_line_without_an_id_does_not_end_the_search_for_retries(tmp_path: Path) -> None:
    lines = [line(1), line(2, name="status", cmd_id=None), line(3, cmd_id=None), line(4, cmd_id="c-1")]
    assert texts(tmp_path, judge_idempotency, lines=lines) == [
        ("audit.jsonl:3#/cmd_id", "an id for setneed", "none"),
        ("audit.jsonl:4#/replayed", "true, because c-1 was executed at audit.jsonl:1", "not marked as a retry"),
    ]


def test_each_difference_of_a_retry_is_reported(tmp_path: Path) -> None:
    again = line(2, cmd_id="c-1", name="spawn", issuer="bob", replayed=True, result={"hunger": 1})
    assert texts(tmp_path, judge_idempotency, lines=[line(1), again]) == [
        ("audit.jsonl:2#/name", '"setneed", as at audit.jsonl:1 with the same id', '"spawn"'),
        ("audit.jsonl:2#/issuer", '"ada", as at audit.jsonl:1 with the same id', '"bob"'),
        ("audit.jsonl:2#/result", '{"hunger": 0.5}, as at audit.jsonl:1', '{"hunger": 1}'),
    ]


def test_a_viewers_success_behind_a_line_without_a_mode(tmp_path: Path) -> None:
    lines = [line(1, mode=...), line(2), line(3, mode="viewer", status="error", error="no"), line(4, mode="viewer")]
    assert texts(tmp_path, judge_authority, "setneed", lines=lines) == [
        ("audit.jsonl:1#/mode", "the issuer's role", "none"),
        ("audit.jsonl:4#/mode", "admin if setneed succeeds", "viewer (ada)"),
    ]
    assert texts(tmp_path, judge_authority, "promote_policy", lines=lines) == [
        ("audit.jsonl", "promote_policy issued at least once", "never")
    ]


def test_events_behind_one_that_is_invalid(tmp_path: Path) -> None:
    lines = [line(3, name="promote_policy", cmd_id="p-1")]
    events = [
        {"type": "promoted"},
        {"type": "tea", "tick": 1},
        {"type": "promoted", "tick": 2, "cmd_id": "p-1"},
        {"type": "promoted", "tick": 3, "cmd_id": "p-1"},
        {"type": "promoted", "tick": 4},
    ]
    found = texts(tmp_path, judge_recorded, "promotion", lines=lines, events=events)
    at = "#/changes/events/0"
    assert found == [
        (f"stream.jsonl:2{at}", "an event with a type and a finite time", '{"type": "promoted"}'),
        (f"stream.jsonl:4{at}", "a time not before that of its command at audit.jsonl:1", "2 before 3"),
        (f"stream.jsonl:5{at}", f"one event for p-1, the one at stream.jsonl:4{at}", "a second promoted"),
        (f"stream.jsonl:6{at}/cmd_id", "a successful promote_policy in the audit log", "promoted of None"),
    ]


def test_the_texts_about_what_must_end(tmp_path: Path) -> None:
    events = [started(1, key=True), started(1, "a"), other("ended", 2, "a"), started(3, "b", 4), other("tea", 9, "c")]
    at = "#/changes/events/0"
    assert texts(tmp_path, judge_effect, "perturbation", events=events) == [
        (f"stream.jsonl:2{at}/event_id", "an id", "none"),
        (f"stream.jsonl:5{at}", "an end of b by 4, or a cancellation", "none up to 9"),
    ]
    late = [other("cancelled", 1, "a"), started(2, "a", 3), other("ended", 4, "a"), started(4, "b", 8)]
    assert texts(tmp_path, judge_effect, "perturbation", events=late) == [
        (f"stream.jsonl:3{at}", f"no start of a, which was over at stream.jsonl:2{at}", "started"),
        (f"stream.jsonl:4{at}", "the end of a by 3", "4"),
        (f"stream.jsonl:5{at}", "events up to 8, when b must end", "none after 4"),
    ]


def test_all_problems_of_the_section_are_reported_with_their_keys() -> None:
    table = {
        "files": [],
        "line": {"name": "name", "arguments": "args"},
        "succeeded": [],
        "minimum": 0,
        "admin_where": {"spawn": {"pointer": "a", "values": []}},
        "event_log": {"files": ["../x"], "events": [], "type": "type"},
        "recorded": {"x": {"commands": [], "events": ["e"], "id": "id"}},
        "effect": {"y": {"started": [], "ended": ["e"], "id": "/id", "due": "due", "late": -1}},
        "optional": {"spawn": " "},
    }
    bound, problems = bind(AuditSection, table, "audit")
    assert bound is None
    assert sorted({problem.at for problem in problems}) == [
        "audit.admin_where.spawn.pointer", "audit.admin_where.spawn.values", "audit.effect.y.due",
        "audit.effect.y.late", "audit.effect.y.started", "audit.event_log.events", "audit.event_log.files[0]",
        "audit.event_log.type", "audit.files", "audit.line.arguments", "audit.line.name", "audit.minimum",
        "audit.optional.spawn", "audit.recorded.x.commands", "audit.recorded.x.id", "audit.succeeded",
    ]  # fmt: skip
