"""Reads both sides. A value that is absent, no number or repeated is a finding and never matches."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Run, Subject
from gatecourt.formats import pointer
from gatecourt.formats.decimals import decimals, number
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import Source, gather
from gatecourt.formats.strictjson import parse, read_bytes
from gatecourt.rules.reconciliation.orders import Fill, Order, SideOrders
from gatecourt.rules.reconciliation.section import FillFields, OrderFields, OrderSource, ReconciliationSection

_NUMBERS = ("qty", "price", "fee", "time")


def both_sides(section: ReconciliationSection, run: Run, root: Path) -> tuple[SideOrders, SideOrders]:
    """The adapter's side and the expected one. Rules: ``reconciliation.side_missing``, ``.not_a_record``,
    ``.value_missing``, ``.value_not_a_number``, ``.duplicate_id``, ``json.not_finite``.

    Raises ``Judged`` for a side without a file, or with one that cannot be read.
    """
    adapter = read_side("adapter", section.adapter, section, run, root)
    return adapter, read_side("expected", section.expected, section, run, root)


def read_side(name: str, side: OrderSource, section: ReconciliationSection, run: Run, root: Path) -> SideOrders:
    """One side, called ``name``."""
    sources = gather(side.files, side.origin, run, root)
    if not sources:
        raise Judged(Finding(", ".join(side.files), f"a file with the {name} orders", "none", "artefact.none"))
    reader = _OrderReader(section.order, section.fill)
    found = [order for source in sources for order in reader.orders(source, side.pointer)]
    flawed = {order.id for order in found if order.flawed} | reader.unnamed
    for order in found if name == "expected" else ():  # of the adapter's fills that is a code of its own
        if twice := _repeated(order.fills, "fill"):
            reader.found += twice.values()
            flawed.add(order.id)
    twice = _repeated(found, "order")
    reader.found += twice.values()
    flawed.update(twice)
    orders: dict[str, Order] = {}
    for order in found:
        orders.setdefault(order.id, order)
    subjects = tuple(source.subject for source in sources)
    return SideOrders(name, orders, subjects, tuple(reader.found), frozenset(flawed))


def document(source: Source) -> tuple[Any, list[Finding]]:
    """A JSON document with fractions as ``Decimal``, and the places where a number is NaN or infinite.

    Raises ``Judged`` for anything else that makes it no JSON.
    """
    data = read_bytes(source.path, source.name)
    try:
        parse(data, source.name)
    except Judged as judged:
        if judged.finding.rule != "json.not_finite":
            raise
        return _unfinite(data, source.name, judged)
    return decimals(data), []


def _unfinite(data: bytes, name: str, judged: Judged) -> tuple[Any, list[Finding]]:
    try:
        found: Any = json.loads(data, parse_float=Decimal, parse_constant=Decimal)
    except (ValueError, RecursionError):
        raise judged from None
    leaves: Iterable[tuple[pointer.Steps, Any]] = pointer.leaves(found)
    places = [
        Finding(f"{name}#{pointer.join(steps)}", "a finite number", str(value), "json.not_finite")
        for steps, value in leaves
        if isinstance(value, Decimal) and number(value) is None
    ]
    return found, places or [judged.finding]


def _repeated(items: Iterable[Order] | Iterable[Fill], kind: str) -> dict[str, Finding]:
    """The repeated ids, each with the finding of its last place."""
    seen: dict[str, str] = {}
    repeated: dict[str, Finding] = {}
    for item in items:
        if item.id in seen:
            observed = f"{item.id} again, first at {seen[item.id]}"
            repeated[item.id] = Finding(item.where, f"each {kind} once", observed, "reconciliation.duplicate_id")
        seen.setdefault(item.id, item.where)
    return repeated


def _observed(value: object) -> str:
    return "absent" if value is pointer.ABSENT else excerpt(value)


class _OrderReader:
    """Reads orders and collects a finding for everything that it cannot read."""

    def __init__(self, order: OrderFields, fill: FillFields | None) -> None:
        self._order, self._fill = order, fill
        self.found: list[Finding] = []
        self.unnamed: set[str] = set()
        self._unfinite: frozenset[str] = frozenset()

    def orders(self, source: Source, at: str) -> list[Order]:
        """The orders at the pointer ``at``: of a list, or the one that stands there alone."""
        content, not_finite = document(source)
        self.found += not_finite
        self._unfinite = frozenset(finding.where for finding in not_finite)
        where = f"{source.name}#{at}"
        value = pointer.find(content, at, pointer.ABSENT)
        if not isinstance(value, list | dict):
            self._add(where, "a list of orders", _observed(value), "reconciliation.side_missing")
            return []
        placed = enumerate(value) if isinstance(value, list) else [(None, value)]
        read = [self._one(item, where if index is None else f"{where}/{index}") for index, item in placed]
        return [order for order in read if order is not None]

    def _one(self, item: object, where: str) -> Order | None:
        before = len(self.found)
        name = self._name(item, self._order.id, where, "an order")
        if name is None or not isinstance(item, dict):
            self.unnamed.add(where)
            return None
        state = self._text(item, self._order.state, where)
        numbers, places = self._numbers(item, self._order, where)
        at, fields = self._order.fills, self._fill
        fills = self._fills(item, at, fields, where) if at is not None and fields is not None else ()
        # A NaN is reported for the whole document at once and leaves no number here.
        unreadable = len(self.found) > before or len(numbers) < len(places)
        short = any(len(fill.numbers) < len(fill.places) for fill in fills)
        return Order(where, name, state, numbers, places, fills, unreadable or short)

    def _fills(self, item: dict[str, Any], at: str, fields: FillFields, where: str) -> tuple[Fill, ...]:
        value = pointer.find(item, at, pointer.ABSENT)
        if not isinstance(value, list):
            self._add(where + at, "a list of fills", _observed(value), "reconciliation.value_missing")
            return ()
        read = [self._one_fill(fill, fields, f"{where}{at}/{index}", index) for index, fill in enumerate(value)]
        return tuple(fill for fill in read if fill is not None)

    def _one_fill(self, item: object, fields: FillFields, where: str, index: int) -> Fill | None:
        name = f"fill {index + 1}" if fields.id is None else self._name(item, fields.id, where, "a fill")
        if name is None:
            return None
        if not isinstance(item, dict):
            self._add(where, "a fill as an object", excerpt(item), "reconciliation.not_a_record")
            return None
        return Fill(where, name, *self._numbers(item, fields, where))

    def _name(self, item: object, at: str, where: str, kind: str) -> str | None:
        if not isinstance(item, dict):
            self._add(where, f"{kind} as an object", excerpt(item), "reconciliation.not_a_record")
            return None
        return self._text(item, at, where)

    def _text(self, item: dict[str, Any], at: str, where: str) -> str | None:
        value = pointer.find(item, at, pointer.ABSENT)
        if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
            self._add(where + at, "a text", _observed(value), "reconciliation.value_missing")
            return None
        return str(value)

    def _numbers(
        self, item: dict[str, Any], fields: OrderFields | FillFields, where: str
    ) -> tuple[dict[str, Decimal], dict[str, str]]:
        pointers = {name: at for name in _NUMBERS if (at := getattr(fields, name)) is not None}
        read = {name: self._number(item, at, where + at) for name, at in pointers.items()}
        numbers = {name: value for name, value in read.items() if value is not None}
        return numbers, {name: where + at for name, at in pointers.items()}

    def _number(self, item: dict[str, Any], at: str, where: str) -> Decimal | None:
        value = pointer.find(item, at, pointer.ABSENT)
        if where in self._unfinite:
            return None
        if value is None or value is pointer.ABSENT:
            observed = "absent" if value is pointer.ABSENT else "null (a NaN written as JSON?)"
            self._add(where, "a finite number", observed, "reconciliation.value_missing")
            return None
        exact = number(value)
        if exact is None:
            self._add(where, "a finite number", excerpt(value), "reconciliation.value_not_a_number")
        return exact

    def _add(self, where: str, expected: str, observed: str, rule: str) -> None:
        self.found.append(Finding(where, expected, observed, rule))


def subjects_of(sides: Sequence[SideOrders]) -> tuple[Subject, ...]:
    """The files behind both sides, each once."""
    return tuple(dict.fromkeys(subject for side in sides for subject in side.subjects))
