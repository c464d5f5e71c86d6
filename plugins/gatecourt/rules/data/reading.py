"""Files of bars read strictly into tables."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NoReturn

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json
from gatecourt.formats import pointer
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import Source
from gatecourt.formats.strictjson import read, read_bytes
from gatecourt.rules.data import parquet
from gatecourt.rules.data.columns import Column, cells_of, of_array, of_values, times_of
from gatecourt.rules.data.section import Dataset, Fields
from gatecourt.rules.data.table import Table

if TYPE_CHECKING:
    from _csv import Reader


def read_table(source: Source, dataset: Dataset) -> Table:
    """The bars of one file.

    Raises ``Judged`` where the file holds no bars to look at: the rules of reading JSON, ``data.no_array``,
    ``data.bar_shape``, ``data.csv_syntax``, ``data.csv_header``, ``data.csv_cells``, ``data.parquet``,
    ``data.field_missing``, ``data.time_unit``.
    """
    match dataset.format:
        case "json":
            return _json(source, dataset)
        case "csv":
            return _csv(source, dataset)
        case "parquet":
            return _parquet(source, dataset)


def _refuse(where: str, expected: str, observed: str, rule: str) -> NoReturn:
    raise Judged(Finding(where, expected, observed, rule))


def _columns(cells: Callable[[str], Sequence[object]], fields: Fields, *, text: bool) -> dict[str, Column]:
    names = (*fields.prices, *fields.amounts)
    return {fields.time: times_of(cells(fields.time), text=text)} | {
        name: of_values(cells(name), text=text) for name in names
    }


def _json(source: Source, dataset: Dataset) -> Table:
    name, prefix = source.name, dataset.pointer
    document = read(source.path, name)
    bars = _array(document, f"{name}#{prefix}", prefix)
    for index, bar in enumerate(bars):
        if not isinstance(bar, dict | list):
            _refuse(f"{name}#{prefix}/{index}", "a bar: an object or an array", excerpt(bar), "data.bar_shape")
    columns = _columns(lambda key: list(cells_of(bars, key)), dataset.fields, text=dataset.decimal_text)

    def at(index: int, key: str) -> str:
        return f"{name}#{prefix}/{index}{pointer.join((key,)) if key else ''}"

    return Table(name, len(bars), columns, at, document)


def _array(document: Json, where: str, prefix: str) -> list[Json]:
    try:
        bars = pointer.get(document, prefix)
    except KeyError:
        _refuse(where, "an array of bars", "absent", "data.no_array")
    if not isinstance(bars, list):
        _refuse(where, "an array of bars", excerpt(bars), "data.no_array")
    return bars


def _csv(source: Source, dataset: Dataset) -> Table:
    name = source.name
    data = read_bytes(source.path, name)
    try:
        text = io.StringIO(data.decode("utf-8"), newline="")
        header, lines, rows = _csv_rows(name, csv.reader(text, strict=True))
    except UnicodeDecodeError as error:
        _refuse(name, "UTF-8", f"a byte that is not, at offset {error.start}", "data.csv_syntax")
    names = dataset.fields
    for key in (names.time, *names.prices, *names.amounts):
        if key not in header:
            _refuse(f"{name}:1#/{key}", "a column of this name", excerpt(header), "data.field_missing")
    columns = _columns(lambda key: [row[header.index(key)] for row in rows], names, text=True)

    def at(index: int, key: str) -> str:
        return f"{name}:{lines[index]}" + (f"#{pointer.join((key,))}" if key else "")

    return Table(name, len(rows), columns, at)


def _csv_rows(name: str, reader: Reader) -> tuple[list[str], list[int], list[list[str]]]:
    """Header, the line at which each row begins, and the rows."""
    lines: list[int] = []
    rows: list[list[str]] = []
    try:
        header = next(reader, [])
        if not header or len(set(header)) != len(header) or header[0].startswith("\ufeff"):
            _refuse(f"{name}:1", "a header of distinct names", excerpt(header), "data.csv_header")
        line = reader.line_num + 1
        for row in reader:
            if len(row) != len(header):
                _refuse(f"{name}:{line}", f"{len(header)} cells", f"{len(row)} cells", "data.csv_cells")
            lines.append(line)
            rows.append(row)
            line = reader.line_num + 1
    except csv.Error as error:
        _refuse(f"{name}:{reader.line_num}", "a CSV record", str(error), "data.csv_syntax")
    return header, lines, rows


def _parquet(source: Source, dataset: Dataset) -> Table:
    fields, name = dataset.fields, source.name
    read_columns = parquet.read_columns(source, dataset)
    columns = {fields.time: times_of(read_columns[fields.time].tolist(), text=False)}
    for key in (*fields.prices, *fields.amounts):
        array = read_columns[key]
        plain = array.dtype.kind in "iuf"
        columns[key] = of_array(array) if plain else of_values(array.tolist(), text=key in read_columns.as_text)

    def at(index: int, key: str) -> str:
        return f"{name}/row {index + 1}" + (f"#{pointer.join((key,))}" if key else "")

    return Table(name, len(read_columns[fields.time]), columns, at)
