from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecourt.system.drivers import template
from gatecourt.system.drivers.section import RunSection, problems
from gatecourt.system.manifest.binding import bind


def section(**keys: object) -> RunSection:
    return RunSection(**{"command": ("{python}", "run.py"), **keys})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"steps": (("a",),)}, "exactly one of command and steps"),
        ({"command": None}, "exactly one of command and steps"),
        ({"command": ()}, "^command: a command needs at least the program to start$"),
        ({"command": ("", "a")}, "^command: a command needs at least the program to start$"),
        ({"command": None, "steps": (("a",), (), ("b",))}, r"^steps\[1\]: a command needs at least the program"),
        ({"seed": 3, "other_seed": 3}, "^other_seed: it is the same as seed; give another one$"),
    ],
)
def test_contradictions_are_refused(keys: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        section(**keys)


def test_limits_of_a_run_are_reported_together_each_with_its_key() -> None:
    table = {"command": ["a"], "deadline": "0s", "exit_code": 256, "seed": 1, "other_seed": 1}
    assert [str(problem) for problem in bind(RunSection, table, "run")[1]] == [
        'run.deadline: expected more than 0, found "0s"',
        "run.exit_code: expected a value from 0 to 255, found 256",
    ]
    table |= {"deadline": "1s", "exit_code": 255}
    assert [str(problem) for problem in bind(RunSection, table, "run")[1]] == [
        "run.other_seed: it is the same as seed; give another one"
    ]


def test_a_plain_section_has_no_problems() -> None:
    whole = section(
        command=("{python}", "{root}/a.py", "--seed={seed}", "{dataset}", "{{literal}}"),
        seed=1,
        inputs=("spec/*.json",),
        env={"KEY": "env:API_KEY", "OUT": "{out}/{run_id}"},
        values={"dataset": "{root}/data.json"},
        cwd="sub",
        out=".",
    )
    assert problems(whole) == []


@pytest.mark.parametrize(
    ("keys", "beginning", "part"),
    [
        ({"command": ("{pyton}",)}, "run.command[0]: ", 'did you mean "python"?'),
        ({"command": None, "steps": (("a",), ("b", "{nothing_like_it}"))}, "run.steps[1][1]: ", "known are"),
        ({"command": ("a", "{")}, "run.command[1]: ", "is no template"),
        ({"command": ("a", "{out.parent}")}, "run.command[1]: ", "is no template"),
        ({"command": ("a", "{out!r}")}, "run.command[1]: ", "is no template"),
        ({"command": ("a", "{seed}")}, "run.command[1]: ", "give run.seed"),
        ({"env": {"A": "{ouut}"}}, "run.env.A: ", 'did you mean "out"?'),
        ({"env": {"A=B": "x"}}, "run.env: ", "cannot name"),
        ({"env": {"A": "env:not a name"}}, "run.env.A: ", "expected env:NAME"),
        ({"values": {"out": "x"}}, "run.values.out: ", "taken"),
        ({"values": {"a": "{b}", "b": "x"}}, "run.values.a: ", "no value"),
        ({"values": {"a-b": "x"}}, "run.values.a-b: ", "expected a name"),
        ({"out": "../up"}, "run.out: ", "inside the work folder"),
        ({"cwd": "/abs"}, "run.cwd: ", "inside the work folder"),
        ({"inputs": ("a", "x/../../y")}, "run.inputs[1]: ", "without '..'"),
        ({"outputs": ("/x",)}, "run.outputs[0]: ", "relative pattern"),
        ({"run_id": "a/b"}, "run.run_id: ", "letters"),
    ],
)
def test_each_problem_is_told_with_its_key(keys: dict[str, object], beginning: str, part: str) -> None:
    [sentence] = problems(section(**keys))
    assert sentence.startswith(beginning)
    assert part in sentence


def test_all_problems_are_told_at_once() -> None:
    assert len(problems(section(command=("{a}", "{b}"), out="..", run_id="/"))) == 4


def test_changed_seed() -> None:
    assert section().changed_seed is None
    assert section(seed=7).changed_seed == 8
    assert section(seed=7, other_seed=99).changed_seed == 99


@settings(max_examples=60)
@given(st.text())
def test_doubled_braces_give_any_text_back(text: str) -> None:
    doubled = text.replace("{", "{{").replace("}", "}}")
    assert template.render(doubled, {}) == text
    assert template.problem(doubled, []) is None


@settings(max_examples=100)
@given(st.text(alphabet="{}ab!:.[]", max_size=8))
def test_what_has_no_problem_can_be_rendered(text: str) -> None:
    known = {"a": "1", "ab": "2"}
    if template.problem(text, known) is None:
        template.render(text, known)
