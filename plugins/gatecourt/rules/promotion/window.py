"""One window of observation: its ticks and how many of them were looked at."""

from __future__ import annotations

from dataclasses import dataclass

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.formats.json_value import JsonValue
from gatecourt.rules.promotion.windows_section import WindowFields


@dataclass(frozen=True, slots=True)
class Window:
    """A window's place, its ticks [start, end) and how many of them were looked at."""

    node: JsonValue
    start: int
    end: int
    observations: int


def window_of(node: JsonValue, fields: WindowFields) -> Window:
    """The window at ``node``. Raises ``Judged`` (``promotion.window_order``, ``.window_overfull``, ``.missing``,
    ``.value``)."""
    start, end = node.count(fields.start), node.count(fields.end)
    observations = node.count(fields.observations)
    if end <= start:
        where = node.node(fields.end).where
        raise Judged(Finding(where, f"an end after the start {start}", str(end), "promotion.window_order"))
    if observations > end - start:
        expected = f"at most {end - start} observations from {start} to {end}"
        where = node.node(fields.observations).where
        raise Judged(Finding(where, expected, str(observations), "promotion.window_overfull"))
    return Window(node, start, end, observations)
