"""Rows of a learner's log, fed one by one: what they have, their order, what counts, thresholds, bands, soaks."""

from __future__ import annotations

import datetime
import hashlib
import itertools
import json
import time
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Run
from gatecourt.core.protocols import Target
from gatecourt.formats.files import subject
from gatecourt.mechanisms.bands.baseline import Baseline, Custody, Origin, recorded_metric, text_of
from gatecourt.mechanisms.bands.figures import statistic
from gatecourt.mechanisms.bands.section import Band, BaselineSection
from gatecourt.rules.telemetry.banding import judge_band, judge_custody, metric_values
from gatecourt.rules.telemetry.checks import judge_aspect
from gatecourt.rules.telemetry.counters import Tally
from gatecourt.rules.telemetry.page import judge_rows
from gatecourt.rules.telemetry.reading import read_log
from gatecourt.rules.telemetry.row import CsvLines, Row, flat_object
from gatecourt.rules.telemetry.rows import LogReport, RowJudge
from gatecourt.rules.telemetry.section import (
    Identity,
    JudgedRows,
    LogSection,
    SoakSection,
    SummaryFields,
    TelemetrySection,
    Threshold,
    VersionRule,
    banded_metric,
    banded_metrics,
    shown_metrics,
)
from gatecourt.rules.telemetry.soak import judge_soak
from gatecourt.rules.telemetry.summary import Drift
from gatecourt.rules.telemetry.thresholds import ThresholdRule
from gatecourt.rules.telemetry.version import parse_version, refusal
from gatecourt.system.manifest.binding import bind

LOG = LogSection(
    files=("log.jsonl",),
    identity=Identity(("epoch",), step={"epoch": Decimal(1)}),
    numbers=("epoch", "loss"),
    texts=("mode",),
    judged=JudgedRows("mode", "rollout", 2),
)


def row(epoch: float, mode: str = "rollout", **more: Any) -> dict[str, Any]:
    return {"epoch": epoch, "mode": mode, "loss": 1.5, **more}


def text(rows: Iterable[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(one) + "\n" for one in rows)


def fed(log: LogSection, data: str | bytes) -> LogReport:
    judge = RowJudge("log.jsonl", log)
    for line, one in enumerate((data.encode() if isinstance(data, str) else data).splitlines(keepends=True), 1):
        judge.feed(line, one)
    return judge.close()


def told(found: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(one.where.removeprefix("log.jsonl"), one.rule.removeprefix("telemetry.")) for one in found]


def every(log: LogSection, rows: Iterable[Mapping[str, Any]] | str) -> list[tuple[str, str]]:
    return told(fed(log, rows if isinstance(rows, str) else text(rows)).every())


# --- rows -------------------------------------------------------------------------------------------------------------


def test_a_good_log_has_no_findings() -> None:
    report = fed(LOG, text([row(1), row(2, "replay"), row(3)]))
    assert report.every() == ()
    assert (report.lines, report.rows, report.judged, report.runs) == (3, 3, 2, 1)


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (True, (":2#/loss", "not_a_number")),
        ("1.5", (":2#/loss", "not_a_number")),
        (None, (":2#/loss", "not_a_number")),
        ([1.5], (":2#/loss", "not_a_number")),
        (10**400, (":2#/loss", "not_a_number")),
        (float("nan"), (":2#/loss", "json.not_finite")),
        (float("-inf"), (":2#/loss", "json.not_finite")),
    ],
)
def test_what_is_no_finite_number_is_told(loss: Any, expected: tuple[str, str]) -> None:
    assert every(LOG, [row(1), row(2, loss=loss), row(3), row(4)]) == [expected]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", (":2", "blank_line")),
        ("  \t", (":2", "blank_line")),
        ("[1]", (":2", "not_an_object")),
        ('{"epoch": 2', (":2", "json.syntax")),
        ('{"epoch": 2, "epoch": 2, "mode": "rollout", "loss": 1}', (":2#/epoch", "json.duplicate_key")),
        ('{"epoch": 2, "mode": "rollout"}', (":2#/loss", "field_missing")),
        ('{"epoch": 2, "mode": " ", "loss": 1}', (":2#/mode", "not_a_text")),
        ('{"epoch": 2, "loss": 1, "mode": 7}', (":2#/mode", "not_a_text")),
    ],
)
def test_a_line_that_is_no_whole_row_is_told_with_its_line(line: str, expected: tuple[str, str]) -> None:
    rows = [*text([row(1)]).splitlines(), line, *text([row(3), row(4)]).splitlines()]
    assert every(LOG, "\n".join(rows) + "\n") == [expected]


def test_a_last_line_that_was_cut_off_is_told() -> None:
    assert every(LOG, text([row(1), row(2), row(3)])[:-1]) == [(":3", "jsonl.truncated")]


def test_a_byte_that_is_no_text_is_told() -> None:
    report = fed(LOG, text([row(1), row(2)]).encode() + b'{"epoch": "\xff"}\n')
    assert told(report.every()) == [(":3", "json.encoding")]


def test_a_line_that_is_too_long_or_too_deep_is_told_and_the_next_one_read(tmp_path: Path) -> None:
    long = json.dumps({"epoch": 2, "x": "y" * 5_000_000})
    deep = '{"epoch": 3, "x": ' + "[" * 5000 + "]" * 5000 + "}"
    rows = "\n".join([json.dumps(row(1)), long, deep, json.dumps(row(4))]) + "\n"
    found = judge_aspect(LOG, "rows", run_with(tmp_path, rows), tmp_path).findings
    assert told(found) == [(":2", "jsonl.line_too_long"), (":3", "json.depth")]


def test_each_missing_key_is_told_and_repetitions_are_counted() -> None:
    wide = replace(LOG, numbers=("epoch", "loss", "kl", "grad"))
    found = fed(wide, text(row(n) for n in range(1, 101))).about("rows")
    assert {one.where.partition("#")[2] for one in found} == {"/kl", "/grad"}
    assert len(found) == 22
    assert [(one.where, one.observed) for one in found if "more of this kind" in one.observed] == [
        (f"log.jsonl:11#/{key}", "90 more of this kind, this the first: absent") for key in ("kl", "grad")
    ]


