"""The manifest tables ``[commands.NAME]``: what else the target can do, each on the ground that ``[run]`` lays."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gatecourt.formats.fields import PositiveSeconds
from gatecourt.system.drivers import template
from gatecourt.system.drivers.section import ExitCode, RunSection, problems, refuse_contradiction

RUN = "run"
_NAME = re.compile(r"[a-z0-9_]+")


@dataclass(frozen=True)
class CommandSection:
    """One further command: inputs, cwd, out, run_id and what else is not given here are those of ``[run]``."""

    command: tuple[str, ...] | None = field(
        default=None, metadata={"doc": "The program and its arguments, one string each; no shell. May hold templates."}
    )
    steps: tuple[tuple[str, ...], ...] = field(
        default=(), metadata={"doc": "Several commands instead of one, run in order until one fails."}
    )
    env: Mapping[str, str] = field(
        default_factory=dict, metadata={"doc": "Environment variables as in [run]; they stand above those of [run]."}
    )
    values: Mapping[str, str] = field(
        default_factory=dict, metadata={"doc": "Template values as in [run]; they stand above those of [run]."}
    )
    needs: tuple[str, ...] = field(
        default=(), metadata={"doc": "Template names whose values the asking gate supplies, such as log."}
    )
    outputs: tuple[str, ...] = field(
        default=(),
        metadata={"doc": "Patterns below the output folder; this command must write at least one file for each."},
    )
    stdout: str | None = field(
        default=None,
        metadata={"doc": "A file below the output folder that is to hold what the last command writes to its output."},
    )
    deadline: PositiveSeconds | None = field(
        default=None, metadata={"doc": "How long the whole command may take; that of [run] if not given."}
    )
    exit_code: ExitCode = field(default=0, metadata={"doc": "The exit code of a command that ended well."})
    seed: int | None = field(
        default=None, metadata={"doc": "The seed, handed over as {seed}; that of [run] if not given."}
    )
    parallel: bool = field(
        default=False,
        metadata={
            "doc": "It may run while other commands of the target do: they share nothing beyond their inputs, no port "
            "and no database. Without this all commands of a target take turns."
        },
    )

    def __post_init__(self) -> None:
        """Refuse what contradicts itself, whatever the target is."""
        refuse_contradiction(self.command, self.steps)


@dataclass(frozen=True)
class NamedRun(RunSection):
    """A command and all that it has from ``[run]``; ``given`` are the key paths that its own table holds."""

    name: str = ""
    needs: tuple[str, ...] = ()
    given: frozenset[str] = frozenset()
    parallel: bool = False

    @property
    def at(self) -> str:
        """The manifest table that declares the command."""
        return f"commands.{self.name}"

    @property
    def always_writes(self) -> bool:
        """A command may write nothing; its ``outputs`` say what it must."""
        return False

    @property
    def ground(self) -> str:
        """A folder of its own for a command that may run beside others."""
        return f"beside/{self.name}" if self.parallel else ""

    def key(self, path: str) -> str:
        """The manifest key behind ``path``, in the command's own table or in ``[run]``."""
        own = path in self.given or path.partition("[")[0] in self.given
        return f"{self.at if own else RUN}.{path}"


def named_run(run: RunSection, name: str, own: CommandSection) -> NamedRun:
    """The command ``name`` with what it inherits."""
    inherited = {each.name: getattr(run, each.name) for each in dataclasses.fields(RunSection)}
    changed = {
        "command": own.command,
        "steps": own.steps,
        "env": {**run.env, **own.env},
        "values": {**run.values, **own.values},
        "outputs": own.outputs,
        "stdout": own.stdout,
        "deadline": run.deadline if own.deadline is None else own.deadline,
        "exit_code": own.exit_code,
        "seed": run.seed if own.seed is None else own.seed,
        "other_seed": None,
    }
    return NamedRun(**{**inherited, **changed}, name=name, needs=own.needs, given=_given(own), parallel=own.parallel)


def command_problems(commands: Mapping[str, CommandSection], run: RunSection) -> Iterator[str]:
    """What is wrong with the commands beyond their types; what is wrong with ``[run]`` is not told again."""
    for name, own in commands.items():
        at = f"commands.{name}"
        if name == RUN or not _NAME.fullmatch(name):
            wanted = "a name of lower-case letters, digits and underscores other than 'run'"
            yield f"{at}: expected {wanted}, found {name!r}"
            continue
        yield from _need_problems(at, own, run)
        yield from (told for told in problems(named_run(run, name, own)) if told.startswith(f"{at}."))


def unused_seed(run: RunSection, commands: Mapping[str, CommandSection]) -> Iterator[str]:
    """That the seed of ``[run]`` reaches no command: another one would change nothing."""
    tables: list[RunSection | CommandSection] = [run, *commands.values()]
    texts = [word for table in tables for step in (table.command or (), *table.steps) for word in step]
    texts += [text for table in tables for values in (table.env, table.values) for text in values.values()]
    if run.seed is not None and not any("{seed}" in text for text in texts):
        yield "run.seed: no command holds {seed}; pass it to the command that draws by it, or remove the seed"


def _need_problems(at: str, own: CommandSection, run: RunSection) -> Iterator[str]:
    for place, name in enumerate(own.needs):
        key = f"{at}.needs[{place}]"
        if name in template.BUILT_IN:
            yield f"{key}: the name {name!r} is taken by the suite; choose another"
        elif name in own.values or name in run.values:
            yield f"{key}: {name!r} has a declared value already; remove one of both"
        elif not name.isidentifier():
            yield f"{key}: expected a name of letters, digits and _, found {name!r}"


def _given(own: CommandSection) -> frozenset[str]:
    optional = [name for name in ("deadline", "seed", "stdout") if getattr(own, name) is not None]
    members = [f"{table}.{name}" for table in ("env", "values") for name in getattr(own, table)]
    return frozenset(["command", "steps", "outputs", "exit_code", "needs", *optional, *members])
