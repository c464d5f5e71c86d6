"""The language of a log: lines so much alike that one regular expression takes thousands of them, all of them valid.

It is learned from lines that were judged exactly, and it holds only lines on which nothing is to be told: what might
be a finding, or is counted in a way of its own, is not in it and goes the exact way.
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
from gatecourt.rules.events.counters import Tally
from gatecourt.rules.events.dialect import Event, holds
from gatecourt.rules.events.fast_path.number_regex import Bounds
from gatecourt.rules.events.fast_path.prefixes import WIDEST, Head, HeadReader, places
from gatecourt.rules.events.fast_path.schema_subset import Spec, Specs, Subset, expression
from gatecourt.rules.events.fast_path.template import Shape, Slot, shape, skeleton
from gatecourt.rules.events.section import Dialect

Kind: TypeAlias = tuple[str | None, str, str | None]
Piece: TypeAlias = bytes | str
"""Literal text, or the expression of a slot."""

_MOST_SHAPES = 64
_LITERALS = ("run", "category", "type", "level")
_COUNTED = Spec(bounds=Bounds(integer=True, low=Fraction(0)))


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of line: what its events are called, their clock, how it begins, and its text in pieces.

    The first ``headed`` pieces are the head. ``order`` is the index of the piece that is an order id, where the line
    opens or ends an order.
    """

    kind: Kind
    clock: str
    head: Head
    headed: int
    pieces: tuple[Piece, ...]
    order: int | None


@dataclass(frozen=True, slots=True)
class OrderId:
    """Where lines of one kind name their order: behind ``skip`` bytes from the head's rest, as the one group of
    ``pattern`` that matches there."""

    skip: int
    pattern: re.Pattern[bytes]


class Language:
    """Lines of one head form and one clock. ``lines`` takes as many whole lines as it can."""

    def __init__(self, lines: Sequence[Line], at: Sequence[int]) -> None:
        self.clock = lines[0].clock
        self.sequenced = any(field == "sequence" for _, field in lines[0].head.integers)
        self.kinds = sorted({line.kind for line in lines}, key=str)
        self.lines = re.compile(f"(?:{_union([_atoms(line.pieces) for line in lines])})*+".encode("ascii"))
        kinds = {line.head.rest: self.kinds.index(line.kind) for line in lines}
        self.heads = HeadReader(lines[0].head.integers, kinds, at)
        self.orders = [_order_of([line for line in lines if line.kind == kind]) for kind in self.kinds]


def _text(piece: Piece) -> str:
    return re.escape(piece).decode("ascii") if isinstance(piece, bytes) else piece


def _order_of(lines: Sequence[Line]) -> OrderId | None:
    marked = [
        f"{''.join(map(_text, line.pieces[line.headed : line.order]))}({_text(line.pieces[line.order])})"
        for line in lines
        if line.order is not None
    ]
    return OrderId(len(lines[0].head.rest), re.compile("|".join(marked).encode("ascii"))) if marked else None


