"""Sessions killed at a moment drawn from a printed seed: what is left behind may never say GO."""

from __future__ import annotations

import json
import random
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench import PLUGINS, ROOT, environment, started
from tests.campaign.faults import systems
from tests.campaign.ledger import Ledger
from tests.campaign.session import command, run

PART = "kill"
KILLS = 40
SEED = 4711
LONGEST = 3.0


def items() -> list[str]:
    """Every kill by number."""
    return [f"{SEED}/{number}" for number in range(KILLS)]


def kill(ledger: Ledger) -> Iterator[str]:
    """Kills a session over an older GO at each open moment, and looks at the report that is left."""
    manifest = systems()[0]
    left = ledger.open_items(PART, items())
    if not left:
        return
    with tempfile.TemporaryDirectory() as folder:
        reports = Path(folder)
        if run(manifest, reports, "-n", "2").returncode != 0:
            raise SystemExit("the clean system is not acquitted, so there is no older GO to outlive")
        for item in left:
            yield _one(ledger, manifest, reports, item)


def _one(ledger: Ledger, manifest: Path, reports: Path, item: str) -> str:
    # Drawn by number, so that a campaign that goes on draws what it would have drawn.
    moment = random.Random(item).uniform(0.2, LONGEST)
    before = _session(reports)
    quiet = subprocess.DEVNULL
    with started(
        command(manifest, reports, "-n", "2"), cwd=ROOT, env=environment(PLUGINS), stdout=quiet, stderr=quiet
    ) as one:
        time.sleep(moment)
        ended = one.poll() is not None
    report = json.loads((reports / "court_report.json").read_bytes())
    replaced = report["observations"]["session"] != before
    good = ended or not replaced or not report["judgement"]["go"]
    told = f"after {moment:.2f} s: " + ("ended before" if ended else "older report" if not replaced else "NOT_RUN")
    ledger.note(PART, item, good=good, told=told)
    return f"{'safe' if good else 'A KILLED SESSION SAYS GO'}  {item}  {told}"


def _session(reports: Path) -> str:
    document = json.loads((reports / "court_report.json").read_bytes())
    session: str = document["observations"]["session"]
    return session
