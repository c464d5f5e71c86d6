"""Event logs over runs: when a log is rotated, and whether a level becomes more frequent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Run, Subject
from gatecourt.rules.events.report import judge_rotation, read_logs
from gatecourt.rules.events.section import Completion, CountZones, Dialect, EventsSection, RateZones, trend_levels
from gatecourt.rules.events.trend import judge_trend
from gatecourt.rules.events.trend_section import Trend

HISTORY = ("old/1.json", "old/2.json", "old/3.json")
TREND = Trend(HISTORY, "/levels", {"WARN": Decimal("0.1"), "ERROR": Decimal(0)})
ABSENT = dict.fromkeys(("sequence", "run", "category", "payload"), "not in this log")
SECTION = EventsSection(
    logs=("*.jsonl",),
    schema="event.schema.json",
    dialect={"plain": Dialect(time="/t", type="/type", level="/level", absent=ABSENT)},
    minimum=CountZones(good=2, bad=1),
    error_rate=RateZones(good=Decimal(1), bad=Decimal(1)),
    complete=Completion(event="end"),
    trend=TREND,
)
SCHEMA = {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object"}


def log(**levels: int) -> bytes:
    return b"".join(
        json.dumps({"t": 1, "type": "x", "level": level}).encode() + b"\n"
        for level, number in levels.items()
        for _ in range(number)
    )


def run_with(root: Path, **logs: bytes) -> Run:
    files = {}
    for stem, data in logs.items():
        (root / f"{stem}.jsonl").write_bytes(data)
        files[f"{stem}.jsonl"] = Subject(f"{stem}.jsonl", hashlib.sha256(data).hexdigest(), len(data))
    return Run(root, files)


Judge = Callable[..., Judgement]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Judges a log against the tallies of earlier runs; a tally that is bytes is a summary as it stands."""

    def judged(logged: bytes | None, *tallies: Any, level: str = "WARN", trend: Trend = TREND) -> Judgement:
        (tmp_path / "event.schema.json").write_text(json.dumps(SCHEMA))
        for number, (name, tally) in enumerate(zip(trend.history, tallies, strict=False)):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            text = tally if isinstance(tally, bytes) else json.dumps({"run": number, "levels": tally}).encode()
            (tmp_path / name).write_bytes(text)
        run = run_with(tmp_path, **({} if logged is None else {"run": logged}))
        return judge_trend(read_logs(SECTION, tmp_path, run), trend, level, tmp_path)

    return judged


def rules(judgement: Judgement) -> list[str]:
    return [finding.rule for finding in judgement.findings]


USUAL = [{"INFO": 8, "WARN": 2}, {"INFO": 8, "WARN": 2}, {"INFO": 80, "WARN": 20}]


@pytest.mark.parametrize(("warnings", "expected"), [(0, []), (20, []), (30, []), (31, ["events.rise"])])
def test_a_share_may_rise_up_to_the_band_and_no_further(judge: Judge, warnings: int, expected: list[str]) -> None:
    assert rules(judge(log(INFO=100 - warnings, WARN=warnings), *USUAL)) == expected


def test_a_rise_is_reported_with_both_shares_and_the_series(judge: Judge) -> None:
    told = judge(log(INFO=60, WARN=40), *USUAL)
    assert told.findings == (
        Finding(
            "run.jsonl",
            "at most 30% WARN, the earlier runs had 20%",
            "40 of 100 events (40%)",
            "events.rise",
        ),
    )
    assert told.parameters["runs"] == [
        "old/1.json: 2 of 10",
        "old/2.json: 2 of 10",
        "old/3.json: 20 of 100",
        "this run: 40 of 100",
    ]
    assert [subject.name for subject in told.subjects] == ["run.jsonl", *HISTORY]


def test_a_level_that_never_was_counts_as_none(judge: Judge) -> None:
    assert rules(judge(log(INFO=99, ERROR=1), *USUAL, level="ERROR")) == ["events.rise"]
    assert rules(judge(log(INFO=99), *USUAL, level="ERROR")) == []


def test_the_oldest_runs_stay_the_measure_so_that_a_slow_rise_adds_up(judge: Judge) -> None:
    creeping = [{"INFO": 100 - share, "WARN": share} for share in (10, 11, 12, 16, 20)]
    trend = replace(TREND, history=tuple(f"old/{number}.json" for number in range(5)))
    assert rules(judge(log(INFO=76, WARN=24), *creeping, trend=trend)) == ["events.rise"]


