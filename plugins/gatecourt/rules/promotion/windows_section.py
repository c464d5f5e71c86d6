"""The manifest's ``[promotion.windows]``: the windows over which a candidate was watched, and what they must keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from gatecourt.formats.fields import NonNegative, Pointer, PositiveInt
from gatecourt.formats.quantities import Number
from gatecourt.rules.promotion.documents import Document


@dataclass(frozen=True)
class WindowFields:
    """Where a window holds what; JSON pointers within it."""

    start: Pointer = field(default="/start", metadata={"doc": "Pointer of the tick at which it begins."})
    end: Pointer = field(default="/end", metadata={"doc": "Pointer of the tick before which it ends."})
    observations: Pointer = field(
        default="/observations", metadata={"doc": "Pointer of how many ticks were looked at."}
    )
    alerts: Pointer = field(default="/alerts", metadata={"doc": "Pointer of the list of alerts raised in it."})


@dataclass(frozen=True)
class WindowBound:
    """A number of each window that is bounded from above, by itself or by a multiple of what is normal."""

    value: Pointer = field(metadata={"doc": "Pointer, in a window, of a number of at least 0."})
    at_most: NonNegative | None = field(default=None, metadata={"doc": "The most that is good."})
    baseline: NonNegative | None = field(
        default=None, metadata={"doc": "The number of a normal window, in place of at_most."}
    )
    baseline_at: Document | None = field(
        default=None, metadata={"doc": "Where the number of a normal window was recorded, in place of at_most."}
    )
    factor: Number = field(
        default=Decimal(2), metadata={"doc": "The most that is good, as a multiple of the baseline."}
    )
    at_most_at_zero: NonNegative | None = field(
        default=None, metadata={"doc": "The most that is good where the baseline is 0, of which any multiple is 0."}
    )
    reported_baseline: Pointer | None = field(
        default=None, metadata={"doc": "Pointer of the baseline that the window says it was held to."}
    )
    samples: Pointer | None = field(
        default=None, metadata={"doc": "Pointer of the number of samples on which the value rests."}
    )
    min_samples: PositiveInt | None = field(
        default=None, metadata={"doc": "The fewest samples on which the value may rest."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for no bound or two, and for keys that go with others that are not there."""
        given = [key for key in ("at_most", "baseline", "baseline_at") if getattr(self, key) is not None]
        if len(given) != 1:
            raise ValueError(f"give exactly one of at_most, baseline and baseline_at; found {len(given)}")
        if self.factor < 1:
            raise ValueError(f"factor: expected at least 1, found {self.factor}")
        if (self.samples is None) != (self.min_samples is None):
            raise ValueError("samples and min_samples go together")
        if self.at_most is not None and (self.at_most_at_zero is not None or self.reported_baseline is not None):
            raise ValueError("at_most_at_zero and reported_baseline go with a baseline, not with at_most")


@dataclass(frozen=True)
class WindowsSection:
    """The windows, and what the last of them that have data must keep. Bounds belong to the good side."""

    windows: Document = field(metadata={"doc": "The list of windows, oldest first."})
    min_observations: PositiveInt = field(metadata={"doc": "The fewest ticks with which a window has data."})
    bounds: Mapping[str, WindowBound] = field(metadata={"doc": "NAME -> a number of each window and its bound."})
    required: PositiveInt = field(
        default=2, metadata={"doc": "How many windows with data, in a row, must keep all bounds."}
    )
    fields: WindowFields = field(default_factory=WindowFields, metadata={"doc": "Where a window holds what."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where nothing is bounded."""
        if not self.bounds:
            raise ValueError("bounds: expected at least one bound, found none")
