"""Many findings, cut to a number that people read; a new kind of finding never hides behind a flood of a known one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gatecourt.core.model import Finding

_NUMBERED = re.compile(r"(?<=[/:])\d+(?=/|#|$)|(?<=row )[^#]+")
_MOST_KINDS = 50

Kind = tuple[str, str, str]


def kind_of(finding: Finding) -> Kind:
    """What makes two findings the same to a reader: rule, place without numbers and keys of rows, kind of value."""
    return finding.rule, _NUMBERED.sub("*", finding.where), _value_kind(finding.observed)


def _value_kind(observed: str) -> str:
    first = observed[:1]
    if first.isdigit() or (first in "+-." and observed[1:2].isdigit()):
        return "number"
    return {'"': "text", "{": "object", "[": "list"}.get(first, observed if observed in _WORDS else "words")


_WORDS = frozenset({"absent", "null", "true", "false"})


class FindingGroups:
    """Collects findings in memory that does not grow with their number.

    The first ``limit`` findings are kept as they are, and so is the first of each further kind (``kind_of``), up to 50
    kinds. The others are counted, and ``findings`` ends with one line a kind: how many more there were.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: list[Finding] = []
        self._kinds: set[Kind] = set()
        self._more: dict[Kind, tuple[int, Finding]] = {}

    def add(self, finding: Finding) -> bool:
        """Adds one finding; whether it is kept as it is."""
        kind = kind_of(finding)
        new = kind not in self._kinds and len(self._kept) < self._limit + _MOST_KINDS
        if len(self._kept) < self._limit or new:
            self._kept.append(finding)
            self._kinds.add(kind)
            return True
        counted = kind if kind in self._kinds else (finding.rule, "", "")
        number, first = self._more.get(counted, (0, finding))
        self._more[counted] = (number + 1, first)
        return False

    def extend(self, findings: Iterable[Finding]) -> None:
        """Adds findings."""
        for finding in findings:
            self.add(finding)

    def findings(self) -> tuple[Finding, ...]:
        """What was kept, then for each kind with more than that one finding with their number, at the first place."""
        more = (
            Finding(first.where, first.expected, f"{number} more of this kind, this the first: {first.observed}", rule)
            for (rule, _, _), (number, first) in self._more.items()
        )
        return (*self._kept, *more)


def bounded(findings: Iterable[Finding], limit: int) -> Iterator[Finding]:
    """The findings as ``FindingGroups`` keeps them, each as soon as it is known."""
    groups = FindingGroups(limit)
    kept = 0
    for finding in findings:
        if groups.add(finding):
            kept += 1
            yield finding
    yield from groups.findings()[kept:]
