"""The columns of a Parquet file as numpy arrays; decimals as their text, timestamps as whole numbers of the unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.formats.files import Source
from gatecourt.formats.parquet import ParquetFile, parquet_file
from gatecourt.formats.pointer import join
from gatecourt.formats.sql_names import identifier
from gatecourt.rules.data.section import Dataset

if TYPE_CHECKING:
    from gatecourt.rules.data.columns import Array

_AS_TEXT = ("DECIMAL", "HUGEINT", "UHUGEINT")


@dataclass(frozen=True)
class Columns:
    """Arrays by column name; those in ``as_text`` hold numbers as text."""

    arrays: dict[str, Array]
    as_text: frozenset[str]

    def __getitem__(self, name: str) -> Array:
        """The column called ``name``."""
        return self.arrays[name]


def read_columns(source: Source, dataset: Dataset) -> Columns:
    """The columns that the dataset names. Raises ``Judged`` (``data.parquet``, ``data.field_missing``,
    ``data.time_unit``)."""
    import duckdb

    with (
        duckdb.connect(config={"threads": 1}) as connection,
        parquet_file(connection, source.path, source.name, "data.parquet") as file,
    ):
        return _read(file, dataset)


def _read(file: ParquetFile, dataset: Dataset) -> Columns:
    name, kinds, fields = file.name, file.columns(), dataset.fields
    wanted = (fields.time, *fields.prices, *fields.amounts)
    for column in wanted:
        if column not in kinds:
            found = ", ".join(kinds)
            raise Judged(Finding(f"{name}#{join((column,))}", "a column of this name", found, "data.field_missing"))
    texts = frozenset(column for column in wanted if kinds[column].startswith(_AS_TEXT))
    arrays = file.arrays([_expression(column, kinds[column], time=column == fields.time) for column in wanted])
    if kinds[fields.time].startswith("TIMESTAMP"):
        arrays[fields.time] = _in_units(arrays[fields.time], f"{name}#{join((fields.time,))}", dataset)
    return Columns(arrays, texts if not dataset.decimal_text else texts | set(wanted))


def _expression(column: str, kind: str, *, time: bool) -> str:
    name = identifier(column)
    if time and kind.startswith("TIMESTAMP"):
        return f"epoch_ns({name}) AS {name}"
    return f"CAST({name} AS VARCHAR) AS {name}" if kind.startswith(_AS_TEXT) else name


def _in_units(nanoseconds: Array, where: str, dataset: Dataset) -> Array:
    import numpy as np

    if (np.ma.getdata(nanoseconds) % dataset.nanoseconds).any():
        observed = "a timestamp with a fraction of it"
        raise Judged(Finding(where, f"timestamps in whole {dataset.unit}", observed, "data.time_unit"))
    result: Array = nanoseconds // dataset.nanoseconds
    return result
