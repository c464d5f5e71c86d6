"""The manifest's ``[relations.NAME]`` tables and ``[[invariant]]`` entries."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from gatecourt.core.model import Verdict
from gatecourt.core.reasons import Reason
from gatecourt.formats import pointer
from gatecourt.formats.files import Origin, require_files, require_relative
from gatecourt.formats.quantities import Seconds
from gatecourt.mechanisms.streams.payloads import PayloadKinds

ColumnType = Literal["boolean", "integer", "number", "text", "json"]
Format = Literal["json", "jsonl", "csv", "parquet", "sqlite", "states", "document"]

_NAME = re.compile(r"[a-z][a-z0-9_]*")
OWN_CODES = ("no_rows", "null", "sql_deadline", "sql_error", "sql_refused")


@dataclass(frozen=True)
class StateStream:
    """How the payloads of a stream are put together: whole states, and changes of top-level keys after them."""

    tick: str = field(default="/tick", metadata={"doc": "Pointer, in a payload, of its tick, a whole number."})
    kinds: PayloadKinds = field(
        default_factory=PayloadKinds, metadata={"doc": "How whole states and changes are told apart."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a tick that is no pointer."""
        pointer.split(self.tick)


@dataclass(frozen=True)
class Relation:
    """Files of one kind, read strictly into one table."""

    files: tuple[str, ...] = field(metadata={"doc": "Patterns of the artefacts that make up the relation."})
    format: Format = field(metadata={"doc": "How the files are read."})
    origin: Origin = field(
        default="artefacts",
        metadata={"doc": 'Where the files lie: among the run\'s artefacts, or named in full below the "target" root.'},
    )
    table: str | None = field(default=None, metadata={"doc": "Table or view to take, for sqlite."})
    pointer: str | None = field(
        default=None,
        metadata={
            "doc": "JSON pointer of the array whose items are the rows, for json and document. For states a pattern in "
            "which * is any key or index: each match in each state is a row; without it each whole state is one."
        },
    )
    stream: StateStream | None = field(
        default=None, metadata={"doc": "How payloads are merged, for states; the defaults where it is not given."}
    )
    only: Mapping[str, Any] = field(
        default_factory=dict,
        metadata={"doc": "Dotted path -> value: takes no record in which it is another value, another type or absent."},
    )
    columns: Mapping[str, ColumnType] = field(
        default_factory=dict, metadata={"doc": "Types by dotted path, where the data cannot or shall not say."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where a field does not go with the format."""
        require_files(self.files, self.origin)
        if (self.table is not None) != (self.format == "sqlite"):
            raise ValueError(f"table belongs to format sqlite, and to it alone; the format is {self.format}")
        if self.stream is not None and self.format != "states":
            raise ValueError(f"stream belongs to format states; the format is {self.format}")
        if self.pointer is not None:
            if self.format not in ("json", "document", "states"):
                raise ValueError(f"pointer belongs to json, document and states; the format is {self.format}")
            pointer.split(self.pointer)
        if self.format == "parquet" and (self.columns or self.only):
            raise ValueError("columns and only have no meaning for parquet, which declares its own types")


@dataclass(frozen=True)
class Invariant:
    """A query over the relations. Every row that it returns is a violation."""

    name: str = field(metadata={"doc": "Unique; part of the check's id."})
    over: str = field(metadata={"doc": "The relation that must have at least one row."})
    sql: str | None = field(default=None, metadata={"doc": "One SELECT over the declared relations."})
    sql_file: str | None = field(
        default=None, metadata={"doc": "File below the target's root that holds the SELECT, in place of sql."}
    )
    verdict: Literal["FAIL", "HOLD"] = field(
        default="FAIL", metadata={"doc": "What a row means: FAIL is proved wrong, HOLD asks a person to decide."}
    )
    next: str | None = field(
        default=None, metadata={"doc": "The next action where a row is returned; {where} stands for its place."}
    )
    runbook: str | None = field(
        default=None, metadata={"doc": "Link into the runbook (file#heading) in place of the gate's."}
    )
    where: str | None = field(
        default=None,
        metadata={"doc": "Column of the result that gives a violation's place; else place or file, if it has them."},
    )
    expected: str | None = field(default=None, metadata={"doc": "What holds, in words."})
    why: str | None = field(default=None, metadata={"doc": "Why it matters."})
    nullable: tuple[str, ...] = field(
        default=(), metadata={"doc": "Columns, by dotted path, in which NULL is allowed although the query uses them."}
    )
    deadline: Seconds = field(default=Decimal(30), metadata={"doc": "Time after which the query is interrupted."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a name that is none, a blank query or no time at all."""
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"expected a name of lower-case letters, digits and underscores, found {self.name!r}")
        if self.name in OWN_CODES:
            raise ValueError(f"the name {self.name!r} has a meaning of its own as a reason code: choose another")
        if (self.sql is None) == (self.sql_file is None):
            raise ValueError(f"invariant {self.name!r} has exactly one of sql and sql_file")
        if self.sql is not None and not self.sql.strip():
            raise ValueError(f"the sql of invariant {self.name!r} is blank")
        if self.sql_file is not None:
            require_relative([self.sql_file])
        if self.next is not None and not self.next.strip():
            raise ValueError(f"the next action of invariant {self.name!r} is blank")
        if self.deadline <= 0:
            raise ValueError(f"the deadline of invariant {self.name!r} must be more than 0 s")


@dataclass(frozen=True)
class InvariantsSection:
    """``[relations]`` and ``[[invariant]]`` together; the fields are the manifest's top-level keys."""

    relations: Mapping[str, Relation] = field(metadata={"doc": "The tables that queries see."})
    invariant: tuple[Invariant, ...] = field(metadata={"doc": "What must hold over them."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for names that clash, that SQL cannot say, or that belong to no relation."""
        for name in self.relations:
            if not _NAME.fullmatch(name):
                raise ValueError(f"expected a relation name of lower-case letters, digits, underscores, found {name!r}")
        names = [invariant.name for invariant in self.invariant]
        for invariant in self.invariant:
            if names.count(invariant.name) > 1:
                raise ValueError(f"two invariants are called {invariant.name!r}")
            if invariant.over not in self.relations:
                raise ValueError(f"invariant {invariant.name!r} is over {invariant.over!r}, which is no relation")
        if not names:
            raise ValueError("no invariant is given")

    def named(self, name: str) -> Invariant:
        """The invariant called ``name``."""
        return next(invariant for invariant in self.invariant if invariant.name == name)


def invariant_names(section: InvariantsSection) -> Sequence[str]:
    """Names of all invariants, sorted."""
    return sorted(invariant.name for invariant in section.invariant)


def invariant_reasons(section: InvariantsSection) -> tuple[Reason, ...]:
    """The reason code ``invariants.NAME`` of each invariant, with the verdict and the next action that it declares."""
    return tuple(
        Reason(
            f"invariants.{invariant.name}",
            Verdict(invariant.verdict),
            invariant.next or f"Trace {{where}} to the code that wrote it: {invariant.name} does not hold.",
            invariant.runbook or "",
        )
        for invariant in section.invariant
    )
