"""``gates.toml`` to a ``Manifest``: every section bound, the roll and the sections held against each other."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gatecourt.core.errors import ManifestError
from gatecourt.core.gatespec import GateSpec
from gatecourt.formats.secret_forms import secret_words
from gatecourt.formats.suggestions import did_you_mean
from gatecourt.system.declared_checks import checks_of_parts, part_names
from gatecourt.system.drivers.commands import CommandSection, command_problems, unused_seed
from gatecourt.system.drivers.section import FROM_OUTSIDE, RunSection, problems
from gatecourt.system.manifest.binding import bind_sections
from gatecourt.system.manifest.renamed import with_new_name
from gatecourt.system.manifest.runbook import runbook_problems
from gatecourt.system.manifest.sections import CourtSection, TargetSection
from gatecourt.system.manifest.toml_text import parse_toml


@dataclass(frozen=True)
class Manifest:
    """One system's ``gates.toml``, checked. ``root`` is the folder that holds it."""

    path: Path
    sha256: str
    target: TargetSection
    court: CourtSection
    run: RunSection | None
    runbook: Mapping[str, str]
    sections: Mapping[str, Any] = field(repr=False)
    commands: Mapping[str, CommandSection] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        """The target's own tree."""
        return self.path.parent

    def secrets(self) -> dict[str, str]:
        """Every value that the manifest takes from the environment, in the forms it may be written in, to its name.

        Values of fewer than four characters are left out: they stand everywhere by chance.
        """
        tables = [self.run.env if self.run else {}, *(command.env for command in self.commands.values())]
        names = sorted(
            {
                text.removeprefix(FROM_OUTSIDE)
                for env in tables
                for text in env.values()
                if text.startswith(FROM_OUTSIDE)
            }
        )
        return secret_words({name: os.environ.get(name, "") for name in names})

    def section(self, gate: GateSpec) -> Any:
        """The gate's section. Raises ``KeyError`` where the gate is not on the roll."""
        return self.sections[gate.marker]

    def not_applicable(self, gate: GateSpec) -> dict[str, str]:
        """The checks of a gate on the roll that do not apply, ``name`` or ``name[parameter]``, each with the reason."""
        parts = self.court.parts_not_applicable.get(gate.marker, {})
        return checks_of_parts(gate, parts)

    def runbook_of(self, gate: str) -> str:
        """Where the runbook speaks of ``gate``: ``file#heading``, or an empty string where nothing is declared."""
        return self.runbook.get(gate, "")


def section_types(gates: Iterable[GateSpec]) -> dict[str, Any]:
    """Every top-level key that a manifest may hold, with the type that its value is bound to."""
    types: dict[str, Any] = {
        "target": TargetSection,
        "court": CourtSection,
        "run": RunSection,
        "commands": Mapping[str, CommandSection],
        "runbook": Mapping[str, str],
    }
    for gate in gates:
        types |= gate.keys
    return types


def load(path: Path, gates: Mapping[str, GateSpec]) -> Manifest:
    """The manifest at ``path``. Raises ``ManifestError`` with every problem in it."""
    document, data = parse_toml(path)
    bound, told = bind_sections(section_types(gates.values()), document, required=("target", "court"))
    problems_told = [str(with_new_name(problem)) for problem in told]
    target, court, run = bound.get("target"), bound.get("court"), bound.get("run")
    runbook, commands = bound.get("runbook", {}), bound.get("commands", {})
    sections: dict[str, Any] = {}
    if isinstance(court, CourtSection):
        problems_told += _roll_problems(court, document, gates)
        sections, more = _gate_sections(court, document, bound, gates)
        problems_told += more
        problems_told += _part_problems(court, sections, gates)
    if isinstance(run, RunSection):
        problems_told += _run_problems(run, commands, target)
    elif "run" not in document and "commands" in document:
        problems_told.append("commands: they go by the inputs and folders of [run], which is missing; write [run]")
    if isinstance(runbook, Mapping):
        problems_told += _runbook_problems(runbook, path.parent, gates)
    if problems_told:
        raise ManifestError(str(path), problems_told)
    assert isinstance(target, TargetSection)
    assert isinstance(court, CourtSection)
    assert isinstance(runbook, Mapping)
    assert isinstance(commands, Mapping)
    assert run is None or isinstance(run, RunSection)
    digest = hashlib.sha256(data).hexdigest()
    return Manifest(path.absolute(), digest, target, court, run, runbook, sections, commands)


