"""All differences of one pair of records, in words, for people."""

from __future__ import annotations

from gatecourt.core.model import Json

_LINES = 40
_WIDTH = 240


def detail(left: Json, right: Json) -> str:
    """Each difference of two small values, a sorted line each; at most 40 lines of 240 characters."""
    from deepdiff import DeepDiff

    told = DeepDiff(left, right, verbose_level=2, threshold_to_diff_deeper=0).pretty()
    lines = sorted(line[:_WIDTH] for line in str(told).splitlines() if line.strip())
    if len(lines) > _LINES:
        lines = [*lines[:_LINES], f"and {len(lines) - _LINES} more"]
    return "\n".join(lines).encode("utf-8", "backslashreplace").decode()
