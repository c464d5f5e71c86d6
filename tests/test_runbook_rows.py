"""Each row of the runbooks has a check that convicts a fault, or is open with a reason."""

from __future__ import annotations

import re
import tomllib

import pytest

from gatecourt.rules.registry import pytest_gatecourt_gates
from gatecourt.system.faults.loading import load_faults
from tests.bench import MANIFESTS, ROOT

ROWS = tomllib.loads((ROOT / "tests" / "runbook_rows.toml").read_text())["row"]
IDS = [f"{letter}{number:02}" for letter, last in (("T", 31), ("W", 32), ("I", 19), ("H", 19))
       for number in range(1, last + 1)]  # fmt: skip
GATES = {gate.marker: gate for gate in pytest_gatecourt_gates()}
FAULTS = [fault for manifest in MANIFESTS for fault in load_faults(manifest.parent / "faults", GATES)]
CONVICTED = {(fault.runbook, fault.gate) for fault in FAULTS if fault.check and fault.verdict != "PASS"}


def test_the_list_has_every_row_once() -> None:
    assert [row["id"] for row in ROWS] == IDS
    assert all(row.keys() in ({"id", "gate", "sentence"}, {"id", "gate", "sentence", "open"}) for row in ROWS)
    assert len({row["sentence"] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", [row for row in ROWS if "open" not in row], ids=lambda row: row["id"])
def test_a_row_has_a_check_that_convicts_a_fault(row: dict[str, str]) -> None:
    assert row["gate"] in GATES
    assert (row["id"], row["gate"]) in CONVICTED


def test_an_open_row_has_a_reason_and_no_fault() -> None:
    rows = {row["id"]: row["open"] for row in ROWS if "open" in row}
    assert [key for key, reason in rows.items() if len(reason.split()) < 5] == []
    assert {fault.id for fault in FAULTS if fault.runbook in rows} == set()


def test_a_fault_names_a_row_of_the_list() -> None:
    numbered = {fault.runbook for fault in FAULTS if re.fullmatch("[A-Z][0-9]+", fault.runbook)}
    assert numbered - set(IDS) == set()
