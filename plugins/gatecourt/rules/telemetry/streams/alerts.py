"""Conditions that must not hold, and alerts that agree with their conditions."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

from gatecourt.core.model import Finding, Json
from gatecourt.formats.excerpt import excerpt
from gatecourt.mechanisms.streams.merging import StreamState
from gatecourt.rules.telemetry.streams.conditions import ConditionState, conditions_of
from gatecourt.rules.telemetry.streams.conditions_section import AlertNames, AlertTiming, Conditions
from gatecourt.rules.telemetry.streams.frame import Place
from gatecourt.rules.telemetry.streams.rule import Rule
from gatecourt.rules.telemetry.streams.settings import Settings


class NeverHolds(Rule):
    """Conditions that must not hold; one that lasts is reported when it begins. Rule: ``telemetry.condition``."""

    def __init__(self, section: Conditions, settings: Settings) -> None:
        found = conditions_of(section, settings)
        self._conditions = {name: found[name] for name in section.never}
        self._holding: set[str] = set()

    def feed(self, frame: StreamState) -> Iterator[Finding]:
        """Conditions that begin to hold, and what a state lacks for them."""
        before, self._holding = self._holding, set()
        for name, condition in self._conditions.items():
            now = condition.judge(frame)
            if isinstance(now, Finding):
                yield now
            elif now.holds:
                self._holding.add(name)
                if name not in before:
                    yield Finding(now.where, f"no {name}", now.words, "telemetry.condition")

    def summary(self) -> Mapping[str, Json]:
        """The conditions that must not hold."""
        return {"never": list(self._conditions)}


class _DueAlert:
    """Whether an alert is due, by its timing: None where the states so far leave it open."""

    def __init__(self, timing: AlertTiming) -> None:
        self._timing = timing
        self._held: deque[bool | None] = deque(maxlen=timing.of)
        self._due: deque[bool | None] = deque(maxlen=timing.lag + 1)

    def take(self, holds: bool | None) -> bool | None:
        """Whether the alert must be there (True), must not (False), or may be (None) in this state."""
        self._held.append(holds)
        yes, unknown = self._held.count(True), self._held.count(None)
        due = True if yes >= self._timing.ticks else False if yes + unknown < self._timing.ticks else None
        self._due.append(due)
        settled = len(set(self._due)) == 1 and (len(self._due) == self._due.maxlen or due is False)
        return due if settled else None


class AlertsAgree(Rule):
    """Alerts that are allowed, known by name, and present exactly while their condition makes them due.

    Rules: ``telemetry.alert``, ``alert_name``, ``alert_missing``, ``alert_unfounded``, ``metric_differs``.
    """

    lasting = True

    def __init__(self, section: AlertNames, conditions: Conditions | None, settings: Settings) -> None:
        self._section = section
        self._place = Place(section.pointer)
        self._conditions = conditions_of(conditions or Conditions(), settings)
        self._due = {name: _DueAlert(section.timing.get(name, AlertTiming())) for name in self._conditions}
        self._known = {*self._conditions, *section.known, *section.allowed}
        self._states = 0

    def feed(self, frame: StreamState) -> Iterator[Finding]:
        """The alerts of this state."""
        self._states += 1
        alerts = self._place.array(frame)
        if isinstance(alerts, list) and not all(isinstance(name, str) for name in alerts):
            alerts = self._place.wrong(frame, "an array of names", alerts)
        if isinstance(alerts, Finding):
            yield alerts
            names = None
        else:
            names = {self._section.aliases.get(name, name) for name in alerts}
            yield from self._permitted(frame, names)
        for name, condition in self._conditions.items():
            now = condition.judge(frame)
            due = self._due[name].take(None if isinstance(now, Finding) else now.holds)
            if names is None:
                continue
            if isinstance(now, Finding):
                yield now
            else:
                yield from self._agrees(frame, name, now, due, name in names)

    def _permitted(self, frame: StreamState, names: set[str]) -> Iterator[Finding]:
        where = frame.at(self._place.steps)
        for name in sorted(names):
            if name not in self._known:
                yield Finding(where, "an alert that is declared", excerpt(name), "telemetry.alert_name")
            elif name not in self._section.allowed:
                expected = "none but " + ", ".join(self._section.allowed) if self._section.allowed else "none"
                yield Finding(where, expected, excerpt(name), "telemetry.alert")

    def _agrees(
        self, frame: StreamState, name: str, now: ConditionState, due: bool | None, there: bool
    ) -> Iterator[Finding]:
        where = frame.at(self._place.steps)
        if due and not there:
            yield Finding(where, name, f"absent, with {now.words}", "telemetry.alert_missing")
        elif due is False and there:
            yield Finding(where, f"no {name}", f"present, with {now.words}", "telemetry.alert_unfounded")

    def summary(self) -> Mapping[str, Json]:
        """Which alerts were worked out again, over how many states."""
        return {"states": self._states, "alerts_recomputed": list(self._conditions)}
