from __future__ import annotations

import dataclasses
import datetime
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Run, Subject
from gatecourt.formats.decimals import number, words
from gatecourt.rules.risk import (
    RiskSection,
    judge_conservation,
    judge_declared,
    judge_emergency,
    judge_increases,
    judge_kept,
    judge_pnl,
)
from gatecourt.rules.risk.clock import day, instant, zone
from gatecourt.rules.risk.section import (
    Conservation,
    Emergency,
    EventFiles,
    Flow,
    Limit,
    LimitIncrease,
    Moment,
    PnlRange,
    Reported,
    Sign,
    Stock,
)
from gatecourt.system.manifest.binding import bind

LOG = EventFiles(("log.jsonl",), "/type", ("/book",), "/ts", "ms", "UTC")
POSITION = Limit("position", "/risk/position", ("position",), "/usd", measure="absolute")


def section(**other: Any) -> RiskSection:
    given_fields: dict[str, Any] = {"ssot": "ssot.json", "limit": (POSITION,), "events": LOG}
    return RiskSection(**(given_fields | other))


def write(root: Path, name: str, text: str) -> Path:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text, "utf-8")
    return root


def run_of(root: Path) -> Run:
    names = sorted(path.name for path in root.iterdir() if path.is_file())
    return Run(root, {name: Subject(name, "0" * 64, 1) for name in names})


def no_run() -> Run:
    raise AssertionError("this check needs no run")


def event(kind: str, book: str = "A", ts: int = 0, **fields: Any) -> str:
    return json.dumps({"type": kind, "book": book, "ts": ts} | fields) + "\n"


def places(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(finding.where, finding.rule) for finding in findings]


# The limits themselves.


@pytest.mark.parametrize(
    ("risk", "rule", "observed"),
    [
        ("{}", "risk.limit_missing", "absent"),
        ('{"position": null}', "risk.limit_not_a_number", "null"),
        ('{"position": "1500"}', "risk.limit_not_a_number", '"1500"'),
        ('{"position": true}', "risk.limit_not_a_number", "true"),
        ('{"position": 0}', "risk.limit_not_positive", '"0"'),
        ('{"position": -0.0}', "risk.limit_not_positive", '"0"'),
        ('{"position": -1}', "risk.limit_not_positive", '"-1"'),
    ],
)
def test_a_limit_that_is_missing_or_invalid(tmp_path: Path, risk: str, rule: str, observed: str) -> None:
    write(tmp_path, "ssot.json", f'{{"risk": {risk}}}')
    judgement = judge_declared(section(), tmp_path)
    assert [(f.where, f.rule, f.observed) for f in judgement.findings] == [("ssot.json#/risk/position", rule, observed)]
    write(tmp_path, "log.jsonl", event("position", usd=1))
    assert [finding.rule for finding in judge_kept(section(), run_of(tmp_path), tmp_path).findings] == [rule]


@pytest.mark.parametrize("name", ["ssot.json", "ssot.toml", "ssot.yaml"])
def test_limits_in_any_kind_of_document(tmp_path: Path, name: str) -> None:
    text = {
        "json": '{"risk": {"position": 15.5}}',
        "toml": "[risk]\nposition = 15.5\n",
        "yaml": "risk: {position: 15.5}\n",
    }
    write(tmp_path, name, text[name.partition(".")[2]])
    judgement = judge_declared(section(ssot=name), tmp_path)
    assert judgement.findings == ()
    assert judgement.parameters == {"limits": {"position": "15.5"}}
    assert [subject.name for subject in judgement.subjects] == [name]


def test_an_ssot_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Judged, match="No such file"):
        judge_declared(section(), tmp_path)


# Limits at every event.


def kept(root: Path, lines: str, allowed: str = "1500", **other: Any) -> list[tuple[str, str]]:
    write(root, "ssot.json", f'{{"risk": {{"position": {allowed}}}}}')
    write(root, "log.jsonl", lines)
    return places(judge_kept(section(**other), run_of(root), root).findings)


@pytest.mark.parametrize(
    ("usd", "broken"),
    [
        ("1500", False), ("-1500", False), ("1500.00000000000000000001", True), ("-1500.00000000000000000001", True),
        ("1499.99999999999999999999", False), ("15e2", False), ("15.0000000001e2", True),
    ],
)  # fmt: skip
def test_equal_keeps_the_limit_and_the_least_above_breaks_it(tmp_path: Path, usd: str, broken: bool) -> None:
    line = event("position", usd=0).replace('"usd": 0', f'"usd": {usd}')
    assert kept(tmp_path, line) == ([("log.jsonl:1#/usd", "risk.limit_broken")] if broken else [])


@pytest.mark.parametrize(("value", "broken"), [("0.05", False), ("0.0500000000000000001", False), ("0.0499999", True)])
def test_a_lower_limit(tmp_path: Path, value: str, broken: bool) -> None:
    floor = Limit("margin", "/risk/position", ("margin",), "/m", compare="at_least")
    line = event("margin", m=0).replace('"m": 0', f'"m": {value}')
    assert bool(kept(tmp_path, line, "0.05", limit=(floor,))) is broken


