"""A place in a source file that reads entropy, and how its position is counted."""

from __future__ import annotations

from dataclasses import dataclass, field

_SNIPPET = 120


@dataclass(frozen=True, slots=True, order=True)
class SourceUse:
    """One use. ``line`` and ``column`` count from 1, columns in characters.

    ``call`` is the full name (``time.time``, ``new Date``, ``crypto.randomBytes``), ``how`` is ``call``,
    ``property`` (a value such as ``process.pid``) or ``reference``: the function is handed on, to be called elsewhere.
    """

    name: str
    line: int
    column: int
    call: str
    how: str
    snippet: str

    @property
    def where(self) -> str:
        """``path:LINE``."""
        return f"{self.name}:{self.line}"


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """A use before it knows its file: line from 1, offset in bytes from the start of the line."""

    line: int
    offset: int
    call: str
    how: str


class Unparsed(Exception):
    """A source file that its grammar does not accept: the line (None if unknown) and the reason."""

    def __init__(self, line: int | None, reason: str) -> None:
        super().__init__(reason)
        self.line, self.reason = line, reason


@dataclass(slots=True)
class Reading:
    """The spots of one file, its lines in UTF-8, and the places that could not be parsed."""

    spots: set[Spot] = field(default_factory=set)
    lines: list[bytes] = field(default_factory=list)
    errors: list[Unparsed] = field(default_factory=list)


def located(name: str, spots: set[Spot], lines: list[bytes]) -> list[SourceUse]:
    """The uses of one file, in order of place."""
    return [_use(name, spot, lines[spot.line - 1]) for spot in sorted(spots)]


def _use(name: str, spot: Spot, line: bytes) -> SourceUse:
    column = len(line[: spot.offset].decode("utf-8", "replace")) + 1
    snippet = line.decode("utf-8", "replace").strip()[:_SNIPPET]
    return SourceUse(name, spot.line, column, spot.call, spot.how, snippet)
