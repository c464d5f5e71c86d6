"""Everything that is gathered from the events of one log, event by event."""

from __future__ import annotations

from collections import Counter

from gatecourt.core.model import Finding
from gatecourt.rules.events.conditions import Cascades, SlowOperations, Surface
from gatecourt.rules.events.dialect import Event
from gatecourt.rules.events.lifecycle import Lifecycle, OpenOrders
from gatecourt.rules.events.ordering import Succession
from gatecourt.rules.events.section import Dialect, EventsSection
from gatecourt.rules.events.summary import Told

RESTS_ON = {
    "sequence": ("sequence",),
    "run": ("single_run",),
    "category": ("surfaced",),
    "level": ("error_rate", "critical", "cascade"),
    "payload": ("orders", "slow_operations"),
}
"""Which aspects cannot be judged where a dialect lacks a field."""


class Tally:
    """The state of one pass over one log."""

    def __init__(self, section: EventsSection, name: str, told: Told) -> None:
        self._section = section
        self._name = name
        self._told = told
        self._alarming = frozenset((*section.errors, *section.critical))
        self.events = 0
        self.counts: Counter[tuple[str | None, str, str | None]] = Counter()
        self.first_error: str | None = None
        self.succession = Succession(section.sequence_start, section.clock)
        self.lifecycle = Lifecycle(section.lifecycle)
        self.orders = None if section.orders is None else OpenOrders(section.orders)
        self.surface = Surface(section.surface)
        self.slow = None if section.slow is None else SlowOperations(section.slow)
        self.cascades = None if section.cascade is None else Cascades(section.cascade)

    def take(self, event: Event, dialect: Dialect) -> None:
        """Look at the next event of the log, which is in ``dialect``."""
        where = f"{self._name}:{event.line}"
        self.events += 1
        self.counts[event.category, event.type, event.level] += 1
        self.succession.take(event, dialect, where, self._told)
        self.lifecycle.take(event, where, self._told)
        if self.orders is not None:
            self.orders.take(event, self._name, self._told)
        if self.slow is not None:
            self.slow.take(event, where, self._told)
        self.surface.take(event, where)
        self._alarm(event, where)

    def _alarm(self, event: Event, where: str) -> None:
        is_error = event.level in self._alarming
        if is_error and self.first_error is None:
            self.first_error = f"{where} {event.type}"
        if event.level in self._section.critical:
            observed = f"{event.type} at {event.level}"
            self._told.add("critical", Finding(where, "no critical event", observed, "events.critical"))
        if self.cascades is not None:
            self.cascades.take(event, self.events, where, is_error, self._told)

    def is_plain(self, event: Event) -> bool:
        """Whether no event of this category, type and level can be told for what it is, apart from its place."""
        return not (
            event.level in self._alarming
            or event.type in self.lifecycle.types
            or self.surface.picker.names(event.category, event.type)
            or (self.cascades is not None and self.cascades.picker.names(event.category, event.type))
            or (self.orders is not None and event.type in self.orders.explaining)
        )

    def close(self, dialect: Dialect) -> None:
        """Tell what only the end of the log shows. ``dialect`` is that of the log."""
        self.lifecycle.close(self._name, self._told)
        if self.orders is not None:
            self.orders.close(self._name, self._told)
        if self.cascades is not None:
            self.cascades.close(self._told)
        for field, reason in sorted(dialect.absent.items()):
            for aspect in RESTS_ON[field]:
                finding = Finding(self._name, f"a {field} in each event", f"none: {reason}", "events.field_absent")
                self._told.add(aspect, finding)
