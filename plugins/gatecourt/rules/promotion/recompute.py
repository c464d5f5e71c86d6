"""Windows counted again from the states of the run: what a window sums up must be the sum of what the run told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from gatecourt.core.model import Finding
from gatecourt.formats.decimals import words
from gatecourt.mechanisms.bands.figures import shown
from gatecourt.mechanisms.streams.merging import StreamState
from gatecourt.rules.promotion.growth import Growth
from gatecourt.rules.promotion.reading import Inquiry, Node, contradiction, noted
from gatecourt.rules.promotion.states import StateStream, at, frames
from gatecourt.rules.promotion.window import Window
from gatecourt.rules.promotion.windows_section import Recount, WindowsSection


@dataclass
class Sums:
    """What the states of one window come to."""

    observations: int = 0
    switches: Decimal = Decimal(0)
    samples: int = 0
    late: Decimal = Decimal(0)
    alerts: set[str] = field(default_factory=set)


def recounted(
    section: WindowsSection, recount: Recount, windows: Sequence[Window], stream: StateStream, inquiry: Inquiry
) -> Iterator[Finding]:
    """Windows that say something else than the states of their ticks, and a run that went on after the last of them.

    Rules: ``promotion.contradiction``, ``.windows_stale``, ``.missing``, ``.value``, those of ``states.frames``.
    """
    sums = [Sums() for _ in windows]
    growth = Growth()
    last = 0
    for frame in frames(stream, inquiry):
        last = frame.tick
        with noted(inquiry.told):
            late = _late(recount, frame, growth)
            for window, found in zip(windows, sums, strict=True):
                if window.start <= frame.tick < window.end:
                    _add(recount, frame, found)
                    found.late += late
    for window, found in zip(windows, sums, strict=True):
        yield from _differences(section, recount, window.node, found)
    if windows and last >= windows[-1].end + min(window.end - window.start for window in windows):
        expected = f"a window that ends near tick {last}, the last of the run"
        yield Finding(windows[-1].node.where, expected, str(windows[-1].end), "promotion.windows_stale")


def _late(recount: Recount, frame: StreamState, growth: Growth) -> Decimal:
    """How many ticks all agents together were late in this one."""
    if recount.late is None:
        return Decimal(0)
    members, _, key = recount.late.partition("/*")
    agents = at(frame, members, "an object of agents").members()
    return sum((growth.add(name, node.amount(key)) for name, node in agents.items()), Decimal(0))


def _add(recount: Recount, frame: StreamState, found: Sums) -> None:
    found.observations += 1
    if recount.switches is not None:
        for node in at(frame, recount.switches, "an object of counts").members().values():
            found.switches += node.amount("")
            found.samples += 1
    if recount.alerts is not None:
        found.alerts |= {item.text("") for item in at(frame, recount.alerts, "a list of alerts").items()}


def _differences(section: WindowsSection, recount: Recount, window: Node, found: Sums) -> Iterator[Finding]:
    fields = section.fields
    told: list[Finding] = []
    due: list[tuple[str, Decimal | int]] = [(fields.observations, found.observations)]
    due += [(fields.switch_samples, found.samples)] * (recount.switches is not None)
    due += [(fields.lateness, found.late)] * (recount.late is not None)
    for place, number in due:
        with noted(told):
            if window.number(place) != number:
                told.append(contradiction(window.node(place), f"{words(Decimal(number))}, counted again"))
    if found.samples:
        with noted(told):
            told += _rate(fields.switch_rate, recount.decimals, window, found)
    if recount.alerts is not None:
        with noted(told):
            if {item.text("") for item in window.items(fields.alerts)} != found.alerts:
                expected = f"{', '.join(sorted(found.alerts)) or 'no alert'}, counted again"
                told.append(contradiction(window.node(fields.alerts), expected))
    yield from told


def _rate(place: str, decimals: int, window: Node, found: Sums) -> Iterator[Finding]:
    due = Fraction(found.switches) / found.samples
    if abs(Fraction(window.number(place)) - due) * 2 * 10**decimals > 1:
        yield contradiction(window.node(place), f"{shown(due, decimals)}, counted again")
