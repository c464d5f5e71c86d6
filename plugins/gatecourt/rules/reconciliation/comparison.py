"""The adapter's orders against the expected ones: eight ways to disagree, and the sums of each side by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from gatecourt.core.model import Finding
from gatecourt.formats.decimals import EXACT, words
from gatecourt.rules.reconciliation.bounds import Bounds, total
from gatecourt.rules.reconciliation.orders import Fill, Ledger, Order

CODES = (
    "DUP_FILL",
    "FEE_MISMATCH",
    "MISSING_FILL",
    "ORDER_STATE_DRIFT",
    "PRICE_MISMATCH",
    "QTY_MISMATCH",
    "TIMESTAMP_DRIFT",
    "UNEXPECTED_FILL",
)
_OF_NUMBER = {"price": "PRICE_MISMATCH", "fee": "FEE_MISMATCH", "qty": "QTY_MISMATCH", "time": "TIMESTAMP_DRIFT"}
_SUMMED = ("qty", "price", "fee")


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One disagreement. ``fill`` is empty for an order's own; ``where`` is the place of the observed value, or of the
    expected one that has no counterpart."""

    code: str
    order: str
    fill: str
    where: str
    expected: str
    observed: str

    @property
    def finding(self) -> Finding:
        """The mismatch as a finding; its rule is the code."""
        subject = f"{self.order} {self.fill}".strip()
        return Finding(self.where, f"{subject}: {self.expected}", self.observed, f"reconciliation.{self.code.lower()}")


class Comparison:
    """Compares two sides within bounds. ``by_fills``: an order's own sums are not held against the other side's."""

    def __init__(self, bounds: Bounds, *, by_fills: bool) -> None:
        self._bounds = bounds
        self._own = ("time",) if by_fills else ("time", *_SUMMED)

    def mismatches(self, adapter: Ledger, expected: Ledger) -> list[Mismatch]:
        """All disagreements, by order; what could not be read takes no part."""
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
        came = found.fills if found else ()
        left = _firsts(due.fills if due else ())
        yield from _doubled(order, came)
        for fill in _firsts(came).values():
            if fill.id in left:
                yield from self._numbers(order, fill.id, fill, left.pop(fill.id), tuple(_OF_NUMBER))
            else:
                observed = f"a fill of {_shown(fill, 'qty')} at {_shown(fill, 'price')}"
                yield Mismatch("UNEXPECTED_FILL", order, fill.id, fill.where, "no such fill", observed)
        for fill in left.values():
            expected = f"a fill of {_shown(fill, 'qty')} at {_shown(fill, 'price')}"
            yield Mismatch("MISSING_FILL", order, fill.id, fill.where, expected, "none")

    def _numbers(
        self, order: str, fill: str, found: Order | Fill, due: Order | Fill, kinds: tuple[str, ...]
    ) -> Iterator[Mismatch]:
        for kind in kinds:
            expected, observed = due.numbers.get(kind), found.numbers.get(kind)
            if expected is None or observed is None or self._bounds.holds(kind, expected, observed):
                continue
            told = f"{kind} {self._bounds.shown(kind, expected)}"
            yield Mismatch(_OF_NUMBER[kind], order, fill, found.places[kind], told, words(observed))

    def sums(self, side: Ledger) -> Iterator[Finding]:
        """Where an order's own quantity, price or fee is not what its fills give (``reconciliation.totals``)."""
        for _, order in sorted(side.orders.items()):
            for kind, due, observed in _sums(order):
                if kind == "price":
                    # Multiplied by the quantity on both sides: a mean price need not have an end.
                    qty = total([fill.numbers["qty"] for fill in order.fills])
                    kept = self._bounds.holds("price", due, EXACT.multiply(observed, qty))
                    told = f"{order.id}: the mean price of its fills, which are worth {words(due)}"
                else:
                    kept = self._bounds.holds(kind, due, observed)
                    told = f"{order.id}: {kind} of its fills {self._bounds.shown(kind, due)}"
                if not kept:
                    yield Finding(order.places[kind], told, words(observed), "reconciliation.totals")


def _sums(order: Order) -> Iterator[tuple[str, Decimal, Decimal]]:
    """Kind, sum of the fills and the order's own number, where all of them are known; of a price the sum of worths."""
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


def _firsts(fills: tuple[Fill, ...]) -> dict[str, Fill]:
    """The first fill of each id, in their order."""
    found: dict[str, Fill] = {}
    for fill in fills:
        found.setdefault(fill.id, fill)
    return found


def _doubled(order: str, fills: tuple[Fill, ...]) -> Iterator[Mismatch]:
    for name, count in sorted(Counter(fill.id for fill in fills).items()):
        if count > 1:
            again = [fill.where for fill in fills if fill.id == name][1]
            yield Mismatch("DUP_FILL", order, name, again, "this fill once", f"{count} times")


def _shown(fill: Fill, kind: str) -> str:
    value = fill.numbers.get(kind)
    return "an unknown " + kind if value is None else words(value)
