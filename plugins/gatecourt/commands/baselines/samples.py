"""Where samples come from: runs that are made for it, each with its own seed, or logs of runs that there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from gatecourt.commands.baselines.selection import Asked
from gatecourt.mechanisms.bands.baseline import Baseline, SourceLog

Samples = Mapping[str, tuple[Fraction, ...]]


@dataclass(frozen=True, slots=True)
class Drawn:
    """The samples of each banded metric, each with its seed or its source, and the command that was run for them."""

    samples: Samples
    seeds: tuple[int, ...] = ()
    sources: tuple[SourceLog, ...] = ()
    command: str | None = None


class Runs(Protocol):
    """One way to samples."""

    @property
    def about(self) -> str:
        """The option that gave it, and its value where that is short."""

    @property
    def noun(self) -> str:
        """What each sample comes from, in the singular."""

    @property
    def number(self) -> int:
        """How many samples it gives."""

    def draw(self, question: Asked, before: Baseline | None = None) -> Drawn:
        """The samples, none of them from what ``before`` was recorded from. Raises ``Refused``."""
