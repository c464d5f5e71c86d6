"""The narrations' throttle, worked out again from the narrations that were emitted (runbook W21)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gatecourt.core.model import Finding, Json
from gatecourt.formats.excerpt import excerpt
from gatecourt.mechanisms.streams.merging import StreamState
from gatecourt.rules.telemetry.streams.entries import Entries, Entry
from gatecourt.rules.telemetry.streams.frame import MISSING, VALUE
from gatecourt.rules.telemetry.streams.rule import Rule
from gatecourt.rules.telemetry.streams.section import NarrationThrottle
from gatecourt.rules.telemetry.streams.settings import Settings


@dataclass(frozen=True, slots=True)
class _Narration:
    where: str
    tick: int
    category: str
    known_as: str
    priority: bool


class NarrationsThrottled(Rule):
    """Every narration that was emitted might be.

    The tick ``window`` ticks later is outside a window again, and that ``cooldown`` ticks later outside a cooldown.
    Rules: ``telemetry.narration_repeated``, ``narration_cooldown``, ``narration_category``, ``narration_window``,
    ``narration_late`` (told in a later tick than its own), ``no_sample``.
    """

    def __init__(self, section: NarrationThrottle, settings: Settings) -> None:
        self._section = section
        self._entries = Entries(section.pointer, section.tick)
        self._cooldown = settings.ticks(section.global_cooldown)
        self._dedupe = settings.ticks(section.dedupe_window)
        self._window = settings.ticks(section.window)
        self._limit = settings.ticks(section.window_limit)
        self._cooldowns = settings.by_name(section.category_cooldowns)
        self._last: int | None = None
        self._last_of: dict[str, int] = {}
        self._known: dict[str, int] = {}
        self._emitted: deque[int] = deque()
        self._first = True
        self._seen = 0

    def feed(self, frame: StreamState) -> Iterator[Finding]:
        """What the narrations of this state break."""
        for entry in self._entries.new(frame):
            if isinstance(entry, Finding):
                yield entry
                continue
            narration = self._read(entry)
            if isinstance(narration, Finding):
                yield narration
                continue
            if narration.tick < frame.tick and not self._first:
                expected = f"a narration of tick {frame.tick}"
                yield Finding(entry.where, expected, f"one of tick {narration.tick}", "telemetry.narration_late")
            yield from self._judge(narration)
            self._emit(narration)
        self._first = False

    def _read(self, entry: Entry) -> _Narration | Finding:
        keys = self._section
        category, message = entry.value.get(keys.category), entry.value.get(keys.message)
        priority, known_as = entry.value.get(keys.priority), entry.value.get(keys.dedupe_key)
        for key, value, kind in ((keys.category, category, str), (keys.message, message, str)):
            if not isinstance(value, kind):
                return _wrong(entry, key, "a text")
        if not isinstance(priority, bool):
            return _wrong(entry, keys.priority, "true or false")
        if known_as is not None and not isinstance(known_as, str):
            return _wrong(entry, keys.dedupe_key, "a text or null")
        return _Narration(entry.where, entry.tick, str(category), known_as or str(message), priority)

    def _judge(self, narration: _Narration) -> Iterator[Finding]:
        yield from self._repeated(narration)
        if not narration.priority:
            yield from self._cooled(narration)
        yield from self._windowed(narration)

    def _repeated(self, narration: _Narration) -> Iterator[Finding]:
        last = self._known.get(narration.known_as)
        if last is None or self._dedupe < 0:
            return
        if narration.tick - last < max(self._dedupe, 1):
            expected = f"{excerpt(narration.known_as)} once in {self._dedupe} ticks"
            observed = f"at tick {last} and at tick {narration.tick}"
            yield Finding(narration.where, expected, observed, "telemetry.narration_repeated")

    def _cooled(self, narration: _Narration) -> Iterator[Finding]:
        if self._last is not None and narration.tick - self._last < self._cooldown:
            expected = f"at least {self._cooldown} ticks after the narration of tick {self._last}"
            yield Finding(narration.where, expected, f"tick {narration.tick}", "telemetry.narration_cooldown")
        cooldown, last = self._cooldowns.get(narration.category, 0), self._last_of.get(narration.category)
        if last is not None and narration.tick - last < cooldown:
            expected = f"at least {cooldown} ticks after that of tick {last} on {excerpt(narration.category)}"
            yield Finding(narration.where, expected, f"tick {narration.tick}", "telemetry.narration_category")

    def _windowed(self, narration: _Narration) -> Iterator[Finding]:
        while self._emitted and self._emitted[0] <= narration.tick - self._window:
            self._emitted.popleft()
        if 0 < self._limit <= len(self._emitted):
            expected = f"at most {self._limit} in {self._window} ticks"
            observed = f"{len(self._emitted) + 1} from tick {self._emitted[0]} to tick {narration.tick}"
            yield Finding(narration.where, expected, observed, "telemetry.narration_window")

    def _emit(self, narration: _Narration) -> None:
        self._seen += 1
        self._last = self._last_of[narration.category] = self._known[narration.known_as] = narration.tick
        self._emitted.append(narration.tick)
        if len(self._known) > 2 * self._dedupe + 100:
            self._known = {key: tick for key, tick in self._known.items() if narration.tick - tick < self._dedupe}

    def close(self, where: str) -> Iterator[Finding]:
        """A stream without narrations shows no throttle."""
        if not self._seen:
            yield Finding(where, "at least one narration", "none", "telemetry.no_sample")

    def summary(self) -> Mapping[str, Json]:
        """How many narrations were judged, and by what throttle."""
        return {
            "narrations": self._seen,
            "throttle": {
                "global_cooldown": self._cooldown,
                "category_cooldowns": dict(sorted(self._cooldowns.items())),
                "dedupe_window": self._dedupe,
                "window": self._window,
                "window_limit": self._limit,
            },
        }


def _wrong(entry: Entry, key: str, expected: str) -> Finding:
    observed = excerpt(entry.value[key]) if key in entry.value else "absent"
    return Finding(f"{entry.where}/{key}", expected, observed, VALUE if key in entry.value else MISSING)
