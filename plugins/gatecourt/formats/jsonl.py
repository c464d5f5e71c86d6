"""JSON Lines: every line of a file to its value, or to the finding that says why it has none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json
from gatecourt.formats import strictjson
from gatecourt.formats.files import open_regular
from gatecourt.formats.limits import LONGEST_LINE as LONGEST_LINE  # read through this module, where tests lower it

BLOCK = 1024 * 1024
"""Bytes that are read at once."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class JsonlRecord:
    """One line of a JSONL file: its number from 1, and its value."""

    line: int
    value: Json


def records(path: Path, name: str, *, surrogates: bool = True) -> Iterator[JsonlRecord | Finding]:
    """Every line of a JSONL file in order: a ``JsonlRecord``, or the ``Finding`` for a line that is none.

    The rules are those of ``parse_line``, or of ``parse`` if ``surrogates`` are not allowed.
    """
    return read_lines(path, name, _record if surrogates else _paired_record)


def read_lines(path: Path, name: str, read: Callable[[bytes, str, int], _T]) -> Iterator[_T | Finding]:
    """What ``read`` makes of each line, given with its newline, ``name`` and number from 1; or what it raised as
    ``Judged``.

    Of a line that is longer than ``LONGEST_LINE`` only the beginning is given. A file that cannot be read is a finding
    ``artefact.unreadable``.
    """
    try:
        with open_regular(path) as stream:
            for number, data in enumerate((line for block in blocks(stream) for line in lines(block)), 1):
                try:
                    found: _T | Finding = read(data, name, number)
                except Judged as judged:
                    found = judged.finding
                yield found
    except OSError as error:
        yield Finding(name, "a readable file", error.strerror or type(error).__name__, "artefact.unreadable")


def _record(data: bytes, name: str, line: int) -> JsonlRecord:
    return JsonlRecord(line, parse_line(data, name, line))


def _paired_record(data: bytes, name: str, line: int) -> JsonlRecord:
    return JsonlRecord(line, parse(data, name, line))


def blocks(stream: BinaryIO) -> Iterator[bytes]:
    """A log in pieces of about ``BLOCK`` bytes that end with a line; of a line that is too long only the beginning."""
    size = BLOCK // 8  # little is enough to learn from
    while block := stream.read(size):
        size = BLOCK
        if not block.endswith(b"\n"):
            block += stream.readline(LONGEST_LINE)
        yield block
        while not block.endswith(b"\n") and (block := stream.readline(LONGEST_LINE)):
            pass


def lines(block: bytes) -> Iterator[bytes]:
    """The lines of a block, newlines included; the last one of a log may lack it."""
    at = 0
    while at < len(block):
        end = block.find(b"\n", at) + 1 or len(block)
        yield block[at:end]
        at = end


def parse_line(data: bytes, name: str, line: int) -> Json:
    """The value on line ``line``, given with its newline.

    Raises ``Judged`` with a rule of ``strictjson.parse``, ``jsonl.truncated`` or ``jsonl.line_too_long``.
    A carriage return before the newline is white space to JSON and thus allowed.
    """
    if len(data) >= LONGEST_LINE:
        raise Judged(_finding(name, line, f"less than {LONGEST_LINE} bytes", "a longer line", "jsonl.line_too_long"))
    if not data.endswith(b"\n"):
        raise Judged(_finding(name, line, "a line ended by a newline", "end of file", "jsonl.truncated"))
    return strictjson.parse(data[:-1], name, line)


def parse(data: bytes, name: str, line: int) -> Json:
    """As ``parse_line``; a lone surrogate, which is no Unicode text, is ``json.encoding``."""
    value = parse_line(data, name, line)
    if b"\\u" in data and _has_lone_surrogate(value):
        raise Judged(_finding(name, line, "surrogates in pairs", "a lone surrogate", "json.encoding"))
    return value


def _finding(name: str, line: int, expected: str, observed: str, rule: str) -> Finding:
    return Finding(f"{name}:{line}", expected, observed, rule)


def _has_lone_surrogate(value: Json) -> bool:
    waiting: list[Json] = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            if any("\ud800" <= letter <= "\udfff" for letter in part):
                return True
        elif isinstance(part, dict):
            waiting.extend(part)
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)
    return False
