"""What every rule over a stream is: fed state by state, closed at its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gatecourt.core.model import Finding, Json
from gatecourt.mechanisms.streams.merging import StreamState


class Rule:
    """Judges one part of a stream. A ``lasting`` rule tells of a state what is wrong with it, as long as it is wrong;
    the others tell what happens in a tick."""

    lasting = False

    def feed(self, frame: StreamState) -> Iterator[Finding]:
        """What is wrong with the next state."""
        raise NotImplementedError

    def close(self, where: str) -> Iterator[Finding]:  # noqa: ARG002  # for those that tell of the end
        """What only the end of the stream, which is called ``where``, shows."""
        yield from ()

    def summary(self) -> Mapping[str, Json]:
        """What the judgement rests on, for evidence."""
        return {}
