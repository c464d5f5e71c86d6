"""Objects that somebody holds, released in time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gatecourt.core.model import Finding, Json
from gatecourt.formats.excerpt import excerpt
from gatecourt.mechanisms.streams.merging import StreamState
from gatecourt.rules.telemetry.streams.frame import Place, whole
from gatecourt.rules.telemetry.streams.rule import Rule
from gatecourt.rules.telemetry.streams.rules_section import HeldObjects


@dataclass(slots=True)
class _Hold:
    """An object that one holder has had since a tick."""

    holder: str
    since: int
    reported: bool = False


class ObjectsReleased(Rule):
    """No holder keeps an object too long. A later ``since`` of the same holder does not count as a release.

    Rules: ``telemetry.held_too_long``, ``no_sample``, those of values.
    """

    def __init__(self, section: HeldObjects) -> None:
        self._section = section
        self._place = Place(section.pointer)
        self._held: dict[str, _Hold] = {}
        self._seen = 0

    def feed(self, frame: StreamState) -> Iterator[Finding]:
        """Objects whose hold has just become too long."""
        objects = self._place.table(frame)
        if isinstance(objects, Finding):
            yield objects
            return
        held: dict[str, _Hold] = {}
        for name, entry in objects.items():
            if entry is None:
                continue
            now = self._read(frame, name, entry)
            if isinstance(now, Finding):
                yield now
                continue
            before = self._held.get(name)
            held[name] = before if before is not None and before.holder == now.holder else now
            self._seen += held[name] is now
            yield from self._judge(frame, name, held[name])
        self._held = held

    def _read(self, frame: StreamState, name: str, entry: Any) -> _Hold | Finding:
        place = self._place.below(name)
        if not isinstance(entry, dict):
            return place.wrong(frame, "an object or null", entry)
        holder, since = entry.get(self._section.holder), whole(entry.get(self._section.since))
        if not isinstance(holder, str):
            return place.below(self._section.holder).wrong(frame, "a name", holder)
        if since is None or since > frame.tick:
            found = entry.get(self._section.since)
            return place.below(self._section.since).wrong(frame, f"a tick of at most {frame.tick}", found)
        return _Hold(holder, since)

    def _judge(self, frame: StreamState, name: str, held: _Hold) -> Iterator[Finding]:
        if frame.tick - held.since > self._section.longest and not held.reported:
            held.reported = True
            expected = f"a release within {self._section.longest} ticks"
            observed = f"held by {excerpt(held.holder)} since tick {held.since}, now {frame.tick}"
            yield Finding(frame.at((*self._place.steps, name)), expected, observed, "telemetry.held_too_long")

    def close(self, where: str) -> Iterator[Finding]:
        """A stream in which nothing was ever held shows no release."""
        if not self._seen:
            yield Finding(where, f"at least one held object at {self._place.pointer}", "none", "telemetry.no_sample")

    def summary(self) -> Mapping[str, Json]:
        """How many holds were judged."""
        return {"holds": self._seen}