def test_a_new_kind_of_finding_is_shown_behind_many_of_a_known_one() -> None:
    rows = [{**row(n), "kl": None} for n in range(1, 101)] + [{**row(101), "kl": "high"}]
    found = fed(replace(LOG, numbers=("epoch", "kl")), text(rows)).about("rows")
    assert [(one.where, one.observed) for one in found[20:]] == [
        ("log.jsonl:101#/kl", '"high"'),
        ("log.jsonl:21#/kl", "80 more of this kind, this the first: null (a NaN written as JSON?)"),
    ]


def test_no_flood_of_places_fills_the_memory() -> None:
    names = tuple(f"m{n}" for n in range(500))
    found = fed(replace(LOG, numbers=("epoch", *names)), text(row(n) for n in range(1, 4))).about("rows")
    assert len(found) == 20 + 50 + 70 + 1
    assert [one.observed for one in found if one.where == "log.jsonl:1#/m70"] == [
        "1290 more of this kind, this the first: absent"
    ]


def test_an_empty_log_is_never_well() -> None:
    assert every(LOG, "") == [("", "empty_log")]
    for aspect in ("rows", "identity", "judged", "thresholds"):
        assert told(fed(LOG, "").about(cast(Any, aspect))) == [("", "empty_log")]


def test_a_log_without_a_readable_row_is_never_well() -> None:
    report = fed(LOG, "\n\n")
    assert told(report.about("identity")) == [("", "no_row")]
    assert told(report.about("thresholds")) == [("", "no_row")]


def test_keys_with_dots_and_pointers_into_rows() -> None:
    log = replace(LOG, numbers=("epoch", "conflict.max", "/deep/loss"))
    flat: dict[str, Any] = {"conflict.max": 1}
    assert every(log, [row(1, deep={"loss": 2}, **flat), row(2, **flat)]) == [(":2#/deep/loss", "field_missing")]


def test_the_schema_of_a_row_speaks_of_fields_in_the_words_of_the_gate(tmp_path: Path) -> None:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "required": ["epoch", "loss"],
        "properties": {"epoch": {"type": "number"}, "loss": {"type": "number", "maximum": 9}, "mode": {}},
        "additionalProperties": False,
    }
    (tmp_path / "row.schema.json").write_text(json.dumps(schema))
    log = replace(LOG, schema="row.schema.json", numbers=(), texts=())
    rows = [row(1), {"epoch": 2, "mode": "rollout"}, row(3, loss=True), row(4, loss=10), row(5, los=1), row(6)]
    assert told(judge_aspect(log, "rows", run_with(tmp_path, text(rows)), tmp_path).findings) == [
        (":2#/loss", "field_missing"),
        (":3#/loss", "not_a_number"),
        (":4#/loss", "schema"),
        (":5", "schema"),
    ]


def test_a_schema_beside_required_numbers_tells_a_place_once_and_its_bounds_still(tmp_path: Path) -> None:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "required": ["loss"],
        "properties": {"loss": {"type": "number", "maximum": 9}},
    }
    (tmp_path / "row.schema.json").write_text(json.dumps(schema))
    rows = [row(1), row(2, loss=10), row(3, loss="1"), {"epoch": 4, "mode": "rollout"}]
    log = replace(LOG, schema="row.schema.json")
    assert told(judge_aspect(log, "rows", run_with(tmp_path, text(rows)), tmp_path).findings) == [
        (":2#/loss", "schema"),
        (":3#/loss", "not_a_number"),
        (":4#/loss", "field_missing"),
    ]


def test_a_schema_that_is_none_ends_the_check(tmp_path: Path) -> None:
    (tmp_path / "row.schema.json").write_text("{}")
    with pytest.raises(Judged) as caught:
        judge_aspect(replace(LOG, schema="row.schema.json"), "rows", run_with(tmp_path, text([row(1)])), tmp_path)
    assert caught.value.finding.rule == "e2.schema_undeclared"


FLAT = st.dictionaries(
    st.text(max_size=3),
    st.one_of(
        st.integers(min_value=-(2**70), max_value=2**70),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=3),
        st.booleans(),
        st.none(),
    ),
    max_size=5,
)


@settings(max_examples=300, deadline=None)
@given(FLAT, st.sampled_from([(",", ":"), (" , ", " : ")]), st.booleans())
def test_the_quick_reader_says_what_the_strict_one_says(
    value: dict[str, Any], separators: tuple[str, str], ascii_only: bool
) -> None:
    try:
        data = json.dumps(value, separators=separators, ensure_ascii=ascii_only).encode()
    except UnicodeEncodeError:
        return
    quick = flat_object(data)
    assert quick is None or (quick, [*map(type, quick.values())]) == (value, [*map(type, value.values())])


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":1}',
        b'{"a" :1,"a":2}',
        b'{"a":1,"\\u0061":2}',
        b'{"a":"x,y","a":2}',
        b'{"a":{"b":1,"b":2}}',
        b'{"a":[1]}',
        b'{"a":NaN}',
        b'{"a":1e400}',
        b'{"a":18446744073709551616}',
        b'{"a":-9223372036854775809}',
        b'{"a":"\\ud800"}',
        b"{}",
        b"3",
        b'{"a":1',
    ],
)
def test_what_the_quick_reader_leaves_to_the_strict_one(data: bytes) -> None:
    assert flat_object(data) is None


def test_the_quick_reader_reads_an_ordinary_row() -> None:
    assert flat_object(text([row(1)]).encode()) == row(1)


