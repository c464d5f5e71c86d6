"""Health of the transport, as the sender tells it (runbook W18)."""

from __future__ import annotations

from collections.abc import Iterator

from gatecourt.core.model import Finding
from gatecourt.formats.excerpt import excerpt
from gatecourt.mechanisms.streams.merging import StreamState
from gatecourt.rules.telemetry.streams.frame import Place, whole
from gatecourt.rules.telemetry.streams.rule import Rule
from gatecourt.rules.telemetry.streams.section import TransportHealth
from gatecourt.rules.telemetry.streams.settings import Settings


class TransportHealthy(Rule):
    """The transport is connected, has lost nothing, holds no more than allowed back, and sent a moment ago.

    Rules: ``telemetry.transport_missing``, ``disconnected``, ``dropped``, ``counter_back``, ``waiting``,
    ``transport_error``, ``transport_lag``, and those of values.
    """

    lasting = True

    def __init__(self, section: TransportHealth, settings: Settings) -> None:
        self._section = section
        self._block = Place(section.pointer)
        self._connected = self._block.below(section.connected)
        self._dropped = self._block.below(section.dropped)
        self._queue = self._block.below(section.queue)
        self._error = self._block.below(section.last_error)
        self._success = self._block.below(section.last_success)
        self._limit = settings.ticks(section.queue_limit)
        self._lost = 0
        self._counters = {key: self._block.below(key) for key in section.counters}
        self._counted: dict[str, int] = {}
        self._first: int | None = None

    def feed(self, frame: StreamState) -> Iterator[Finding]:
        """What the block of this state says."""
        if self._first is None:
            self._first = frame.tick
        block = self._block.value(frame)
        if isinstance(block, Finding):
            yield Finding(block.where, block.expected, block.observed, "telemetry.transport_missing")
        elif not isinstance(block, dict):
            yield self._block.wrong(frame, "an object", block)
        else:
            yield from self._link(frame)
            yield from self._losses(frame)
            yield from self._grown(frame)
            yield from self._waiting(frame)
            yield from self._lag(frame)

    def _link(self, frame: StreamState) -> Iterator[Finding]:
        connected = self._connected.value(frame)
        if isinstance(connected, Finding):
            yield connected
        elif not isinstance(connected, bool):
            yield self._connected.wrong(frame, "true or false", connected)
        elif not connected:
            yield Finding(frame.at(self._connected.steps), "true", "false", "telemetry.disconnected")
        error = self._error.value(frame)
        if isinstance(error, Finding):
            yield error
        elif error is not None:
            yield Finding(frame.at(self._error.steps), "null", excerpt(error), "telemetry.transport_error")

    def _losses(self, frame: StreamState) -> Iterator[Finding]:
        dropped = self._dropped.count(frame)
        if isinstance(dropped, Finding):
            yield dropped
            return
        where = frame.at(self._dropped.steps)
        if dropped < self._lost:
            yield Finding(where, f"at least {self._lost}, as before", str(dropped), "telemetry.counter_back")
        if dropped > 0:
            yield Finding(where, "0", str(dropped), "telemetry.dropped")
        self._lost = dropped

    def _grown(self, frame: StreamState) -> Iterator[Finding]:
        for key, place in self._counters.items():
            count = place.count(frame)
            if isinstance(count, Finding):
                yield count
                continue
            if count < self._counted.get(key, 0):
                expected = f"at least {self._counted[key]}, as before"
                yield Finding(frame.at(place.steps), expected, str(count), "telemetry.counter_back")
            self._counted[key] = count

    def _waiting(self, frame: StreamState) -> Iterator[Finding]:
        waiting = self._queue.count(frame)
        if isinstance(waiting, Finding):
            yield waiting
        elif waiting > self._limit:
            yield Finding(frame.at(self._queue.steps), f"at most {self._limit}", str(waiting), "telemetry.waiting")

    def _lag(self, frame: StreamState) -> Iterator[Finding]:
        """A success is due within the lag after the first state, and never lies ahead of the state that tells it."""
        success = self._success.value(frame)
        if isinstance(success, Finding):
            yield success
            return
        tick = whole(success)
        if success is not None and (tick is None or tick > frame.tick):
            yield self._success.wrong(frame, f"null or a tick of at most {frame.tick}", success)
            return
        since = self._first if tick is None else tick
        if since is not None and frame.tick - since > self._section.lag:
            expected = f"a success at most {self._section.lag} ticks ago"
            observed = f"{'none since' if tick is None else 'the last at'} tick {since}, at tick {frame.tick}"
            yield Finding(frame.at(self._success.steps), expected, observed, "telemetry.transport_lag")
