"""The gates convict: here a fault for each check and each kind of edit, in the campaign all of them."""

from __future__ import annotations

import ast
import json
import tomllib
from pathlib import Path

import pytest

from gatecourt.core.errors import FaultError
from gatecourt.rules.registry import pytest_gatecourt_gates
from gatecourt.system.faults.loading import load_faults
from gatecourt.system.faults.section import Edit, Fault
from gatecourt.system.faults.selection import choose
from tests.bench import MANIFESTS, PLUGINS, ROOT, environment, python

GATES = {gate.marker: gate for gate in pytest_gatecourt_gates()}
FAULTS = {manifest.parent.name: load_faults(manifest.parent / "faults", GATES) for manifest in MANIFESTS}


def checks() -> set[str]:
    """``gate.check`` for each test function of ``gates/``."""
    found = set()
    for module in (ROOT / "gates").glob("test_*.py"):
        tree = ast.parse(module.read_text())
        names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
        gate = module.stem.removeprefix("test_")
        found |= {f"{gate}.{name.removeprefix('test_')}" for name in names if name.startswith("test_")}
    return found


def convicting(faults: list[Fault]) -> set[str]:
    """``gate.check`` for each check that one of the faults names as the one that must convict."""
    named = [fault for fault in faults if fault.check and fault.verdict != "PASS"]
    return {f"{fault.gate}.{str(fault.check).partition('[')[0]}" for fault in named}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.parent.name)
def test_the_sample_is_convicted_and_the_clean_system_acquitted(manifest: Path, tmp_path: Path) -> None:
    words = ["-m", "pytest", "-q", "-n", "2", "--prove=sample", f"--target={manifest}", f"--reports={tmp_path}"]
    done = python(*words, env=environment(PLUGINS), limit=850)
    assert done.returncode == 0, done.stdout + done.stderr
    outcomes = json.loads((tmp_path / "proof" / "convictions.json").read_bytes())["outcomes"]
    declared = {fault.id for fault in choose(FAULTS[manifest.parent.name], "sample")}
    assert {outcome["fault"] for outcome in outcomes if "fault" in outcome} == declared


def test_the_samples_hold_a_fault_for_each_check() -> None:
    sampled = [fault for faults in FAULTS.values() for fault in choose(faults, "sample")]
    assert checks() - convicting(sampled) == set()


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.parent.name)
def test_every_gate_of_every_roll_has_faults_that_it_must_convict(manifest: Path) -> None:
    roll = tomllib.loads(manifest.read_text())["court"]["roll"]
    faults = FAULTS[manifest.parent.name]
    assert set(roll) == {fault.gate for fault in faults if fault.verdict != "PASS"}


def fault(number: int, check: str | None, *, run: bool = False, harmless: bool = False, kind: str = "text") -> Fault:
    edits = {"text": Edit("a", "append_text", text="b"), "gone": Edit("a", "delete_file")}
    verdict, on = "PASS" if harmless else "FAIL", "source" if run else "artefact"
    return Fault(f"f{number}", "e2", "T02", "why", on, verdict, check, edit=(edits[kind],))  # type: ignore[arg-type]  # literals


@pytest.mark.parametrize(
    ("declared", "sample"),
    [
        ([fault(1, "a"), fault(2, "a"), fault(3, "b")], ["f1", "f3"]),
        ([fault(1, "a[x]"), fault(2, "a[y]")], ["f1"]),
        ([fault(1, "a", run=True), fault(2, "a")], ["f2"]),
        ([fault(1, "b", run=True), fault(2, "a"), fault(3, "a", run=True)], ["f1", "f2"]),
        ([fault(1, "a"), fault(2, "a", kind="gone"), fault(3, None)], ["f1", "f2"]),
        ([fault(1, "a", harmless=True), fault(2, "a"), fault(3, None, harmless=True)], ["f1", "f2"]),
        ([fault(1, None), fault(2, "a")], ["f1", "f2"]),
    ],
)
def test_the_sample_is_small_and_cheap(declared: list[Fault], sample: list[str]) -> None:
    assert [fault.id for fault in choose(declared, "sample")] == sample


def test_named_faults_are_proved_as_they_are_named() -> None:
    declared = [fault(1, "a"), fault(2, "a"), fault(3, "b")]
    assert [fault.id for fault in choose(declared, "f3, f1")] == ["f3", "f1"]
    with pytest.raises(FaultError, match="no fault has the id 'f3x'; did you mean \"f3\""):
        choose(declared, "f1,f3x")
    with pytest.raises(FaultError, match="no fault is declared"):
        choose([], "all")
