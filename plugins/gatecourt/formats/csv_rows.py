"""CSV files read strictly: UTF-8, a header of distinct names, and in every row as many cells as names."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.strictjson import read_bytes

if TYPE_CHECKING:
    from _csv import Reader

CsvRow = tuple[int, list[str]]
"""The line, from 1, at which a row begins, and its cells."""


@dataclass(frozen=True, slots=True)
class CsvCodes:
    """The reason codes of a gate that reads CSV: for what is no CSV, a header that is none, a row of another length."""

    syntax: str
    header: str
    cells: str


def csv_rows(path: Path, name: str, codes: CsvCodes) -> Iterator[CsvRow | Finding]:
    """The header, then every row, or the finding that says why there is none. A cell may contain line breaks.

    Findings have the three codes or ``artefact.unreadable``. Behind any but a row of another length nothing is read.
    """
    try:
        text = io.StringIO(read_bytes(path, name).decode("utf-8"), newline="")
    except Judged as judged:
        yield judged.finding
    except UnicodeDecodeError as error:
        observed = f"byte 0x{error.object[error.start]:02x} at offset {error.start}"
        yield Finding(name, "UTF-8", observed, codes.syntax)
    else:
        yield from _rows(csv.reader(text, strict=True), name, codes)


def _rows(reader: Reader, name: str, codes: CsvCodes) -> Iterator[CsvRow | Finding]:
    try:
        header = next(reader, [])
        if not header or len(set(header)) != len(header) or header[0].startswith("\ufeff"):
            yield Finding(f"{name}:1", "a header of distinct names", excerpt(header), codes.header)
            return
        yield 1, header
        line = reader.line_num + 1
        for cells in reader:
            if len(cells) == len(header):
                yield line, cells
            else:
                yield Finding(f"{name}:{line}", f"{len(header)} cells", f"{len(cells)} cells", codes.cells)
            line = reader.line_num + 1
    except csv.Error as error:
        yield Finding(f"{name}:{reader.line_num}", "a CSV record", str(error), codes.syntax)
