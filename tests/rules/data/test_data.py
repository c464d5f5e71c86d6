from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecourt.core.model import Finding, Run, Subject
from gatecourt.rules.data import AllowedGap, DataSection, Dataset, Fields, dataset_names, judge_dataset
from gatecourt.rules.data.columns import of_array, of_values, times_of
from gatecourt.rules.data.times import find_gaps
from gatecourt.system.manifest.binding import bind

FIELDS = Fields("t", "o", "h", "l", "c", "v")
START, STEP = 1_735_689_600_000, 300_000


def bar(index: int, **other: Any) -> dict[str, Any]:
    return {"t": START + index * STEP, "o": 10.0, "h": 12.0, "l": 9.0, "c": 11.0, "v": 1.5} | other


def dataset(**other: Any) -> Dataset:
    given_fields: dict[str, Any] = {
        "files": ("bars.json",), "format": "json", "fields": FIELDS, "interval": Decimal(300), "unit": "ms",
        "origin": "target", "pointer": "/bars",
    }  # fmt: skip
    return Dataset(**(given_fields | other))


def no_run() -> Run:
    raise AssertionError("files of the target's tree need no run")


def findings(root: Path, declared: Dataset) -> list[Finding]:
    """All findings but the one that no digest is declared."""
    found = judge_dataset(declared, no_run, root).findings
    return [finding for finding in found if finding.rule != "data.sha256_not_declared"]


def of_bars(root: Path, bars: list[Any], **other: Any) -> list[Finding]:
    (root / "bars.json").write_text(json.dumps({"bars": bars, "count": len(bars)}), "utf-8")
    return findings(root, dataset(**other))


def rules(found: list[Finding]) -> list[str]:
    return [finding.rule for finding in found]


def test_bars_that_are_as_they_should_be(tmp_path: Path) -> None:
    assert of_bars(tmp_path, [bar(index) for index in range(60)], count="/count") == []


def test_the_judgement_names_the_file_and_counts_its_bars(tmp_path: Path) -> None:
    of_bars(tmp_path, [bar(0), bar(1), bar(4)])
    judgement = judge_dataset(dataset(), no_run, tmp_path)
    assert [subject.name for subject in judgement.subjects] == ["bars.json"]
    assert judgement.parameters == {"interval": "300000 ms", "bars": {"bars.json": {"there": 3, "missing": 2}}}


# Times.


def test_a_gap_is_reported_with_its_bars_and_their_number(tmp_path: Path) -> None:
    assert of_bars(tmp_path, [bar(0), bar(1), bar(5), bar(6)]) == [
        Finding(
            "bars.json#/bars/2/t",
            str(START + 2 * STEP),
            f"{START + 5 * STEP}: 3 bars are missing between bars 1 and 2",
            "data.gap",
        )
    ]


def test_a_duplicate_is_reported_with_both_indices_wherever_they_lie(tmp_path: Path) -> None:
    bars = [bar(0), bar(1), bar(2), bar(3), bar(1)]
    assert [(f.where, f.observed, f.rule) for f in of_bars(tmp_path, bars)] == [
        ("bars.json#/bars/4/t", str(START + STEP), "data.not_rising"),
        ("bars.json#/bars/4/t", f"{START + STEP} in bars 1 and 4", "data.duplicate_time"),
    ]


def test_exchanged_bars_are_out_of_order_and_leave_no_gap(tmp_path: Path) -> None:
    found = of_bars(tmp_path, [bar(0), bar(2), bar(1), bar(3)])
    assert [(f.where, f.rule) for f in found] == [("bars.json#/bars/2/t", "data.not_rising")]
    assert found[0].expected == f"a time after {START + 2 * STEP}, that of bar 1"


@pytest.mark.parametrize(("shift", "off"), [(0, []), (1, ["data.off_grid"]), (-1, ["data.off_grid"])])
def test_a_bar_is_on_the_grid_to_the_unit(tmp_path: Path, shift: int, off: list[str]) -> None:
    bars = [bar(index) for index in range(10)]
    bars[4]["t"] += shift
    assert rules(of_bars(tmp_path, bars)) == off


