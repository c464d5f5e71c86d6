"""The manifest's ``[audit]``: the log of operator commands, and the events that other logs hold about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from gatecourt.formats import pointer
from gatecourt.formats.quantities import Number
from gatecourt.formats.sources import Origin, require_files


@dataclass(frozen=True)
class LineFields:
    """The places of the fields in a line of the log, as JSON pointers."""

    name: str = field(default="/name", metadata={"doc": "The command's name."})
    status: str = field(default="/status", metadata={"doc": "How it ended: a word of succeeded or failed."})
    command_id: str = field(default="/cmd_id", metadata={"doc": "The id that a retry repeats."})
    issuer: str = field(default="/issuer", metadata={"doc": "Who issued it."})
    result: str = field(default="/result", metadata={"doc": "The result, if it succeeded."})
    error: str = field(default="/error", metadata={"doc": "The reason, if it failed."})
    arguments: str | None = field(default=None, metadata={"doc": "Its arguments; those of a retry must be the same."})
    time: str = field(default="/tick", metadata={"doc": "When: a number that never decreases from line to line."})
    mode: str = field(default="/mode", metadata={"doc": "The issuer's role."})
    replayed: str = field(default="/replayed", metadata={"doc": "Whether it was a retry without a second effect."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for an invalid pointer."""
        _require_pointers({item.name: getattr(self, item.name) for item in fields(self)})


@dataclass(frozen=True)
class EventLog:
    """The events that the system writes outside its audit log."""

    files: tuple[str, ...] = field(metadata={"doc": "Patterns of JSONL files."})
    origin: Origin = field(
        default="artefacts", metadata={"doc": "Whether the files are outputs or in the target's tree."}
    )
    of: str = field(default="run", metadata={"doc": "NAME of the command that writes them."})
    events: tuple[str, ...] = field(
        default=("",),
        metadata={"doc": "Pointers to the events in a line: a list of them, or one. May be absent."},
    )
    type: str = field(default="/type", metadata={"doc": "Pointer in an event to its type."})
    time: str = field(default="/tick", metadata={"doc": "Pointer in an event to its time."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for no files or an invalid pointer."""
        require_files(self.files, self.origin)
        _require_pointers({"type": self.type, "time": self.time})
        _require_pointers({f"events[{place}]": each for place, each in enumerate(self.events)})
        if not self.events:
            raise ValueError("events is empty: name at least one pointer")


@dataclass(frozen=True)
class Recorded:
    """Commands that each have one event, and events that each have one command."""

    commands: tuple[str, ...] = field(metadata={"doc": "Names of the commands."})
    events: tuple[str, ...] = field(metadata={"doc": "Types of the events that such a command causes."})
    id: str = field(metadata={"doc": "Pointer in the event to the id of its command."})


@dataclass(frozen=True)
class Effect:
    """Something that starts and must end: each start event has its end or its cancellation."""

    started: tuple[str, ...] = field(metadata={"doc": "Types of the events that start it."})
    ended: tuple[str, ...] = field(metadata={"doc": "Types of the events that end it."})
    id: str = field(metadata={"doc": "Pointer in the events to the id that they share."})
    cancelled: tuple[str, ...] = field(
        default=(), metadata={"doc": "Types of the events that cancel it; an end may follow."}
    )
    due: str | None = field(
        default=None, metadata={"doc": "Pointer in the start event to the time at which it must end."}
    )
    late: Number | None = field(default=None, metadata={"doc": "How much later than due it may end. Default: 0."})


@dataclass(frozen=True)
class LineFilter:
    """Selects the lines whose value at the pointer is one of these."""

    pointer: str = field(metadata={"doc": "Pointer into the line, such as /args/action."})
    values: tuple[str, ...] = field(metadata={"doc": "The accepted values, as texts."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for an invalid pointer or no value."""
        _require_pointers({"pointer": self.pointer})
        if not self.values:
            raise ValueError("values is empty: name at least one")


@dataclass(frozen=True)
class AuditSection:
    """The log of operator commands, and what it must show."""

    files: tuple[str, ...] = field(metadata={"doc": "Patterns of the JSONL log, one line per command."})
    origin: Origin = field(
        default="artefacts", metadata={"doc": "Whether the log is an output or in the target's tree."}
    )
    of: str = field(default="run", metadata={"doc": "NAME of the command that writes it."})
    line: LineFields = field(default_factory=LineFields, metadata={"doc": "The places of the fields in a line."})
    succeeded: tuple[str, ...] = field(default=("ok",), metadata={"doc": "The values of status that mean success."})
    failed: tuple[str, ...] = field(default=("error",), metadata={"doc": "The values of status that mean failure."})
    minimum: int = field(default=1, metadata={"doc": "The lowest number of commands that the log must hold."})
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
    optional: Mapping[str, str] = field(
        default_factory=dict,
        metadata={"doc": "Command of admin_only or NAME of recorded that need not occur in the log, and why."},
    )
    not_applicable: Mapping[str, str] = field(
        default_factory=dict,
        metadata={"doc": "admin_only, recorded or effect, and why there is none."},
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a part that is neither declared nor not applicable, or an ambiguous status."""
        require_files(self.files, self.origin)
        if both := sorted(set(self.succeeded) & set(self.failed)):
            raise ValueError(f"{both[0]!r} cannot mean success and failure")
        if not self.succeeded or not self.failed:
            raise ValueError("succeeded and failed need at least one word each")
        if self.minimum < 1:
            raise ValueError(f"minimum must be at least 1: an empty log proves nothing; got {self.minimum}")
        if (self.recorded or self.effect) and self.event_log is None:
            raise ValueError("recorded and effect need event_log: name the events")
        self._check_parts()
        self._check_names()

    def _check_names(self) -> None:
        for key, names, known in (
            ("admin_where", self.admin_where, self.admin_only),
            ("optional", self.optional, (*self.admin_only, *self.recorded)),
        ):
            if unknown := sorted(set(names) - set(known)):
                raise ValueError(f"{key}: expected one of {', '.join(known)}, found {unknown[0]!r}")
        for name, reason in self.optional.items():
            if not reason.strip():
                raise ValueError(f"optional.{name}: give the reason")

    def _check_parts(self) -> None:
        declared = {"admin_only": self.admin_only, "recorded": self.recorded, "effect": self.effect}
        for name, reason in self.not_applicable.items():
            if name not in declared:
                raise ValueError(f"not_applicable: expected {', '.join(declared)}, found {name!r}")
            if declared[name] or not reason.strip():
                raise ValueError(f"not_applicable.{name}: give either the declaration or a reason why there is none")
        for name, value in declared.items():
            if not value and name not in self.not_applicable:
                raise ValueError(f"{name} is missing: declare it, or say in not_applicable.{name} why there is none")


def recorded_names(section: AuditSection) -> list[str]:
    """Names of the pairs of commands and events, sorted."""
    return sorted(section.recorded)


def effect_names(section: AuditSection) -> list[str]:
    """Names of what must end, sorted."""
    return sorted(section.effect)


def admin_commands(section: AuditSection) -> list[str]:
    """Names of the commands that only an admin may issue, sorted."""
    return sorted(section.admin_only)


def _require_pointers(given: Mapping[str, str | None]) -> None:
    for key, text in given.items():
        if text is None:
            continue
        try:
            pointer.split(text)
        except ValueError as error:
            raise ValueError(f"{key}: {error}") from error
