"""Alerts: none is raised at the end of the run or in its last windows, and those that hold a promotion up are named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding
from gatecourt.core.protocols import Target
from gatecourt.rules.promotion.reading import Inquiry, Node, noted
from gatecourt.rules.promotion.release_section import AlertsSection
from gatecourt.rules.promotion.states import StateStream, at, frames
from gatecourt.rules.promotion.windows import last_with_data, read_windows
from gatecourt.rules.promotion.windows_section import WindowsSection


@dataclass(frozen=True, slots=True)
class Span:
    """The ticks [start, end) of the judged windows; with None up to the last."""

    start: int = 0
    end: int | None = None


def judge_alerts(
    section: AlertsSection, stream: StateStream | None, windows: WindowsSection | None, target: Target
) -> Judgement:
    """No list of alerts holds anything that is not allowed.

    Rules: ``promotion.hard_hold``, ``.alert``, ``.stream``, ``.no_states``, ``.missing``, ``.value``, those of reading.
    """
    inquiry = Inquiry(target)
    for document in section.last:
        with noted(inquiry.told):
            inquiry.told += raised(section, inquiry.node(document).items())
    span = Span() if windows is None else _watched(section, windows, inquiry)
    if section.stream is not None and stream is not None:
        with noted(inquiry.told):
            inquiry.told += _over(section, section.stream, stream, span, inquiry)
    inquiry.parameters |= {"allowed": dict(sorted(section.allowed.items())), "hard_holds": sorted(section.named())}
    return inquiry.judgement()


def raised(section: AlertsSection, items: list[Node]) -> Iterator[Finding]:
    """What a list of alerts holds that it may not hold. Raises ``Judged`` for an alert without a name."""
    for item in items:
        name = item.text("")
        if name not in section.allowed:
            yield _alert(section, item.where, name, name)


def _alert(section: AlertsSection, where: str, name: str, observed: str) -> Finding:
    meant = section.named().get(name)
    if meant is None:
        return Finding(where, "no alert", observed, "promotion.alert")
    called = observed if meant == name else f"{observed}, which is {meant}"
    return Finding(where, "no alert that holds a promotion up", called, "promotion.hard_hold")


def _watched(section: AlertsSection, windows: WindowsSection, inquiry: Inquiry) -> Span:
    """The ticks of the judged windows, whose own alerts are told."""
    judged = last_with_data(windows, read_windows(windows, inquiry))
    for window in judged:
        with noted(inquiry.told):
            inquiry.told += raised(section, window.node.items(windows.fields.alerts))
    return Span(judged[0].start, judged[-1].end) if judged else Span()


def _over(section: AlertsSection, place: str, stream: StateStream, span: Span, inquiry: Inquiry) -> Iterator[Finding]:
    """Each alert once, at the first state that has it, with how long it stood; the last state counts in any case.

    What came after the last window counts too: nobody promotes on windows that something has happened since.
    """
    first: dict[str, tuple[str, int]] = {}
    ticks: dict[str, int] = {}
    last: list[Node] = []
    looked = 0
    for frame in frames(stream, inquiry):
        last = at(frame, place, "a list of alerts").items()
        if frame.tick < span.start:
            continue
        looked += span.end is None or frame.tick < span.end
        for item in last:
            name = item.text("")
            first.setdefault(name, (item.where, frame.tick))
            ticks[name] = ticks.get(name, 0) + 1
    inquiry.parameters["states"] = looked
    if not looked:
        expected = f"states of the ticks {span.start} to {span.end}"
        yield Finding(stream.log.file, expected, "none", "promotion.no_states")
    for name, (where, tick) in first.items():
        if name not in section.allowed:
            yield _alert(section, where, name, f"{name} from tick {tick} on, in {_states(ticks[name])}")
    yield from (found for found in raised(section, last) if found.observed not in first)


def _states(ticks: int) -> str:
    """A number of states, for people."""
    return "1 state" if ticks == 1 else f"{ticks} states"
