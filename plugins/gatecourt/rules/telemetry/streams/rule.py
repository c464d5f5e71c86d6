"""What every rule over a stream is: fed state by state, closed at its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gatecourt.core.model import Finding, Json
from gatecourt.mechanisms.streams.merging import StreamState


class Rule:
    """Judges one part of a stream. A ``lasting`` rule yields what is wrong with a state as long as it is wrong;
    the others yield what happens in a tick."""

    lasting = False

    def feed(self, frame: StreamState) -> Iterator[Finding]:
        """What is wrong with the next state."""
        raise NotImplementedError

    def close(self, where: str) -> Iterator[Finding]:  # noqa: ARG002  # used by those that judge the end
        """What only the end of the stream, which is called ``where``, shows."""
        yield from ()

    def summary(self) -> Mapping[str, Json]:
        """What the judgement rests on, for evidence."""
        return {}


class Rules(Rule):
    """Several rules of one part, by the names that the manifest gives them."""

    def __init__(self, rules: Mapping[str, Rule], lasting: bool = False) -> None:
        self.lasting = lasting
        self._rules = dict(sorted(rules.items()))

    def feed(self, frame: StreamState) -> Iterator[Finding]:
        """What each rule finds in the next state."""
        for rule in self._rules.values():
            yield from rule.feed(frame)

    def close(self, where: str) -> Iterator[Finding]:
        """What each rule finds at the end."""
        for rule in self._rules.values():
            yield from rule.close(where)

    def summary(self) -> Mapping[str, Json]:
        """The summary of each rule under its name."""
        return {name: dict(rule.summary()) for name, rule in self._rules.items()}
