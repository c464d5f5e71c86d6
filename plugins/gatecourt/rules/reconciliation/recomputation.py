"""One reconciliation done over: both sides read, compared, and counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from gatecourt.core.model import Finding, Run, Subject
from gatecourt.rules.reconciliation.bounds import Bounds
from gatecourt.rules.reconciliation.comparison import CODES, Comparison, Mismatch
from gatecourt.rules.reconciliation.orders import Ledger
from gatecourt.rules.reconciliation.reading import ledgers, subjects_of
from gatecourt.rules.reconciliation.section import ReconciliationSection


@dataclass(frozen=True)
class Recomputation:
    """What the two sides give, whatever the system says of them."""

    adapter: Ledger
    expected: Ledger
    mismatches: tuple[Mismatch, ...]
    sums: tuple[Finding, ...]

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """The files behind both sides."""
        return subjects_of([self.adapter, self.expected])

    @property
    def flaws(self) -> tuple[Finding, ...]:
        """What could not be read. A file that holds both sides is told of once."""
        return tuple(dict.fromkeys((*self.adapter.findings, *self.expected.findings)))

    @property
    def orders(self) -> int:
        """How many orders there are on either side."""
        return len(self.adapter.orders.keys() | self.expected.orders.keys())

    @property
    def expected_fills(self) -> int:
        """How many fills there should be."""
        return sum(len(order.fills) for order in self.expected.orders.values())

    @property
    def wrong(self) -> tuple[str, ...]:
        """The orders, by id or else by place, of which anything is amiss."""
        flawed = self.adapter.flawed | self.expected.flawed
        return tuple(sorted({mismatch.order for mismatch in self.mismatches} | flawed))

    @property
    def codes(self) -> dict[str, int]:
        """How often each of the eight codes applies."""
        found = Counter(mismatch.code for mismatch in self.mismatches)
        return {code: found[code] for code in CODES}


def recompute(section: ReconciliationSection, run: Run, root: Path) -> Recomputation:
    """Reconcile what ``run`` left. Raises ``Judged`` where a side cannot be read at all."""
    adapter, expected = ledgers(section, run, root)
    by_fills = section.order.totals == "fills"
    comparison = Comparison(Bounds(section.tolerances, section.unit), by_fills=by_fills)
    sums = [*comparison.sums(adapter), *comparison.sums(expected)] if by_fills else []
    return Recomputation(adapter, expected, tuple(comparison.mismatches(adapter, expected)), tuple(sums))
