"""A dataset in memory: its columns, and the place of each cell in its file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from gatecourt.core.model import Finding, Json
from gatecourt.rules.data.columns import BadCell, Column

if TYPE_CHECKING:
    from gatecourt.rules.data.columns import Array

_T = TypeVar("_T")
_MOST = 20


@dataclass(frozen=True)
class Table:
    """The bars of one file. ``at`` gives the place of a field (or, with "", of a bar) by the bar's index from 0."""

    name: str
    length: int
    columns: Mapping[str, Column]
    at: Callable[[int, str], str]
    document: Json = None

    def bad_cells(self, key: str) -> Iterator[Finding]:
        """The cells of the column that hold no number, bounded for each rule."""
        by_rule: dict[str, list[BadCell]] = {}
        for cell in self.columns[key].bad:
            by_rule.setdefault(cell.rule, []).append(cell)
        for cells in by_rule.values():
            yield from bounded_findings(
                cells, lambda cell: Finding(self.at(cell.index, key), cell.expected, cell.observed, cell.rule)
            )

    def where(self, wrong: Array, finding: Callable[[int], Finding]) -> Iterator[Finding]:
        """``finding`` for each bar at which ``wrong`` is true, bounded."""
        import numpy as np

        yield from bounded_findings([int(index) for index in np.flatnonzero(wrong)], finding)

    def cell(self, key: str, index: int) -> str:
        """The cell as text."""
        value = self.columns[key].values[index]
        return str(value.item() if hasattr(value, "item") else value)


def bounded_findings(items: list[_T], finding: Callable[[_T], Finding]) -> Iterator[Finding]:
    """A finding for each of the first items, then one with the exact number of those left out."""
    yield from map(finding, items[:_MOST])
    if len(items) > _MOST:
        first = finding(items[_MOST])
        observed = f"{len(items) - _MOST} more of this kind, this the first: {first.observed}"
        yield Finding(first.where, first.expected, observed, first.rule)
