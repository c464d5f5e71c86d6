"""Payloads merged to states: a whole state, then what changed from tick to tick. It is changed in place, not copied."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from gatecourt.core.model import Finding, Json
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.finding_groups import bounded
from gatecourt.formats.pointer import find, join, split
from gatecourt.mechanisms.streams.json_diff import ABSENT, differences
from gatecourt.mechanisms.streams.payloads import PayloadKinds, StreamShape

_SHOWN = 5
_WIDEST = 1 << 63


@dataclass(frozen=True, slots=True)
class StreamState:
    """The merged state after a payload. ``sent`` names the top-level keys of a diff; None where all of it was sent.

    ``state`` is shared with the merger, which goes on changing it: keep values, never the state.
    """

    where: str
    tick: int
    state: Mapping[str, Json]
    sent: Collection[str] | None = None
    changes: str = ""

    def at(self, steps: tuple[str, ...]) -> str:
        """Where the value at ``steps`` was sent; the payload alone where an earlier one sent it."""
        if self.sent is None:
            return f"{self.where}#{join(steps)}"
        return f"{self.where}#{join((self.changes, *steps))}" if steps and steps[0] in self.sent else self.where


class StreamMerger:
    """The state of one stream. ``began`` counts how often it began anew: a judge of it then begins anew too.

    Rules of its findings, for which a gate puts codes of its own: ``payload_shape``, ``no_snapshot``, ``tick_value``,
    ``tick_order``, ``tick_gap``, ``removed_unknown``, ``removed_and_changed``, ``contradiction``,
    ``snapshot_disagrees``, ``stream_identity``, ``identity_missing``.
    """

    def __init__(self, shape: StreamShape, name: str) -> None:
        self.state: dict[str, Any] = {}
        self.tick: int | None = None
        self.began = 0
        self.payloads = 0
        self._name = name
        self._kinds = shape.kinds
        self._tick = shape.tick
        self._step = shape.step
        self._identity = shape.identity
        self._who: list[object] = []

    def feed(self, line: int | None, payload: Json) -> tuple[StreamState | None, list[Finding]]:
        """The next payload merged, and what is wrong with it; no state where a gate could not trust the state."""
        where = self._name if line is None else f"{self._name}:{line}"
        self.payloads += 1
        if not isinstance(payload, dict):
            return None, [Finding(where, "a payload, which is an object", excerpt(payload), "payload_shape")]
        if self._kinds is None:
            return self._snapshot(StreamState(where, 0, payload))
        kind = find(payload, self._kinds.pointer, ABSENT)
        if kind == self._kinds.snapshot:
            return self._snapshot(StreamState(where, 0, payload))
        if kind == self._kinds.diff:
            return self._diff(StreamState(where, 0, payload), self._kinds)
        expected = f"{self._kinds.snapshot} or {self._kinds.diff}"
        return None, [Finding(f"{where}#{self._kinds.pointer}", expected, _shown(kind), "payload_shape")]

    def _snapshot(self, sent: StreamState) -> tuple[StreamState | None, list[Finding]]:
        tick = self._tick_of(sent)
        if isinstance(tick, Finding):
            return None, [tick]
        who = self._who_of(sent.state)
        findings = [
            Finding(sent.at(split(at)), at, "absent", "identity_missing")
            for at, value in zip(self._identity, who, strict=True)
            if value is ABSENT
        ]
        last, self_same = self.tick, not self.began or who == self._who
        if not self_same:
            findings.append(self._other(sent, who))
        again = self._kinds is not None and self.began > 0 and self_same and tick == last
        if again:
            findings += bounded(self._contradicted(sent), _SHOWN)
        elif self_same and last is not None:
            findings += self._order(sent, tick, last)
        if not self.began or not self_same or (last is not None and tick < last):
            self.began += 1
        self.state, self.tick, self._who = dict(sent.state), tick, who
        return (None if again else StreamState(sent.where, tick, self.state)), findings

    def _diff(self, sent: StreamState, kinds: PayloadKinds) -> tuple[StreamState | None, list[Finding]]:
        if not self.began:
            observed = "a diff, and no state that it could change"
            return None, [Finding(sent.where, f"a {kinds.snapshot} first", observed, "no_snapshot")]
        changes, removed = sent.state.get(kinds.changes), sent.state.get(kinds.removed, [])
        if not isinstance(changes, dict):
            observed = excerpt(changes) if kinds.changes in sent.state else "absent"
            return None, [Finding(f"{sent.where}#/{kinds.changes}", "an object", observed, "payload_shape")]
        if not isinstance(removed, list) or not all(isinstance(key, str) for key in removed):
            return None, [
                Finding(f"{sent.where}#/{kinds.removed}", "an array of keys", excerpt(removed), "payload_shape")
            ]
        findings = [*self._removed(sent.where, kinds, removed, changes), *self._header(sent, kinds, changes)]
        for key in removed:
            self.state.pop(key, None)
        self.state.update(changes)
        tick, last = self._tick_of(sent), self.tick
        if isinstance(tick, Finding):
            return None, [*findings, tick]
        findings += self._identity_kept(sent.where, changes, kinds)
        findings += [] if last is None else self._order(sent, tick, last)
        if last is not None and tick <= last:
            return None, findings
        self.tick = tick
        return StreamState(sent.where, tick, self.state, frozenset(changes), kinds.changes), findings

    def _removed(
        self, where: str, kinds: PayloadKinds, removed: list[str], changes: dict[str, Any]
    ) -> Iterator[Finding]:
        for index, key in enumerate(removed):
            at = f"{where}#/{kinds.removed}/{index}"
            if key in changes:
                yield Finding(at, "a key that is not changed too", excerpt(key), "removed_and_changed")
            elif key not in self.state:
                yield Finding(at, "a key of the state before", excerpt(key), "removed_unknown")

    def _header(self, sent: StreamState, kinds: PayloadKinds, changes: dict[str, Any]) -> Iterator[Finding]:
        """A diff carries its tick and version beside its changes; both become part of the state."""
        apart = {kinds.changes, kinds.removed, *split(kinds.pointer)[:1]}
        for key, value in sent.state.items():
            if key in apart:
                continue
            if key in changes and changes[key] != value:
                at = f"{sent.where}#{join((kinds.changes, key))}"
                yield Finding(at, f"{excerpt(value)}, as beside it", excerpt(changes[key]), "contradiction")
            self.state[key] = value

    def _tick_of(self, sent: StreamState) -> int | Finding:
        tick = find(dict(sent.state), self._tick, ABSENT)
        if type(tick) is int and 0 <= tick < _WIDEST:
            return tick
        return Finding(f"{sent.where}#{self._tick}", "a whole number", _shown(tick), "tick_value")

    def _who_of(self, state: Mapping[str, Json]) -> list[object]:
        document = dict(state)
        return [find(document, at, ABSENT) for at in self._identity]

    def _order(self, sent: StreamState, tick: int, last: int) -> Iterator[Finding]:
        due = last + self._step
        if tick == due:
            return
        where = f"{sent.where}#{self._tick}"
        rule = "tick_order" if tick <= last else "tick_gap"
        yield Finding(where, f"tick {due}, next after {last}", f"tick {tick}", rule)

    def _contradicted(self, sent: StreamState) -> Iterator[Finding]:
        apart = split(self._kinds.pointer)[:1] if self._kinds is not None else ()
        for key in sorted({*self.state, *sent.state}.difference(apart)):
            merged, whole_state = self.state.get(key, ABSENT), sent.state.get(key, ABSENT)
            for way, mine, theirs in islice(differences(merged, whole_state), 1):
                at = f"{sent.where}#{join((key, *way))}"
                yield Finding(at, f"{_shown(mine)}, as merged", _shown(theirs), "snapshot_disagrees")

    def _other(self, sent: StreamState, who: list[object]) -> Finding:
        at, old, new = next(
            (at, old, new) for at, old, new in zip(self._identity, self._who, who, strict=True) if old != new
        )
        return Finding(sent.at(split(at)), f"{_shown(old)} all along", _shown(new), "stream_identity")

    def _identity_kept(self, where: str, changes: dict[str, Any], kinds: PayloadKinds) -> Iterator[Finding]:
        if not any(not at or split(at)[0] in changes for at in self._identity):
            return
        who = self._who_of(self.state)
        if who != self._who:
            yield self._other(StreamState(where, 0, self.state, frozenset(changes), kinds.changes), who)
            self._who = who


def _shown(value: object) -> str:
    return "absent" if value is ABSENT else excerpt(value)
