"""Clean runs with fresh seeds under the gate with the bands: how often chance alone leaves one, and which metric."""

from __future__ import annotations

import json
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.campaign.faults import systems
from tests.campaign.ledger import Ledger
from tests.campaign.seeds import reseeded
from tests.campaign.session import run

PART = "band"
GATE = "telemetry"
RUNS = 120
FIRST = 40_001


def items() -> list[str]:
    """Every clean run of every system with bands, as ``system/seed``."""
    return [f"{manifest.parent.name}/{FIRST + number}" for manifest in banded() for number in range(RUNS)]


def banded() -> list[Path]:
    """The reference systems whose roll names the gate."""
    return [path for path in systems() if GATE in tomllib.loads(path.read_text())["court"]["roll"]]


def acquit(ledger: Ledger) -> Iterator[str]:
    """Judges each system under each open seed and tells a line for each."""
    for manifest in banded():
        mine = [item for item in items() if item.startswith(f"{manifest.parent.name}/")]
        for item in ledger.open_items(PART, mine):
            yield _one(ledger, manifest, item)


def _one(ledger: Ledger, manifest: Path, item: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        copy = reseeded(manifest, Path(folder, "system"), int(item.partition("/")[2]))
        done = run(copy, Path(folder, "reports"), "-n", "2", "-m", GATE)
        told = "; ".join(_told(Path(folder, "reports"))) or "all within"
    ledger.note(PART, item, good=done.returncode == 0, told=told)
    return f"{'acquitted' if done.returncode == 0 else 'FALSE ALARM'}  {item}  {told}"


def _told(reports: Path) -> Iterator[str]:
    """The checks that are not PASS, each with its finding."""
    judgement = json.loads((reports / "court_report.json").read_bytes())["judgement"]
    gates = [gate for target in judgement["targets"] for gate in target["gates"]]
    for check in (check for gate in gates for check in gate["checks"]):
        if check["verdict"] not in ("PASS", "NOT_RUN"):
            observed = (check["finding"] or {}).get("observed", "")
            yield f"{check['check']} {check['verdict']} {check['reason_code']} {observed}"