@pytest.mark.parametrize("measure", ["absolute", "negative"])
def test_no_digit_is_rounded_away(tmp_path: Path, measure: Any) -> None:
    limit = dataclasses.replace(POSITION, measure=measure)
    line = event("position", usd=0).replace('"usd": 0', f'"usd": -1500.{"0" * 60}1')
    assert kept(tmp_path, line, limit=(limit,)) == [("log.jsonl:1#/usd", "risk.limit_broken")]


def test_a_breach_in_the_middle_is_reported_with_its_line_and_book(tmp_path: Path) -> None:
    lines = (
        event("position", usd=10)
        + event("other", usd=9999)
        + event("position", "B", usd=-1501)
        + event("position", usd=0)
    )
    write(tmp_path, "ssot.json", '{"risk": {"position": 1500}}')
    write(tmp_path, "log.jsonl", lines)
    judgement = judge_kept(section(), run_of(tmp_path), tmp_path)
    assert judgement.findings == (
        Finding(
            "log.jsonl:3#/usd", "position at most 1500 (ssot.json#/risk/position)", "1501 (B)", "risk.limit_broken"
        ),
    )
    assert judgement.parameters == {"events_judged": {"position": 3}}


@pytest.mark.parametrize(
    ("line", "where", "rule"),
    [
        (event("position", usd=None), "log.jsonl:1#/usd", "risk.value_missing"),
        (event("position"), "log.jsonl:1#/usd", "risk.value_missing"),
        (event("position", usd="12"), "log.jsonl:1#/usd", "risk.value_not_a_number"),
        (event("position", usd=True), "log.jsonl:1#/usd", "risk.value_not_a_number"),
        ('{"type": "position", "book": "A", "usd": NaN}\n', "log.jsonl:1#/usd", "json.not_finite"),
        ('{"type": "position", "book": "A", "usd": 1e-999}\n', "log.jsonl:1#/usd", "risk.value_not_a_number"),
        ('{"type": "position", "usd": 1}\n', "log.jsonl:1#/book", "risk.value_missing"),
        ('{"book": "A", "usd": 1}\n', "log.jsonl:1#/type", "risk.value_missing"),
        ("[]\n", "log.jsonl:1#/type", "risk.value_missing"),
        ("\n", "log.jsonl:1", "json.syntax"),
        (event("position", usd=1)[:-1], "log.jsonl:1", "jsonl.truncated"),
    ],
)
def test_an_event_without_a_number(tmp_path: Path, line: str, where: str, rule: str) -> None:
    assert (where, rule) in kept(tmp_path, line)


def test_a_limit_without_an_event_holds(tmp_path: Path) -> None:
    assert kept(tmp_path, event("other", usd=1)) == [("log.jsonl", "risk.no_events")]
    assert kept(tmp_path, "") == [("log.jsonl", "risk.no_events")]


def test_no_log_at_all(tmp_path: Path) -> None:
    write(tmp_path, "ssot.json", '{"risk": {"position": 1}}')
    assert places(judge_kept(section(), run_of(tmp_path), tmp_path).findings) == [("log.jsonl", "artefact.none")]


LOSS = Limit("loss", "/risk/position", ("fill",), "/pnl", measure="negative", total="day")
MIDNIGHT = 86_400_000


def test_a_daily_loss_is_summed_by_book_and_day(tmp_path: Path) -> None:
    lines = (
        event("fill", pnl=-60, ts=MIDNIGHT - 2)
        + event("fill", "B", pnl=-60, ts=MIDNIGHT - 2)
        + event("fill", pnl=-40, ts=MIDNIGHT - 1)
        + event("fill", pnl=-100, ts=MIDNIGHT)
        + event("fill", pnl=-0.01, ts=MIDNIGHT + 1)
        + event("fill", pnl=50, ts=MIDNIGHT + 2)
    )
    assert kept(tmp_path, lines, "100", limit=(LOSS,)) == [("log.jsonl:5#/pnl", "risk.limit_broken")]


def test_the_day_is_that_of_the_declared_zone(tmp_path: Path) -> None:
    lines = event("fill", pnl=-60, ts=MIDNIGHT - 1) + event("fill", pnl=-60, ts=MIDNIGHT)
    assert kept(tmp_path, lines, "100", limit=(LOSS,)) == []
    berlin = dataclasses.replace(LOG, timezone="Europe/Berlin")
    assert kept(tmp_path, lines, "100", limit=(LOSS,), events=berlin) == [("log.jsonl:2#/pnl", "risk.limit_broken")]
    whole = dataclasses.replace(LOSS, total="run")
    assert kept(tmp_path, lines, "100", limit=(whole,)) == [("log.jsonl:2#/pnl", "risk.limit_broken")]


@pytest.mark.parametrize("ts", ['"x"', "null", "1e300", "1e18"])
def test_a_time_that_is_invalid(tmp_path: Path, ts: str) -> None:
    line = event("fill", pnl=-1).replace('"ts": 0', f'"ts": {ts}')
    found = kept(tmp_path, line, "100", limit=(LOSS,))
    assert [where for where, _ in found] == ["log.jsonl:1#/ts"]