def _run_problems(run: RunSection, commands: object, target: object) -> Iterator[str]:
    yield from problems(run)
    if isinstance(commands, Mapping):
        yield from command_problems(commands, run)
        yield from unused_seed(run, commands)
    if isinstance(target, TargetSection) and target.artefacts:
        yield "target.artefacts: artefacts are judged as found only without [run]; remove one of both"


def _roll_problems(court: CourtSection, document: Mapping[str, Any], gates: Mapping[str, GateSpec]) -> Iterator[str]:
    for index, name in enumerate(court.roll):
        if name not in gates:
            yield _unknown_gate(f"court.roll[{index}]", name, gates)
        elif court.roll.index(name) != index:
            yield f"court.roll[{index}]: gate {name!r} is on the roll already; name it once"
    for name in court.not_applicable:
        if name not in gates:
            yield _unknown_gate("court.not_applicable", name, gates)
        elif name in court.roll and name in court.gates_not_applicable:
            yield f"court.not_applicable.{name}: the gate is on the roll as well; remove it from one of the two"
        elif name not in court.roll and name in court.parts_not_applicable:
            yield (
                f"court.not_applicable.{name}: parts are given for a gate that is not on court.roll; "
                "add the gate, or give one reason for all of it"
            )
    yield from _section_problems(court, document, gates)


def _section_problems(court: CourtSection, document: Mapping[str, Any], gates: Mapping[str, GateSpec]) -> Iterator[str]:
    for name in court.roll:
        for key in gates[name].required if name in gates else ():
            if key not in document:
                yield f"court.roll: gate {name!r} is on the roll, but [{key}] is missing; write the section"
    heard = {key for name in court.roll if name in gates for key in gates[name].keys}
    for gate in gates.values():
        for key in sorted(set(gate.keys) & set(document) - heard):
            whose = f"the section belongs to gate {gate.marker!r}, which is not on court.roll"
            yield f"{key}: {whose}; add the gate or remove the section"


def _part_problems(court: CourtSection, sections: Mapping[str, Any], gates: Mapping[str, GateSpec]) -> Iterator[str]:
    for gate in (gates[name] for name in court.roll if name in gates):
        parts = court.parts_not_applicable.get(gate.marker, {})
        at = f"court.not_applicable.{gate.marker}"
        known = part_names(gate) if parts else []
        for name in parts:
            if name not in known:
                hint = did_you_mean(name, known) or f"the parts are {', '.join(known)}"
                yield f"{at}: gate {gate.marker!r} has no part called {name!r}; {hint}"
        optional = gate.optional(sections[gate.marker]) if gate.marker in sections else {}
        for name, declared in optional.items():
            if declared and name in parts:
                yield f"{at}.{name}: the section declares this part as well; remove one of the two"
            elif not declared and name not in parts:
                yield f"{next(iter(gate.keys))}.{name}: this part is missing; declare it, or give a reason in [{at}]"


def _unknown_gate(at: str, name: str, gates: Mapping[str, GateSpec]) -> str:
    hint = did_you_mean(name, gates) or f"the gates are {', '.join(sorted(gates))}"
    return f"{at}: no gate is called {name!r}; {hint}"


def _gate_sections(
    court: CourtSection, document: Mapping[str, Any], bound: Mapping[str, Any], gates: Mapping[str, GateSpec]
) -> tuple[dict[str, Any], list[str]]:
    sections: dict[str, Any] = {}
    told: list[str] = []
    for gate in (gates[name] for name in court.roll if name in gates):
        present = {key: bound[key] for key in gate.keys if key in bound}
        if not {*gate.required, *(set(gate.keys) & set(document))} <= set(present):
            continue  # its problems are reported already
        try:
            sections[gate.marker] = gate.section(**present) if gate.spread else present[next(iter(gate.keys))]
        except ValueError as error:
            told.append(str(error))
    return sections, told


def _runbook_problems(runbook: Mapping[str, str], root: Path, gates: Mapping[str, GateSpec]) -> Iterator[str]:
    for gate in runbook:
        if gate not in gates:
            yield _unknown_gate("runbook", gate, gates)
    yield from runbook_problems(runbook, root)
