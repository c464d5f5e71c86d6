"""Clean runs with fresh seeds: a gate that convicts one of them gives a false alarm."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import tomlkit

from tests.campaign.faults import systems
from tests.campaign.ledger import Ledger
from tests.campaign.session import run

PART = "seed"
RUNS = 40
FIRST = 20_001


def items() -> list[str]:
    """Every clean run, as ``system/seed``."""
    return [f"{manifest.parent.name}/{FIRST + number}" for manifest in systems() for number in range(RUNS)]


def acquit(ledger: Ledger) -> Iterator[str]:
    """Judges each system under each open seed and tells a line for each."""
    for manifest in systems():
        mine = [item for item in items() if item.startswith(f"{manifest.parent.name}/")]
        for item in ledger.open_items(PART, mine):
            yield _one(ledger, manifest, item)


def _one(ledger: Ledger, manifest: Path, item: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        copy = reseeded(manifest, Path(folder, "system"), int(item.partition("/")[2]))
        done = run(copy, Path(folder, "reports"), "-n", "2")
    told = next((line for line in done.stdout.splitlines() if line.startswith(("GO", "STOP"))), "no verdict")
    ledger.note(PART, item, good=done.returncode == 0, told=told)
    return f"{'acquitted' if done.returncode == 0 else 'FALSE ALARM'}  {item}  {told}"


def reseeded(manifest: Path, copy: Path, seed: int) -> Path:
    """The manifest of a copy of the system, in which the seed is another one and nothing else."""
    shutil.copytree(manifest.parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    document = tomlkit.parse((copy / manifest.name).read_text())
    document["run"]["seed"] = seed  # type: ignore[index]  # tomlkit types a table as any item
    (copy / manifest.name).write_text(tomlkit.dumps(document))
    return copy / manifest.name
