"""The script that changes our own code changes what it says, and a change is noticed or not."""

from __future__ import annotations

import ast

import pytest

from tests.bench import ROOT
from tests.mutants import draw, mutated, own_tests, places

SOURCES = [
    ("x = a == b", "comparison flipped", "x = a != b"),
    ("x = a <= b", "comparison flipped", "x = a < b"),
    ("x = a not in b", "comparison flipped", "x = a in b"),
    ("for a in b:\n    continue", "continue -> break", "for a in b:\n    break"),
    ("def f():\n    return a", "return value dropped", "def f():\n    return None"),
    ("def f():\n    yield a", "yield dropped", "def f():\n    (yield a) if False else None"),
    ("a.append(b)", "append dropped", "pass"),
    ("a += b", "addition dropped", "pass"),
    ("x = a and b", "and <-> or", "x = a or b"),
    ("x = True", "True -> False", "x = False"),
    ("x = 20", "20 -> 21", "x = 21"),
]


@pytest.mark.parametrize(("source", "change", "changed"), SOURCES, ids=lambda text: text.replace("\n", " "))
def test_a_change_is_what_it_says(source: str, change: str, changed: str) -> None:
    assert places(source) == [(source[: source.find("\n    ") + 1].count("\n") + 1, change)]
    assert mutated(source, 0) == ast.unparse(ast.parse(changed)) + "\n"


def test_only_the_one_place_is_changed() -> None:
    source = "x = a == 1 and b\ny = a == 1 and b\n"
    assert [change for _, change in places(source)] == ["and <-> or", "comparison flipped", "1 -> 2"] * 2
    assert mutated(source, 4) == "x = a == 1 and b\ny = a != 1 and b\n"


@pytest.mark.parametrize("source", ["def f(a: Tuple[1]): pass", "x: Literal[1]", "return_none = None", "'text'"])
def test_what_decides_nothing_is_no_place(source: str) -> None:
    assert places(source) == []


def test_one_seed_draws_the_same_changes() -> None:
    drawn = draw(ROOT, 7, 20)
    assert drawn == draw(ROOT, 7, 20)
    assert drawn != draw(ROOT, 8, 20)
    assert len(set(drawn)) == 20
    for mutant in drawn:
        source = (ROOT / mutant.file).read_text()
        assert mutated(source, mutant.place) != ast.unparse(ast.parse(source)) + "\n"
        assert own_tests(ROOT, mutant.file)


def test_the_tests_of_a_module() -> None:
    bands = ["tests/mechanisms/bands/test_bands.py", "tests/mechanisms/bands/test_evidence.py"]
    assert own_tests(ROOT, "plugins/gatecourt/mechanisms/bands/noise.py") == bands
    assert "tests/rules/e2/test_e2.py" in own_tests(ROOT, "plugins/gatecourt/rules/e2/gate.py")
    assert "tests/session/test_proof.py" not in own_tests(ROOT, "plugins/gatecourt/session/proof.py")
