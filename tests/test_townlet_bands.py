"""The committed faults of the town's bands: just inside and just outside of the committed baselines' bands.

Of a band of 15 % that is 14 % and 16 %, on both sides of every metric.
"""

from __future__ import annotations

import json
import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from gatecourt.manifest.binding import bind
from gatecourt.tolerance.section import Band

TOWN = Path(__file__).parent.parent / "fixtures" / "townlet"


def logs() -> dict[str, Any]:
    telemetry = tomllib.loads((TOWN / "gates.toml").read_text())["telemetry"]
    return {name: log for name, log in telemetry["log"].items() if log.get("bands")}


def shares(log: str, metric: str, baseline: Fraction, allowed: Fraction) -> dict[str, list[float]]:
    """Per verdict, how far from the baseline the edits of the metric lie, in fifteenths of the allowed distance."""
    found: dict[str, list[float]] = {"FAIL": [], "PASS": []}
    for fault in tomllib.loads((TOWN / "faults" / "telemetry.toml").read_text())["fault"]:
        edits = fault["edit"]
        if fault.get("check") == f"band[{log}-{metric}]" and edits[0].get("every"):
            assert [edit["pointer"] for edit in edits] == [f"/{metric}"]
            value = Fraction(repr(edits[0]["value"]))
            found[fault.get("verdict", "FAIL")].append(float((value - baseline) / allowed * 15))
    return found


@pytest.mark.parametrize("log", ["control", "employment_punctuality", "queue_conflict", "rivalry_decay", "soak"])
def test_every_banded_metric_has_a_fault_beside_each_end_of_its_band(log: str) -> None:
    section = logs()[log]
    metrics = json.loads((TOWN / section["baseline"]["file"]).read_text())["metrics"]
    assert sorted(metrics) == sorted(section["bands"])
    for metric, table in section["bands"].items():
        band, problems = bind(Band, table)
        assert band is not None, problems
        baseline = Fraction(repr(metrics[metric]["value"]))
        allowed = max(Fraction(band.relative) * abs(baseline), Fraction(band.floor))
        found = shares(log, metric, baseline, allowed)
        assert sorted(found["FAIL"]) == pytest.approx([-16, 16], abs=0.5)
        assert sorted(found["PASS"]) == pytest.approx([-14, 14], abs=0.5)


def test_all_logs_with_bands_are_looked_at() -> None:
    assert sorted(logs()) == ["control", "employment_punctuality", "queue_conflict", "rivalry_decay", "soak"]
