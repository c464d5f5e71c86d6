"""A reason code leads to the folder that writes it: a gate's folder writes its own family, and no code is dead."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import gatecourt
from gatecourt.core.reasons import COURT_REASONS
from gatecourt.rules.registry import pytest_gatecourt_gates

PACKAGE = Path(gatecourt.__file__).parent
TESTS = Path(__file__).parents[1]
SPECS = pytest_gatecourt_gates()
MARKERS = {spec.marker for spec in SPECS}
CODES = {reason.code for reason in COURT_REASONS} | {reason.code for spec in SPECS for reason in spec.reasons}

SHARED = {
    "formats/json_schema.py": ("e2", "every gate that compiles a JSON Schema registers the codes e2.schema_*"),
}
"""Modules outside ``rules/`` that write codes of one gate: the family, and why."""


def _family(code: str) -> str:
    return code.partition(".")[0]


def _written(path: Path) -> set[str]:
    """The registered codes that stand as literals in a module, except where they are registered."""
    tree = ast.parse(path.read_text("utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    registered = {id(call.args[0]) for call in calls if call.func.id == "Reason" and call.args}  # type: ignore[attr-defined]  # a Name, selected above
    constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in registered]
    return {node.value for node in constants if isinstance(node.value, str) and node.value in CODES}


WRITTEN = {path.relative_to(PACKAGE).as_posix(): _written(path) for path in sorted(PACKAGE.rglob("*.py"))}


def _strays() -> dict[str, set[str]]:
    """The families of gates that a module writes although they are another gate's, by module."""
    strays: dict[str, set[str]] = {}
    for name, codes in WRITTEN.items():
        own = name.split("/")[1] if name.startswith("rules/") else SHARED.get(name, ("",))[0]
        others = {_family(code) for code in codes} & MARKERS - {own}
        if others:
            strays[name] = others
    return strays


def test_folders() -> None:
    """Every gate has its folder, which is named as its marker and so as its family of codes."""
    assert {path.parent.name for path in PACKAGE.glob("rules/*/gate.py")} == MARKERS


def test_own_family() -> None:
    """A gate's folder writes its own family and the shared ones; nothing outside ``rules/`` writes a gate's."""
    assert _strays() == {}


def test_shared_modules() -> None:
    """An exception that nothing needs any longer is removed."""
    assert {name: {_family(code) for code in WRITTEN[name]} & MARKERS for name in SHARED} == {
        name: {family} for name, (family, _) in SHARED.items()
    }


def test_every_code_is_written() -> None:
    """A code that no module writes as a literal is dead, or hidden from grep."""
    assert sorted(CODES.difference(*WRITTEN.values())) == []


def _named(code: str, everywhere: str) -> bool:
    """Whether a test or a fault has the code; the tests of its own gate may omit the family."""
    if re.search(rf"(?<![\w.]){re.escape(code)}(?![\w.]*\w)", everywhere):
        return True
    family, _, rest = code.partition(".")
    tests = "".join(path.read_text("utf-8") for path in sorted((TESTS / "rules" / family).rglob("*.py")))
    return re.search(rf"""["']\.?{re.escape(rest)}["']""", tests) is not None


def test_every_code_is_in_a_test_or_a_fault() -> None:
    """A code that nothing reaches may be wrong, or no longer written at all."""
    tests = [path for path in sorted(TESTS.rglob("*.py")) if path != Path(__file__)]
    faults = sorted(TESTS.parent.glob("fixtures/*/faults/*.toml"))
    everywhere = "\n".join(path.read_text("utf-8") for path in (*tests, *faults))
    assert [code for code in sorted(CODES) if not _named(code, everywhere)] == []


def test_every_folder_of_rules_is_a_package() -> None:
    """Without ``__init__.py`` the import contracts do not see the folder."""
    rules = Path(gatecourt.__file__).parent / "rules"
    folders = [path for path in rules.iterdir() if path.is_dir() and any(path.glob("*.py"))]
    assert folders
    assert [folder.name for folder in folders if not (folder / "__init__.py").exists()] == []
