"""The manifest section ``[run]``: how the target is started, with what, and what it must leave behind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Annotated, TypeAlias

from gatecourt.formats.fields import PositiveSeconds, bounds
from gatecourt.system.drivers import template

FROM_OUTSIDE = "env:"
ExitCode: TypeAlias = Annotated[int, bounds(at_least=0, at_most=255)]
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class RunSection:
    """How one run of the target is made. Exactly one of ``command`` and ``steps`` is given."""

    command: tuple[str, ...] | None = field(
        default=None, metadata={"doc": "The program and its arguments, one string each; no shell. May hold templates."}
    )
    steps: tuple[tuple[str, ...], ...] = field(
        default=(), metadata={"doc": "Several commands instead of one, run in order until one fails."}
    )
    inputs: tuple[str, ...] = field(
        default=(),
        metadata={"doc": "Patterns of files below the target's root, copied to the same place in the work folder."},
    )
    cwd: str = field(default=".", metadata={"doc": "The working directory, relative to the work folder."})
    out: str = field(
        default="out",
        metadata={
            "doc": "The output folder, relative to the work folder. With '.' every file of the work folder is an "
            "output, unchanged copies of inputs aside."
        },
    )
    seed: int | None = field(default=None, metadata={"doc": "The seed, handed over as {seed}."})
    other_seed: int | None = field(
        default=None, metadata={"doc": "The seed of the run that must give other outputs; seed + 1 if not given."}
    )
    deadline: PositiveSeconds = field(
        default=Decimal(60), metadata={"doc": "How long the whole run may take; then all its processes are ended."}
    )
    env: Mapping[str, str] = field(
        default_factory=dict,
        metadata={
            "doc": "Environment variables, templated. 'env:NAME' takes the value of NAME from the outer environment, "
            "of which nothing else but PATH and its like is handed on; such values never enter a report."
        },
    )
    values: Mapping[str, str] = field(
        default_factory=dict, metadata={"doc": "Further template values; each may hold the built-in templates."}
    )
    outputs: tuple[str, ...] = field(
        default=(),
        metadata={"doc": "Patterns below the output folder; the run must write at least one file for each."},
    )
    stdout: str | None = field(
        default=None,
        metadata={"doc": "A file below the output folder that is to hold what the last command writes to its output."},
    )
    exit_code: ExitCode = field(default=0, metadata={"doc": "The exit code of a run that ended well."})
    run_id: str | None = field(default=None, metadata={"doc": "The value of {run_id}; 'run' if not given."})

    def __post_init__(self) -> None:
        """Refuse what contradicts itself, whatever the target is."""
        refuse_contradiction(self.command, self.steps)
        if self.other_seed is not None and self.other_seed == self.seed:
            raise ValueError("other_seed: it is the same as seed; give another one")

    @property
    def argument_lists(self) -> tuple[tuple[str, ...], ...]:
        """The commands in order, templates not yet replaced."""
        return self.steps if self.command is None else (self.command,)

    @property
    def changed_seed(self) -> int | None:
        """The seed of the run that must give other outputs, or None where no seed is declared."""
        if self.other_seed is not None or self.seed is None:
            return self.other_seed
        return self.seed + 1

    @property
    def at(self) -> str:
        """The manifest table that declares the run."""
        return "run"

    @property
    def needs(self) -> tuple[str, ...]:
        """The template names whose values come with the request alone."""
        return ()

    @property
    def always_writes(self) -> bool:
        """Whether a run without any output is no good end."""
        return True

    @property
    def ground(self) -> str:
        """The folder in which its runs take turns; "" is that which all commands share that name none of their own."""
        return ""

    def key(self, path: str) -> str:
        """The manifest key behind ``path``, such as ``env.TZ``: the place where its value is given."""
        return f"run.{path}"

    def key_of(self, step: int) -> str:
        """The manifest key of the ``step``-th command, counted from 0."""
        return self.key("command" if self.command is not None else f"steps[{step}]")


def refuse_contradiction(command: tuple[str, ...] | None, steps: tuple[tuple[str, ...], ...]) -> None:
    """Raises ``ValueError`` for what contradicts itself in a command, whatever the target is."""
    if (command is None) == (not steps):
        raise ValueError("give exactly one of command and steps")
    for key, step in (
        [("command", command)] if command is not None else [(f"steps[{i}]", s) for i, s in enumerate(steps)]
    ):
        if not step or not step[0]:
            raise ValueError(f"{key}: a command needs at least the program to start")


def problems(section: RunSection) -> list[str]:
    """What is wrong with the section beyond its types: each a full sentence that starts with its key path."""
    return [*_paths(section), *_templates(section), *_variables(section), *_values(section)]


def escapes(path: str) -> bool:
    """Whether ``path`` is not a relative path that stays where it starts."""
    return not path or "\0" in path or "\\" in path or path.startswith("/") or ".." in PurePosixPath(path).parts


def _paths(section: RunSection) -> Iterator[str]:
    for key, path in (("cwd", section.cwd), ("out", section.out)):
        if escapes(path):
            yield f"{section.key(key)}: expected a path inside the work folder, found {path!r}"
    for key, patterns in (("inputs", section.inputs), ("outputs", section.outputs)):
        for place, pattern in enumerate(patterns):
            if escapes(pattern):
                yield f"{section.key(key)}[{place}]: expected a relative pattern without '..', found {pattern!r}"
    if section.stdout is not None and escapes(section.stdout):
        yield f"{section.key('stdout')}: expected a path inside the output folder, found {section.stdout!r}"
    if section.run_id is not None and not _RUN_ID.fullmatch(section.run_id):
        yield f"{section.key('run_id')}: expected letters, digits and ._-, found {section.run_id!r}"


def _templates(section: RunSection) -> Iterator[str]:
    built_in = {name for name in template.BUILT_IN if name != "seed" or section.seed is not None}
    given = {*built_in, *section.needs}
    known = {*given, *section.values}
    for key, text in _texts(section):
        if sentence := template.problem(text, known):
            yield f"{key}: {sentence}{_seedless(section, text)}"
    for name, text in section.values.items():
        if sentence := template.problem(text, given):
            yield f"{section.key(f'values.{name}')}: {sentence}{_seedless(section, text)}"


def _seedless(section: RunSection, text: str) -> str:
    return "; give run.seed" if section.seed is None and "{seed}" in text else ""


def _texts(section: RunSection) -> Iterator[tuple[str, str]]:
    for number, step in enumerate(section.argument_lists):
        for place, word in enumerate(step):
            yield f"{section.key_of(number)}[{place}]", word
    for name, value in section.env.items():
        if not value.startswith(FROM_OUTSIDE):
            yield section.key(f"env.{name}"), value


def _variables(section: RunSection) -> Iterator[str]:
    for name, value in section.env.items():
        if not name or "=" in name or "\0" in name:
            key = section.key(f"env.{name}").removesuffix(f".{name}")
            yield f"{key}: {name!r} cannot name an environment variable"
        if value.startswith(FROM_OUTSIDE) and not _VARIABLE.fullmatch(value.removeprefix(FROM_OUTSIDE)):
            yield f"{section.key(f'env.{name}')}: expected env:NAME, found {value!r}"


def _values(section: RunSection) -> Iterator[str]:
    for name in section.values:
        if name in template.BUILT_IN:
            yield f"{section.key(f'values.{name}')}: the name is taken by the suite; choose another"
        elif not name.isidentifier():
            yield f"{section.key(f'values.{name}')}: expected a name of letters, digits and _, found {name!r}"
