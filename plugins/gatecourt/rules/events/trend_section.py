"""The manifest's ``[events.trend]``: the earlier runs, and how far a level may rise above them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatecourt.formats.fields import Different, NonEmpty, Pointer, PositiveInt, RelativePath, Share


@dataclass(frozen=True)
class Trend:
    """Summaries of earlier runs, and the band above them for each level.

    The share of a level may exceed the median of the oldest ``runs`` summaries by at most this much. The oldest ones
    stay the reference when newer ones are added, so that a slow rise adds up.
    """

    history: Different[tuple[RelativePath, ...]] = field(
        metadata={"doc": "JSON summaries of earlier runs, files below the target's root, the oldest first."}
    )
    tally: Pointer = field(metadata={"doc": "Pointer in a summary to its event counts by level, an object."})
    rise: NonEmpty[Mapping[str, Share]] = field(
        metadata={"doc": 'Level to the share by which it may exceed the earlier runs: "1%" allows 3% after 2%.'}
    )
    runs: PositiveInt = field(default=3, metadata={"doc": "How many earlier runs are needed, and form the reference."})
