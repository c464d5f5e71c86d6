"""Which checks a gate has, read from its module's source and its section, whatever a session collects of them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatecourt.core.gatespec import GateSpec


@dataclass(frozen=True, slots=True)
class DeclaredCheck:
    """A test function of a gate: its name without ``test_``, and the names of its arguments."""

    name: str
    arguments: tuple[str, ...]


def declared_checks(module: Path) -> tuple[DeclaredCheck, ...]:
    """The test functions of a gate's module, sorted; none where it is missing or cannot be parsed.

    Read, not imported: importing a test module before pytest does spoils its assertions.
    """
    try:
        tree = ast.parse(module.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return ()
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    found = {DeclaredCheck(node.name.removeprefix("test_"), _arguments(node)) for node in functions}
    return tuple(sorted(found, key=lambda check: check.name))


def _arguments(function: ast.FunctionDef) -> tuple[str, ...]:
    return tuple(
        argument.arg for argument in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    )


def check_ids(gate: GateSpec, section: Any, *, high: bool = False) -> Iterator[str]:
    """The ids of every check of ``gate`` under ``section``; with ``high`` those of the long lists."""
    excused = gate.excused(section)
    for check in declared_checks(gate.module):
        if "target" not in check.arguments or check.name in excused:
            continue
        own = [name for name in gate.parameters if name in check.arguments]
        if not own:
            yield f"{gate.marker}.{check.name}"
        for parameter in own:
            for value in parameter_values(gate, parameter, high=high)(section):
                yield f"{gate.marker}.{check.name}[{value}]"


def parameter_values(gate: GateSpec, parameter: str, *, high: bool = False) -> Callable[[Any], Sequence[str]]:
    """The function that gives the values of a gate's parameter, of the long list where one is wanted and declared."""
    if high and parameter in gate.parameters_high:
        return gate.parameters_high[parameter]
    return gate.parameters[parameter]