@pytest.mark.parametrize(
    ("value", "rule"), [(15, None), (15.000001, "risk.limit_broken"), (None, "risk.value_missing")]
)
def test_a_final_number_in_reports(tmp_path: Path, value: object, rule: str | None) -> None:
    write(tmp_path, "ssot.json", '{"risk": {"position": 15}}')
    write(tmp_path, "report_a.json", json.dumps({"max": 1}))
    write(tmp_path, "report_b.json", json.dumps({"max": value}))
    limit = Limit("position", "/risk/position", report=Reported(("report_*.json",), "/max"))
    findings = judge_kept(section(limit=(limit,), events=None), run_of(tmp_path), tmp_path).findings
    assert places(findings) == ([("report_b.json#/max", rule)] if rule else [])


def test_breaches_are_bounded_with_their_number(tmp_path: Path) -> None:
    write(tmp_path, "ssot.json", '{"risk": {"position": 1}}')
    write(tmp_path, "log.jsonl", event("position", usd=2) * 200)
    findings = judge_kept(section(), run_of(tmp_path), tmp_path).findings
    assert len(findings) == 51
    assert findings[-1].observed.startswith("150 more of this kind")


# Conservation.

POSITIONS = Conservation(
    "fills",
    Flow(("fill",), "/qty", Sign("/side", ("BUY",), ("SELL",), ("order",), "/id")),
    Decimal(0),
    Decimal(0),
    Stock(("position",), "/held"),
)
EQUITY = Conservation(
    "equity",
    Flow(("fill",), "/pnl"),
    "/risk/equity",
    Decimal("0.01"),
    report=Reported(("report_*.json",), "/final", ("/book",)),
)


def conserved(root: Path, rule: Conservation, lines: str) -> tuple[Finding, ...]:
    write(root, "ssot.json", '{"risk": {"position": 1, "equity": 10000}}')
    write(root, "log.jsonl", lines)
    return judge_conservation(section(conservation=(rule,)), run_of(root), root).findings


def order(name: str, side: str, book: str = "A") -> str:
    return event("order", book, id=name, side=side)


def fill(name: str, qty: str, held: str | None = None, book: str = "A") -> str:
    line = event("fill", book, id=name, qty=0).replace('"qty": 0', f'"qty": {qty}')
    return line + (event("position", book, held=0).replace('"held": 0', f'"held": {held}') if held else "")


def test_positions_are_their_fills(tmp_path: Path) -> None:
    lines = order("1", "BUY") + order("2", "SELL") + order("3", "SELL", "B")
    lines += fill("1", "0.1", "0.1") + fill("3", "5", "-5", "B") + fill("1", "0.2", "0.3") + fill("2", "0.3", "0.0")
    assert conserved(tmp_path, POSITIONS, lines) == ()


def test_a_difference_is_reported_once_where_it_begins(tmp_path: Path) -> None:
    held = ["1", "1", "2", "4", "4"]  # right, off by one, still off by one, right again, off again
    lines = order("1", "BUY") + "".join(fill("1", "1", one) for one in held)
    assert [(f.where, f.expected, f.observed) for f in conserved(tmp_path, POSITIONS, lines)] == [
        ("log.jsonl:5#/held", "2, the sum of fills (A)", "1, -1 off"),
        ("log.jsonl:11#/held", "5, the sum of fills (A)", "4, -1 off"),
    ]


def test_a_fill_that_nothing_follows_and_one_of_no_order(tmp_path: Path) -> None:
    lines = order("1", "BUY") + fill("1", "1", "1") + fill("1", "1")
    assert places(conserved(tmp_path, POSITIONS, lines)) == [("log.jsonl:4", "risk.not_followed")]
    assert places(conserved(tmp_path, POSITIONS, fill("9", "1", "0"))) == [("log.jsonl:1#/id", "risk.side_unknown")]
    lines = order("1", "HOLD") + fill("1", "1", "0")
    assert places(conserved(tmp_path, POSITIONS, lines)) == [
        ("log.jsonl:1#/side", "risk.side_unknown"),
        ("log.jsonl:2#/id", "risk.side_unknown"),
    ]


def test_the_side_may_stand_in_the_fill_itself(tmp_path: Path) -> None:
    own = dataclasses.replace(POSITIONS, flow=Flow(("fill",), "/qty", Sign("/side", ("B",), ("S",))))
    lines = event("fill", qty=1, side="S") + event("position", held=-1)
    assert conserved(tmp_path, own, lines) == ()


def test_sums_without_events_hold(tmp_path: Path) -> None:
    found = conserved(tmp_path, POSITIONS, event("other"))
    assert [(f.expected, f.rule) for f in found] == [
        ("events fill", "risk.no_events"),
        ("events position", "risk.no_events"),
    ]


