"""The manifest's ``[snapshots]``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gatecourt.formats import pointer
from gatecourt.formats.files import Origin, require_files, require_relative
from gatecourt.rules.snapshots.versions import parse_version

_SHORTEST_CADENCE = 100


def _require_pointers(*pointers: str | None) -> None:
    for one in pointers:
        if one is not None:
            pointer.split(one)


@dataclass(frozen=True)
class Pointers:
    """Where a snapshot says what."""

    version: str = field(default="/schema_version", metadata={"doc": "Pointer of the schema version, a text."})
    tick: str = field(default="/state/tick", metadata={"doc": "Pointer of the tick."})
    config_id: str = field(default="/state/config_id", metadata={"doc": "Pointer of the configuration's id."})
    policy_hash: str = field(
        default="/state/identity/policy_hash",
        metadata={"doc": "Pointer of the policy's hash; null where there is none."},
    )
    agents: str = field(default="/state/agents", metadata={"doc": "Pointer of the agents, a table or a list."})
    applied: str | None = field(
        default="/state/migrations/applied", metadata={"doc": "Pointer of the list of migrations that were applied."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a pointer that is none."""
        _require_pointers(self.version, self.tick, self.config_id, self.policy_hash, self.agents, self.applied)


@dataclass(frozen=True)
class Config:
    """The release configuration, and what snapshots must have in common with it."""

    file: str = field(metadata={"doc": "Path of the configuration below the target's root: JSON, TOML or YAML."})
    equal: Mapping[str, str] = field(
        metadata={"doc": "Pointer in a snapshot -> pointer in the configuration of the value that it must equal."}
    )
    require_exact_config: bool = field(
        default=True, metadata={"doc": "Whether a snapshot of another configuration is wrong; else somebody looks."}
    )
    allow_downgrade: bool = field(
        default=False, metadata={"doc": "Whether somebody may look at a snapshot of a newer schema; else it is wrong."}
    )
    require_exact_config_at: str = field(
        default="/snapshot/guardrails/require_exact_config",
        metadata={"doc": "Pointer, in the configuration, of the guardrail of that name."},
    )
    allow_downgrade_at: str = field(
        default="/snapshot/guardrails/allow_downgrade",
        metadata={"doc": "Pointer, in the configuration, of the guardrail of that name."},
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for nothing to compare, or pointers that are none."""
        require_files([self.file], "target")
        if not self.equal:
            raise ValueError("equal is empty: name at least what identifies the configuration")
        _require_pointers(*self.equal, *self.equal.values(), self.require_exact_config_at, self.allow_downgrade_at)


@dataclass(frozen=True)
class Autosave:
    """What is saved by itself as the run goes on."""

    files: tuple[str, ...] = field(metadata={"doc": "Patterns, among the snapshots, of those saved by themselves."})
    cadence: int = field(metadata={"doc": "How many ticks lie between two of them; 100 or more."})
    retain: int = field(metadata={"doc": "How many of them are kept, the newest ones."})
    ended_file: str = field(metadata={"doc": "The JSON artefact that says at which tick the run ended."})
    ended_at: str = field(default="/tick", metadata={"doc": "Pointer of that tick."})
    cadence_at: str | None = field(
        default="/snapshot/autosave/cadence_ticks", metadata={"doc": "Pointer of the cadence in the configuration."}
    )
    retain_at: str | None = field(
        default="/snapshot/autosave/retain", metadata={"doc": "Pointer, in the configuration, of how many are kept."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a cadence that is too short, nothing kept, or pointers that are none."""
        require_files(self.files, "artefacts")
        require_relative([self.ended_file])
        _require_pointers(self.ended_at, self.cadence_at, self.retain_at)
        if self.cadence < _SHORTEST_CADENCE:
            raise ValueError(f"cadence must be {_SHORTEST_CADENCE} ticks or more, got {self.cadence}")
        if self.retain < 1:
            raise ValueError(f"retain must be 1 or more, got {self.retain}")


@dataclass(frozen=True)
class Migration:
    """Old snapshots, and the command that brings a copy of each to the current version."""

    files: tuple[str, ...] = field(
        metadata={"doc": "Old snapshots, named in full below the target's root; the run's inputs must hold them."}
    )
    command: str = field(metadata={"doc": "NAME of the command; it needs the value {snapshot}, a path."})
    result: tuple[str, ...] = field(
        metadata={"doc": "Patterns of what it writes for one snapshot, below the output folder; one file."}
    )
    kept: tuple[str, ...] = field(metadata={"doc": "Pointers of data that must be there afterwards as before."})
    moved: Mapping[str, str] = field(
        default_factory=dict, metadata={"doc": "Pointer in the old snapshot -> pointer of the same data in the new."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for patterns and pointers that are none, and where nothing must be kept."""
        require_files(self.files, "target")
        require_files(self.result, "artefacts")
        if not self.kept:
            raise ValueError("kept is empty: name the data that a migration must not lose")
        _require_pointers(*self.kept, *self.moved, *self.moved.values())


@dataclass(frozen=True)
class SnapshotsSection:
    """Which snapshots there are, and what makes one fit to continue from."""

    files: tuple[str, ...] = field(metadata={"doc": "Patterns of the snapshots; sidecars may match as well."})
    version: str = field(metadata={"doc": 'The current schema version, "major.minor".'})
    schema: str = field(metadata={"doc": "Path of the JSON Schema of that version, below the target's root."})
    origin: Origin = field(
        default="artefacts",
        metadata={"doc": 'Where they lie: among the artefacts, or, by pattern too, in the "target" tree.'},
    )
    of: str = field(default="run", metadata={"doc": "NAME of the command whose artefacts they are; run: the [run]."})
    releases: tuple[str, ...] = field(
        default=(), metadata={"doc": "Patterns, among the snapshots, of releases: they must say their policy's hash."}
    )
    policy_hash: str = field(
        default="[0-9a-f]{64}", metadata={"doc": "Regular expression of the whole hash of a policy."}
    )
    name: str = field(
        default=r".*-(?P<tick>[0-9]+)\.[a-z]+",
        metadata={"doc": "Regular expression of a whole file name; its group `tick` is the tick in it."},
    )
    minimum_agents: int = field(default=1, metadata={"doc": "How many agents a snapshot must hold to show anything."})
    pointers: Pointers = field(default_factory=Pointers, metadata={"doc": "Where a snapshot says what."})
    config: Config | None = field(default=None, metadata={"doc": "The release configuration."})
    autosave: Autosave | None = field(default=None, metadata={"doc": "What is saved by itself."})
    migrations: Mapping[str, Migration] = field(
        default_factory=dict, metadata={"doc": "NAME -> old snapshots and their migration."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for what cannot be compared."""
        require_files(self.files, "artefacts")
        require_relative([self.schema, *self.releases])
        parse_version(self.version)
        _require_group(self.name)
        re.compile(self.policy_hash)
        if self.minimum_agents < 1:
            raise ValueError(f"minimum_agents must be 1 or more, got {self.minimum_agents}")


def _require_group(expression: str) -> None:
    if "tick" not in re.compile(expression).groupindex:
        raise ValueError(f"name: expected a group (?P<tick>…), found {expression!r}")


def declared_parts(section: SnapshotsSection) -> dict[str, bool]:
    """The parts that a section may lack, each with whether it declares them."""
    return {"config": section.config is not None, "autosave": section.autosave is not None}


def migration_names(section: SnapshotsSection) -> Sequence[str]:
    """Names of all migrations, sorted."""
    return sorted(section.migrations)
