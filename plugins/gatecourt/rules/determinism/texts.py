"""Two files compared as lines of text, or as bytes where they are no text."""

from __future__ import annotations

from pathlib import Path

from gatecourt.rules.determinism.outcome import Divergence, Why, bounded_line, place
from gatecourt.rules.determinism.rawbytes import (
    first_difference,
    first_differing_byte,
    is_text,
    line_at,
    line_before,
)

END = "end of file"
_LINE = 1 << 20


def compare(left: Path, right: Path, name: str) -> Divergence | None:
    """The first divergence of two files: line and column of text, the offset of anything else. Raises ``OSError``."""
    if is_text(left) and is_text(right):
        return compare_lines(left, right, name)
    offset = first_differing_byte(left, right)
    if offset is None:
        return None
    one, other = (_byte_at(path, offset) for path in (left, right))
    why: Why = "bytes" if one and other else "tail"
    before = f"{offset} bytes" if offset else ""
    return Divergence(name, why, _byte(one), _byte(other), offset=offset, last_equal=before)


def compare_lines(left: Path, right: Path, name: str) -> Divergence | None:
    """The first line that differs, with its column. Raises ``OSError``."""
    offset = first_differing_byte(left, right)
    if offset is None:
        return None
    number, start = line_at(left, offset)
    one, other = (_line_from(path, start) for path in (left, right))
    return line_divergence(name, number, one, other, line_before(left, start))


def line_divergence(name: str, number: int, left: bytes, right: bytes, before: bytes) -> Divergence:
    """Two different lines (b"" behind the end of a file) as a divergence of kind ``tail`` or ``bytes``."""
    at = first_difference(left, right) or 0
    cut = at == min(len(left), len(right)) and not (left.endswith(b"\n") and right.endswith(b"\n"))
    return Divergence(
        name,
        "tail" if cut else "bytes",
        _side(left, right, at),
        _side(right, left, at),
        record=number,
        column=at + 1,
        last_equal=place(name, number - 1) if number > 1 else "",
        last_equal_text=bounded_line(before),
    )


def _side(line: bytes, other: bytes, at: int) -> str:
    if not line:
        return END
    text = bounded_line(line, at)
    if line + b"\n" == other:
        return f"{text} without a newline"
    return text


def _line_from(path: Path, start: int) -> bytes:
    with path.open("rb") as stream:
        stream.seek(start)
        return stream.readline(_LINE)


def _byte_at(path: Path, offset: int) -> bytes:
    with path.open("rb") as stream:
        stream.seek(offset)
        return stream.read(1)


def _byte(data: bytes) -> str:
    return f"byte 0x{data.hex()}" if data else END
