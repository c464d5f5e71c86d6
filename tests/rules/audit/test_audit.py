"""The log of commands: each known once, allowed, recorded, and what it began has ended."""

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
from gatecourt.formats.digests import subject
from gatecourt.rules.audit.checks import judge_authority, judge_idempotency, judge_lines, judge_recorded
from gatecourt.rules.audit.effects import judge_effect
from gatecourt.rules.audit.gate import AUDIT
from gatecourt.rules.audit.section import AuditSection, Effect, Line, Recorded, Where, Witnesses

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
    harmless=("status",),
    admin_only=("promote_policy", "setneed"),
    witnesses=Witnesses(files=("stream.jsonl",), events=("/events", "/changes/events")),
    recorded={"promotion": Recorded(commands=("promote_policy",), events=("promoted",), id="/cmd_id")},
    effect={
        "perturbation": Effect(
            started=("started",), ended=("ended",), cancelled=("cancelled",), id="/event_id", due="/ends_at"
        )
    },
)
Judge = Callable[..., Judgement]


def told(
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
        assert told(tmp_path, judge, *name, lines=lines, events=events) == []


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"issuer": None}, "/issuer"), ({"issuer": " "}, "/issuer"), ({"issuer": ...}, "/issuer"),
        ({"name": 7}, "/name"), ({"status": "fine"}, "/status"), ({"status": True}, "/status"),
        ({"tick": "1"}, "/tick"), ({"tick": True}, "/tick"), ({"tick": -1}, "/tick"), ({"replayed": "no"}, "/replayed"),
    ],
)  # fmt: skip
def test_a_field_that_says_nothing(tmp_path: Path, changed: dict[str, Any], where: str) -> None:
    found = told(tmp_path, judge_lines, lines=[line(0), line(1, **changed)])
    assert found == [("audit.field", f"audit.jsonl:2#{where}")]


def test_a_success_tells_its_result_and_a_failure_its_reason(tmp_path: Path) -> None:
    lines = [line(1, result=None), line(2, status="error"), line(3, status="error", error="no", result=...)]
    blanks: list[Any] = [" ", {}, []]
    lines += [line(4, status="error", error=blank, result=...) for blank in blanks]
    places = ["1#/result", *(f"{number}#/error" for number in (2, 4, 5, 6))]
    assert told(tmp_path, judge_lines, lines=lines) == [("audit.no_result", f"audit.jsonl:{place}") for place in places]


def test_a_success_with_an_error_beside_it_says_both(tmp_path: Path) -> None:
    lines = [line(1, error={"code": "usage"}), line(2, error=None)]
    assert told(tmp_path, judge_lines, lines=lines) == [("audit.contradiction", "audit.jsonl:1#/error")]


def test_a_command_that_nobody_gave_and_a_pair_that_is_not_there_show_nothing(tmp_path: Path) -> None:
    lines = [line(1, name="status")]
    assert told(tmp_path, judge_authority, "setneed", lines=lines) == [("audit.not_given", "audit.jsonl")]
    assert told(tmp_path, judge_recorded, "promotion", lines=lines) == [("audit.no_pair", "audit.jsonl")]
    reasons = {"setneed": "nobody needs to", "promotion": "a day without one"}
    excused = dataclasses.replace(SECTION, may_be_absent=reasons)
    assert told(tmp_path, judge_authority, "setneed", lines=lines, section=excused) == []
    assert told(tmp_path, judge_recorded, "promotion", lines=lines, section=excused) == []
    events = [{"type": "promoted", "tick": 1, "cmd_id": "p-1"}]
    found = told(tmp_path, judge_recorded, "promotion", lines=lines, events=events, section=excused)
    assert [rule for rule, _ in found] == ["audit.unaudited"]


def test_a_part_of_a_command_may_be_the_admins(tmp_path: Path) -> None:
    approve = Where(pointer="/args/action", values=("approve",))
    section = dataclasses.replace(SECTION, admin_where={"setneed": approve})
    lines = [line(1, args={"action": "review"}, mode="viewer"), line(2, args={"action": "approve"})]
    assert told(tmp_path, judge_authority, "setneed", lines=lines, section=section) == []
    lines[1] |= {"mode": "viewer"}
    found = told(tmp_path, judge_authority, "setneed", lines=lines, section=section)
    assert found == [("audit.not_allowed", "audit.jsonl:2#/mode")]
    found = told(tmp_path, judge_authority, "setneed", lines=lines[:1], section=section)
    assert found == [("audit.not_given", "audit.jsonl")]


def test_an_empty_log_and_one_that_is_missing_show_nothing(tmp_path: Path) -> None:
    assert told(tmp_path, judge_lines) == [("audit.few", "audit.jsonl")]
    (tmp_path / "audit.jsonl").unlink()
    judges: list[tuple[Any, ...]] = [(judge_lines,), (judge_idempotency,), (judge_authority, "setneed")]
    for judge, *name in judges:
        judged = judge(SECTION, *name, cast("Target", Town(tmp_path)))
        assert [finding.rule for finding in judged.findings] == ["audit.no_log"]


