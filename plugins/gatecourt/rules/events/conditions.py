"""What a person must see: declared conditions, slow operations, cascades of errors, words of failure at the end."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from gatecourt.core.model import Finding
from gatecourt.formats import pointer
from gatecourt.formats.bounded_regex import bounded_pattern
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.quantities import PER_SECOND
from gatecourt.rules.events.dialect import LogEvent
from gatecourt.rules.events.section import Cascade, EventCondition, Exceptions, Slow
from gatecourt.rules.events.summary import FindingLog, PlaceList, Places

_CACHED = 1000


class Picker:
    """Named conditions over category and type. Answers are cached: a log has few types and many events."""

    def __init__(self, conditions: Mapping[str, EventCondition]) -> None:
        self._known: dict[tuple[str | None, str], list[str]] = {}
        self._conditions = [
            (name, condition.category, bounded_pattern(condition.type or "", re.IGNORECASE).search)
            for name, condition in conditions.items()
        ]

    def names(self, category: str | None, kind: str) -> list[str]:
        """The conditions that an event of this category and type meets, in the order of their declaration."""
        known = self._known.get((category, kind))
        if known is None:
            where = f"the event type {excerpt(kind)}"
            known = [n for n, wanted, found in self._conditions if wanted in (None, category) and found(kind, where)]
            if len(self._known) < _CACHED:
                self._known[category, kind] = known
        return known


class Surface:
    """Counts the events that meet declared conditions."""

    def __init__(self, conditions: Mapping[str, EventCondition]) -> None:
        self.picker = Picker(conditions)
        self._places = {name: PlaceList() for name in conditions}

    def take(self, event: LogEvent, where: str) -> None:
        """Check one event."""
        for name in self.picker.names(event.category, event.type):
            self._places[name].add(where, event.type)

    def places(self) -> dict[str, Places]:
        """The places of the events that meet each condition."""
        return {name: found.places() for name, found in self._places.items()}


class SlowOperations:
    """Lists the operations that took longer than declared."""

    def __init__(self, slow: Slow) -> None:
        self.pointer = slow.pointer
        self.threshold = Fraction(slow.over) * PER_SECOND[slow.unit]
        self._places = PlaceList()

    def take(self, event: LogEvent, where: str, found: FindingLog) -> None:
        """Check one event. One without a duration is ignored; a duration that is not a number is a finding."""
        try:
            duration = pointer.get(event.payload, self.pointer)
        except KeyError:
            return
        if isinstance(duration, bool) or not isinstance(duration, int | float):
            found.add("slow_operations", Finding(where, "a duration as a number", excerpt(duration), "events.duration"))
        elif duration > self.threshold:
            self._places.add(where, f"{event.type} {duration}")

    def places(self) -> Places:
        """The places of the slow operations."""
        return self._places.places()


@dataclass(slots=True)
class _Error:
    index: int
    where: str
    type: str
    cause: str


class Cascades:
    """Names the first error of each cascade and its likely cause.

    The cause is the first error itself if it meets a declared cause, else the nearest event that does within the
    window before it.
    """

    def __init__(self, cascade: Cascade) -> None:
        self._rule = cascade
        self.picker = Picker(cascade.causes)
        self._near: deque[_Error] = deque()
        self._cause: tuple[int, str] | None = None
        self._first: _Error | None = None
        self._number = 0

    def take(self, event: LogEvent, index: int, where: str, is_error: bool, found: FindingLog) -> None:
        """Check one event, the ``index``-th of its log."""
        if causes := self.picker.names(event.category, event.type):
            self._cause = (index, f"{causes[0]} ({event.type}, line {event.line})")
        if is_error:
            self._take_error(_Error(index, where, event.type, self._cause_near(index)), found)

    def _cause_near(self, index: int) -> str:
        if self._cause is None or index - self._cause[0] >= self._rule.window:
            return "none of the declared ones"
        return self._cause[1]

    def _take_error(self, error: _Error, found: FindingLog) -> None:
        if self._near and error.index - self._near[-1].index >= self._rule.window:
            self.close(found)
        while self._near and error.index - self._near[0].index >= self._rule.window:
            self._near.popleft()
        self._near.append(error)
        if self._first is not None:
            self._number += 1
        elif len(self._near) >= self._rule.errors:
            self._first, self._number = self._near[0], len(self._near)

    def close(self, found: FindingLog) -> None:
        """Add the finding of the current cascade, if there is one."""
        if self._first is not None:
            expected = f"fewer than {self._rule.errors} errors within {self._rule.window} events"
            observed = f"{self._number} errors from {self._first.type} on; likely cause: {self._first.cause}"
            found.add("cascade", Finding(self._first.where, expected, observed, "events.cascade"))
        self._near.clear()
        self._first, self._number = None, 0


class FailureWords:
    """Searches the type and the payload's strings of the last events for words of failure."""

    def __init__(self, exceptions: Exceptions, payload: str | None, kind: str) -> None:
        self._pattern = re.compile("|".join(map(re.escape, exceptions.words)), re.IGNORECASE)
        self._expected = f"none of {', '.join(exceptions.words)} in the last {exceptions.last} lines"
        self._payload = payload or ""
        self._type = kind

    def take(self, event: LogEvent, where: str, found: FindingLog) -> None:
        """Search one of the last events."""
        texts = [(self._type, event.type)]
        if event.payload is not None:
            for steps, value in pointer.leaves(event.payload):
                if isinstance(value, str):
                    texts.append((self._payload + pointer.join(steps), value))
        for at, text in texts:
            if match := self._pattern.search(text):
                finding = Finding(f"{where}#{at}", self._expected, match.group(), "events.exception")
                found.add("exceptions", finding)
