"""Files read strictly into records: a place and a value each, or the finding that says why there is none."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json
from gatecourt.formats import pointer
from gatecourt.formats.csv_rows import CsvCodes, CsvRow, csv_rows
from gatecourt.formats.documents import read_document
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import Source
from gatecourt.formats.jsonl import records
from gatecourt.formats.strictjson import parse, read
from gatecourt.rules.invariants import rows
from gatecourt.rules.invariants.record import Columns, Record
from gatecourt.rules.invariants.section import ColumnType, Relation
from gatecourt.rules.invariants.states import state_records

_CSV = CsvCodes(syntax="relations.csv_syntax", header="relations.csv_header", cells="relations.csv_cells")

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def read_records(source: Source, relation: Relation) -> Iterator[Record | Columns | Finding]:
    """The records of one file that the relation takes, in their order. Never raises for what the file holds."""
    for item in _read(source, relation):
        if not isinstance(item, Record) or _wanted(item.value, relation.only):
            yield item


def _wanted(value: Json, only: Mapping[str, Json]) -> bool:
    return all(_has(value, path, wanted) for path, wanted in only.items())


def _has(value: Json, path: str, wanted: Json) -> bool:
    for step in path.split("."):
        if not isinstance(value, dict) or step not in value:
            return False
        value = value[step]
    return type(value) is type(wanted) and value == wanted


def _read(source: Source, relation: Relation) -> Iterator[Record | Columns | Finding]:
    match relation.format:
        case "jsonl":
            yield from _jsonl(source)
        case "csv":
            yield from _csv(source, relation)
        case "sqlite":
            yield from _sqlite(source, relation.table or "")
        case "states":
            yield from state_records(source, relation)
        case _:
            yield from _document(source, relation)


def _document(source: Source, relation: Relation) -> Iterator[Record | Columns | Finding]:
    name, at = source.name, relation.pointer
    reader = read if relation.format == "json" else read_document
    try:
        document = reader(source.path, name)
        items = document if at is None else pointer.get(document, at)
    except Judged as judged:
        yield judged.finding
    except KeyError:
        yield Finding(f"{name}#{at}", "an array", "absent", "relations.no_array")
    else:
        if at is None:
            yield Record(name, name, "", document)
        elif isinstance(items, list):
            yield from (Record(name, name, f"{at}/{index}", item) for index, item in enumerate(items))
        else:
            yield Finding(f"{name}#{at}", "an array", excerpt(items), "relations.no_array")


def _jsonl(source: Source) -> Iterator[Record | Columns | Finding]:
    for record in records(source.path, source.name):
        if isinstance(record, Finding):
            yield record
        else:
            yield Record(source.name, f"{source.name}:{record.line}", "", record.value)


def _sqlite(source: Source, table: str) -> Iterator[Record | Columns | Finding]:
    try:
        table_rows = rows.table_rows(source, table)
        yield Columns(tuple(next(table_rows)))
        for number, row in enumerate(table_rows, 1):
            yield Record(source.name, f"{source.name}/{table}/row {number}", "", row)
    except Judged as judged:
        yield judged.finding


def _csv(source: Source, relation: Relation) -> Iterator[Record | Columns | Finding]:
    header: list[str] | None = None
    for item in csv_rows(source.path, source.name, _CSV):
        if isinstance(item, Finding):
            yield item
        elif header is None:
            _, header = item
            yield Columns(tuple(header))
        else:
            yield _csv_record(source.name, item, header, relation)


def _csv_record(name: str, row: CsvRow, header: list[str], relation: Relation) -> Record | Finding:
    line, cells = row
    base = f"{name}:{line}"
    try:
        value = {key: typed(cell, relation.columns.get(key)) for key, cell in zip(header, cells, strict=True)}
    except ValueError as error:
        return Finding(base, "cells of the declared types", str(error), "relations.csv_type")
    return Record(name, base, "", value)


def typed(cell: str, kind: ColumnType | None) -> Json:
    """A CSV cell as the declared type; undeclared it is text. An empty cell of a declared type other than text is null.

    Raises ``ValueError`` with type and cell where it is no value of the type. Numbers are written as in JSON.
    """
    if kind is None or kind == "text":
        return cell
    if not cell:
        return None
    if kind == "json":
        return _json_cell(cell)
    if kind == "boolean" and cell in ("true", "false"):
        return cell == "true"
    if kind == "integer" and _INTEGER.fullmatch(cell):
        return int(cell)
    if kind == "number" and _NUMBER.fullmatch(cell) and math.isfinite(value := float(cell)):
        return int(cell) if _INTEGER.fullmatch(cell) else value
    raise ValueError(f"{excerpt(cell)} is no {kind}")


def _json_cell(cell: str) -> Json:
    try:
        return parse(cell.encode(), "")
    except Judged as judged:
        raise ValueError(f"{excerpt(cell)} is no JSON: {judged.finding.observed}") from judged
