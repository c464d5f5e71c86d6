"""Exemptions: uses of a clock or a random source that are allowed, each with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Generic, Protocol, TypeVar

from gatecourt.core.model import Finding
from gatecourt.formats.patterns import select


@dataclass(frozen=True, slots=True)
class SourceExemption:
    """One entry of the manifest: these calls, in these files, for this reason."""

    files: str = field(metadata={"doc": "pattern of the files: * within a folder, ** across folders"})
    call: str = field(metadata={"doc": 'the call as findings name it ("time.time"); * matches any characters'})
    reason: str = field(metadata={"doc": "why the outputs do not depend on it"})
    line: str | None = field(default=None, metadata={"doc": "text that the line holds in its first 120 characters"})

    def __post_init__(self) -> None:
        for name in ("files", "call", "reason"):
            if not getattr(self, name).strip():
                raise ValueError(f"an exemption needs its {name}")

    def covers(self, use: Use) -> bool:
        """Whether the exemption is for ``use``."""
        return (
            fnmatchcase(use.call, self.call)
            and (self.line is None or self.line in use.snippet)
            and bool(select([use.name], [self.files]))
        )


class Use(Protocol):
    """A place in the target's code: found by the scan, or recorded by the trap."""

    @property
    def name(self) -> str:
        """The file, relative to the target's root."""

    @property
    def where(self) -> str:
        """``path:LINE``."""

    @property
    def call(self) -> str:
        """What is called or read, by its full name."""

    @property
    def snippet(self) -> str:
        """The line's text, stripped."""


U = TypeVar("U", bound=Use)


@dataclass(frozen=True, slots=True)
class Honoured:
    """A use that an exemption allows, with its reason. Every one is listed in the evidence."""

    where: str
    call: str
    snippet: str
    reason: str


@dataclass(frozen=True, slots=True)
class Excused(Generic[U]):
    """The uses that no exemption covers, those that one does, and the exemptions that cover nothing."""

    left: tuple[U, ...]
    honoured: tuple[Honoured, ...]
    unused: tuple[SourceExemption, ...]


def honour(uses: Iterable[U], exemptions: Sequence[SourceExemption]) -> Excused[U]:
    """Divide ``uses`` by the exemptions; the first that covers a use gives the reason."""
    left: list[U] = []
    honoured: list[Honoured] = []
    needed: set[int] = set()
    for use in uses:
        covering = [number for number, exemption in enumerate(exemptions) if exemption.covers(use)]
        needed.update(covering)
        if covering:
            honoured.append(Honoured(use.where, use.call, use.snippet, exemptions[covering[0]].reason))
        else:
            left.append(use)
    unused = tuple(exemption for number, exemption in enumerate(exemptions) if number not in needed)
    return Excused(tuple(left), tuple(honoured), unused)


def stale(exemption: SourceExemption) -> Finding:
    """The finding for an exemption that covers nothing (``source.exemption_unused``)."""
    place = f"{exemption.call} on a line with {exemption.line!r}" if exemption.line else exemption.call
    return Finding(exemption.files, f"a use of {place}, as exempted", "none", "source.exemption_unused")
