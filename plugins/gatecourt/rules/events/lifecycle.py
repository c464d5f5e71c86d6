"""What starts must end: each lifecycle pair once per log, and every order that was placed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from gatecourt.core.model import Finding
from gatecourt.formats import pointer
from gatecourt.rules.events.dialect import LogEvent
from gatecourt.rules.events.section import Orders, Pair
from gatecourt.rules.events.summary import FindingLog

OrderKey: TypeAlias = bytes | int
"""An order id: a string as UTF-8, or an integer."""


class Lifecycle:
    """Each declared pair: one start, one end, in this order."""

    def __init__(self, pairs: Mapping[str, Pair]) -> None:
        self._pairs = pairs
        self.types = frozenset(kind for pair in pairs.values() for kind in (pair.start, pair.end))
        self._first: dict[str, int] = {}

    def take(self, event: LogEvent, where: str, found: FindingLog) -> None:
        """Check one event."""
        if event.type not in self.types:
            return
        first = self._first.setdefault(event.type, event.line)
        if first != event.line:
            expected = f"one {event.type}, on line {first}"
            found.add("lifecycle", Finding(where, expected, "a second one", "events.lifecycle_repeated"))

    def close(self, name: str, found: FindingLog) -> None:
        """Add the findings of missing events, and of ends before their start."""
        for label, pair in self._pairs.items():
            for kind in (pair.start, pair.end):
                if kind not in self._first:
                    finding = Finding(name, f"one {kind} ({label})", "none", "events.lifecycle_missing")
                    found.add("lifecycle", finding)
            start, end = self._first.get(pair.start), self._first.get(pair.end)
            if start is not None and end is not None and end < start:
                expected = f"{pair.end} after the {pair.start} on line {start}"
                found.add("lifecycle", Finding(f"{name}:{end}", expected, f"on line {end}", "events.lifecycle_order"))


class OpenOrders:
    """Orders that were placed and not closed, each with the first later event that may explain it.

    Memory holds the open orders only. An explaining event is assigned to every open order without a reason, so each
    order is moved once; an event that names the order itself replaces such a guess.
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

    def take(self, event: LogEvent, name: str, found: FindingLog) -> None:
        """Check one event."""
        if event.type not in self._known:
            return
        order = self._order(event)
        if event.type in self.followed:
            if order is None:
                expected = f"an order id at {self._orders.id} in the payload"
                found.add("orders", Finding(f"{name}:{event.line}", expected, "none", "events.order_id"))
            else:
                self.follow([(event.line, event.type, order)], 0)
        if event.type in self.explaining:
            self._explain(event, order)

    def follow(self, events: Iterable[tuple[int, str, OrderKey]], before: int) -> None:
        """Open or close the orders of events given as (line minus ``before``, type, order id)."""
        waiting, explained, placing = self._waiting, self._explained, self._placing
        for line, kind, order in events:
            if kind in placing:
                waiting[order] = before + line
            else:
                waiting.pop(order, None)
            if explained:
                explained.pop(order, None)

    def _explain(self, event: LogEvent, order: OrderKey | None) -> None:
        reason = f"{self._reason[event.type]}: {event.type} on line {event.line}"
        if order is not None:
            line = self._waiting.pop(order, None) or self._explained.get(order, (None, ""))[0]
            if line is not None:
                self._explained[order] = (line, reason)
            return
        for waiting, line in self._waiting.items():
            self._explained[waiting] = (line, reason)
        self._waiting.clear()

    def _order(self, event: LogEvent) -> OrderKey | None:
        try:
            order = pointer.get(event.payload, self._orders.id)
        except KeyError:
            return None
        if isinstance(order, str):
            return order.encode()
        return order if type(order) is int else None

    def close(self, name: str, found: FindingLog) -> None:
        """Add a finding for each order that is still open."""
        unexplained = {order: (line, "no event explains it") for order, line in self._waiting.items()}
        still_open = sorted(
            (line, _as_text(order), why) for order, (line, why) in (unexplained | self._explained).items()
        )
        for line, order, why in still_open:
            expected = f"order {order} closed by {' or '.join(self._orders.ended)}"
            found.add("orders", Finding(f"{name}:{line}", expected, f"still open; {why}", "events.order_open"))


def _as_text(order: OrderKey) -> str:
    return order.decode() if isinstance(order, bytes) else str(order)
