"""The manifest's ``[events.trend]``: the earlier runs, and how far a level may rise above them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatecourt.formats import pointer
from gatecourt.formats.quantities import Ratio
from gatecourt.formats.sources import require_files


@dataclass(frozen=True)
class Trend:
    """Summaries of earlier runs, and the band above them for each level.

    The share of a level may exceed the median of the oldest ``runs`` summaries by at most this much. The oldest ones
    stay the reference when newer ones are added, so that a slow rise adds up.
    """

    history: tuple[str, ...] = field(
        metadata={"doc": "JSON summaries of earlier runs, files below the target's root, the oldest first."}
    )
    tally: str = field(metadata={"doc": "Pointer in a summary to its event counts by level, an object."})
    rise: Mapping[str, Ratio] = field(
        metadata={"doc": 'Level to the share by which it may exceed the earlier runs: "1%" allows 3% after 2%.'}
    )
    runs: int = field(default=3, metadata={"doc": "How many earlier runs are needed, and form the reference."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a trend without history or levels."""
        require_files(self.history, "target")
        pointer.split(self.tally)
        if len(set(self.history)) != len(self.history):
            raise ValueError("history names a summary twice: one run counts once")
        if not self.rise or any(not 0 <= band <= 1 for band in self.rise.values()):
            raise ValueError("rise needs at least one level, each with a share from 0% to 100%")
        if self.runs < 1:
            raise ValueError(f"runs must be at least 1, got {self.runs}")
