"""The manifest's ``[persistence]``: a database, the commands that fill it, and the rules of its tables."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gatecourt.core.model import KillPoint
from gatecourt.formats import pointer
from gatecourt.formats.sources import require_files, require_relative

FROM_OUTSIDE = "env:"
_IN_FILE = "sqlite:///{out}/"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
UNDECLARED = "none_declared"


@dataclass(frozen=True)
class TableReference:
    """Columns whose values must be those of a row in another table."""

    columns: tuple[str, ...] = field(
        metadata={"doc": "The referring columns. A row with a NULL among them refers to nothing."}
    )
    table: str = field(metadata={"doc": "The declared table that is referred to."})
    to: tuple[str, ...] | None = field(default=None, metadata={"doc": "Its columns; its key if not given."})


@dataclass(frozen=True)
class StoredTable:
    """The columns of a table, and the rules for its rows."""

    key: tuple[str, ...] = field(
        metadata={"doc": "The columns that identify a row; unique by constraint and in the data."}
    )
    columns: tuple[str, ...] = field(default=(), metadata={"doc": "Further columns that must exist."})
    unique: tuple[tuple[str, ...], ...] = field(
        default=(), metadata={"doc": "Further unique combinations, such as one order per intent."}
    )
    references: tuple[TableReference, ...] = field(
        default=(), metadata={"doc": "References that must hold, with or without a foreign key."}
    )
    unfinished: Mapping[str, tuple[Any, ...]] = field(
        default_factory=dict, metadata={"doc": "By column, values that no finished run may leave, such as RUNNING."}
    )
    volatile: Mapping[str, str] = field(
        default_factory=dict, metadata={"doc": "Columns that may differ between equal runs, each with the reason."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for what names no row, or excuses without a reason."""
        if not self.key:
            raise ValueError("key needs at least one column")
        for combination in (self.key, *self.unique):
            if not combination or len(set(combination)) != len(combination):
                raise ValueError(f"expected different columns, found {list(combination)}")
        _require_excuses(self.volatile, self.key)
        for column, values in self.unfinished.items():
            if not values or not all(isinstance(value, (str, int, bool)) for value in values):
                raise ValueError(f"unfinished.{column} needs values, each a string, an integer or a boolean")

    @property
    def named(self) -> tuple[str, ...]:
        """Every column that the declaration names, sorted."""
        further = [column for reference in self.references for column in reference.columns]
        combined = [column for combination in self.unique for column in combination]
        return tuple(sorted({*self.key, *self.columns, *combined, *further, *self.unfinished, *self.volatile}))


def _require_excuses(volatile: Mapping[str, str], key: tuple[str, ...]) -> None:
    for column, reason in volatile.items():
        if not reason.strip():
            raise ValueError(f"volatile.{column} needs a reason")
        if column in key:
            raise ValueError(f"volatile.{column} is part of the key, by which rows are matched")