def test_lines_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").write_text(f'{json.dumps(line(1))}\n\n[1]\n{{"tick": NaN}}\n{{"a"')
    judged = judge_lines(SECTION, cast("Target", Town(tmp_path)))
    assert [(f.rule, f.where.partition("#")[0]) for f in judged.findings] == [
        ("json.syntax", "audit.jsonl:2"), ("audit.line", "audit.jsonl:3"),
        ("json.not_finite", "audit.jsonl:4"), ("jsonl.truncated", "audit.jsonl:5"),
    ]  # fmt: skip


def test_time_goes_on(tmp_path: Path) -> None:
    assert told(tmp_path, judge_lines, lines=[line(5), line(4)]) == [("audit.order", "audit.jsonl:2")]


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
    found = told(tmp_path, judge_idempotency, lines=[line(1), line(2, cmd_id="c-1", **changed)])
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
def test_what_failed_may_be_given_again_until_it_is_done(
    tmp_path: Path, later: list[dict[str, Any]], rules: list[str]
) -> None:
    lines = [line(1, **FAILED), *(line(n, **{"cmd_id": "c-1", **each}) for n, each in enumerate(later, 2))]
    section = dataclasses.replace(SECTION, line=Line(arguments="/args"))
    found = told(tmp_path, judge_idempotency, lines=lines, section=section)
    assert [rule for rule, _ in found] == rules


def test_a_command_that_changes_something_needs_an_id(tmp_path: Path) -> None:
    lines = [line(1, cmd_id=None), line(2, cmd_id=None, name="status"), line(3, cmd_id="")]
    assert told(tmp_path, judge_idempotency, lines=lines) == [
        ("audit.no_id", "audit.jsonl:1#/cmd_id"), ("audit.no_id", "audit.jsonl:3#/cmd_id"),
    ]  # fmt: skip
    assert told(tmp_path, judge_idempotency, lines=[line(1, replayed=True)]) == [
        ("audit.retry_of_nothing", "audit.jsonl:1")
    ]


def test_only_an_admin_succeeds(tmp_path: Path) -> None:
    lines = [line(1, mode="viewer"), line(2, mode=...), line(3, mode="Admin")]
    assert [rule for rule, _ in told(tmp_path, judge_authority, "setneed", lines=lines)] == [
        "audit.not_allowed", "audit.no_mode", "audit.not_allowed",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["Setneed", " setneed"])
def test_capitals_and_blanks_do_not_hide_a_command(tmp_path: Path, name: str) -> None:
    lines = [line(1), line(2, name=name, mode="viewer")]
    assert told(tmp_path, judge_authority, "setneed", lines=lines) == [("audit.not_allowed", "audit.jsonl:2#/mode")]


def test_a_retry_in_the_newer_of_two_rotated_logs(tmp_path: Path) -> None:
    for name, each in (("audit.jsonl.1", line(1)), ("audit.jsonl", line(2, cmd_id="c-1", replayed=True))):
        (tmp_path / name).write_text(f"{json.dumps(each)}\n")
    section = dataclasses.replace(SECTION, files=("audit.jsonl*",))
    assert judge_idempotency(section, cast("Target", Town(tmp_path))).findings == ()


def test_promotions_and_their_records_agree_both_ways(tmp_path: Path) -> None:
    lines = [line(3, name="promote_policy", cmd_id="p-1"), line(4, name="promote_policy", cmd_id="p-2")]
    events = [{"type": "promoted", "tick": tick, "cmd_id": key} for tick, key in ((2, "p-1"), (5, "p-3"), (6, "p-3"))]
    assert told(tmp_path, judge_recorded, "promotion", lines=lines, events=events) == [
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
def test_what_began_has_to_end(tmp_path: Path, events: list[Any], rules: list[str]) -> None:
    assert [rule for rule, _ in told(tmp_path, judge_effect, "perturbation", events=events)] == rules


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"minimum": 0}, "an empty log shows nothing"),
        ({"succeeded": ("ok",), "failed": ("ok",)}, "cannot mean success and failure"),
        ({"admin_only": ()}, "admin_only is missing"),
        ({"witnesses": None}, "need witnesses"),
        ({"not_applicable": {"admin_only": "none"}}, "give either"),
        ({"not_applicable": {"admins": "none"}}, "expected admin_only"),
        ({"may_be_absent": {"spawn": "none"}}, "expected one of promote_policy, setneed, promotion"),
        ({"may_be_absent": {"setneed": " "}}, "give the reason"),
        ({"admin_where": {"spawn": Where(pointer="/args", values=("a",))}}, "expected one of promote_policy"),
    ],
)
def test_sections_that_contradict_themselves(changed: dict[str, Any], sentence: str) -> None:
    values = {name: getattr(SECTION, name) for name in AuditSection.__dataclass_fields__}
    with pytest.raises(ValueError, match=sentence):
        AuditSection(**{**values, **changed})


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=8))
def test_no_id_is_carried_out_twice_unseen(given_lines: list[tuple[str, bool]]) -> None:
    import tempfile

    lines = [line(n, cmd_id=key, replayed=again) for n, (key, again) in enumerate(given_lines)]
    with tempfile.TemporaryDirectory() as folder:
        rules = [rule for rule, _ in told(Path(folder), judge_idempotency, lines=lines)]
    keys = [key for key, _ in given_lines]
    twice = sum(not again and key in keys[:n] for n, (key, again) in enumerate(given_lines))
    assert rules.count("audit.done_twice") == twice
