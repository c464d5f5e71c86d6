"""A stream followed payload by payload: the same rules for a log at rest, a growing one and a socket."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json
from gatecourt.mechanisms.streams.merging import StreamMerger, StreamState
from gatecourt.rules.telemetry.streams.alerts import AlertsAgree, NeverHolds
from gatecourt.rules.telemetry.streams.clipping import ValuesClipped
from gatecourt.rules.telemetry.streams.conditions_section import AlertNames, Conditions
from gatecourt.rules.telemetry.streams.field_rules import FieldKept
from gatecourt.rules.telemetry.streams.held_objects import ObjectsReleased
from gatecourt.rules.telemetry.streams.lifecycles import StartsEnd
from gatecourt.rules.telemetry.streams.rate_limits import RateLimited
from gatecourt.rules.telemetry.streams.rule import Rule, Rules
from gatecourt.rules.telemetry.streams.running_totals import TotalsAddUp
from gatecourt.rules.telemetry.streams.section import PayloadVersion, StreamSection
from gatecourt.rules.telemetry.streams.settings import Settings
from gatecourt.rules.telemetry.streams.validity import PayloadsValid
from gatecourt.rules.telemetry.streams.versions import VersionKnown

PartFinding: TypeAlias = tuple[str, Finding]
"""A finding, and before it the part of the stream's section that it is about."""

PAYLOADS = "payloads"
PARTS = (
    "schema",
    "version",
    "field",
    "rate_limit",
    "lifecycle",
    "held",
    "running_total",
    "clipped",
    "condition",
    "alerts",
)
"""Optional parts of a stream's section, by their keys. Beside them every stream has ``payloads``."""


class Following:
    """One stream called ``name``, whose settings and schemas lie below ``root``.

    What lasts is reported when it begins, and again after it has ended. ``feed`` takes some hundred microseconds and
    keeps nothing but the state and what the rules remember of it.
    """

    def __init__(self, section: StreamSection, name: str, root: Path) -> None:
        self._section = section
        self._name = name
        self._settings = Settings(root)
        self._merging = StreamMerger(section.shape, name)
        self._began = 0
        self._rules: dict[str, Rule] = {}
        self._standing: dict[str, set[tuple[str, ...]]] = {}
        self._waiting: list[PartFinding] = []
        self._first: int | None = None
        self._valid: PayloadsValid | None = None
        if section.schema is not None:
            try:
                self._valid = PayloadsValid(section.schema, section.kinds, root)
            except Judged as judged:
                self._waiting.append(("schema", judged.finding))
        self._begin()

    def _begin(self) -> None:
        """New rules, with nothing to remember. A part whose settings cannot be read is reported once and not judged."""
        before, self._rules, self._standing = self._rules, {}, {}
        for part, make in _MAKERS.items():
            if not getattr(self._section, part):
                continue
            try:
                self._rules[part] = make(self._section, self._settings)
            except Judged as judged:
                if not before:
                    self._waiting.append((part, judged.finding))

    def feed(self, line: int | None, payload: Json) -> list[Finding]:
        """What is wrong with the next payload, which stood in ``line`` (from 1; None where there are no lines)."""
        return [finding for _, finding in self.feed_parts(line, payload)]

    def feed_parts(self, line: int | None, payload: Json) -> list[PartFinding]:
        """As ``feed``, each finding with its part."""
        found, self._waiting = self._waiting, []
        frame, findings = self._merging.feed(line, payload)
        found += [(PAYLOADS, replace(finding, rule=_MERGING[finding.rule])) for finding in findings]
        if self._valid is not None:
            where = self._name if line is None else f"{self._name}:{line}"
            found += [("schema", finding) for finding in self._valid.feed(where, payload)]
        if frame is None:
            return found
        if self._began not in (0, self._merging.began):
            self._begin()
        self._began = self._merging.began
        self._first = frame.tick if self._first is None else self._first
        for part, rule in self._rules.items():
            found += [(part, finding) for finding in self._news(part, rule, frame)]
        return found

    def _news(self, part: str, rule: Rule, frame: StreamState) -> Iterator[Finding]:
        before = self._standing.get(part, set())
        now: set[tuple[str, ...]] = set()
        for finding in rule.feed(frame):
            if rule.lasting or finding.rule == "telemetry.payload_missing":
                key = _known_as(finding)
                repeated = key in before or (finding.rule == "telemetry.payload_missing" and key in now)
                now.add(key)
                if repeated:
                    continue
            yield finding
        self._standing[part] = now

    def close(self) -> list[Finding]:
        """What only the end of the stream shows."""
        return [finding for _, finding in self.close_parts()]

    def close_parts(self) -> list[PartFinding]:
        """As ``close``, each finding with its part."""
        found, self._waiting = self._waiting, []
        found += [(PAYLOADS, finding) for finding in self._too_few()]
        if self._first is None:
            nothing = Finding(self._name, "at least one state", "none", "telemetry.no_payload")
            found += [(part, nothing) for part in PARTS if getattr(self._section, part)]
            return found
        if self._valid is not None:
            found += [("schema", finding) for finding in self._valid.close(self._name, self._merging.state)]
        for part, rule in self._rules.items():
            found += [(part, finding) for finding in rule.close(self._name)]
        return found

    def _too_few(self) -> Iterable[Finding]:
        least = 1 if self._section.format == "json" else self._section.at_least
        if self._merging.payloads < least:
            expected = f"at least {least} payloads"
            yield Finding(self._name, expected, str(self._merging.payloads), "telemetry.no_payload")

    def summary(self, part: str) -> Mapping[str, Json]:
        """What the judgement of a part rests on."""
        ticks = [self._first, self._merging.tick]
        rule = self._rules.get(part)
        return {"payloads": self._merging.payloads, "ticks": ticks, **(rule.summary() if rule is not None else {})}


