"""One run of a target for all who ask: isolated, bounded, remembered.

The store belongs to one session: a run is remembered by the content of its declared inputs and of the files that its
command names, by command, environment, seed, perturbations, ordinal, the run that it goes on with, kill point and
supplied values, not by the whole source behind the command.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Run
from gatecourt.system.drivers import isolation, perturbation, record, trap
from gatecourt.system.drivers.attempt import perform
from gatecourt.system.drivers.isolation import Input
from gatecourt.system.drivers.request import RunRequest, refuse_values, request_key

__all__ = ["RunRequest", "Runner"]

_TARGET = re.compile(r"[a-z0-9_]+")


class Runner:
    """Runs targets below ``store``, a folder on the machine's own disk that lives as long as the session."""

    def __init__(self, store: Path) -> None:
        self._store = store.resolve()

    def run(self, request: RunRequest) -> Run:
        """The run that was asked for: made now, or by another check or process before.

        ``Run.notes`` holds what was seen beside a good end: ``run.inputs_changed``, ``run.root_written``,
        ``run.input_copy_changed``, ``run.output_refused``, ``run.output_older``, ``run.output_unreadable``,
        ``run.process_left``, ``run.perturbation_void``. A run that was killed as asked has ended well. A run that did
        not end well raises ``Judged``, to everyone who asks for it.
        """
        if not _TARGET.fullmatch(request.target):
            raise ValueError(f"a target's name is of [a-z0-9_], not {request.target!r}")
        if wrong := perturbation.problems(request.perturb):
            raise Judged(Finding("determinism.perturb", "known perturbations", wrong[0], "run.perturbation_unknown"))
        if request.trap not in (None, *trap.TRAPS):
            raise ValueError(f"a trap is one of {trap.TRAPS}, not {request.trap!r}")
        refuse_values(request)
        inputs = isolation.declared_inputs(request.root, request.section.inputs, skip=self._store)
        base = self._store / request.target
        base.mkdir(parents=True, exist_ok=True, mode=0o700)
        _refuse_changed(base, inputs)
        _refuse_strange(request, base / "runs")
        folder = base / "runs" / request_key(request, inputs)[:24]
        folder.parent.mkdir(exist_ok=True)
        with FileLock(f"{folder}.lock"):
            found = record.load(folder) or perform(request, inputs, base, folder)
        return found.run(folder)


def _refuse_changed(base: Path, inputs: Sequence[Input]) -> None:
    """Raise ``Judged`` where an input is not what it was when this session first looked at it.

    Every check reports a system that rewrites its own inputs, in any order of the checks.
    """
    noted = base / "inputs.json"
    with FileLock(f"{noted}.lock"):
        first: dict[str, str] = json.loads(noted.read_bytes()) if noted.exists() else {}
        for item in inputs:
            if first.setdefault(item.name, item.sha256) != item.sha256:
                expected = "the input unchanged through the whole session"
                raise Judged(Finding(item.name, expected, "other content than before", "run.inputs_changed"))
        noted.write_text(json.dumps(first))


def _refuse_strange(request: RunRequest, runs: Path) -> None:
    """Raises ``Judged`` where the earlier run is none of this target's, or is no longer as it was left."""
    if request.on is None:
        return
    found = record.load(request.earlier) if request.earlier and request.earlier.parent == runs else None
    if found is None or request.earlier is None:
        expected, observed = "an earlier run of the target to go on with", "artefacts that no run of it left"
        raise Judged(Finding(request.section.at, expected, observed, "run.command_unknown"))
    found.run(request.earlier)
