"""Excerpts, file patterns, files of a tree, and the commit of a checkout."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from gatecourt.core.errors import Judged
from gatecourt.core.model import Run
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import gather, in_tree, open_regular, require_full_names, subject
from gatecourt.formats.git_revision import revision
from gatecourt.formats.patterns import select
from gatecourt.formats.sql_names import first_line, identifier, literal


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (1.50, "1.5"),
        ("a\n", '"a\\n"'),
        ("ä", '"ä"'),
        ("\ud800", '"\\ud800"'),
        ({"a": [1, {"b": None}], "c": []}, '{"a": [1, {"b": null}], "c": []}'),
        (("x", 1), '["x", 1]'),
        (b"x", "\"b'x'\""),
    ],
)
def test_an_excerpt_is_json(value: Any, text: str) -> None:
    assert excerpt(value) == text


def test_an_excerpt_has_a_length() -> None:
    assert excerpt("x" * 78) == '"' + "x" * 78 + '"'
    assert excerpt("x" * 79) == '"' + "x" * 79 + "…"
    assert excerpt(list(range(10**6)), 10) == "[0, 1, 2, …"


def test_patterns_and_folders() -> None:
    names = ["b/c.json", "a.json", "b/c/d.json", ".x.json", "A.JSON", "b/c.txt"]
    assert select(names, ["*.json"]) == [".x.json", "a.json"]
    assert select(names, ["**/*.json", "a.json"]) == [".x.json", "a.json", "b/c.json", "b/c/d.json"]
    assert select(names, ["b/*"]) == ["b/c.json", "b/c.txt"]
    assert select(names, []) == []


def test_files_are_sorted_and_each_is_taken_once(tmp_path: Path) -> None:
    for name in ("b.json", "a.json", ".git/c.json", "sub/__pycache__/d.json", "sub/e.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name, "utf-8")
    run = Run(tmp_path, {name: subject(tmp_path / name, name) for name in ("b.json", "a.json")})
    assert [one.name for one in gather(["*.json", "a.*"], "artefacts", run, Path("nowhere"))] == ["a.json", "b.json"]
    assert [one.name for one in gather(["b.json", "a.json", "b.json"], "target", run, tmp_path)] == ["a.json", "b.json"]
    assert [one.name for one in in_tree(tmp_path, ["**/*.json"])] == ["a.json", "b.json", "sub/e.json"]
    with pytest.raises(Judged) as caught:
        in_tree(tmp_path, ["*.csv", "*.txt"])
    assert (caught.value.finding.where, caught.value.finding.rule) == ("*.csv, *.txt", "artefact.none")
    with pytest.raises(Judged) as caught:
        gather(["a.json", "gone.json"], "target", run, tmp_path)
    assert (caught.value.finding.where, caught.value.finding.rule) == ("gone.json", "artefact.unreadable")


def test_target_files_are_named_in_full() -> None:
    require_full_names(["a.json", "*.json"], "artefacts")
    require_full_names(["a.json"], "target")
    with pytest.raises(ValueError, match=r"^files: .* found the pattern 'b\?'$"):
        require_full_names(["a.json", "b?", "c*"], "target")


def test_a_device_is_no_regular_file(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="not a regular file"):
        open_regular(Path("/dev/null"))
    with pytest.raises(IsADirectoryError):
        open_regular(tmp_path)


def test_the_commit_of_a_checkout(tmp_path: Path) -> None:
    assert revision(tmp_path) is None
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], [*who, "commit", "-q", "--allow-empty", "-m", "one"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True, timeout=60)
    commit = revision(tmp_path)
    assert commit is not None
    assert (len(commit), set(commit) <= set("0123456789abcdef")) == (40, True)
    (tmp_path / "new").write_text("x", "utf-8")
    assert revision(tmp_path) == f"{commit}-dirty"


def test_names_for_sql() -> None:
    assert identifier('a"b') == '"a""b"'
    assert literal("it's") == "'it''s'"
    assert first_line(ValueError("one  \ntwo")) == "one"
    assert len(first_line(ValueError("x" * 300))) == 200
