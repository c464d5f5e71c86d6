"""Everything that is counted in the events of one log, event by event."""

from __future__ import annotations

from collections import Counter

from gatecourt.core.model import Finding
from gatecourt.rules.events.conditions import Cascades, SlowOperations, Surface
from gatecourt.rules.events.dialect import LogEvent
from gatecourt.rules.events.lifecycle import Lifecycle, OpenOrders
from gatecourt.rules.events.ordering import EventOrder
from gatecourt.rules.events.section import Dialect, EventsSection
from gatecourt.rules.events.summary import FindingLog

CHECKS_THAT_NEED = {
    "sequence": ("sequence",),
    "run": ("single_run",),
    "category": ("surfaced",),
    "level": ("error_rate", "critical", "cascade"),
    "payload": ("orders", "slow_operations"),
}
"""Aspects that cannot be judged if a dialect lacks the field."""


class EventCounters:
    """The state of one pass over one log."""

    def __init__(self, section: EventsSection, name: str, found: FindingLog) -> None:
        self._section = section
        self._name = name
        self._found = found
        self._error_levels = frozenset((*section.errors, *section.critical))
        self.events = 0
        self.counts: Counter[tuple[str | None, str, str | None]] = Counter()
        self.first_error: str | None = None
        self.ordering = EventOrder(section.sequence_start, section.clock)
        self.lifecycle = Lifecycle(section.lifecycle)
        self.orders = None if section.orders is None else OpenOrders(section.orders)
        self.surface = Surface(section.surface)
        self.slow = None if section.slow is None else SlowOperations(section.slow)
        self.cascades = None if section.cascade is None else Cascades(section.cascade)

    def take(self, event: LogEvent, dialect: Dialect) -> None:
        """Count the next event of the log, which is in ``dialect``."""
        where = f"{self._name}:{event.line}"
        self.events += 1
        self.counts[event.category, event.type, event.level] += 1
        self.ordering.take(event, dialect, where, self._found)
        self.lifecycle.take(event, where, self._found)
        if self.orders is not None:
            self.orders.take(event, self._name, self._found)
        if self.slow is not None:
            self.slow.take(event, where, self._found)
        self.surface.take(event, where)
        self._check_level(event, where)

    def _check_level(self, event: LogEvent, where: str) -> None:
        is_error = event.level in self._error_levels
        if is_error and self.first_error is None:
            self.first_error = f"{where} {event.type}"
        if event.level in self._section.critical:
            observed = f"{event.type} at {event.level}"
            self._found.add("critical", Finding(where, "no critical event", observed, "events.critical"))
        if self.cascades is not None:
            self.cascades.take(event, self.events, where, is_error, self._found)

    def never_reported(self, event: LogEvent) -> bool:
        """Whether an event of this category, type and level gives no finding by itself, only through its place."""
        return not (
            event.level in self._error_levels
            or event.type in self.lifecycle.types
            or self.surface.picker.names(event.category, event.type)
            or (self.cascades is not None and self.cascades.picker.names(event.category, event.type))
            or (self.orders is not None and event.type in self.orders.explaining)
        )

    def close(self, dialect: Dialect) -> None:
        """Add the findings that need the complete log. ``dialect`` is that of the log."""
        self.lifecycle.close(self._name, self._found)
        if self.orders is not None:
            self.orders.close(self._name, self._found)
        if self.cascades is not None:
            self.cascades.close(self._found)
        for field, reason in sorted(dialect.absent.items()):
            for aspect in CHECKS_THAT_NEED[field]:
                finding = Finding(
                    self._name, f"a field {field} in each event", f"none: {reason}", "events.field_absent"
                )
                self._found.add(aspect, finding)
