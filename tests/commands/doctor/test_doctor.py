"""What ``gatecourt doctor`` says of an installation."""

from __future__ import annotations

import sys

import pytest

from gatecourt.cli import main
from gatecourt.commands.doctor.command import MISSING, OK, OUTSIDE, Requirement, declared, report
from gatecourt.core.extras import EXTRAS, missing_extra


def test_every_declared_package_is_shown_with_its_extra(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("gatecourt ")
    assert lines[1] == f"  run by {sys.executable}"
    for heading in ("core", *(f"[{extra}]" for extra in set(EXTRAS.values()))):
        assert heading in lines
    assert next(line.split() for line in lines if line.startswith("  pytest "))[-1] == OK


def test_the_extras_of_the_code_are_those_of_the_installation() -> None:
    brought = {item.extra: set[str]() for item in declared() if item.extra}
    for item in declared():
        if item.extra:
            brought[item.extra].add(item.package.replace("-", "_"))
    assert set(brought) == set(EXTRAS.values())
    for package, extra in EXTRAS.items():
        assert package in brought[extra]


@pytest.mark.parametrize(
    ("installed", "state"),
    [(None, MISSING), ("1.26", OK), ("1.26.0", OK), ("2.9.1", OK), ("1.25.9", OUTSIDE), ("3.0", OUTSIDE)],
)
def test_a_version_is_held_against_its_bounds(installed: str | None, state: str) -> None:
    assert Requirement("numpy", "<3,>=1.26", "", installed).state == state


def test_a_missing_extra_comes_with_the_line_that_adds_it() -> None:
    lines = list(report([Requirement("duckdb", ">=2.0,<3", "sql", None), Requirement("orjson", ">=3", "", "3.13.0")]))
    assert f"  to add it: {sys.executable} -m pip install 'gatecourt[sql]'" in lines
    assert not [line for line in lines if "gatecourt[]" in line]


def test_only_a_missing_package_of_an_extra_is_a_missing_extra() -> None:
    assert missing_extra(ModuleNotFoundError("", name="sqlalchemy.orm")) == ("sqlalchemy", "databases")
    assert missing_extra(ModuleNotFoundError("", name="numpy")) is None
    assert missing_extra(ImportError("", name="duckdb")) is None
