"""The result of one pass over a log: counts, places, and the findings of each aspect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gatecourt.core.model import Finding
from gatecourt.formats.finding_groups import FindingGroups

KEPT = 100
"""Findings of one aspect that are kept per log; of further ones the first of each kind is, the others are counted."""


@dataclass(frozen=True, slots=True)
class LogSummary:
    """One log after one pass.

    ``lines`` counts every line, ``events`` those that fit a dialect. ``counts`` maps (category, type, level) to a
    number of events; ``slow`` and ``surfaced`` hold the first places and the total number.
    """

    name: str
    lines: int
    events: int
    dialect: str | None
    run: str | None
    counts: Mapping[tuple[str | None, str, str | None], int]
    slow: Places
    surfaced: Mapping[str, Places]
    first_error: str | None
    findings: Mapping[str, tuple[Finding, ...]]

    def by_category(self) -> dict[str, int]:
        """Number of events of each category, sorted by name."""
        return self._grouped(0)

    def by_level(self) -> dict[str, int]:
        """Number of events of each level, sorted by name."""
        return self._grouped(2)

    def by_type(self, levels: tuple[str, ...]) -> dict[str, int]:
        """Number of events of each type among those of the given levels, sorted by name."""
        chosen: dict[str, int] = {}
        for (_, kind, level), number in self.counts.items():
            if level in levels:
                chosen[kind] = chosen.get(kind, 0) + number
        return dict(sorted(chosen.items()))

    def _grouped(self, place: int) -> dict[str, int]:
        groups: dict[str, int] = {}
        for key, number in self.counts.items():
            name = key[place]
            if name is not None:
                groups[name] = groups.get(name, 0) + number
        return dict(sorted(groups.items()))


@dataclass(frozen=True, slots=True)
class Places:
    """A number of events, and (``path:LINE``, description) of the first ``KEPT`` of them."""

    number: int = 0
    first: tuple[tuple[str, str], ...] = ()


class PlaceList:
    """Collects ``Places``."""

    def __init__(self) -> None:
        self.number = 0
        self._first: list[tuple[str, str]] = []

    def add(self, where: str, what: str) -> None:
        """Count one event."""
        self.number += 1
        if len(self._first) < KEPT:
            self._first.append((where, what))

    def places(self) -> Places:
        """What was collected."""
        return Places(self.number, tuple(self._first))


class FindingLog:
    """Collects the findings of one log by aspect, in the order of the log."""

    def __init__(self) -> None:
        self._groups: dict[str, FindingGroups] = {}
        self._full: set[str] = set()
        self._fresh: list[tuple[str, Finding]] = []

    def add(self, aspect: str, finding: Finding) -> None:
        """Add one finding of one aspect."""
        if self._groups.setdefault(aspect, FindingGroups(KEPT)).add(finding):
            self._fresh.append((aspect, finding))
        else:
            self._full.add(aspect)

    def fresh(self) -> list[tuple[str, Finding]]:
        """(aspect, finding) for each finding since the last call; for a reader that follows a growing log."""
        fresh, self._fresh = self._fresh, []
        return fresh

    def full(self, aspect: str) -> bool:
        """Whether further findings of this aspect are only counted, unless they are of a new kind."""
        return aspect in self._full

    def replace(self, aspect: str, finding: Finding) -> None:
        """Put one finding in the place of all findings of the aspect."""
        self._groups.pop(aspect, None)
        self.add(aspect, finding)

    def findings(self) -> dict[str, tuple[Finding, ...]]:
        """The findings by aspect; a kind with too many ends with a finding that counts the others."""
        return {aspect: groups.findings() for aspect, groups in sorted(self._groups.items())}