def test_one_first_bar_off_the_grid_does_not_accuse_the_rest(tmp_path: Path) -> None:
    bars = [bar(index) for index in range(10)]
    bars[0]["t"] += 7
    assert [finding.where for finding in of_bars(tmp_path, bars)] == ["bars.json#/bars/0/t"]


def test_the_grid_is_where_most_bars_are_and_may_begin_anywhere(tmp_path: Path) -> None:
    bars = [bar(index, t=START + index * STEP + 100) for index in range(10)]
    assert of_bars(tmp_path, bars) == []
    bars[3]["t"] = START + 3 * STEP
    assert [(f.where, f.rule) for f in of_bars(tmp_path, bars)] == [("bars.json#/bars/3/t", "data.off_grid")]


def test_time_goes_back_by_a_single_unit(tmp_path: Path) -> None:
    found = of_bars(tmp_path, [bar(0), bar(1), bar(2, t=START + STEP - 1)])
    assert rules(found) == ["data.not_rising", "data.off_grid"]


def test_a_known_gap_passes_only_as_declared(tmp_path: Path) -> None:
    bars = [bar(0), bar(1), bar(4)]
    known = AllowedGap(START + 2 * STEP, 2, "maintenance")
    assert of_bars(tmp_path, bars, gaps=(known,)) == []
    longer = AllowedGap(START + 2 * STEP, 3, "maintenance")
    assert rules(of_bars(tmp_path, bars, gaps=(longer,))) == ["data.gap", "data.gap_not_there"]


def test_long_lists_are_cut_with_the_exact_number(tmp_path: Path) -> None:
    found = of_bars(tmp_path, [bar(3 * index) for index in range(100)])
    assert len(found) == 21
    assert found[-1].observed.startswith("79 more of this kind, this the first: ")


@settings(max_examples=60, deadline=None)
@given(kept=st.sets(st.integers(0, 80), min_size=2), offset=st.integers(-(2**61), 2**61), seed=st.randoms())
def test_gaps_account_for_every_missing_bar_in_any_order(kept: set[int], offset: int, seed: Any) -> None:
    slots = sorted(kept)
    seed.shuffle(slots)
    times = np.array([offset + slot * STEP for slot in slots], dtype=np.int64)
    gaps = find_gaps(times, np.arange(len(slots)), STEP)
    missing = {(gap.first_missing - offset) // STEP + extra for gap in gaps for extra in range(gap.bars)}
    assert missing == set(range(min(kept), max(kept) + 1)) - kept
    for gap in gaps:
        assert slots[gap.after] - slots[gap.before] == gap.bars + 1


# Numbers.


@pytest.mark.parametrize(
    ("field", "value", "rule", "observed"),
    [
        ("c", None, "data.null", "null (a NaN written as JSON?)"),
        ("c", "11.0", "data.not_a_number", '"11.0"'),
        ("c", True, "data.not_a_number", "true"),
        ("l", 0, "data.price", "0.0"),
        ("l", -0.5, "data.price", "-0.5"),
        ("v", -1e-9, "data.volume", "-1e-09"),
        ("t", 1.5, "data.time_not_whole", "1.5"),
        ("t", 2**62, "data.time_range", f'"{2**62}"'),
        ("t", None, "data.null", "null (a NaN written as JSON?)"),
    ],
)
def test_a_cell_that_cannot_be(tmp_path: Path, field: str, value: object, rule: str, observed: str) -> None:
    found = of_bars(tmp_path, [bar(0), bar(1), bar(2, **{field: value})])
    assert [(f.where, f.rule, f.observed) for f in found] == [(f"bars.json#/bars/2/{field}", rule, observed)]


def test_a_volume_of_nothing_is_one(tmp_path: Path) -> None:
    assert of_bars(tmp_path, [bar(0), bar(1, v=0)]) == []


def test_an_absent_field_and_a_bar_that_is_none(tmp_path: Path) -> None:
    without = bar(1)
    del without["h"]
    assert [(f.where, f.rule) for f in of_bars(tmp_path, [bar(0), without])] == [
        ("bars.json#/bars/1/h", "data.field_missing")
    ]
    assert rules(of_bars(tmp_path, [bar(0), 7])) == ["data.bar_shape"]


@pytest.mark.parametrize(
    ("prices", "wrong"),
    [
        ({"o": 10, "h": 10, "l": 10, "c": 10}, []),
        ({"o": 10, "h": 9.99, "l": 9, "c": 9}, ["h"]),
        ({"o": 9, "h": 9.99, "l": 9, "c": 10}, ["h"]),
        ({"o": 10, "h": 11, "l": 10.01, "c": 11}, ["l"]),
        ({"o": 11, "h": 11, "l": 10.01, "c": 10}, ["l"]),
        ({"o": 10, "h": 9, "l": 12, "c": 10}, ["h", "l"]),
    ],
)
def test_high_and_low_enclose_open_and_close(tmp_path: Path, prices: dict[str, Any], wrong: list[str]) -> None:
    found = of_bars(tmp_path, [bar(0), bar(1, **prices)])
    assert [(f.where, f.rule) for f in found] == [(f"bars.json#/bars/1/{key}", "data.ohlc") for key in wrong]


def test_integers_beyond_a_double_are_compared_as_integers(tmp_path: Path) -> None:
    big = 2**53
    fine = {"o": big, "h": big + 1, "l": big, "c": big + 1}
    assert of_bars(tmp_path, [bar(0), bar(1, **fine)]) == []
    broken = fine | {"h": big}  # as doubles, high and close would be equal
    assert rules(of_bars(tmp_path, [bar(0), bar(1, **broken)])) == ["data.ohlc"]


def test_decimal_text_is_refused_unless_declared_and_then_exact(tmp_path: Path) -> None:
    texts = {"o": "10.00000000000000000001", "h": "10.00000000000000000002", "l": "10", "c": "10", "v": "0"}
    bars = [bar(index) | texts for index in range(2)]
    assert set(rules(of_bars(tmp_path, bars))) == {"data.not_a_number"}
    as_text = [one | {"t": str(one["t"])} for one in bars]
    assert of_bars(tmp_path, as_text, decimal_text=True) == []
    as_text[1]["h"] = "10.00000000000000000000"
    assert rules(of_bars(tmp_path, as_text, decimal_text=True)) == ["data.ohlc"]


def test_sixteen_digits_are_more_than_a_double_keeps_apart() -> None:
    left, right = of_values(["1.0000000000000000"], text=True), of_values(["1.0000000000000001"], text=True)
    assert (left.values < right.values).tolist() == [True]


_DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**6), max_value=10**6, places=18)


