"""Every script of ``benchmarks/`` works: each is run on inputs that say nothing about speed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench import PLUGINS, ROOT, environment, put, python

FOLDER = ROOT / "benchmarks"
LINES = {
    "databases": ("SQLite, 1000 rows, equal: ", "(join: 0 differing, ours: 0 findings)", "(join: 1 differing, ours: 1"),
    "difference": ("identical logs, 1 MB: ", "masked logs, 1 MB: ", "times as fast as deepdiff"),
    "event_log": ("same answer: True (47 invalid lines)", "times as fast as the peer"),
    "source_scan": ("3471 lines, 16 files, 1 rounds", "times as fast as "),
    "telemetry_log": ("own script ", "gatecourt ", " x own script"),
}
OWN_TEST = {"record_throughput", "test_mechanisms"}
MANIFEST = """
[target]
name = "tiny"
[court]
roll = ["throughput"]
[run]
command = ["{python}", "-c", "open('out/a.txt', 'w').write('done')"]
outputs = ["a.txt"]
[throughput]
baseline = "perf/base.json"
commands = ["run"]
"""


def test_every_script_is_run_here() -> None:
    assert {path.stem for path in FOLDER.glob("*.py")} == {*LINES, *OWN_TEST}


@pytest.mark.parametrize("name", LINES)
def test_a_script_prints_its_figures(name: str) -> None:
    done = python(FOLDER / f"{name}.py", "--tiny", env=environment(PLUGINS))
    assert done.returncode == 0, done.stderr
    assert [line for line in LINES[name] if line not in done.stdout] == []


def test_the_mechanisms_under_pytest_benchmark() -> None:
    words = ["-q", "-c", FOLDER / "pytest.ini", "--benchmark-disable", FOLDER / "test_mechanisms.py"]
    done = python("-m", "pytest", *words, env=environment(PLUGINS))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout


def test_a_baseline_of_throughput_is_recorded(tmp_path: Path) -> None:
    manifest = put(tmp_path, "gates.toml", MANIFEST)
    words = ["--by", "ada", "--machine", "2 cores", "--times", "3", "--to", tmp_path / "perf/base.json"]
    done = python(FOLDER / "record_throughput.py", manifest, *words, env=environment(PLUGINS))
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{tmp_path / 'perf/base.json'}: 1 commands, 0 gates\n"
    recorded = json.loads((tmp_path / "perf/base.json").read_bytes())
    assert recorded["commands"].keys() == {"run"}
    assert (recorded["by"], recorded["machine"]) == ("ada", "2 cores")
