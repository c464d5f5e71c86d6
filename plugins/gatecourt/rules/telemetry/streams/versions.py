"""The version of the payloads' format against the one that their readers know."""

from __future__ import annotations

from collections.abc import Iterator

from gatecourt.core.model import Finding
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.versions import Version, parse_version
from gatecourt.mechanisms.streams.merging import StreamState
from gatecourt.rules.telemetry.streams.frame import Place
from gatecourt.rules.telemetry.streams.rule import Rule
from gatecourt.rules.telemetry.streams.section import PayloadVersion


class VersionKnown(Rule):
    """Each version of a stream, once.

    Below 1.0 any minor may break a reader, from 1.0 on only a major: a newer one of those is
    ``telemetry.version_newer``. An older major or minor lacks what readers expect: ``telemetry.version_older``. Patches
    change no format. A version that changes within a stream is ``telemetry.version_changed``.
    """

    def __init__(self, section: PayloadVersion) -> None:
        self._place = Place(section.pointer)
        self._expected = section.expected
        self._known = _parts(section.expected) or (0, 0)
        self._last: object = None

    def feed(self, frame: StreamState) -> Iterator[Finding]:
        """The version, where it is not the one before."""
        version = self._place.value(frame)
        if version == self._last:
            return
        first, before = self._last is None, self._last
        self._last = version
        if isinstance(version, Finding):
            yield version
            self._last = None
            return
        where = frame.at(self._place.steps)
        parts = _parts(version)
        if parts is None:
            yield Finding(where, "a version such as 0.9.7", excerpt(version), "telemetry.version_value")
            return
        if not first:
            yield Finding(where, f"{excerpt(before)} all along", excerpt(version), "telemetry.version_changed")
        rule = self._judged(parts)
        if rule is not None:
            yield Finding(where, self._expected, excerpt(version), rule)

    def _judged(self, parts: Version) -> str | None:
        if parts == self._known:
            return None
        if parts < self._known:
            return "telemetry.version_older"
        compatible = parts[0] == self._known[0] and parts[0] > 0
        return None if compatible else "telemetry.version_newer"


def _parts(version: object) -> Version | None:
    """Major and minor; None where the text is no version."""
    found = parse_version(version, parts=range(2, 4))
    return None if found is None else found[:2]
