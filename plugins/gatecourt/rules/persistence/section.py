"""The manifest's ``[persistence]``: a database, the commands that fill it, and the rules of its tables."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, TypeAlias

from gatecourt.core.model import KillPoint
from gatecourt.formats.fields import Count, Different, FilePattern, NonEmpty, Pointer, PositiveInt, Text, matching

FROM_OUTSIDE = "env:"
_IN_FILE = "sqlite:///{out}/"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PATH = re.compile(r"(?!/)(?!(?:.*/)?\.\.(?:/|$))[^\\\0*?\[\]{}]+", re.DOTALL)
UNDECLARED = "none_declared"

Columns: TypeAlias = Different[tuple[Text, ...]]
KillPointName: TypeAlias = Annotated[
    str, matching(f"(?!{UNDECLARED}$)[a-z][a-z0-9_]*", "a letter, then letters, digits and underscores, lower case")
]


@dataclass(frozen=True)
class TableReference:
    """Columns whose values must be those of a row in another table."""

    columns: NonEmpty[tuple[Text, ...]] = field(
        metadata={"doc": "The referring columns. A row with a NULL among them refers to nothing."}
    )
    table: str = field(metadata={"doc": "The declared table that is referred to."})
    to: NonEmpty[tuple[Text, ...]] | None = field(default=None, metadata={"doc": "Its columns; its key if not given."})


@dataclass(frozen=True)
class StoredTable:
    """The columns of a table, and the rules for its rows."""

    key: Columns = field(metadata={"doc": "The columns that identify a row; unique by constraint and in the data."})
    columns: tuple[Text, ...] = field(default=(), metadata={"doc": "Further columns that must exist."})
    unique: tuple[Columns, ...] = field(
        default=(), metadata={"doc": "Further unique combinations, such as one order per intent."}
    )
    references: tuple[TableReference, ...] = field(
        default=(), metadata={"doc": "References that must hold, with or without a foreign key."}
    )
    unfinished: Mapping[str, NonEmpty[tuple[str | int | bool, ...]]] = field(
        default_factory=dict, metadata={"doc": "By column, values that no finished run may leave, such as RUNNING."}
    )
    volatile: Mapping[str, Text] = field(
        default_factory=dict, metadata={"doc": "Columns that may differ between equal runs, each with the reason."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a volatile column of the key."""
        shared = [column for column in self.volatile if column in self.key]
        if shared:
            raise ValueError(
                *(f"volatile: {column!r} is part of the key, by which rows are matched" for column in shared)
            )

    @property
    def named(self) -> tuple[str, ...]:
        """Every column that the declaration names, sorted."""
        further = [column for reference in self.references for column in reference.columns]
        combined = [column for combination in self.unique for column in combination]
        return tuple(sorted({*self.key, *self.columns, *combined, *further, *self.unfinished, *self.volatile}))


@dataclass(frozen=True)
class StoredEvents:
    """A table that mirrors the JSONL logs: one row per line, matched by the table's key."""

    table: str = field(metadata={"doc": "The declared table."})
    logs: NonEmpty[tuple[FilePattern, ...]] = field(metadata={"doc": "Patterns of the JSONL logs among the outputs."})
    columns: Mapping[str, Pointer] = field(
        metadata={"doc": "By column, the JSON pointer of its value in a line; the columns of the key included."}
    )
    json: tuple[str, ...] = field(
        default=(), metadata={"doc": "Columns that hold JSON, as text or as a JSON type: compared as values."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for JSON in columns that are not compared."""
        unknown = [column for column in self.json if column not in self.columns]
        if unknown:
            raise ValueError(*(f"json: {column!r} has no pointer in columns" for column in unknown))


@dataclass(frozen=True)
class DeclaredKillPoint:
    """When the writing command is killed: as soon as a file of the output folder has so many lines or bytes."""

    file: FilePattern = field(
        metadata={"doc": "Pattern of the file, such as the event log or the database's -wal file."}
    )
    lines: PositiveInt | None = field(default=None, metadata={"doc": "How many complete lines it has, from 1."})
    bytes: Count | None = field(default=None, metadata={"doc": "How many bytes it has, from 0."})

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

    points: NonEmpty[Mapping[KillPointName, DeclaredKillPoint]] = field(
        metadata={"doc": "The kill points by name, used in every session."}
    )
    points_high: Mapping[KillPointName, DeclaredKillPoint] = field(
        default_factory=dict, metadata={"doc": "Further kill points by name, used with --effort=high."}
    )
    same: tuple[FilePattern, ...] = field(
        default=(), metadata={"doc": "Patterns of outputs that must equal those of an undisturbed run byte for byte."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a name that is used twice."""
        if twice := sorted(set(self.points) & set(self.points_high)):
            raise ValueError(*(f"points_high: {name!r} is a name in points too" for name in twice))

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
    tables: NonEmpty[Mapping[str, StoredTable]] = field(metadata={"doc": "The tables by name."})
    ignored: Mapping[str, Text] = field(
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
        """Raise ``ValueError`` for a URL of another form, and for names that are not declared."""
        problems = [*_url_problems(self.url), *_reference_problems(self.tables)]
        problems += [f"ignored: {name!r} is declared under tables too" for name in self.ignored if name in self.tables]
        if self.events is not None:
            problems += _events_problems(self.events, self.tables)
        if self.write is None and (self.again or self.resume):
            problems.append("write: again and resume continue what write began: name the command that writes")
        if problems:
            raise ValueError(*problems)

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


def _url_problems(url: str) -> Iterator[str]:
    if url.startswith(_IN_FILE):
        path = url.removeprefix(_IN_FILE)
        if not _PATH.fullmatch(path):
            yield f"url: expected the full path of a file below {{out}}, without wildcards and '..', found {path!r}"
    elif not url.startswith(FROM_OUTSIDE) or not _VARIABLE.fullmatch(url.removeprefix(FROM_OUTSIDE)):
        yield f'url: expected "{_IN_FILE}PATH" or "env:NAME", found {_redacted(url)}'


def _redacted(url: str) -> str:
    """The URL without what may hold a password."""
    return f"a URL of {url.partition(':')[0]}" if "@" in url else repr(url)


def _reference_problems(tables: Mapping[str, StoredTable]) -> Iterator[str]:
    for name, table in tables.items():
        for reference in table.references:
            if reference.table not in tables:
                yield f"tables.{name}.references: {reference.table!r} is not declared under tables"
                continue
            to = reference.to or tables[reference.table].key
            if len(to) != len(reference.columns):
                columns = list(reference.columns)
                yield f"tables.{name}.references: {columns} cannot refer to {list(to)} of {reference.table}"


def _events_problems(events: StoredEvents, tables: Mapping[str, StoredTable]) -> Iterator[str]:
    if events.table not in tables:
        yield f"events.table: {events.table!r} is not declared under tables"
        return
    for column in tables[events.table].key:
        if column not in events.columns:
            yield f"events.columns: {column!r} needs a pointer, it is part of the key of {events.table}"


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
