"""Histories of entries with tick, delta and totals, where totals are the running sum of deltas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gatecourt.core.model import Finding, Json
from gatecourt.formats.excerpt import excerpt
from gatecourt.mechanisms.streams.merging import StreamState
from gatecourt.rules.telemetry.streams.frame import Place, whole
from gatecourt.rules.telemetry.streams.rule import Rule
from gatecourt.rules.telemetry.streams.rules_section import RunningTotals

_EXPECTED = "an object with a tick, and whole numbers by name in delta and totals"


@dataclass(frozen=True, slots=True)
class _TotalsEntry:
    tick: int
    delta: dict[str, int]
    totals: dict[str, int]


class TotalsAddUp(Rule):
    """A history of which each state may carry the newest end. What was sent once stays as it was.

    Rules: ``telemetry.history_entry``, ``history_sum``, ``history_totals``, ``history_rewritten``, ``no_sample``.
    """

    def __init__(self, section: RunningTotals) -> None:
        self._section = section
        self._place = Place(section.pointer)
        self._ends_at = None if section.ends_at is None else Place(section.ends_at)
        self._before: dict[int, Any] = {}
        self._newest: _TotalsEntry | None = None
        self._seen = 0

    def feed(self, frame: StreamState) -> Iterator[Finding]:
        """What is wrong with entries that are new, that changed, or that end elsewhere than at the totals."""
        entries = self._place.array(frame)
        if isinstance(entries, Finding):
            yield entries
            return
        if self._place.sent(frame):
            yield from self._entries(frame, entries)
        if self._ends_at is None or self._newest is None or not entries:
            return
        totals = self._ends_at.table(frame)
        if isinstance(totals, Finding):
            yield totals
        elif self._newest.totals != totals:
            where = frame.at((*self._place.steps, str(len(entries) - 1), self._section.totals))
            expected = f"{excerpt(totals)}, the totals of this state"
            yield Finding(where, expected, excerpt(self._newest.totals), "telemetry.history_totals")

    def _entries(self, frame: StreamState, entries: list[Any]) -> Iterator[Finding]:
        now: dict[int, Any] = {}
        before = -1
        for index, value in enumerate(entries):
            where = frame.at((*self._place.steps, str(index)))
            tick = whole(value.get(self._section.tick)) if isinstance(value, dict) else None
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
        self._seen += 1
        entry = self._read(value)
        if entry is None:
            yield Finding(where, _EXPECTED, excerpt(value), "telemetry.history_entry")
            return
        last, self._newest = self._newest, entry
        if last is not None:
            due = {name: last.totals.get(name, 0) + count for name, count in entry.delta.items()}
            if due != entry.totals:
                expected = f"{excerpt(due)}, the totals of tick {last.tick} and the delta"
                yield Finding(
                    f"{where}/{self._section.totals}", expected, excerpt(entry.totals), "telemetry.history_sum"
                )

    def _read(self, value: dict[str, Any]) -> _TotalsEntry | None:
        keys = self._section
        tick, delta, totals = whole(value[keys.tick]), _counts(value.get(keys.delta)), _counts(value.get(keys.totals))
        if tick is None or delta is None or totals is None or delta.keys() != totals.keys():
            return None
        return _TotalsEntry(tick, delta, totals)

    def close(self, where: str) -> Iterator[Finding]:
        """A stream whose history stays empty shows no sum."""
        if not self._seen:
            yield Finding(where, f"at least one entry at {self._place.pointer}", "none", "telemetry.no_sample")

    def summary(self) -> Mapping[str, Json]:
        """How many entries were judged."""
        return {"entries": self._seen}


def _counts(value: Any) -> dict[str, int] | None:
    if not isinstance(value, dict) or any(whole(count) is None for count in value.values()):
        return None
    return value
