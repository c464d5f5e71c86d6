"""What a gate is given: the target that it judges and the record of its check. Two protocols, no behaviour.

A gate module imports these for its annotations; the plugin supplies the objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, TypeVar

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, KillPoint, Run, Subject

NO_VALUES: Mapping[str, str] = MappingProxyType({})
S = TypeVar("S")


class Target(Protocol):
    """The system under judgement, as its manifest describes it."""

    @property
    def name(self) -> str:
        """The declared name, unique in a session."""

    @property
    def root(self) -> Path:
        """The target's own tree. Read only: a gate never writes below it and never puts it into evidence."""

    @property
    def other_seed(self) -> int | None:
        """The seed of the run that must give other outputs; None where no seed is declared."""

    def section(self, kind: type[S]) -> S:
        """The manifest section that was bound to the dataclass ``kind``."""

    def artefacts(self) -> Run:
        """The artefacts to be judged: of a fresh run where ``[run]`` is declared, else as found in the tree."""

    def run(
        self, *, again: bool = False, seed: int | None = None, perturb: Iterable[str] = (), trap: str | None = None
    ) -> Run:
        """A run of the target, done once a session for each distinct request.

        ``again`` asks for an independent second run, ``perturb`` names what shall differ in its environment,
        ``trap`` sets the entropy trap ("shallow" or "deep").
        Raises ``Judged`` where no run is declared or where the run did not end well.
        """

    def has_command(self, name: str) -> bool:
        """Whether the manifest declares the command ``name``; "run" is the command of ``[run]``."""

    def command(
        self,
        name: str,
        *,
        on: Run | None = None,
        kill: KillPoint | None = None,
        values: Mapping[str, str] = NO_VALUES,
        trap: str | None = None,
        again: bool = False,
        seed: int | None = None,
        perturb: Iterable[str] = (),
    ) -> Run:
        """A run of a declared command, done once a session for each distinct request; "run" is that of ``[run]``.

        It has a fresh work folder or, with ``on``, a copy of the one that an earlier run of this target left, killed or
        not, at the same path: then ``files`` of the result are all that lies in its output folder afterwards, and
        ``written`` those of them that this command wrote. ``kill`` ends the whole process tree by SIGKILL at that
        point; the result has ``exit_code`` -9, its outputs are as they were at that moment, and its ``observations``
        state how much there was. ``seed`` replaces the declared one, ``perturb`` is as for ``run``. ``values`` extend
        the template values; a command's ``needs`` name those that it requires.
        Raises ``Judged`` where the command is not declared (``run.command_unknown``), ended before the kill point
        (``run.kill_missed``) or did not end well.
        """


class Findings(Protocol):
    """The record of one check."""

    def record(self, judgement: Judgement) -> None:
        """Add a whole result: its subjects, parameters, findings, observations and attachments."""

    def add(self, where: str, *, expected: str, observed: str, rule: str) -> None:
        """Add a finding."""

    def extend(self, findings: Iterable[Finding]) -> None:
        """Add findings."""

    def subjects(self, subjects: Iterable[Subject]) -> None:
        """Record what was judged. A check without a subject is a HOLD, because it saw nothing."""

    def parameter(self, name: str, value: Json) -> None:
        """A threshold, count or mask that the judgement rests on. The same from run to run."""

    def observe(self, name: str, value: Json) -> None:
        """Something measured that may differ from run to run: a duration, memory."""

    def attach(self, name: str, text: str) -> None:
        """A file for people beside the evidence, such as a diff. ``name`` is a bare file name."""
