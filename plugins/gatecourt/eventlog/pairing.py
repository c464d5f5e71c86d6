"""What begins must end: lifecycle pairs once a log, and every order that was placed."""

from __future__ import annotations

from collections.abc import Mapping

from gatecourt import pointer
from gatecourt.eventlog.dialect import Event
from gatecourt.eventlog.section import Orders, Pair
from gatecourt.eventlog.summary import Told
from gatecourt.model import Finding, Json


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
        self.pointer = orders.id
        self._reason = {kind: name for name, kinds in orders.reasons.items() for kind in kinds}
        self.followed = frozenset((*orders.placed, *orders.ended))
        self.explaining = frozenset(self._reason)
        self._known = self.followed | self.explaining
        self._waiting: dict[Json, int] = {}
        self._explained: dict[Json, tuple[int, str]] = {}

    def take(self, event: Event, name: str, told: Told) -> None:
        """Look at one event."""
        if event.type not in self._known:
            return
        order = self.order(event)
        if event.type in self.followed:
            if order is None:
                expected = f"an order id at {self._orders.id} of the payload"
                told.add("orders", Finding(f"{name}:{event.line}", expected, "none", "events.order_id"))
            else:
                self.follow(event.type, order, event.line)
        if event.type in self.explaining:
            self._explain(event, order)

    def follow(self, kind: str, order: Json, line: int) -> None:
        """Open or end one order."""
        if kind in self._orders.placed:
            self._waiting[order] = line
            self._explained.pop(order, None)
        else:
            self._waiting.pop(order, None)
            self._explained.pop(order, None)

    def _explain(self, event: Event, order: Json) -> None:
        reason = f"{self._reason[event.type]}: {event.type} on line {event.line}"
        if order is not None:
            line = self._waiting.pop(order, None) or self._explained.get(order, (None, ""))[0]
            if line is not None:
                self._explained[order] = (line, reason)
            return
        for waiting, line in self._waiting.items():
            self._explained[waiting] = (line, reason)
        self._waiting.clear()

    def order(self, event: Event) -> Json:
        """The order id that an event names, None where it names none."""
        try:
            order = pointer.get(event.payload, self._orders.id)
        except KeyError:
            return None
        return order if type(order) in (str, int) else None

    def close(self, name: str, told: Told) -> None:
        """Tell every order that is still open."""
        unexplained = {order: (line, "no event says why") for order, line in self._waiting.items()}
        still_open = sorted((line, str(order), why) for order, (line, why) in (unexplained | self._explained).items())
        for line, order, why in still_open:
            expected = f"order {order} ended by {' or '.join(self._orders.ended)}"
            told.add("orders", Finding(f"{name}:{line}", expected, f"still open; {why}", "events.order_open"))
