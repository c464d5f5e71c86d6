from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecourt.core.errors import Judged
from gatecourt.formats.patterns import select
from gatecourt.system.drivers import files, isolation


@pytest.fixture
def root(tmp_path: Path) -> Path:
    base = tmp_path / "root"
    (base / "spec" / "deep").mkdir(parents=True)
    (base / "spec" / "a.json").write_text("{}")
    (base / "spec" / "deep" / "b.json").write_text("[]")
    (base / "top.txt").write_text("top")
    return base


def rule(root: Path, *patterns: str) -> tuple[str, str]:
    with pytest.raises(Judged) as caught:
        isolation.declared_inputs(root, patterns)
    return caught.value.finding.rule, caught.value.finding.where


def test_inputs_are_copied_to_the_same_place_with_mode_and_time(root: Path, tmp_path: Path) -> None:
    (root / "top.txt").chmod(0o750)
    os.utime(root / "top.txt", (1000, 1000))
    inputs = isolation.declared_inputs(root, ["spec/**", "top.txt"])
    assert [item.name for item in inputs] == ["spec/a.json", "spec/deep/b.json", "top.txt"]
    isolation.copy_in(inputs, tmp_path / "work")
    copied = (tmp_path / "work" / "top.txt").stat()
    assert (copied.st_mode & 0o777, copied.st_mtime, copied.st_nlink) == (0o750, 1000, 1)
    assert (tmp_path / "work" / "spec" / "deep" / "b.json").read_text() == "[]"


def test_missing_inputs_and_folders_are_told(root: Path) -> None:
    assert rule(root, "top.txt", "no/such.json") == ("run.input_missing", "no/such.json")
    assert rule(root, "spec") == ("run.input_missing", "spec")


def test_links_out_of_the_root_and_special_files_are_refused(root: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "x.json").write_text("1")
    (root / "link.json").symlink_to(tmp_path / "outside" / "x.json")
    (root / "folder").symlink_to(tmp_path / "outside")
    (root / "dangling").symlink_to(root / "nowhere")
    os.mkfifo(root / "pipe")
    assert rule(root, "link.json") == ("run.input_refused", "link.json")
    assert rule(root, "folder/x.json") == ("run.input_refused", "folder/")
    assert rule(root, "fold*") == ("run.input_refused", "folder")
    assert rule(root, "dangling") == ("run.input_refused", "dangling")
    assert rule(root, "pipe") == ("run.input_refused", "pipe")


def test_a_link_inside_the_root_is_copied_as_its_content(root: Path, tmp_path: Path) -> None:
    (root / "alias.json").symlink_to("spec/a.json")
    isolation.copy_in(isolation.declared_inputs(root, ["alias.json"]), tmp_path / "work")
    assert not (tmp_path / "work" / "alias.json").is_symlink()
    assert (tmp_path / "work" / "alias.json").read_text() == "{}"


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser can read everything")
def test_an_unreadable_input_is_told(root: Path) -> None:
    (root / "top.txt").chmod(0)
    assert rule(root, "top.txt") == ("run.input_unreadable", "top.txt")


def test_an_input_that_fails_to_read_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(files, "digest", refuse)
    assert rule(root, "top.txt") == ("run.input_unreadable", "top.txt")


def test_an_input_that_changes_before_it_is_copied_is_told(root: Path, tmp_path: Path) -> None:
    inputs = isolation.declared_inputs(root, ["top.txt"])
    (root / "top.txt").write_text("pot")
    with pytest.raises(Judged) as caught:
        isolation.copy_in(inputs, tmp_path / "work")
    assert caught.value.finding.rule == "run.inputs_changed"


def test_changed_and_deleted_inputs_are_all_listed(root: Path) -> None:
    inputs = isolation.declared_inputs(root, ["**"])
    (root / "spec" / "a.json").write_text("[]")
    (root / "top.txt").unlink()
    assert [(found.where, found.observed) for found in isolation.changed_inputs(inputs)] == [
        ("spec/a.json", "other content"),
        ("top.txt", "deleted"),
    ]


def test_a_change_that_keeps_size_and_time_is_seen(root: Path) -> None:
    inputs = isolation.declared_inputs(root, ["spec/a.json"])
    files.digest(root / "spec" / "a.json")
    before = (root / "spec" / "a.json").stat()
    (root / "spec" / "a.json").write_text("[]")
    os.utime(root / "spec" / "a.json", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert [found.where for found in isolation.changed_inputs(inputs)] == ["spec/a.json"]


def test_new_files_beside_the_inputs_are_seen(root: Path) -> None:
    inputs = isolation.declared_inputs(root, ["spec/*.json"])
    before = isolation.neighbours(root, inputs)
    (root / "spec" / "stray").write_text("")
    (root / "elsewhere").write_text("")
    found = isolation.new_neighbours(before, isolation.neighbours(root, inputs))
    assert [(each.where, each.rule) for each in found] == [("spec/stray", "run.root_written")]


def test_outputs_are_what_the_run_wrote(root: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    copies = isolation.copy_in(isolation.declared_inputs(root, ["**"]), work)
    mark = tmp_path / "mark"
    mark.touch()
    (work / "new.json").write_text("1")
    (work / "top.txt").write_text("top")  # the same bytes, but written
    (work / "spec" / "a.json").write_text("[1]")
    (work / "old").write_text("x")
    os.utime(work / "old", (1, 1))
    (work / "link").symlink_to("new.json")
    os.mkfifo(work / "pipe")
    (work / os.fsdecode(b"\xff")).write_text("x")
    found, notes = isolation.outputs(work, copies, mark.stat().st_mtime_ns)
    assert sorted(found) == ["new.json", "spec/a.json", "top.txt"]
    assert found["new.json"].size == 1
    assert found["new.json"].sha256 == "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"
    assert [(note.where, note.rule) for note in notes] == [
        ("link", "run.output_refused"),
        ("old", "run.output_older"),
        ("pipe", "run.output_refused"),
        ("\\xff", "run.output_refused"),
    ]


def test_changed_copies_outside_the_output_folder(root: Path, tmp_path: Path) -> None:
    (root / "out").mkdir()
    (root / "out" / "seen.txt").write_text("s")
    work = tmp_path / "work"
    copies = isolation.copy_in(isolation.declared_inputs(root, ["**"]), work)
    (work / "out" / "seen.txt").write_text("t")
    (work / "top.txt").write_text("pot")
    (work / "spec" / "a.json").unlink()
    found = isolation.changed_copies(copies, work / "out")
    assert [(each.where, each.observed) for each in found] == [("spec/a.json", "deleted"), ("top.txt", "other content")]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.sampled_from(["a", "b", "*", "**", "?"]), min_size=1, max_size=3), min_size=1, max_size=3))
def test_starting_below_the_fixed_parts_loses_no_match(parts: list[list[str]]) -> None:
    patterns = ["/".join(part) for part in parts]
    names = [f"{x}{y}{z}" for x in ("", "a/", "b/") for y in ("", "a/", "b/") for z in ("a", "b", "c")]
    reached = [name for name in names if any(name.startswith(start) for start in files.starts(patterns))]
    assert select(reached, patterns) == select(names, patterns)
