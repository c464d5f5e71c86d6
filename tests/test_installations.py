"""A bare clone, an editable install, a wheel and two workers give the same judgement, byte for byte."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.bench import ROOT

SYSTEMS = ("treasure", "townlet")


def environment(*paths: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHONPATH"))}
    return {**kept, "PYTHONPATH": os.pathsep.join(map(str, paths)), "PYTHONDONTWRITEBYTECODE": "1"}


def heard(folder: Path, cwd: Path, paths: tuple[Path, ...], *arguments: str) -> dict[str, Any]:
    """The judgement of a session, with the digest of every check's own."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", f"--reports={folder}", *arguments],
        cwd=cwd, env=environment(*paths), text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    report: dict[str, Any] = json.loads((folder / "court_report.json").read_bytes())
    return report["judgement"]  # type: ignore[no-any-return]  # the report's own shape


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The judgement in this clone, where the plugin comes in through the root conftest or an editable install."""
    return heard(tmp_path_factory.mktemp("clone"), ROOT, ())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without reaching for the network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", f"--outdir={folder}", str(ROOT)]
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("gatecourt-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel installed into a folder of its own."""
    folder = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", f"--target={folder}", str(wheel)]
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_the_wheel_from_an_empty_folder_judges_as_the_clone(
    clone: dict[str, Any], installed: Path, tmp_path: Path
) -> None:
    before = sorted(path.relative_to(installed) for path in installed.rglob("*"))
    empty = tmp_path / "empty"
    empty.mkdir()
    assert heard(tmp_path / "reports", empty, (installed,), *(f"--target={name}" for name in SYSTEMS)) == clone
    assert sorted(path.relative_to(installed) for path in installed.rglob("*")) == before


def test_two_workers_judge_as_one(clone: dict[str, Any], tmp_path: Path) -> None:
    assert heard(tmp_path / "reports", ROOT, (), "-n", "2") == clone


def test_another_day_and_folder_judge_alike(clone: dict[str, Any], tmp_path: Path) -> None:
    named = [f"--target=fixtures/{name}/gates.toml" for name in SYSTEMS]
    again = heard(tmp_path / "a folder with spaces", ROOT, (), *named)
    assert again == clone


def test_the_wheel_holds_the_gates_the_systems_and_no_machine_path(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        texts = {name: archive.read(name) for name in names if name.endswith((".py", ".toml", ".json", ".md"))}
    assert "gatecourt/gates/test_determinism.py" in names
    assert {f"gatecourt/fixtures/{name}/gates.toml" for name in SYSTEMS} <= set(names)
    assert not [name for name in names if "__pycache__" in name or name.startswith("tests/")]
    assert not [name for name, data in texts.items() if str(ROOT).encode() in data]


def test_the_console_script_answers(installed: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gatecourt.cli", "schema"],
        cwd=tmp_path, env=environment(installed), text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
