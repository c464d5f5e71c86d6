"""The manifest's ``[schemas.NAME]`` tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from gatecourt.formats import pointer
from gatecourt.formats.sources import Origin, require_files, require_relative


@dataclass(frozen=True)
class SchemaRule:
    """Files of one kind, and what is demanded of them."""

    files: tuple[str, ...] = field(metadata={"doc": "Patterns of the artefacts that the schema describes."})
    schema: str = field(metadata={"doc": "Path of the JSON Schema, below the target's root."})
    origin: Origin = field(
        default="artefacts",
        metadata={"doc": 'Where the files lie: among the run\'s artefacts, or named in full below the "target" root.'},
    )
    format: Literal["json", "jsonl"] | None = field(
        default=None, metadata={"doc": "How the files are read; by default jsonl for *.jsonl and *.ndjson, else json."}
    )
    count: int | None = field(default=None, metadata={"doc": "The exact number of files that must be there."})
    at_most: Mapping[str, str] = field(
        default_factory=dict,
        metadata={"doc": "Pointer of a value -> pointer of the upper threshold that the same artefact declares."},
    )
    at_least: Mapping[str, str] = field(
        default_factory=dict,
        metadata={"doc": "Pointer of a value -> pointer of the lower threshold that the same artefact declares."},
    )
    equals: Mapping[str, str] = field(
        default_factory=dict,
        metadata={"doc": "Pointer of a value -> pointer of the value that it must equal, in the same artefact."},
    )
    annotations: tuple[str, ...] = field(
        default=(), metadata={"doc": "Names under `format` that only describe; any other unknown one is a finding."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for paths that leave the target, an empty count, or a pointer that is none."""
        require_files(self.files, self.origin)
        require_relative([self.schema])
        if self.count is not None and self.count < 1:
            raise ValueError(f"count must be at least 1, found {self.count}")
        for bounds in (self.at_most, self.at_least, self.equals):
            for value, threshold in bounds.items():
                pointer.split(value)
                pointer.split(threshold)
                if value == threshold:
                    raise ValueError(f"{value!r} is held against itself")

    @property
    def has_thresholds(self) -> bool:
        """Whether the rule holds artefacts to values that they declare themselves."""
        return bool(self.at_most or self.at_least or self.equals)

    def is_jsonl(self, name: str) -> bool:
        """Whether the artefact ``name`` is read line by line."""
        return name.endswith((".jsonl", ".ndjson")) if self.format is None else self.format == "jsonl"


@dataclass(frozen=True)
class SchemasSection:
    """All ``[schemas.NAME]`` tables; the field is the manifest's top-level key."""

    schemas: Mapping[str, SchemaRule] = field(metadata={"doc": "One table for each kind of artefact."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where no rule is given."""
        if not self.schemas:
            raise ValueError("schemas is empty: name at least one kind of artefact")


def rule_names(section: SchemasSection) -> Sequence[str]:
    """Names of all rules, sorted."""
    return sorted(section.schemas)


def threshold_names(section: SchemasSection) -> Sequence[str]:
    """Names of the rules that hold artefacts to thresholds of their own, sorted."""
    return sorted(name for name, rule in section.schemas.items() if rule.has_thresholds)