@dataclass(frozen=True)
class StoredEvents:
    """A table that mirrors the JSONL logs: one row per line, matched by the table's key."""

    table: str = field(metadata={"doc": "The declared table."})
    logs: tuple[str, ...] = field(metadata={"doc": "Patterns of the JSONL logs among the outputs."})
    columns: Mapping[str, str] = field(
        metadata={"doc": "By column, the JSON pointer of its value in a line; the columns of the key included."}
    )
    json: tuple[str, ...] = field(
        default=(), metadata={"doc": "Columns that hold JSON, as text or as a JSON type: compared as values."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for pointers that are none and JSON in columns that are not compared."""
        require_files(self.logs, "artefacts")
        for one in self.columns.values():
            pointer.split(one)
        for column in self.json:
            if column not in self.columns:
                raise ValueError(f"json names {column!r}, which has no pointer in columns")


@dataclass(frozen=True)
class DeclaredKillPoint:
    """When the writing command is killed: as soon as a file of the output folder has so many lines or bytes."""

    file: str = field(metadata={"doc": "Pattern of the file, such as the event log or the database's -wal file."})
    lines: int | None = field(default=None, metadata={"doc": "How many complete lines it has, from 1."})
    bytes: int | None = field(default=None, metadata={"doc": "How many bytes it has, from 0."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for what is no kill point."""
        _ = self.moment

    @property
    def moment(self) -> KillPoint:
        """The point as a command takes it."""
        return KillPoint(self.file, self.lines, self.bytes)


@dataclass(frozen=True)
class KillSection:
    """When the writing command is killed, and which files a resumed run must write besides equal rows."""

    points: Mapping[str, DeclaredKillPoint] = field(metadata={"doc": "The kill points by name, used in every session."})
    points_high: Mapping[str, DeclaredKillPoint] = field(
        default_factory=dict, metadata={"doc": "Further kill points by name, used with --effort=high."}
    )
    same: tuple[str, ...] = field(
        default=(), metadata={"doc": "Patterns of outputs that must equal those of an undisturbed run byte for byte."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for names that cannot be part of a check's id."""
        if not self.points:
            raise ValueError("points is empty: name at least one point")
        for name in (*self.points, *self.points_high):
            if not _NAME.fullmatch(name) or name == UNDECLARED:
                raise ValueError(f"expected a point's name of lower-case letters, digits, underscores, found {name!r}")
        if twice := sorted(set(self.points) & set(self.points_high)):
            raise ValueError(f"the point {twice[0]!r} is given twice")
        require_relative(self.same)

    def point(self, name: str) -> DeclaredKillPoint:
        """The point of either list."""
        return self.points[name] if name in self.points else self.points_high[name]


@dataclass(frozen=True)
class PersistenceSection:
    """``[persistence]``."""

    url: str = field(
        metadata={
            "doc": 'The database: "sqlite:///{out}/PATH", a file of the output folder, or "env:NAME", the variable '
            "that holds a PostgreSQL URL."
        }
    )
    tables: Mapping[str, StoredTable] = field(metadata={"doc": "The tables by name."})
    ignored: Mapping[str, str] = field(
        default_factory=dict, metadata={"doc": "Tables that are not checked, each with the reason."}
    )
    write: str | None = field(
        default=None,
        metadata={
            "doc": "The [commands.NAME] that fills an empty database; if not given, the database is judged as found. "
            "With PostgreSQL it needs the template value database, the URL (without password) of an empty database "
            "that is created for the run on the server of url, and dropped afterwards."
        },
    )
    again: str | None = field(
        default=None, metadata={"doc": "The [commands.NAME] that applies the same work to the database a second time."}
    )
    resume: str | None = field(default=None, metadata={"doc": "The [commands.NAME] that resumes a killed run."})
    schema: str = field(default="public", metadata={"doc": "The schema of the tables in PostgreSQL."})
    events: StoredEvents | None = field(default=None, metadata={"doc": "The table that mirrors the event log."})
    kill: KillSection | None = field(default=None, metadata={"doc": "When the run is killed and resumed."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a URL of another form, and for what refers to nothing that is declared."""
        _require_url(self.url)
        if not self.tables:
            raise ValueError("tables is empty: declare at least one table")
        for name, reason in self.ignored.items():
            if name in self.tables or not reason.strip():
                raise ValueError(f"ignored.{name} needs a reason, and cannot be declared as well")
        for name, table in self.tables.items():
            for reference in table.references:
                _require_reference(name, reference, self.tables)
        if self.events is not None:
            _require_events(self.events, self.tables)
        if self.write is None and (self.again or self.resume):
            raise ValueError("again and resume continue what write began: name the command under write")

    @property
    def file(self) -> str | None:
        """The name of the SQLite file below the output folder; None for PostgreSQL."""
        return self.url.removeprefix(_IN_FILE) if self.url.startswith(_IN_FILE) else None

    @property
    def variable(self) -> str:
        """The name of the variable that holds the PostgreSQL URL."""
        return self.url.removeprefix(FROM_OUTSIDE)

    @property
    def name(self) -> str:
        """What findings call the database."""
        return self.file or self.variable


def _require_url(url: str) -> None:
    if url.startswith(_IN_FILE):
        path = url.removeprefix(_IN_FILE)
        require_relative([path])
        if set(path) & set("*?[]{}"):
            raise ValueError(f"url: a database is named in full, found {path!r}")
    elif not url.startswith(FROM_OUTSIDE) or not _VARIABLE.fullmatch(url.removeprefix(FROM_OUTSIDE)):
        raise ValueError(f'url: expected "{_IN_FILE}PATH" or "env:NAME", found {_redacted(url)}')


def _redacted(url: str) -> str:
    """The URL as far as it may be format_value: one with a server in it may hold a password."""
    return f"a URL of {url.partition(':')[0]}" if "@" in url else repr(url)


def _require_reference(name: str, reference: TableReference, tables: Mapping[str, StoredTable]) -> None:
    if reference.table not in tables:
        raise ValueError(f"tables.{name}: the reference is to {reference.table!r}, which is not declared")
    to = reference.to or tables[reference.table].key
    if not reference.columns or len(to) != len(reference.columns):
        raise ValueError(f"tables.{name}: {list(reference.columns)} cannot refer to {list(to)} of {reference.table}")


def _require_events(events: StoredEvents, tables: Mapping[str, StoredTable]) -> None:
    if events.table not in tables:
        raise ValueError(f"events.table: {events.table!r} is not declared under tables")
    for column in tables[events.table].key:
        if column not in events.columns:
            raise ValueError(f"events.columns needs a pointer for {column!r}, part of the key of {events.table}")


def table_names(section: PersistenceSection) -> Sequence[str]:
    """Names of all tables, sorted."""
    return sorted(section.tables)


def kill_points(section: PersistenceSection) -> Sequence[str]:
    """Names of the points that are always tried, as declared; one placeholder where there is none."""
    return _names(section.kill.points if section.kill else ())


def kill_points_high(section: PersistenceSection) -> Sequence[str]:
    """Names of all points, as declared."""
    return _names([*section.kill.points, *section.kill.points_high] if section.kill else ())


def _names(points: Collection[str]) -> Sequence[str]:
    # Without a placeholder the check would not be collected, and the missing kill points would go unnoticed.
    return list(points) or [UNDECLARED]
