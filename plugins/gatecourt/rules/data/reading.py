"""Files of bars read strictly into tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NoReturn

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json
from gatecourt.formats import pointer
from gatecourt.formats.csv_rows import CsvCodes, CsvRow, csv_rows
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import Source
from gatecourt.formats.strictjson import read
from gatecourt.rules.data import parquet
from gatecourt.rules.data.columns import Column, cells_of, of_array, of_values, times_of
from gatecourt.rules.data.section import Dataset, Fields
from gatecourt.rules.data.table import Table

_CSV = CsvCodes(syntax="data.csv_syntax", header="data.csv_header", cells="data.csv_cells")


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
    (_, header), *rows = [_row_or_refusal(item) for item in csv_rows(source.path, name, _CSV)]
    names = dataset.fields
    for key in (names.time, *names.prices, *names.amounts):
        if key not in header:
            _refuse(f"{name}:1#/{key}", "a column of this name", excerpt(header), "data.field_missing")

    def cells(key: str) -> list[str]:
        column = header.index(key)
        return [row[column] for _, row in rows]

    def at(index: int, key: str) -> str:
        return f"{name}:{rows[index][0]}" + (f"#{pointer.join((key,))}" if key else "")

    return Table(name, len(rows), _columns(cells, names, text=True), at)


def _row_or_refusal(item: CsvRow | Finding) -> CsvRow:
    if isinstance(item, Finding):
        raise Judged(item)
    return item


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
