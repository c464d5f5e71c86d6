"""Every declared fault of every reference system, convicted by the gate that it names."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from gatecourt.core.errors import ManifestError
from gatecourt.rules.registry import pytest_gatecourt_gates
from gatecourt.system.faults.loading import load_faults
from tests.bench import ROOT
from tests.campaign.ledger import Ledger
from tests.campaign.session import run

PART = "fault"
BATCH = 12


def systems() -> list[Path]:
    """The manifests of the reference systems."""
    return sorted((ROOT / "fixtures").glob("*/gates.toml"))


def names(manifest: Path) -> list[str]:
    """The ids of a system's faults; a system without faults is a defect of the suite."""
    gates = {gate.marker: gate for gate in pytest_gatecourt_gates()}
    try:
        return [fault.id for fault in load_faults(manifest.parent / "faults", gates)]
    except ManifestError as error:
        raise SystemExit(str(error)) from error


def items() -> list[str]:
    """Every fault of every system, as ``system/fault``."""
    return [f"{manifest.parent.name}/{name}" for manifest in systems() for name in names(manifest)]


def prove(ledger: Ledger) -> Iterator[str]:
    """Proves the open faults, several in a session, and tells a line for each."""
    for manifest in systems():
        prefix = manifest.parent.name
        left = ledger.open_items(PART, [f"{prefix}/{name}" for name in names(manifest)])
        for start in range(0, len(left), BATCH):
            batch = [item.partition("/")[2] for item in left[start : start + BATCH]]
            yield from _batch(ledger, manifest, batch)


def _batch(ledger: Ledger, manifest: Path, batch: list[str]) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        done = run(manifest, Path(folder), "-n", "2", f"--prove={','.join(batch)}")
        stored = Path(folder, "proof", "convictions.json")
        outcomes = json.loads(stored.read_bytes())["outcomes"] if stored.exists() else []
    clean = [outcome for outcome in outcomes if "fault" not in outcome]
    if not outcomes or not all(outcome["acquitted"] for outcome in clean):
        raise SystemExit(f"the clean system is not acquitted, so no conviction counts:\n{done.stdout}{done.stderr}")
    for outcome in outcomes:
        if "fault" in outcome:
            item = f"{manifest.parent.name}/{outcome['fault']}"
            told = f"{outcome['runbook']}  {outcome['told']}"
            wanted = "acquitted" if "acquitted" in outcome else "convicted"
            ledger.note(PART, item, good=outcome[wanted], told=told)
            yield f"{wanted if outcome[wanted] else f'NOT {wanted.upper()}'}  {item}  {told}"
