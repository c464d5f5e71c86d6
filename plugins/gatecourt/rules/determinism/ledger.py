"""What is told about one file while it is compared, bounded so that a log of any length fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gatecourt.core.model import Finding, Json
from gatecourt.rules.determinism.outcome import Comparison, Divergence, MaskedDifference, MaskUse, place, shown
from gatecourt.rules.determinism.rawbytes import first_difference
from gatecourt.rules.determinism.section import Mask

LISTED = 1000
"""Masked differences of one mask that ``Comparison.masked`` lists; all of them are counted, and told where asked."""
_FINDINGS = 10

Tell = Callable[[MaskedDifference], None]


class Ledger:
    """The running account of one comparison."""

    def __init__(self, name: str, tell: Tell | None = None) -> None:
        self.name = name
        self.tolerated = 0
        self.respelled = False
        self._tell = tell
        self._masked: list[MaskedDifference] = []
        self._findings: dict[Finding, None] = {}
        self._counts: dict[tuple[str, str], int] = {}

    def differed(self, ordinal: int, mask: Mask, where: tuple[int | None, str], values: tuple[Json, Json]) -> None:
        """The ``ordinal``-th difference that ``mask`` hides; ``where`` is record and pointer."""
        if ordinal > LISTED and self._tell is None:
            return
        told = MaskedDifference(place(self.name, *where), *shown_pair(*values), mask.reason)
        if ordinal <= LISTED:
            self._masked.append(told)
        if self._tell is not None:
            self._tell(told)

    def finding(self, finding: Finding, cause: str = "") -> None:
        """A finding; of those with one rule and cause the first ten are kept and the rest counted."""
        if finding in self._findings:
            return
        key = (finding.rule, cause)
        self._counts[key] = self._counts.get(key, 0) + 1
        if self._counts[key] <= _FINDINGS:
            self._findings[finding] = None

    def close(self, divergence: Divergence | None, uses: Mapping[Mask, MaskUse]) -> Comparison:
        """The account as a value."""
        more = [
            Finding(self.name, f"no more than the {_FINDINGS} places told", f"{count - _FINDINGS} more {cause}", rule)
            for (rule, cause), count in self._counts.items()
            if count > _FINDINGS
        ]
        return Comparison(
            self.name,
            divergence,
            tuple(self._masked),
            dict(uses),
            (*self._findings, *more),
            self.tolerated,
            self.respelled and not (divergence or self._masked or self.tolerated),
        )


def shown_pair(left: Json, right: Json) -> tuple[str, str]:
    """Bounded texts of two values; of two long strings the parts around the first character that differs."""
    at = 0
    if isinstance(left, str) and isinstance(right, str):
        at = first_difference(left, right) or 0
    return shown(left, at), shown(right, at)
