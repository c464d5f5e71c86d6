"""Which checks a gate has, read from its module's source and its section, whatever a session collects of them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
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


def part_names(gate: GateSpec) -> list[str]:
    """What ``[court.not_applicable.<marker>]`` may name: the gate's checks and its own ``parts``, sorted."""
    return sorted({*check_names(gate), *gate.parts})


def check_names(gate: GateSpec) -> tuple[str, ...]:
    """The gate's checks by name, without their parameters."""
    return tuple(check.name for check in declared_checks(gate.module) if "target" in check.arguments)


def checks_of_parts(gate: GateSpec, parts: Mapping[str, str]) -> dict[str, str]:
    """The checks that the parts stand for, each with the reason given for its part."""
    return {check: reason for part, reason in parts.items() for check in gate.parts.get(part, (part,))}


def check_ids(
    gate: GateSpec, section: Any, *, not_applicable: Collection[str] = (), high: bool = False
) -> Iterator[str]:
    """The ids of every check of ``gate`` under ``section``; with ``high`` those of the long lists.

    ``not_applicable`` are checks that are left out: ``name``, or ``name[parameter]`` for one parameter.
    """
    for check in declared_checks(gate.module):
        if "target" not in check.arguments or check.name in not_applicable:
            continue
        own = [name for name in gate.parameters if name in check.arguments]
        values = [value for each in own for value in parameter_values(gate, each, high=high)(section)]
        for name in [f"{check.name}[{value}]" for value in values] if own else [check.name]:
            if name not in not_applicable:
                yield f"{gate.marker}.{name}"


def parameter_values(gate: GateSpec, parameter: str, *, high: bool = False) -> Callable[[Any], Sequence[str]]:
    """The function that gives the values of a gate's parameter, of the long list where one is wanted and declared."""
    if high and parameter in gate.parameters_high:
        return gate.parameters_high[parameter]
    return gate.parameters[parameter]