@pytest.mark.parametrize(
    ("final", "off"),
    [("10003.5", False), ("10003.51", False), ("10003.49", False), ("10003.5100001", True), ("10003.4899999", True)],
)
def test_equity_within_its_tolerance_and_just_outside(tmp_path: Path, final: str, off: bool) -> None:
    write(tmp_path, "report_a.json", f'{{"book": "A", "final": {final}}}')
    found = conserved(tmp_path, EQUITY, event("fill", pnl=5.25) + event("fill", pnl=-1.75))
    assert places(found) == ([("report_a.json#/final", "risk.not_conserved")] if off else [])


def test_books_and_reports_belong_together(tmp_path: Path) -> None:
    write(tmp_path, "report_a.json", '{"book": "A", "final": 10001}')
    write(tmp_path, "report_c.json", '{"book": "C", "final": 10001}')
    write(tmp_path, "report_d.json", '{"final": 10001}')
    found = conserved(tmp_path, EQUITY, event("fill", pnl=1) + event("fill", "B", pnl=1))
    assert places(found) == [
        ("report_c.json#/final", "risk.not_conserved"),
        ("report_d.json#/book", "risk.value_missing"),
        ("report_*.json", "risk.no_report"),
    ]


def test_a_missing_profit_does_not_count_as_nothing(tmp_path: Path) -> None:
    write(tmp_path, "report_a.json", '{"book": "A", "final": 10000}')
    assert places(conserved(tmp_path, EQUITY, event("fill", pnl=None) + event("fill", pnl=0))) == [
        ("log.jsonl:1#/pnl", "risk.value_missing")
    ]


_MONEY = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=12)


@settings(max_examples=40, deadline=None)
@given(flows=st.lists(st.tuples(st.sampled_from("AB"), _MONEY), min_size=1, max_size=12), off=_MONEY)
def test_sums_are_exact(
    tmp_path_factory: pytest.TempPathFactory, flows: list[tuple[str, Decimal]], off: Decimal
) -> None:
    root = tmp_path_factory.mktemp("sums")
    exact = dataclasses.replace(EQUITY, tolerance=off.copy_abs())
    lines = "".join(event("fill", book, pnl=0).replace('"pnl": 0', f'"pnl": {value:f}') for book, value in flows)
    for book in dict(flows):
        final = 10000 + sum((value for one, value in flows if one == book), Decimal(0)) + off
        write(root, f"report_{book}.json", f'{{"book": "{book}", "final": {final:f}}}')
    assert conserved(root, exact, lines) == ()
    if off:
        tighter = dataclasses.replace(exact, tolerance=off.copy_abs() - Decimal("1e-15"))
        assert {finding.rule for finding in conserved(root, tighter, lines)} == {"risk.not_conserved"}


def test_no_sum_declared(tmp_path: Path) -> None:
    assert places(judge_conservation(section(), run_of(tmp_path), tmp_path).findings) == [
        ("risk.conservation", "risk.conservation_not_declared")
    ]


# Range of profit and loss.


def in_range(root: Path, values: list[object], **other: Any) -> list[tuple[str, str]]:
    for index, value in enumerate(values):
        write(root, f"pnl_{index}.json", f'{{"pnl": {value}}}')
    bounds = PnlRange(("pnl_*.json",), "/pnl", Decimal(-10), Decimal("20.5"), **other)
    return places(judge_pnl(section(pnl=bounds), run_of(root)).findings)


def test_the_range_includes_its_ends_and_nothing_more(tmp_path: Path) -> None:
    inside = ["-10", "20.5", "-9.9999", "20.50"]
    assert in_range(tmp_path, list(inside)) == []
    outside = ["-10.000000000000000000001", "20.500000000000000000001", "null", '"5"']
    assert [rule for _, rule in in_range(tmp_path, list(outside))] == [
        "risk.value_missing", "risk.value_not_a_number", "risk.pnl_out_of_range", "risk.pnl_out_of_range",
    ]  # fmt: skip


def test_the_range_of_a_sum(tmp_path: Path) -> None:
    assert in_range(tmp_path, ["20", "0.5"], over="sum") == []
    assert in_range(tmp_path, ["20", "0.51"], over="sum") == [("pnl_*.json#/pnl", "risk.pnl_out_of_range")]
    assert in_range(tmp_path, ["20", "null"], over="sum") == [("pnl_1.json#/pnl", "risk.value_missing")]


def test_no_range_declared(tmp_path: Path) -> None:
    assert places(judge_pnl(section(), run_of(tmp_path)).findings) == [("risk.pnl", "risk.range_not_declared")]


# Emergency.

HALT = Emergency("data/halt.flag", "data/halt.log")


def emergency(root: Path) -> list[tuple[str, str]]:
    (root / "data").mkdir(exist_ok=True)
    return places(judge_emergency(section(emergency=HALT), root).findings)


def test_no_flag_is_a_look_at_the_folder(tmp_path: Path) -> None:
    write(tmp_path, "data/halt.log", "of last year\n")
    judgement = judge_emergency(section(emergency=HALT), tmp_path)
    assert judgement.findings == ()
    assert [(subject.name, subject.size) for subject in judgement.subjects] == [("data/", len("halt.log\n"))]