@settings(max_examples=80, deadline=None)
@given(pairs=st.lists(st.tuples(_DECIMALS, _DECIMALS), min_size=1, max_size=6))
def test_columns_of_text_compare_as_the_decimals_they_are(pairs: list[tuple[Decimal, Decimal]]) -> None:
    left = of_values([format(one, "f") for one, _ in pairs], text=True)
    right = of_values([format(other, "f") for _, other in pairs], text=True)
    assert (left.values < right.values).tolist() == [one < other for one, other in pairs]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.one_of(st.integers(-(2**70), 2**70), st.floats(allow_nan=False, allow_infinity=False)), min_size=2))
def test_columns_of_numbers_compare_as_the_numbers_they_are(numbers: list[int | float]) -> None:
    column = of_values(numbers, text=False)
    expected = [one < other for one, other in pairwise(numbers)]
    assert (column.values[:-1] < column.values[1:]).tolist() == expected


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ("", "data.null"), (" ", "data.null"), ("NaN", "data.not_finite"), ("-inf", "data.not_finite"),
        ("1e999999999999999999999", "data.not_finite"), ("1e-999999999999", "data.not_finite"),
        ("1_000", "data.not_a_number"), ("0x10", "data.not_a_number"), ("01", "data.not_a_number"),
        ("1,5", "data.not_a_number"),
    ],
)  # fmt: skip
def test_text_that_is_no_number(cell: str, rule: str) -> None:
    assert [bad.rule for bad in of_values(["1", cell], text=True).bad] == [rule]


def test_text_below_a_double_is_not_taken_for_nothing() -> None:
    column = of_values(["0." + "0" * 350 + "1"], text=True)
    assert column.bad == ()
    assert column.values[0] > 0


