"""Documents of a promotion, read strictly into values that know the place where each one stands."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Subject
from gatecourt.core.protocols import Target
from gatecourt.formats.decimals import read
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import Source, gather, run_behind
from gatecourt.formats.finding_groups import bounded
from gatecourt.formats.json_value import JsonValue, without_decimals
from gatecourt.rules.promotion.documents import Document

_SHOWN = 100


@contextlib.contextmanager
def noted(told: list[Finding]) -> Iterator[None]:
    """Ends the block at the first value that is not there, and keeps the finding."""
    try:
        yield
    except Judged as judged:
        told.append(judged.finding)


def value_of(document: Any, file: str) -> JsonValue:
    """A whole document, whose values are judged under ``promotion.missing`` and ``promotion.value``."""
    return JsonValue.of(document, file, missing="promotion.missing", wrong="promotion.value")


def word(value: object) -> str:
    """A value as the judged system writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else excerpt(without_decimals(value))


def contradiction(said: JsonValue, expected: str) -> Finding:
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

    def node(self, document: Document) -> JsonValue:
        """What stands at the document's place."""
        source = self.source(document)
        whole = value_of(read(source.path, source.name), source.name)
        return whole.node(document.pointer) if document.pointer else whole

    def judgement(self) -> Judgement:
        """All of it, for the record."""
        return Judgement(tuple(self.subjects), tuple(bounded(dict.fromkeys(self.told), _SHOWN)), self.parameters)