def test_a_flag_is_reported_with_the_last_line_of_the_log(tmp_path: Path) -> None:
    write(tmp_path, "data/halt.flag", "")
    write(tmp_path, "data/halt.log", "first\nReason: prices of another market\n\n  \n")
    (finding,) = judge_emergency(section(emergency=HALT), tmp_path).findings
    assert finding == Finding(
        "data/halt.flag", "no emergency flag", 'set, reason: "Reason: prices of another market"', "risk.emergency"
    )


@pytest.mark.parametrize("log", [None, "", "\n \n", "Reason:\n", "Reason: [DESCRIBE ISSUE]\n", "<why>"])
def test_a_flag_without_a_reason(tmp_path: Path, log: str | None) -> None:
    write(tmp_path, "data/halt.flag", "{}")
    if log is not None:
        write(tmp_path, "data/halt.log", log)
    assert emergency(tmp_path) == [
        ("data/halt.flag", "risk.emergency"),
        ("data/halt.log", "risk.emergency_without_reason"),
    ]


def test_anything_with_the_name_of_the_flag_counts(tmp_path: Path) -> None:
    write(tmp_path, "data/halt.log", "why")
    (tmp_path / "data/halt.flag").symlink_to("nowhere")
    assert emergency(tmp_path) == [("data/halt.flag", "risk.emergency")]
    (tmp_path / "data/halt.flag").unlink()
    (tmp_path / "data/halt.flag").mkdir()
    assert emergency(tmp_path) == [("data/halt.flag", "risk.emergency")]


def test_a_folder_that_cannot_be_seen_and_a_flag_that_is_not_declared(tmp_path: Path) -> None:
    assert places(judge_emergency(section(emergency=HALT), tmp_path).findings) == [("data", "risk.emergency_unseen")]
    assert places(judge_emergency(section(), tmp_path).findings) == [("risk.emergency", "risk.emergency_not_declared")]


# Increased limits.

AT = "/risk/position"
NEW_YEAR = datetime.date(2025, 1, 1)
NOON = 1_735_732_800_000
START = 1_735_689_600_000


def approval(value: int = 2000, date: datetime.date = NEW_YEAR, timezone: str = "UTC", **other: str) -> LimitIncrease:
    return LimitIncrease(AT, Decimal(value), date, timezone, **({"approver": "R. Officer", "reason": "hedge"} | other))


def raised(
    root: Path, value: str, *approvals: LimitIncrease, times: tuple[int, ...] = (NOON,), **other: Any
) -> list[str]:
    write(root, "ssot.json", f'{{"risk": {{"position": {value}}}}}')
    write(root, "bars.json", json.dumps([{"t": time} for time in times]))
    moment = Moment("bars.json", "/*/t", "ms", "target", **other)
    declared = section(normal={AT: Decimal(1500)}, raised=approvals, moment=moment)
    return [finding.rule for finding in judge_increases(declared, no_run, root).findings]


@pytest.mark.parametrize(
    ("value", "approvals", "expected"),
    [
        ("1500", (), []),
        ("1499.99", (), []),
        ("1500.00000000000000000001", (), ["risk.raise_undocumented"]),
        ("2000", (approval(),), []),
        ("2000.00000000000000000001", (approval(),), ["risk.raise_undocumented"]),
        ("1600", (approval(),), []),
        ("2000", (approval(approver=" "),), ["risk.raise_unapproved"]),
        ("2000", (approval(reason=""),), ["risk.raise_unexplained"]),
        ("2000", (approval(approver="", reason=""),), ["risk.raise_unapproved", "risk.raise_unexplained"]),
        ("2000", (approval(approver=""), approval()), []),
        ("2000", (approval(date=datetime.date(2024, 12, 31)),), ["risk.raise_expired"]),
        ("2000", (approval(date=datetime.date(2025, 1, 2)),), ["risk.raise_early"]),
        (
            "2000",
            (approval(date=datetime.date(2024, 12, 31)), approval(date=datetime.date(2025, 1, 2))),
            ["risk.raise_expired"],
        ),
        ("1500", (approval(date=datetime.date(2020, 1, 1), approver=""),), []),
    ],
)
def test_a_raised_limit(tmp_path: Path, value: str, approvals: tuple[LimitIncrease, ...], expected: list[str]) -> None:
    assert raised(tmp_path, value, *approvals) == expected


@pytest.mark.parametrize(
    ("time", "timezone", "expected"),
    [
        (START, "UTC", []),
        (START - 1, "UTC", ["risk.raise_early"]),
        (START + MIDNIGHT - 1, "UTC", []),
        (START + MIDNIGHT, "UTC", ["risk.raise_expired"]),
        (START - 3_600_000, "Europe/Berlin", []),
        (START - 3_600_001, "Europe/Berlin", ["risk.raise_early"]),
        (START + MIDNIGHT - 3_600_001, "Europe/Berlin", []),
        (START + MIDNIGHT - 3_600_000, "Europe/Berlin", ["risk.raise_expired"]),
        (START + MIDNIGHT + 5 * 3_600_000 - 1, "America/New_York", []),
        (START + MIDNIGHT + 5 * 3_600_000, "America/New_York", ["risk.raise_expired"]),
    ],
)
def test_an_approval_expires_with_the_trading_day_of_its_zone(
    tmp_path: Path, time: int, timezone: str, expected: list[str]
) -> None:
    assert raised(tmp_path, "2000", approval(timezone=timezone), times=(time,)) == expected


