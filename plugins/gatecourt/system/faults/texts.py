"""Edits of a file as text, as lines or as bytes: pure functions from the content before to the content after.

Text that is not UTF-8 passes through unharmed; line endings stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable

from gatecourt.core.errors import FaultError
from gatecourt.system.faults.choice import choose_lines, choose_places, split_lines
from gatecourt.system.faults.section import Edit


def decode(data: bytes) -> str:
    """Bytes as text; what is not UTF-8 survives the way back through ``encode``."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """The inverse of ``decode``."""
    return text.encode("utf-8", "surrogateescape")


def replace_text(edit: Edit, data: bytes) -> bytes:
    """``find`` becomes ``replace`` at the chosen places."""
    text, size = decode(data), len(edit.find or "")
    for place in reversed(choose_places(edit, text)):
        text = f"{text[:place]}{edit.replace}{text[place + size :]}"
    return encode(text)


def truncate(edit: Edit, data: bytes) -> bytes:
    """The first ``bytes`` bytes, or all but the last ``-bytes``."""
    wanted = edit.bytes or 0
    if abs(wanted) > len(data):
        raise FaultError(f"the file has {len(data)} bytes, fewer than {abs(wanted)}")
    return data[:wanted]


def append_text(edit: Edit, data: bytes) -> bytes:
    """``text`` behind the last byte."""
    return data + encode(edit.text or "")


def write_text(edit: Edit, _: bytes) -> bytes:
    """``text`` as the whole content."""
    return encode(edit.text or "")


def write_bytes(edit: Edit, _: bytes) -> bytes:
    """``hex`` as the whole content."""
    return bytes.fromhex(edit.hex or "")


def drop_lines(edit: Edit, data: bytes) -> bytes:
    """The file without the chosen lines."""
    lines = split_lines(decode(data))
    gone = set(choose_lines(edit, lines))
    return encode("".join(line for index, line in enumerate(lines) if index not in gone))


def duplicate_lines(edit: Edit, data: bytes) -> bytes:
    """A range of ``lines`` once more, as a block behind itself; each line found by ``matching`` behind itself."""

    def doubled(lines: list[str]) -> list[str]:
        chosen = choose_lines(edit, lines)
        blocks = [chosen] if edit.lines is not None else [[index] for index in chosen]
        for block in reversed(blocks):
            lines[block[-1] + 1 : block[-1] + 1] = [lines[index] for index in block]
        return lines

    return _moved(data, doubled)


def swap_lines(edit: Edit, data: bytes) -> bytes:
    """One chosen line changes places with the next one; of several the first with the last."""

    def swapped(lines: list[str]) -> list[str]:
        chosen = choose_lines(edit, lines)
        first, last = chosen[0], chosen[-1] if len(chosen) > 1 else chosen[0] + 1
        if last >= len(lines):
            raise FaultError(f"line {first + 1} is the last one, it has no next line to change places with")
        lines[first], lines[last] = lines[last], lines[first]
        return lines

    return _moved(data, swapped)


def _moved(data: bytes, move: Callable[[list[str]], list[str]]) -> bytes:
    """Moves lines. An unfinished last line counts as finished meanwhile, so that no two lines join."""
    lines = split_lines(decode(data))
    unfinished = bool(lines) and not lines[-1].endswith("\n")
    if unfinished:
        lines[-1] += "\n"
    text = "".join(move(lines))
    return encode(text.removesuffix("\n") if unfinished else text)
