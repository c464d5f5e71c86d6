"""The object that gates are given: a manifest, and the driver that makes and finds its artefacts."""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, Unpack

from gatecourt.core.errors import Judged
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.model import Finding, Run
from gatecourt.core.protocols import CommandOptions, RunOptions
from gatecourt.system.drivers.commands import RUN, named_run
from gatecourt.system.drivers.section import RunSection
from gatecourt.system.manifest.loading import Manifest

if TYPE_CHECKING:
    from gatecourt.system.drivers.runner import RunRequest

S = TypeVar("S")


@dataclass(frozen=True)
class Sandbox:
    """The session's own folder, in which systems are run and variants made, and the gates it knows."""

    folder: Path
    gates: Mapping[str, GateSpec]
    reports: Path | None = None

    @contextlib.contextmanager
    def under_way(self, words: str) -> Iterator[None]:
        """Keeps a file with ``words`` while something long runs; the progress line shows them."""
        note = self.folder / "running" / f"{os.getpid()}"
        note.parent.mkdir(exist_ok=True)
        note.write_text(words, "utf-8")
        try:
            yield
        finally:
            note.unlink(missing_ok=True)


class DeclaredTarget:
    """A system as its manifest declares it; implements the ``Target`` protocol."""

    def __init__(self, manifest: Manifest, sandbox: Sandbox, bench: str | None = None) -> None:
        self.manifest = manifest
        self.sandbox = sandbox
        # Runs under one bench name take turns at the same paths; a variant has a bench of its own.
        self._bench = bench or self.name
        self._notes: dict[Finding, None] = {}
        self._last: Run | None = None

    @property
    def name(self) -> str:
        """The declared name."""
        return self.manifest.target.name

    @property
    def root(self) -> Path:
        """The target's own tree, to be read only."""
        return self.manifest.root

    @property
    def other_seed(self) -> int | None:
        """The seed of the run that must give other outputs; None where no seed is declared."""
        return self.manifest.run.changed_seed if self.manifest.run else None

    def section(self, kind: type[S]) -> S:
        """The bound section of type ``kind``. Raises ``LookupError`` if no gate on the roll has such a section."""
        for value in self.manifest.sections.values():
            if isinstance(value, kind):
                return value
        raise LookupError(f"{self.name}: no gate on the roll has a section of type {kind.__name__}")

    def artefacts(self) -> Run:
        """The artefacts of a fresh run, or as found where no run is declared."""
        if self.manifest.run is not None:
            return self.run()
        from gatecourt.system.drivers.found import found

        target = self.manifest.target
        return self._noted(
            found(
                self.root,
                target.artefacts,
                target.judged,
                max_age=target.max_age,
                now=time.time(),
                skip=self.sandbox.reports,
            )
        )

    def run(self, **options: Unpack[RunOptions]) -> Run:
        """A run of the target, made once a session for each distinct request."""
        return self.command(RUN, **options)

    def has_command(self, name: str) -> bool:
        """Whether the manifest declares the command; "run" is that of ``[run]``."""
        return self.manifest.run is not None and (name == RUN or name in self.manifest.commands)

    def command(self, name: str, **options: Unpack[CommandOptions]) -> Run:
        """A run of a declared command, in a fresh folder or in a copy of that of the run ``on``."""
        from gatecourt.system.drivers.runner import RunRequest  # collecting the checks runs nothing

        request = RunRequest(
            self.root,
            self._declared(name),
            int(options.get("again", False)),
            options.get("seed"),
            tuple(options.get("perturb", ())),
            options.get("trap"),
            target=self._bench,
            on=options.get("on"),
            kill=options.get("kill"),
            supplied=dict(options.get("values", {})),
        )
        return self._perform(name, request)

    def quote(self, where: str) -> str | None:
        """The line behind ``path:LINE`` in the artefacts last looked at, cut at 400 characters; None for others."""
        name, _, number = where.partition("#")[0].rpartition(":")
        if self._last is None or name not in self._last.files or not number.isdecimal():
            return None
        with self._last.path(name).open("rb") as stream:
            line = next(itertools.islice(stream, int(number) - 1, None), b"")
        return line[:400].decode("utf-8", "backslashreplace").rstrip("\r\n")

    def take_notes(self) -> list[Finding]:
        """What the driver saw beside a good end since this was last asked: an input that changed, a stale artefact."""
        notes, self._notes = list(self._notes), {}
        return notes

    def _declared(self, name: str) -> RunSection:
        """The command ``name`` with all that it inherits. Raises ``Judged`` where it is not declared."""
        run = self.manifest.run
        if run is None:
            raise Judged(Finding(self.manifest.path.name, "a [run] section", "none", "run.not_declared"))
        if name == RUN:
            return run
        if name not in self.manifest.commands:
            known = ", ".join(sorted(self.manifest.commands)) or "none"
            raise Judged(Finding(f"commands.{name}", "a declared command", f"declared: {known}", "run.command_unknown"))
        return named_run(run, name, self.manifest.commands[name])

    def _perform(self, name: str, request: RunRequest) -> Run:
        from gatecourt.system.drivers.runner import Runner

        perturbed = f" with {', '.join(request.perturb)}" if request.perturb else ""
        killed = f", killed at {request.kill}" if request.kill else ""
        with self.sandbox.under_way(f"{self.name}: {name} {request.ordinal + 1}{perturbed}{killed}"):
            return self._noted(Runner(self.sandbox.folder / "runs").run(request))

    def _noted(self, run: Run) -> Run:
        self._last = run
        self._notes.update(dict.fromkeys(run.notes))
        return run

    def __repr__(self) -> str:
        return f"<target {self.name}>"
