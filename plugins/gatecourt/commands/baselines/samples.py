"""Where samples come from: new runs, each with its own seed, or the logs of existing runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from gatecourt.commands.baselines.selection import BaselineTarget
from gatecourt.mechanisms.bands.baseline import Baseline, SourceLog

Samples = Mapping[str, tuple[Fraction, ...]]


@dataclass(frozen=True, slots=True)
class DrawnSamples:
    """The samples of each banded metric, each with its seed or its source, and the command that was run for them."""

    samples: Samples
    seeds: tuple[int, ...] = ()
    sources: tuple[SourceLog, ...] = ()
    command: str | None = None


class SampleSource(Protocol):
    """Gives samples: from new runs, or from logs."""

    @property
    def about(self) -> str:
        """The command line option, with its value where that is short."""

    @property
    def noun(self) -> str:
        """What each sample comes from, in the singular."""

    @property
    def number(self) -> int:
        """How many samples it gives."""

    def draw(self, selected: BaselineTarget, before: Baseline | None = None) -> DrawnSamples:
        """The samples, none of them from what ``before`` was recorded from. Raises ``Refused``."""
