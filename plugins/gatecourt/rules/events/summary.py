"""The result of one pass over a log: counts, places, and the findings of each aspect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gatecourt.core.model import Finding

KEPT = 100
"""Findings of one rule and aspect that are kept per log; further ones are counted."""


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
    """Collects the findings of one log by aspect, in the order of the log, at most ``KEPT`` per rule."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._kept: dict[str, list[Finding]] = {}
        self._numbers: dict[tuple[str, str], int] = {}
        self._fresh: list[tuple[str, Finding]] = []

    def add(self, aspect: str, finding: Finding) -> None:
        """Add one finding of one aspect."""
        key = (aspect, finding.rule)
        number = self._numbers[key] = self._numbers.get(key, 0) + 1
        if number <= KEPT:
            self._kept.setdefault(aspect, []).append(finding)
            self._fresh.append((aspect, finding))

    def fresh(self) -> list[tuple[str, Finding]]:
        """(aspect, finding) for each finding since the last call; for a reader that follows a growing log."""
        fresh, self._fresh = self._fresh, []
        return fresh

    def full(self, aspect: str, rule: str) -> bool:
        """Whether further findings of this rule would only be counted."""
        return self._numbers.get((aspect, rule), 0) >= KEPT

    def count(self, aspect: str, rule: str) -> None:
        """Count one more of a rule that is ``full``."""
        self._numbers[aspect, rule] += 1

    def drop(self, aspect: str, rule: str) -> None:
        """Remove the findings of one rule that a better one replaces."""
        self._numbers.pop((aspect, rule), None)
        self._kept[aspect] = [finding for finding in self._kept.get(aspect, []) if finding.rule != rule]

    def findings(self) -> dict[str, tuple[Finding, ...]]:
        """The findings by aspect; a rule with too many ends with a finding that counts the others."""
        for (aspect, rule), number in sorted(self._numbers.items()):
            if number > KEPT:
                observed = f"{number - KEPT} more like these"
                self._kept[aspect].append(Finding(self._name, "none", observed, rule))
        return {aspect: tuple(found) for aspect, found in sorted(self._kept.items()) if found}
