"""Which checks are collected: markers, a parameter for targets, parameters from manifest keys, the session's plan."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gatecourt.core.gatespec import GateSpec
from gatecourt.court.evidence import write_durably
from gatecourt.court.verdict import CheckId
from gatecourt.session.begin import writing
from gatecourt.session.selection import kept_by_typed_selection
from gatecourt.session.session import GateSession
from gatecourt.system.declared_checks import parameter_values

CHECK = pytest.StashKey[CheckId]()


class Targets:
    """Parametrises the gates' tests over targets and manifest keys, and writes down what was planned and selected."""

    def __init__(self, session: GateSession) -> None:
        self.session = session
        for spec in session.gates.values():
            session.config.addinivalue_line("markers", f"{spec.marker}: {spec.summary}")

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Leaves out the modules of gates that no case includes."""
        markers = [gate.marker for gate in self.session.gates.values() if gate.module == collection_path]
        idle = not any(case.includes(marker) for case in self.session.cases.values() for marker in markers)
        return True if markers and idle else None

    def gate_of(self, node: pytest.Item | pytest.Collector) -> GateSpec | None:
        """The gate that a node belongs to by its marker."""
        return next((self.session.gates[m.name] for m in node.iter_markers() if m.name in self.session.gates), None)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One check for each target whose roll names the gate and each value of the gate's own parameter."""
        gate = self.gate_of(metafunc.definition)
        if gate is None or "target" not in metafunc.fixturenames:
            return
        own = [name for name in gate.parameters if name in metafunc.fixturenames]
        rows = list(self._rows(gate, own))
        metafunc.parametrize(
            ["target", *own],
            [pytest.param(*row, id="-".join(row)) for row in rows],
            indirect=["target"],
            scope="session",
        )

    def _rows(self, gate: GateSpec, own: list[str]) -> Iterator[tuple[str, ...]]:
        for name, case in sorted(self.session.cases.items()):
            if not case.includes(gate.marker):
                continue
            if not own:
                yield (name,)
            for parameter in own:
                for value in parameter_values(gate, parameter, high=self.session.high)(case.manifest.section(gate)):
                    yield (name, value)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Names every check before anything is deselected, and drops tests that no target's manifest fills."""
        items[:] = [item for item in items if self.gate_of(item) is None or self._name(item)]
        self._write("planned", items)
        self._write("expected", kept_by_typed_selection(self.session.config, items))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Writes down which checks are left after the selection."""
        self._write("selected", session.items)

    def _name(self, item: pytest.Item) -> bool:
        parameters = getattr(item, "callspec", None)
        # Where no target fills a test, pytest leaves one item with a placeholder for its parameters.
        if parameters is None or not isinstance(parameters.params.get("target"), str):
            return False
        gate = self.gate_of(item)
        assert gate is not None
        values = [str(v) for k, v in sorted(parameters.params.items()) if k in gate.parameters]
        name = getattr(item, "originalname", item.name).removeprefix("test_")
        check = f"{gate.marker}.{name}" + (f"[{','.join(values)}]" if values else "")
        case = self.session.cases[parameters.params["target"]]
        not_applicable = case.manifest.not_applicable(gate)
        if not case.includes_check(check) or name in not_applicable or check.partition(".")[2] in not_applicable:
            return False
        item.stash[CHECK] = CheckId(parameters.params["target"], gate.marker, check)
        return True

    def _write(self, what: str, items: list[pytest.Item]) -> None:
        # Every worker writes the same list: the controller of pytest-xdist collects nothing itself.
        rows = [[*_row(item.stash[CHECK]), item.nodeid] for item in items if CHECK in item.stash]
        with writing(self.session.folder):
            write_durably(self.session.folder / f"{what}.json", json.dumps(sorted(rows)).encode())

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tells a worker of pytest-xdist where the session's folder is."""
        node.workerinput["gatecourt_folder"] = str(self.session.folder)


def _row(check: CheckId) -> list[str]:
    return [check.target, check.gate, check.check]


def read_checks(folder: Path, what: str) -> dict[str, CheckId]:
    """The checks that a session planned, expected or selected, by node id; none where collection never finished."""
    try:
        rows = json.loads((folder / f"{what}.json").read_bytes())
    except OSError:
        return {}
    return {node: CheckId(target, gate, check) for target, gate, check, node in rows}
