"""The manifest's ``[archive]``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, TypeAlias

from gatecourt.formats.fields import (
    IS_FOLDER,
    Constraint,
    FilePattern,
    Identifier,
    NonEmpty,
    Pointer,
    PositiveBytes,
    PositiveInt,
    RelativePath,
)

Lists: TypeAlias = Mapping[Identifier, NonEmpty[tuple[FilePattern, ...]]]
Prefix: TypeAlias = Annotated[
    str,
    Constraint(
        'a folder inside the archive, which ends with "/"',
        lambda text: not text or (IS_FOLDER.accepts(text) and text.endswith("/")),
        {"pattern": "^(.*/)?$"},
    ),
]


@dataclass(frozen=True)
class ArchiveSection:
    """The archives, what must be in them, and the member that lists the digests."""

    files: NonEmpty[tuple[FilePattern, ...]] = field(
        metadata={"doc": "Patterns of the archives among the outputs: tar, tar.gz or zip."}
    )
    command: str | None = field(
        default=None,
        metadata={"doc": "NAME of the [commands.NAME] that archives. Default: the archives are among the artefacts."},
    )
    of: str = field(default="run", metadata={"doc": "NAME of the command whose outputs are archived."})
    checksums: RelativePath = field(
        default="SHA256SUMS",
        metadata={"doc": "The member that lists the digests of all others: lines of digest and name, or *.json."},
    )
    checksums_at: Pointer = field(
        default="",
        metadata={"doc": "JSON pointer in it to an object of digests by name, or an array with path and sha256."},
    )
    prefix: Prefix = field(
        default="", metadata={"doc": 'Folder inside the archive that holds all members, such as "day/".'}
    )
    contents: Lists = field(
        default_factory=dict,
        metadata={"doc": "Kinds of outputs, by name with patterns, all of which must be archived as they are."},
    )
    bundles: Lists = field(
        default_factory=dict,
        metadata={"doc": "Lists of members, by name with patterns; each pattern must have its member."},
    )
    max_size: PositiveBytes = field(default=10**9, metadata={"doc": "More unpacked bytes than this are not read."})
    max_members: PositiveInt = field(default=10_000, metadata={"doc": "More members than this are not read."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a pointer into a checksum file that is not JSON."""
        if self.checksums_at and not self.checksums.endswith(".json"):
            raise ValueError(f"checksums_at: a pointer needs a checksum file in JSON, found {self.checksums!r}")


def content_names(section: ArchiveSection) -> Sequence[str]:
    """Names of the kinds of outputs that must be archived, sorted."""
    return sorted(section.contents)


def bundle_names(section: ArchiveSection) -> Sequence[str]:
    """Names of the lists of members, sorted."""
    return sorted(section.bundles)
