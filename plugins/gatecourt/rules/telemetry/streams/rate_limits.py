"""Entries of a list that may come only so often: limits by key and window, worked out again from the entries."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

from gatecourt.core.model import Finding, Json
from gatecourt.formats.excerpt import excerpt
from gatecourt.mechanisms.streams.merging import StreamState
from gatecourt.rules.telemetry.streams.entries import Entries, StreamEntry
from gatecourt.rules.telemetry.streams.rule import Rule
from gatecourt.rules.telemetry.streams.rules_section import RateLimit, RateLimits
from gatecourt.rules.telemetry.streams.settings import Settings

_MANY = 1000


class _Limit:
    """One limit, and the ticks of the entries in its windows by group."""

    def __init__(self, section: RateLimit, settings: Settings) -> None:
        self.section = section
        self._window = settings.ticks_by_name(section.window)
        self._most = settings.ticks(section.at_most)
        self._ticks: dict[str, deque[int]] = {}

    def group(self, entry: StreamEntry) -> str | Finding:
        """The group that the entry belongs to, or the finding that a key of ``by`` is absent or wrong."""
        keys = [key for key in self.section.by if entry.value.get(key) not in (None, "")]
        if not self.section.by:
            return ""
        key = keys[0] if keys else self.section.by[0]
        value = entry.value.get(key)
        return value if isinstance(value, str) else entry.wrong(key, "a text")

    def exempt(self, entry: StreamEntry) -> bool | Finding:
        """Whether the entry may come at any time, or the finding that its key is no boolean."""
        if self.section.unless is None:
            return False
        value = entry.value.get(self.section.unless)
        return value if isinstance(value, bool) else entry.wrong(self.section.unless, "true or false")

    def take(self, entry: StreamEntry, group: str, exempt: bool) -> Iterator[Finding]:
        """The finding that the entry comes too soon; the entry counts from now on."""
        window = self._window if isinstance(self._window, int) else self._window.get(group, 0)
        if window <= 0 or self._most <= 0:
            return
        ticks = self._ticks.setdefault(group, deque())
        while ticks and ticks[0] <= entry.tick - window:
            ticks.popleft()
        if len(ticks) >= self._most and not exempt:
            of = f" with {self.section.by[0]} {excerpt(group)}" if self.section.by else ""
            expected = f"at most {self._most} in {window} ticks{of}"
            observed = f"{len(ticks) + 1} from tick {ticks[0]} to tick {entry.tick}"
            yield Finding(entry.where, expected, observed, "telemetry.rate_limit")
        ticks.append(entry.tick)
        if len(self._ticks) > _MANY:
            self._ticks = {key: kept for key, kept in self._ticks.items() if kept[-1] > entry.tick - window}

    def summary(self) -> Mapping[str, Json]:
        """The limit as it was read."""
        window = self._window if isinstance(self._window, int) else dict(sorted(self._window.items()))
        return {"at_most": self._most, "window": window, "by": list(self.section.by)}


class RateLimited(Rule):
    """Every entry keeps every limit. Rules: ``telemetry.rate_limit``, ``entry_late`` (in a later state than that of its
    own tick: limits cannot see it in time), ``no_sample``, those of values."""

    def __init__(self, section: RateLimits, settings: Settings) -> None:
        self._pointer = section.pointer
        self._entries = Entries(section.pointer, section.tick)
        self._limits = [_Limit(limit, settings) for limit in section.limits]
        self._first = True
        self._seen = 0

    def feed(self, frame: StreamState) -> Iterator[Finding]:
        """What the new entries of this state break."""
        for entry in self._entries.new(frame):
            if isinstance(entry, Finding):
                yield entry
                continue
            groups = [limit.group(entry) for limit in self._limits]
            exempt = [limit.exempt(entry) for limit in self._limits]
            if wrong := [value for value in (*groups, *exempt) if isinstance(value, Finding)]:
                yield wrong[0]
                continue
            if entry.tick < frame.tick and not self._first:
                yield Finding(
                    entry.where, f"an entry of tick {frame.tick}", f"one of tick {entry.tick}", "telemetry.entry_late"
                )
            self._seen += 1
            for limit, group, free in zip(self._limits, groups, exempt, strict=True):
                yield from limit.take(entry, str(group), free is True)
        self._first = False

    def close(self, where: str) -> Iterator[Finding]:
        """A stream without entries shows no limit."""
        if not self._seen:
            yield Finding(where, f"at least one entry at {self._pointer}", "none", "telemetry.no_sample")

    def summary(self) -> Mapping[str, Json]:
        """How many entries were judged, and by what limits."""
        return {"entries": self._seen, "limits": [dict(limit.summary()) for limit in self._limits]}
