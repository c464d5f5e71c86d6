"""What begins must end: lifecycle pairs once a log, and every order that was placed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from gatecourt.core.model import Finding
from gatecourt.formats import pointer
from gatecourt.rules.events.dialect import Event
from gatecourt.rules.events.section import Orders, Pair
from gatecourt.rules.events.summary import Told

OrderKey: TypeAlias = bytes | int
"""An order id: a string as UTF-8, or an integer."""


class Lifecycle:
    """Each declared pair: one start, one end, in this order."""

    def __init__(self, pairs: Mapping[str, Pair]) -> None:
        self._pairs = pairs
        self.types = frozenset(kind for pair in pairs.values() for kind in (pair.start, pair.end))
        self._first: dict[str, int] = {}

    def take(self, event: Event, where: str, told: Told) -> None:
        """Look at one event."""
        if event.type not in self.types:
            return
        first = self._first.setdefault(event.type, event.line)
        if first != event.line:
            expected = f"one {event.type}, that of line {first}"
            told.add("lifecycle", Finding(where, expected, "another one", "events.lifecycle_repeated"))

    def close(self, name: str, told: Told) -> None:
        """Tell what is missing, and ends that stand before their start."""
        for label, pair in self._pairs.items():
            for kind in (pair.start, pair.end):
                if kind not in self._first:
                    finding = Finding(name, f"one {kind} ({label})", "none", "events.lifecycle_missing")
                    told.add("lifecycle", finding)
            start, end = self._first.get(pair.start), self._first.get(pair.end)
            if start is not None and end is not None and end < start:
                expected = f"{pair.end} behind {pair.start} of line {start}"
                told.add("lifecycle", Finding(f"{name}:{end}", expected, "before it", "events.lifecycle_order"))


class OpenOrders:
    """Orders that were placed and did not end, each with the first event behind it that may say why.

    Memory holds the open orders only. An event that explains is given to every order that has no reason yet, so each
    order is moved once; one that names the order itself replaces a guess.
    """

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._placing = frozenset(orders.placed)
        self._reason = {kind: name for name, kinds in orders.reasons.items() for kind in kinds}
        self.pointer = orders.id
        self.followed = frozenset((*orders.placed, *orders.ended))
        self.explaining = frozenset(self._reason)
        self._known = self.followed | self.explaining
        self._waiting: dict[OrderKey, int] = {}
        self._explained: dict[OrderKey, tuple[int, str]] = {}

    def take(self, event: Event, name: str, told: Told) -> None:
        """Look at one event."""
        if event.type not in self._known:
            return
        order = self._order(event)
        if event.type in self.followed:
            if order is None:
                expected = f"an order id at {self._orders.id} of the payload"
                told.add("orders", Finding(f"{name}:{event.line}", expected, "none", "events.order_id"))
            else:
                self.follow([(event.line, event.type, order)], 0)
        if event.type in self.explaining:
            self._explain(event, order)

    def follow(self, events: Iterable[tuple[int, str, OrderKey]], before: int) -> None:
        """Open or end the orders of events given as (line less ``before``, type, order id)."""
        waiting, explained, placing = self._waiting, self._explained, self._placing
        for line, kind, order in events:
            if kind in placing:
                waiting[order] = before + line
            else:
                waiting.pop(order, None)
            if explained:
                explained.pop(order, None)

    def _explain(self, event: Event, order: OrderKey | None) -> None:
        reason = f"{self._reason[event.type]}: {event.type} on line {event.line}"
        if order is not None:
            line = self._waiting.pop(order, None) or self._explained.get(order, (None, ""))[0]
            if line is not None:
                self._explained[order] = (line, reason)
            return
        for waiting, line in self._waiting.items():
            self._explained[waiting] = (line, reason)
        self._waiting.clear()

    def _order(self, event: Event) -> OrderKey | None:
        try:
            order = pointer.get(event.payload, self._orders.id)
        except KeyError:
            return None
        if isinstance(order, str):
            return order.encode()
        return order if type(order) is int else None

    def close(self, name: str, told: Told) -> None:
        """Tell every order that is still open."""
        unexplained = {order: (line, "no event says why") for order, line in self._waiting.items()}
        still_open = sorted(
            (line, _shown(order), why) for order, (line, why) in (unexplained | self._explained).items()
        )
        for line, order, why in still_open:
            expected = f"order {order} ended by {' or '.join(self._orders.ended)}"
            told.add("orders", Finding(f"{name}:{line}", expected, f"still open; {why}", "events.order_open"))


def _shown(order: OrderKey) -> str:
    return order.decode() if isinstance(order, bytes) else str(order)
