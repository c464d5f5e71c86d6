"""The queues' history: entries of tick, delta and totals, where totals are the running sum of deltas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gatecourt.core.model import Finding
from gatecourt.formats.excerpt import excerpt
from gatecourt.mechanisms.streams.merging import StreamState
from gatecourt.rules.telemetry.streams.frame import Place, whole

_EXPECTED = "an object with a tick, and whole numbers by name in delta and totals"


@dataclass(frozen=True, slots=True)
class _Entry:
    tick: int
    delta: dict[str, int]
    totals: dict[str, int]


class HistoryAddsUp:
    """A history of which each state may carry the newest end. What was told once stays as it was."""

    def __init__(self, pointer: str) -> None:
        self._place = Place(pointer)
        self._before: dict[int, Any] = {}
        self._newest: _Entry | None = None
        self.seen = 0

    def feed(self, frame: StreamState, totals: Mapping[str, int]) -> Iterator[Finding]:
        """What is wrong with entries that are new, that changed, or that end elsewhere than at the ``totals``."""
        entries = self._place.array(frame)
        if isinstance(entries, Finding):
            yield entries
            return
        if self._place.told(frame):
            yield from self._entries(frame, entries)
        if self._newest is not None and entries and self._newest.totals != totals:
            where = frame.at((*self._place.steps, str(len(entries) - 1), "totals"))
            expected = f"{excerpt(dict(totals))}, the totals of this state"
            yield Finding(where, expected, excerpt(self._newest.totals), "telemetry.history_totals")

    def _entries(self, frame: StreamState, entries: list[Any]) -> Iterator[Finding]:
        now: dict[int, Any] = {}
        before = -1
        for index, value in enumerate(entries):
            where = frame.at((*self._place.steps, str(index)))
            tick = whole(value.get("tick")) if isinstance(value, dict) else None
            if tick is None or not before < tick <= frame.tick:
                expected = f"an entry of a tick after {before} and up to {frame.tick}"
                yield Finding(where, expected, excerpt(value), "telemetry.history_entry")
                continue
            before, now[tick] = tick, value
            if tick in self._before and self._before[tick] != value:
                yield Finding(where, excerpt(self._before[tick]), excerpt(value), "telemetry.history_rewritten")
            elif self._newest is None or tick > self._newest.tick:
                yield from self._new(where, value)
        self._before = now

    def _new(self, where: str, value: Any) -> Iterator[Finding]:
        self.seen += 1
        entry = _read(value)
        if entry is None:
            yield Finding(where, _EXPECTED, excerpt(value), "telemetry.history_entry")
            return
        last, self._newest = self._newest, entry
        if last is not None:
            due = {name: last.totals.get(name, 0) + count for name, count in entry.delta.items()}
            if due != entry.totals:
                expected = f"{excerpt(due)}, the totals of tick {last.tick} and the delta"
                yield Finding(f"{where}/totals", expected, excerpt(entry.totals), "telemetry.history_sum")


def _read(value: Any) -> _Entry | None:
    if not isinstance(value, dict):
        return None
    tick, delta, totals = whole(value.get("tick")), _counts(value.get("delta")), _counts(value.get("totals"))
    if tick is None or delta is None or totals is None or delta.keys() != totals.keys():
        return None
    return _Entry(tick, delta, totals)


def _counts(value: Any) -> dict[str, int] | None:
    if not isinstance(value, dict) or any(whole(count) is None for count in value.values()):
        return None
    return value
