"""Documents of a promotion read strictly, and values taken out of them with the place where each one stands."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Subject
from gatecourt.core.protocols import Target
from gatecourt.formats import pointer
from gatecourt.formats.decimals import number, read
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.finding_groups import bounded
from gatecourt.formats.sources import Source, gather, run_behind
from gatecourt.rules.promotion.documents import Document

_SHOWN = 100
MISSING, VALUE = "promotion.missing", "promotion.value"


@contextlib.contextmanager
def noted(told: list[Finding]) -> Iterator[None]:
    """Ends the block at the first value that is not there, and keeps the finding."""
    try:
        yield
    except Judged as judged:
        told.append(judged.finding)


@dataclass(frozen=True, slots=True)
class Node:
    """A value, the file in which it stands (with its line, in JSONL), and the pointer there."""

    file: str
    at: str
    value: Any

    @property
    def where(self) -> str:
        """The place as findings name it."""
        return f"{self.file}#{self.at}" if self.at else self.file

    def has(self, place: str) -> bool:
        """Whether anything but null stands at the pointer."""
        try:
            return pointer.get(self.value, place) is not None
        except KeyError:
            return False

    def node(self, place: str, expected: str = "a value") -> Node:
        """What stands at the pointer. Raises ``Judged`` (``promotion.missing``), for null too."""
        where = f"{self.file}#{self.at}{place}"
        try:
            value: Any = pointer.get(self.value, place)
        except KeyError:
            raise Judged(Finding(where, expected, "absent", MISSING)) from None
        if value is None:
            raise Judged(Finding(where, expected, "null", MISSING))
        return Node(self.file, self.at + place, value)

    def number(self, place: str) -> Decimal:
        """The finite number at the pointer. Raises ``Judged`` (``promotion.missing``, ``.value``)."""
        found = self.node(place, "a finite number")
        exact = number(found.value)
        if exact is None:
            raise found.refused("a finite number")
        return exact

    def amount(self, place: str) -> Decimal:
        """The number at the pointer, which is at least 0."""
        found = self.number(place)
        if found < 0:
            raise self.node(place).refused("a number of at least 0")
        return found

    def share(self, place: str) -> Decimal:
        """The number at the pointer, which lies between 0 and 1."""
        found = self.number(place)
        if not 0 <= found <= 1:
            raise self.node(place).refused("a number from 0 to 1")
        return found

    def count(self, place: str) -> int:
        """The whole number at the pointer, which is at least 0."""
        found = self.amount(place)
        if found != found.to_integral_value():
            raise self.node(place).refused("a whole number of at least 0")
        return int(found)

    def text(self, place: str) -> str:
        """The text at the pointer, which is not blank."""
        found = self.node(place, "a text")
        if not isinstance(found.value, str) or not found.value.strip():
            raise found.refused("a text")
        return found.value

    def truth(self, place: str) -> bool:
        """True or false at the pointer."""
        found = self.node(place, "true or false")
        if not isinstance(found.value, bool):
            raise found.refused("true or false")
        return found.value

    def items(self, place: str = "") -> list[Node]:
        """The members of the list at the pointer."""
        found = self.node(place, "a list")
        if not isinstance(found.value, list):
            raise found.refused("a list")
        return [Node(self.file, f"{found.at}/{index}", item) for index, item in enumerate(found.value)]

    def members(self, place: str = "") -> dict[str, Node]:
        """The members of the object at the pointer, by key in sorted order."""
        found = self.node(place, "an object")
        if not isinstance(found.value, dict):
            raise found.refused("an object")
        keys = sorted(found.value)
        return {key: Node(self.file, found.at + pointer.join((key,)), found.value[key]) for key in keys}

    def refused(self, expected: str) -> Judged:
        """The error that something else than what is expected stands here (``promotion.value``)."""
        return Judged(Finding(self.where, expected, excerpt(plain(self.value)), VALUE))


def plain(value: Any) -> Any:
    """A value with its decimals as text, for people."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def word(value: object) -> str:
    """A value as the judged system writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else excerpt(plain(value))


def contradiction(said: Node, expected: str) -> Finding:
    """The finding that a system says something else of itself than its numbers do."""
    return Finding(said.where, expected, word(said.value), "promotion.contradiction")


@dataclass
class Inquiry:
    """What one check has read and found so far."""

    target: Target
    subjects: dict[Subject, None] = field(default_factory=dict)
    told: list[Finding] = field(default_factory=list)
    parameters: dict[str, Json] = field(default_factory=dict)

    def sources(self, document: Document) -> tuple[Source, ...]:
        """The files that the document names, as subjects of this check."""
        run = run_behind(document.origin, document.of, self.target)
        found = gather((document.file,), document.origin, run, self.target.root)
        self.subjects.update(dict.fromkeys(source.subject for source in found))
        return found

    def source(self, document: Document) -> Source:
        """The one file that the document names. Raises ``Judged`` (``artefact.none``, ``promotion.several``)."""
        found = self.sources(document)
        if not found:
            raise Judged(Finding(document.file, "one file", "none", "artefact.none"))
        if len(found) > 1:
            observed = ", ".join(source.name for source in found[:5])
            raise Judged(Finding(document.file, "one file", f"{len(found)}: {observed}", "promotion.several"))
        return found[0]

    def node(self, document: Document) -> Node:
        """What stands at the document's place."""
        source = self.source(document)
        whole = Node(source.name, "", read(source.path, source.name))
        return whole.node(document.pointer) if document.pointer else whole

    def judgement(self) -> Judgement:
        """All of it, for the record."""
        return Judgement(tuple(self.subjects), tuple(bounded(dict.fromkeys(self.told), _SHOWN)), self.parameters)