def test_each_day_of_a_run_needs_an_approval_unless_only_one_is_judged(tmp_path: Path) -> None:
    times = (NOON, NOON + 1, NOON + MIDNIGHT, NOON + MIDNIGHT + 1, NOON + 2 * MIDNIGHT)
    expired = "risk.raise_expired"
    assert raised(tmp_path, "2000", approval(), times=times) == [expired, expired]
    assert raised(tmp_path, "2000", approval(), approval(date=datetime.date(2025, 1, 2)), times=times) == [expired]
    assert raised(tmp_path, "2000", approval(), times=times, pick="first") == []
    assert raised(tmp_path, "2000", approval(), times=times, pick="last") == [expired]


@pytest.mark.parametrize(("value", "expected"), [("20", []), ("19.99", ["risk.raise_undocumented"]), ("21", [])])
def test_a_lower_limit_is_loosened_downwards(tmp_path: Path, value: str, expected: list[str]) -> None:
    write(tmp_path, "ssot.json", f'{{"risk": {{"position": {value}}}}}')
    floor = Limit("margin", AT, ("margin",), "/m", compare="at_least")
    declared = section(limit=(floor,), normal={AT: Decimal(20)}, moment="now")
    assert [finding.rule for finding in judge_increases(declared, no_run, tmp_path).findings] == expected


def test_the_wall_clock_only_where_it_is_asked_for(tmp_path: Path) -> None:
    write(tmp_path, "ssot.json", '{"risk": {"position": 2000}}')
    today = datetime.datetime.now(datetime.UTC).date()
    for date, expected in ((today, []), (today - datetime.timedelta(2), ["risk.raise_expired"])):
        declared = section(normal={AT: Decimal(1500)}, raised=(approval(date=date),), moment="now")
        assert [finding.rule for finding in judge_increases(declared, no_run, tmp_path).findings] == expected


def test_the_moment_in_a_log(tmp_path: Path) -> None:
    write(tmp_path, "ssot.json", '{"risk": {"position": 2000}}')
    write(tmp_path, "log.jsonl", event("a", ts=NOON) + event("b", ts=NOON + MIDNIGHT))
    for pick, expected in (("first", []), ("last", ["risk.raise_expired"])):
        moment = Moment("*.jsonl", "/ts", "ms", pick=pick)  # type: ignore[arg-type]  # a Literal from the loop
        declared = section(normal={AT: Decimal(1500)}, raised=(approval(),), moment=moment)
        found = judge_increases(declared, lambda: run_of(tmp_path), tmp_path).findings
        assert [finding.rule for finding in found] == expected


@pytest.mark.parametrize("bars", ["[]", "{}", '[{"t": null}]', '[{"t": "12"}]', '[{"t": 1e300}]'])
def test_a_moment_that_is_missing(tmp_path: Path, bars: str) -> None:
    write(tmp_path, "ssot.json", '{"risk": {"position": 1}}')
    write(tmp_path, "bars.json", bars)
    declared = section(normal={AT: Decimal(1500)}, moment=Moment("bars.json", "/*/t", "ms", "target"))
    with pytest.raises(Judged) as refused:
        judge_increases(declared, no_run, tmp_path)
    assert refused.value.finding.rule == "risk.time"


def test_no_normal_limit_declared(tmp_path: Path) -> None:
    write(tmp_path, "ssot.json", '{"risk": {"position": 1}}')
    assert places(judge_increases(section(), no_run, tmp_path).findings) == [
        ("risk.normal", "risk.normal_not_declared")
    ]


# Numbers, clocks, declarations.


@pytest.mark.parametrize(
    ("text", "people"), [("1500.0", "1500"), ("-0.00", "0"), ("1E+3", "1000"), ("1E-8", "0.00000001"), ("100", "100")]
)
def test_numbers_as_people_write_them(text: str, people: str) -> None:
    assert words(Decimal(text)) == people


@pytest.mark.parametrize(
    "value", [True, "1", None, Decimal("NaN"), Decimal("Infinity"), Decimal("1e401"), Decimal("1e-401"), float("nan")]
)
def test_values_that_are_not_numbers(value: object) -> None:
    assert number(value) is None


