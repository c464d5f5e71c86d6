"""The wheel with two workers, from an empty folder elsewhere, gives the judgement of this clone, byte for byte."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.bench import ROOT, environment, python

SYSTEMS = ("treasure", "townlet")
pytestmark = pytest.mark.timeout(900)


def judge(reports: Path, cwd: Path, paths: tuple[Path, ...], *arguments: str) -> dict[str, Any]:
    """The judgement of a session, with the digest of every check's own."""
    words = ["-m", "pytest", "-q", f"--reports={reports}", *arguments]
    done = python(*words, cwd=cwd, env=environment(*paths), limit=600)
    assert done.returncode == 0, done.stdout + done.stderr
    report: dict[str, Any] = json.loads((reports / "court_report.json").read_bytes())
    judgement: dict[str, Any] = report["judgement"]
    return judgement


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without reaching for the network."""
    folder = tmp_path_factory.mktemp("wheel")
    done = python("-m", "build", "--wheel", "--no-isolation", f"--outdir={folder}", ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("gatecourt-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel installed into a folder of its own."""
    folder = tmp_path_factory.mktemp("installed")
    done = python("-m", "pip", "install", "--quiet", "--no-deps", f"--target={folder}", wheel)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_the_wheel_with_two_workers_in_an_empty_folder_judges_as_the_clone_does(
    installed: Path, tmp_path: Path
) -> None:
    """Everything that may differ does: installation, number of workers, folders (with a space), time of day."""
    before = sorted(path.relative_to(installed) for path in installed.rglob("*"))
    empty = tmp_path / "an empty folder"
    empty.mkdir()
    targets = [f"--target={name}" for name in SYSTEMS]
    clone = judge(tmp_path / "clone", ROOT, (), "-n", "0")
    assert {gate["verdict"] for target in clone["targets"] for gate in target["gates"]} <= {"PASS", "NA"}
    assert judge(tmp_path / "reports of the wheel", empty, (installed,), "-n", "2", *targets) == clone
    assert sorted(path.relative_to(installed) for path in installed.rglob("*")) == before
    assert [path.name for path in empty.iterdir() if not path.name.startswith(".")] == []  # plugins keep hidden folders


def test_the_wheel_holds_the_gates_the_systems_and_no_machine_path(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        texts = {name: archive.read(name) for name in names if name.endswith((".py", ".toml", ".json", ".md"))}
    assert "gatecourt/gates/test_determinism.py" in names
    assert {f"gatecourt/fixtures/{name}/gates.toml" for name in SYSTEMS} <= set(names)
    assert not [name for name in names if "__pycache__" in name or name.startswith("tests/")]
    assert not [name for name, data in texts.items() if str(ROOT).encode() in data]


def test_the_console_script_answers(installed: Path, tmp_path: Path) -> None:
    done = python("-m", "gatecourt.cli", "schema", cwd=tmp_path, env=environment(installed))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
