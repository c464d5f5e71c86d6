"""What the comparison of one file reports, bounded so that a file of any length fits into memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gatecourt.core.model import Finding, Json
from gatecourt.rules.determinism.outcome import (
    Divergence,
    FileComparison,
    MaskedDifference,
    MaskUse,
    bounded_text,
    place,
)
from gatecourt.rules.determinism.rawbytes import first_difference
from gatecourt.rules.determinism.section import Mask

LISTED = 1000
"""Masked differences of one mask that ``FileComparison.masked`` lists; all are counted, and handed to ``on_masked``."""
_FINDINGS = 10

OnMasked = Callable[[MaskedDifference], None]


class ComparisonLog:
    """Collects what one comparison finds."""

    def __init__(self, name: str, on_masked: OnMasked | None = None) -> None:
        self.name = name
        self.tolerated = 0
        self.other_spelling = False
        self._on_masked = on_masked
        self._masked: list[MaskedDifference] = []
        self._findings: dict[Finding, None] = {}
        self._counts: dict[tuple[str, str], int] = {}

    def differed(self, ordinal: int, mask: Mask, where: tuple[int | None, str], values: tuple[Json, Json]) -> None:
        """The ``ordinal``-th difference that ``mask`` hides; ``where`` is record and pointer."""
        if ordinal > LISTED and self._on_masked is None:
            return
        difference = MaskedDifference(place(self.name, *where), *bounded_pair(*values), mask.reason)
        if ordinal <= LISTED:
            self._masked.append(difference)
        if self._on_masked is not None:
            self._on_masked(difference)

    def finding(self, finding: Finding, cause: str = "") -> None:
        """A finding; of those with one rule and cause, the first ten are kept and the rest are counted."""
        if finding in self._findings:
            return
        key = (finding.rule, cause)
        self._counts[key] = self._counts.get(key, 0) + 1
        if self._counts[key] <= _FINDINGS:
            self._findings[finding] = None

    def close(self, divergence: Divergence | None, uses: Mapping[Mask, MaskUse]) -> FileComparison:
        """The result as a value."""
        more = [
            Finding(self.name, f"no more than the {_FINDINGS} places listed", f"{count - _FINDINGS} more {cause}", rule)
            for (rule, cause), count in self._counts.items()
            if count > _FINDINGS
        ]
        return FileComparison(
            self.name,
            divergence,
            tuple(self._masked),
            dict(uses),
            (*self._findings, *more),
            self.tolerated,
            self.other_spelling and not (divergence or self._masked or self.tolerated),
        )


def bounded_pair(left: Json, right: Json) -> tuple[str, str]:
    """Bounded texts of two values; of two long strings the parts around the first character that differs."""
    at = 0
    if isinstance(left, str) and isinstance(right, str):
        at = first_difference(left, right) or 0
    return bounded_text(left, at), bounded_text(right, at)
