"""The manifest's ``[replay]``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from gatecourt.formats import pointer
from gatecourt.formats.sources import require_files, require_relative
from gatecourt.rules.determinism.section import Mask, Tolerance

PARTS = ("rebuild", "restore")


@dataclass(frozen=True)
class Parameter:
    """A value that a run depends on, recorded in one of its events."""

    event: str = field(metadata={"doc": "The event type; the log holds exactly one such event."})
    pointer: str = field(metadata={"doc": "JSON pointer of the value in its line."})
    type: Literal["string", "integer"] = field(default="string", metadata={"doc": "The JSON type of the value."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for an event without a name, and a pointer that is none."""
        if not self.event or not self.pointer:
            raise ValueError("a parameter needs the event that tells it, and the pointer of its value")
        pointer.split(self.pointer)


@dataclass(frozen=True)
class LiveDatabase:
    """The database to recover."""

    of: str = field(metadata={"doc": "NAME of the command that leaves it."})
    file: str = field(metadata={"doc": "Its SQLite file, a name below the output folder; so too where it is remade."})
    tables: Mapping[str, tuple[str, ...]] = field(
        metadata={"doc": "Every table by name, with the columns that name a row."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a database without tables, or rows without a key."""
        require_files([self.file], "target")
        if not self.tables:
            raise ValueError("tables is empty: declare every table with its key")
        for name, key in self.tables.items():
            if not key or len(set(key)) != len(key):
                raise ValueError(f"tables.{name}: expected the different columns of its key, found {list(key)}")


@dataclass(frozen=True)
class Rebuild:
    """How the database is rebuilt from the log."""

    command: str = field(metadata={"doc": "NAME of the command that writes it, given the path of the log as {log}."})
    apart: Mapping[str, str] = field(
        default_factory=dict, metadata={"doc": "Tables that the log does not cover, each with the reason."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a table that is left out without a reason."""
        for name, reason in self.apart.items():
            if not reason.strip():
                raise ValueError(f"apart.{name} needs a reason")


@dataclass(frozen=True)
class Restore:
    """How the database is backed up and restored."""

    backup: str = field(metadata={"doc": "NAME of the command that makes the backup, on what the live run left."})
    file: str = field(metadata={"doc": "Pattern of the backup, one file among its outputs."})
    command: str = field(metadata={"doc": "NAME of the command that restores, given the path of the backup: {backup}."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a pattern that leaves the output folder."""
        require_relative([self.file])


@dataclass(frozen=True)
class ReplaySection:
    """How a run is repeated, and which outputs must be equal."""

    log: str = field(metadata={"doc": "Pattern of the event log, one file among the outputs."})
    type: str = field(metadata={"doc": "JSON pointer of an event's type in its line."})
    parameters: Mapping[str, Parameter] = field(
        metadata={"doc": "All that a run depends on, by name; handed to the command as {log_NAME}, beside {log}."}
    )
    command: str = field(default="replay", metadata={"doc": "NAME of the [commands.NAME] that repeats the run."})
    digests: Mapping[str, str] = field(
        default_factory=dict,
        metadata={"doc": "By parameter, the file below the target's root whose SHA-256 it is."},
    )
    outputs: tuple[str, ...] = field(
        default=("**",), metadata={"doc": "Patterns of the outputs that are compared; each must match something."}
    )
    exact: tuple[str, ...] = field(default=(), metadata={"doc": "JSON outputs that are compared byte by byte."})
    mask: tuple[Mask, ...] = field(default=(), metadata={"doc": "Values that may differ, as in [determinism]."})
    tolerance: tuple[Tolerance, ...] = field(
        default=(), metadata={"doc": "Numbers that may differ within a tolerance, as in [determinism]."}
    )
    database: LiveDatabase | None = field(default=None, metadata={"doc": "The database to recover."})
    rebuild: Rebuild | None = field(default=None, metadata={"doc": "How it is rebuilt from the log."})
    restore: Restore | None = field(default=None, metadata={"doc": "How it is backed up and restored."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where the parts do not go together."""
        require_relative([self.log])
        pointer.split(self.type)
        if not self.outputs:
            raise ValueError("outputs is empty: leave it out to compare every output")
        if not self.parameters:
            raise ValueError("parameters is empty: name what a run depends on, such as its seed")
        for name in self.parameters:
            if not name.isidentifier():
                raise ValueError(f"parameters: expected a name of letters, digits and _, found {name!r}")
        for name in self.digests:
            if name not in self.parameters:
                raise ValueError(f"digests: {name!r} is no declared parameter")
        require_relative(self.digests.values())
        self._require_parts()

    def _require_parts(self) -> None:
        if (self.rebuild or self.restore) and self.database is None:
            raise ValueError("rebuild and restore need the database that they make again")
        if self.rebuild and self.database:
            for name in self.rebuild.apart:
                if name not in self.database.tables:
                    raise ValueError(f"rebuild.apart: {name!r} is no declared table")


def declared_parts(section: ReplaySection) -> dict[str, bool]:
    """The parts that the section declares; one that is neither here nor listed as not applicable is a HOLD."""
    return {part: True for part in PARTS if getattr(section, part) is not None}
