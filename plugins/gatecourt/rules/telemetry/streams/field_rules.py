"""Values of each state against their kind and limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from gatecourt.core.model import Finding, Json
from gatecourt.formats.excerpt import excerpt
from gatecourt.mechanisms.streams.merging import StreamState
from gatecourt.rules.telemetry.streams.frame import Place, decimal, whole
from gatecourt.rules.telemetry.streams.rule import Rule
from gatecourt.rules.telemetry.streams.rules_section import FieldRule
from gatecourt.rules.telemetry.streams.settings import Settings

_Steps = tuple[str, ...]


class FieldKept(Rule):
    """One value, or every member that a pattern names, is of its kind and within its limits.

    Rules: ``telemetry.field_differs``, ``field_limit``, ``field_count``, ``field_lag``, ``counter_back``, those of
    values, and ``field_review`` in place of all but an absent value where a person is to look at it.
    """

    def __init__(self, section: FieldRule, settings: Settings) -> None:
        self._section = section
        self._place = Place(section.pointer)
        self._equals = None if section.equals is None or isinstance(section.equals, bool) else section.equals
        self._bounds = {
            name: settings.bound(bound)
            for name, bound in (("equals", self._equals), ("at_least", section.at_least), ("at_most", section.at_most))
            if bound is not None
        }
        self._counted = None if section.count_of is None else Place(section.count_of)
        self._lag = None if section.lag is None else settings.ticks(section.lag)
        self._last: dict[_Steps, Decimal] = {}
        self._first: int | None = None
        self._standing: set[tuple[_Steps, str]] = set()

    def feed(self, frame: StreamState) -> Iterator[Finding]:
        """What is wrong now that was not wrong before; a counter that falls is reported each time."""
        self._first = frame.tick if self._first is None else self._first
        before, self._standing = self._standing, set()
        for steps, finding in self._all(frame):
            if finding.rule != "telemetry.counter_back":
                self._standing.add((steps, finding.rule))
                if (steps, finding.rule) in before:
                    continue
            if self._section.review and finding.rule != "telemetry.payload_missing":
                finding = Finding(finding.where, finding.expected, finding.observed, "telemetry.field_review")
            yield finding

    def _all(self, frame: StreamState) -> Iterator[tuple[_Steps, Finding]]:
        now: dict[_Steps, Decimal] = {}
        found = list(self._place.matches(frame))
        for place, value in found:
            for finding in [value] if isinstance(value, Finding) else self._judge(frame, place, value, now):
                yield place.steps, finding
        if "*" in self._place.steps and self._section.never_falls:
            there = {place.steps for place, _ in found}
            for steps in sorted(self._last.keys() - there):
                yield steps, Finding(frame.at(steps), "a counter, as before", "absent", "telemetry.counter_back")
        self._last = now

    def _judge(self, frame: StreamState, place: Place, value: Json, now: dict[_Steps, Decimal]) -> Iterator[Finding]:
        section = self._section
        expected, fits = _KINDS[section.kind]
        if not fits(value, frame.tick):
            yield place.wrong(frame, expected.format(frame.tick), value)
            return
        where = frame.at(place.steps)
        if isinstance(section.equals, bool) and value is not section.equals:
            yield Finding(where, excerpt(section.equals), excerpt(value), "telemetry.field_differs")
        if section.one_of and value not in section.one_of:
            yield Finding(where, f"one of {', '.join(section.one_of)}", excerpt(value), "telemetry.field_differs")
        number = decimal(value)
        if number is not None and section.kind != "tick":
            yield from self._limited(frame, where, number)
            if section.never_falls:
                yield from self._grown(place, where, number, now)
            if self._counted is not None:
                yield from self._as_listed(frame, where, number, self._counted)
        if self._lag is not None:
            yield from self._late(frame, where, value, self._lag)

    def _limited(self, frame: StreamState, where: str, number: Decimal) -> Iterator[Finding]:
        for name, bound in self._bounds.items():
            limit = bound.of(frame)
            if isinstance(limit, Finding):
                yield limit
            elif name == "equals" and number != limit:
                yield Finding(where, f"{limit}, as declared", str(number), "telemetry.field_differs")
            elif (name == "at_most" and number > limit) or (name == "at_least" and number < limit):
                yield Finding(where, f"{_WORDS[name]} {limit}", str(number), "telemetry.field_limit")

    def _grown(self, place: Place, where: str, number: Decimal, now: dict[_Steps, Decimal]) -> Iterator[Finding]:
        now[place.steps] = number
        last = self._last.get(place.steps)
        if last is not None and number < last:
            yield Finding(where, f"at least {last}, as before", str(number), "telemetry.counter_back")

    def _as_listed(self, frame: StreamState, where: str, number: Decimal, listed: Place) -> Iterator[Finding]:
        entries = listed.value(frame)
        if isinstance(entries, Finding):
            yield entries
        elif not isinstance(entries, (list, dict)):
            yield listed.wrong(frame, "an array or an object", entries)
        elif number != (count := len({excerpt(entry) for entry in entries})):
            expected = f"{count}, as many different ones as are listed at {listed.pointer}"
            yield Finding(where, expected, str(number), "telemetry.field_count")

    def _late(self, frame: StreamState, where: str, value: Any, lag: int) -> Iterator[Finding]:
        since = self._first if value is None else int(value)
        if since is not None and frame.tick - since > lag:
            observed = f"{'none since' if value is None else 'the last at'} tick {since}, at tick {frame.tick}"
            yield Finding(where, f"a tick at most {lag} ticks ago", observed, "telemetry.field_lag")


_WORDS: Mapping[str, str] = {"at_least": "at least", "at_most": "at most"}
_KINDS: Mapping[str, tuple[str, Callable[[Json, int], bool]]] = {
    "number": ("a finite number", lambda value, _: decimal(value) is not None),
    "count": ("a whole number of at least 0", lambda value, _: whole(value) is not None),
    "truth": ("true or false", lambda value, _: isinstance(value, bool)),
    "text": ("a text", lambda value, _: isinstance(value, str)),
    "null": ("null", lambda value, _: value is None),
    "tick": (
        "null or a tick of at most {}",
        lambda value, now: value is None or ((tick := whole(value)) is not None and tick <= now),
    ),
}
