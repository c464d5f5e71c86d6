"""Lines of a log as rows: JSON objects, or the cells of CSV by one grammar. Line by line, so that a log may grow."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.formats import jsonl
from gatecourt.formats.excerpt import excerpt
from gatecourt.rules.telemetry.row_pointer import pointer_of

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)
_LARGE = float(2**63)
_NEWLINES = re.compile(rb"[\r\n]+\Z")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the log's name, its line from 1, its values by key, and the bytes that it was read from."""

    name: str
    line: int
    value: dict[str, Any]
    data: bytes

    def at(self, metric: str) -> str:
        """The place of a key or pointer of the row, ``path:LINE#/pointer``."""
        return f"{self.name}:{self.line}#{pointer_of(metric)}"

    @property
    def where(self) -> str:
        """The place of the row, ``path:LINE``."""
        return f"{self.name}:{self.line}"


Header = Literal["header", "header again"]
"""A line that names the columns; again where it stands between rows, as an appended second run leaves it."""


class JsonLines:
    """Reads one JSON object a line."""

    def __init__(self, name: str) -> None:
        self._name = name

    def read(self, line: int, data: bytes) -> Row | Finding | Header:
        """The row of a line with its newline, or why it is none."""
        if finding := _incomplete(self._name, line, data):
            return finding
        if (flat := flat_object(data)) is not None:
            return Row(self._name, line, flat, data)
        try:
            value = jsonl.parse(data, self._name, line)
        except Judged as judged:
            return judged.finding
        if not isinstance(value, dict):
            return Finding(f"{self._name}:{line}", "a JSON object", excerpt(value), "telemetry.not_an_object")
        return Row(self._name, line, value, data)


def flat_object(data: bytes) -> dict[str, Any] | None:
    """The object in ``data`` exactly as the strict reader gives it; None where that one has to look.

    A flat object has one key more than commas between them. Commas within texts only add to the count, and a key that
    stands there twice takes from the keys: where both numbers agree, no key is doubled.
    """
    if data.count(b"{") != 1 or b"[" in data:
        return None
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    if type(value) is not dict or len(value) != data.count(b",") + 1:
        return None
    # Of an integer beyond 64 bits this reader makes a double, the strict one an integer.
    rounded = any(type(one) is float and not -_LARGE < one < _LARGE for one in value.values())
    return None if rounded else value


class CsvLines:
    """Reads one row a line below a header, with a comma between cells and double quotes around odd ones."""

    def __init__(self, name: str, texts: Iterable[str]) -> None:
        self._name = name
        self._texts = frozenset(texts)
        self._header: list[str] | None = None

    def read(self, line: int, data: bytes) -> Row | Finding | Header:
        """The row of a line with its newline, or why it is none."""
        if finding := _incomplete(self._name, line, data):
            return finding
        where = f"{self._name}:{line}"
        try:
            cells = next(csv.reader([_NEWLINES.sub(b"", data).decode("utf-8")], strict=True))
        except UnicodeDecodeError as error:
            observed = f"byte 0x{data[error.start]:02x} at offset {error.start}"
            return Finding(where, "UTF-8", observed, "telemetry.csv_syntax")
        except csv.Error as error:
            return Finding(where, "cells of one line", str(error), "telemetry.csv_syntax")
        if self._header is None:
            return self._first(cells, where)
        if cells == self._header:
            return "header again"
        if len(cells) != len(self._header):
            expected = f"{len(self._header)} cells, as in the header"
            return Finding(where, expected, f"{len(cells)} cells", "telemetry.csv_cells")
        return self._row(line, cells, data)

    def _first(self, cells: list[str], where: str) -> Finding | Header:
        if "" in cells or len(set(cells)) != len(cells) or cells[0].startswith("\ufeff"):
            return Finding(where, "a header of different names", excerpt(cells), "telemetry.csv_header")
        self._header = cells
        return "header"

    def _row(self, line: int, cells: list[str], data: bytes) -> Row | Finding:
        assert self._header is not None
        value: dict[str, Any] = {}
        for key, cell in zip(self._header, cells, strict=True):
            if cell == "":
                continue
            if key in self._texts:
                value[key] = cell
                continue
            value[key] = read = _cell(cell)
            if read is None:
                where = f"{self._name}:{line}#{pointer_of(key)}"
                return Finding(where, "a finite number", cell, "json.not_finite")
        return Row(self._name, line, value, data)


def _cell(text: str) -> bool | int | float | str | None:
    """The value of a cell that is not empty; None for a number that is not finite."""
    if text in ("true", "false"):
        return text == "true"
    if number := _NUMBER.fullmatch(text):
        if number[1] is None and number[2] is None and len(text) < 300:
            return int(text)
        value = float(text)
        return None if value in (float("inf"), float("-inf")) else value
    return None if _NOT_FINITE.fullmatch(text) else text


def _incomplete(name: str, line: int, data: bytes) -> Finding | None:
    if len(data) >= jsonl.LONGEST_LINE:
        expected = f"less than {jsonl.LONGEST_LINE} bytes"
        return Finding(f"{name}:{line}", expected, "a longer line", "jsonl.line_too_long")
    if not data.endswith(b"\n"):
        return Finding(f"{name}:{line}", "a line ended by a newline", "end of file", "jsonl.truncated")
    if not data.strip():
        return Finding(f"{name}:{line}", "a row", "a blank line", "telemetry.blank_line")
    return None