def test_arrays_with_nulls_and_infinities() -> None:
    values = np.ma.masked_array([1.0, 2.0, np.inf, np.nan], mask=[False, True, False, False])
    column = of_array(values)
    assert [(bad.index, bad.rule) for bad in column.bad] == [
        (1, "data.null"),
        (2, "data.not_finite"),
        (3, "data.not_finite"),
    ]
    assert column.valid.tolist() == [True, False, False, False]


def test_times_are_whole_numbers_of_64_bits() -> None:
    column = times_of([1, 2**62 - 1, -(2**62), 1.0, Decimal(1)], text=False)
    assert column.values[:2].tolist() == [1, 2**62 - 1]
    assert [bad.index for bad in column.bad] == [2, 3, 4]


# How many.


@pytest.mark.parametrize(
    ("length", "expected"), [(0, ["data.no_bars"]), (1, ["data.too_few_bars"]), (4, ["data.too_few_bars"]), (5, [])]
)
def test_enough_bars(tmp_path: Path, length: int, expected: list[str]) -> None:
    assert rules(of_bars(tmp_path, [bar(index) for index in range(length)], minimum=5)) == expected


@pytest.mark.parametrize(("stated", "expected"), [(3, []), (2, ["data.count"]), (4, ["data.count"])])
def test_the_declared_number_of_bars(tmp_path: Path, stated: int, expected: list[str]) -> None:
    assert rules(of_bars(tmp_path, [bar(index) for index in range(3)], count=stated)) == expected


@pytest.mark.parametrize("stated", ["3", None, 3.0, True])
def test_a_number_of_bars_that_is_none(tmp_path: Path, stated: object) -> None:
    (tmp_path / "bars.json").write_text(json.dumps({"bars": [bar(0), bar(1), bar(2)], "n": stated}), "utf-8")
    assert rules(findings(tmp_path, dataset(count="/n"))) == ["data.count_missing"]
    assert rules(findings(tmp_path, dataset(count="/m"))) == ["data.count_missing"]


# Digests.


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def judged(root: Path, **other: Any) -> list[tuple[str, str]]:
    (root / "data").mkdir(exist_ok=True)
    (root / "data/bars.json").write_text(json.dumps({"bars": [bar(0), bar(1)]}), "utf-8")
    declared = dataset(files=("data/bars.json",), **other)
    return [(finding.where, finding.rule) for finding in judge_dataset(declared, no_run, root).findings]


def test_a_digest_is_declared_or_the_check_holds(tmp_path: Path) -> None:
    assert judged(tmp_path) == [("data/bars.json", "data.sha256_not_declared")]
    right = digest(tmp_path / "data/bars.json")
    assert judged(tmp_path, sha256=f"sha256:{right}") == []
    assert judged(tmp_path, sha256=f"sha256:{'0' * 64}") == [("data/bars.json", "data.sha256")]


@pytest.mark.parametrize("line", ["{} *bars.json", "{}  bars.json", "# of July\n\n{}  ./bars.json\n"])
def test_a_checksum_file_names_files_beside_it(tmp_path: Path, line: str) -> None:
    judged(tmp_path)
    (tmp_path / "data/SUMS").write_text(line.format(digest(tmp_path / "data/bars.json")) + "\n", "utf-8")
    assert judged(tmp_path, checksums="data/SUMS") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [("data/SUMS", "data.checksum_missing")]),
        (f"{'0' * 64}  bars.json\n", [("data/bars.json", "data.sha256")]),
        (f"{'0' * 63}  bars.json\n", [("data/SUMS:1", "data.checksum_line"), ("data/SUMS", "data.checksum_missing")]),
        (f"{'0' * 64}  other/bars.json\n", [("data/SUMS", "data.checksum_missing")]),
    ],
)
def test_a_checksum_file_that_does_not_vouch(tmp_path: Path, text: str, expected: list[tuple[str, str]]) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/SUMS").write_text(text, "utf-8")
    assert judged(tmp_path, checksums="data/SUMS") == expected