def _known_as(finding: Finding) -> tuple[str, ...]:
    """What identifies a finding while it lasts. The place does not: later payloads repeat nothing."""
    if finding.rule in _BY_OBSERVED:
        return finding.rule, finding.expected, finding.observed
    return finding.rule, finding.expected


_MERGING: Mapping[str, str] = {
    "payload_shape": "telemetry.payload_shape",
    "no_snapshot": "telemetry.no_snapshot",
    "tick_value": "telemetry.tick_value",
    "tick_order": "telemetry.tick_order",
    "tick_gap": "telemetry.tick_gap",
    "removed_unknown": "telemetry.removed_unknown",
    "removed_and_changed": "telemetry.removed_and_changed",
    "contradiction": "telemetry.contradiction",
    "snapshot_disagrees": "telemetry.snapshot_disagrees",
    "stream_identity": "telemetry.stream_identity",
    "identity_missing": "telemetry.payload_missing",
}
_BY_OBSERVED = ("telemetry.payload_value", "telemetry.alert", "telemetry.alert_name")


_MAKERS: Mapping[str, Callable[[StreamSection, Settings], Rule]] = {
    "version": lambda section, _: VersionKnown(section.version or PayloadVersion("0.0")),
    "field": lambda section, settings: Rules({name: FieldKept(one, settings) for name, one in section.field.items()}),
    "rate_limit": lambda section, settings: Rules(
        {name: RateLimited(one, settings) for name, one in section.rate_limit.items()}
    ),
    "lifecycle": lambda section, _: Rules({name: StartsEnd(one) for name, one in section.lifecycle.items()}),
    "held": lambda section, _: Rules({name: ObjectsReleased(one) for name, one in section.held.items()}),
    "running_total": lambda section, _: Rules({name: TotalsAddUp(one) for name, one in section.running_total.items()}),
    "clipped": lambda section, settings: Rules(
        {name: ValuesClipped(one, settings) for name, one in section.clipped.items()}, lasting=True
    ),
    "condition": lambda section, settings: NeverHolds(section.condition or Conditions(), settings),
    "alerts": lambda section, settings: AlertsAgree(section.alerts or AlertNames(""), section.condition, settings),
}
