"""The result of a comparison: the first divergence of a file, and what was allowed to differ before it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from gatecourt.core.model import Finding, Json
from gatecourt.rules.determinism.section import Mask

Why = Literal[
    "value", "type", "missing key", "extra key", "length", "missing file", "extra file", "tail", "bytes"
]  # fmt: skip
_SHOWN = 200
_BEFORE = 60


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first place where two runs' files differ.

    ``record`` is a line from 1 (text, JSONL), ``column`` a byte in it from 1, ``offset`` a byte of a binary file from
    0. ``left`` and ``right`` are bounded texts of the values there, ``last_equal`` is the place of the last equal
    record or value ("" if there was none) and ``last_equal_text`` its bounded text. ``records`` are the two values
    around the place, small enough to be looked at in detail, masked places blanked.
    """

    file: str
    why: Why
    left: str
    right: str
    record: int | None = None
    pointer: str | None = None
    column: int | None = None
    offset: int | None = None
    last_equal: str = ""
    last_equal_text: str = ""
    records: tuple[Json, Json] | None = field(default=None, compare=False, repr=False)

    @property
    def where(self) -> str:
        """The place in the grammar of findings."""
        return place(self.file, self.record, self.pointer)

    @property
    def spot(self) -> str:
        """What ``where`` does not hold: the column of a line, the offset in a binary file."""
        if self.offset is not None:
            return f"byte offset {self.offset}"
        return "" if self.column is None else f"column {self.column}"

    def finding(self, rule: str) -> Finding:
        """The divergence as a finding under ``rule``: the left side is what was expected."""
        remarks = ", ".join(part for part in (self.why, self.spot) if part and part != "value")
        observed = f"{self.right} ({remarks})" if remarks else self.right
        return Finding(self.where, f"{self.left}, as in the first run", observed, rule)


@dataclass(frozen=True, slots=True)
class MaskedDifference:
    """Two values that differ where a mask allows it."""

    where: str
    left: str
    right: str
    reason: str


@dataclass(frozen=True, slots=True)
class MaskUse:
    """How often a mask covered a value of one file, and how often the two values differed."""

    places: int
    differed: int


@dataclass(frozen=True, slots=True)
class FileComparison:
    """One file compared with the other.

    ``masked`` lists the masked differences in order, at most ``LISTED`` of them for a mask; ``uses`` counts all.
    ``tolerated`` counts numbers that differed within their tolerance, ``other_spelling`` is true where the values
    are equal though the bytes are not (key order, spacing, spelling of numbers). Counts end at a divergence.
    """

    name: str
    divergence: Divergence | None = None
    masked: tuple[MaskedDifference, ...] = ()
    uses: Mapping[Mask, MaskUse] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    tolerated: int = 0
    other_spelling: bool = False


def place(file: str, record: int | None = None, pointer: str | None = None) -> str:
    """``file``, ``file:LINE``, ``file#/pointer`` or ``file:LINE#/pointer``."""
    at = file if record is None else f"{file}:{record}"
    return f"{at}#{pointer}" if pointer else at


def bounded_text(value: Json, at: int = 0) -> str:
    """A bounded text of a value; of a long string the part around character ``at``."""
    if isinstance(value, dict):
        return f"object of {len(value)} keys"
    if isinstance(value, list):
        return f"array of {len(value)} items"
    if isinstance(value, str):
        return _window(value, at, '"')
    text = json.dumps(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def bounded_line(data: bytes, at: int = 0) -> str:
    """A bounded text of a line, around byte ``at``; bytes that are no UTF-8 are escaped."""
    start = max(0, at - _BEFORE)
    cut = data[start : start + 4 * _SHOWN].rstrip(b"\r\n").decode("utf-8", "backslashreplace")
    return ("…" if start else "") + cut[:_SHOWN] + ("…" if len(cut) > _SHOWN else "")


def _window(text: str, at: int, quote: str) -> str:
    start = max(0, at - _BEFORE) if len(text) > _SHOWN else 0
    cut = json.dumps(text[start : start + _SHOWN], ensure_ascii=False)[1:-1]
    printable = cut.encode("utf-8", "backslashreplace").decode()
    return ("…" if start else "") + quote + printable + quote + ("…" if start + _SHOWN < len(text) else "")
