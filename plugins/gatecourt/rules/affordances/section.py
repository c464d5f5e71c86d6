"""The manifest's ``[affordances]``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from gatecourt.formats.fields import Digest, FilePattern, NonEmpty, Pointer, RelativePath
from gatecourt.formats.patterns import select
from gatecourt.formats.quantities import Bytes, Number

Scheme = Literal["file", "concatenated", "listed"]


@dataclass(frozen=True)
class NumberRange:
    """The allowed numbers, both bounds included."""

    at_least: Number = field(metadata={"doc": "The smallest allowed number."})
    at_most: Number = field(metadata={"doc": "The largest allowed number."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for an empty range."""
        if self.at_least > self.at_most:
            raise ValueError(f"at_least {self.at_least} is above at_most {self.at_most}")

    def holds(self, value: Decimal) -> bool:
        """Whether the value is within the range."""
        return self.at_least <= value <= self.at_most

    def __str__(self) -> str:
        return f"{self.at_least} to {self.at_most}"


@dataclass(frozen=True)
class Ranges:
    """The allowed numbers in a manifest."""

    duration: NumberRange = field(metadata={"doc": "How many ticks an affordance may take, at least 1."})
    effect: NumberRange = field(metadata={"doc": "What an effect may add to a need; a negative number subtracts."})
    effects: Mapping[str, NumberRange] = field(
        default_factory=dict, metadata={"doc": "NEED -> its own range, instead of `effect`."}
    )


@dataclass(frozen=True)
class Echo:
    """What the running system reports about the manifests that it loaded."""

    files: NonEmpty[tuple[FilePattern, ...]] = field(
        metadata={"doc": "Patterns of the JSON or JSONL artefacts with the report."}
    )
    at: NonEmpty[tuple[Pointer, ...]] = field(
        default=("/affordance_manifest", "/changes/affordance_manifest"),
        metadata={"doc": "Pointers at which a document or record may hold the report."},
    )
    of: str = field(default="run", metadata={"doc": "NAME of the command that writes these artefacts; `run` is [run]."})
    manifests: tuple[FilePattern, ...] = field(
        default=(), metadata={"doc": "Patterns of the loaded manifests. Default: all of `affordances.files`."}
    )
    scheme: Scheme = field(
        default="file",
        metadata={
            "doc": "What the checksum covers. file: the one manifest. concatenated: the bytes of all, in the order of "
            "their names. listed: one checksum per manifest, in a list in the order of the paths or in a table "
            "by path."
        },
    )
    path: Pointer | None = field(default="/path", metadata={"doc": "Pointer in the report to the path or paths."})
    checksum: Pointer = field(default="/checksum", metadata={"doc": "Pointer in the report to the SHA-256."})
    objects: Pointer = field(
        default="/object_count", metadata={"doc": "Pointer in the report to the number of objects."}
    )
    affordances: Pointer = field(
        default="/affordance_count", metadata={"doc": "Pointer in the report to the number of affordances."}
    )


@dataclass(frozen=True)
class AffordancesSection:
    """The affordance manifests, and the names that they may use."""

    files: NonEmpty[tuple[FilePattern, ...]] = field(
        metadata={"doc": "Patterns of the manifests below the target's root."}
    )
    schema: RelativePath = field(metadata={"doc": "Path of the JSON Schema of one manifest, below the target's root."})
    ranges: Ranges = field(metadata={"doc": "The allowed durations and effects."})
    names: NonEmpty[tuple[str, ...]] = field(
        metadata={"doc": "The names that preconditions may use; dotted names in full."}
    )
    needs: NonEmpty[tuple[str, ...]] = field(metadata={"doc": "The needs that effects may change."})
    hooks: tuple[str, ...] = field(default=(), metadata={"doc": "The hooks that affordances may use."})
    sha256: Mapping[str, Digest] = field(
        default_factory=dict,
        metadata={"doc": "Path of a manifest -> its reviewed digest."},
    )
    object_types: tuple[str, ...] = field(
        default=(), metadata={"doc": "Types of objects that no `object` entry places."}
    )
    further_keys: tuple[str, ...] = field(
        default=(), metadata={"doc": "Further keys of entries, which only the schema describes."}
    )
    max_size: Bytes = field(default=1_000_000, metadata={"doc": "The largest size of one manifest."})
    echo: Mapping[str, Echo] = field(
        default_factory=dict, metadata={"doc": "NAME -> what a running system reports about its loaded manifests."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a digest of a file that is no manifest."""
        for name in self.sha256:
            if not select([name], self.files):
                raise ValueError(f"sha256: no pattern of files matches {name!r}")


def echo_names(section: AffordancesSection) -> Sequence[str]:
    """Names of the reports of running systems, sorted."""
    return sorted(section.echo)
