"""Reads the faults of a target from ``faults/*.toml``, with all problems of all files reported at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gatecourt.core.errors import ManifestError
from gatecourt.core.gatespec import GateSpec, no_section_reasons
from gatecourt.core.reasons import COURT_REASONS
from gatecourt.formats.suggestions import did_you_mean
from gatecourt.system.declared_checks import declared_checks
from gatecourt.system.faults.section import Fault
from gatecourt.system.manifest.binding import Problem, bind, bind_sections
from gatecourt.system.manifest.renamed import renamed
from gatecourt.system.manifest.toml_text import parse_toml


@dataclass(frozen=True, slots=True)
class _Found:
    at: str
    fault: Fault


def load_faults(
    folder: Path, gates: Mapping[str, GateSpec], sections: Mapping[str, Any] | None = None
) -> tuple[Fault, ...]:
    """Every fault in the ``*.toml`` files of ``folder``, sorted by id. ``gates`` are the registered gates by marker.

    ``sections`` are the target's bound sections by marker, which may declare reason codes of their own; without them
    a rule of a gate that has such codes is taken as it stands.

    Raises ``ManifestError`` with all problems, also where the folder holds no such file.
    """
    files = sorted(folder.glob("*.toml"))
    problems = [] if files else ["expected a file *.toml with [[fault]] tables, found none"]
    found: list[_Found] = []
    for file in files:
        found += _read(file, problems)
    for place in found:
        problems += [f"{place.at}.{problem}" for problem in _disagreements(place.fault, gates, sections)]
    problems += _repeated(found)
    if problems:
        raise ManifestError(folder.as_posix(), problems)
    return tuple(sorted((place.fault for place in found), key=lambda fault: fault.id))


def _read(file: Path, problems: list[str]) -> Iterator[_Found]:
    """The faults of one file that can be bound; what cannot goes to ``problems``."""
    try:
        document, _ = parse_toml(file)
    except ManifestError as error:
        problems += [f"{file.name}: {problem}" for problem in error.problems]
        return
    _, told = bind_sections({"fault": tuple[Fault, ...]}, document, required=["fault"])
    problems += [f"{file.name}: {problem}" for problem in told]
    tables = document.get("fault")
    for index, table in enumerate(tables if isinstance(tables, list) else []):
        fault = bind(Fault, table)[0] if isinstance(table, dict) else None
        if fault is not None:
            yield _Found(f"{file.name}: fault[{index}]", fault)


def _disagreements(
    fault: Fault, gates: Mapping[str, GateSpec], sections: Mapping[str, Any] | None
) -> Iterator[Problem]:
    """Where the fault names a gate, check, rule or verdict that does not exist."""
    gate = gates.get(fault.gate)
    if gate is None:
        yield _unknown("gate", fault.gate, "a known gate", gates)
        return
    if fault.check is not None and fault.check.partition("[")[0] not in (checks := _checks(gate.module)):
        unknown = _unknown("check", fault.check, f"a check of {fault.gate}", checks)
        now = renamed().get(f"{fault.gate}.{fault.check.partition('[')[0]}", "")
        yield dataclasses.replace(unknown, hint=f'"{fault.check}" is now "{now.partition(".")[2]}"') if now else unknown
    section = None if sections is None else sections.get(fault.gate)
    own = () if section is None else gate.section_reasons(section)
    rules = {reason.code: reason.verdict for reason in (*COURT_REASONS, *gate.reasons, *own)}
    if section is None and gate.section_reasons is not no_section_reasons and fault.rule not in rules:
        return
    if fault.rule is not None and fault.rule not in rules:
        yield _unknown("rule", fault.rule, f"a reason code of {fault.gate}", rules)
    elif fault.rule is not None and rules[fault.rule] != fault.verdict:
        yield Problem("verdict", f'"{rules[fault.rule]}", which {fault.rule} carries', f'"{fault.verdict}"')


@cache
def _checks(module: Path) -> tuple[str, ...]:
    return tuple(check.name for check in declared_checks(module))


def _unknown(key: str, found: str, expected: str, known: Iterable[str]) -> Problem:
    names = sorted(known)
    hint = did_you_mean(found, names) or f"the known ones are {', '.join(names) or 'none'}"
    return Problem(key, expected, f'"{found}"', hint)


def _repeated(found: Iterable[_Found]) -> Iterator[str]:
    first: dict[str, str] = {}
    for place in found:
        at = first.setdefault(place.fault.id, place.at)
        if at != place.at:
            yield f'{place.at}.id: expected an id of its own, found "{place.fault.id}", the id of {at}'
