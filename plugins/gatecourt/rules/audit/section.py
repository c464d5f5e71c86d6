"""The manifest's ``[audit]``: the log of commands, and the events that bear witness to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Literal

from gatecourt.formats import pointer
from gatecourt.formats.quantities import Number
from gatecourt.formats.sources import Origin, require_files

Part = Literal["idempotency", "authority", "records", "effects"]


@dataclass(frozen=True)
class Line:
    """Where a line of the log says what. Pointers lead into the line."""

    name: str = field(default="/name", metadata={"doc": "The command's name."})
    status: str = field(default="/status", metadata={"doc": "How it ended."})
    command_id: str = field(default="/cmd_id", metadata={"doc": "The id under which a retry is known."})
    issuer: str = field(default="/issuer", metadata={"doc": "Who gave it."})
    result: str = field(default="/result", metadata={"doc": "What came of it, where it succeeded."})
    error: str = field(default="/error", metadata={"doc": "Why it did not, where it failed."})
    arguments: str | None = field(default=None, metadata={"doc": "What it was given; a retry is given the same."})
    time: str = field(default="/tick", metadata={"doc": "When: a number that never falls from line to line."})
    mode: str = field(default="/mode", metadata={"doc": "The issuer's mode."})
    replayed: str = field(default="/replayed", metadata={"doc": "Whether it was a retry without a second effect."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for what is no pointer."""
        _require_pointers({item.name: getattr(self, item.name) for item in fields(self)})


