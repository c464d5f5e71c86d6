"""The system's own reconciliation report and tolerances, independence, trend, and network use."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gatecourt.core.model import Finding, Run
from gatecourt.formats.files import subject
from gatecourt.mechanisms.sourcescan.exemptions import SourceExemption
from gatecourt.rules.reconciliation.claims import judge_report
from gatecourt.rules.reconciliation.independence import judge_independence
from gatecourt.rules.reconciliation.isolation import judge_isolation
from gatecourt.rules.reconciliation.reported_tolerances import judge_reported_tolerances
from gatecourt.rules.reconciliation.section import (
    AccuracySeries,
    DeclaredTolerances,
    FeeTolerance,
    FillFields,
    ListedMismatches,
    NetworkWatch,
    OrderFields,
    OrderSource,
    ReconciliationReport,
    ReconciliationSection,
    ReportedStatus,
    ReportedTolerances,
    dry_runs,
    trends,
)
from gatecourt.rules.reconciliation.trend import judge_trend

REPORT = ReconciliationReport(
    ("report.json",),
    ReportedStatus("/status", "PASS", "FAIL"),
    orders="/orders",
    fills="/fills",
    mismatches="/found",
    mismatched_orders="/wrong",
    accuracy="/accuracy",
    halt="/halt",
    codes="/codes",
    listed=ListedMismatches("/list", "/code", "/order_id", "/fill_id"),
)
SECTION = ReconciliationSection(
    adapter=OrderSource(("orders.json",), "/adapter"),
    expected=OrderSource(("orders.json",), "/expected"),
    order=OrderFields("/id", "/state", fills="/fills"),
    fill=FillFields("/qty", "/price", "/fee", id="/id"),
    tolerances=DeclaredTolerances(
        Decimal("0.001"), FeeTolerance(Decimal("0.0001"), Decimal("1e-6")), Decimal("1e-8"), Decimal(1)
    ),
    halt_above=1,
    report=REPORT,
)


def order(name: str, price: float = 100, state: str = "FILLED", fee: float = 1) -> dict[str, Any]:
    return {"id": name, "state": state, "fills": [{"id": f"{name}/1", "qty": 1, "price": price, "fee": fee}]}


AGREED = {"adapter": [order("A"), order("B"), order("C")], "expected": [order("A"), order("B"), order("C")]}
WRONG = {"adapter": [order("A", 110), order("B", state="NEW"), order("C")], "expected": AGREED["expected"]}
CLEAN: dict[str, Any] = {
    "status": "PASS",
    "orders": 3,
    "fills": 3,
    "found": 0,
    "wrong": 0,
    "accuracy": 1,
    "halt": False,
    "codes": {},
    "list": [],
}
TRUE: dict[str, Any] = {
    "status": "FAIL",
    "orders": 3,
    "fills": 3,
    "found": 2,
    "wrong": 2,
    "accuracy": 0.333333,
    "halt": True,
    "codes": {"PRICE_MISMATCH": 1, "ORDER_STATE_DRIFT": 1, "DUP_FILL": 0},
    "list": [
        {"code": "ORDER_STATE_DRIFT", "order_id": "B", "fill_id": None},
        {"code": "PRICE_MISMATCH", "order_id": "A", "fill_id": "A/1"},
    ],
}


def run_of(root: Path, **files: object) -> Run:
    root.mkdir(exist_ok=True)
    for name, content in files.items():
        (root / f"{name}.json").write_text(content if isinstance(content, str) else json.dumps(content))
    names = sorted(path.name for path in root.iterdir() if path.is_file())
    return Run(root, {name: subject(root / name, name) for name in names})


def brief(findings: tuple[Finding, ...]) -> list[tuple[str, str, str]]:
    return [(finding.where, finding.expected, finding.observed) for finding in findings]


# The report.


@pytest.mark.parametrize(("sides", "report"), [(AGREED, CLEAN), (WRONG, TRUE)])
def test_a_report_that_equals_the_recomputation(tmp_path: Path, sides: object, report: object) -> None:
    judgement = judge_report(SECTION, run_of(tmp_path, orders=sides, report=report), tmp_path)
    assert judgement.findings == ()
    assert [one.name for one in judgement.subjects] == ["orders.json", "report.json"]


@pytest.mark.parametrize(
    ("edit", "where", "expected", "observed"),
    [
        ({"status": "PASS"}, "/status", '"FAIL", recomputed', '"PASS"'),
        ({"status": True}, "/status", '"FAIL", recomputed', "true"),
        ({"orders": 4}, "/orders", "3, recomputed", "4"),
        ({"orders": "3"}, "/orders", "3, recomputed", '"3"'),
        ({"fills": 0}, "/fills", "3, recomputed", "0"),
        ({"found": 0}, "/found", "2, recomputed", "0"),
        ({"wrong": True}, "/wrong", "2, recomputed", "true"),
        ({"accuracy": 1}, "/accuracy", "1 of 3 orders, recomputed", "1"),
        ({"accuracy": 0.33333}, "/accuracy", "1 of 3 orders, recomputed", "0.33333"),
        ({"accuracy": None}, "/accuracy", "a finite number", "null"),
        ({"halt": False}, "/halt", "true, recomputed", "false"),
        ({"halt": 1}, "/halt", "true, recomputed", "1"),
        ({"codes": {"PRICE_MISMATCH": 1}}, "/codes/ORDER_STATE_DRIFT", "1 of ORDER_STATE_DRIFT, recomputed", "0"),
        ({"codes": TRUE["codes"] | {"ODD": 1}}, "/codes/ODD", "one of the eight codes", "1"),
        ({"codes": []}, "/codes", "an object of codes", "[]"),
        ({"list": TRUE["list"][:1]}, "/list", "PRICE_MISMATCH A A/1, recomputed", "not listed"),
        (
            {"list": [*TRUE["list"], TRUE["list"][0]]},
            "/list/2",
            "a mismatch that both sides show",
            "ORDER_STATE_DRIFT B",
        ),
        ({"list": [*TRUE["list"], 7]}, "/list/2", "code and order", "7"),
    ],
)
def test_a_claim_that_is_contradicted(
    tmp_path: Path, edit: dict[str, object], where: str, expected: str, observed: str
) -> None:
    judgement = judge_report(SECTION, run_of(tmp_path, orders=WRONG, report=TRUE | edit), tmp_path)
    assert brief(judgement.findings) == [(f"report.json#{where}", expected, observed)]


def test_each_contradicted_value_is_a_finding_of_its_own(tmp_path: Path) -> None:
    report: dict[str, Any] = {name: value for name, value in TRUE.items() if name != "orders"}
    report |= {
        "fills": 3,
        "found": 0,
        "accuracy": None,
        "codes": {"ODD": 1, "PRICE_MISMATCH": 1},
        "list": [7, *TRUE["list"][:1]],
    }
    judgement = judge_report(SECTION, run_of(tmp_path, orders=WRONG, report=report), tmp_path)
    assert brief(judgement.findings) == [
        ("report.json#/orders", "a value", "absent"),
        ("report.json#/found", "2, recomputed", "0"),
        ("report.json#/accuracy", "a finite number", "null"),
        ("report.json#/codes/ODD", "one of the eight codes", "1"),
        ("report.json#/codes/ORDER_STATE_DRIFT", "1 of ORDER_STATE_DRIFT, recomputed", "0"),
        ("report.json#/list/0", "code and order", "7"),
        ("report.json#/list", "PRICE_MISMATCH A A/1, recomputed", "not listed"),
    ]


@pytest.mark.parametrize("key", sorted(TRUE))
def test_a_claim_that_is_absent(tmp_path: Path, key: str) -> None:
    report = {name: value for name, value in TRUE.items() if name != key}
    (finding,) = judge_report(SECTION, run_of(tmp_path, orders=WRONG, report=report), tmp_path).findings
    assert (finding.where, finding.rule) == (f"report.json#/{key}", "reconciliation.report_value")


def test_a_report_may_not_match_what_could_not_be_read(tmp_path: Path) -> None:
    sides = {**AGREED, "adapter": [order("A", None), *AGREED["adapter"][1:]]}  # type: ignore[arg-type]
    (finding,) = judge_report(SECTION, run_of(tmp_path, orders=sides, report=CLEAN), tmp_path).findings
    assert (finding.where, finding.expected) == ("report.json#/status", '"FAIL", recomputed')


@pytest.mark.parametrize(("report", "rule"), [(None, "report_value"), ("undeclared", "report_not_declared")])
def test_no_report(tmp_path: Path, report: str | None, rule: str) -> None:
    section = dataclasses.replace(SECTION, report=None) if report else SECTION
    (finding,) = judge_report(section, run_of(tmp_path, orders=AGREED), tmp_path).findings
    assert finding.rule == f"reconciliation.{rule}"


def test_of_an_older_form_only_what_it_has_is_compared(tmp_path: Path) -> None:
    words = ReportedStatus("/reconciliation_status", "PASS", "FAIL")
    old = ReconciliationReport(("report.json",), words, orders="/summary/orders_checked", codes="/mismatch_codes")
    report = {"reconciliation_status": "PASS", "summary": {"orders_checked": 1}, "mismatch_codes": {}}
    section = dataclasses.replace(SECTION, report=old)
    judgement = judge_report(section, run_of(tmp_path, orders=AGREED, report=report), tmp_path)
    assert brief(judgement.findings) == [("report.json#/summary/orders_checked", "3, recomputed", "1")]


# The tolerances that it reports.

REPORTED = ReportedTolerances(
    ("report.json",), "artefacts", "/t/price", "/t/fee_rel", "/t/fee_abs", "/t/qty", "/t/ms", "/t/halt", unit="ms"
)
AS_DECLARED = {"price": 0.001, "fee_rel": 1e-4, "fee_abs": 1e-6, "qty": 1e-8, "ms": 1000, "halt": 1}


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        ({}, []),
        ({"price": 1.0e-3}, []),
        ({"price": 0.01}, [("price", "0.001", "0.01", "tolerance")]),
        ({"price": 0.0009999}, [("price", "0.001", "0.0009999", "tolerance")]),
        ({"fee_abs": 1e-5}, [("fee_abs", "0.000001", "0.00001", "tolerance")]),
        ({"ms": 1001}, [("ms", "1000", "1001", "tolerance")]),
        ({"halt": 2}, [("halt", "1", "2", "tolerance")]),
        ({"qty": None}, [("qty", "0.00000001", "null", "tolerance_missing")]),
        ({"qty": "1e-8"}, [("qty", "0.00000001", '"1e-8"', "tolerance_missing")]),
        (
            {"price": ..., "fee_rel": "x", "halt": 2},
            [
                ("price", "0.001", "absent", "tolerance_missing"),
                ("fee_rel", "0.0001", '"x"', "tolerance_missing"),
                ("halt", "1", "2", "tolerance"),
            ],
        ),
    ],
)
def test_stated_tolerances(tmp_path: Path, edit: dict[str, object], expected: list[tuple[str, str, str, str]]) -> None:
    reported = {name: value for name, value in (AS_DECLARED | edit).items() if value is not ...}
    run = run_of(tmp_path, report={"t": reported})
    judgement = judge_reported_tolerances(
        dataclasses.replace(SECTION, reported_tolerances=REPORTED), lambda: run, tmp_path
    )
    assert [(f.where, f.expected, f.observed, f.rule) for f in judgement.findings] == [
        (f"report.json#/t/{key}", due, observed, f"reconciliation.{rule}") for key, due, observed, rule in expected
    ]
    assert judgement.parameters["compared"] == {
        "price": "0.001",
        "fee_relative": "0.0001",
        "fee_absolute": "0.000001",
        "qty": "0.00000001",
        "time": "1000",
        "halt_above": "1",
    }


def test_tolerances_in_the_tree_need_no_run(tmp_path: Path) -> None:
    run_of(tmp_path, report={"t": {"price": 0.01}})
    reported_tolerances = ReportedTolerances(("report.json",), "target", price="/t/price")
    judgement = judge_reported_tolerances(
        dataclasses.replace(SECTION, reported_tolerances=reported_tolerances), no_run, tmp_path
    )
    assert [finding.rule for finding in judgement.findings] == ["reconciliation.tolerance"]


def no_run() -> Run:
    raise AssertionError("this needs no run")


def test_tolerances_that_are_not_reported(tmp_path: Path) -> None:
    run = run_of(tmp_path, orders=AGREED)
    for section, rule in (
        (SECTION, "reconciliation.tolerances_not_declared"),
        (dataclasses.replace(SECTION, reported_tolerances=REPORTED), "artefact.none"),
    ):
        assert [finding.rule for finding in judge_reported_tolerances(section, lambda: run, tmp_path).findings] == [
            rule
        ]


# Independence.

TAMPERED = dataclasses.replace(SECTION, disturbed="tampered")
FOLLOWING = {"adapter": WRONG["adapter"], "expected": WRONG["adapter"]}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (AGREED, WRONG, []),
        (AGREED, AGREED, [("reconciliation.disturbed: tampered", "disturbance_void")]),
        (
            AGREED,
            FOLLOWING,
            [("orders.json#/expected/0", "expectation_follows"), ("orders.json#/expected/1", "expectation_follows")],
        ),
        (
            AGREED,
            {"adapter": WRONG["adapter"], "expected": [order("A", 110), order("B"), order("C", fee=2)]},
            [("orders.json#/expected/0", "expectation_follows"), ("orders.json#/expected/2", "expectation_follows")],
        ),
        (
            AGREED,
            {"adapter": [order("A", 110)], "expected": AGREED["expected"][:2]},
            [("orders.json#/expected/2", "expectation_follows")],
        ),
    ],
)
def test_the_expectation_under_other_answers(
    tmp_path: Path, before: object, after: object, expected: list[tuple[str, str]]
) -> None:
    run, other = run_of(tmp_path / "1", orders=before), run_of(tmp_path / "2", orders=after)
    judgement = judge_independence(TAMPERED, run, lambda: other, tmp_path)
    found = [(finding.where, finding.rule.partition(".")[2]) for finding in judgement.findings]
    assert found == expected


def test_the_expectation_that_follows_is_shown(tmp_path: Path) -> None:
    run, other = run_of(tmp_path / "1", orders=AGREED), run_of(tmp_path / "2", orders=FOLLOWING)
    finding = judge_independence(TAMPERED, run, lambda: other, tmp_path).findings[0]
    assert finding.expected == "A: FILLED; fee 1 price 100 qty 1, for any answers"
    assert finding.observed == "FILLED; fee 1 price 110 qty 1 under tampered"


def test_without_the_experiment_a_copy_is_held(tmp_path: Path) -> None:
    copied = judge_independence(SECTION, run_of(tmp_path, orders=AGREED), None, tmp_path).findings
    assert [finding.rule for finding in copied] == ["reconciliation.expectation_copied"]
    other = {**AGREED, "adapter": [order("A", fee=1.00000001), *AGREED["adapter"][1:]]}
    assert judge_independence(SECTION, run_of(tmp_path, orders=other), None, tmp_path).findings == ()


# The trend.


def weekly(root: Path, counts: list[object], **other: Any) -> tuple[list[str], Mapping[str, Any]]:
    names = [f"w{number}" for number in range(len(counts))]
    run = run_of(root, **{name: {"of": 100, "wrong": wrong} for name, wrong in zip(names, counts, strict=True)})
    accuracy = AccuracySeries(("w*.json",), "/of", "/wrong", **({"band": Decimal("0.02")} | other))
    judgement = judge_trend(accuracy, lambda: run, root)
    return [finding.rule.partition(".")[2] for finding in judgement.findings], judgement.parameters


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([0, 1], []),
        ([0, 2], []),
        ([0, 3], ["accuracy_drop"]),
        ([0, 1, 2, 3], ["accuracy_drop"]),
        ([9, 0, 9, 1], []),
        ([3, 0, 3], ["accuracy_drop"]),
        ([1], ["accuracy_too_few"]),
        ([], ["accuracy_too_few"]),
        ([0, None], ["accuracy_value"]),
        ([0, -1], ["accuracy_value"]),
        ([0, 0.5], ["accuracy_value"]),
        ([0, 101], ["accuracy_value"]),
        ([0, None, 101, 3], ["accuracy_value", "accuracy_value", "accuracy_drop"]),
    ],
)
def test_the_trend_of_accuracy(tmp_path: Path, counts: list[object], expected: list[str]) -> None:
    assert weekly(tmp_path, counts)[0] == expected


def test_the_trend_is_on_record(tmp_path: Path) -> None:
    assert weekly(tmp_path, [0, 2, 1])[1] == {
        "accuracy": {"w0.json": "1", "w1.json": "0.98", "w2.json": "0.99"},
        "change": "-0.01",
        "band": "0.02",
    }


@pytest.mark.parametrize(("wrong", "expected"), [(5, []), (6, ["accuracy_low"])])
def test_the_least_accuracy(tmp_path: Path, wrong: int, expected: list[str]) -> None:
    assert weekly(tmp_path, [wrong, wrong], at_least=Decimal("0.95"))[0] == expected


def test_a_check_for_each_series_and_each_dry_run() -> None:
    assert (dry_runs(SECTION), trends(SECTION)) == (["run"], [])
    series = AccuracySeries(("a.json",), "/of", "/wrong", Decimal(0))
    section = dataclasses.replace(TAMPERED, command="dry", accuracy={"weekly": series, "daily": series})
    assert (dry_runs(section), trends(section)) == (["dry", "tampered"], ["daily", "weekly"])


# What the dry run reached.


def reached(root: Path, records: list[dict[str, object]], *exempt: SourceExemption) -> list[tuple[str, str, str]]:
    (root / "a.py").write_text("one\n  two\n")
    log = root / "log"
    common = {"language": "python", "path": str(root / "a.py"), "count": 1, "seeded": None}
    start: dict[str, object] = {"kind": "start", "language": "python"}
    log.write_text("".join(json.dumps(start if record == start else common | record) + "\n" for record in records))
    section = dataclasses.replace(SECTION, network=NetworkWatch(("python",), exempt))
    findings = judge_isolation(section, Run(root, {}, trap=log, work=root), root).findings
    return [(finding.where, finding.rule.partition(".")[2], finding.observed) for finding in findings]


START: dict[str, object] = {"kind": "start", "language": "python"}
CONNECT: dict[str, object] = {"kind": "network", "call": "socket.connect", "line": 2}
NOBODY: dict[str, object] = {"kind": "network", "call": "socket.getaddrinfo", "line": 0, "path": ""}
CURL: dict[str, object] = {"kind": "process", "call": "subprocess.Popen: /usr/bin/curl", "line": 1}


def test_a_line_that_reached_the_network_is_named_once(tmp_path: Path) -> None:
    lookup = CONNECT | {"call": "socket.getaddrinfo"}
    expected = [("a.py:2", "network", "socket.connect, socket.getaddrinfo: two")]
    assert reached(tmp_path, [START, CONNECT, lookup, CONNECT]) == expected


def test_what_a_library_did_is_a_finding_unless_a_line_explains_it(tmp_path: Path) -> None:
    assert reached(tmp_path, [START, NOBODY]) == [
        ("python", "network", "socket.getaddrinfo, no line of the system behind it")
    ]
    assert [where for where, *_ in reached(tmp_path, [START, NOBODY, CONNECT])] == ["a.py:2"]


def test_a_program_that_no_trap_reaches(tmp_path: Path) -> None:
    python = CURL | {"call": "subprocess.Popen: /usr/bin/python3.11"}
    expected = [("a.py:1", "network_unwatched", "subprocess.Popen of curl")]
    assert reached(tmp_path, [START, CURL, python]) == expected
    assert reached(tmp_path, [START, NOBODY, CURL])[0][1] == "network_unwatched"
    assert len(reached(tmp_path, [START, NOBODY, CURL])) == 2  # a program accounts for nothing


def test_a_program_behind_a_trapped_one_on_the_same_line_is_seen(tmp_path: Path) -> None:
    python = CURL | {"call": "subprocess.Popen: /usr/bin/python3"}
    wget = CURL | {"call": "subprocess.Popen: /usr/bin/wget"}
    assert reached(tmp_path, [START, python, CURL, wget, CONNECT]) == [
        ("a.py:1", "network_unwatched", "subprocess.Popen of curl"),
        ("a.py:1", "network_unwatched", "subprocess.Popen of wget"),
        ("a.py:2", "network", "socket.connect: two"),
    ]


def test_a_trap_that_was_not_armed_proves_nothing(tmp_path: Path) -> None:
    assert reached(tmp_path, []) == [("python", "network_not_armed", "no record from it")]


def test_what_a_person_answers_for(tmp_path: Path) -> None:
    exempt = SourceExemption("a.py", "subprocess.Popen: */curl", "reads a file: URL")
    assert reached(tmp_path, [START, CURL], exempt) == []
    assert reached(tmp_path, [START, CURL, CONNECT], exempt)[0][0] == "a.py:2"


def test_a_network_that_is_not_watched(tmp_path: Path) -> None:
    run = run_of(tmp_path, orders=AGREED)
    (finding,) = judge_isolation(SECTION, run, tmp_path).findings
    assert finding.rule == "reconciliation.network_not_declared"