# --- versions ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "accepted", "known"),
    [
        ("1.2", ["1.2"], True),
        ("1.3", ["1.2"], True),
        ("1.1", ["1.2"], False),
        ("1.1", ["1.1", "1.2"], True),
        ("2.0", ["1.2"], False),
        ("9.0", ["1.2"], False),
        ("0.9.7", ["0.9.7"], True),
        ("0.9.8", ["0.9.7"], True),
        ("0.9.6", ["0.9.7"], False),
        ("0.10", ["0.9.7"], False),
        ("0.2.0", ["0.9.7"], False),
        ("1.0", ["0.9.7"], False),
        ("1.10", ["1.9"], True),
    ],
)
def test_below_one_a_newer_minor_counts_as_a_major(found: str, accepted: list[str], known: bool) -> None:
    version = parse_version(found)
    assert version is not None
    assert (refusal(version, [one for text in accepted if (one := parse_version(text))]) is None) is known


@pytest.mark.parametrize("value", [True, None, "", "v1.2", "1.", "1.2-rc1", float("nan"), -1.2, [1], 1e300])
def test_what_is_no_version(value: object) -> None:
    assert parse_version(value) is None


def test_versions_of_rows() -> None:
    log = replace(LOG, version=VersionRule("v", ("1.1", "1.2")))
    rows = [row(1, v=1.2), row(2, v=9.0), row(3, v=True), row(4), row(5, v="1.1"), row(6, v=1.2), row(7, v=1)]
    assert every(log, rows) == [
        (":2#/v", "version"),
        (":3#/v", "version_unreadable"),
        (":4#/v", "version_unreadable"),
        (":7#/v", "version"),
    ]


# --- identity ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("epochs", "expected"),
    [
        ([1, 2, 3, 4], []),
        ([5, 6, 7], []),
        ([1, 2, 2, 3], [(":3", "identity_repeated")]),
        ([1, 2, 4], [(":3#/epoch", "identity_gap")]),
        ([1, 3, 2, 4], [(":2#/epoch", "identity_gap"), (":3", "identity_order")]),
        ([1, 1, 2, 3], [(":2", "identity_repeated")]),
        ([1, 2, 3, 1, 2], [(":4", "several_runs")]),
        ([1, 2, 1, 2, 1, 2], [(":3", "several_runs"), (":5", "several_runs")]),
        ([2, 1, 3, 4], [(":2", "identity_order")]),
        ([1, 2.5, 3.5], [(":2#/epoch", "identity_gap")]),
    ],
)
def test_the_order_of_rows(epochs: list[float], expected: list[tuple[str, str]]) -> None:
    assert told(fed(LOG, text(row(epoch) for epoch in epochs)).about("identity")) == expected


def test_the_second_run_is_told_with_its_line_and_everything_that_rests_on_rows_is_held() -> None:
    report = fed(LOG, text([row(1), row(2), row(3), row(1), row(2)]))
    assert report.runs == 2
    assert [one.observed for one in report.about("identity")] == ["run 2 begins here, the one before at line 1"]
    for aspect in ("judged", "thresholds"):
        assert (":4", "several_runs") in told(report.about(cast(Any, aspect)))


def test_a_run_of_one_row_that_is_repeated_is_a_repetition_and_another_one_a_run() -> None:
    assert told(fed(LOG, text([row(1), row(1)])).about("identity")) == [(":2", "identity_repeated")]
    assert told(fed(LOG, text([row(1), row(1, loss=2)])).about("identity")) == [(":2", "several_runs")]


def test_pointers_rise_together_as_in_a_dictionary() -> None:
    log = replace(LOG, identity=Identity(("cycle", "epoch")))
    assert every(log, [row(1, cycle=0), row(2, cycle=0), row(1, cycle=1), row(5, cycle=1)]) == []
    assert every(log, [row(1, cycle=0), row(2, cycle=0), row(2, cycle=0)]) == [(":3", "identity_repeated")]


def test_a_run_that_does_not_begin_at_its_beginning() -> None:
    log = replace(LOG, identity=replace(LOG.identity, start={"epoch": Decimal(1)}))
    assert every(log, [row(2), row(3)]) == [(":1", "identity_gap")]
    assert every(log, [row(2), row(3), row(1), row(2)]) == [(":1", "identity_gap"), (":3", "several_runs")]
    assert every(log, "\n" + text([row(2), row(3)])) == [(":1", "blank_line")]


def test_a_line_that_could_not_be_read_makes_no_gap() -> None:
    assert every(LOG, text([row(1)]) + "{\n" + text([row(3), row(4)])) == [(":2", "json.syntax")]


@pytest.mark.parametrize("value", [True, None, [1]])
def test_an_identity_that_is_none(value: Any) -> None:
    log = replace(LOG, numbers=("loss",))
    assert every(log, [row(1), {**row(2), "epoch": value}, row(3)]) == [(":2#/epoch", "identity_missing")]


def test_numbers_and_texts_have_no_order() -> None:
    log = replace(LOG, numbers=("loss",))
    assert every(log, [row(1), {**row(2), "epoch": "b"}, row(2)]) == [(":2", "identity_missing")]


RUNS = replace(LOG, identity=Identity(("epoch",), step={"epoch": Decimal(1)}, run="run", judged_run="last"))


def test_runs_that_are_told_apart_and_the_last_counts() -> None:
    log = replace(RUNS, thresholds={"loss": Threshold(at_most=Decimal(2))})
    rows = [row(1, run="a", loss=9), row(2, run="a"), row(1, run="b"), row(2, run="b"), row(3, run="b")]
    report = fed(log, text(rows))
    assert report.every() == ()
    assert (report.runs, report.rows, report.judged) == (2, 3, 3)
    rows[3]["loss"] = 9
    assert told(fed(log, text(rows)).every()) == [(":4#/loss", "threshold")]


def test_only_one_run_is_allowed_unless_the_last_counts() -> None:
    only = replace(RUNS, identity=replace(RUNS.identity, judged_run="only"))
    rows = [row(1, run="a"), row(2, run="a"), row(1, run="b"), row(2, run="b")]
    assert every(only, rows) == [(":3#/run", "several_runs")]


def test_a_restart_within_one_run_cannot_be_told_apart() -> None:
    rows = [row(1, run="a"), row(2, run="a"), row(1, run="a"), row(2, run="a")]
    assert every(RUNS, rows) == [(":3", "several_runs")]


