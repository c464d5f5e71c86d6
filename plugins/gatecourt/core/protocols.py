"""What a gate is given: the target that it judges and the record of its check. Two protocols, no behaviour.

A gate module imports these for its annotations; the plugin supplies the objects.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Protocol, TypedDict, TypeVar, Unpack

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, KillPoint, Run, Subject

S = TypeVar("S")


class RunOptions(TypedDict, total=False):
    """How a run differs from the plain one. Every option may be absent."""

    again: bool
    """An independent repetition."""
    seed: int | None
    """The seed in place of the declared one."""
    perturb: Collection[str]
    """What is different in the environment of the run."""
    trap: str | None
    """The entropy trap: "shallow", "deep" or "network"."""


class CommandOptions(RunOptions, total=False):
    """How a command is run. Every option may be absent."""

    on: Run | None
    """The earlier run of this target, killed or not, whose work folder the command continues in, as a copy at the same
    path. ``files`` of the result are then all files of its output folder, and ``written`` those that it wrote."""
    kill: KillPoint | None
    """Where the whole process tree is ended by SIGKILL. The result has ``exit_code`` -9, the outputs of that moment,
    and ``observations`` that state how much there was."""
    values: Mapping[str, str]
    """More template values; a command's ``needs`` names those that it requires."""


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

    def run(self, **options: Unpack[RunOptions]) -> Run:
        """A run of the target, done once a session for each distinct request.

        Raises ``Judged`` where no run is declared or where the run did not end well.
        """

    def has_command(self, name: str) -> bool:
        """Whether the manifest declares the command ``name``; "run" is the command of ``[run]``."""

    def command(self, name: str, **options: Unpack[CommandOptions]) -> Run:
        """A run of a declared command, done once a session for each distinct request; "run" is that of ``[run]``.

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
