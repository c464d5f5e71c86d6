"""The reconciliation computed again: both sides read, compared and counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from gatecourt.core.model import Finding, Run, Subject
from gatecourt.rules.reconciliation.bounds import ToleranceBounds
from gatecourt.rules.reconciliation.comparison import CODES, Mismatch, OrderComparison
from gatecourt.rules.reconciliation.orders import SideOrders
from gatecourt.rules.reconciliation.reading import both_sides, subjects_of
from gatecourt.rules.reconciliation.section import ReconciliationSection


@dataclass(frozen=True)
class Recomputation:
    """The result of comparing both sides, independent of the system's report."""

    adapter: SideOrders
    expected: SideOrders
    mismatches: tuple[Mismatch, ...]
    sums: tuple[Finding, ...]

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """The files behind both sides."""
        return subjects_of([self.adapter, self.expected])

    @property
    def flaws(self) -> tuple[Finding, ...]:
        """What could not be read; a file that holds both sides is reported once."""
        return tuple(dict.fromkeys((*self.adapter.findings, *self.expected.findings)))

    @property
    def orders(self) -> int:
        """The number of orders that are on at least one side."""
        return len(self.adapter.orders.keys() | self.expected.orders.keys())

    @property
    def expected_fills(self) -> int:
        """The number of expected fills."""
        return sum(len(order.fills) for order in self.expected.orders.values())

    @property
    def wrong(self) -> tuple[str, ...]:
        """The orders, by id or else by place, with a mismatch or an unreadable value."""
        flawed = self.adapter.flawed | self.expected.flawed
        return tuple(sorted({mismatch.order for mismatch in self.mismatches} | flawed))

    @property
    def codes(self) -> dict[str, int]:
        """The number of mismatches of each of the eight codes."""
        found = Counter(mismatch.code for mismatch in self.mismatches)
        return {code: found[code] for code in CODES}


def recompute(section: ReconciliationSection, run: Run, root: Path) -> Recomputation:
    """Reconciles the outputs of ``run``. Raises ``Judged`` where a side cannot be read at all."""
    adapter, expected = both_sides(section, run, root)
    by_fills = section.order.totals == "fills"
    comparison = OrderComparison(ToleranceBounds(section.tolerances, section.unit), by_fills=by_fills)
    sums = [*comparison.sums(adapter), *comparison.sums(expected)] if by_fills else []
    return Recomputation(adapter, expected, tuple(comparison.mismatches(adapter, expected)), tuple(sums))
