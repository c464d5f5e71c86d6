"""The text of ``determinism_diff.txt``."""

from __future__ import annotations

from collections.abc import Iterable

from gatecourt.core.model import Json
from gatecourt.rules.determinism.outcome import Divergence

_LINES = 40
_WIDTH = 240


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


def detail(left: Json, right: Json) -> str:
    """All differences of two small values, a sorted line each; at most 40 lines of 240 characters."""
    from deepdiff import DeepDiff

    text = DeepDiff(left, right, verbose_level=2, threshold_to_diff_deeper=0).pretty()
    lines = sorted(line[:_WIDTH] for line in str(text).splitlines() if line.strip())
    if len(lines) > _LINES:
        lines = [*lines[:_LINES], f"and {len(lines) - _LINES} more"]
    return "\n".join(lines).encode("utf-8", "backslashreplace").decode()