def test_two_runs_that_write_at_once() -> None:
    rows = [row(1, run="a"), row(1, run="b"), row(2, run="a"), row(2, run="b"), row(3, run="b")]
    rules = [rule for _, rule in every(RUNS, rows)]
    assert rules.count("runs_interleaved") == 2


def test_a_row_without_its_run() -> None:
    assert (":2#/run", "run_id") in every(RUNS, [row(1, run="a"), row(2), row(3, run="a")])


def test_an_id_of_blanks_is_none() -> None:
    assert (":1#/run", "run_id") in every(RUNS, [row(1, run="  "), row(2, run="  ")])


def test_many_runs_take_no_longer_than_many_rows() -> None:
    begun = time.process_time()
    assert fed(RUNS, text(row(1, run=f"run-{number}") for number in range(20_000))).runs == 20_000
    assert time.process_time() - begun < 2.5


# --- judged rows ------------------------------------------------------------------------------------------------------


def test_no_row_of_the_judged_mode_and_too_few_of_them() -> None:
    assert every(LOG, [row(1, "replay"), row(2, "replay")]) == [("", "no_judged_row")]
    assert every(LOG, [row(1, "replay"), row(2)]) == [("", "too_few")]
    assert every(LOG, [row(1), row(2)]) == []


def test_a_row_without_its_mode() -> None:
    log = replace(LOG, texts=())
    rows: list[dict[str, Any]] = [row(1), row(2), {"epoch": 3, "loss": 1}, {"epoch": 4, "loss": 1, "mode": None}]
    assert every(log, rows) == [(":3#/mode", "mode_missing"), (":4#/mode", "mode_missing")]


@pytest.mark.parametrize(("wanted", "found", "judged"), [(True, 1, 0), (1, True, 0), (1, 1.0, 1), ("1", 1, 0)])
def test_a_mode_is_equal_only_to_its_own_kind(wanted: Any, found: Any, judged: int) -> None:
    log = replace(LOG, texts=(), judged=JudgedRows("mode", wanted, 1))
    assert fed(log, text([{**row(1), "mode": found}])).judged == judged


# --- thresholds -------------------------------------------------------------------------------------------------------


def broken(threshold: Threshold, *values: Any, mode: str = "rollout") -> list[tuple[str, str]]:
    log = replace(LOG, thresholds={"kl": threshold}, judged=replace(LOG.judged, minimum=1))
    rows = [row(n, mode, kl=value) for n, value in enumerate(values, 1)] + [row(len(values) + 1, kl=0.1)]
    return told(fed(log, text(rows)).about("thresholds"))


@pytest.mark.parametrize(
    ("threshold", "value", "kept"),
    [
        (Threshold(at_most=Decimal("0.3")), 0.3, True),
        (Threshold(at_most=Decimal("0.3")), 0.1 + 0.2, False),
        (Threshold(at_least=Decimal("0.1"), at_most=Decimal("0.3")), 0.3, True),
        (Threshold(at_least=Decimal("-0.2")), -0.2, True),
        (Threshold(at_least=Decimal("-0.2")), -0.21, False),
        (Threshold(at_most=Decimal("0.5")), -9.0, True),
        (Threshold(at_most=Decimal("0.5"), absolute=True), -9.0, False),
        (Threshold(at_most=Decimal("0.5"), absolute=True), -0.5, True),
        (Threshold(at_most=Decimal(2)), 2, True),
        (Threshold(at_most=Decimal(2)), 3, False),
        (Threshold(at_most=Decimal("1e400")), 1e308, True),
    ],
)
def test_bounds_belong_to_the_good_side_in_decimal(threshold: Threshold, value: float, kept: bool) -> None:
    assert broken(threshold, value) == ([] if kept else [(":1#/kl", "threshold")])


@settings(max_examples=200, deadline=None)
@given(
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-10, max_value=10, places=3),
    st.booleans(),
)
def test_the_quick_comparison_says_what_the_exact_one_does(value: float, bound: Decimal, absolute: bool) -> None:
    for candidate in (value, float(bound)):
        measured = abs(Decimal(repr(candidate))) if absolute else Decimal(repr(candidate))
        low = ThresholdRule("m", Threshold(at_least=bound, absolute=absolute))
        assert (low.take(Row("x", 1, {"m": candidate}, b""), True) is None) == (measured >= bound)
        if not (absolute and bound < 0):
            high = ThresholdRule("m", Threshold(at_most=bound, absolute=absolute))
            assert (high.take(Row("x", 1, {"m": candidate}, b""), True) is None) == (measured <= bound)


@pytest.mark.parametrize(
    ("value", "rule"), [(True, "metric_not_a_number"), ("0.1", "metric_not_a_number"), (None, "metric_missing")]
)
def test_what_is_no_number_keeps_no_threshold(value: Any, rule: str) -> None:
    for kind in ("each", "mean"):
        assert broken(Threshold(at_most=Decimal(9), statistic=cast(Any, kind)), value) == [(":1#/kl", rule)]


def test_a_missing_metric_is_never_nought() -> None:
    log = replace(LOG, thresholds={"outages": Threshold(at_most=Decimal(2))})
    assert told(fed(log, text([row(1), row(2)])).about("thresholds")) == [
        (":1#/outages", "metric_missing"),
        (":2#/outages", "metric_missing"),
        ("#/outages", "metric_missing"),
    ]


def test_rows_of_another_mode_are_judged_only_where_all_are() -> None:
    assert broken(Threshold(at_most=Decimal(1)), 9.0, mode="replay") == []
    assert broken(Threshold(at_most=Decimal(1), scope="all"), 9.0, mode="replay") == [(":1#/kl", "threshold")]


def test_null_is_passed_over_where_that_is_declared_but_not_everywhere() -> None:
    bound = Threshold(at_least=Decimal("0.05"), nullable=True)
    assert broken(bound, None, None) == []
    log = replace(LOG, thresholds={"kl": bound})
    assert told(fed(log, text([row(1, kl=None), row(2, kl=None)])).about("thresholds")) == [("#/kl", "metric_missing")]


