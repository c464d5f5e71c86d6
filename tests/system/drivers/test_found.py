from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest

from gatecourt.core.errors import Judged
from gatecourt.system.drivers.found import found


def put(root: Path, name: str, time: int, text: str = "x") -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)
    os.utime(root / name, (time, time))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    base = tmp_path / "root"
    for run, time in (("a", 100), ("b", 300), ("c", 200)):
        put(base, f"logs/run_{run}.jsonl", time)
        put(base, f"reports/{run}/{run}.json", time - 50)
    put(base, "spec/ssot.json", 1)
    put(base, "logs/other.txt", 900)
    return base


PATTERNS = ("logs/run_{run}.jsonl", "reports/{run}/{run}.json", "spec/*.json")


def test_the_latest_run_is_the_one_with_the_newest_file(root: Path) -> None:
    assert sorted(found(root, PATTERNS, "latest").files) == ["logs/run_b.jsonl", "reports/b/b.json", "spec/ssot.json"]
    put(root, "reports/c/c.json", 999)
    run = found(root, PATTERNS, "latest")
    assert sorted(run.files) == ["logs/run_c.jsonl", "reports/c/c.json", "spec/ssot.json"]
    assert (run.exit_code, run.notes, run.path("spec/ssot.json").exists()) == (None, (), True)
    assert run.files["spec/ssot.json"].size == 1


def test_a_run_by_name_and_by_pattern(root: Path) -> None:
    assert "logs/run_a.jsonl" in found(root, PATTERNS, "a").files
    assert len(found(root, PATTERNS, "a").files) == 3
    assert len(found(root, PATTERNS, "[ab]").files) == 5
    assert len(found(root, PATTERNS, "*").files) == 7


def test_both_places_of_the_identifier_must_agree(root: Path) -> None:
    put(root, "reports/a/z.json", 5)
    assert "reports/a/z.json" not in found(root, PATTERNS, "*").files


def test_equally_new_runs_are_ambiguous(root: Path) -> None:
    put(root, "logs/run_c.jsonl", 300)
    with pytest.raises(Judged) as caught:
        found(root, PATTERNS, "latest")
    assert (caught.value.finding.rule, caught.value.finding.observed) == ("run.ambiguous", "equally new: b, c")


def test_a_named_run_that_is_not_there(root: Path) -> None:
    run = found(root, PATTERNS, "zz")
    assert [(note.where, note.rule) for note in run.notes] == [("zz", "run.not_found")]
    with pytest.raises(Judged) as caught:
        found(root, ("spec/*.json",), "zz")
    assert caught.value.finding.rule == "run.unidentified"
    with pytest.raises(Judged) as caught:
        found(root, PATTERNS)
    assert (caught.value.finding.rule, caught.value.finding.where) == ("run.unidentified", "target.judged")


def test_nothing_found_is_an_empty_run(root: Path) -> None:
    assert found(root, ("nowhere/{run}.json", "no.json"), "latest").files == {}


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("**/run_{run}.jsonl", ["logs/run_b.jsonl"]),
        ("l*s/run_{run}.js*", ["logs/run_b.jsonl"]),
        ("logs/[!o]un_{run}.jsonl", ["logs/run_b.jsonl"]),
        ("logs/ru?_{run}.jsonl", ["logs/run_b.jsonl"]),
        ("reports/{run}/**", ["reports/b/b.json"]),
    ],
)
def test_wildcards_beside_the_identifier(root: Path, pattern: str, names: list[str]) -> None:
    assert sorted(found(root, (pattern,), "latest").files) == names


def test_stale_and_future_files_are_told_with_their_time(root: Path) -> None:
    run = found(root, ("logs/run_{run}.jsonl",), "*", max_age=Decimal(60), now=200.0)
    assert [(note.where, note.rule, note.observed) for note in run.notes] == [
        ("logs/run_a.jsonl", "artefact.stale", "last written 1970-01-01T00:01:40Z"),
        ("logs/run_b.jsonl", "artefact.future", "last written 1970-01-01T00:05:00Z"),
    ]
    with pytest.raises(ValueError, match="give now"):
        found(root, PATTERNS, "*", max_age=Decimal(60))


def test_links_and_special_files_are_refused(root: Path, tmp_path: Path) -> None:
    put(tmp_path, "outside/x.json", 1)
    (root / "in").mkdir()
    (root / "in" / "good").symlink_to(root / "spec" / "ssot.json")
    (root / "in" / "bad").symlink_to(tmp_path / "outside" / "x.json")
    (root / "in" / "dangling").symlink_to("nothing")
    os.mkfifo(root / "in" / "pipe")
    (root / "door").symlink_to(tmp_path / "outside")
    run = found(root, ("in/*", "door/*.json"))
    assert sorted(run.files) == ["in/good"]
    assert [(note.where, note.rule) for note in run.notes] == [
        ("door", "artefact.refused"),
        ("in/bad", "artefact.refused"),
        ("in/dangling", "artefact.refused"),
        ("in/pipe", "artefact.refused"),
    ]
