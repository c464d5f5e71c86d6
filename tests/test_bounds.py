"""Nothing that the suite's own tests start can run for ever."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.bench import ROOT

SOURCES = sorted(path for folder in ("tests", "benchmarks") for path in (ROOT / folder).rglob("*.py"))
BOUNDED = {"subprocess.run", "subprocess.check_output", "subprocess.check_call", "subprocess.call"}


def calls_without_limit(source: str) -> list[str]:
    """``LINE name`` of each call that may wait for ever."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name, keys = ast.unparse(node.func), {keyword.arg for keyword in node.keywords}
            unlimited = name in BOUNDED or name.endswith(".communicate")
            if name == "subprocess.Popen" or (unlimited and "timeout" not in keys):
                found.append(f"{node.lineno} {name}")
    return found


def test_every_process_of_a_test_has_a_limit() -> None:
    found = {path.relative_to(ROOT).as_posix(): calls_without_limit(path.read_text()) for path in SOURCES}
    killed = {"tests/bench.py"}  # `started` kills its process at the end
    assert {path: calls for path, calls in found.items() if calls and path not in killed} == {}
    assert [call.partition(" ")[2] for call in found["tests/bench.py"]] == ["subprocess.Popen"]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("subprocess.run([], timeout=1)\nsubprocess.run([])", ["2 subprocess.run"]),
        ("process.communicate(timeout=1)\nprocess.communicate()", ["2 process.communicate"]),
        ("with subprocess.Popen([]) as one:\n    pass", ["1 subprocess.Popen"]),
    ],
)
def test_a_call_without_limit_is_found(source: str, found: list[str]) -> None:
    assert calls_without_limit(source) == found


def test_every_test_has_a_limit(request: pytest.FixtureRequest) -> None:
    assert float(request.config.getini("timeout")) == 180
    assert Path(str(request.config.inipath)).name == "pytest.ini"
