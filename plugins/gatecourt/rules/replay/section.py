"""The manifest's ``[replay]``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from gatecourt.formats.fields import (
    Different,
    FilePattern,
    NonEmpty,
    Pointer,
    PointerPattern,
    RelativePath,
    Text,
    Variable,
)
from gatecourt.rules.determinism.section import Mask, Tolerance

PARTS = ("rebuild", "restore")


@dataclass(frozen=True)
class Parameter:
    """A value that a run depends on, recorded in one of its events."""

    event: Text = field(metadata={"doc": "The event type; the log holds exactly one such event."})
    pointer: PointerPattern = field(metadata={"doc": "JSON pointer of the value in its line."})
    type: Literal["string", "integer"] = field(default="string", metadata={"doc": "The JSON type of the value."})


@dataclass(frozen=True)
class LiveDatabase:
    """The database to recover."""

    of: str = field(metadata={"doc": "NAME of the command that writes it."})
    file: RelativePath = field(metadata={"doc": "Its SQLite file below the output folder, also where it is recovered."})
    tables: NonEmpty[Mapping[str, Different[tuple[Text, ...]]]] = field(
        metadata={"doc": "Every table by name, with the columns that name a row."}
    )


@dataclass(frozen=True)
class Rebuild:
    """How the database is rebuilt from the log."""

    command: str = field(metadata={"doc": "NAME of the command that writes it, given the path of the log as {log}."})
    apart: Mapping[str, Text] = field(
        default_factory=dict, metadata={"doc": "Tables that the log does not cover, each with the reason."}
    )


@dataclass(frozen=True)
class Restore:
    """How the database is backed up and restored."""

    backup: str = field(metadata={"doc": "NAME of the command that makes the backup, on the outputs of the live run."})
    file: FilePattern = field(metadata={"doc": "Pattern of the backup, one file among its outputs."})
    command: str = field(metadata={"doc": "NAME of the command that restores, given the path of the backup: {backup}."})


@dataclass(frozen=True)
class ReplaySection:
    """How a run is repeated, and which outputs must be equal."""

    log: FilePattern = field(metadata={"doc": "Pattern of the event log, one file among the outputs."})
    type: Pointer = field(metadata={"doc": "JSON pointer of an event's type in its line."})
    parameters: NonEmpty[Mapping[Variable, Parameter]] = field(
        metadata={"doc": "All that a run depends on, by name; handed to the command as {log_NAME}, beside {log}."}
    )
    command: str = field(default="replay", metadata={"doc": "NAME of the [commands.NAME] that repeats the run."})
    digests: Mapping[str, FilePattern] = field(
        default_factory=dict,
        metadata={"doc": "By parameter, the file below the target's root whose SHA-256 it is."},
    )
    outputs: NonEmpty[tuple[str, ...]] = field(
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
        for name in self.digests:
            if name not in self.parameters:
                raise ValueError(f"digests.{name}: {name!r} is no declared parameter")
        self._require_parts()

    def _require_parts(self) -> None:
        if (self.rebuild or self.restore) and self.database is None:
            raise ValueError("database: rebuild and restore need the database that they recover")
        if self.rebuild and self.database:
            for name in self.rebuild.apart:
                if name not in self.database.tables:
                    raise ValueError(f"rebuild.apart.{name}: {name!r} is no declared table")


def declared_parts(section: ReplaySection) -> dict[str, bool]:
    """The parts that the section declares; one that is neither here nor listed as not applicable is a HOLD."""
    return {part: True for part in PARTS if getattr(section, part) is not None}