def test_fewer_runs_than_declared_hold_even_where_nothing_rose(judge: Judge) -> None:
    short = replace(TREND, history=HISTORY[:2])
    told = judge(log(INFO=10), *USUAL, trend=short)
    assert rules(told) == ["events.few_runs"]
    assert told.findings[0].observed == "2"


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ({}, ["events.tally", "events.few_runs"]),
        ({"WARN": 0}, ["events.tally", "events.few_runs"]),
        ({"WARN": -1, "INFO": 5}, ["events.tally", "events.few_runs"]),
        ({"WARN": True}, ["events.tally", "events.few_runs"]),
        ({"WARN": 1.0}, ["events.tally", "events.few_runs"]),
        ([1, 2], ["events.tally", "events.few_runs"]),
        (b"{}", ["events.tally", "events.few_runs"]),
        (b'{"levels": {"WARN": NaN}}', ["json.not_finite", "events.few_runs"]),
        (b"", ["json.syntax", "events.few_runs"]),
    ],
)
def test_a_summary_without_numbers_is_reported_and_counts_for_none(
    judge: Judge, summary: Any, expected: list[str]
) -> None:
    assert rules(judge(log(INFO=10), *USUAL[:2], summary)) == expected


def test_a_summary_that_is_not_there_is_unreadable(judge: Judge) -> None:
    assert rules(judge(log(INFO=10), *USUAL[:2])) == ["artefact.unreadable", "events.few_runs"]


def test_one_run_does_not_count_twice(judge: Judge) -> None:
    same = json.dumps({"levels": USUAL[0]}).encode()
    told = judge(log(INFO=10), same, same, USUAL[2])
    assert rules(told) == ["events.history_repeated", "events.few_runs"]
    assert told.findings[0].where == "old/2.json"


def test_no_log_and_an_empty_log_have_no_trend(judge: Judge) -> None:
    assert rules(judge(None, *USUAL)) == ["events.no_log"]
    assert rules(judge(b"", *USUAL)) == ["events.no_event"]


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 40), st.integers(0, 40), st.lists(st.tuples(st.integers(1, 40), st.integers(0, 40)), max_size=4))
def test_a_run_like_all_before_it_never_rises(
    tmp_path_factory: pytest.TempPathFactory, info: int, warn: int, multiples: list[tuple[int, int]]
) -> None:
    root = tmp_path_factory.mktemp("trend")
    (root / "event.schema.json").write_text(json.dumps(SCHEMA))
    (root / "old").mkdir()
    for place, name in enumerate(HISTORY):
        times = 1 + place
        summary = {"run": place, "levels": {"INFO": info * times, "WARN": warn * times}}
        (root / name).write_text(json.dumps(summary))
    seen = read_logs(SECTION, root, run_with(root, run=log(INFO=info, WARN=warn)))
    exact = replace(TREND, rise={"WARN": Decimal(0)})
    assert judge_trend(seen, exact, "WARN", root).findings == ()


def test_each_declared_level_is_a_check_and_none_without_a_trend() -> None:
    assert trend_levels(SECTION) == ["ERROR", "WARN"]
    assert trend_levels(replace(SECTION, trend=None)) == []


@pytest.mark.parametrize(("size", "expected"), [(0, []), (9, []), (10, []), (11, ["events.rotate"])])
def test_a_log_of_the_limit_stays_and_a_byte_more_is_rotated(tmp_path: Path, size: int, expected: list[str]) -> None:
    told = judge_rotation(replace(SECTION, rotate_over=10), run_with(tmp_path, a=b"x" * size, b=b""))
    assert rules(told) == expected
    assert [subject.name for subject in told.subjects] == ["a.jsonl", "b.jsonl"]


def test_rotation_tells_each_log_and_says_how_much(tmp_path: Path) -> None:
    told = judge_rotation(replace(SECTION, rotate_over=1), run_with(tmp_path, a=b"xx", b=b"xxx"))
    assert [(finding.where, finding.observed) for finding in told.findings] == [
        ("a.jsonl", "2 bytes"),
        ("b.jsonl", "3 bytes"),
    ]


def test_the_runbook_limit_holds_where_none_is_declared(tmp_path: Path) -> None:
    big = Subject("a.jsonl", "0" * 64, 100_000_001)
    assert rules(judge_rotation(SECTION, Run(tmp_path, {"a.jsonl": big}))) == ["events.rotate"]
    assert rules(judge_rotation(SECTION, Run(tmp_path, {"a.jsonl": replace(big, size=100_000_000)}))) == []


def test_no_log_is_not_small_enough(tmp_path: Path) -> None:
    assert rules(judge_rotation(SECTION, Run(tmp_path, {}))) == ["events.no_log"]
