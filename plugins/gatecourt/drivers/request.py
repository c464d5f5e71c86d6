"""What a run is asked for with, and the key under which equal requests find the same run."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gatecourt.drivers import files, template
from gatecourt.drivers.isolation import Input
from gatecourt.drivers.places import Places
from gatecourt.drivers.section import RunSection


@dataclass(frozen=True)
class RunRequest:
    """One wanted run. Equal requests share one run; another ``ordinal`` makes it an independent one.

    ``trap`` (``shallow`` or ``deep``) sets the entropy trap, whose log is ``Run.trap``. Without ``seed`` the run
    has the section's. ``extra_env`` stands above all other variables and is not templated.
    """

    root: Path
    section: RunSection
    ordinal: int = 0
    seed: int | None = None
    perturb: tuple[str, ...] = ()
    trap: str | None = None
    extra_env: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    target: str = field(default="target", kw_only=True)

    @property
    def chosen_seed(self) -> int | None:
        """The seed of this very run."""
        return self.section.seed if self.seed is None else self.seed


def request_key(request: RunRequest, inputs: Sequence[Input]) -> str:
    """SHA-256 of all that tells one request from another. A variable from outside enters by its name alone."""
    section = request.section
    content = {
        "root": str(request.root.resolve()),
        "steps": section.argument_lists,
        "places": [section.cwd, section.out, section.run_id],
        "expected": [section.outputs, section.exit_code, str(section.deadline)],
        "env": dict(section.env),
        "values": dict(section.values),
        "extra_env": dict(request.extra_env),
        "seed": request.chosen_seed,
        "trap": request.trap,
        "perturb": sorted(set(request.perturb)),
        "ordinal": request.ordinal,
        "inputs": [[item.name, item.sha256] for item in inputs],
        "named": _named_files(request),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _named_files(request: RunRequest) -> list[list[str]]:
    """The files of the target's own tree that the command names, with their digests."""
    values = template_values(request, Places(*[Path("/nowhere")] * 3))
    paths = sorted(
        {Path(word) for step in range(len(request.section.argument_lists)) for word in argv(request, step, values)}
    )
    root = request.root.resolve()
    return [[str(path), files.digest(path)] for path in paths if path.is_relative_to(root) and path.is_file()]


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
    return values | {name: template.fill(f"run.values.{name}", text, values) for name, text in section.values.items()}


def argv(request: RunRequest, step: int, values: Mapping[str, str]) -> tuple[str, ...]:
    """The ``step``-th command with its templates replaced. Raises ``Judged`` (``run.template``)."""
    key = request.section.key_of(step)
    words = enumerate(request.section.argument_lists[step])
    return tuple(template.fill(f"{key}[{place}]", word, values) for place, word in words)
