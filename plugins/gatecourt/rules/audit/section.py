"""The manifest's ``[audit]``: the log of operator commands, and the events that other logs hold about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatecourt.formats.fields import FilePattern, NonEmpty, NonNegative, Pointer, PositiveInt, Text
from gatecourt.formats.files import Origin, require_full_names


@dataclass(frozen=True)
class LineFields:
    """The places of the fields in a line of the log, as JSON pointers."""

    name: Pointer = field(default="/name", metadata={"doc": "The command's name."})
    status: Pointer = field(default="/status", metadata={"doc": "How it ended: a word of succeeded or failed."})
    command_id: Pointer = field(default="/cmd_id", metadata={"doc": "The id that a retry repeats."})
    issuer: Pointer = field(default="/issuer", metadata={"doc": "Who issued it."})
    result: Pointer = field(default="/result", metadata={"doc": "The result, if it succeeded."})
    error: Pointer = field(default="/error", metadata={"doc": "The reason, if it failed."})
    arguments: Pointer | None = field(
        default=None, metadata={"doc": "Its arguments; those of a retry must be the same."}
    )
    time: Pointer = field(default="/tick", metadata={"doc": "When: a number that never decreases from line to line."})
    mode: Pointer = field(default="/mode", metadata={"doc": "The issuer's role."})
    replayed: Pointer = field(default="/replayed", metadata={"doc": "Whether it was a retry without a second effect."})


@dataclass(frozen=True)
class EventLog:
    """The events that the system writes outside its audit log."""

    files: NonEmpty[tuple[FilePattern, ...]] = field(metadata={"doc": "Patterns of JSONL files."})
    origin: Origin = field(
        default="artefacts", metadata={"doc": "Whether the files are outputs or in the target's tree."}
    )
    of: str = field(default="run", metadata={"doc": "NAME of the command that writes them."})
    events: NonEmpty[tuple[Pointer, ...]] = field(
        default=("",),
        metadata={"doc": "Pointers to the events in a line: a list of them, or one. May be absent."},
    )
    type: Pointer = field(default="/type", metadata={"doc": "Pointer in an event to its type."})
    time: Pointer = field(default="/tick", metadata={"doc": "Pointer in an event to its time."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a pattern in the place of a file of the target."""
        require_full_names(self.files, self.origin)


@dataclass(frozen=True)
class Recorded:
    """Commands that each have one event, and events that each have one command."""

    commands: NonEmpty[tuple[str, ...]] = field(metadata={"doc": "Names of the commands."})
    events: NonEmpty[tuple[str, ...]] = field(metadata={"doc": "Types of the events that such a command causes."})
    id: Pointer = field(metadata={"doc": "Pointer in the event to the id of its command."})


@dataclass(frozen=True)
class Effect:
    """Something that starts and must end: each start event has its end or its cancellation."""

    started: NonEmpty[tuple[str, ...]] = field(metadata={"doc": "Types of the events that start it."})
    ended: NonEmpty[tuple[str, ...]] = field(metadata={"doc": "Types of the events that end it."})
    id: Pointer = field(metadata={"doc": "Pointer in the events to the id that they share."})
    cancelled: tuple[str, ...] = field(
        default=(), metadata={"doc": "Types of the events that cancel it; an end may follow."}
    )
    due: Pointer | None = field(
        default=None, metadata={"doc": "Pointer in the start event to the time at which it must end."}
    )
    late: NonNegative | None = field(default=None, metadata={"doc": "How much later than due it may end. Default: 0."})


@dataclass(frozen=True)
class LineFilter:
    """Selects the lines whose value at the pointer is one of these."""

    pointer: Pointer = field(metadata={"doc": "Pointer into the line, such as /args/action."})
    values: NonEmpty[tuple[str, ...]] = field(metadata={"doc": "The accepted values, as texts."})


@dataclass(frozen=True)
class AuditSection:
    """The log of operator commands, and what it must show."""

    files: NonEmpty[tuple[FilePattern, ...]] = field(
        metadata={"doc": "Patterns of the JSONL log, one line per command."}
    )
    origin: Origin = field(
        default="artefacts", metadata={"doc": "Whether the log is an output or in the target's tree."}
    )
    of: str = field(default="run", metadata={"doc": "NAME of the command that writes it."})
    line: LineFields = field(default_factory=LineFields, metadata={"doc": "The places of the fields in a line."})
    succeeded: NonEmpty[tuple[str, ...]] = field(
        default=("ok",), metadata={"doc": "The values of status that mean success."}
    )
    failed: NonEmpty[tuple[str, ...]] = field(
        default=("error",), metadata={"doc": "The values of status that mean failure."}
    )
    minimum: PositiveInt = field(default=1, metadata={"doc": "The lowest number of commands that the log must hold."})
    read_only: tuple[str, ...] = field(
        default=(), metadata={"doc": "Commands that change nothing and need no id. All others need one."}
    )
    admin_only: tuple[str, ...] = field(default=(), metadata={"doc": "Commands that only an admin may issue."})
    admin_where: Mapping[str, LineFilter] = field(
        default_factory=dict,
        metadata={"doc": "Command of admin_only -> the lines of it that only an admin may issue. Default: all."},
    )
    admin: tuple[str, ...] = field(default=("admin",), metadata={"doc": "The roles that may issue them."})
    event_log: EventLog | None = field(default=None, metadata={"doc": "The events outside the audit log."})
    recorded: Mapping[str, Recorded] = field(
        default_factory=dict, metadata={"doc": "NAME -> commands and the events that they must cause."}
    )
    effect: Mapping[str, Effect] = field(default_factory=dict, metadata={"doc": "NAME -> what starts and must end."})
    optional: Mapping[str, Text] = field(
        default_factory=dict,
        metadata={"doc": "Command of admin_only or NAME of recorded that need not occur in the log, and why."},
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for an ambiguous status, or for events that are needed and not declared."""
        require_full_names(self.files, self.origin)
        if both := sorted(set(self.succeeded) & set(self.failed)):
            raise ValueError(f"succeeded: {both[0]!r} is under failed too")
        if (self.recorded or self.effect) and self.event_log is None:
            raise ValueError("event_log: missing; recorded and effect need the events")
        self._check_names()

    def _check_names(self) -> None:
        for key, names, known in (
            ("admin_where", self.admin_where, self.admin_only),
            ("optional", self.optional, (*self.admin_only, *self.recorded)),
        ):
            if unknown := sorted(set(names) - set(known)):
                raise ValueError(f"{key}: expected one of {', '.join(known)}, found {unknown[0]!r}")


def recorded_names(section: AuditSection) -> list[str]:
    """Names of the pairs of commands and events, sorted."""
    return sorted(section.recorded)


def effect_names(section: AuditSection) -> list[str]:
    """Names of what must end, sorted."""
    return sorted(section.effect)


def admin_commands(section: AuditSection) -> list[str]:
    """Names of the commands that only an admin may issue, sorted."""
    return sorted(section.admin_only)
