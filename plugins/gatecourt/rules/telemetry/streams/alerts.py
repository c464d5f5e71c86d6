"""Alerts that states tell, against what their numbers say (runbook W28)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gatecourt.core.model import Finding, Json
from gatecourt.formats.excerpt import excerpt
from gatecourt.mechanisms.streams.merging import StreamState
from gatecourt.rules.telemetry.streams.alert_conditions import Happened, Metric, Need, Rolling, Sum, Waiting
from gatecourt.rules.telemetry.streams.alerts_section import StreamAlerts
from gatecourt.rules.telemetry.streams.conditions import Condition, Overflow, Pressure, Spike
from gatecourt.rules.telemetry.streams.frame import Place
from gatecourt.rules.telemetry.streams.rule import Rule
from gatecourt.rules.telemetry.streams.section import StreamSection
from gatecourt.rules.telemetry.streams.settings import Settings


def recomputed(stream: StreamSection, section: StreamAlerts, settings: Settings) -> dict[str, Condition]:
    """The condition behind each alert that can be recomputed, by the alert's name. Raises ``Judged`` for settings."""
    found: dict[str, Condition] = {}
    if stream.queues is not None:
        found[section.pressure] = Pressure(stream.queues)
        if stream.queues.rivalry is not None:
            found[section.spike] = Spike(stream.queues.rivalry, settings)
    if stream.backlog is not None:
        found[section.overflow] = Overflow(stream.backlog)
    found |= {name: Metric(alert, settings) for name, alert in section.metric.items()}
    found |= {name: Sum(alert, settings) for name, alert in section.sum.items()}
    found |= {name: Happened(alert, settings) for name, alert in section.events.items()}
    found |= {name: Need(alert, settings) for name, alert in section.need.items()}
    found |= {name: Rolling(alert, settings) for name, alert in section.rolling.items()}
    found |= {name: Waiting(alert, settings) for name, alert in section.wait.items()}
    return dict(sorted(found.items()))


class AlertsTrue(Rule):
    """Alerts that are allowed, known by name, and told exactly while their condition holds.

    Rules: ``telemetry.alert``, ``alert_name``, ``alert_missing``, ``alert_unfounded``, ``metric_differs``.
    """

    lasting = True

    def __init__(self, stream: StreamSection, section: StreamAlerts, settings: Settings) -> None:
        self._section = section
        self._place = Place(section.pointer)
        self._conditions = recomputed(stream, section, settings)
        self._known = {*self._conditions, *section.known, *section.allowed}
        self._states = 0

    def feed(self, frame: StreamState) -> Iterator[Finding]:
        """The alerts of this state."""
        self._states += 1
        alerts = self._place.array(frame)
        if isinstance(alerts, Finding):
            yield alerts
        elif not all(isinstance(name, str) for name in alerts):
            yield self._place.wrong(frame, "an array of names", alerts)
        else:
            names = [self._section.aliases.get(name, name) for name in alerts]
            yield from self._told(frame, names)
            yield from self._against_conditions(frame, set(names))
            return
        for condition in self._conditions.values():
            condition.judge(frame)

    def _told(self, frame: StreamState, names: list[str]) -> Iterator[Finding]:
        where = frame.at(self._place.steps)
        for name in sorted(set(names)):
            if name not in self._known:
                yield Finding(where, "an alert that is declared", excerpt(name), "telemetry.alert_name")
            elif name not in self._section.allowed:
                expected = "none but " + ", ".join(self._section.allowed) if self._section.allowed else "none"
                yield Finding(where, expected, excerpt(name), "telemetry.alert")

    def _against_conditions(self, frame: StreamState, told: set[str]) -> Iterator[Finding]:
        where = frame.at(self._place.steps)
        for name, condition in self._conditions.items():
            outcome = condition.judge(frame)
            if isinstance(outcome, Finding):
                yield outcome
            elif outcome.holds and name not in told:
                yield Finding(where, name, f"absent, with {outcome.words}", "telemetry.alert_missing")
            elif outcome.holds is False and name in told:
                yield Finding(where, f"no {name}", f"told, with {outcome.words}", "telemetry.alert_unfounded")

    def summary(self) -> Mapping[str, Json]:
        """Which alerts were recomputed, over how many states."""
        return {"states": self._states, "alerts_recomputed": list(self._conditions)}
