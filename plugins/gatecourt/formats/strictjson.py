"""JSON read strictly: UTF-8, no NaN or infinity, no duplicate keys, nothing behind the document.

What a document may cost is known before it is parsed: its size, the length of a line and its nesting have limits.

Every problem is one ``Judged`` with the line (JSON text) at which it lies.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json
from gatecourt.formats.files import open_regular
from gatecourt.formats.json_location import refused_at
from gatecourt.formats.limits import DEEPEST, LARGEST, too_deep


class _Refused(ValueError):
    """Raised inside the parser's hooks, which know the problem but not its place."""

    def __init__(self, rule: str, expected: str, observed: str) -> None:
        super().__init__(observed)
        self.rule, self.expected, self.observed = rule, expected, observed


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]  # add() is None
        raise _Refused("json.duplicate_key", "each key once in an object", f"key {twice!r} more than once")
    return found


def _constant(word: str) -> NoReturn:
    raise _Refused("json.not_finite", "a finite number", word)


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _Refused("json.not_finite", "a number within double precision", text)
    return value


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_float=_float)


def parse(data: bytes, name: str, line: int | None = None) -> Json:
    """The document in ``data``; ``name`` and ``line`` (for a JSONL record) say where it came from.

    Raises ``Judged`` with rule ``json.encoding``, ``json.syntax``, ``json.duplicate_key``, ``json.not_finite`` (these
    two with the pointer) or ``json.depth``.
    """

    def refuse(rule: str, expected: str, observed: str, at: int | None = None) -> NoReturn:
        place = line if line is not None else at
        raise Judged(Finding(name if place is None else f"{name}:{place}", expected, observed, rule))

    text = _text(data, refuse)
    if too_deep(data):
        refuse("json.depth", f"at most {DEEPEST} levels of nesting", "a deeper one")
    try:
        return _DECODER.decode(text)  # type: ignore[no-any-return]  # a JSON document by construction
    except _Refused as error:
        place = name if line is None else f"{name}:{line}"
        raise Judged(Finding(f"{place}#{refused_at(text)}", error.expected, error.observed, error.rule)) from error
    except json.JSONDecodeError as error:
        observed = f"{error.msg.removesuffix(' at')} (column {error.colno})" if text.strip() else "an empty document"
        refuse("json.syntax", "one JSON document", observed, error.lineno)
    except RecursionError:
        refuse("json.depth", f"at most {DEEPEST} levels of nesting", "a deeper one")
    except ValueError as error:  # int() refuses numbers of more than 4300 digits
        refuse("json.syntax", "a number of readable length", str(error).split(";")[0])


def _text(data: bytes, refuse: Callable[..., NoReturn]) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        refuse("json.encoding", "UTF-8", f"byte 0x{data[error.start]:02x} at offset {error.start}")
    if text.startswith("\ufeff"):
        refuse("json.encoding", "UTF-8 without a byte order mark", "a byte order mark", 1)
    return text


def read(path: Path, name: str) -> Json:
    """The document in the file ``path``, called ``name`` in findings. Raises ``Judged`` as ``parse`` does,
    with rule ``artefact.unreadable`` where the file cannot be read."""
    return parse(read_bytes(path, name), name)


def read_bytes(path: Path, name: str) -> bytes:
    """The bytes of an artefact. Raises ``Judged`` with rule ``artefact.unreadable``."""
    try:
        with open_regular(path) as stream:
            data = stream.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Judged(Finding(name, "a readable file", reason, "artefact.unreadable")) from error
    if len(data) > LARGEST:
        raise Judged(Finding(name, f"at most {LARGEST} bytes in one document", "more", "artefact.unreadable"))
    return data
