"""The manifest's ``[schemas.NAME]`` tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from gatecourt.formats.fields import FilePattern, NonEmpty, Pointer, PositiveInt, RelativePath
from gatecourt.formats.files import Origin, require_full_names


@dataclass(frozen=True)
class SchemaRule:
    """Files of one kind, their schema and their thresholds."""

    files: NonEmpty[tuple[FilePattern, ...]] = field(
        metadata={"doc": "Patterns of the artefacts that the schema describes."}
    )
    schema: RelativePath = field(metadata={"doc": "Path of the JSON Schema, below the target's root."})
    origin: Origin = field(
        default="artefacts",
        metadata={"doc": 'Where the files lie: among the run\'s artefacts, or named in full below the "target" root.'},
    )
    format: Literal["json", "jsonl"] | None = field(
        default=None, metadata={"doc": "How the files are read; by default jsonl for *.jsonl and *.ndjson, else json."}
    )
    count: PositiveInt | None = field(default=None, metadata={"doc": "The exact number of files that must be there."})
    at_most: Mapping[Pointer, Pointer] = field(
        default_factory=dict,
        metadata={"doc": "Pointer of a value -> pointer of the upper threshold that the same artefact declares."},
    )
    at_least: Mapping[Pointer, Pointer] = field(
        default_factory=dict,
        metadata={"doc": "Pointer of a value -> pointer of the lower threshold that the same artefact declares."},
    )
    equals: Mapping[Pointer, Pointer] = field(
        default_factory=dict,
        metadata={"doc": "Pointer of a value -> pointer of the value that it must equal, in the same artefact."},
    )
    annotations: tuple[str, ...] = field(
        default=(), metadata={"doc": "Values of `format` that are never checked; any other unknown one is a finding."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a pattern of target files, or a value that is compared with itself."""
        require_full_names(self.files, self.origin)
        for key, pairs in (("at_most", self.at_most), ("at_least", self.at_least), ("equals", self.equals)):
            for value, threshold in pairs.items():
                if value == threshold:
                    raise ValueError(f"{key}: {value!r} is compared with itself")

    @property
    def has_thresholds(self) -> bool:
        """Whether the rule compares values of an artefact with values that it declares itself."""
        return bool(self.at_most or self.at_least or self.equals)

    def is_jsonl(self, name: str) -> bool:
        """Whether the artefact ``name`` is read line by line."""
        return name.endswith((".jsonl", ".ndjson")) if self.format is None else self.format == "jsonl"


SchemaRules: TypeAlias = NonEmpty[Mapping[str, SchemaRule]]


@dataclass(frozen=True)
class SchemasSection:
    """All ``[schemas.NAME]`` tables; the field is the manifest's top-level key."""

    schemas: SchemaRules = field(metadata={"doc": "One table for each kind of artefact."})


def rule_names(section: SchemasSection) -> Sequence[str]:
    """Names of all rules, sorted."""
    return sorted(section.schemas)


def threshold_names(section: SchemasSection) -> Sequence[str]:
    """Names of the rules with thresholds, sorted."""
    return sorted(name for name, rule in section.schemas.items() if rule.has_thresholds)