@pytest.mark.parametrize(
    ("kind", "bound", "kept"),
    [
        ("mean", "0.4", True),
        ("mean", "0.39", False),
        ("max", "0.7", True),
        ("max", "0.6", False),
        ("sum", "1.2", True),
        ("sum", "1.19", False),
        ("variance", "0.09", True),
        ("variance", "0.0899", False),
        ("last", "0.1", True),
    ],
)
def test_bounds_of_what_all_rows_make(kind: Any, bound: str, kept: bool) -> None:
    assert broken(Threshold(at_most=Decimal(bound), statistic=kind), 0.7, 0.4) == (
        [] if kept else [("#/kl", "threshold")]
    )


def test_two_thresholds_of_one_metric() -> None:
    both = {
        "kl": Threshold(at_most=Decimal("0.5")),
        "kl_mean": Threshold(at_most=Decimal("0.2"), statistic="mean", metric="kl"),
    }
    report = fed(replace(LOG, thresholds=both), text([row(1, kl=0.4), row(2, kl=0.4)]))
    assert [(one.where, one.observed) for one in report.about("thresholds")] == [
        ("log.jsonl#/kl", "0.4, the mean of 2 rows")
    ]
    assert report.thresholds["kl_mean"] == {"at_most": "0.2", "statistic": "mean", "scope": "judged", "values": 2}


NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12),
    st.integers(min_value=-(10**15), max_value=10**15),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(NUMBERS, min_size=1, max_size=12))
def test_a_tally_gives_what_all_numbers_together_give(values: list[float]) -> None:
    tally = Tally()
    exact = [Decimal(repr(value)) if isinstance(value, float) else Decimal(value) for value in values]
    for value in exact:
        tally.add(value)
    for kind in ("mean", "sum", "max", "min", "last", "variance"):
        if kind != "variance" or len(values) > 1:
            assert tally.statistic(cast(Any, kind)) == statistic(cast(Any, kind), [Fraction(one) for one in exact])


def test_a_tally_of_nothing_has_no_statistic() -> None:
    assert Tally().statistic("mean") is None
    assert Tally().statistic("sum") is None
    with pytest.raises(ValueError, match="keeps no squares"):
        Tally(squared=False).statistic("variance")


# --- line by line -----------------------------------------------------------------------------------------------------

