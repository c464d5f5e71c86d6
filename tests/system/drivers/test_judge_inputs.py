from __future__ import annotations

from pathlib import Path

import pytest

from gatecourt.system.drivers.judge_inputs import changed, states
from gatecourt.system.drivers.runner import Runner, RunRequest
from gatecourt.system.drivers.section import RunSection
from tests.bench import put

MANIFEST = 'a = { schema = "schemas/run.json" }\nmany = ["pins.json", "absent.json", "../outside.json"]\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    put(tmp_path / "root", "gates.toml", MANIFEST)
    for name in ("schemas/run.json", "pins.json", "other.json"):
        put(tmp_path / "root", name, "{}")
    put(tmp_path, "outside.json", "{}")
    return tmp_path / "root"


def test_manifests_and_the_files_that_they_name_are_watched(root: Path) -> None:
    assert sorted(states(root)) == ["gates.toml", "pins.json", "schemas/run.json"]


def test_nothing_changed_is_no_finding(root: Path) -> None:
    assert changed(root, states(root)) == ()


@pytest.mark.parametrize("name", ["gates.toml", "pins.json", "schemas/run.json"])
def test_a_file_rewritten_and_restored_by_the_run_is_found(root: Path, tmp_path: Path, name: str) -> None:
    code = """
import os, sys
path, out = sys.argv[1:]
at, text = os.stat(path), open(path).read()
open(path, "w").write("{} ")
open(path, "w").write(text)
os.utime(path, ns=(at.st_atime_ns, at.st_mtime_ns))
os.makedirs(out, exist_ok=True)
open(out + "/a.json", "w").write("{}")
"""
    section = RunSection(command=("{python}", "-c", code.replace("{}", "0"), "{root}/" + name, "{out}"))
    run = Runner(tmp_path / "store").run(RunRequest(root, section))
    assert [(note.where, note.observed, note.rule) for note in run.notes] == [(name, "rewritten", "run.root_written")]


def test_a_deleted_file_is_found_behind_one_that_stayed(root: Path) -> None:
    before = states(root)
    (root / "schemas" / "run.json").unlink()
    assert [(item.where, item.observed) for item in changed(root, before)] == [("schemas/run.json", "deleted")]
