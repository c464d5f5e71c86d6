"""Findings of one log by aspect: the first of each kind and place in the row, and how many more there were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from gatecourt.core.model import Finding

Aspect = Literal["rows", "identity", "judged", "thresholds"]
ASPECTS: tuple[Aspect, ...] = ("rows", "identity", "judged", "thresholds")

KEPT = 5
"""Findings of one rule at one pointer that are kept; of the others only the number is."""
KEPT_OF_A_RULE = 60


class Ledger:
    """Keeps findings in the order of the log, in memory that does not grow with it."""

    def __init__(self) -> None:
        self._kept: dict[Aspect, list[Finding]] = {aspect: [] for aspect in ASPECTS}
        self._kinds: Counter[tuple[Aspect, str, str]] = Counter()
        self._rules: Counter[tuple[Aspect, str]] = Counter()
        self._left_out: dict[tuple[Aspect, str, str], tuple[int, Finding]] = {}

    def add(self, aspect: Aspect, findings: Iterable[Finding]) -> None:
        """Tell findings of one aspect."""
        for finding in findings:
            place = finding.where.partition("#")[2]
            kind = (aspect, finding.rule, place)
            self._kinds[kind] += 1
            if self._kinds[kind] <= KEPT and self._rules[aspect, finding.rule] < KEPT_OF_A_RULE:
                self._rules[aspect, finding.rule] += 1
                self._kept[aspect].append(finding)
                continue
            if self._rules[aspect, finding.rule] >= KEPT_OF_A_RULE:
                kind = (aspect, finding.rule, "")  # one line for all places, or there would be no end of them
            number, first = self._left_out.get(kind, (0, finding))
            self._left_out[kind] = (number + 1, first)

    def forget(self, aspect: Aspect) -> None:
        """Remove all findings of one aspect."""
        self._kept[aspect] = []
        self._kinds = Counter({key: number for key, number in self._kinds.items() if key[0] != aspect})
        self._rules = Counter({key: number for key, number in self._rules.items() if key[0] != aspect})
        self._left_out = {key: left for key, left in self._left_out.items() if key[0] != aspect}

    def about(self, aspect: Aspect) -> tuple[Finding, ...]:
        """Findings of one aspect, then for each kind that had too many how many more there were."""
        more = [
            Finding(first.where, first.expected, f"{number} more of this kind, this the first: {first.observed}", rule)
            for (of, rule, _), (number, first) in self._left_out.items()
            if of == aspect
        ]
        return (*self._kept[aspect], *more)