@dataclass(frozen=True)
class Witnesses:
    """Events that a system writes elsewhere than in its audit log."""

    files: tuple[str, ...] = field(metadata={"doc": "Patterns of JSONL files."})
    origin: Origin = field(default="artefacts", metadata={"doc": "Whether they are of a run or of the target's tree."})
    of: str = field(default="run", metadata={"doc": "NAME of the command that writes them."})
    events: tuple[str, ...] = field(
        default=("",),
        metadata={"doc": "Pointers to the events of a line: a list of them, or one. Absent is none."},
    )
    type: str = field(default="/type", metadata={"doc": "Pointer in an event to its type."})
    time: str = field(default="/tick", metadata={"doc": "Pointer in an event to its time."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for no files and for what is no pointer."""
        require_files(self.files, self.origin)
        _require_pointers({"type": self.type, "time": self.time})
        _require_pointers({f"events[{place}]": each for place, each in enumerate(self.events)})
        if not self.events:
            raise ValueError("events is empty: name at least one pointer")


@dataclass(frozen=True)
class Recorded:
    """Commands each of which has its event, and events each of which has its command."""

    commands: tuple[str, ...] = field(metadata={"doc": "Names of the commands."})
    events: tuple[str, ...] = field(metadata={"doc": "Types of the events that such a command brings about."})
    id: str = field(metadata={"doc": "Pointer in the event to the id of its command."})


@dataclass(frozen=True)
class Effect:
    """Something that begins and has to end: each beginning has its end or is called off."""

    started: tuple[str, ...] = field(metadata={"doc": "Types of the events that begin it."})
    ended: tuple[str, ...] = field(metadata={"doc": "Types of the events that end it."})
    id: str = field(metadata={"doc": "Pointer in the events to the id that they share."})
    cancelled: tuple[str, ...] = field(
        default=(), metadata={"doc": "Types of the events that call it off, whether or not an end follows."}
    )
    due: str | None = field(default=None, metadata={"doc": "Pointer in the beginning to the time at which it ends."})
    late: Number | None = field(default=None, metadata={"doc": "How much later than due it may end; 0 if not given."})


@dataclass(frozen=True)
class Where:
    """Lines that are meant: those whose value at the pointer is one of these."""

    pointer: str = field(metadata={"doc": "Pointer into the line, such as /args/action."})
    values: tuple[str, ...] = field(metadata={"doc": "The texts that may stand there."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for what is no pointer and for no value."""
        _require_pointers({"pointer": self.pointer})
        if not self.values:
            raise ValueError("values is empty: name at least one")


@dataclass(frozen=True)
class AuditSection:
    """What the log of commands has to show."""

    files: tuple[str, ...] = field(metadata={"doc": "Patterns of the JSONL log, one line a command."})
    origin: Origin = field(default="artefacts", metadata={"doc": "Whether it is of a run or of the target's tree."})
    of: str = field(default="run", metadata={"doc": "NAME of the command that writes it."})
    line: Line = field(default_factory=Line, metadata={"doc": "Where a line says what."})
    succeeded: tuple[str, ...] = field(default=("ok",), metadata={"doc": "The words of success."})
    failed: tuple[str, ...] = field(default=("error",), metadata={"doc": "The words of failure."})
    minimum: int = field(default=1, metadata={"doc": "Fewer commands than this show nothing."})
    harmless: tuple[str, ...] = field(
        default=(), metadata={"doc": "Commands that only look: they need no id. All others do."}
    )
    admin_only: tuple[str, ...] = field(default=(), metadata={"doc": "Commands that only an admin may give."})
    admin_where: Mapping[str, Where] = field(
        default_factory=dict,
        metadata={"doc": "Command of admin_only -> the lines of it that are an admin's; all if not given."},
    )
    admin: tuple[str, ...] = field(default=("admin",), metadata={"doc": "The modes that may give them."})
    witnesses: Witnesses | None = field(default=None, metadata={"doc": "The events that bear witness."})
    recorded: Mapping[str, Recorded] = field(
        default_factory=dict, metadata={"doc": "NAME -> commands and events that belong together."}
    )
    effect: Mapping[str, Effect] = field(default_factory=dict, metadata={"doc": "NAME -> what begins and must end."})
    may_be_absent: Mapping[str, str] = field(
        default_factory=dict,
        metadata={"doc": "Command of admin_only or NAME of recorded that the log need not show, and why."},
    )
    not_applicable: Mapping[str, str] = field(
        default_factory=dict,
        metadata={"doc": "admin_only, recorded or effect, and why there is none."},
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for parts that are neither declared nor excused, and for words with two meanings."""
        require_files(self.files, self.origin)
        if both := sorted(set(self.succeeded) & set(self.failed)):
            raise ValueError(f"{both[0]!r} cannot mean success and failure")
        if not self.succeeded or not self.failed:
            raise ValueError("succeeded and failed need at least one word each")
        if self.minimum < 1:
            raise ValueError(f"minimum must be at least 1: an empty log shows nothing; got {self.minimum}")
        if (self.recorded or self.effect) and self.witnesses is None:
            raise ValueError("recorded and effect need witnesses: name the events")
        self._refuse_silence()
        self._refuse_strangers()

    def _refuse_strangers(self) -> None:
        for key, names, known in (
            ("admin_where", self.admin_where, self.admin_only),
            ("may_be_absent", self.may_be_absent, (*self.admin_only, *self.recorded)),
        ):
            if strangers := sorted(set(names) - set(known)):
                raise ValueError(f"{key}: expected one of {', '.join(known)}, found {strangers[0]!r}")
        for name, reason in self.may_be_absent.items():
            if not reason.strip():
                raise ValueError(f"may_be_absent.{name}: give the reason")

    def _refuse_silence(self) -> None:
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
    """Names of the commands that only an admin may give, sorted."""
    return sorted(section.admin_only)


def _require_pointers(given: Mapping[str, str | None]) -> None:
    for key, text in given.items():
        if text is None:
            continue
        try:
            pointer.split(text)
        except ValueError as error:
            raise ValueError(f"{key}: {error}") from error


def every_pointer(section: AuditSection) -> Iterable[str]:
    """The pointers that a line of the log is read by."""
    return [text for item in fields(Line) if (text := getattr(section.line, item.name)) is not None]
