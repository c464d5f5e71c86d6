"""The gates convict: one fault of each kind and gate here, all of them in the campaign."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gatecourt.rules.registry import pytest_gatecourt_gates
from gatecourt.system.faults.loading import load_faults
from gatecourt.system.faults.selection import choose
from tests.bench import ROOT

SYSTEMS = sorted((ROOT / "fixtures").glob("*/gates.toml"))
GATES = {gate.marker: gate for gate in pytest_gatecourt_gates()}


@pytest.mark.parametrize("manifest", SYSTEMS, ids=lambda path: path.parent.name)
def test_a_fault_of_each_kind_is_convicted_and_the_clean_system_acquitted(manifest: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--prove=sample"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [*command, f"--target={manifest}", f"--reports={tmp_path}"],
        cwd=ROOT, env=environment, text=True, capture_output=True, check=False, timeout=1800,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    outcomes = json.loads((tmp_path / "proof" / "convictions.json").read_bytes())["outcomes"]
    declared = {fault.id for fault in choose(load_faults(manifest.parent / "faults", GATES), "sample")}
    assert {outcome["fault"] for outcome in outcomes if "fault" in outcome} == declared


@pytest.mark.parametrize("manifest", SYSTEMS, ids=lambda path: path.parent.name)
def test_every_gate_of_every_roll_has_faults_that_it_must_convict(manifest: Path) -> None:
    import tomllib

    roll = tomllib.loads(manifest.read_text())["court"]["roll"]
    assert set(roll) == {fault.gate for fault in load_faults(manifest.parent / "faults", GATES)}


def test_the_trading_engine_has_the_faults_it_promises() -> None:
    assert len(load_faults(ROOT / "fixtures/treasure/faults", GATES)) >= 25
