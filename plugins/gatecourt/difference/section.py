"""The manifest section ``[determinism]``: what is compared, what may differ, and what must."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from gatecourt import pointer
from gatecourt.quantities import Number, Ratio

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
            _telling(self.pattern)


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
    tolerance: tuple[Tolerance, ...] = field(default=(), metadata={"doc": "numbers that may differ a little"})
    protected: tuple[str, ...] = field(
        default=(), metadata={"doc": "names that no mask may cover, beside the built-in ones (pnl, equity, reward …)"}
    )
    perturb: tuple[Perturbation, ...] = field(
        default=(), metadata={"doc": "what else differs in the second run, beside hash seed, time zone, folders, time"}
    )
    seed_changes: tuple[str, ...] = field(
        default=(), metadata={"doc": "outputs each of which another seed must change; none: any one of all outputs"}
    )

    def __post_init__(self) -> None:
        if not self.outputs:
            raise ValueError("'outputs' names at least one pattern; leave it out to compare every output")


def _pointer_pattern(path: str) -> None:
    if not pointer.split(path):
        raise ValueError("a path names a value inside the document, not the document itself")


def _telling(pattern: str) -> None:
    try:
        matcher = re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from error
    if matcher.fullmatch(""):
        raise ValueError(f"the pattern {pattern!r} matches the empty string; it has to say how the value looks")
