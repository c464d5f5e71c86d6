"""The dry run: a live adapter on recorded answers, held against what book and fees alone make expect."""

from __future__ import annotations

import hashlib
import json
import math
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tests.treasure_commands import ROOT, call, environment, files, lines, refused, succeeded

EXCHANGE = ROOT / "data" / "exchange"
LOG = "logs/events/dryrun_t.jsonl"

Answers = list[dict[str, Any]]
Edit = Callable[[Answers], object]


def dry_run(exchange: Path, out: Path) -> subprocess.CompletedProcess[str]:
    return call("engine.dryrun", "--exchange", exchange, "--out", out, "--run-id", "t")


def report(out: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((out / "reports/recon_report.json").read_text())
    return value


def orders(out: Path, side: str) -> list[dict[str, Any]]:
    value: list[dict[str, Any]] = json.loads((out / "reports/recon_orders.json").read_text())[side]
    return value


def assert_valid(out: Path) -> None:
    for name in ("recon_orders", "recon_report"):
        check = jsonschema_rs.validator_for(json.loads((ROOT / f"truth/{name}.schema.json").read_text()))
        check.validate(json.loads((out / f"reports/{name}.json").read_text()))
    check = jsonschema_rs.validator_for(json.loads((ROOT / "truth/dryrun_event.schema.json").read_text()))
    for event in lines(out / LOG):
        check.validate(event)


def edited(folder: Path, edit: Edit) -> Path:
    """A copy of the exchange that answers otherwise."""
    shutil.copytree(EXCHANGE, folder)
    value = json.loads((folder / "answers.json").read_text())
    edit(value["answers"])
    (folder / "answers.json").write_text(json.dumps(value))
    return folder


def one(answers: Answers, trade_id: str) -> dict[str, Any]:
    return next(answer for answer in answers if answer.get("trade_id") == trade_id)


def put(trade_id: str, /, **values: object) -> Edit:
    return lambda answers: one(answers, trade_id).update(values)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("clean")
    succeeded(dry_run(EXCHANGE, out))
    return out


def test_the_recorded_exchange_is_as_recorded_and_agrees(clean: Path) -> None:
    for line in (EXCHANGE / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split()
        assert hashlib.sha256((EXCHANGE / name).read_bytes()).hexdigest() == digest
    found = report(clean)
    assert (found["status"], found["mismatches"]) == ("match", [])
    assert found["summary"] == {
        "orders_checked": 36,
        "fills_checked": 59,
        "mismatches": 0,
        "mismatched_orders": 0,
        "accuracy": 1.0,
        "halt_trading": False,
    }
    assert_valid(clean)
    assert sorted(files(clean)) == [LOG, "reports/recon_orders.json", "reports/recon_report.json"]


def test_the_sides_come_from_different_places(clean: Path) -> None:
    adapter, expected = orders(clean, "adapter"), orders(clean, "expected")
    assert [order["order_id"] for order in adapter] == [order["order_id"] for order in expected]
    assert {order["state"] for order in expected} == {"FILLED", "CANCELED", "REJECTED"}
    assert adapter != expected
    assert any(order["fee_usd"] != due["fee_usd"] for order, due in zip(adapter, expected, strict=True))
    assert all(order["ts_ms"] != due["ts_ms"] for order, due in zip(adapter[:5], expected[:5], strict=True))


def test_sums_of_an_order_are_those_of_its_fills(clean: Path) -> None:
    for order in orders(clean, "adapter") + orders(clean, "expected"):
        qty = math.fsum(fill["qty"] for fill in order["fills"])
        assert order["qty"] == pytest.approx(qty, abs=1e-8)
        assert order["fee_usd"] == pytest.approx(math.fsum(fill["fee_usd"] for fill in order["fills"]), abs=1e-8)
        worth = math.fsum(fill["qty"] * fill["price"] for fill in order["fills"])
        assert order["price"] * qty == pytest.approx(worth, abs=1e-5)


def test_same_bytes_again(clean: Path, tmp_path: Path) -> None:
    succeeded(dry_run(EXCHANGE, tmp_path))
    assert files(tmp_path) == files(clean)
    refused(dry_run(EXCHANGE, tmp_path), "already has an event log")


def test_no_socket_is_ever_made(tmp_path: Path) -> None:
    trapped = (
        "import sys\n"
        "def hook(event, _):\n"
        "    if event.startswith(('socket.', 'subprocess.', 'os.exec', 'os.posix_spawn')): sys.exit(event)\n"
        "sys.addaudithook(hook)\n"
        "from engine.dryrun.__main__ import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    asked = ["--exchange", str(EXCHANGE), "--out", str(tmp_path), "--run-id", "t"]
    done = subprocess.run(
        [sys.executable, "-c", trapped, *asked], env=environment(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


# --- what the exchange may get wrong --------------------------------------------------------------------------------


def drop(trade_id: str) -> Edit:
    return lambda answers: answers.remove(one(answers, trade_id))


def repeat(trade_id: str) -> Edit:
    return lambda answers: answers.append(one(answers, trade_id))


def expire(order_id: str) -> Edit:
    return lambda answers: answers.append({"client_id": order_id, "type": "EXPIRE", "time_ms": 1735689601000})


def unasked(answers: Answers) -> None:
    answers.append({**one(answers, "D-0001/1"), "client_id": "X-1", "trade_id": "X-1/1"})


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (put("D-0001/1", price="40017.00"), {"PRICE_MISMATCH": 1}),
        (put("D-0001/1", price="39974.50"), {}),
        (put("D-0001/1", fee="0.399781"), {"FEE_MISMATCH": 1}),
        (put("D-0001/1", fee="0.399779"), {}),
        (put("D-0001/1", qty="0.02500002"), {"QTY_MISMATCH": 1}),
        (put("D-0001/1", time_ms=1735689601120), {}),
        (put("D-0001/1", time_ms=1735689601121), {"TIMESTAMP_DRIFT": 2}),
        (put("D-0001/1", status="PARTIALLY_FILLED"), {"ORDER_STATE_DRIFT": 1}),
        (put("D-0001/1", trade_id="Z-9"), {"MISSING_FILL": 1, "UNEXPECTED_FILL": 1}),
        (repeat("D-0001/1"), {"DUP_FILL": 1}),
        (drop("D-0005/1"), {"MISSING_FILL": 1}),
        (expire("D-0001"), {"ORDER_STATE_DRIFT": 1}),
        (unasked, {"ORDER_STATE_DRIFT": 1, "UNEXPECTED_FILL": 1}),
    ],
)
def test_each_disagreement_has_its_code(clean: Path, tmp_path: Path, edit: Edit, expected: dict[str, int]) -> None:
    succeeded(dry_run(edited(tmp_path / "exchange", edit), tmp_path / "out"))
    found = report(tmp_path / "out")
    assert {code: count for code, count in found["codes"].items() if count} == expected
    assert found["status"] == ("mismatch" if expected else "match")
    assert found["summary"]["mismatched_orders"] == bool(expected)
    assert orders(tmp_path / "out", "expected") == orders(clean, "expected")
    told = [event["payload"] for event in lines(tmp_path / "out" / LOG) if event["event_type"] == "recon_mismatch"]
    assert told == found["mismatches"]
    assert_valid(tmp_path / "out")


def test_an_order_without_answers_stays_sent(tmp_path: Path) -> None:
    def mute(answers: Answers) -> None:
        answers[:] = [answer for answer in answers if answer["client_id"] != "D-0005"]

    succeeded(dry_run(edited(tmp_path / "exchange", mute), tmp_path / "out"))
    codes = {code: count for code, count in report(tmp_path / "out")["codes"].items() if count}
    assert codes == {"MISSING_FILL": 2, "ORDER_STATE_DRIFT": 1, "TIMESTAMP_DRIFT": 1}
    assert next(order for order in orders(tmp_path / "out", "adapter") if order["order_id"] == "D-0005") == {
        "order_id": "D-0005",
        "state": "SENT",
        "qty": 0.0,
        "price": 0.0,
        "fee_usd": 0.0,
        "ts_ms": 1735689680000,
        "fills": [],
    }


@pytest.mark.parametrize(("count", "halts"), [(10, False), (11, True)])
def test_more_than_ten_wrong_orders_ask_for_a_halt(tmp_path: Path, count: int, halts: bool) -> None:
    def overcharge(answers: Answers) -> None:
        ids = sorted({answer["client_id"] for answer in answers if answer["type"] == "FILL"})[:count]
        for answer in answers:
            if answer["client_id"] in ids and answer["type"] == "FILL":
                answer["fee"] = "9.0"

    succeeded(dry_run(edited(tmp_path / "exchange", overcharge), tmp_path / "out"))
    summary = report(tmp_path / "out")["summary"]
    assert (summary["mismatched_orders"], summary["halt_trading"]) == (count, halts)
    assert summary["accuracy"] == pytest.approx(1 - count / 36, abs=1e-8)
    halted = [event for event in lines(tmp_path / "out" / LOG) if event["event_type"] == "recon_halt"]
    assert [event["level"] for event in halted] == ["CRITICAL"] * halts
    assert_valid(tmp_path / "out")


# --- what is expected, by hand --------------------------------------------------------------------------------------

BOOK = {
    "latency_ms": 100,
    "symbols": {
        "AB": {
            "status": "TRADING",
            "min_qty": 1,
            "snapshots": [
                {"ts_ms": 1000, "bids": [[98, 5]], "asks": [[100, 2], [101, 3], [103, 9]]},
                {"ts_ms": 1105, "bids": [[94, 5]], "asks": [[95, 4], [96, 6]]},
                {"ts_ms": 3000, "bids": [[70, 5]], "asks": [[80, 9]]},
            ],
        },
        "CD": {"status": "HALTED", "min_qty": 1, "snapshots": []},
    },
}
FEES = {"fees": {name: {"maker_bps": 10, "taker_bps": 50} for name in ("AB", "CD")}}


@pytest.mark.parametrize(
    ("intent", "state", "ts_ms", "fills"),
    [
        ({}, "FILLED", 1102, [(2, 100, 1.0, 1102), (1, 101, 0.505, 1102)]),
        ({"qty": 99}, "CANCELED", 1102, [(2, 100, 1.0, 1102), (3, 101, 1.515, 1102), (9, 103, 4.635, 1102)]),
        ({"ts_ms": 900}, "FILLED", 1000, [(2, 100, 1.0, 1000), (1, 101, 0.505, 1000)]),
        ({"ts_ms": 899}, "CANCELED", 999, []),
        ({"side": "SELL"}, "FILLED", 1102, [(3, 98, 1.47, 1102)]),
        ({"limit_price": 100}, "FILLED", 1105, [(2, 100, 1.0, 1102), (1, 100, 0.1, 1105)]),
        ({"limit_price": 95, "qty": 5}, "CANCELED", 2002, [(4, 95, 0.38, 1105)]),
        ({"limit_price": 95, "qty": 5, "ttl_ms": 1998}, "FILLED", 3000, [(4, 95, 0.38, 1105), (1, 95, 0.095, 3000)]),
        ({"limit_price": 94}, "CANCELED", 2002, []),
        ({"side": "SELL", "limit_price": 99}, "CANCELED", 2002, []),
        ({"qty": 0.5}, "REJECTED", 1102, []),
        ({"symbol": "CD"}, "REJECTED", 1102, []),
        ({"symbol": "EF"}, "REJECTED", 1102, []),
    ],
)
def test_expectation_by_hand(
    tmp_path: Path, intent: dict[str, Any], state: str, ts_ms: int, fills: list[tuple[float, float, float, int]]
) -> None:
    asked = {"order_id": "A", "symbol": "AB", "side": "BUY", "qty": 3, "limit_price": None, "ttl_ms": 1000}
    asked |= {"ts_ms": 1002, **intent}
    asked["type"] = "MARKET" if asked["limit_price"] is None else "LIMIT"
    content = {"book": BOOK, "fees": FEES, "intents": {"intents": [asked]}, "answers": {"answers": []}}
    for name, value in content.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(value))
    succeeded(dry_run(tmp_path, tmp_path / "out"))
    (order,) = orders(tmp_path / "out", "expected")
    assert (order["state"], order["ts_ms"]) == (state, ts_ms)
    found = [(fill["qty"], fill["price"], fill["fee_usd"], fill["ts_ms"]) for fill in order["fills"]]
    assert found == fills
    assert [fill["fill_id"] for fill in order["fills"]] == [f"A/{number + 1}" for number in range(len(fills))]


# --- nonsense -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("answers", '"0.02500000"', '"NaN"', "answers.json: /answers/1/qty must be a decimal number in quotes"),
        ("answers", '"0.02500000"', '"-0.025"', "/answers/1/qty must be a decimal"),
        ("answers", '"0.02500000"', "0.025", "/answers/1/qty must be a decimal"),
        ("answers", '"FILL"', '"FULL"', "/answers/1/type must be one of ACK, FILL, REJECT, EXPIRE"),
        ("answers", '"price": "39974.00", ', "", "/answers/1/price is missing"),
        ("answers", "1735689600317", '"now"', "/answers/0/time_ms must be a whole number"),
        ("answers", '"answers"', '"replies"', "/answers is missing"),
        ("answers", '{"answers"', '[{"answers"', "not strict JSON"),
        ("intents", '"D-0002"', '"D-0001"', "repeats the order id D-0001"),
        ("intents", '"MARKET"', '"LIMIT"', "must have a limit_price when it is LIMIT"),
        ("intents", '"qty": 0.025', '"qty": NaN', "NaN is not JSON"),
        ("intents", '"qty": 0.025', '"qty": 0', "/intents/0/qty must be a number above 0"),
        ("fees", "ETHUSDT", "ETHEUR", "/fees/ETHUSDT is missing"),
        ("book", '"latency_ms": 120', '"latency_ms": null', "/latency_ms must be a whole number"),
        ("book", "1735689599500", "1735689999500", "has snapshots that do not rise in time"),
        ("book", '"bids": [[', '"bids": [[1,2],[', "has levels out of order"),
        ("book", '"bids": [[', '"bids": [[1],[', "must be a pair"),
    ],
)
def test_nonsense_is_one_line(tmp_path: Path, name: str, old: str, new: str, told: str) -> None:
    exchange = edited(tmp_path / "exchange", lambda answers: None)
    shutil.copy(EXCHANGE / "answers.json", exchange)
    path = exchange / f"{name}.json"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))
    refused(dry_run(exchange, tmp_path / "out"), told)
    (event,) = lines(tmp_path / "out" / LOG)
    assert (event["event_type"], event["payload"]["kind"]) == ("dryrun_error", "ExchangeError")
    assert not (tmp_path / "out/reports").exists()
    assert_no_path(event["payload"]["reason"], tmp_path)


def assert_no_path(text: str, folder: Path) -> None:
    assert str(folder) not in text


@pytest.mark.parametrize("name", ["answers", "book", "fees", "intents"])
def test_a_missing_file_is_one_line(tmp_path: Path, name: str) -> None:
    exchange = edited(tmp_path / "exchange", lambda answers: None)
    (exchange / f"{name}.json").unlink()
    refused(dry_run(exchange, tmp_path / "out"), f"{name}.json: cannot be read")
