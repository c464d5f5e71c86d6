"""Values within the limit at which they are clipped, and clipping that stays the exception."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from gatecourt.core.model import Finding, Json
from gatecourt.formats.excerpt import excerpt
from gatecourt.mechanisms.streams.merging import StreamState
from gatecourt.rules.telemetry.streams.frame import Place, decimal
from gatecourt.rules.telemetry.streams.rule import Rule
from gatecourt.rules.telemetry.streams.rules_section import ClippedValues
from gatecourt.rules.telemetry.streams.settings import Settings


class ValuesClipped(Rule):
    """No value beyond the limit, and no larger share of values clipped than allowed.

    Values that lie at the limit count as clipped, whatever the sender counts.
    Rules: ``telemetry.value_unclipped``, ``largest_differs`` (the values say otherwise), ``clip_count`` (more clipped
    than values), ``counter_back``, ``clip_share``, ``no_sample``, those of values.
    """

    lasting = True

    def __init__(self, section: ClippedValues, settings: Settings) -> None:
        self._section = section
        self._values = Place(section.values)
        self._limit = settings.bound(section.limit)
        self._largest = None if section.largest is None else Place(section.largest)
        self._reported = None if section.clipped is None else Place(section.clipped)
        self._unit = settings.level(section.unit)
        self._last: int | None = None
        self._most: Decimal | None = None
        self._counted = self._clipped = self._seen = 0

    def feed(self, frame: StreamState) -> Iterator[Finding]:
        """What the values of this state show."""
        sizes, limit = self._sizes(frame), self._limit.of(frame)
        if isinstance(sizes, Finding) or isinstance(limit, Finding):
            yield from (value for value in (sizes, limit) if isinstance(value, Finding))
            return
        for name, size in sizes.items():
            if size > limit + self._unit:
                where = frame.at((*self._values.steps, name))
                yield Finding(where, f"at most {limit} of {excerpt(name)}", str(size), "telemetry.value_unclipped")
        if self._largest is not None:
            yield from self._compared(frame, self._largest, max(sizes.values(), default=Decimal(0)))
        at_limit = sum(size > limit - self._unit for size in sizes.values())
        yield from self._add(frame, len(sizes), at_limit)

    def _add(self, frame: StreamState, count: int, at_limit: int) -> Iterator[Finding]:
        """Take the state's values into the share; a first state, whose total is older, only begins it."""
        reported = 0
        if self._reported is not None:
            grown = self._growth(frame, self._reported)
            if isinstance(grown, Finding):
                yield grown
            if grown is None or isinstance(grown, Finding):
                return
            reported = grown
            if reported > count:
                where = frame.at(self._reported.steps)
                expected = f"at most {count} more, one for each value"
                yield Finding(where, expected, f"{reported} more", "telemetry.clip_count")
        self._counted += reported
        self._clipped += max(reported, at_limit)
        self._seen += count

    def _sizes(self, frame: StreamState) -> dict[str, Decimal] | Finding:
        table = self._values.table(frame)
        if isinstance(table, Finding):
            return table
        sizes = {}
        for name, value in table.items():
            number = decimal(value)
            if number is None:
                return self._values.below(name).wrong(frame, "a finite number", value)
            sizes[name] = abs(number)
        return sizes

    def _compared(self, frame: StreamState, place: Place, most: Decimal) -> Iterator[Finding]:
        largest = place.number(frame)
        if isinstance(largest, Finding):
            yield largest
            return
        if self._section.counted == "total":
            since = largest if self._most is None else self._most  # before the stream only the sender knows
            most = self._most = max(most, since)
        if abs(most - largest) > self._unit:
            expected = f"the largest of {self._values.pointer}"
            yield Finding(frame.at(place.steps), expected, f"{largest}, not {most}", "telemetry.largest_differs")

    def _growth(self, frame: StreamState, place: Place) -> int | Finding | None:
        """How many values the sender counts as clipped in this tick; None for the first state of a running count."""
        count = place.count(frame)
        if isinstance(count, Finding) or self._section.counted == "tick":
            return count
        last, self._last = self._last, count
        if last is not None and count < last:
            return Finding(frame.at(place.steps), f"at least {last}, as before", str(count), "telemetry.counter_back")
        return None if last is None else count - last

    def close(self, where: str) -> Iterator[Finding]:
        """The share of all values of the stream that were clipped."""
        if not self._seen:
            yield Finding(where, f"values at {self._values.pointer} in two states", "none", "telemetry.no_sample")
        elif self._section.share is not None and self._clipped > self._section.share * self._seen:
            most = int(self._section.share * self._seen)
            observed = f"{self._clipped}, of which the sender counts {self._counted}"
            yield Finding(where, f"at most {most} of {self._seen} values clipped", observed, "telemetry.clip_share")

    def summary(self) -> Mapping[str, Json]:
        """How many values there were, and how many were clipped."""
        return {"values": self._seen, "clipped": self._clipped}