def test_time_before_1970_falls_on_the_day_it_belongs_to() -> None:
    assert day(instant(Decimal(-1), "ms"), zone("UTC")) == datetime.date(1969, 12, 31)
    assert day(instant(Decimal(0), "ns"), zone("UTC")) == datetime.date(1970, 1, 1)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"limit": (POSITION, POSITION)}, "limit: two are called 'position'"),
        ({"events": None}, "events: missing"),
        ({"normal": {"/other": Decimal(1)}, "moment": "now"}, "normal: '/other' is not the pointer of a limit"),
        ({"normal": {AT: Decimal(1)}}, "moment: missing"),
        ({"limit": (LOSS,), "events": EventFiles(("l",), "/type")}, "events: a total per day needs time"),
    ],
)
def test_a_section_that_contradicts_itself(other: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        section(**other)


def test_tables_that_contradict_themselves() -> None:
    with pytest.raises(ValueError, match="events: limit 'x' needs both events and value"):
        Limit("x", "/x", ("e",))
    with pytest.raises(ValueError, match="report: nothing is compared with 'x'"):
        Limit("x", "/x")
    with pytest.raises(ValueError, match="time: give time, unit and timezone, or none of them"):
        EventFiles(("l",), "/type", time="/ts")
    with pytest.raises(ValueError, match="time zone"):
        zone("../../etc/passwd")
    with pytest.raises(ValueError, match="low: above high; the range from 1 to 0 is empty"):
        PnlRange(("p",), "/p", Decimal(1), Decimal(0))
    with pytest.raises(ValueError, match="both events and id"):
        Sign("/s", ("B",), ("S",), ("order",))
    with pytest.raises(ValueError, match="plus: 'B' is under minus too"):
        Sign("/s", ("A", "B"), ("B",))
    with pytest.raises(ValueError, match="stock: nothing is compared with the sum 'x'"):
        Conservation("x", Flow(("e",), "/v"), Decimal(0), Decimal(0))


def test_all_problems_of_the_section_are_reported_with_their_keys() -> None:
    flow = {"events": [], "value": "v", "sign": {"side": "/s", "plus": [], "minus": ["B"]}}
    table = {
        "ssot": "/etc/ssot.json",
        "limit": [],
        "events": {"files": [], "type": "type", "group": ["a"], "time": "/t", "unit": "ms", "timezone": "Mars/Olympus"},
        "conservation": [{"name": "x", "flow": flow, "start": "start", "tolerance": -1}],
        "pnl": {"files": ["p"], "pointer": "x", "low": 0, "high": 1},
        "emergency": {"flag": "../flag", "log": "*.log"},
        "normal": {"x": 1},
        "moment": {"file": "../x", "pointer": "x", "unit": "ms"},
    }
    bound, problems = bind(RiskSection, table, "risk")
    assert bound is None
    assert sorted({problem.at for problem in problems}) == [
        "risk.conservation[0].flow.events", "risk.conservation[0].flow.sign.plus", "risk.conservation[0].flow.value",
        "risk.conservation[0].start", "risk.conservation[0].tolerance", "risk.emergency.flag", "risk.emergency.log",
        "risk.events.files", "risk.events.group[0]", "risk.events.timezone", "risk.events.type", "risk.limit",
        "risk.moment.file", "risk.moment.pointer", "risk.normal.x", "risk.pnl.pointer", "risk.ssot",
    ]  # fmt: skip


# What comes behind a bad case is judged too.


def test_a_breach_behind_a_broken_line_and_behind_an_event_of_no_book(tmp_path: Path) -> None:
    lines = "nonsense\n" + '{"type": "position", "usd": 1}\n' + event("position") + event("position", usd=1501)
    assert kept(tmp_path, lines) == [
        ("log.jsonl:1", "json.syntax"),
        ("log.jsonl:2#/book", "risk.value_missing"),
        ("log.jsonl:3#/usd", "risk.value_missing"),
        ("log.jsonl:4#/usd", "risk.limit_broken"),
    ]


def test_each_limit_over_an_event_is_judged_by_itself(tmp_path: Path) -> None:
    size = Limit("size", "/risk/position", ("position",), "/size")
    assert kept(tmp_path, event("position", usd=None, size=1501), limit=(POSITION, size)) == [
        ("log.jsonl:1#/usd", "risk.value_missing"),
        ("log.jsonl:1#/size", "risk.limit_broken"),
    ]


def test_a_breach_in_the_report_behind_one_that_cannot_be_read(tmp_path: Path) -> None:
    write(tmp_path, "ssot.json", '{"risk": {"position": 15}}')
    write(tmp_path, "report_a.json", "{")
    write(tmp_path, "report_b.json", "{}")
    write(tmp_path, "report_c.json", '{"max": 16}')
    limit = Limit("position", "/risk/position", report=Reported(("report_*.json",), "/max"))
    findings = judge_kept(section(limit=(limit,), events=None), run_of(tmp_path), tmp_path).findings
    assert places(findings) == [
        ("report_a.json:1", "json.syntax"),
        ("report_b.json#/max", "risk.value_missing"),
        ("report_c.json#/max", "risk.limit_broken"),
    ]


def test_no_report_for_a_limit_is_reported_for_each(tmp_path: Path) -> None:
    write(tmp_path, "ssot.json", '{"risk": {"position": 15}}')
    limits = tuple(Limit(name, "/risk/position", report=Reported((f"{name}.json",), "/max")) for name in "ab")
    findings = judge_kept(section(limit=limits, events=None), run_of(tmp_path), tmp_path).findings
    assert places(findings) == [("a.json", "artefact.none"), ("b.json", "artefact.none")]


def test_a_book_without_an_event_for_a_limit_of_every_book(tmp_path: Path) -> None:
    drawdown = Limit("drawdown", "/risk/position", ("check",), "/d", every_book=True)
    lines = event("position", "A", usd=1) + event("position", "C", usd=1) + event("position", "B", usd=1)
    write(tmp_path, "ssot.json", '{"risk": {"position": 1500}}')
    write(tmp_path, "log.jsonl", lines + event("check", "A", d=1))
    judgement = judge_kept(section(limit=(POSITION, drawdown)), run_of(tmp_path), tmp_path)
    assert judgement.findings == (
        Finding("log.jsonl", "events check for drawdown (B)", "none", "risk.no_events"),
        Finding("log.jsonl", "events check for drawdown (C)", "none", "risk.no_events"),
    )
    assert judgement.parameters == {"events_judged": {"drawdown": 1, "position": 3}}
    seen = dataclasses.replace(drawdown, every_book=False)
    assert kept(tmp_path, lines + event("check", "A", d=1), limit=(POSITION, seen)) == []


def test_a_sum_behind_broken_lines_and_reports(tmp_path: Path) -> None:
    write(tmp_path, "report_a.json", "{")
    write(tmp_path, "report_b.json", '{"book": "B"}')
    write(tmp_path, "report_c.json", '{"book": "C", "final": 10002}')
    lines = "nonsense\n" + '{"type": "fill", "pnl": 1}\n' + event("fill", "C", pnl=1) + event("fill", "D", pnl=1)
    found = conserved(tmp_path, EQUITY, lines)
    assert places(found) == [
        ("log.jsonl:1", "json.syntax"),
        ("log.jsonl:2#/book", "risk.value_missing"),
        ("report_a.json:1", "json.syntax"),
        ("report_b.json#/final", "risk.value_missing"),
        ("report_c.json#/final", "risk.not_conserved"),
        ("report_*.json", "risk.no_report"),
    ]
    assert (found[-2].expected, found[-2].observed) == ("10001 within 0.01, the sum of equity (C)", "10002, 1 off")
    assert (found[-1].expected, found[-1].observed) == ("a report on the book D", "none")


def test_a_start_that_is_missing_does_not_hide_the_next_sum(tmp_path: Path) -> None:
    write(tmp_path, "ssot.json", '{"risk": {"position": 1}}')
    write(tmp_path, "log.jsonl", event("fill", pnl=1, qty=1, side="B") + event("position", held=2))
    other = dataclasses.replace(POSITIONS, flow=Flow(("fill",), "/qty", Sign("/side", ("B",), ("S",))), name="z")
    judgement = judge_conservation(section(conservation=(other, EQUITY)), run_of(tmp_path), tmp_path)
    assert places(judgement.findings) == [
        ("ssot.json#/risk/equity", "risk.value_missing"),
        ("log.jsonl:2#/held", "risk.not_conserved"),
    ]
    assert judgement.parameters == {"sums": {"z": {"books": 1, "flows": 1, "stocks": 1}}}


def test_the_texts_about_an_increase(tmp_path: Path) -> None:
    write(tmp_path, "ssot.json", '{"risk": {"position": 2000}}')
    write(tmp_path, "bars.json", json.dumps([{"t": NOON}, {"t": NOON + MIDNIGHT}]))
    moment = Moment("bars.json", "/*/t", "ms", "target")

    def texts(*approvals: LimitIncrease) -> list[tuple[str, str]]:
        declared = section(normal={AT: Decimal(1500)}, raised=approvals, moment=moment)
        return [(f.expected, f.observed) for f in judge_increases(declared, no_run, tmp_path).findings]

    normal = "at most 1500 (the normal value)"
    assert texts() == [(f"{normal}, or an increase approved under [[risk.raised]]", "2000")]
    assert texts(approval(approver=""), approval(reason="")) == [
        (f"{normal}, or an approver", "2000, under the approval of 2025-01-01 with no approver"),
        (f"{normal}, or a reason", "2000, under the approval of 2025-01-01 with no reason"),
    ]
    assert texts(approval()) == [
        ("an approval for 2025-01-02 (UTC)", "the approval of 2025-01-01 (UTC) by R. Officer"),
    ]


def test_an_invalid_limit_does_not_hide_an_increase_of_another(tmp_path: Path) -> None:
    write(tmp_path, "ssot.json", '{"risk": {"a": null, "b": 2}}')
    limits = tuple(Limit(name, f"/risk/{name}", ("position",), "/usd") for name in "ab")
    declared = section(limit=limits, normal={"/risk/a": Decimal(1), "/risk/b": Decimal(1)}, moment="now")
    assert places(judge_increases(declared, no_run, tmp_path).findings) == [
        ("ssot.json#/risk/a", "risk.limit_not_a_number"),
        ("ssot.json#/risk/b", "risk.raise_undocumented"),
    ]
