"""Whatever the README shows is run here, and shown there as it is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gatecourt.core.gatespec import GateSpec
from gatecourt.rules.registry import pytest_gatecourt_gates
from tests.bench import ROOT

README = (ROOT / "README.md").read_text()
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["error_rate", "thresholds"],
}


def block(name: str) -> str:
    found = re.search(rf"<!-- {name}: begin -->\n```\w+\n(.*?)```\n<!-- {name}: end -->", README, re.DOTALL)
    assert found, name
    return found[1]


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    """The system of the README: its report breaks the threshold that it declares itself."""
    for folder in ("reports", "schemas", "config"):
        (tmp_path / folder).mkdir()
    (tmp_path / "gates.toml").write_text(block("manifest"))
    (tmp_path / "schemas/report.schema.json").write_text(json.dumps(SCHEMA))
    (tmp_path / "config/limits.json").write_text("{}")
    report = {"error_rate": 0.07, "thresholds": {"max_error_rate": 0.05}}
    (tmp_path / "reports/run.json").write_text(json.dumps(report))
    return tmp_path


def test_the_finding_is_what_the_manifest_gives(
    pytester: pytest.Pytester, engine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "plugins"))
    monkeypatch.setenv("COLUMNS", "80")
    result = pytester.runpytest_subprocess("-p", "gatecourt.plugin", f"--target={engine / 'gates.toml'}")
    assert result.ret == 1
    lines = result.outlines
    start = next(index for index, line in enumerate(lines) if line.startswith("STOP"))
    end = next(index for index, line in enumerate(lines) if line.startswith("Court report"))
    assert "\n".join(lines[start : end + 1]) + "\n" == block("finding")


def gates() -> list[GateSpec]:
    return pytest_gatecourt_gates()


@pytest.mark.parametrize("gate", gates(), ids=lambda gate: gate.marker)
def test_every_gate_is_in_the_table(gate: GateSpec) -> None:
    row = next((line for line in README.splitlines() if line.startswith(f"| `{gate.marker}` |")), None)
    assert row is not None, f"README's table of gates has no row for {gate.marker}"
    for key in gate.required:
        assert f"[{key}" in row


def test_the_readme_names_only_what_is_there() -> None:
    for path in re.findall(r"`((?:fixtures|plugins|gates|tests)/[\w./]+)`", README):
        assert (ROOT / path).exists(), path
    for command in re.findall(r"tox -e (\w+)", README):
        assert f"[testenv:{command}]" in (ROOT / "tox.ini").read_text()
