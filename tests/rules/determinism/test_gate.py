"""The checks of the gate ``determinism``: which runs each of them makes, and that what it finds is recorded."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Run
from gatecourt.core.reasons import COURT_REASONS, Reasons
from gatecourt.court.evidence import CheckRecord, Evidence
from gatecourt.formats.files import subject
from gatecourt.rules.determinism.gate import DETERMINISM
from gatecourt.rules.determinism.section import ALWAYS_PERTURBED, DeterminismSection, Mask

Content = Callable[[bool, tuple[str, ...], int | None], dict[str, str]]
MASK = Mask("a.json", "/id", "integer", "drawn anew")


class System:
    """Writes what ``content`` makes of: whether it is run again, under which perturbations, from which seed."""

    name = "town"
    other_seed: int | None = 2

    def __init__(self, folder: Path, content: Content, **keys: Any) -> None:
        self.root, self._content, self._section = folder, content, DeterminismSection(**keys)
        self.asked: list[tuple[str, bool, tuple[str, ...]]] = []

    def section(self, _: type[DeterminismSection]) -> DeterminismSection:
        return self._section

    def run(self, **request: Any) -> Run:
        return self.command("run", **request)

    def command(self, name: str, *, again: bool = False, perturb: Iterable[str] = (), seed: int | None = None) -> Run:
        self.asked.append((name, again, tuple(perturb)))
        root = self.root / f"run{len(self.asked)}"
        root.mkdir()
        files = self._content(again, tuple(perturb), seed)
        for file, text in files.items():
            (root / file).write_text(text)
        return Run(root, {file: subject(root / file, file) for file in files})


def judged(request: pytest.FixtureRequest, check: str, system: System, *parameters: str) -> Evidence:
    request.config.addinivalue_line("markers", "determinism: the gate, whose module is imported here")
    record = CheckRecord("town", "determinism", f"determinism.{check}")
    getattr(importlib.import_module("gates.test_determinism"), f"test_{check}")(system, record, *parameters)
    return record.close(Reasons([*COURT_REASONS, *DETERMINISM.reasons]), "")


def found(evidence: Evidence) -> list[tuple[str, str, str, str]]:
    keys = ("where", "expected", "observed", "rule")
    return [tuple(one[key] for key in keys) for one in evidence.judgement["findings"]]


def test_the_second_run_is_another_one_in_another_environment(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    def content(again: bool, _: tuple[str, ...], __: int | None) -> dict[str, str]:
        return {"a.json": json.dumps({"id": 8 if again else 7}), "b.txt": "same"}

    system = System(tmp_path, content, mask=(MASK,), perturb=("umask",))
    evidence = judged(request, "double_run", system)
    assert system.asked == [("run", False, ()), ("run", True, (*ALWAYS_PERTURBED, "umask"))]
    assert found(evidence) == []
    (mask,) = evidence.judgement["parameters"]["masks"]
    assert (mask["path"], mask["places"]) == ("/id", 1)
    assert evidence.judgement["parameters"]["perturbed"] == [*ALWAYS_PERTURBED, "umask"]
    assert evidence.observations["masked_differences"][0]["differed"] == 1
    assert evidence.attachments == {
        "determinism_diff.txt": "",
        "determinism_masked.txt": "a.json#/id  7  8  (drawn anew)\n",
    }


def test_a_difference_is_recorded_and_those_behind_it(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    def content(again: bool, _: tuple[str, ...], __: int | None) -> dict[str, str]:
        return {"a.json": str(int(again)), "b.txt": "same", "c.json": str(int(again))}

    evidence = judged(request, "double_run", System(tmp_path, content))
    assert found(evidence) == [
        ("a.json", "0, as in the first run", "1", "determinism.divergence"),
        ("c.json", "0, as in the first run", "1", "determinism.divergence"),
    ]
    assert [subject["name"] for subject in evidence.judgement["subjects"]] == ["a.json", "b.txt", "c.json"]
    assert "c.json" in evidence.attachments["determinism_diff.txt"]


def test_a_command_is_run_twice_and_its_difference_recorded(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    def content(_: bool, perturb: tuple[str, ...], __: int | None) -> dict[str, str]:
        return {"a.json": json.dumps({"id": 8 if "time_zone" in perturb else 7})}

    system = System(tmp_path, content, mask=(MASK,), commands=("anneal",))
    evidence = judged(request, "command", system, "anneal")
    assert system.asked[:2] == [("anneal", False, ()), ("anneal", True, ALWAYS_PERTURBED)]
    observed = "8 under another time_zone"
    assert found(evidence) == [("a.json#/id", "7, as in the first run", observed, "determinism.environment")]
    assert set(evidence.attachments) == {"determinism_diff_anneal.txt"}


def test_a_command_without_outputs_is_held(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    system = System(tmp_path, lambda *_: {}, commands=("lint",))
    rule = "determinism.command_writes_nothing"
    evidence = judged(request, "command", system, "lint")
    assert found(evidence) == [("commands.lint", "outputs that can be compared", "none", rule)]
    assert system.asked == [("lint", False, ())]


def test_a_seed_that_changes_nothing_is_recorded(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    evidence = judged(request, "seed", System(tmp_path, lambda *_: {"a.json": "1", "b.json": "2"}))
    expected = ("outputs", "another content under another seed", "the same content", "determinism.seed_ignored")
    assert found(evidence) == [expected]
    assert [subject["name"] for subject in evidence.judgement["subjects"]] == ["a.json", "b.json"]
    assert evidence.judgement["parameters"] == {"other_seed": 2}


def test_a_seed_that_changes_an_output_is_enough(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    evidence = judged(request, "seed", System(tmp_path, lambda _, __, seed: {"a.json": "1", "b.json": str(seed or 1)}))
    assert found(evidence) == []


def test_an_output_that_differs_by_itself_shows_nothing_of_the_seed(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    drawn = iter(range(100))
    system = System(tmp_path, lambda *_: {"a.json": str(next(drawn)), "b.json": "2"})
    evidence = judged(request, "seed", system)
    noise = ("a.json", "the same content under the same seed", "another content", "determinism.seed_noise")
    assert found(evidence) == [noise]
    assert str(evidence.verdict) == "HOLD"
    assert [asked[1] for asked in system.asked] == [False, False, True, True]
    assert system.asked[2][2] == ("hash_seed", "time_zone", "cwd", "temp", "start_time")


def test_an_effect_of_the_seed_beside_noise_is_seen(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    drawn = iter(range(100))

    def content(_: bool, __: tuple[str, ...], seed: int | None) -> dict[str, str]:
        return {"a.json": str(next(drawn)), "b.json": str(seed or 1)}

    assert found(judged(request, "seed", System(tmp_path, content))) == []
    named = System(tmp_path / "named", content, seed_changes=("*.json",))
    (tmp_path / "named").mkdir()
    assert [(one[0], one[3]) for one in found(judged(request, "seed", named))] == [("a.json", "determinism.seed_noise")]


def test_what_the_surroundings_change_is_repeated_in_the_same_ones(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    system = System(tmp_path, lambda _, perturb, seed: {"a.json": f"{bool(perturb)} {seed or 1}"})
    assert found(judged(request, "seed", system)) == []
    assert len(system.asked) == 4


def test_a_run_that_dies_in_other_surroundings_does_not_hide_the_seed(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    def content(_: bool, perturb: tuple[str, ...], seed: int | None) -> dict[str, str]:
        if perturb:
            raise Judged(Finding("run", "exit code 0", "exit code 1", "run.exit_code"))
        return {"a.json": str(seed or 1)}

    assert found(judged(request, "seed", System(tmp_path, content))) == []


def test_a_target_without_a_seed_is_held(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    system = System(tmp_path, lambda *_: {"a.json": "1"})
    system.other_seed = None
    assert found(judged(request, "seed", system)) == [("run.seed", "a seed", "none", "determinism.seed_not_declared")]
