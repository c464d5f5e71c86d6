"""Relations loaded into an in-memory DuckDB that afterwards can open nothing: no file, no network, no extension."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Run, Subject
from gatecourt.formats.files import Source, gather
from gatecourt.formats.finding_groups import bounded
from gatecourt.formats.sql_names import first_line, identifier
from gatecourt.rules.invariants import parquet
from gatecourt.rules.invariants.record import Columns, Record
from gatecourt.rules.invariants.records import read_records
from gatecourt.rules.invariants.section import InvariantsSection, Relation
from gatecourt.rules.invariants.shape import Observer, Shape, as_row, declared_shape

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TOLD = 20
_BATCH = 4_000_000  # characters of JSON handed over at a time
_SETTINGS: Mapping[str, str | int | bool] = {
    "threads": 1,  # the order of rows, and of a sum of doubles, must not depend on the machine
    "memory_limit": "2GB",
    "temp_directory": "",
    "python_enable_replacements": False,
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
    "allow_community_extensions": False,
    "allow_persistent_secrets": False,
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A relation as it was read: its files, its rows, and the faults because of which it cannot be queried.

    ``states`` says whether its rows are of merged states, with the value apart from ``tick`` and ``keys``.
    """

    subjects: tuple[Subject, ...]
    rows: int
    findings: tuple[Finding, ...]
    states: bool = False


@dataclass(frozen=True, slots=True)
class Database:
    """All relations of a section."""

    connection: DuckDBPyConnection
    relations: Mapping[str, Loaded]


@dataclass(frozen=True, slots=True)
class _Request:
    name: str
    sources: tuple[Source, ...]
    fault: Finding | None
    declaration: str
    relation: Relation = field(compare=False)


def open_database(section: InvariantsSection, run: Run, root: Path) -> Database:
    """The relations of ``section``, loaded once for the same declarations and the same digests in one process."""
    return _database(tuple(_request(name, relation, run, root) for name, relation in sorted(section.relations.items())))


def _request(name: str, relation: Relation, run: Run, root: Path) -> _Request:
    sources: tuple[Source, ...] = ()
    fault = None
    try:
        sources = gather(relation.files, relation.origin, run, root)
    except Judged as judged:
        fault = judged.finding
    if not sources and fault is None:
        fault = Finding(", ".join(relation.files), "at least one file", "no file", "artefact.none")
    return _Request(name, sources, fault, repr(relation), relation)


@lru_cache(maxsize=2)
def _database(requests: tuple[_Request, ...]) -> Database:
    import duckdb

    connection = duckdb.connect(":memory:", config=dict(_SETTINGS))
    connection.execute("SET TimeZone = 'UTC'")
    loaded = {request.name: _load(connection, request) for request in requests}
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return Database(connection, loaded)


def _load(connection: DuckDBPyConnection, request: _Request) -> Loaded:
    import duckdb

    subjects = tuple(source.subject for source in request.sources)
    if request.fault is not None:
        return Loaded(subjects, 0, (request.fault,))
    try:
        if request.relation.format == "parquet":
            findings = tuple(parquet.load(connection, request.name, request.sources))
        else:
            findings = tuple(bounded(_load_records(connection, request), _TOLD))
    except RecursionError:
        findings = (Finding(request.name, "a nesting that a reader can follow", "too deep", "json.depth"),)
    except duckdb.Error as error:
        findings = (Finding(request.name, "columns that SQL can hold", first_line(error), "relations.not_loaded"),)
    if findings:
        return Loaded(subjects, 0, findings)
    counted = connection.execute(f"SELECT count(*) FROM {identifier(request.name)}").fetchall()  # noqa: S608 - names are quoted by identifier(), values by literal()
    return Loaded(subjects, counted[0][0], (), request.relation.format == "states")


def _load_records(connection: DuckDBPyConnection, request: _Request) -> Iterator[Finding]:
    observer = Observer(declared_shape(request.relation.columns))
    records: list[Record] = []
    faults = 0
    for item in (item for source in request.sources for item in read_records(source, request.relation)):
        if isinstance(item, Finding):
            faults += 1
            yield item
        elif isinstance(item, Columns):
            observer.see_columns(item)
        else:
            observer.see(item)
            records.append(item)
    for finding in observer.faults():
        faults += 1
        yield finding
    if not faults:
        yield from _store(connection, request.name, observer.shape, records)


def _store(connection: DuckDBPyConnection, name: str, shape: Shape, records: Sequence[Record]) -> Iterator[Finding]:
    """Each value is written out and read back in the type that was seen: exact for integers, doubles and text."""
    columns = {key: column.structure() for key, column in shape.fields.items()}
    structure = json.dumps([{"file": "VARCHAR", "place": "VARCHAR", **columns}])
    rows = "SELECT unnest(from_json_strict(?::JSON, ?), max_depth := 2)"
    connection.execute(f"CREATE TABLE {identifier(name)} AS {rows}", ["[]", structure])
    batch: list[str] = []
    size = 0
    for record in records:
        text = _text(record, shape)
        if isinstance(text, Finding):
            yield text
            continue
        batch.append(text)
        size += len(text)
        if size > _BATCH:
            _insert(connection, name, rows, batch, structure)
            batch, size = [], 0
    _insert(connection, name, rows, batch, structure)


def _insert(connection: DuckDBPyConnection, name: str, rows: str, batch: list[str], structure: str) -> None:
    connection.execute(f"INSERT INTO {identifier(name)} {rows}", [f"[{','.join(batch)}]", structure])


def _text(record: Record, shape: Shape) -> str | Finding:
    row = shape.fill(as_row(record.value))
    assert isinstance(row, dict)
    text = json.dumps({"file": record.file, "place": record.place, **row}, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return Finding(record.place, "text of whole characters", "an unpaired surrogate", "relations.surrogate")
    return text
