"""Blocks of a log judged at speed: the result of the exact way, without judging each line by itself.

A line passes here only if it is in the language, so that it gives no finding by itself, and if it follows the lines
before it in order. Every other line goes the exact way, in its turn.
"""

from __future__ import annotations

import sys
from typing import Protocol

from gatecourt.formats import jsonl
from gatecourt.formats.bounded_regex import PatternTooSlow, in_time
from gatecourt.rules.events.counters import EventCounters
from gatecourt.rules.events.fast_path.columns import Part, Rows, parts
from gatecourt.rules.events.fast_path.line_regex import Language

# Before this version possessive quantifiers could fail to match (CPython issue 106052).
AVAILABLE = sys.version_info >= (3, 11, 5)


class ExactWay(Protocol):
    """The pass to which the fast path belongs."""

    lines: int
    counters: EventCounters

    def take(self, data: bytes) -> object:
        """Judge the next line exactly."""


class FastPath:
    """Judges blocks for one pass."""

    def __init__(self, way: ExactWay, language: Language) -> None:
        self._way = way
        self._language = language
        self._given_up = False

    def take_block(self, block: bytes) -> None:
        """Judge the lines of ``block``."""
        found = self._parts(block)
        if found is None:
            for data in jsonl.lines(block):
                self._way.take(data)
            return
        rows = Rows(self._language, block, found)
        passed: list[tuple[int, int]] = []
        for part, (_, stop, after) in enumerate(found):
            first, last = rows.bounds(part)
            if first < last and self._pass(rows, first, last):
                passed.append((first, last))
            else:
                for row in range(first, last):
                    self._way.take(rows.line(row))
            if stop < after:
                self._way.take(block[stop:after])
        for kind, number in rows.counts(passed):
            self._way.counters.counts[kind] += number

    def _parts(self, block: bytes) -> list[Part] | None:
        """The block in parts; None once a pattern of the schema has taken too long. The exact way has its own limit."""
        if not self._given_up:
            try:
                return in_time(lambda: list(parts(self._language.lines, block)))
            except PatternTooSlow:
                self._given_up = True
        return None

    def _pass(self, rows: Rows, first: int, last: int) -> bool:
        way, counters, clock = self._way, self._way.counters, self._language.clock
        clocks, sequence = counters.ordering.clocks, counters.ordering.sequence
        if not rows.follow(first, last, sequence.expected, clocks.last.get(clock, (None, 0))[0]):
            return False
        if counters.orders is not None:
            counters.orders.follow(rows.orders(first, last), way.lines + 1 - first)
        way.lines += last - first
        counters.events += last - first
        clocks.last[clock] = (rows.time(last - 1), way.lines)
        if self._language.sequenced:
            sequence.expected += last - first
        return True
