"""The gate ``persistence`` as pytest and its registration see it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import tomlkit

import gatecourt.rules.persistence
from gatecourt.rules.persistence.gate import PERSISTENCE
from tests.fixtures.treasure.treasure_commands import ROOT

SOURCE = Path(gatecourt.rules.persistence.__file__).parent
REPOSITORY = ROOT.parents[1]


def collected(*options: str) -> set[str]:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--collect-only",
            "-q",
            "-m",
            "persistence",
            f"--target={ROOT}/gates.toml",
            *options,
        ],
        cwd=REPOSITORY,
        text=True,
        capture_output=True,
        check=False,
        timeout=120,
    )
    return set(re.findall(r"test_kill_resume\[treasure-(\w+)\]", done.stdout))


def test_high_effort_kills_at_more_points() -> None:
    kill = tomlkit.parse((ROOT / "gates.toml").read_text()).unwrap()["persistence"]["kill"]
    few, many = collected(), collected("--effort=high")
    assert few == set(kill["points"])
    assert many == few | set(kill["points_high"])
    assert len(many) > len(few)


def test_every_rule_is_registered_and_used() -> None:
    words = {word for path in SOURCE.glob("*.py") for word in re.findall(r'"(persistence\.\w+)"', path.read_text())}
    # Keys of the manifest are places, not rules.
    places = {"persistence.tables", "persistence.events", "persistence.kill"}
    registered = {reason.code for reason in PERSISTENCE.reasons if reason.code.startswith("persistence.")}
    assert words - places == registered


@pytest.mark.parametrize(
    "module", ["gatecourt.rules.persistence", "gatecourt.rules.registry", "gates.test_persistence"]
)
def test_asking_for_nothing_imports_no_database(module: str) -> None:
    program = f"import sys; import {module}; sys.exit('sqlalchemy' in sys.modules or 'psycopg' in sys.modules)"
    environment = {"PYTHONPATH": f"{REPOSITORY}:{REPOSITORY}/plugins", "PATH": "/usr/bin:/bin"}
    assert subprocess.run([sys.executable, "-c", program], env=environment, check=False, timeout=60).returncode == 0
