"""The adapter's orders compared with the expected ones, by eight codes, and the totals of each side alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from gatecourt.core.model import Finding
from gatecourt.formats.decimals import EXACT, words
from gatecourt.rules.reconciliation.bounds import ToleranceBounds, total
from gatecourt.rules.reconciliation.orders import Fill, Order, SideOrders

CODES = {
    "DUP_FILL": "reconciliation.dup_fill",
    "FEE_MISMATCH": "reconciliation.fee_mismatch",
    "MISSING_FILL": "reconciliation.missing_fill",
    "ORDER_STATE_DRIFT": "reconciliation.order_state_drift",
    "PRICE_MISMATCH": "reconciliation.price_mismatch",
    "QTY_MISMATCH": "reconciliation.qty_mismatch",
    "TIMESTAMP_DRIFT": "reconciliation.timestamp_drift",
    "UNEXPECTED_FILL": "reconciliation.unexpected_fill",
}
"""The rule of each code, by code in alphabetical order."""
_OF_NUMBER = {"price": "PRICE_MISMATCH", "fee": "FEE_MISMATCH", "qty": "QTY_MISMATCH", "time": "TIMESTAMP_DRIFT"}
_SUMMED = ("qty", "price", "fee")


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One mismatch. ``fill`` is empty for a mismatch of the order itself.

    ``where`` is the place of the observed value, or of the expected one where nothing was observed.
    """

    code: str
    order: str
    fill: str
    where: str
    expected: str
    observed: str

    @property
    def finding(self) -> Finding:
        """The mismatch as a finding under the rule of its code."""
        subject = f"{self.order} {self.fill}".strip()
        return Finding(self.where, f"{subject}: {self.expected}", self.observed, CODES[self.code])


class OrderComparison:
    """Compares two sides within bounds. With ``by_fills`` an order's totals are not compared with the other side's."""

    def __init__(self, bounds: ToleranceBounds, *, by_fills: bool) -> None:
        self._bounds = bounds
        self._own = ("time",) if by_fills else ("time", *_SUMMED)

    def mismatches(self, adapter: SideOrders, expected: SideOrders) -> list[Mismatch]:
        """All mismatches, sorted by order; values that could not be read are skipped."""
        names = sorted(adapter.orders.keys() | expected.orders.keys())
        pairs = [(adapter.orders.get(name), expected.orders.get(name)) for name in names]
        return [mismatch for found, due in pairs for mismatch in self._order(found, due)]

    def _order(self, found: Order | None, due: Order | None) -> Iterator[Mismatch]:
        if found is None or due is None:
            yield from _unmatched(found, due)
        else:
            if found.state is not None and due.state is not None and found.state != due.state:
                yield Mismatch("ORDER_STATE_DRIFT", found.id, "", found.where, due.state, found.state)
            yield from self._numbers(found.id, "", found, due, self._own)
        yield from self._fills(found, due)

    def _fills(self, found: Order | None, due: Order | None) -> Iterator[Mismatch]:
        order = (found or due).id  # type: ignore[union-attr]  # at least one of both is there
        received = found.fills if found else ()
        open_fills = _first_by_id(due.fills if due else ())
        yield from _duplicates(order, received)
        for fill in _first_by_id(received).values():
            if fill.id in open_fills:
                yield from self._numbers(order, fill.id, fill, open_fills.pop(fill.id), tuple(_OF_NUMBER))
            else:
                observed = f"a fill of {_format(fill, 'qty')} at {_format(fill, 'price')}"
                yield Mismatch("UNEXPECTED_FILL", order, fill.id, fill.where, "no such fill", observed)
        for fill in open_fills.values():
            expected = f"a fill of {_format(fill, 'qty')} at {_format(fill, 'price')}"
            yield Mismatch("MISSING_FILL", order, fill.id, fill.where, expected, "none")

    def _numbers(
        self, order: str, fill: str, found: Order | Fill, due: Order | Fill, kinds: tuple[str, ...]
    ) -> Iterator[Mismatch]:
        for kind in kinds:
            expected, observed = due.numbers.get(kind), found.numbers.get(kind)
            if expected is None or observed is None or self._bounds.holds(kind, expected, observed):
                continue
            within = f"{kind} {self._bounds.describe(kind, expected)}"
            yield Mismatch(_OF_NUMBER[kind], order, fill, found.places[kind], within, words(observed))

    def sums(self, side: SideOrders) -> Iterator[Finding]:
        """Orders whose own quantity, price or fee differs from their fills (``reconciliation.totals``)."""
        for _, order in sorted(side.orders.items()):
            for kind, due, observed in _sums(order):
                if kind == "price":
                    # Both sides times the quantity: a mean price may have no finite decimal form.
                    qty = total([fill.numbers["qty"] for fill in order.fills])
                    holds = self._bounds.holds("price", due, EXACT.multiply(observed, qty))
                    expected = f"{order.id}: the mean price of its fills, which are worth {words(due)}"
                else:
                    holds = self._bounds.holds(kind, due, observed)
                    expected = f"{order.id}: {kind} of its fills {self._bounds.describe(kind, due)}"
                if not holds:
                    yield Finding(order.places[kind], expected, words(observed), "reconciliation.totals")


def _sums(order: Order) -> Iterator[tuple[str, Decimal, Decimal]]:
    """Kind, sum of the fills and the own number, where all are known; a price is multiplied by its quantity."""
    parts: Mapping[str, list[Decimal]] = {
        kind: [fill.numbers[kind] for fill in order.fills if kind in fill.numbers] for kind in ("qty", "price", "fee")
    }
    for kind in _SUMMED:
        complete = all(len(parts[one]) == len(order.fills) for one in {kind, "qty"})
        if not complete or kind not in order.numbers:
            continue
        values = parts[kind]
        if kind == "price":
            values = [EXACT.multiply(price, qty) for price, qty in zip(values, parts["qty"], strict=True)]
        yield kind, total(values), order.numbers[kind]


def _unmatched(found: Order | None, due: Order | None) -> Iterator[Mismatch]:
    if found is not None:
        observed = f"an order in state {found.state}"
        yield Mismatch("ORDER_STATE_DRIFT", found.id, "", found.where, "no such order", observed)
    if due is not None:
        expected = f"an order in state {due.state}"
        yield Mismatch("ORDER_STATE_DRIFT", due.id, "", due.where, expected, "no such order")


def _first_by_id(fills: tuple[Fill, ...]) -> dict[str, Fill]:
    """The first fill of each id, in their order."""
    found: dict[str, Fill] = {}
    for fill in fills:
        found.setdefault(fill.id, fill)
    return found


def _duplicates(order: str, fills: tuple[Fill, ...]) -> Iterator[Mismatch]:
    for name, count in sorted(Counter(fill.id for fill in fills).items()):
        if count > 1:
            again = [fill.where for fill in fills if fill.id == name][1]
            yield Mismatch("DUP_FILL", order, name, again, "this fill once", f"{count} times")


def _format(fill: Fill, kind: str) -> str:
    value = fill.numbers.get(kind)
    return "an unknown " + kind if value is None else words(value)
