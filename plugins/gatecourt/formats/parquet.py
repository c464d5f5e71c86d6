"""Parquet files read by the query engine, one at a time and under any name."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.formats.sql_names import first_line, literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class ParquetFile:
    """A file, called ``name`` in findings, that ``connection`` reads; ``code`` is the gate's for one that is damaged.

    If it is ``numbered``, its rows have a column ``file_row_number`` from 0 behind their own.
    """

    connection: DuckDBPyConnection
    link: Path
    name: str
    code: str
    numbered: bool

    @property
    def table(self) -> str:
        """The rows as SQL that can follow FROM."""
        number = ", file_row_number = true" if self.numbered else ""
        return f"read_parquet({literal(str(self.link))}, hive_partitioning = false{number})"

    def columns(self) -> dict[str, str]:
        """The SQL type of each of the file's own columns, in their order. Raises ``Judged`` (``code``)."""
        own = "* EXCLUDE (file_row_number)" if self.numbered else "*"
        with self._errors():
            described = self.connection.execute(f"DESCRIBE SELECT {own} FROM {self.table}").fetchall()  # noqa: S608 - the name is quoted by literal()
        return {column[0]: column[1] for column in described}

    def arrays(self, expressions: Sequence[str]) -> dict[str, Any]:
        """A numpy array for each SQL expression, by its name; masked where a value is null. Raises ``Judged``."""
        with self._errors():
            return dict(self.connection.execute(f"SELECT {', '.join(expressions)} FROM {self.table}").fetchnumpy())  # noqa: S608 - the caller quotes names by identifier()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        import duckdb

        try:
            yield
        except duckdb.Error as error:
            reason = first_line(error).replace(str(self.link), self.name)
            raise Judged(Finding(self.name, "a readable Parquet file", reason, self.code)) from error


@contextmanager
def parquet_file(
    connection: DuckDBPyConnection, path: Path, name: str, code: str, *, numbered: bool = False
) -> Iterator[ParquetFile]:
    """The file ``path``, read through a link since the engine takes some characters of names for a pattern."""
    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder, "rows.parquet")
        link.symlink_to(path.absolute())
        yield ParquetFile(connection, link, name, code, numbered)
