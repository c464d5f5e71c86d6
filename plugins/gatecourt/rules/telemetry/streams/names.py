"""Names of the streams whose section declares a part: the parameters of the checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from gatecourt.rules.telemetry.streams.following import PARTS
from gatecourt.rules.telemetry.streams.health_section import HealthSection
from gatecourt.rules.telemetry.streams.section import StreamSection


class HasStreams(Protocol):
    """A section that holds streams by name."""

    @property
    def stream(self) -> Mapping[str, StreamSection]:
        """The streams."""


class HasHealth(Protocol):
    """A section that holds logs of health lines by name."""

    @property
    def health(self) -> Mapping[str, HealthSection]:
        """The logs."""


def all_streams(section: HasStreams) -> Sequence[str]:
    """Names of all streams, sorted."""
    return sorted(section.stream)


def with_part(part: str) -> Callable[[Any], Sequence[str]]:
    """A function from the section to the sorted names of those streams that declare ``part``."""

    def names(section: HasStreams) -> Sequence[str]:
        return sorted(name for name, stream in section.stream.items() if getattr(stream, part))

    return names


def health_logs(section: HasHealth) -> Sequence[str]:
    """Names of all logs of health lines, sorted."""
    return sorted(section.health)


PARAMETERS: Mapping[str, Callable[[Any], Sequence[str]]] = {
    "stream": all_streams,
    **{f"{part}_stream": with_part(part) for part in PARTS},
    "health_log": health_logs,
}
"""Fixture names of the checks and what they are filled with."""
