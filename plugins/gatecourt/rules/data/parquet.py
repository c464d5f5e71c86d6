"""The columns of a Parquet file as numpy arrays; decimals as their text, timestamps as whole numbers of the unit."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.formats.files import Source
from gatecourt.formats.pointer import join
from gatecourt.formats.sql_names import first_line, identifier
from gatecourt.rules.data.section import Dataset

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

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

    with tempfile.TemporaryDirectory() as folder, duckdb.connect(config={"threads": 1}) as connection:
        # Under a name without the characters that the engine takes for a pattern.
        link = Path(folder, "bars.parquet")
        link.symlink_to(source.path.absolute())
        try:
            return _read(connection, link, source.name, dataset)
        except duckdb.Error as error:
            reason = first_line(error).replace(str(link), source.name)
            raise Judged(Finding(source.name, "a readable Parquet file", reason, "data.parquet")) from error


def _read(connection: DuckDBPyConnection, link: Path, name: str, dataset: Dataset) -> Columns:
    relation = connection.read_parquet(str(link), hive_partitioning=False)
    kinds = {column: str(kind) for column, kind in zip(relation.columns, relation.types, strict=True)}
    fields = dataset.fields
    wanted = (fields.time, *fields.prices, *fields.amounts)
    for column in wanted:
        if column not in kinds:
            found = ", ".join(relation.columns)
            raise Judged(Finding(f"{name}#{join((column,))}", "a column of this name", found, "data.field_missing"))
    texts = frozenset(column for column in wanted if kinds[column].startswith(_AS_TEXT))
    chosen = [_expression(column, kinds[column], time=column == fields.time) for column in wanted]
    arrays = relation.project(", ".join(chosen)).fetchnumpy()
    if kinds[fields.time].startswith("TIMESTAMP"):
        arrays[fields.time] = _in_units(arrays[fields.time], f"{name}#{join((fields.time,))}", dataset)
    return Columns(dict(arrays), texts if not dataset.decimal_text else texts | set(wanted))


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
