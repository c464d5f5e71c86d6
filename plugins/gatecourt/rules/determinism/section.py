"""The manifest section ``[determinism]``: what is compared, what may differ, and what must."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from gatecourt.formats import pointer
from gatecourt.formats.quantities import Number, Ratio
from gatecourt.mechanisms.sourcescan.exemptions import SourceExemption

Perturbation = Literal["locale", "home", "umask", "cpu_count"]
ALWAYS_PERTURBED = ("hash_seed", "time_zone", "cwd", "temp", "start_time")


@dataclass(frozen=True)
class Mask:
    """A place whose value may differ from run to run, as long as it looks as declared."""

    files: str = field(metadata={"doc": "pattern of the outputs that the mask is for, such as 'reports/*.json'"})
    path: str = field(metadata={"doc": "JSON Pointer of the value, '*' for any one step, such as '/orders/*/ts_ms'"})
    type: Literal["string", "integer", "number", "boolean"] = field(
        metadata={"doc": "the JSON type that the value has in every run"}
    )
    reason: str = field(metadata={"doc": "why this value cannot be the same twice"})
    pattern: str | None = field(
        default=None, metadata={"doc": "regular expression that matches the whole string; required for strings"}
    )

    def __post_init__(self) -> None:
        _pointer_pattern(self.path)
        if not self.reason.strip():
            raise ValueError("a mask needs the reason why the value cannot be the same twice")
        if (self.type == "string") != (self.pattern is not None):
            raise ValueError("a mask of type 'string' needs a pattern, and only such a mask has one")
        if self.pattern is not None:
            _require_specific(self.pattern)


@dataclass(frozen=True)
class Tolerance:
    """A number that two runs may give with a small difference. A difference equal to the bound passes."""

    files: str = field(metadata={"doc": "pattern of the outputs that the tolerance is for"})
    path: str = field(metadata={"doc": "JSON Pointer of the number, '*' for any one step"})
    absolute: Number | None = field(default=None, metadata={"doc": "largest difference, such as '1e-9'"})
    relative: Ratio | None = field(
        default=None, metadata={"doc": "largest difference as a share of the larger magnitude, such as '0.1%'"}
    )

    def __post_init__(self) -> None:
        _pointer_pattern(self.path)
        bounds = [bound for bound in (self.absolute, self.relative) if bound is not None]
        if not bounds:
            raise ValueError("a tolerance needs 'absolute', 'relative' or both")
        if any(not bound.is_finite() or bound < 0 for bound in bounds):
            raise ValueError("a tolerance is a finite number and not negative")
        if self.relative is not None and self.relative >= 1:
            raise ValueError("a relative tolerance of 100% or more lets every number pass; declare a smaller one")


@dataclass(frozen=True)
class EntropySettings:
    """Which runtimes are trapped, and which of their reads are allowed."""

    runtimes: tuple[Literal["python", "node"], ...] = field(
        metadata={"doc": "the runtimes that a run must have started; a trap that was never armed proves nothing"}
    )
    depth: Literal["shallow", "deep"] = field(
        default="shallow",
        metadata={"doc": "deep also charges reads inside libraries to the calling line of the target"},
    )
    strict: bool = field(default=False, metadata={"doc": "refuse a module's hidden generator even where it was seeded"})
    exempt: tuple[SourceExemption, ...] = field(default=(), metadata={"doc": "allowed reads, each with its reason"})

    def __post_init__(self) -> None:
        if not self.runtimes:
            raise ValueError("'runtimes' names at least one runtime")


@dataclass(frozen=True)
class SourceSettings:
    """Which files are searched, and which uses are allowed."""

    files: tuple[str, ...] = field(metadata={"doc": "patterns of source files below the target's root"})
    exempt: tuple[SourceExemption, ...] = field(default=(), metadata={"doc": "allowed uses, each with its reason"})

    def __post_init__(self) -> None:
        if not self.files:
            raise ValueError("'files' names at least one pattern")


@dataclass(frozen=True)
class DeterminismSection:
    """``[determinism]``: the same seed and inputs give the same outputs."""

    outputs: tuple[str, ...] = field(
        default=("**",), metadata={"doc": "patterns of the outputs that are compared; each must match something"}
    )
    exact: tuple[str, ...] = field(
        default=(),
        metadata={"doc": "JSON outputs compared byte by byte; the others by value, whatever key order and spacing"},
    )
    mask: tuple[Mask, ...] = field(default=(), metadata={"doc": "values that may differ, with type and reason"})
    tolerance: tuple[Tolerance, ...] = field(default=(), metadata={"doc": "numbers that may differ within a tolerance"})
    protected: tuple[str, ...] = field(
        default=(), metadata={"doc": "names that no mask may cover, beside the built-in ones (pnl, equity, reward …)"}
    )
    perturb: tuple[Perturbation, ...] = field(
        default=(), metadata={"doc": "what else differs in the second run, beside hash seed, time zone, folders, time"}
    )
    entropy: EntropySettings | None = field(
        default=None,
        metadata={"doc": "a run that traps reads of clocks and random sources; Python and Node targets"},
    )
    source: Mapping[str, SourceSettings] = field(
        default_factory=dict, metadata={"doc": "parts of the source, by name, searched for clocks and random sources"}
    )
    commands: tuple[str, ...] = field(
        default=(),
        metadata={"doc": "NAMEs of further commands that are run twice; all outputs are compared, nothing is masked"},
    )
    seed_changes: tuple[str, ...] = field(
        default=(), metadata={"doc": "outputs each of which another seed must change; none: any one of all outputs"}
    )

    def __post_init__(self) -> None:
        if not self.outputs:
            raise ValueError("'outputs' names at least one pattern; leave it out to compare every output")
        if len(set(self.commands)) != len(self.commands) or "run" in self.commands:
            raise ValueError("'commands' names different commands beside that of [run], which is always run twice")

    @property
    def of_a_command(self) -> DeterminismSection:
        """How the outputs of a further command are compared: all of them, and every value."""
        return replace(self, outputs=("**",), exact=(), mask=(), tolerance=())


def trap_depths(section: DeterminismSection) -> list[str]:
    """The depth of the declared entropy trap; none where no trap is declared."""
    return [section.entropy.depth] if section.entropy else []


def repeated_commands(section: DeterminismSection) -> list[str]:
    """The names of the further commands that are run twice, sorted."""
    return sorted(section.commands)


def source_parts(section: DeterminismSection) -> list[str]:
    """The names of the declared parts of the source, sorted."""
    return sorted(section.source)


def _pointer_pattern(path: str) -> None:
    if not pointer.split(path):
        raise ValueError("a path names a value inside the document, not the document itself")


def _require_specific(pattern: str) -> None:
    try:
        matcher = re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from error
    if matcher.fullmatch(""):
        raise ValueError(f"the pattern {pattern!r} matches the empty string; it has to say how the value looks")