def test_two_digests_for_one_file_vouch_for_none(tmp_path: Path) -> None:
    judged(tmp_path)
    lines = f"{digest(tmp_path / 'data/bars.json')}  bars.json\n{'0' * 64}  bars.json\n"
    (tmp_path / "data/SUMS").write_text(lines, "utf-8")
    assert judged(tmp_path, checksums="data/SUMS") == [("data/bars.json", "data.sha256")]


def test_a_checksum_file_that_is_not_there(tmp_path: Path) -> None:
    assert judged(tmp_path, checksums="data/SUMS") == [("data/SUMS", "artefact.unreadable")]


# Formats.


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ('{"bars": [{"t": NaN}]}', "json.not_finite"), ("{", "json.syntax"), ('{"bars": {}}', "data.no_array"),
        ("[]", "data.no_array"), ('{"bars": [], "bars": []}', "json.duplicate_key"),
    ],
)  # fmt: skip
def test_json_that_holds_no_bars(tmp_path: Path, text: str, rule: str) -> None:
    (tmp_path / "bars.json").write_text(text, "utf-8")
    assert rules(findings(tmp_path, dataset())) == [rule]


def test_a_file_that_is_not_there_needs_no_run(tmp_path: Path) -> None:
    from gatecourt.core.errors import Judged

    with pytest.raises(Judged) as caught:
        judge_dataset(dataset(), no_run, tmp_path)
    assert caught.value.finding.rule == "artefact.unreadable"


def test_bars_as_arrays(tmp_path: Path) -> None:
    bars = [[START + index * STEP, 10, 12, 9, 11] for index in range(3)]
    bars[1].pop()
    (tmp_path / "bars.json").write_text(json.dumps(bars), "utf-8")
    declared = dataset(pointer="", fields=Fields("0", "1", "2", "3", "4"))
    assert [(f.where, f.rule) for f in findings(tmp_path, declared)] == [("bars.json#/1/4", "data.field_missing")]


def csv_of(root: Path, text: str) -> list[tuple[str, str]]:
    (root / "bars.csv").write_bytes(text.encode())
    declared = dataset(files=("bars.csv",), format="csv", pointer="")
    return [(finding.where, finding.rule) for finding in findings(root, declared)]


def test_csv_is_reported_by_line(tmp_path: Path) -> None:
    lines = [f"{START + index * STEP},10,12,9,11.50,0" for index in range(3)]
    assert csv_of(tmp_path, "t,o,h,l,c,v\n" + "\n".join(lines) + "\n") == []
    lines[1] = f"{START + STEP},10,11,9,11.5,NaN"
    assert csv_of(tmp_path, '"t",o,h,l,c,v\r\n' + "\r\n".join(lines)) == [
        ("bars.csv:3#/v", "data.not_finite"),
        ("bars.csv:3#/h", "data.ohlc"),
    ]


@pytest.mark.parametrize(
    ("text", "where", "rule"),
    [
        ("", "bars.csv:1", "data.csv_header"), ("t,o,h,l,c,c\n", "bars.csv:1", "data.csv_header"),
        ("t,o,h,l,c\n", "bars.csv:1#/v", "data.field_missing"), ("t,o,h,l,c,v\n1,2\n", "bars.csv:2", "data.csv_cells"),
        ('t,o,h,l,c,v\n"1"x,2,3,4,5,6\n', "bars.csv:2", "data.csv_syntax"),
        ("t,o,h,l,c,v\n", "bars.csv", "data.no_bars"),
    ],
)  # fmt: skip
def test_csv_that_holds_no_bars(tmp_path: Path, text: str, where: str, rule: str) -> None:
    assert csv_of(tmp_path, text) == [(where, rule)]


