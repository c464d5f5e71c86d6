"""Lists that states carry: what is new in them, whether they hold one tick or a history that goes back further."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gatecourt.core.model import Finding
from gatecourt.formats.excerpt import excerpt
from gatecourt.mechanisms.streams.merging import StreamState
from gatecourt.rules.telemetry.streams.frame import Place, whole


@dataclass(frozen=True, slots=True)
class StreamEntry:
    """One entry at its first appearance; its ``tick`` is before the state's where it comes late."""

    where: str
    tick: int
    value: dict[str, Any]

    def wrong(self, key: str, expected: str) -> Finding:
        """The finding that the value of ``key`` is absent or not of its kind."""
        if key not in self.value:
            return Finding(f"{self.where}/{key}", expected, "absent", "telemetry.payload_missing")
        return Finding(f"{self.where}/{key}", expected, excerpt(self.value[key]), "telemetry.payload_value")


class Entries:
    """Yields each entry once, however often the lists repeat it."""

    def __init__(self, pointer: str, tick: str) -> None:
        self.place = Place(pointer)
        self._tick = tick
        self._before: Counter[str] = Counter()

    def new(self, frame: StreamState) -> Iterator[StreamEntry | Finding]:
        """Entries that the state before did not have, in their order, and what is no entry."""
        if not self.place.sent(frame):
            return
        found = self.place.array(frame)
        if isinstance(found, Finding):
            yield found
            return
        now: Counter[str] = Counter()
        for index, value in enumerate(found):
            known = repr(sorted(value.items()) if isinstance(value, dict) else value)
            now[known] += 1
            if now[known] > self._before[known]:
                yield self._entry(frame, index, value)
        self._before = now

    def _entry(self, frame: StreamState, index: int, value: Any) -> StreamEntry | Finding:
        where = frame.at((*self.place.steps, str(index)))
        if not isinstance(value, dict):
            return Finding(where, "an object", excerpt(value), "telemetry.payload_value")
        tick = whole(value.get(self._tick, frame.tick))
        if tick is None or tick > frame.tick:
            expected = f"a tick of at most {frame.tick}"
            return Finding(f"{where}/{self._tick}", expected, excerpt(value[self._tick]), "telemetry.payload_value")
        return StreamEntry(where, tick, value)
