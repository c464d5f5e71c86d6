"""The manifest's ``[promotion.bands]``: what the log of a candidate's training has to keep before it is promoted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated

from gatecourt.formats.fields import NonNegative, bounds
from gatecourt.mechanisms.bands.section import Band, BaselineSection
from gatecourt.rules.telemetry.row_pointer import require_place
from gatecourt.rules.telemetry.section import Threshold


@dataclass(frozen=True)
class RollingMetric:
    """A metric that is judged over each so many judged rows in a row."""

    rows: Annotated[int, bounds(at_least=2)] = field(
        metadata={"doc": "How many judged rows in a row are taken together; one row has no variance."}
    )
    band: Band = field(
        default=Band(relative=Decimal("0.10"), calibrated=False),
        metadata={"doc": "Band of each rolling mean around the recorded one; ±10% if not given."},
    )
    variance_at_most: NonNegative | None = field(
        default=None, metadata={"doc": "The most variance among these rows; it divides by their number less one."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for another statistic than the mean."""
        if self.band.statistic != "mean":
            raise ValueError(f"band.statistic: expected mean, found {self.band.statistic}")


@dataclass(frozen=True)
class BandsSection:
    """Bounds, and bands around the recorded baseline, in place of the log's own. Bounds belong to the good side."""

    log: str = field(metadata={"doc": "NAME of the [telemetry.log.NAME] that is judged, in its judged rows."})
    bands: Mapping[str, Band] = field(metadata={"doc": "Bands by metric, as in [telemetry.log.NAME.bands]."})
    thresholds: Mapping[str, Threshold] = field(
        default_factory=dict, metadata={"doc": "Bounds by metric, as in [telemetry.log.NAME.thresholds]."}
    )
    rolling: Mapping[str, RollingMetric] = field(
        default_factory=dict, metadata={"doc": "Metrics that are judged over so many rows in a row, by key or pointer."}
    )
    baseline: BaselineSection | None = field(
        default=None, metadata={"doc": "The recorded baseline; that of the log if not given."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for no band, without which there is no use of a baseline, and a metric that is none."""
        if not self.bands:
            raise ValueError("bands: expected at least one band, found none")
        for name in (*self.bands, *self.rolling):
            require_place(name)
