"""The language of a log: lines so similar that one regular expression matches thousands of them, all of them valid.

It is learned from lines that were judged exactly, and contains only lines that give no finding by themselves. A line
that could be a finding, or is counted specially, is not in it and goes the exact way.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeAlias

from gatecourt.core.model import Json
from gatecourt.formats import pointer
from gatecourt.rules.events.counters import EventCounters
from gatecourt.rules.events.dialect import LogEvent, holds
from gatecourt.rules.events.fast_path.number_regex import Bounds
from gatecourt.rules.events.fast_path.prefixes import WIDEST, Prefix, PrefixReader, places
from gatecourt.rules.events.fast_path.schema_subset import Subset
from gatecourt.rules.events.fast_path.slot_spec import Spec, Specs, expression
from gatecourt.rules.events.fast_path.template import Shape, Slot, shape, skeleton
from gatecourt.rules.events.section import Dialect

Kind: TypeAlias = tuple[str | None, str, str | None]
Piece: TypeAlias = bytes | str
"""Literal text, or the regular expression of a slot."""

_MOST_SHAPES = 64
_LITERALS = ("run", "category", "type", "level")
_COUNTED = Spec(bounds=Bounds(integer=True, low=Fraction(0)))


@dataclass(frozen=True, slots=True)
class LineKind:
    """One kind of line: the kind of its events, their clock, its prefix, and its text in pieces.

    The first ``prefix_pieces`` pieces are the prefix. ``order`` is the index of the piece that is an order id, if the
    line opens or closes an order.
    """

    kind: Kind
    clock: str
    prefix: Prefix
    prefix_pieces: int
    pieces: tuple[Piece, ...]
    order: int | None


@dataclass(frozen=True, slots=True)
class OrderId:
    """The place of the order id in lines of one kind: ``skip`` bytes after the prefix's rest, the group of ``pattern``
    that matches there."""

    skip: int
    pattern: re.Pattern[bytes]


class Language:
    """Lines of one form of prefix and one clock. ``lines`` matches as many whole lines as it can."""

    def __init__(self, lines: Sequence[LineKind], at: Sequence[int]) -> None:
        self.clock = lines[0].clock
        self.sequenced = any(field == "sequence" for _, field in lines[0].prefix.integers)
        self.kinds = sorted({line.kind for line in lines}, key=str)
        self.lines = re.compile(f"(?:{_union([_atoms(line.pieces) for line in lines])})*+".encode("ascii"))
        kinds = {line.prefix.rest: self.kinds.index(line.kind) for line in lines}
        self.prefixes = PrefixReader(lines[0].prefix.integers, kinds, at)
        self.orders = [_order_of([line for line in lines if line.kind == kind]) for kind in self.kinds]


def _text(piece: Piece) -> str:
    return re.escape(piece).decode("ascii") if isinstance(piece, bytes) else piece


def _order_of(lines: Sequence[LineKind]) -> OrderId | None:
    marked = [
        f"{''.join(map(_text, line.pieces[line.prefix_pieces : line.order]))}({_text(line.pieces[line.order])})"
        for line in lines
        if line.order is not None
    ]
    return OrderId(len(lines[0].prefix.rest), re.compile("|".join(marked).encode("ascii"))) if marked else None


def _atoms(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    atoms: list[Piece] = []
    for piece in pieces:
        atoms += [piece] if isinstance(piece, str) else [bytes([byte]) for byte in piece]
    return tuple(atoms)


def _union(rows: Sequence[tuple[Piece, ...]]) -> str:
    """An expression for any of the rows of atoms; their common front is written once."""
    common = 0
    while all(len(row) > common and row[common] == rows[0][common] for row in rows):
        common += 1
    front = "".join(map(_text, rows[0][:common]))
    groups: dict[Piece, list[tuple[Piece, ...]]] = {}
    for row in rows:
        if row[common:]:
            groups.setdefault(row[common], []).append(row[common:])
    return front + (f"(?:{'|'.join(map(_union, groups.values()))})" if groups else "")


class Learner:
    """Collects the shapes of lines that were judged exactly and found faultless."""

    def __init__(self) -> None:
        self._numbers: Counter[tuple[bytes, Kind]] = Counter()
        self._examples: dict[tuple[bytes, Kind], tuple[bytes, LogEvent]] = {}

    def see(self, line: bytes, event: LogEvent) -> None:
        """Remember one line, given with its newline, and the event that it is."""
        if b"\\" not in line:
            key = (skeleton(line), (event.category, event.type, event.level))
            self._numbers[key] += 1
            self._examples.setdefault(key, (line, event))

    def language(self, schema: Json, dialect: Dialect, counters: EventCounters) -> Language | None:
        """The language of the lines seen; None if it would be empty."""
        grammar = _Grammar(Subset(schema), schema, dialect, counters)
        found: list[tuple[LineKind, int]] = []
        for key, number in sorted(self._numbers.items(), key=lambda item: (-item[1], str(item[0])))[:_MOST_SHAPES]:
            if (line := grammar.line(*self._examples[key])) is not None:
                found.append((line, number))
        return _chosen(found)


def _chosen(found: Sequence[tuple[LineKind, int]]) -> Language | None:
    """The language of the lines, most frequent first, that share the most common form of prefix and clock."""
    forms: Counter[tuple[object, str]] = Counter()
    for line, number in found:
        forms[line.prefix.integers, line.clock] += number
    if not forms:
        return None
    form = max(forms, key=lambda each: forms[each])
    lines = [line for line, _ in found if (line.prefix.integers, line.clock) == form]
    rests = {line.kind: line.prefix.rest for line in reversed(lines)}
    lines = [line for line in lines if line.order is None or line.prefix.rest == rests[line.kind]]
    while lines:
        if (at := places([(line.prefix.rest, line.kind) for line in lines])) is not None:
            return Language(lines, at)
        lines.pop()
    return None


def _normalised(at: str) -> str:
    return pointer.join(pointer.split(at))


class _Grammar:
    """Derives kinds of lines from examples, for one schema, dialect and state of the counters."""

    def __init__(self, subset: Subset, schema: Json, dialect: Dialect, counters: EventCounters) -> None:
        self._subset = subset
        self._schema = schema
        self._dialect = dialect
        self._counters = counters
        self._integers = {
            _normalised(at): name for name in ("time", "sequence") if (at := getattr(dialect, name)) is not None
        }
        self._literals = [_normalised(at) for name in _LITERALS if (at := getattr(dialect, name)) is not None]

    def line(self, text: bytes, event: LogEvent) -> LineKind | None:
        """The kind of line of which ``text`` is an example; None if it is unknown or must be judged exactly."""
        taken = shape(text)
        clocks, runs = self._counters.ordering.clocks, self._counters.ordering.one_run
        harmless = (
            self._counters.never_reported(event) and not clocks.depends_on_payload(event) and event.run == runs.run
        )
        if taken is None or not harmless or not self._subset.usable:
            return None
        slots = {pointer.join(slot.steps): slot for slot in taken.pieces if isinstance(slot, Slot)}
        specs = self._specs(taken, event, slots)
        order = self._order(event, slots)
        if specs is None or order is _UNKNOWN:
            return None
        return self._line(taken, event, specs, order)

    def _specs(self, taken: Shape, event: LogEvent, slots: dict[str, Slot]) -> Specs | None:
        specs = {slots[at].steps: _COUNTED for at in self._integers}
        specs |= {slots[at].steps: Spec(literal=slots[at].text) for at in self._literals}
        at = self._duration(event)
        if at is not None:
            slot = slots.get(at)
            if slot is None or slot.kind != "number" or self._counters.slow is None:
                return None
            spec = specs.get(slot.steps, Spec())
            specs[slot.steps] = replace(spec, bounds=spec.bounds.at_most(self._counters.slow.threshold, is_open=False))
        return self._subset.constrain(self._schema, taken.root, specs)

    def _duration(self, event: LogEvent) -> str | None:
        slow = self._counters.slow
        if slow is None or not holds(event.payload, slow.pointer):
            return None
        return _normalised(f"{self._dialect.payload}{slow.pointer}")

    def _order(self, event: LogEvent, slots: dict[str, Slot]) -> Slot | None:
        orders = self._counters.orders
        if orders is None or event.type not in orders.followed:
            return None
        slot = slots.get(_normalised(f"{self._dialect.payload}{orders.pointer}"), _UNKNOWN)
        return slot if slot.kind == "string" else _UNKNOWN

    def _line(self, taken: Shape, event: LogEvent, specs: Specs, order: Slot | None) -> LineKind | None:
        pieces: list[Piece] = []
        at = None
        for piece in taken.pieces:
            if piece == order:
                at = len(pieces)
            text = piece if isinstance(piece, bytes) else expression(piece, specs.get(piece.steps, Spec()))
            if text is None:
                return None
            pieces.append(text)
        prefix = self._prefix(taken, specs)
        clock = self._counters.ordering.clocks.domain(event)
        kind = (event.category, event.type, event.level)
        if prefix is None or len(prefix[0].rest) < WIDEST or (at is not None and at < prefix[1]):
            return None
        return LineKind(kind, clock, *prefix, tuple(pieces), at)

    def _prefix(self, taken: Shape, specs: Specs) -> tuple[Prefix, int] | None:
        integers: list[tuple[bytes, str]] = []
        literal, prefix_pieces = b"", 0
        for piece in taken.pieces:
            text = piece if isinstance(piece, bytes) else _literal_of(specs.get(piece.steps))
            field = None if isinstance(piece, bytes) else self._integers.get(pointer.join(piece.steps))
            if text is not None:
                literal += text
            elif field is not None:
                integers.append((literal, field))
                literal = b""
            else:
                break
            prefix_pieces += 1
        return (Prefix(tuple(integers), literal), prefix_pieces) if len(integers) == len(self._integers) else None


def _literal_of(spec: Spec | None) -> bytes | None:
    return None if spec is None or spec.literal is None else spec.literal.encode("ascii")


_UNKNOWN = Slot((), "null", "")
