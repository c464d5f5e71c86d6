"""What tests of databases share: a target that has finished all its runs, and tables to declare."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gatecourt.core.model import Finding, KillPoint, Run, Subject
from gatecourt.rules.persistence.section import PersistenceSection, StoredTable, TableReference

ORDERS = StoredTable(
    ("order_id",),
    unique=(("intent_id",),),
    references=(TableReference(("intent_id",), "intents"),),
    unfinished={"status": ("OPEN",)},
)
INTENTS = StoredTable(("intent_id",))
TABLES = {"intents": INTENTS, "orders": ORDERS}


def run_of(root: Path) -> Run:
    """All files below ``root`` as what a run left."""
    found = sorted(path for path in root.rglob("*") if path.is_file())
    names = {path.relative_to(root).as_posix(): path.read_bytes() for path in found}
    files = {name: Subject(name, hashlib.sha256(data).hexdigest(), len(data)) for name, data in names.items()}
    return Run(root, files, observations={"kill.lines": 3})


class FinishedTarget:
    """A target whose runs are folders that are already there, by command; a killed one is ``NAME!``."""

    def __init__(self, root: Path, runs: Mapping[str, Path]) -> None:
        self.root, self._runs, self.asked = root, runs, list[str]()

    def artefacts(self) -> Run:
        return run_of(self.root)

    def command(self, name: str, *, on: Run | None = None, kill: KillPoint | None = None, **_: Any) -> Run:
        self.asked.append(f"{name}{'!' if kill else ''}{' on' if on else ''}")
        return run_of(self._runs[f"{name}!" if kill else name])


def finished(root: Path, runs: Mapping[str, Path] | None = None) -> Any:
    """A ``FinishedTarget`` with as much of a ``Target`` as the checks of databases use."""
    return FinishedTarget(root, runs or {})


def section(**other: Any) -> PersistenceSection:
    """A section over ``out.db``, changed in what ``other`` names."""
    given: dict[str, Any] = {"url": "sqlite:///{out}/out.db", "tables": TABLES}
    return PersistenceSection(**(given | other))


def as_tuples(findings: tuple[Finding, ...]) -> list[tuple[str, str, str, str]]:
    """Findings as tuples: rule without its family, place, expected, observed."""
    return [(each.rule.removeprefix("persistence."), each.where, each.expected, each.observed) for each in findings]


def rules(findings: tuple[Finding, ...]) -> list[str]:
    """The rules without their family."""
    return [each.rule.removeprefix("persistence.") for each in findings]
