"""The manifest's ``[archive]``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gatecourt.formats import pointer
from gatecourt.formats.quantities import Bytes
from gatecourt.formats.sources import require_files, require_relative

_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class ArchiveSection:
    """The archives, what must be in them, and the member that lists the digests."""

    files: tuple[str, ...] = field(metadata={"doc": "Patterns of the archives among the outputs: tar, tar.gz or zip."})
    command: str | None = field(
        default=None,
        metadata={"doc": "NAME of the [commands.NAME] that archives; none: the archives are among the artefacts."},
    )
    of: str = field(default="run", metadata={"doc": "NAME of the command whose outputs are archived."})
    checksums: str = field(
        default="SHA256SUMS",
        metadata={"doc": "The member that lists the digests of all others: lines of digest and name, or *.json."},
    )
    checksums_at: str = field(
        default="",
        metadata={"doc": "JSON pointer in it to an object of digests by name, or an array with path and sha256."},
    )
    prefix: str = field(default="", metadata={"doc": 'Folder inside the archive that holds it all, such as "day/".'})
    contents: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict,
        metadata={"doc": "Kinds of outputs, by name with patterns, all of which must be archived as they are."},
    )
    bundles: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict,
        metadata={"doc": "Lists of members, by name with patterns; each pattern must have its member."},
    )
    max_size: Bytes = field(default=10**9, metadata={"doc": "More bytes than this are not unpacked."})
    max_members: int = field(default=10_000, metadata={"doc": "More members than this are not read."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a section that contradicts itself."""
        require_files(self.files, "artefacts")
        require_relative([self.checksums])
        pointer.split(self.checksums_at)
        if self.checksums_at and not self.checksums.endswith(".json"):
            raise ValueError(f"checksums_at is for a checksum file in JSON, {self.checksums!r} is none")
        if self.prefix:
            require_relative([self.prefix])
            if not self.prefix.endswith("/"):
                raise ValueError(f"prefix is a folder and ends with '/', found {self.prefix!r}")
        if self.max_size < 1 or self.max_members < 1:
            raise ValueError("max_size and max_members must be at least 1")
        _require_lists("contents", self.contents)
        _require_lists("bundles", self.bundles)


def _require_lists(key: str, lists: Mapping[str, tuple[str, ...]]) -> None:
    for name, patterns in lists.items():
        if not _NAME.fullmatch(name):
            raise ValueError(f"{key}: expected a name of lower-case letters, digits, underscores, found {name!r}")
        if not patterns:
            raise ValueError(f"{key}.{name} is empty: name at least one pattern")
        require_relative(patterns)


def content_names(section: ArchiveSection) -> Sequence[str]:
    """Names of the kinds of outputs that must be archived, sorted."""
    return sorted(section.contents)


def bundle_names(section: ArchiveSection) -> Sequence[str]:
    """Names of the lists of members, sorted."""
    return sorted(section.bundles)
