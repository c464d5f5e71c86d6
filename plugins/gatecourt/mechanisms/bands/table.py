"""Bands for people: policy band, absolute floor and noise side by side."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from gatecourt.mechanisms.bands.checks import Held
from gatecourt.mechanisms.bands.figures import percent, shown
from gatecourt.mechanisms.bands.placement import Placement

_HEADS = ("metric", "value", "baseline", "change", "policy band", "floor", "noise", "visible", "outcome")
NONE = "-"


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """The rows as lines of equal columns, the first and last to the left, all others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    last = len(widths) - 1

    def line(row: Sequence[str]) -> str:
        cells = [
            text.ljust(w) if i in (0, last) else text.rjust(w)
            for i, (text, w) in enumerate(zip(row, widths, strict=True))
        ]
        return "  ".join(cells).rstrip()

    return "".join(f"{line(row)}\n" for row in rows)


def markdown(held: Sequence[Held]) -> str:
    """A Markdown list for 80 columns, two lines a metric: where it lies, and its three parts side by side.

    What it ``sees`` is the smallest shift that the noise would let be seen at 80 % power.
    """
    return "".join(line for one in held for line in _item(dict(zip(_HEADS, _row(one), strict=True))))


def _item(cells: dict[str, str]) -> tuple[str, str]:
    moved = "" if cells["change"] == NONE else f", {cells['change']} of {cells['baseline']}"
    parts = (f"policy {cells['policy band']}", f"floor {cells['floor']}", f"noise {cells['noise']}")
    return (
        f"- `{cells['metric']}` {cells['outcome']}: {cells['value']}{moved}\n",
        f"  {' | '.join(parts)} | sees {cells['visible']}\n",
    )


def change_of(placed: Placement) -> str:
    """The change as a percentage, ``-`` where there is none."""
    return NONE if placed.change is None else percent(placed.change)


def number(value: Fraction | None, digits: int = 6) -> str:
    """A number for a cell, ``-`` for none."""
    return NONE if value is None else shown(value, digits)


def _row(held: Held) -> tuple[str, ...]:
    placed = held.placement
    low, high = (None, None) if placed.policy is None else placed.limits(placed.policy)
    noise = placed.noise
    return (
        held.name,
        number(placed.value),
        number(placed.baseline),
        change_of(placed),
        NONE if placed.baseline is None else f"{number(low)} .. {number(high)}",
        f"±{placed.band.floor}" if placed.band.floor else NONE,
        NONE if noise is None else f"±{number(noise.half_width, 4)}",
        number(None if noise is None else noise.visible, 4),
        f"{placed.outcome}: {placed.rule}" if placed.rule else str(placed.outcome),
    )
