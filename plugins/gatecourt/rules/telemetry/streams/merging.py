"""Payloads to states: a whole state, then what changed from tick to tick. It is changed in place, never copied."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from gatecourt.core.model import Finding, Json
from gatecourt.formats.excerpt import bounded, excerpt
from gatecourt.formats.pointer import join
from gatecourt.rules.telemetry.streams.frame import Frame, Place, whole
from gatecourt.rules.telemetry.streams.json_diff import ABSENT, differences
from gatecourt.rules.telemetry.streams.section import PayloadKinds, StreamSection

SHAPE = "telemetry.payload_shape"
_TOLD = 5


class Merging:
    """The state of one stream. ``began`` counts how often it began anew: a judge of it then begins anew too."""

    def __init__(self, section: StreamSection, name: str) -> None:
        self.state: dict[str, Any] = {}
        self.tick: int | None = None
        self.began = 0
        self.payloads = 0
        self._name = name
        self._kinds = section.kinds
        self._kind = None if section.kinds is None else Place(section.kinds.pointer)
        self._tick = Place(section.tick)
        self._step = section.step
        self._identity = [Place(at) for at in section.identity]
        self._who: list[object] = []

    def feed(self, line: int | None, payload: Json) -> tuple[Frame | None, list[Finding]]:
        """The next payload merged, and what is wrong with it; no frame where rules could not trust the state."""
        where = self._name if line is None else f"{self._name}:{line}"
        self.payloads += 1
        if not isinstance(payload, dict):
            return None, [Finding(where, "a payload, which is an object", excerpt(payload), SHAPE)]
        if self._kinds is None or self._kind is None:
            return self._snapshot(Frame(where, 0, payload))
        kind = self._kind.value(Frame(where, 0, payload))
        if kind == self._kinds.snapshot:
            return self._snapshot(Frame(where, 0, payload))
        if kind == self._kinds.diff:
            return self._diff(Frame(where, 0, payload), self._kinds)
        observed = "absent" if isinstance(kind, Finding) else excerpt(kind)
        expected = f"{self._kinds.snapshot} or {self._kinds.diff}"
        return None, [Finding(f"{where}#{self._kind.pointer}", expected, observed, SHAPE)]

    def _snapshot(self, told: Frame) -> tuple[Frame | None, list[Finding]]:
        tick = self._tick_of(told)
        if isinstance(tick, Finding):
            return None, [tick]
        values = [place.value(told) for place in self._identity]
        findings = [value for value in values if isinstance(value, Finding)]
        who = [ABSENT if isinstance(value, Finding) else value for value in values]
        last, self_same = self.tick, not self.began or who == self._who
        if not self_same:
            findings.append(self._other(told, who))
        again = self._kinds is not None and self.began > 0 and self_same and tick == last
        if again:
            findings += bounded(self._contradicted(told), _TOLD)
        elif self_same and last is not None:
            findings += self._order(told, tick, last)
        if not self.began or not self_same or (last is not None and tick < last):
            self.began += 1
        self.state, self.tick, self._who = dict(told.state), tick, who
        return (None if again else Frame(told.where, tick, self.state)), findings

    def _diff(self, told: Frame, kinds: PayloadKinds) -> tuple[Frame | None, list[Finding]]:
        if not self.began:
            observed = "a diff, and no state that it could change"
            return None, [Finding(told.where, f"a {kinds.snapshot} first", observed, "telemetry.no_snapshot")]
        changes, removed = told.state.get(kinds.changes), told.state.get(kinds.removed, [])
        if not isinstance(changes, dict):
            observed = excerpt(changes) if kinds.changes in told.state else "absent"
            return None, [Finding(f"{told.where}#/{kinds.changes}", "an object", observed, SHAPE)]
        if not isinstance(removed, list) or not all(isinstance(key, str) for key in removed):
            return None, [Finding(f"{told.where}#/{kinds.removed}", "an array of keys", excerpt(removed), SHAPE)]
        findings = [*self._removed(told.where, kinds, removed, changes), *self._header(told, kinds, changes)]
        for key in removed:
            self.state.pop(key, None)
        self.state.update(changes)
        tick, last = self._tick_of(told), self.tick
        if isinstance(tick, Finding):
            return None, [*findings, tick]
        findings += self._identity_kept(told.where, changes, kinds)
        findings += [] if last is None else self._order(told, tick, last)
        if last is not None and tick <= last:
            return None, findings
        self.tick = tick
        return Frame(told.where, tick, self.state, frozenset(changes), kinds.changes), findings

    def _removed(
        self, where: str, kinds: PayloadKinds, removed: list[str], changes: dict[str, Any]
    ) -> Iterator[Finding]:
        for index, key in enumerate(removed):
            at = f"{where}#/{kinds.removed}/{index}"
            if key in changes:
                yield Finding(at, "a key that is not changed too", excerpt(key), "telemetry.removed_and_changed")
            elif key not in self.state:
                yield Finding(at, "a key of the state before", excerpt(key), "telemetry.removed_unknown")

    def _header(self, told: Frame, kinds: PayloadKinds, changes: dict[str, Any]) -> Iterator[Finding]:
        """A diff carries its tick and version beside its changes; both become part of the state."""
        apart = {kinds.changes, kinds.removed, self._kind.steps[0] if self._kind and self._kind.steps else ""}
        for key, value in told.state.items():
            if key in apart:
                continue
            if key in changes and changes[key] != value:
                at = f"{told.where}#{join((kinds.changes, key))}"
                yield Finding(at, f"{excerpt(value)}, as beside it", excerpt(changes[key]), "telemetry.contradiction")
            self.state[key] = value

    def _tick_of(self, told: Frame) -> int | Finding:
        value = self._tick.value(told)
        tick = None if isinstance(value, Finding) else whole(value)
        if tick is None:
            observed = "absent" if isinstance(value, Finding) else excerpt(value)
            return Finding(f"{told.where}#{self._tick.pointer}", "a whole number", observed, "telemetry.tick_value")
        return tick

    def _order(self, told: Frame, tick: int, last: int) -> Iterator[Finding]:
        due = last + self._step
        if tick == due:
            return
        where = f"{told.where}#{self._tick.pointer}"
        rule = "telemetry.tick_order" if tick <= last else "telemetry.tick_gap"
        yield Finding(where, f"tick {due}, next after {last}", f"tick {tick}", rule)

    def _contradicted(self, told: Frame) -> Iterator[Finding]:
        apart = self._kind.steps[0] if self._kind and self._kind.steps else None
        for key in sorted({*self.state, *told.state} - {apart}):
            merged, whole_state = self.state.get(key, ABSENT), told.state.get(key, ABSENT)
            for way, mine, theirs in islice(differences(merged, whole_state), 1):
                expected, observed = ("absent" if value is ABSENT else excerpt(value) for value in (mine, theirs))
                at = f"{told.where}#{join((key, *way))}"
                yield Finding(at, f"{expected}, as merged", observed, "telemetry.snapshot_disagrees")

    def _other(self, told: Frame, who: list[object]) -> Finding:
        place, old, new = next(
            (place, old, new) for place, old, new in zip(self._identity, self._who, who, strict=True) if old != new
        )
        was, now = ("absent" if value is ABSENT else excerpt(value) for value in (old, new))
        return Finding(told.at(place.steps), f"{was} all along", now, "telemetry.stream_identity")

    def _identity_kept(self, where: str, changes: dict[str, Any], kinds: PayloadKinds) -> Iterator[Finding]:
        if not any(not place.steps or place.steps[0] in changes for place in self._identity):
            return
        frame = Frame(where, 0, self.state, frozenset(changes), kinds.changes)
        values = [place.value(frame) for place in self._identity]
        who = [ABSENT if isinstance(value, Finding) else value for value in values]
        if who != self._who:
            yield self._other(frame, who)
            self._who = who
