"""Fairness of the queues: their totals and history, pressure, spikes of rivalry and deadlocks (runbook W28)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gatecourt.core.model import Finding, Json
from gatecourt.formats.excerpt import excerpt
from gatecourt.mechanisms.streams.merging import StreamState
from gatecourt.rules.telemetry.streams.conditions import Condition, Outcome, Pressure, Spike
from gatecourt.rules.telemetry.streams.frame import MISSING, Place, whole
from gatecourt.rules.telemetry.streams.history import HistoryAddsUp
from gatecourt.rules.telemetry.streams.queues_section import Queues, Reservations
from gatecourt.rules.telemetry.streams.rule import Rule
from gatecourt.rules.telemetry.streams.settings import Settings


@dataclass(slots=True)
class _Held:
    """An object that an agent holds without a release since a tick."""

    agent: str
    since: int
    told: bool = False


class Deadlocks:
    """Objects held too long. The hold is what the states show; a ``since`` that moves on is no release."""

    def __init__(self, section: Reservations) -> None:
        self._section = section
        self._place = Place(section.pointer)
        self._held: dict[str, _Held] = {}
        self.seen = 0

    def feed(self, frame: StreamState) -> Iterator[Finding]:
        """Objects whose hold has just become too long."""
        reservations = self._place.table(frame)
        if isinstance(reservations, Finding):
            yield reservations
            return
        held: dict[str, _Held] = {}
        for name, reservation in reservations.items():
            if reservation is None:
                continue
            now = self._read(frame, name, reservation)
            if isinstance(now, Finding):
                yield now
                continue
            before = self._held.get(name)
            held[name] = before if before is not None and before.agent == now.agent else now
            self.seen += held[name] is now
            yield from self._judge(frame, name, held[name])
        self._held = held

    def _read(self, frame: StreamState, name: str, reservation: Any) -> _Held | Finding:
        place = self._place.below(name)
        if not isinstance(reservation, dict):
            return place.wrong(frame, "an object or null", reservation)
        agent, since = reservation.get(self._section.agent), whole(reservation.get(self._section.since))
        if not isinstance(agent, str):
            return place.below(self._section.agent).wrong(frame, "a name", agent)
        if since is None or since > frame.tick:
            told = reservation.get(self._section.since)
            return place.below(self._section.since).wrong(frame, f"a tick of at most {frame.tick}", told)
        return _Held(agent, since)

    def _judge(self, frame: StreamState, name: str, held: _Held) -> Iterator[Finding]:
        if frame.tick - held.since > self._section.longest and not held.told:
            held.told = True
            where = frame.at((*self._place.steps, name))
            observed = f"held by {excerpt(held.agent)} since tick {held.since}, now {frame.tick}"
            yield Finding(where, f"a release within {self._section.longest} ticks", observed, "telemetry.deadlock")


class QueuesFair(Rule):
    """Totals that only grow, a history that adds up to them, and none of the conditions that call for an operator.

    Rules: ``telemetry.counter_back``, ``history_entry``, ``history_sum``, ``history_totals``, ``history_rewritten``,
    ``queue_pressure``, ``rivalry_spike``, ``deadlock``, ``no_sample``. ``tolerated`` names conditions that may hold.
    """

    def __init__(self, section: Queues, settings: Settings, tolerated: frozenset[str] = frozenset()) -> None:
        self._totals = Place(section.totals)
        self._last: dict[str, int] = {}
        self._history = None if section.history is None else HistoryAddsUp(section.history)
        self._deadlocks = None if section.reservations is None else Deadlocks(section.reservations)
        conditions: dict[str, Condition] = {"telemetry.queue_pressure": Pressure(section)}
        if section.rivalry is not None:
            conditions["telemetry.rivalry_spike"] = Spike(section.rivalry, settings)
        self._conditions = {rule: judge for rule, judge in conditions.items() if rule not in tolerated}
        self._holding: set[str] = set()

    def feed(self, frame: StreamState) -> Iterator[Finding]:
        """What the queues of this state show."""
        totals = self._totals.table(frame)
        if isinstance(totals, Finding):
            yield totals
        else:
            yield from self._grown(frame, totals)
            if self._history is not None:
                yield from self._history.feed(frame, self._last)
            yield from self._pressed(frame)
        if self._deadlocks is not None:
            yield from self._deadlocks.feed(frame)

    def _grown(self, frame: StreamState, totals: dict[str, Any]) -> Iterator[Finding]:
        now: dict[str, int] = {}
        for name, value in totals.items():
            count = whole(value)
            place = (*self._totals.steps, name)
            if count is None:
                yield self._totals.below(name).wrong(frame, "a whole number of at least 0", value)
                continue
            if count < self._last.get(name, 0):
                expected = f"at least {self._last[name]}, as before"
                yield Finding(frame.at(place), expected, str(count), "telemetry.counter_back")
            now[name] = count
        for name in sorted(self._last.keys() - totals.keys()):
            yield Finding(
                frame.at((*self._totals.steps, name)), "a total, as before", "absent", "telemetry.counter_back"
            )
        self._last = now

    def _pressed(self, frame: StreamState) -> Iterator[Finding]:
        """A condition that lasts is told when it begins."""
        for rule, condition in self._conditions.items():
            outcome = condition.judge(frame)
            if isinstance(outcome, Outcome):
                if outcome.holds and rule not in self._holding:
                    yield Finding(outcome.where, "no such condition", outcome.words, rule)
                self._holding = self._holding | {rule} if outcome.holds else self._holding - {rule}
            elif outcome.rule == MISSING or rule == "telemetry.rivalry_spike":
                yield outcome

    def close(self, where: str) -> Iterator[Finding]:
        """A stream whose history stays empty, or in which nothing was ever reserved, shows no fairness."""
        if self._history is not None and not self._history.seen:
            yield Finding(where, "at least one entry of the queues' history", "none", "telemetry.no_sample")
        if self._deadlocks is not None and not self._deadlocks.seen:
            yield Finding(where, "at least one reservation", "none", "telemetry.no_sample")

    def summary(self) -> Mapping[str, Json]:
        """How much the judgement rests on."""
        found: dict[str, Json] = {}
        if self._history is not None:
            found["history_entries"] = self._history.seen
        if self._deadlocks is not None:
            found["reservations"] = self._deadlocks.seen
        return found