def _atoms(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    atoms: list[Piece] = []
    for piece in pieces:
        atoms += [piece] if isinstance(piece, str) else [bytes([byte]) for byte in piece]
    return tuple(atoms)


def _union(rows: Sequence[tuple[Piece, ...]]) -> str:
    """An expression for any of the rows of atoms, what they have in common at the front written once."""
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
    """Gathers the shapes of lines that were judged exactly and found without fault."""

    def __init__(self) -> None:
        self._numbers: Counter[tuple[bytes, Kind]] = Counter()
        self._examples: dict[tuple[bytes, Kind], tuple[bytes, Event]] = {}

    def see(self, line: bytes, event: Event) -> None:
        """Remember one line, given with its newline, and the event that it is."""
        if b"\\" not in line:
            key = (skeleton(line), (event.category, event.type, event.level))
            self._numbers[key] += 1
            self._examples.setdefault(key, (line, event))

    def language(self, schema: Json, dialect: Dialect, tally: Tally) -> Language | None:
        """The language of the lines seen; None where it would be empty."""
        grammar = _Grammar(Subset(schema), schema, dialect, tally)
        found: list[tuple[Line, int]] = []
        for key, number in sorted(self._numbers.items(), key=lambda item: (-item[1], str(item[0])))[:_MOST_SHAPES]:
            if (line := grammar.line(*self._examples[key])) is not None:
                found.append((line, number))
        return _chosen(found)


def _chosen(found: Sequence[tuple[Line, int]]) -> Language | None:
    """The language of the lines, most frequent first, that share the commonest head form and clock."""
    forms: Counter[tuple[object, str]] = Counter()
    for line, number in found:
        forms[line.head.integers, line.clock] += number
    if not forms:
        return None
    form = max(forms, key=lambda each: forms[each])
    lines = [line for line, _ in found if (line.head.integers, line.clock) == form]
    rests = {line.kind: line.head.rest for line in reversed(lines)}
    lines = [line for line in lines if line.order is None or line.head.rest == rests[line.kind]]
    while lines:
        if (at := places([(line.head.rest, line.kind) for line in lines])) is not None:
            return Language(lines, at)
        lines.pop()
    return None


def _plain(at: str) -> str:
    return pointer.join(pointer.split(at))


class _Grammar:
    """Makes lines of examples, for one schema, dialect and state of the tally."""

    def __init__(self, subset: Subset, schema: Json, dialect: Dialect, tally: Tally) -> None:
        self._subset = subset
        self._schema = schema
        self._dialect = dialect
        self._tally = tally
        self._integers = {
            _plain(at): name for name in ("time", "sequence") if (at := getattr(dialect, name)) is not None
        }
        self._literals = [_plain(at) for name in _LITERALS if (at := getattr(dialect, name)) is not None]

    def line(self, text: bytes, event: Event) -> Line | None:
        """The kind of line of which ``text`` is an example; None where it cannot be said or must be looked at."""
        taken = shape(text)
        clocks, runs = self._tally.succession.clocks, self._tally.succession.one_run
        plain = self._tally.is_plain(event) and not clocks.depends_on_payload(event) and event.run == runs.run
        if taken is None or not plain or not self._subset.usable:
            return None
        slots = {pointer.join(slot.steps): slot for slot in taken.pieces if isinstance(slot, Slot)}
        specs = self._specs(taken, event, slots)
        order = self._order(event, slots)
        if specs is None or order is _UNKNOWN:
            return None
        return self._line(taken, event, specs, order)

    def _specs(self, taken: Shape, event: Event, slots: dict[str, Slot]) -> Specs | None:
        specs = {slots[at].steps: _COUNTED for at in self._integers}
        specs |= {slots[at].steps: Spec(literal=slots[at].text) for at in self._literals}
        at = self._duration(event)
        if at is not None:
            slot = slots.get(at)
            if slot is None or slot.kind != "number" or self._tally.slow is None:
                return None
            spec = specs.get(slot.steps, Spec())
            specs[slot.steps] = replace(spec, bounds=spec.bounds.at_most(self._tally.slow.threshold, is_open=False))
        return self._subset.constrain(self._schema, taken.root, specs)

    def _duration(self, event: Event) -> str | None:
        slow = self._tally.slow
        if slow is None or not holds(event.payload, slow.pointer):
            return None
        return _plain(f"{self._dialect.payload}{slow.pointer}")

    def _order(self, event: Event, slots: dict[str, Slot]) -> Slot | None:
        orders = self._tally.orders
        if orders is None or event.type not in orders.followed:
            return None
        slot = slots.get(_plain(f"{self._dialect.payload}{orders.pointer}"), _UNKNOWN)
        return slot if slot.kind == "string" else _UNKNOWN

    def _line(self, taken: Shape, event: Event, specs: Specs, order: Slot | None) -> Line | None:
        pieces: list[Piece] = []
        at = None
        for piece in taken.pieces:
            if piece == order:
                at = len(pieces)
            said = piece if isinstance(piece, bytes) else expression(piece, specs.get(piece.steps, Spec()))
            if said is None:
                return None
            pieces.append(said)
        head = self._head(taken, specs)
        clock = self._tally.succession.clocks.domain(event)
        kind = (event.category, event.type, event.level)
        if head is None or len(head[0].rest) < WIDEST or (at is not None and at < head[1]):
            return None
        return Line(kind, clock, *head, tuple(pieces), at)

    def _head(self, taken: Shape, specs: Specs) -> tuple[Head, int] | None:
        integers: list[tuple[bytes, str]] = []
        literal, headed = b"", 0
        for piece in taken.pieces:
            said = piece if isinstance(piece, bytes) else _said(specs.get(piece.steps))
            field = None if isinstance(piece, bytes) else self._integers.get(pointer.join(piece.steps))
            if said is not None:
                literal += said
            elif field is not None:
                integers.append((literal, field))
                literal = b""
            else:
                break
            headed += 1
        return (Head(tuple(integers), literal), headed) if len(integers) == len(self._integers) else None


def _said(spec: Spec | None) -> bytes | None:
    return None if spec is None or spec.literal is None else spec.literal.encode("ascii")


_UNKNOWN = Slot((), "null", "")
