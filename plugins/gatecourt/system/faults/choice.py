"""Which lines, or which places of a text, an edit means. Lines end at a line feed alone, as JSONL has it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

from gatecourt.core.errors import FaultError
from gatecourt.formats.bounded_regex import PatternTooSlow, in_time
from gatecourt.system.faults.section import Edit

T = TypeVar("T")


def split_lines(text: str) -> list[str]:
    """The lines with their line feeds; the last one may lack it."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def choose_places(edit: Edit, text: str) -> list[int]:
    """Offsets in ``text`` at which ``edit.find`` stands and is meant. Raises ``FaultError``."""
    find = edit.find or ""
    return _pick(edit, [found.start() for found in re.finditer(re.escape(find), text)], f"text {find!r}")


def choose_lines(edit: Edit, lines: Sequence[str]) -> list[int]:
    """Indices from 0 of the lines that the edit means, rising. Raises ``FaultError``."""
    if edit.lines is not None:
        return _range(edit.lines, len(lines))
    pattern = re.compile(edit.matching or "")
    try:
        hits = in_time(lambda: [at for at, line in enumerate(lines) if pattern.search(line.removesuffix("\n"))])
    except PatternTooSlow as error:
        raise FaultError(f"the expression {pattern.pattern!r} takes too long on {len(lines)} lines") from error
    return _pick(edit, hits, f"line matching {pattern.pattern!r}")


def _range(written: str, size: int) -> list[int]:
    ends = [size if end == "last" else int(end) for end in written.split("-")]
    if not 1 <= ends[0] <= ends[-1] <= size:
        raise FaultError(f"lines {written!r} are out of range: the file has {size}")
    return list(range(ends[0] - 1, ends[-1]))


def _pick(edit: Edit, found: list[T], what: str) -> list[T]:
    if not found:
        raise FaultError(f"{what} not found")
    if edit.every:
        return found
    if edit.occurrence is None:
        return _counted(found, edit.count or 1, what)
    if abs(edit.occurrence) > len(found):
        raise FaultError(f"{what} found {_times(len(found))}, occurrence {edit.occurrence} does not exist")
    return [found[edit.occurrence - (edit.occurrence > 0)]]


def _counted(found: list[T], expected: int, what: str) -> list[T]:
    if len(found) != expected:
        raise FaultError(f"{what} found {_times(len(found))}, expected {expected}")
    return found


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
