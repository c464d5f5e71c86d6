"""The text of ``determinism_diff.txt``."""

from __future__ import annotations

from collections.abc import Iterable

from gatecourt.rules.determinism.detail import detail
from gatecourt.rules.determinism.outcome import Divergence


def text_of(divergences: Iterable[Divergence]) -> str:
    """A paragraph for each divergence; the empty string for none."""
    return "\n".join(_paragraph(divergence) for divergence in divergences)


def _paragraph(divergence: Divergence) -> str:
    rows = [
        ("first run", divergence.left),
        ("second run", divergence.right),
        ("last equal", "  ".join(part for part in (divergence.last_equal, divergence.last_equal_text) if part)),
    ]
    head = ", ".join(part for part in (divergence.why, divergence.spot) if part)
    lines = [f"{divergence.where}  ({head})", *(f"  {label + ':':<12} {text}" for label, text in rows if text)]
    lines += [f"  | {line}" for line in _details(divergence)]
    return "\n".join(lines) + "\n"


def _details(divergence: Divergence) -> list[str]:
    if divergence.records is None:
        return []
    try:
        return detail(*divergence.records).splitlines()
    except RecursionError:
        return []
