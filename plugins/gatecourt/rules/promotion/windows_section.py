"""The manifest's ``[promotion.windows]``: the windows over which a candidate was watched, and what they must keep."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from gatecourt.formats.quantities import Number, Ratio
from gatecourt.rules.promotion.documents import Document, require_pointers


@dataclass(frozen=True)
class WindowFields:
    """Where a window holds what; JSON pointers within it."""

    start: str = field(default="/start", metadata={"doc": "Pointer of the tick at which it begins."})
    end: str = field(default="/end", metadata={"doc": "Pointer of the tick before which it ends."})
    observations: str = field(default="/observations", metadata={"doc": "Pointer of how many ticks were looked at."})
    lateness: str = field(default="/lateness", metadata={"doc": "Pointer of the lateness at work."})
    starvation: str = field(default="/starvation_incidents", metadata={"doc": "Pointer of how often one starved."})
    switch_rate: str = field(default="/option_switch_rate", metadata={"doc": "Pointer of the option-switch rate."})
    switch_samples: str = field(default="/option_samples", metadata={"doc": "Pointer of how many samples it rests on."})
    alerts: str = field(default="/alerts", metadata={"doc": "Pointer of the list of alerts raised in it."})
    lateness_baseline: str | None = field(
        default=None, metadata={"doc": "Pointer of the baseline that the window says it was held against."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for what is no pointer."""
        require_pointers(*(getattr(self, name) for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class WindowsSection:
    """The windows, and what the last of them that have data must keep. Bounds belong to the good side."""

    windows: Document = field(metadata={"doc": "The list of windows, oldest first."})
    min_observations: int = field(metadata={"doc": "The fewest ticks with which a window has data."})
    min_switch_samples: int = field(metadata={"doc": "The fewest samples on which an option-switch rate may rest."})
    lateness_baseline: Number | None = field(default=None, metadata={"doc": "The lateness of a normal window."})
    lateness_baseline_at: Document | None = field(
        default=None, metadata={"doc": "Where the lateness of a normal window was recorded, in place of the number."}
    )
    lateness_at_zero: Number | None = field(
        default=None, metadata={"doc": "The most lateness where the baseline is 0, of which any multiple is 0."}
    )
    required: int = field(default=2, metadata={"doc": "How many windows with data, in a row, must be green."})
    lateness_factor: Number = field(
        default=Decimal(2), metadata={"doc": "The most lateness, as a multiple of the baseline."}
    )
    switch_rate: Ratio = field(default=Decimal("0.25"), metadata={"doc": "The highest option-switch rate."})
    fields: WindowFields = field(default_factory=WindowFields, metadata={"doc": "Where a window holds what."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for numbers without sense, and for no baseline or two."""
        if (self.lateness_baseline is None) == (self.lateness_baseline_at is None):
            raise ValueError("give exactly one of lateness_baseline and lateness_baseline_at")
        if min(self.min_observations, self.min_switch_samples, self.required) < 1:
            raise ValueError("min_observations, min_switch_samples and required are at least 1")
        if self.lateness_factor < 1:
            raise ValueError(f"lateness_factor is at least 1, got {self.lateness_factor}")
        if not 0 <= self.switch_rate < 1:
            raise ValueError(f"switch_rate is at least 0 and below 1, got {self.switch_rate}")
        if (self.lateness_baseline or 0) < 0 or (self.lateness_at_zero or 0) < 0:
            raise ValueError("no lateness is below 0")