def parquet_of(root: Path, select: str, **other: Any) -> list[tuple[str, str]]:
    (root / "bars.parquet").unlink(missing_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({select}) TO '{root / 'bars.parquet'}' (FORMAT parquet)")
    declared = dataset(files=("bars.parquet",), format="parquet", pointer="", **other)
    return [(finding.where, finding.rule) for finding in findings(root, declared)]


BARS = f"SELECT {START} + i * {STEP} AS t, 10.0::DOUBLE AS o, 12 AS h, 9::FLOAT AS l, 11::DECIMAL(38, 20) AS c, 0 AS v"


def test_parquet_is_reported_by_row(tmp_path: Path) -> None:
    assert parquet_of(tmp_path, f"{BARS} FROM range(5) r(i)") == []
    null = f"CASE WHEN t > {START + 3 * STEP} THEN NULL ELSE o END"
    broken = f"SELECT * REPLACE ({null} AS o) FROM ({BARS} FROM range(5) r(i))"
    assert parquet_of(tmp_path, broken) == [("bars.parquet/row 5#/o", "data.null")]
    gap = f"{BARS} FROM range(5) r(i) WHERE i <> 2"
    assert parquet_of(tmp_path, gap) == [("bars.parquet/row 3#/t", "data.gap")]


def test_a_price_that_is_no_number_accuses_no_other(tmp_path: Path) -> None:
    broken = f"SELECT * REPLACE ('infinity'::DOUBLE AS o, 'nan'::FLOAT AS l) FROM ({BARS} FROM range(2) r(i))"
    assert {rule for _, rule in parquet_of(tmp_path, broken)} == {"data.not_finite"}


def test_parquet_decimals_beyond_a_double(tmp_path: Path) -> None:
    close = "12.00000000000000000001::DECIMAL(38, 20)"
    broken = f"SELECT * REPLACE ({close} AS c) FROM ({BARS} FROM range(2) r(i))"
    assert parquet_of(tmp_path, broken) == [
        ("bars.parquet/row 1#/h", "data.ohlc"),
        ("bars.parquet/row 2#/h", "data.ohlc"),
    ]


@pytest.mark.parametrize("kind", ["TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_S", "TIMESTAMPTZ"])
def test_parquet_timestamps(tmp_path: Path, kind: str) -> None:
    stamped = f"SELECT * REPLACE (make_timestamp(t * 1000)::{kind} AS t) FROM ({BARS} FROM range(5) r(i) WHERE i <> 3)"
    assert parquet_of(tmp_path, stamped) == [("bars.parquet/row 4#/t", "data.gap")]
    assert parquet_of(tmp_path, stamped, unit="s") == [("bars.parquet/row 4#/t", "data.gap")]


def test_parquet_timestamps_finer_than_the_unit(tmp_path: Path) -> None:
    stamped = f"SELECT * REPLACE (make_timestamp(t * 1000 + 1) AS t) FROM ({BARS} FROM range(5) r(i))"
    assert parquet_of(tmp_path, stamped) == [("bars.parquet#/t", "data.time_unit")]


def test_parquet_that_is_none_or_lacks_a_column(tmp_path: Path) -> None:
    assert parquet_of(tmp_path, f"SELECT * EXCLUDE (v) FROM ({BARS} FROM range(5) r(i))") == [
        ("bars.parquet#/v", "data.field_missing")
    ]
    (tmp_path / "bars.parquet").write_bytes(b"PAR1 no")
    declared = dataset(files=("bars.parquet",), format="parquet", pointer="")
    found = findings(tmp_path, declared)
    assert rules(found) == ["data.parquet"]
    assert "/tmp" not in found[0].observed


def test_artefacts_by_pattern(tmp_path: Path) -> None:
    for name in ("b.json", "a.json"):
        (tmp_path / name).write_text(json.dumps({"bars": [bar(0)]}), "utf-8")
    run = Run(tmp_path, {name: Subject(name, "0" * 64, 1) for name in ("b.json", "a.json")})
    judgement = judge_dataset(dataset(files=("*.json",), origin="artefacts"), lambda: run, Path("nowhere"))
    short = [finding.where for finding in judgement.findings if finding.rule == "data.too_few_bars"]
    assert short == ["a.json", "b.json"]
    nothing = judge_dataset(dataset(files=("*.csv",), origin="artefacts"), lambda: run, Path("nowhere"))
    assert [finding.rule for finding in nothing.findings] == ["artefact.none"]


# Declarations.


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"interval": Decimal("0.0005")}, "interval: expected a whole number of ms above 0, found 0.0005 s"),
        ({"interval": Decimal(0)}, "interval: expected a whole number of ms above 0, found 0 s"),
        ({"format": "csv"}, "a pointer needs format json; the format is csv"),
        ({"format": "csv", "pointer": "", "count": "/n"}, "a pointer needs format json; the format is csv"),
        ({"sha256": "sha256:" + "0" * 64, "checksums": "S"}, "given twice"),
        ({"sha256": "sha256:" + "0" * 64, "files": ("a.json", "b.json")}, "one file named in full"),
        ({"sha256": "sha256:" + "0" * 64, "files": ("*.json",), "origin": "artefacts"}, "one file named in full"),
        ({"files": ("a.json", "*.json")}, r"is named in full, found the pattern '\*\.json'"),
    ],
)
def test_a_declaration_that_contradicts_itself(other: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        dataset(**other)


def test_every_limited_key_is_reported_at_once() -> None:
    names = {"time": "t", "open": "", "high": "h", "low": "l", "close": "c", "other": ["x", " "]}
    table = {
        "files": [], "format": "json", "fields": names, "interval": "5 min", "unit": "ms", "pointer": "bars",
        "sha256": "abc", "checksums": "../S", "count": "n", "minimum": 1,
        "gaps": [{"first_missing": 1, "bars": 0, "reason": " "}],
    }  # fmt: skip
    _, problems = bind(Dataset, table, "data.x")
    assert [(one.at.removeprefix("data.x."), one.expected) for one in problems] == [
        ("files", "at least one entry"),
        ("fields.open", "a text that is not blank"),
        ("fields.other[1]", "a text that is not blank"),
        ("pointer", 'a JSON pointer such as "/a/b"'),
        ("sha256", '"sha256:" and 64 lower-case hex digits'),
        ("checksums", "the full name of a file below the target's root, without wildcards and '..'"),
        ("count", 'an integer or a JSON pointer such as "/a/b"'),
        ("minimum", "at least 2"),
        ("gaps[0].bars", "a whole number of at least 1"),
        ("gaps[0].reason", "a text that is not blank"),
    ]


def test_names_of_fields_and_datasets() -> None:
    with pytest.raises(ValueError, match="each field needs a name of its own, found 't', 'o', 'h', 'l', 'o'"):
        Fields("t", "o", "h", "l", "o")
    _, problems = bind(DataSection, {"data": {}})
    assert [str(one) for one in problems] == ["data: expected at least one entry, found none"]
    assert dataset_names(DataSection({"b": dataset(), "a": dataset()})) == ["a", "b"]


# What follows.


def test_files_behind_one_that_cannot_be_read_are_judged(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{", "utf-8")
    (tmp_path / "b.json").write_text(json.dumps({"bars": [bar(0), bar(2)]}), "utf-8")
    (tmp_path / "c.json").write_text(json.dumps({"bars": [bar(0), bar(1)]}), "utf-8")
    judgement = judge_dataset(dataset(files=("a.json", "b.json", "c.json")), no_run, tmp_path)
    assert [(one.where, one.rule) for one in judgement.findings] == [
        ("a.json:1", "json.syntax"),
        ("b.json#/bars/1/t", "data.gap"),
        ("a.json", "data.sha256_not_declared"),
        ("b.json", "data.sha256_not_declared"),
        ("c.json", "data.sha256_not_declared"),
    ]
    assert judgement.parameters == {
        "interval": "300000 ms",
        "bars": {"a.json": None, "b.json": {"there": 2, "missing": 1}, "c.json": {"there": 2, "missing": 0}},
    }


def test_every_cell_and_every_price_behind_a_bad_one_is_judged(tmp_path: Path) -> None:
    bars = [
        bar(0, o=None),
        bar(1, o="x", h=None),
        bar(2, l=-1),
        bar(3, h=8),
        bar(4, v=-1),
        bar(5, c=None),
        bar(6, v=None),
    ]
    del bars[5]["v"]
    found = [
        (one.where.removeprefix("bars.json#/bars/"), one.expected, one.observed) for one in of_bars(tmp_path, bars)
    ]
    assert found == [
        ("0/o", "a number", "null (a NaN written as JSON?)"),
        ("1/o", "a number", '"x"'),
        ("1/h", "a number", "null (a NaN written as JSON?)"),
        ("5/c", "a number", "null (a NaN written as JSON?)"),
        ("5/v", "the field", "absent"),
        ("6/v", "a number", "null (a NaN written as JSON?)"),
        ("2/l", "a price above 0", "-1.0"),
        ("4/v", "0 or more", "-1.0"),
        ("3/h", "at least o 10.0, c 11.0, l 9.0", "8.0"),
    ]


def test_times_behind_a_bad_one_are_judged(tmp_path: Path) -> None:
    bars = [bar(0, t=None), bar(1), bar(2, t="x"), bar(3, t=2**62), bar(4), bar(5, t=0.5), bar(6), bar(8)]
    found = [(one.where.removeprefix("bars.json#/bars/"), one.rule) for one in of_bars(tmp_path, bars)]
    assert found == [
        ("0/t", "data.null"),
        ("2/t", "data.not_a_number"),
        ("3/t", "data.time_range"),
        ("5/t", "data.time_not_whole"),
        ("4/t", "data.gap"),
        ("6/t", "data.gap"),
        ("7/t", "data.gap"),
    ]


def test_known_gaps_before_and_behind_one_that_is_not_there(tmp_path: Path) -> None:
    bars = [bar(0), bar(2), bar(4), bar(6), bar(9)]
    gaps = tuple(AllowedGap(START + at * STEP, number, "night") for at, number in ((1, 1), (4, 1), (5, 1), (7, 3)))
    found = [(one.where, one.expected, one.observed) for one in of_bars(tmp_path, bars, gaps=gaps)]
    assert found == [
        ("bars.json#/bars/2/t", str(START + 3 * STEP), f"{START + 4 * STEP}: 1 bar is missing between bars 1 and 2"),
        ("bars.json#/bars/4/t", str(START + 7 * STEP), f"{START + 9 * STEP}: 2 bars are missing between bars 3 and 4"),
        ("bars.json", f"1 bars missing from {START + 4 * STEP}, as declared (night)", "no such gap"),
        ("bars.json", f"3 bars missing from {START + 7 * STEP}, as declared (night)", "no such gap"),
    ]


def test_the_texts_of_counts(tmp_path: Path) -> None:
    [few] = of_bars(tmp_path, [bar(0)], minimum=3)
    assert (few.where, few.expected, few.observed) == ("bars.json", "at least 3 bars", "1 bar")
    [few] = of_bars(tmp_path, [bar(0), bar(1)], minimum=3)
    assert few.observed == "2 bars"
    [none] = of_bars(tmp_path, [])
    assert (none.expected, none.observed) == ("at least 2 bars", "no bar")
    [other] = of_bars(tmp_path, [bar(0), bar(1)], count=3)
    assert (other.where, other.expected, other.observed) == ("bars.json", "2, the number of bars", "3")
    (tmp_path / "bars.json").write_text(json.dumps({"bars": [bar(0), bar(1)], "n": 3, "m": "2"}), "utf-8")
    assert findings(tmp_path, dataset(count="/n")) == [
        Finding("bars.json#/n", "2, the number of bars", "3", "data.count")
    ]
    assert findings(tmp_path, dataset(count="/m")) == [
        Finding("bars.json#/m", "a whole number of bars", '"2"', "data.count_missing")
    ]
    assert findings(tmp_path, dataset(count="/gone")) == [
        Finding("bars.json#/gone", "the number of bars", "absent", "data.count_missing")
    ]


def test_a_checksum_file_is_read_behind_comments_and_bad_lines(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(json.dumps({"bars": [bar(0), bar(1)]}), "utf-8")
    good = f"{digest(tmp_path / 'a.json')}  a.json"
    (tmp_path / "SUMS").write_text(f"# night\n\nzz  a.json\n{'0' * 64}  b.json\n{good}\n", "utf-8")
    judgement = judge_dataset(dataset(files=("a.json", "b.json"), checksums="SUMS"), no_run, tmp_path)
    assert judgement.findings == (
        Finding("SUMS:3", "64 hex digits, two spaces and a name", '"zz  a.json"', "data.checksum_line"),
        Finding("b.json", f"sha256:{'0' * 64}", f"sha256:{digest(tmp_path / 'b.json')}", "data.sha256"),
    )
    assert [one.name for one in judgement.subjects] == ["a.json", "b.json", "SUMS"]
