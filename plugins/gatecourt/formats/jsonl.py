"""The lines of a log, each to its value, read strictly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json
from gatecourt.formats import strictjson
from gatecourt.formats.limits import LONGEST_LINE as LONGEST_LINE  # read through this module, where tests lower it

BLOCK = 1024 * 1024
"""Bytes that are read at once."""


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


def parse(data: bytes, name: str, line: int) -> Json:
    """The value on line ``line``, given with its newline.

    Raises ``Judged`` with a rule of ``strictjson.parse``, ``jsonl.truncated`` or ``jsonl.line_too_long``.
    A carriage return before the newline is white space to JSON and thus allowed; a lone surrogate is no Unicode text.
    """
    if len(data) >= LONGEST_LINE:
        raise Judged(_finding(name, line, f"less than {LONGEST_LINE} bytes", "a longer line", "jsonl.line_too_long"))
    if not data.endswith(b"\n"):
        raise Judged(_finding(name, line, "a line ended by a newline", "end of file", "jsonl.truncated"))
    value = strictjson.parse(data[:-1], name, line)
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