LINES = st.sampled_from(
    [
        *text([row(1), row(2), row(3), row(4, "replay"), row(2, loss=9), row(3, loss=True)]).splitlines(keepends=True),
        "\n",
        "{\n",
        '{"epoch": 5}\n',
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(LINES, max_size=12), st.integers(0, 12))
def test_closing_in_between_changes_nothing(lines: list[str], pause: int) -> None:
    log = replace(LOG, thresholds={"loss": Threshold(at_most=Decimal(2))})
    judge = RowJudge("log.jsonl", log)
    for line, data in enumerate(lines, 1):
        if line == pause:
            judge.close()
        judge.feed(line, data.encode())
    whole = fed(log, "".join(lines))
    assert judge.close().every() == whole.every()
    assert judge.close().summary == whole.summary


@settings(max_examples=60, deadline=None)
@given(st.lists(LINES, max_size=12))
def test_what_was_told_as_it_came_and_at_the_end_is_all_that_is_told(lines: list[str]) -> None:
    judge = RowJudge("log.jsonl", replace(LOG, thresholds={"loss": Threshold(at_most=Decimal(2))}))
    heard = [one for line, data in enumerate(lines, 1) for one in judge.feed(line, data.encode())]
    report = judge.close()
    kept = [one for one in report.every() if "more of this kind" not in one.observed]
    assert set(kept) <= {*heard, *report.closing}
    assert {one.rule for one in heard} <= {one.rule for one in kept}
    assert not lines or report.every() != () or report.judged >= 2


# --- CSV --------------------------------------------------------------------------------------------------------------

CSV = replace(LOG, format="csv", texts=("mode",))


def test_a_csv_log_is_judged_as_its_rows_in_json_would_be() -> None:
    header = "epoch,mode,loss\n"
    assert every(CSV, header + "1,rollout,1.5\n2,replay,-2e-3\n3,rollout,0\n") == []
    assert every(CSV, header + "1,rollout,1.5\n2,rollout,\n3,rollout,true\n4,rollout,01\n5,rollout,NaN\n") == [
        (":3#/loss", "field_missing"),
        (":4#/loss", "not_a_number"),
        (":5#/loss", "not_a_number"),
        (":6#/loss", "json.not_finite"),
    ]


def test_a_csv_log_with_odd_lines() -> None:
    header = "epoch,mode,loss\n"
    assert every(CSV, "epoch,mode,epoch\n1,rollout,2\n")[0] == (":1", "csv_header")
    assert every(CSV, header + "1,rollout\n2,rollout,1\n3,rollout,1\n") == [(":2", "csv_cells")]
    assert every(CSV, header + '1,"roll"out,1\n2,rollout,1\n3,rollout,1\n') == [(":2", "csv_syntax")]
    assert every(CSV, header + '1,"rollout",1\r\n2,rollout,1\r\n') == []
    assert every(CSV, header + "1,rollout,1\n2,rollout,1") == [(":3", "jsonl.truncated"), ("", "too_few")]
    assert every(CSV, header) == [("", "no_row")]


def test_a_header_between_rows_begins_another_run() -> None:
    rows = "epoch,mode,loss\n1,rollout,1\n2,rollout,1\n"
    assert (":5", "several_runs") in every(CSV, rows + rows)
    later = "epoch,mode,loss\n3,rollout,1\n4,rollout,1\n"
    assert (":5", "several_runs") in every(CSV, rows + later)


@settings(max_examples=100, deadline=None)
@given(NUMBERS)
def test_a_number_reads_the_same_from_a_cell_and_from_json(value: float) -> None:
    reader = CsvLines("x", ())
    reader.read(1, b"m\n")
    read = reader.read(2, f"{json.dumps(value)}\n".encode())
    assert isinstance(read, Row)
    assert read.value == {"m": value}
    assert type(read.value["m"]) is type(json.loads(json.dumps(value)))


# --- a target with files ----------------------------------------------------------------------------------------------


@dataclass
class Tree:
    """A target whose commands all left the same files."""

    root: Path
    produced: Run
    name: str = "town"
    asked: list[str] = field(default_factory=list)

    def artefacts(self) -> Run:
        return self.produced

    def command(self, name: str) -> Run:
        self.asked.append(name)
        return self.produced


def run_with(root: Path, data: str, name: str = "log.jsonl") -> Run:
    out = root / "out"
    out.mkdir(exist_ok=True)
    (out / name).write_text(data)
    return Run(out, {path.name: subject(path, path.name) for path in sorted(out.iterdir())})


def tree(root: Path, data: str) -> Target:
    return cast(Target, Tree(root, run_with(root, data)))


def recorded(root: Path, **metrics: list[float]) -> BaselineSection:
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    known = {name: recorded_metric("mean", [Fraction(str(one)) for one in ones]) for name, ones in metrics.items()}
    seeds = tuple(range(len(next(iter(metrics.values())))))
    written = text_of(
        Baseline(Custody(now, "night desk", "first recording"), Origin("town", "qc", "run"), seeds, known)
    )
    (root / "base.json").write_text(written)
    digest = hashlib.sha256(written.encode()).hexdigest()
    return BaselineSection("base.json", Decimal(86400), f"sha256:{digest}", seeds=1)


def test_no_log_and_several_logs(tmp_path: Path) -> None:
    run = run_with(tmp_path, "")
    for files, rule in ((("none.jsonl",), "telemetry.no_log"), (("*.jsonl",), "telemetry.several_logs")):
        run_with(tmp_path, "", "second.jsonl")
        run = run_with(tmp_path, "")
        with pytest.raises(Judged) as caught:
            read_log(replace(LOG, files=files), run, tmp_path)
        assert caught.value.finding.rule == rule
    with pytest.raises(Judged) as caught:
        read_log(replace(LOG, origin="target"), run, tmp_path)
    assert caught.value.finding.rule == "telemetry.no_log"


def test_a_log_of_the_tree_and_of_another_command(tmp_path: Path) -> None:
    target = tree(tmp_path, text([row(1), row(2)]))
    judge_rows(replace(LOG, of="train"), "qc", target)
    assert cast(Tree, target).asked == ["train"]
    (tmp_path / "log.jsonl").write_text(text([row(1)]))
    shown = judge_rows(replace(LOG, origin="target"), "qc", target)
    assert told(shown.findings) == [("", "too_few")]


# --- bands ------------------------------------------------------------------------------------------------------------

BANDED = replace(
    LOG,
    bands={"loss": Band(calibrated=False)},
    baseline=BaselineSection("base.json", Decimal(86400)),
)


@pytest.mark.parametrize(
    ("factor", "rules"),
    [(1.0, []), (1.14, []), (0.86, []), (1.15, []), (0.85, []), (1.16, ["band.outside"]), (0.84, ["band.outside"])],
)
def test_the_mean_over_judged_rows_within_and_beyond_its_band(tmp_path: Path, factor: float, rules: list[str]) -> None:
    section = recorded(tmp_path, loss=[32.0, 32.0])
    log = replace(BANDED, baseline=section)
    rows = [row(1, loss=round(31 * factor, 6)), row(2, "replay", loss=0.0), row(3, loss=round(33 * factor, 6))]
    judgement = judge_band(log, "qc", "loss", tree(tmp_path, text(rows)))
    assert [one.rule for one in judgement.findings] == rules
    assert [one.name for one in judgement.subjects] == ["log.jsonl", "base.json"]
    assert cast(Any, judgement.parameters["band"])["rows"] == 2


def test_a_metric_that_one_judged_row_lacks_has_no_mean(tmp_path: Path) -> None:
    log = replace(BANDED, baseline=recorded(tmp_path, loss=[1.0]), numbers=("epoch",))
    rows = [row(1, loss=1), {"epoch": 2, "mode": "rollout"}, row(3, loss=1)]
    found = judge_band(log, "qc", "loss", tree(tmp_path, text(rows))).findings
    assert [(one.where, one.rule) for one in found] == [("log.jsonl:2#/loss", "band.metric_missing")]
    values = metric_values(log, run_with(tmp_path, text(rows)), tmp_path)
    assert isinstance(values["loss"], Finding)


@pytest.mark.parametrize("value", [True, "1", [1]])
def test_a_metric_that_is_no_number_has_no_mean(tmp_path: Path, value: Any) -> None:
    log = replace(BANDED, baseline=recorded(tmp_path, loss=[1.0]))
    found = judge_band(log, "qc", "loss", tree(tmp_path, text([row(1, loss=1), row(2, loss=value)]))).findings
    assert [one.rule for one in found] == ["band.not_finite"]


def test_nothing_is_held_against_a_baseline_that_is_not_there(tmp_path: Path) -> None:
    target = tree(tmp_path, text([row(1), row(2)]))
    assert [one.rule for one in judge_band(BANDED, "qc", "loss", target).findings] == ["band.no_baseline"]
    assert [one.rule for one in judge_custody(BANDED, "qc", target).findings] == ["band.no_baseline"]


def test_a_band_on_a_log_that_cannot_be_judged_is_held(tmp_path: Path) -> None:
    log = replace(BANDED, baseline=recorded(tmp_path, loss=[1.5]))
    for rows, rule in (
        ([row(1, "replay")], "telemetry.no_judged_row"),
        ([row(1)], "telemetry.too_few"),
        ([], "telemetry.empty_log"),
        ([row(1), row(2), row(1, loss=1.6), row(2)], "telemetry.several_runs"),
    ):
        found = judge_band(log, "qc", "loss", tree(tmp_path, text(rows))).findings
        assert [one.rule for one in found] == [rule]
        with pytest.raises(Judged, match=r".*"):
            metric_values(log, run_with(tmp_path, text(rows)), tmp_path)


def test_values_of_all_bands_without_rounding(tmp_path: Path) -> None:
    rows = [row(1, loss=0.1), row(2, loss=0.2), row(3, loss=0.3)]
    assert metric_values(BANDED, run_with(tmp_path, text(rows)), tmp_path) == {"loss": Fraction(1, 5)}


# --- soaks ------------------------------------------------------------------------------------------------------------

SOAK = SoakSection(log="qc", cycle="cycle", cycles=12, bands={"loss": Band()}, against="first_cycle")


def soaked(root: Path, losses: list[float], section: BaselineSection | None = None) -> list[tuple[str, str]]:
    rows = []
    for cycle, loss in enumerate(losses):
        rows += [row(2 * cycle + 1, "replay", cycle=cycle), row(2 * cycle + 2, cycle=cycle, loss=loss)]
    soak = SOAK if section is None else replace(SOAK, against="baseline")
    log = LOG if section is None else replace(BANDED, baseline=section)
    return told(judge_soak(soak, log, tree(root, text(rows))).findings)


def test_a_soak_that_stays_where_it_began(tmp_path: Path) -> None:
    assert soaked(tmp_path, [10.0, 11.4, 8.6] * 4) == []


def test_a_drift_that_no_step_shows_is_seen(tmp_path: Path) -> None:
    ratchet = [round(10 * 1.03**cycle, 6) for cycle in range(12)]
    assert all(abs(b - a) / a < 0.15 for a, b in itertools.pairwise(ratchet))
    assert soaked(tmp_path, ratchet) == [("#/loss", "soak_drift")]


def test_a_first_cycle_of_nought_is_told_where_it_stands(tmp_path: Path) -> None:
    assert soaked(tmp_path, [0.0] + [1.0] * 11) == [("#/loss", "band.baseline_zero")]


def test_the_first_baseline_is_the_recorded_one(tmp_path: Path) -> None:
    steady = [11.6] * 12
    assert soaked(tmp_path, steady) == []
    section = recorded(tmp_path, loss=[10.0])
    assert soaked(tmp_path, steady, section) == [("#/loss", "soak_drift")]
    (tmp_path / "base.json").unlink()
    assert soaked(tmp_path, steady, section) == [("base.json", "band.baseline_deleted")]


@pytest.mark.parametrize("cycles", [1, 11, 13])
def test_all_cycles_are_there(tmp_path: Path, cycles: int) -> None:
    assert ("#/cycle", "cycles") in soaked(tmp_path, [10.0] * cycles)


def test_a_cycle_that_misses_its_metric_or_its_number(tmp_path: Path) -> None:
    rows = [row(n, cycle=n - 1) for n in range(1, 13)]
    del rows[3]["loss"]
    del rows[4]["cycle"]
    found = told(judge_soak(SOAK, LOG, tree(tmp_path, text(rows))).findings)
    assert (":4#/loss", "band.metric_missing") in found
    assert (":5#/cycle", "cycle_missing") in found
    assert ("#/cycle", "cycles") in found


def test_a_soak_of_nothing(tmp_path: Path) -> None:
    found = told(judge_soak(SOAK, LOG, tree(tmp_path, "")).findings)
    assert found == [("", "empty_log"), ("#/cycle", "cycles")]


# --- summaries --------------------------------------------------------------------------------------------------------


def test_the_summary_says_where_the_log_is_and_never_nought_for_what_is_missing(tmp_path: Path) -> None:
    log = replace(
        BANDED,
        baseline=recorded(tmp_path, loss=[1.0]),
        summary=SummaryFields("epoch", "mode", "cycle", "offset", ("loss", "grad"), ("loss", "grad")),
    )
    shown = judge_rows(log, "qc", tree(tmp_path, text([row(1, loss=1), row(2, loss=1.5), row(3, "replay", loss=7)])))
    summary = cast(dict[str, Any], shown.parameters["summary"])
    assert summary["rows"] == 3
    assert summary["judged_rows"] == 2
    assert (summary["epochs"], summary["data_mode"], summary["cycle"]) == (3, "replay", None)
    assert summary["latest"] == {"loss": 1.5, "grad": None}
    assert summary["extremes"] == {"loss": {"min": 1, "max": 1.5}, "grad": None}
    assert summary["drift"] == {"loss": {"value": 1.25, "baseline": 1, "delta": 0.25, "share": 0.25}}
    page = shown.attachments["telemetry_summary_qc.md"]
    assert "| loss   |  1.25 |        1 |  +0.25 |   +25 % |" in page
    assert "| grad   |   n/a |  n/a |" in page
    assert "- cycle: n/a" in page
    assert "## Bands" in page


@pytest.mark.parametrize(
    ("value", "baseline", "share"),
    [("1", "0", None), ("-1.5", "-1", Fraction(-1, 2)), ("-0.5", "-1", Fraction(1, 2)), ("1", None, None)],
)
def test_shares_of_odd_baselines(value: str, baseline: str | None, share: Fraction | None) -> None:
    assert Drift(Fraction(value), None if baseline is None else Fraction(baseline)).share == share


def test_a_page_is_eighty_columns_wide(tmp_path: Path) -> None:
    name = "a_metric_with_a_name_that_goes_on_and_on_and_would_leave_every_page_by_far"
    log = replace(LOG, thresholds={name: Threshold(at_most=Decimal(1))})
    rows = [{**row(n), name: -1.23456789e-12 * n} for n in (1, 2)]
    page = judge_rows(log, "qc", tree(tmp_path, text(rows))).attachments["telemetry_summary_qc.md"]
    assert max(map(len, page.splitlines())) <= 80
    assert "…" in page


def test_a_page_counts_in_full_and_keeps_its_columns(tmp_path: Path) -> None:
    summary = SummaryFields("epoch", "mode", None, None, ("loss", "a|b"), ("loss",))
    rows = [row(1234566, **{"a|b": "x|y"}), row(1234567, **{"a|b": "x|y"})]
    page = judge_rows(replace(LOG, summary=summary), "qc", tree(tmp_path, text(rows))).attachments[
        "telemetry_summary_qc.md"
    ]
    assert "- epochs: 1234567\n" in page
    assert r"| a\|b   |  x\|y |" in page


# --- sections ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: replace(LOG, numbers=(), texts=()), "numbers: missing, and so is schema"),
        (lambda: replace(LOG, texts=("loss",)), "numbers: 'loss' stands twice"),
        (lambda: replace(LOG, bands={"loss": Band()}), "baseline: missing; bands and baseline go together"),
        (lambda: Identity(("a",), step={"b": Decimal(1)}), "step: 'b' is not one of pointers"),
        (lambda: Identity(("a",), start={"c": Decimal(0)}), "start: 'c' is not one of pointers"),
        (lambda: Identity(("a",), judged_run="last"), "run: missing"),
        (lambda: JudgedRows("mode"), "equals: missing"),
        (lambda: JudgedRows(equals="rollout"), "pointer: missing"),
        (lambda: JudgedRows("mode", ["rollout"]), "equals: expected one value"),
        (lambda: Threshold(), "at_most: missing, and so is at_least"),
        (lambda: Threshold(at_most=Decimal(1), at_least=Decimal(2)), "at_least: 2 is above at_most, which is 1"),
        (lambda: Threshold(at_most=Decimal(-1), absolute=True), "at_most: -1 is below 0"),
        (lambda: TelemetrySection(), "log: missing, and so are stream and health"),
        (
            lambda: TelemetrySection(log={"qc": LOG}, soak={"s": replace(SOAK, against="baseline")}),
            "has no band for it",
        ),
        (
            lambda: TelemetrySection(
                log={"qc": BANDED}, soak={"s": replace(SOAK, against="baseline", bands={"loss": Band(statistic="max")})}
            ),
            "recorded as the mean",
        ),
        (lambda: TelemetrySection(log={"other": LOG}, soak={"s": SOAK}), "there is no log 'qc'"),
    ],
)
def test_a_section_that_would_judge_nothing_is_refused(make: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        make()


def test_all_problems_of_the_section_are_reported_with_their_keys() -> None:
    log = {
        "files": ["/log.jsonl"],
        "identity": {"pointers": ["a", "a"], "step": {"a": 0}, "run": ""},
        "judged": {"minimum": 0},
        "version": {"pointer": "", "accepted": ["1.2", "one"]},
        "numbers": [""],
        "schema": "../row.json",
        "thresholds": {"": {"at_most": 1}, "kl": {"at_most": 1, "metric": "/~2"}},
        "summary": {"epoch": "", "latest": ["loss", ""]},
    }
    unnamed = {"files": [], "identity": {"pointers": []}, "version": {"pointer": "v", "accepted": []}}
    table = {
        "log": {"qc": log, "other": unnamed},
        "health": {"h": {"files": [], "word": "two words", "step": 0, "at_least": 0}},
        "soak": {"s": {"log": "qc", "cycle": "", "cycles": 1, "bands": {}}},
    }
    bound, problems = bind(TelemetrySection, table, "telemetry")
    assert bound is None
    assert sorted({problem.at.removeprefix("telemetry.") for problem in problems}) == [
        "health.h.at_least", "health.h.files", "health.h.step", "health.h.word", "log.other.files",
        "log.other.identity.pointers", "log.other.version.accepted", "log.qc.files[0]", "log.qc.identity.pointers",
        "log.qc.identity.run", "log.qc.identity.step.a", "log.qc.judged.minimum", "log.qc.numbers[0]", "log.qc.schema",
        "log.qc.summary.epoch", "log.qc.summary.latest[1]", 'log.qc.thresholds.""', "log.qc.thresholds.kl.metric",
        "log.qc.version.accepted[1]", "log.qc.version.pointer", "soak.s.bands", "soak.s.cycle", "soak.s.cycles",
    ]  # fmt: skip


def test_a_section_as_a_manifest_writes_it() -> None:
    table = tomllib.loads(
        """
        [log.qc]
        files = ["telemetry/qc.jsonl"]
        numbers = ["epoch", "loss"]
        identity = { pointers = ["epoch"], step = { epoch = 1 }, run = "run_id", judged_run = "last" }
        judged = { pointer = "mode", equals = "rollout", minimum = 3 }
        version = { pointer = "version", accepted = ["1.2"] }
        [log.qc.thresholds]
        kl = { at_most = 0.5, scope = "all" }
        loss = { at_most = "0.1", statistic = "variance", absolute = true, nullable = true }
        [log.qc.bands]
        loss = { relative = "15%" }
        [log.qc.baseline]
        file = "base.json"
        max_age = "90d"
        [soak.long]
        log = "qc"
        cycle = "cycle"
        cycles = 12
        bands = { loss = { relative = "15%" } }
        """
    )
    section, problems = bind(TelemetrySection, table)
    assert problems == []
    assert section is not None
    log = section.log["qc"]
    assert log.thresholds["kl"] == Threshold(at_most=Decimal("0.5"), scope="all")
    assert log.thresholds["loss"].statistic == "variance"
    assert log.judged == JudgedRows("mode", "rollout", 3)
    assert log.bands["loss"] == Band()
    table["log"]["qc"]["thresholds"]["kl"]["statistic"] = "median"
    table["log"]["qc"]["judged"]["minimum"] = 0
    table["log"]["qc"]["columns"] = []
    _, problems = bind(TelemetrySection, table)
    assert len(problems) == 3


def test_names_of_banded_metrics_lead_back_to_log_and_metric() -> None:
    section = TelemetrySection(log={"qc": BANDED, "control": BANDED})
    assert banded_metrics(section) == ["control-loss", "qc-loss"]
    assert banded_metric(section, "qc-loss") == ("qc", "loss")
    clash = {"a": replace(BANDED, bands={"b-c": Band()}), "a-b": replace(BANDED, bands={"c": Band()})}
    with pytest.raises(ValueError, match="call a log otherwise"):
        TelemetrySection(log=clash)


def test_the_metrics_that_matter_stand_once_in_the_order_of_the_manifest() -> None:
    log = replace(BANDED, thresholds={"kl": Threshold(at_most=Decimal(1)), "/loss": Threshold(at_most=Decimal(1))})
    assert shown_metrics(log) == ("kl", "/loss")
