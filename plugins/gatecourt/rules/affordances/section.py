"""The manifest's ``[affordances]``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from gatecourt.formats import pointer
from gatecourt.formats.patterns import select
from gatecourt.formats.quantities import Bytes, Number
from gatecourt.formats.sources import require_files, require_relative

Scheme = Literal["file", "concatenated", "listed"]
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Range:
    """The numbers that are allowed, both bounds included."""

    at_least: Number = field(metadata={"doc": "The smallest number that is allowed."})
    at_most: Number = field(metadata={"doc": "The largest number that is allowed."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a range that holds nothing."""
        if self.at_least > self.at_most:
            raise ValueError(f"at_least {self.at_least} is above at_most {self.at_most}")

    def holds(self, value: Decimal) -> bool:
        """Whether the value lies within."""
        return self.at_least <= value <= self.at_most

    def __str__(self) -> str:
        return f"{self.at_least} to {self.at_most}"


@dataclass(frozen=True)
class Ranges:
    """What numbers of a manifest may be."""

    duration: Range = field(metadata={"doc": "How many ticks an affordance may take; never less than 1."})
    effect: Range = field(metadata={"doc": "What an effect may add to a need; negative takes away."})
    effects: Mapping[str, Range] = field(
        default_factory=dict, metadata={"doc": "NEED -> its own range, in the place of `effect`."}
    )


@dataclass(frozen=True)
class Echo:
    """What the running system says of the manifests that it loaded."""

    files: tuple[str, ...] = field(metadata={"doc": "Patterns of the JSON or JSONL artefacts that say it."})
    at: tuple[str, ...] = field(
        default=("/affordance_manifest", "/changes/affordance_manifest"),
        metadata={"doc": "Pointers at which a document, or a record, may hold the block."},
    )
    of: str = field(default="run", metadata={"doc": "NAME of the command whose artefacts these are; run: the [run]."})
    manifests: tuple[str, ...] = field(
        default=(), metadata={"doc": "Patterns of the manifests that were loaded; all of `affordances.files` if none."}
    )
    scheme: Scheme = field(
        default="file",
        metadata={
            "doc": "What the checksum is made from: file, the one manifest; concatenated, the bytes of all in the "
            "order of their names; listed, one checksum a manifest, in a list like that of the paths or in a table "
            "by path."
        },
    )
    path: str | None = field(default="/path", metadata={"doc": "Pointer, in the block, of the path or paths."})
    checksum: str = field(default="/checksum", metadata={"doc": "Pointer, in the block, of the SHA-256."})
    objects: str = field(default="/object_count", metadata={"doc": "Pointer, in the block, of the number of objects."})
    affordances: str = field(
        default="/affordance_count", metadata={"doc": "Pointer, in the block, of the number of affordances."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for patterns or pointers that are none."""
        require_files(self.files, "artefacts")
        require_relative(self.manifests)
        if not self.at:
            raise ValueError("at is empty: name at least one pointer")
        for one in (*self.at, self.path or "", self.checksum, self.objects, self.affordances):
            pointer.split(one)


@dataclass(frozen=True)
class AffordancesSection:
    """Which manifests there are, and the words that they may use."""

    files: tuple[str, ...] = field(metadata={"doc": "Patterns of the manifests below the target's root."})
    schema: str = field(metadata={"doc": "Path of the JSON Schema of one manifest, below the target's root."})
    ranges: Ranges = field(metadata={"doc": "What durations and effects may be."})
    names: tuple[str, ...] = field(metadata={"doc": "The names that preconditions may use; dotted ones in full."})
    needs: tuple[str, ...] = field(metadata={"doc": "The needs that effects may change."})
    hooks: tuple[str, ...] = field(default=(), metadata={"doc": "The hooks that affordances may name."})
    sha256: Mapping[str, str] = field(
        default_factory=dict,
        metadata={"doc": 'Path of a manifest -> its expected digest, "sha256:" and 64 hexadecimal digits.'},
    )
    object_types: tuple[str, ...] = field(
        default=(), metadata={"doc": "Types of objects that come from elsewhere than an `object` entry."}
    )
    further_keys: tuple[str, ...] = field(
        default=(), metadata={"doc": "Keys of entries beyond the dialect's own, which the schema alone describes."}
    )
    max_size: Bytes = field(default=1_000_000, metadata={"doc": "How large one manifest may be."})
    echo: Mapping[str, Echo] = field(
        default_factory=dict, metadata={"doc": "NAME -> what a running system says of the manifests it loaded."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for empty vocabularies and for digests that are none or of no manifest."""
        require_files(self.files, "artefacts")
        require_relative([self.schema, *self.sha256])
        for key in ("names", "needs"):
            if not getattr(self, key):
                raise ValueError(f"{key} is empty: name at least one")
        for name, digest in self.sha256.items():
            if not _DIGEST.fullmatch(digest):
                raise ValueError(f'sha256: expected "sha256:" and 64 lower-case hex digits, found {digest!r}')
            if not select([name], self.files):
                raise ValueError(f"sha256: no pattern of files matches {name!r}")


def echo_names(section: AffordancesSection) -> Sequence[str]:
    """Names of what running systems say, sorted."""
    return sorted(section.echo)
