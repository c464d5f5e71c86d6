"""The reference town from outside: the same seed gives the same bytes, and what has to fail fails in the right way."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TOWN = Path(__file__).parents[1] / "fixtures" / "townlet"
SCENARIOS = ("queue_conflict", "employment_punctuality", "rivalry_decay", "control")


def town(out: Path, *words: str, hashing: str = "0") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONHASHSEED": hashing}
    command = [sys.executable, "-B", "-m", "town", *words, "--out", str(out)]
    return subprocess.run(command, cwd=TOWN, env=environment, text=True, capture_output=True, check=False)


def digests(out: Path) -> dict[str, str]:
    files = sorted(path for path in out.rglob("*") if path.is_file())
    return {path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def live(out: Path, *words: str, seed: int = 3, hashing: str = "0") -> subprocess.CompletedProcess[str]:
    return town(out, "live", "--config", "configs/release.yaml", "--seed", str(seed), "--ticks", "120", *words,
                hashing=hashing)  # fmt: skip


def test_a_living_town_is_the_same_under_the_same_seed_alone(tmp_path: Path) -> None:
    for name, seed, hashing in (("a", 3, "0"), ("b", 3, "77"), ("c", 4, "0")):
        assert live(tmp_path / name, seed=seed, hashing=hashing).returncode == 0
    same, again, other = (digests(tmp_path / name) for name in "abc")
    assert same == again
    assert same["stream/telemetry.jsonl"] != other["stream/telemetry.jsonl"]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_training_gives_the_same_telemetry_bytes(tmp_path: Path, scenario: str) -> None:
    words = ("train", "--config", f"configs/scenarios/{scenario}.yaml", "--epochs", "2")
    for name, seed, hashing in (("a", "5", "0"), ("b", "5", "77"), ("c", "6", "0")):
        done = town(tmp_path / name, *words, "--seed", seed, hashing=hashing)
        assert done.returncode == 0, done.stderr
    same, again, other = ((tmp_path / name / f"telemetry/{scenario}.jsonl").read_bytes() for name in "abc")
    assert same == again != other
    rows = [json.loads(line) for line in same.splitlines()]
    assert [row["data_mode"] for row in rows] == ["replay", "rollout"] * 2
    schema = json.loads((TOWN / "spec/telemetry_row.schema.json").read_bytes())
    assert set(rows[1]) == set(schema["required"])


def test_a_stream_over_tcp_is_that_of_the_file(tmp_path: Path) -> None:
    assert live(tmp_path / "file").returncode == 0
    sent = live(tmp_path / "tcp", "--transport", "tcp", "--collect", "stream/tcp.jsonl")
    assert sent.returncode == 0, sent.stderr
    states = [
        [json.loads(line)["tick"] for line in (tmp_path / name).read_text().splitlines()]
        for name in ("file/stream/telemetry.jsonl", "tcp/stream/tcp.jsonl")
    ]
    assert states[0] == states[1]


def test_a_peer_that_is_not_there_is_told_and_nobody_dies(tmp_path: Path) -> None:
    done = live(tmp_path / "out", "--transport", "tcp", "--endpoint", "127.0.0.1:9")
    assert done.returncode == 0, done.stderr
    view = json.loads((tmp_path / "out/console/telemetry_snapshot.json").read_bytes())
    assert view["transport"]["connected"] is False
    assert view["transport"]["last_error"]
    assert view["transport"]["dropped_messages"] + view["transport"]["queue_length"] > 0


def test_the_drill_stops_after_the_first_stage(tmp_path: Path) -> None:
    words = ("anneal", "--config", "configs/anneal.yaml", "--dataset", "data/bc_datasets", "--seed", "20260")
    done = town(tmp_path, *words, "--accuracy-threshold", "0.999")
    assert done.returncode == 1
    stages = json.loads((tmp_path / "anneal/anneal_results.json").read_bytes())
    assert [(stage["mode"], stage["passed"], stage["rolled_back"]) for stage in stages] == [("bc", False, True)]


@pytest.mark.parametrize(
    "text", ["", "config_id: 7\n", "- a\n", "seed: !!python/object:os.system {}\n", "a: 1\na: 2\n"]
)
def test_a_configuration_that_is_none_is_refused_in_a_line(tmp_path: Path, text: str) -> None:
    config = tmp_path / "bad.yaml"
    config.write_text(text)
    done = town(tmp_path / "out", "live", "--config", str(config), "--seed", "1")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1, done.stderr
