"""Counts that grow in the course of a day and begin anew with the next one."""

from __future__ import annotations

from decimal import Decimal


class Growth:
    """By how much the counts of several agents grew, state by state."""

    def __init__(self) -> None:
        self._before: dict[str, Decimal] = {}

    def add(self, name: str, now: Decimal) -> Decimal:
        """The growth of one agent's count since its last one; a count that fell has begun anew at 0."""
        then = self._before.get(name, Decimal(0))
        self._before[name] = now
        return now - then if now >= then else now
