"""The manifest section ``[determinism]``: what is compared, what may differ, and what must."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Literal

from gatecourt.formats.fields import FilePattern, NonEmpty, NonNegative, PointerPattern, Regex, Text, bounds
from gatecourt.formats.quantities import Ratio
from gatecourt.mechanisms.sourcescan.exemptions import SourceExemption

Perturbation = Literal["locale", "home", "umask", "cpu_count"]
ALWAYS_PERTURBED = ("hash_seed", "time_zone", "cwd", "temp", "start_time")


@dataclass(frozen=True)
class Mask:
    """A place whose value may differ from run to run, as long as it looks as declared."""

    files: FilePattern = field(
        metadata={"doc": "pattern of the outputs that the mask is for, such as 'reports/*.json'"}
    )
    path: PointerPattern = field(
        metadata={"doc": "JSON Pointer of the value, '*' for any one step, such as '/orders/*/ts_ms'"}
    )
    type: Literal["string", "integer", "number", "boolean"] = field(
        metadata={"doc": "the JSON type that the value has in every run"}
    )
    reason: Text = field(metadata={"doc": "why this value cannot be the same twice"})
    pattern: Regex | None = field(
        default=None, metadata={"doc": "regular expression that matches the whole string; required for strings"}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where pattern and type do not go together, or the pattern matches anything."""
        if (self.type == "string") != (self.pattern is not None):
            raise ValueError("pattern: a mask of type 'string' needs a pattern, and only such a mask has one")
        if self.pattern is not None and re.fullmatch(self.pattern, ""):
            raise ValueError(
                f"pattern: {self.pattern!r} matches the empty string; write one that only values of this form match"
            )


@dataclass(frozen=True)
class Tolerance:
    """A number that two runs may give with a small difference. A difference equal to the bound passes."""

    files: FilePattern = field(metadata={"doc": "pattern of the outputs that the tolerance is for"})
    path: PointerPattern = field(metadata={"doc": "JSON Pointer of the number, '*' for any one step"})
    absolute: NonNegative | None = field(default=None, metadata={"doc": "largest difference, such as '1e-9'"})
    relative: Annotated[Ratio, bounds(at_least=0, below=1)] | None = field(
        default=None, metadata={"doc": "largest difference as a share of the larger magnitude, such as '0.1%'"}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where there is no bound."""
        if self.absolute is None and self.relative is None:
            raise ValueError("a tolerance needs 'absolute', 'relative' or both")


@dataclass(frozen=True)
class EntropySettings:
    """Which runtimes are trapped, and which of their reads are allowed."""

    runtimes: NonEmpty[tuple[Literal["python", "node"], ...]] = field(
        metadata={"doc": "the runtimes that a run must have started; a trap that was never armed proves nothing"}
    )
    depth: Literal["shallow", "deep"] = field(
        default="shallow",
        metadata={"doc": "deep also charges reads inside libraries to the calling line of the target"},
    )
    strict: bool = field(default=False, metadata={"doc": "refuse a module's hidden generator even where it was seeded"})
    exempt: tuple[SourceExemption, ...] = field(default=(), metadata={"doc": "allowed reads, each with its reason"})


@dataclass(frozen=True)
class SourceSettings:
    """Which files are searched, and which uses are allowed."""

    files: NonEmpty[tuple[FilePattern, ...]] = field(
        metadata={"doc": "patterns of source files below the target's root"}
    )
    exempt: tuple[SourceExemption, ...] = field(default=(), metadata={"doc": "allowed uses, each with its reason"})


@dataclass(frozen=True)
class DeterminismSection:
    """``[determinism]``: the same seed and inputs give the same outputs."""

    outputs: NonEmpty[tuple[FilePattern, ...]] = field(
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
        """Raise ``ValueError`` for a command named twice, or for that of ``[run]``."""
        if len(set(self.commands)) != len(self.commands) or "run" in self.commands:
            raise ValueError("commands: name each command once, and not that of [run], which is always run twice")

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
