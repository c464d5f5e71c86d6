"""Both sides of a reconciliation, compared exactly: codes, bounds, unreadable values, missing sides."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Run
from gatecourt.formats import pointer
from gatecourt.formats.files import subject
from gatecourt.rules.reconciliation.bounds import ToleranceBounds
from gatecourt.rules.reconciliation.checks import judge_halt, judge_orders
from gatecourt.rules.reconciliation.section import (
    AccuracySeries,
    DeclaredTolerances,
    FeeTolerance,
    FillFields,
    NetworkWatch,
    OrderFields,
    OrderSource,
    ReconciliationReport,
    ReconciliationSection,
    ReportedStatus,
    ReportedTolerances,
)
from gatecourt.system.manifest.binding import bind

Sides = dict[str, list[Any]]

ORDERS = {
    "adapter": [
        {
            "id": "A",
            "state": "FILLED",
            "ts": 1000,
            "fills": [
                {"id": "A/1", "qty": 2, "price": 100, "fee": 0.5, "ts": 990},
                {"id": "A/2", "qty": 1, "price": 101, "fee": 0.25, "ts": 1000},
            ],
        },
        {"id": "B", "state": "CANCELED", "ts": 2000, "fills": []},
    ]
}


def both() -> Sides:
    return {"adapter": copy.deepcopy(ORDERS["adapter"]), "expected": copy.deepcopy(ORDERS["adapter"])}


def section(**other: Any) -> ReconciliationSection:
    given_fields: dict[str, Any] = {
        "adapter": OrderSource(("orders.json",), "/adapter"),
        "expected": OrderSource(("orders.json",), "/expected"),
        "order": OrderFields("/id", "/state", "/ts", fills="/fills"),
        "fill": FillFields("/qty", "/price", "/fee", "/ts", "/id"),
        "tolerances": DeclaredTolerances(
            Decimal("0.001"), FeeTolerance(Decimal("0.0001"), Decimal("1e-6")), Decimal("1e-8"), Decimal(1)
        ),
        "unit": "ms",
        "halt_above": 10,
    }
    return ReconciliationSection(**(given_fields | other))


def run_of(root: Path) -> Run:
    paths = sorted(path for path in root.rglob("*") if path.is_file())
    names = [path.relative_to(root).as_posix() for path in paths]
    return Run(root, {name: subject(root / name, name) for name in names})


def found(root: Path, sides: object, **other: Any) -> tuple[Finding, ...]:
    text = sides if isinstance(sides, str) else json.dumps(sides)
    (root / "orders.json").write_text(text, "utf-8")
    return judge_orders(section(**other), run_of(root), root).findings


def places_and_rules(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(finding.where.removeprefix("orders.json#"), finding.rule.partition(".")[2]) for finding in findings]


def put(at: str, value: object) -> Callable[[Sides], None]:
    def edit(sides: Sides) -> None:
        *steps, last = pointer.split(at)
        holder: Any = pointer.get(sides, pointer.join(steps))
        if isinstance(holder, list):
            holder[int(last) :] = [value, *holder[int(last) + 1 :]]
        else:
            holder[last] = value

    return edit


def drop(at: str) -> Callable[[Sides], None]:
    def edit(sides: Sides) -> None:
        *steps, last = pointer.split(at)
        holder: Any = pointer.get(sides, pointer.join(steps))
        del holder[int(last) if isinstance(holder, list) else last]

    return edit


FIRST = ORDERS["adapter"][0]["fills"][0]  # type: ignore[index]
STRAY = {"id": "Z", "state": "NEW", "ts": 5, "fills": [{**FIRST, "id": "Z/1"}]}


def test_equal_sides_match(tmp_path: Path) -> None:
    assert found(tmp_path, both()) == ()


# Eight codes.


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (put("/adapter/0/fills/0/price", 100.2), [("/adapter/0/fills/0/price", "price_mismatch")]),
        (put("/adapter/0/fills/0/price", -100), [("/adapter/0/fills/0/price", "price_mismatch")]),
        (put("/adapter/0/fills/1/fee", 25), [("/adapter/0/fills/1/fee", "fee_mismatch")]),
        (put("/adapter/0/fills/1/qty", 1.1), [("/adapter/0/fills/1/qty", "qty_mismatch")]),
        (put("/adapter/0/ts", 2001), [("/adapter/0/ts", "timestamp_drift")]),
        (put("/adapter/0/fills/0/ts", 1991), [("/adapter/0/fills/0/ts", "timestamp_drift")]),
        (put("/adapter/1/state", "NEW"), [("/adapter/1", "order_state_drift")]),
        (drop("/adapter/0/fills/1"), [("/expected/0/fills/1", "missing_fill")]),
        (put("/adapter/0/fills/2", FIRST), [("/adapter/0/fills/2", "dup_fill")]),
        (put("/adapter/0/fills/2", {**FIRST, "id": "?"}), [("/adapter/0/fills/2", "unexpected_fill")]),
        (
            put("/adapter/0/fills/0", {**FIRST, "id": "?"}),
            [("/adapter/0/fills/0", "unexpected_fill"), ("/expected/0/fills/0", "missing_fill")],
        ),
        (
            drop("/adapter/0"),
            [
                ("/expected/0", "order_state_drift"),
                ("/expected/0/fills/0", "missing_fill"),
                ("/expected/0/fills/1", "missing_fill"),
            ],
        ),
        (
            put("/adapter/2", STRAY),
            [("/adapter/2", "order_state_drift"), ("/adapter/2/fills/0", "unexpected_fill")],
        ),
    ],
)
def test_each_disagreement_has_its_code_and_place(
    tmp_path: Path, edit: Callable[[Sides], None], expected: list[tuple[str, str]]
) -> None:
    sides = both()
    edit(sides)
    assert places_and_rules(found(tmp_path, sides)) == expected


def test_a_finding_names_both_values_and_the_tolerance(tmp_path: Path) -> None:
    sides = both()
    put("/adapter/0/fills/0/price", 100.2)(sides)
    (finding,) = found(tmp_path, sides)
    assert (finding.expected, finding.observed) == ("A A/1: price 100, give or take 0.1", "100.2")


def test_the_order_of_orders_and_fills_does_not_matter(tmp_path: Path) -> None:
    sides = both()
    sides["adapter"].reverse()
    sides["adapter"][1]["fills"].reverse()
    assert found(tmp_path, sides) == ()


def test_a_fill_booked_on_another_order_is_missing_here_and_unexpected_there(tmp_path: Path) -> None:
    sides = both()
    sides["adapter"][1]["fills"].append(sides["adapter"][0]["fills"].pop())
    assert places_and_rules(found(tmp_path, sides)) == [
        ("/expected/0/fills/1", "missing_fill"),
        ("/adapter/1/fills/0", "unexpected_fill"),
    ]


# ToleranceBounds, exactly.

_PRICE = st.decimals(min_value="1e-9", max_value="1e9", places=9)


@settings(max_examples=200, deadline=None)
@given(expected=_PRICE, tolerance=st.decimals(min_value=0, max_value="0.99", places=6), sign=st.sampled_from([1, -1]))
def test_the_bound_is_inside_and_the_next_number_is_not(expected: Decimal, tolerance: Decimal, sign: int) -> None:
    bounds = ToleranceBounds(DeclaredTolerances(tolerance, FeeTolerance(tolerance), tolerance, tolerance), "ns")
    epsilon = Decimal("1e-40")
    with localcontext(prec=200):
        for kind, bound in (
            ("price", expected * tolerance),
            ("fee", expected * tolerance),
            ("qty", tolerance),
            ("time", tolerance * 10**9),
        ):
            assert bounds.holds(kind, expected, expected + sign * bound)
            assert not bounds.holds(kind, expected, expected + sign * (bound + epsilon))
            assert bounds.holds(kind, expected, expected + sign * (bound - epsilon)) is (bound > 0)


@pytest.mark.parametrize(
    ("at", "text", "passes"),
    [
        ("price", "100.1", True),
        ("price", "99.9", True),
        ("price", "100.10000000000000000000000000000000001", False),
        ("price", "99.89999999999999999999999999999999999", False),
        ("fee", "0.50005", True),
        ("fee", "0.50005000000000000000000000000001", False),
        ("qty", "2.00000001", True),
        ("qty", "2.000000010000000000000000000000000001", False),
        ("ts", "1990", True),
        ("ts", "1990.00000000000000000000000000001", False),
        ("ts", "-10", True),
        ("ts", "-11", False),
    ],
)
def test_numbers_are_compared_as_they_are_written(tmp_path: Path, at: str, text: str, passes: bool) -> None:
    sides = both()
    sides["adapter"][0]["fills"][0][at] = "HERE"
    assert (found(tmp_path, json.dumps(sides).replace('"HERE"', text)) == ()) is passes


@pytest.mark.parametrize(("fee", "passes"), [("0.000001", True), ("0.00000100000001", False), ("-0.000001", True)])
def test_a_small_fee_is_judged_by_the_absolute_bound(tmp_path: Path, fee: str, passes: bool) -> None:
    sides = both()
    sides["adapter"][0]["fills"][0]["fee"] = "HERE"
    sides["expected"][0]["fills"][0]["fee"] = 0
    assert (found(tmp_path, json.dumps(sides).replace('"HERE"', fee)) == ()) is passes


# Values that cannot be read.


@pytest.mark.parametrize("side", ["adapter", "expected"])
@pytest.mark.parametrize("at", ["/0/fills/0/price", "/0/fills/0/fee", "/0/fills/1/qty", "/0/ts", "/0/fills/0/ts"])
@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("NaN", "json.not_finite"),
        ("-Infinity", "json.not_finite"),
        ("1e999", "json.not_finite"),
        ("null", "reconciliation.value_missing"),
        ('"100"', "reconciliation.value_not_a_number"),
        ("true", "reconciliation.value_not_a_number"),
        ("[]", "reconciliation.value_not_a_number"),
        (None, "reconciliation.value_missing"),
    ],
)
def test_a_value_that_is_no_number_never_matches(
    tmp_path: Path, side: str, at: str, text: str | None, rule: str
) -> None:
    sides = both()
    place = f"/{side}{at}"
    (drop(place) if text is None else put(place, "HERE"))(sides)
    findings = found(tmp_path, json.dumps(sides).replace('"HERE"', text or ""))
    assert [(finding.where, finding.rule) for finding in findings] == [(f"orders.json#{place}", rule)]
    assert judge_halt(section(halt_above=0), run_of(tmp_path), tmp_path).findings[0].observed == "A"


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (drop("/adapter/0/id"), ("/adapter/0/id", "value_missing")),
        (put("/adapter/0/id", ""), ("/adapter/0/id", "value_missing")),
        (put("/adapter/0/id", 1.5), ("/adapter/0/id", "value_missing")),
        (put("/adapter/0/state", None), ("/adapter/0/state", "value_missing")),
        (put("/adapter/0/fills", None), ("/adapter/0/fills", "value_missing")),
        (drop("/adapter/0/fills"), ("/adapter/0/fills", "value_missing")),
        (put("/adapter/0/fills/0", 7), ("/adapter/0/fills/0", "not_a_record")),
        (drop("/adapter/0/fills/0/id"), ("/adapter/0/fills/0/id", "value_missing")),
        (put("/adapter/0", "A"), ("/adapter/0", "not_a_record")),
        (put("/adapter/2", ORDERS["adapter"][0]), ("/adapter/2", "duplicate_id")),
        (put("/expected/2", ORDERS["adapter"][1]), ("/expected/2", "duplicate_id")),
        (put("/expected/0/fills/2", FIRST), ("/expected/0/fills/2", "duplicate_id")),
    ],
)
def test_an_order_that_cannot_be_read(tmp_path: Path, edit: Callable[[Sides], None], expected: tuple[str, str]) -> None:
    sides = both()
    edit(sides)
    assert places_and_rules(found(tmp_path, sides))[0] == expected
    halt = judge_halt(section(halt_above=0), run_of(tmp_path), tmp_path).findings
    assert [finding.rule for finding in halt] == ["reconciliation.halt"]


def test_a_mismatch_beside_an_unreadable_value_is_found_too(tmp_path: Path) -> None:
    sides = both()
    put("/adapter/0/fills/0/price", "HERE")(sides)
    put("/adapter/0/fills/0/qty", 3)(sides)
    put("/adapter/1/state", "NEW")(sides)
    findings = found(tmp_path, json.dumps(sides).replace('"HERE"', "NaN"))
    assert [finding.rule.partition(".")[2] for finding in findings] == [
        "not_finite",
        "qty_mismatch",
        "order_state_drift",
    ]


# Missing sides.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"adapter": [], "expected": []}', [("/adapter", "no_orders"), ("/expected", "no_orders")]),
        ('{"expected": []}', [("/adapter", "side_missing")]),
        ('{"adapter": 7, "expected": []}', [("/adapter", "side_missing")]),
    ],
)
def test_nothing_to_compare(tmp_path: Path, text: str, expected: list[tuple[str, str]]) -> None:
    assert places_and_rules(found(tmp_path, text)) == expected


@pytest.mark.parametrize("side", ["adapter", "expected"])
def test_one_side_is_empty(tmp_path: Path, side: str) -> None:
    (finding,) = found(tmp_path, both() | {side: []})
    assert (finding.where, finding.rule) == (f"orders.json#/{side}", "reconciliation.side_empty")
    assert finding.expected == f"at least one {side} order, as the other side has 2"
    halt = judge_halt(section(halt_above=1), run_of(tmp_path), tmp_path).findings
    assert [finding.rule for finding in halt] == ["reconciliation.halt"]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "json.syntax"),
        ("{", "json.syntax"),
        ('{"a": 1, "a": 2}', "json.duplicate_key"),
        ("[NaN", "json.not_finite"),
    ],
)
def test_a_file_that_is_no_json(tmp_path: Path, text: str, rule: str) -> None:
    with pytest.raises(Judged) as caught:
        found(tmp_path, text)
    assert caught.value.finding.rule == rule


def test_a_side_without_a_file(tmp_path: Path) -> None:
    with pytest.raises(Judged) as caught:
        found(tmp_path, both(), expected=OrderSource(("expected.json",)))
    assert (caught.value.finding.where, caught.value.finding.rule) == ("expected.json", "artefact.none")


# Other shapes.


def test_one_file_an_order_and_the_expectation_in_the_tree(tmp_path: Path) -> None:
    root, out = tmp_path / "root", tmp_path / "out"
    for name, order in zip("ab", ORDERS["adapter"], strict=True):
        for folder in (root, out):
            folder.mkdir(exist_ok=True)
            (folder / f"{name}.json").write_text(json.dumps({"it": order}))
    sides = {
        "adapter": OrderSource(("*.json",), "/it"),
        "expected": OrderSource(("a.json", "b.json"), "/it", origin="target"),
    }
    judgement = judge_orders(section(**sides), run_of(out), root)
    assert (judgement.findings, judgement.parameters["orders"]) == ((), 2)
    (out / "b.json").unlink()
    assert places_and_rules(judge_orders(section(**sides), run_of(out), root).findings) == [
        ("b.json#/it", "order_state_drift")
    ]


def test_fills_without_ids_are_matched_by_place(tmp_path: Path) -> None:
    fields = FillFields("/qty", "/price", "/fee", "/ts")
    sides = both()
    sides["adapter"][0]["fills"][0]["id"] = "other"
    assert found(tmp_path, sides, fill=fields) == ()
    sides["adapter"][0]["fills"].append(FIRST)
    assert places_and_rules(found(tmp_path, sides, fill=fields)) == [("/adapter/0/fills/2", "unexpected_fill")]


def summed(**edit: object) -> Sides:
    sides = both()
    for side in sides.values():
        side[0] |= {"qty": 3, "price": 100.33333333, "fee": 0.75}
        side[1] |= {"qty": 0, "price": 0, "fee": 0}
    sides["adapter"][0] |= edit
    return sides


def fields_with(totals: Literal["sides", "fills"]) -> OrderFields:
    return OrderFields("/id", "/state", "/ts", "/qty", "/price", "/fee", "/fills", totals)


@pytest.mark.parametrize(
    ("edit", "key", "rule"),
    [
        ({"qty": 2.9}, "qty", "qty_mismatch"),
        ({"price": 100.5}, "price", "price_mismatch"),
        ({"fee": 75}, "fee", "fee_mismatch"),
    ],
)
def test_an_orders_own_numbers_against_the_other_side_or_its_fills(
    tmp_path: Path, edit: dict[str, object], key: str, rule: str
) -> None:
    by_sides, by_fills = fields_with("sides"), fields_with("fills")
    assert found(tmp_path, summed(), order=by_sides) == found(tmp_path, summed(), order=by_fills) == ()
    assert places_and_rules(found(tmp_path, summed(**edit), order=by_sides)) == [(f"/adapter/0/{key}", rule)]
    assert places_and_rules(found(tmp_path, summed(**edit), order=by_fills)) == [(f"/adapter/0/{key}", "totals")]


@pytest.mark.parametrize("declared", ["qty", "price", "fee"])
def test_a_total_that_is_declared_alone_is_compared_with_the_fills(tmp_path: Path, declared: str) -> None:
    fields = OrderFields("/id", "/state", fills="/fills", totals="fills", **{declared: f"/{declared}"})
    fills = FillFields("/qty", "/price", "/fee", id="/id")
    sides = summed(qty=7, price=7, fee=7)
    findings = found(tmp_path, sides, order=fields, fill=fills, unit=None)
    assert places_and_rules(findings) == [(f"/adapter/0/{declared}", "totals")]


def test_totals_that_cannot_be_read_do_not_end_the_comparison(tmp_path: Path) -> None:
    sides = summed(qty=None, fee=75)
    sides["adapter"][1]["qty"] = 1
    assert places_and_rules(found(tmp_path, sides, order=fields_with("fills"))) == [
        ("/adapter/0/qty", "value_missing"),
        ("/adapter/0/fee", "totals"),
        ("/adapter/1/qty", "totals"),
    ]


def test_what_cannot_be_read_does_not_hide_what_comes_after_it(tmp_path: Path) -> None:
    sides = both()
    sides["adapter"] = [7, {**sides["adapter"][0], "fills": [None, FIRST]}, {**sides["adapter"][1], "state": "NEW"}]
    assert places_and_rules(found(tmp_path, sides)) == [
        ("/adapter/0", "not_a_record"),
        ("/adapter/1/fills/0", "not_a_record"),
        ("/expected/0/fills/1", "missing_fill"),
        ("/adapter/2", "order_state_drift"),
    ]


def test_orders_without_fills(tmp_path: Path) -> None:
    fields = OrderFields("/id", "/state", qty="/qty", price="/price")
    sides = summed(qty=3.1)
    assert places_and_rules(found(tmp_path, sides, order=fields, fill=None, unit=None)) == [
        ("/adapter/0/qty", "qty_mismatch")
    ]


# The halt.


@pytest.mark.parametrize(("wrong", "halts"), [(10, False), (11, True)])
def test_more_wrong_orders_than_allowed_request_the_halt(tmp_path: Path, wrong: int, halts: bool) -> None:
    orders = [{"id": f"O-{n:02}", "state": "NEW", "ts": 1, "fills": []} for n in range(30)]
    sides = {"adapter": [{**order, "state": "X", "ts": 9999} for order in orders[:wrong]] + orders[wrong:]}
    (tmp_path / "orders.json").write_text(json.dumps(sides | {"expected": orders}))
    judgement = judge_halt(section(), run_of(tmp_path), tmp_path)
    assert bool(judgement.findings) is halts
    if halts:
        (finding,) = judgement.findings
        assert finding.where == "orders.json#/adapter"
        assert finding.observed == "11 of 30: O-00, O-01, O-02, O-03, O-04, …"


def test_a_flood_of_mismatches_is_counted_not_listed(tmp_path: Path) -> None:
    orders = [{"id": f"{n:04}", "state": "NEW", "ts": 1, "fills": []} for n in range(500)]
    findings = found(tmp_path, {"adapter": [{**order, "state": "X"} for order in orders], "expected": orders})
    assert len(findings) == 101
    assert findings[-1].observed.startswith("400 more of this kind")


# The declaration.


@pytest.mark.parametrize(
    ("other", "problems"),
    [
        (
            {"expected": OrderSource(("orders.json",), "/adapter"), "disturbed": "run"},
            [
                "expected: the same place as adapter, so there is nothing to compare",
                "disturbed: the same command as the dry run itself",
            ],
        ),
        ({"fill": None}, ["fill: fill and order.fills go together, give both or none"]),
        ({"unit": None}, ["unit: goes with the times, give it exactly where order or fill has a time"]),
        ({"command": "dry", "disturbed": "dry"}, ["disturbed: the same command as the dry run itself"]),
    ],
)
def test_a_declaration_that_contradicts_itself(other: dict[str, Any], problems: list[str]) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        section(**other)
    assert list(raised.value.args) == problems


POINTERS = {"id": "/id", "state": "/state"}
BOUNDS = {"price": "0.1%", "fee": {}, "qty": 0, "time": "1s"}
SERIES = {"files": ["a"], "orders": "/of", "mismatched": "/wrong", "band": "1%"}


@pytest.mark.parametrize(
    ("kind", "table", "at"),
    [
        (OrderFields, {"id": "id", "state": ""}, ["id", "state"]),
        (OrderFields, {"id": "/a", "state": "/a", "time": "/t", "qty": "/t", "price": "/a"}, ["state", "qty", "price"]),
        (OrderFields, POINTERS | {"totals": "fills"}, ["totals"]),
        (FillFields, {"qty": "/qty", "price": "/qty", "fee": "/fee"}, ["price"]),
        (DeclaredTolerances, BOUNDS | {"qty": -1, "price": "100%"}, ["price", "qty"]),
        (DeclaredTolerances, BOUNDS | {"fee": {"relative": 1, "absolute": -1}}, ["fee.relative", "fee.absolute"]),
        (OrderSource, {"files": ["a", "../orders.json"]}, ["files[1]"]),
        (OrderSource, {"files": []}, ["files"]),
        (OrderSource, {"files": ["a", "*.json", "[b]"], "origin": "target"}, ["files", "files"]),
        (ReportedStatus, {"pointer": "/a", "match": "x", "mismatch": "x"}, ["mismatch"]),
        (ReconciliationReport, {"files": ["a"]}, [""]),
        (ReportedTolerances, {"files": ["a"], "unit": "s"}, [""]),
        (ReportedTolerances, {"files": ["*"], "origin": "target", "qty": "/q"}, ["files"]),
        (NetworkWatch, {"runtimes": []}, ["runtimes"]),
        (AccuracySeries, SERIES | {"band": 1, "at_least": 2}, ["band", "at_least"]),
        (AccuracySeries, SERIES | {"files": ["*"], "origin": "target"}, ["files"]),
    ],
)
def test_an_invalid_part_is_refused_at_its_key(kind: type[object], table: dict[str, Any], at: list[str]) -> None:
    assert [problem.at for problem in bind(kind, table)[1]] == at
