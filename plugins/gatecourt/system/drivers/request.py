"""What a run is asked for with, and the key under which equal requests find the same run."""

from __future__ import annotations

import hashlib
import json
import os.path
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, KillPoint, Run
from gatecourt.system.drivers import files, template
from gatecourt.system.drivers.isolation import Input
from gatecourt.system.drivers.section import FROM_OUTSIDE, RunSection
from gatecourt.system.drivers.workdirs import Places


@dataclass(frozen=True)
class RunRequest:
    """One wanted run. Equal requests share one run; another ``ordinal`` makes it an independent one.

    ``trap`` (``shallow`` or ``deep``) sets the entropy trap, whose log is ``Run.trap``. Without ``seed`` the run
    has the section's. ``extra_env`` stands above all other variables and is not templated. ``on`` is the run whose work
    folder is gone on in, ``kill`` where the run is killed, ``supplied`` what the asker adds to the template values.
    """

    root: Path
    section: RunSection
    ordinal: int = 0
    seed: int | None = None
    perturb: tuple[str, ...] = ()
    trap: str | None = None
    extra_env: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    target: str = field(default="target", kw_only=True)
    on: Run | None = field(default=None, kw_only=True)
    kill: KillPoint | None = field(default=None, kw_only=True)
    supplied: Mapping[str, str] = field(default_factory=dict, kw_only=True)

    @property
    def earlier(self) -> Path | None:
        """The folder that remembers the run which is gone on with."""
        return None if self.on is None or self.on.work is None else self.on.work.parent

    @property
    def chosen_seed(self) -> int | None:
        """The seed of this very run."""
        return self.section.seed if self.seed is None else self.seed


def request_key(request: RunRequest, inputs: Sequence[Input]) -> str:
    """SHA-256 of all that tells one request from another. A variable from outside enters by its name alone."""
    section = request.section
    content = {
        "declared": section.at,
        "root": str(request.root.resolve()),
        "steps": section.argument_lists,
        "places": [section.cwd, section.out, section.run_id],
        "expected": [section.outputs, section.stdout, section.exit_code, str(section.deadline)],
        "env": dict(section.env),
        "values": dict(section.values),
        "extra_env": dict(request.extra_env),
        "seed": request.chosen_seed,
        "trap": request.trap,
        "perturb": sorted(set(request.perturb)),
        "ordinal": request.ordinal,
        "on": request.earlier.name if request.earlier else None,
        "kill": str(request.kill) if request.kill else None,
        "supplied": dict(request.supplied),
        "inputs": [[item.name, item.sha256] for item in inputs],
        "named": _named_files(request),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _named_files(request: RunRequest) -> list[list[str]]:
    """The files of the target's own tree that the command names, and those that the asker supplies: their digests."""
    values = template_values(request, Places(*[Path("/nowhere")] * 3))
    paths = {Path(word) for step in range(len(request.section.argument_lists)) for word in argv(request, step, values)}
    root = request.root.resolve()
    supplied = {Path(value) for value in request.supplied.values() if Path(value).is_absolute()}
    wanted = {path for path in paths if path.is_relative_to(root)} | supplied
    return [[str(path), files.digest(path)] for path in sorted(wanted) if path.is_file()]


def template_values(request: RunRequest, where: Places) -> dict[str, str]:
    """The value of every template name. Raises ``Judged`` (``run.template``) as ``argv`` does."""
    section = request.section
    values = {
        "python": sys.executable,
        "out": str(where.work / section.out),
        "work": str(where.work),
        "root": str(request.root.resolve()),
        "tmp": str(where.tmp),
        "run_id": section.run_id or "run",
    }
    if request.chosen_seed is not None:
        values["seed"] = str(request.chosen_seed)
    supplied = dict(request.supplied)
    known = values | supplied
    own = {name: template.fill(section.key(f"values.{name}"), text, known) for name, text in section.values.items()}
    return values | own | supplied


def refuse_values(request: RunRequest) -> None:
    """Raises ``Judged`` (``run.template``) for a value that the command needs and the asker does not supply.

    Raises ``ValueError`` for an asker that would put a value of its own in the place of a built-in one.
    """
    if taken := sorted(set(request.supplied) & set(template.BUILT_IN)):
        raise ValueError(f"the template name {taken[0]!r} is the suite's own")
    for place, name in enumerate(request.section.needs):
        if name not in request.supplied:
            supplied = ", ".join(f"{{{each}}}" for each in sorted(request.supplied)) or "nothing"
            observed = f"{{{name}}}; the gate supplies {supplied}"
            where = request.section.key(f"needs[{place}]")
            raise Judged(Finding(where, "names that the asking gate supplies", observed, "run.template"))


def argv(request: RunRequest, step: int, values: Mapping[str, str]) -> tuple[str, ...]:
    """The ``step``-th command with its templates replaced. Raises ``Judged`` (``run.template``)."""
    key = request.section.key_of(step)
    words = enumerate(request.section.argument_lists[step])
    return tuple(template.fill(f"{key}[{place}]", word, values) for place, word in words)


def pasted(request: RunRequest, step: int) -> str:
    """The ``step``-th command as a shell takes it in the system's own root, with its declared variables in front.

    The same on every machine: ``python`` for the interpreter, and folders relative to the working directory. A
    variable from outside is ``NAME="$OTHER"``; its value never shows.
    """
    section = request.section
    here = os.path.relpath(".", section.cwd)
    outside = Path("/tmp")  # noqa: S108 -- it is only shown
    values = template_values(request, Places(Path(here), outside, outside))
    values |= {"python": "python", "root": here, "out": os.path.relpath(section.out, section.cwd)}
    folder = [] if section.cwd == "." else ["cd", shlex.quote(section.cwd), "&&"]
    variables = [
        f'{name}="${text.removeprefix(FROM_OUTSIDE)}"'
        if text.startswith(FROM_OUTSIDE)
        else f"{name}={shlex.quote(template.fill(section.key(f'env.{name}'), text, values))}"
        for name, text in section.env.items()
    ]
    return " ".join([*folder, *variables, shlex.join(argv(request, step, values))])
