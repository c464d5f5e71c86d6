"""The TOML document in a file: what cannot be read is one error with its line, its column and how to correct it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from gatecourt.core.errors import ManifestError
from gatecourt.formats.files import open_regular

DEEPEST = 64
"""Levels of nesting that a document may have."""
_CORRECTIONS = (
    (r"Cannot |Duplicate ", "a key or table stands only once: merge the two, or remove one"),
    (r"Invalid date", "a date is written 2026-01-31"),
    (r"Invalid value|Expected newline", "text, and numbers with a unit, stand in quotes; one key = value a line"),
    (r"Expected '|Invalid (statement|initial)", "write key = value, or a [table] header, on its own line"),
    (r"Unclosed", "close the bracket"),
    (r"Unterminated|Illegal character '\\n'", "close the quotes on the same line"),
    (r"Unescaped|Invalid hex|Escaped", "double the backslash, or use single quotes"),
)


def parse_toml(path: Path) -> tuple[dict[str, Any], bytes]:
    """The document in the file ``path``, and the very bytes it was read from. Raises ``ManifestError``."""
    try:
        with open_regular(path) as stream:
            data = stream.read()
    except FileNotFoundError:
        raise _refused(path, "expected a manifest, found no such file; check the path, or write one there") from None
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        found = f"found one that cannot be read ({reason})"
        raise _refused(path, f"expected a readable file, {found}; check its kind and permissions") from error
    return _parsed(_decoded(data, path), path), data


def _decoded(data: bytes, path: Path) -> str:
    if data.startswith(b"\xef\xbb\xbf"):
        raise _refused(path, "line 1, column 1: expected UTF-8, found a byte order mark; save the file without it")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = _end(data[: error.start].decode("utf-8"))
        found = f"expected UTF-8, found byte 0x{data[error.start]:02x}"
        raise _refused(path, f"line {line}, column {column}: {found}; save the file as UTF-8") from error


def _parsed(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _refused(path, _syntax(str(error), text)) from error
    except RecursionError as error:
        raise _refused(path, f"expected at most {DEEPEST} levels of nesting, found more; flatten the value") from error
    except ValueError as error:  # int() refuses more than 4300 digits, and tomllib lets that through
        raise _refused(path, "expected integers of at most 64 bits, found one of thousands of digits") from error


def _syntax(message: str, text: str) -> str:
    """What tomllib said, with the place in front and how to correct it behind."""
    matched = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", message, re.DOTALL)
    said, line, column = matched.groups() if matched else (message, None, None)
    place = (line, column) if line else _end(text)
    advice = next((known for pattern, known in _CORRECTIONS if re.match(pattern, said)), "see https://toml.io")
    return f"line {place[0]}, column {place[1]}: expected TOML, found a syntax error ({said}); {advice}"


def _end(text: str) -> tuple[int, int]:
    """The line and column behind the last character, both from 1."""
    return text.count("\n") + 1, len(text) - text.rfind("\n")


def _refused(path: Path, problem: str) -> ManifestError:
    return ManifestError(path.as_posix(), [problem])
