"""The reference trading engine keeps what its README and its schemas promise."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

ROOT = Path(__file__).resolve().parent.parent / "fixtures" / "treasure"
DATASET, SSOT = ROOT / "data" / "bars.json", ROOT / "spec" / "ssot.json"
ERROR_ONLY = {
    "run_error",
    "data_gap_detected",
    "intent_rejected",
    "risk_limit_exceeded",
    "daily_loss_limit",
    "risk_halt",
    "recon_mismatch",
}
ENDINGS = {"order_filled", "order_rejected", "order_canceled"}
SCHEMAS = {
    "reports/strategy_*_report.json": ("sim_report", 12),
    "reports/eqs_report.json": ("eqs_report", 1),
    "reports/court_report.json": ("court_report", 1),
    "reports/run_summary.json": ("run_summary", 1),
}


def engine(
    out: Path, *, seed: int = 42, dataset: Path = DATASET, ssot: Path = SSOT, cwd: Path = ROOT, **env: str
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-B", "-m", "engine", "--seed", str(seed), "--run-id", "t"]
    command += ["--dataset", os.path.relpath(dataset, cwd), "--ssot", str(ssot), "--out", str(out)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **env}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=60)


def outputs(out: Path) -> dict[str, str]:
    files = (path for path in out.rglob("*") if path.is_file())
    return {path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def events(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "logs/events/run_t.jsonl").read_text().splitlines()]


def report(out: Path, name: str) -> Any:
    return json.loads((out / "reports" / f"{name}.json").read_text())


def sims(out: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(out.glob("reports/strategy_*_report.json")):
        yield json.loads(path.read_text())


def validator(name: str) -> Any:
    schema = json.loads((ROOT / f"{name}.schema.json").read_text())
    jsonschema_rs.meta.validate(schema)
    return jsonschema_rs.validator_for(schema, validate_formats=True)


def assert_valid_log(out: Path) -> None:
    check = validator("truth/event")
    for event in events(out):
        check.validate(event)


def edited(source: Path, target: Path, edit: Callable[[Any], object]) -> Path:
    value = json.loads(source.read_text())
    edit(value)
    target.write_text(json.dumps(value))
    return target


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("clean")
    done = engine(out)
    assert (done.returncode, done.stderr) == (0, "")
    return out


def test_same_bytes_in_another_environment(clean: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = engine(
        tmp_path / "out", cwd=elsewhere, PYTHONHASHSEED="4711", TZ="Pacific/Chatham", TMPDIR=str(elsewhere), LC_ALL="C"
    )
    assert done.returncode == 0, done.stderr
    assert outputs(tmp_path / "out") == outputs(clean)


def test_another_seed_changes_every_output_that_it_can(clean: Path, tmp_path: Path) -> None:
    assert engine(tmp_path, seed=43).returncode == 0
    same = outputs(clean).items() & outputs(tmp_path).items()
    assert not same


def test_outputs_are_canonical_and_nothing_else_is_written(clean: Path) -> None:
    assert len(outputs(clean)) == 16
    for path in clean.glob("reports/*.json"):
        text = path.read_text()
        assert text == json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n"
        assert str(clean) not in text


@pytest.mark.parametrize("pattern", sorted(SCHEMAS))
def test_reports_meet_their_schema(clean: Path, pattern: str) -> None:
    name, count = SCHEMAS[pattern]
    found = sorted(clean.glob(pattern))
    assert len(found) == count
    for path in found:
        validator(f"truth/{name}").validate(json.loads(path.read_text()))


def test_inputs_meet_their_schema() -> None:
    validator("truth/dataset").validate(json.loads(DATASET.read_text()))
    validator("spec/config").validate(json.loads(SSOT.read_text()))


def test_schemas_refuse_what_is_wrong(clean: Path) -> None:
    sim = next(sims(clean))
    sim["period"]["first_bar_utc"] = "yesterday"
    assert not validator("truth/sim_report").is_valid(sim)
    event = next(event for event in events(clean) if event["event_type"] == "order_filled")
    assert not validator("truth/event").is_valid({**event, "event_type": "order_placed"})
    assert not validator("truth/event").is_valid({**event, "category": "SYS"})


def test_dataset_is_the_recorded_one_and_the_generators_own(tmp_path: Path) -> None:
    digest, name = (ROOT / "data/SHA256SUMS").read_text().split()
    assert (hashlib.sha256(DATASET.read_bytes()).hexdigest(), DATASET.name) == (digest, name)
    command = [sys.executable, "-B", "-m", "engine.generator", "--seed", "7", "--bars", "864"]
    subprocess.run([*command, "--out", str(tmp_path / "again.json")], cwd=ROOT, check=True, timeout=60)
    assert (tmp_path / "again.json").read_bytes() == DATASET.read_bytes()


def test_event_log_is_numbered_ordered_and_valid(clean: Path) -> None:
    log = events(clean)
    assert [event["seq"] for event in log] == list(range(len(log)))
    assert all(earlier["ts_ms"] <= later["ts_ms"] for earlier, later in itertools.pairwise(log))
    assert_valid_log(clean)
    keys = ["ts_ms", "seq", "run_id", "category", "event_type", "level", "payload"]
    assert all(list(event) == keys for event in log)
    assert log[-1]["payload"]["events_total"] == len(log) >= 300


def test_clean_run_is_quiet_and_tells_every_ordinary_event(clean: Path) -> None:
    log = events(clean)
    catalogue = set(json.loads((ROOT / "truth/event.schema.json").read_text())["properties"]["event_type"]["enum"])
    assert {event["event_type"] for event in log} == catalogue - ERROR_ONLY
    assert {event["level"] for event in log} == {"DEBUG", "INFO", "WARN"}
    assert {event["category"] for event in log} == {"SYS", "EXEC", "RISK", "RECON", "DATA", "ORCH"}
    assert all(event["payload"].get("duration_ms", 0) <= 1000 for event in log)


def test_every_placed_order_ends_once(clean: Path) -> None:
    endings: dict[str, int] = {}
    for event in events(clean):
        if event["event_type"] == "order_placed":
            endings[event["payload"]["order_id"]] = 0
        elif event["event_type"] in ENDINGS:
            endings[event["payload"]["order_id"]] += 1
    assert endings
    assert set(endings.values()) == {1}


def test_money_is_conserved_from_events_to_reports(clean: Path) -> None:
    pnls: dict[tuple[str, str], list[float]] = defaultdict(list)
    for event in events(clean):
        if "pnl_usd" in event["payload"]:
            pnls[event["payload"]["strategy"], event["payload"]["mode"]].append(event["payload"]["pnl_usd"])
    for sim in sims(clean):
        governor = sim["risk_governor"]
        change = governor["final_equity_usd"] - governor["initial_equity_usd"]
        fills = pnls[sim["strategy"], sim["mode"]]
        assert math.fsum(fills) == pytest.approx(change, abs=1e-6)
        assert len(fills) == sim["execution"]["fills"]
        assert sim["summary"]["net_pnl_usd"] == pytest.approx(change, abs=1e-6)
        assert abs(change) > 1


def test_counts_and_scores_follow_from_the_reports(clean: Path) -> None:
    for sim in sims(clean):
        done, summary, penalties = sim["execution"], sim["summary"], sim["penalties"]
        assert (
            done["orders_filled"] + done["orders_rejected"] == done["orders_total"] == sim["execution_policy"]["total"]
        )
        assert done["rejected_by_venue"] + done["expired_unfilled"] == done["orders_rejected"]
        worth = math.fsum(trade["pnl_usd"] for trade in sim["trades"]) / len(sim["trades"])
        assert summary["expectancy_bps"] == pytest.approx(worth / summary["order_size_usd"] * 1e4, abs=1e-6)
        items = [item for name, item in penalties.items() if name != "total_bps"]
        total = sum(min(1, item["raw"] / item["limit"]) * item["weight_bps"] for item in items)
        assert total == pytest.approx(penalties["total_bps"], abs=1e-6)
        assert summary["penalised_expectancy_bps"] == pytest.approx(summary["expectancy_bps"] - total, abs=1e-6)
    eqs = report(clean, "eqs_report")
    weighted = sum(eqs["weights"][name] * eqs["terms"][name] for name in eqs["weights"])
    assert eqs["eqs_score"] == pytest.approx(weighted, abs=1e-6)


def test_eqs_holds_its_own_thresholds(clean: Path) -> None:
    eqs = report(clean, "eqs_report")
    observed = {**eqs["inputs"], "eqs_score": eqs["eqs_score"]}
    for name, limit in eqs["thresholds"].items():
        kind, measure = name.split("_", 1)
        assert observed[measure] <= limit if kind == "max" else observed[measure] >= limit


def test_court_judges_these_reports_and_reaches_different_decisions(clean: Path) -> None:
    court, digests = report(clean, "court_report"), outputs(clean)
    assert court["ssot_ref"]["sha256"] == hashlib.sha256(SSOT.read_bytes()).hexdigest()
    for ref in [*court["judged"], court["eqs_ref"], *report(clean, "run_summary")["reports"]]:
        assert digests[ref["path"]] == ref["sha256"]
    assert {entry["decision"] for entry in court["decisions"]} == {"ALLOWED", "BLOCKED", "NEEDS_DATA"}


def test_gap_is_told_with_its_place(tmp_path: Path) -> None:
    def cut(value: Any) -> None:
        del value["bars"][100:103]
        value["meta"]["bars_count"] -= 3

    out = tmp_path / "out"
    assert engine(out, dataset=edited(DATASET, tmp_path / "bars.json", cut)).returncode == 0
    gaps = [event["payload"] for event in events(out) if event["event_type"] == "data_gap_detected"]
    assert [(gap["bar_idx"], gap["missing_bars"]) for gap in gaps] == [(100, 3)]
    assert_valid_log(out)


@pytest.mark.parametrize(
    "limit", ["max_position_size_usd", "daily_loss_limit_usd", "max_drawdown", "kill_switch_drawdown"]
)
def test_missing_limit_is_an_error_never_no_limit(tmp_path: Path, limit: str) -> None:
    done = engine(tmp_path / "out", ssot=edited(SSOT, tmp_path / "ssot.json", lambda value: value["risk"].pop(limit)))
    assert (done.returncode, done.stderr) == (1, f"engine: ssot.json: /risk/{limit} is missing\n")
    told = events(tmp_path / "out")
    assert [event["event_type"] for event in told] == ["run_error"]
    failed = report(tmp_path / "out", "run_summary")
    assert failed["status"] == "error"
    validator("truth/run_summary").validate(failed)
    assert_valid_log(tmp_path / "out")


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"daily_loss_limit_usd": 5}, {"daily_loss_limit", "intent_rejected"}),
        ({"max_drawdown": 0.004}, {"risk_limit_exceeded", "intent_rejected"}),
        ({"kill_switch_drawdown": 0.004}, {"risk_halt", "intent_rejected"}),
        ({"max_position_size_usd": 900}, {"risk_limit_exceeded", "intent_rejected"}),
    ],
)
def test_limits_stop_entries_and_are_told(tmp_path: Path, limits: dict[str, float], expected: set[str]) -> None:
    out = tmp_path / "out"
    ssot = edited(SSOT, tmp_path / "ssot.json", lambda value: value["risk"].update(limits))
    assert engine(out, ssot=ssot).returncode == 0
    log = events(out)
    assert {event["event_type"] for event in log} & ERROR_ONLY == expected
    assert_valid_log(out)
    for sim in sims(out):
        validator("truth/sim_report").validate(sim)
    blocked = sum(sim["risk_governor"]["blocked_intents"] for sim in sims(out))
    assert blocked == sum(event["event_type"] == "intent_rejected" for event in log)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "not strict JSON"),
        ('{"meta":{},"bars":[NaN]}', "NaN is not JSON"),
        ('{"meta":{},"meta":{},"bars":[]}', "occurs twice"),
        ("[]", "must have exactly the members meta and bars"),
        (DATASET.read_text().replace('"bars_count":864', '"bars_count":900'), "bars_count"),
        (DATASET.read_text().replace('"o":40000.0', '"o":-1'), "/bars/0/o must be a number above 0"),
        (DATASET.read_text().replace("1735689900000", "1735689600000"), "/bars/1/t_ms"),
    ],
)
def test_bad_dataset_is_one_line(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "bars.json").write_text(text)
    done = engine(tmp_path / "out", dataset=tmp_path / "bars.json")
    assert done.returncode == 1
    assert told in done.stderr
    assert done.stderr.count("\n") == 1


def test_absent_or_undecodable_dataset_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "bars.json").write_bytes(b'{"meta":"\xff"}')
    for name in ("bars.json", "none.json"):
        done = engine(tmp_path / name.split(".")[0], dataset=tmp_path / name)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)


def test_wrong_usage_and_a_taken_run_id(clean: Path) -> None:
    command = [sys.executable, "-B", "-m", "engine", "--seed", "x"]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=60).returncode == 2
    before = outputs(clean)
    done = engine(clean)
    assert done.returncode == 1
    assert "already has an event log" in done.stderr
    assert outputs(clean) == before


def imported(path: Path) -> set[str]:
    lines = [line.split() for line in path.read_text().splitlines()]
    return {words[1] for words in lines if len(words) > 1 and words[0] in ("import", "from")}


def test_engine_imports_only_the_standard_library_and_itself() -> None:
    paths = sorted((ROOT / "engine").rglob("*.py"))
    assert len(paths) > 40
    for path in paths:
        allowed = sys.stdlib_module_names | {"engine"} | ({"sqlalchemy"} if path.parent.name == "store" else set())
        assert {name.split(".")[0] for name in imported(path)} <= allowed
        assert not imported(path) & {"random", "time", "secrets", "uuid", "socket", "urllib.request", "http.client"}


def test_only_who_asks_for_a_database_loads_one(tmp_path: Path) -> None:
    asked = f"['--seed','1','--dataset','{DATASET}','--ssot','{SSOT}','--out','{tmp_path}','--run-id','t']"
    code = f"import sys; from engine.cli import main; main({asked}); sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-B", "-c", code], cwd=ROOT, check=False, timeout=60).returncode == 0
