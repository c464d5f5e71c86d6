"""The manifest's ``[promotion.bands]``: what the log of a candidate's training has to keep before it is promoted."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from decimal import Decimal

from gatecourt.formats.quantities import Number
from gatecourt.mechanisms.bands.section import Band, BaselineSection
from gatecourt.rules.telemetry.row_pointer import require_place


@dataclass(frozen=True)
class BandMetrics:
    """What the metrics are called in the log; keys or JSON pointers."""

    loss: str = field(default="loss_total", metadata={"doc": "Key or pointer of the loss."})
    kl: str = field(default="kl_divergence", metadata={"doc": "Key or pointer of the divergence from the old policy."})
    gradient: str = field(default="grad_norm", metadata={"doc": "Key or pointer of the norm of the gradient."})
    entropy: str = field(default="batch_entropy_mean", metadata={"doc": "Key or pointer of the policy's entropy."})
    queue: str = field(default="queue_conflict_events", metadata={"doc": "Key or pointer of conflicts in queues."})
    intensity: str = field(
        default="queue_conflict_intensity_sum", metadata={"doc": "Key or pointer of the intensity of these conflicts."}
    )
    late_help: str = field(default="late_help_events", metadata={"doc": "Key or pointer of help for the late."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a name that leads nowhere, and for one name of two metrics."""
        names = [getattr(self, one.name) for one in fields(self)]
        for name in names:
            require_place(name)
        if len(set(names)) != len(names):
            raise ValueError("two metrics have one name")


@dataclass(frozen=True)
class BandsSection:
    """Bands around the recorded baseline, and bounds. Both belong to the good side."""

    log: str = field(metadata={"doc": "NAME of the [telemetry.log.NAME] that is judged, in its judged rows."})
    rolling: int = field(
        metadata={"doc": "Over how many judged rows in a row the mean of the loss is taken; 2 or more."}
    )
    loss: Band = field(
        default=Band(relative=Decimal("0.10"), calibrated=False),
        metadata={"doc": "Band of each rolling mean of the loss; ±10% if not given."},
    )
    loss_variance: Number = field(
        default=Decimal("0.05"), metadata={"doc": "The most variance of the loss among these rows."}
    )
    kl: Number = field(default=Decimal("0.05"), metadata={"doc": "The most divergence from the old policy in a row."})
    gradient: Number = field(default=Decimal("2.5"), metadata={"doc": "The highest norm of the gradient in a row."})
    entropy: Band = field(
        default=Band(relative=Decimal(0), floor=Decimal("0.1"), calibrated=False, zero="floor"),
        metadata={"doc": "Band of the mean entropy; ±0.1 if not given."},
    )
    queue: Band = field(
        default=Band(calibrated=False), metadata={"doc": "Band of the mean of conflicts; ±15% if not given."}
    )
    intensity: Band = field(
        default=Band(calibrated=False), metadata={"doc": "Band of the mean of their intensity; ±15% if not given."}
    )
    late_help: Number = field(default=Decimal("0.5"), metadata={"doc": "The least mean of help for the late."})
    metrics: BandMetrics = field(default_factory=BandMetrics, metadata={"doc": "What the metrics are called."})
    baseline: BaselineSection | None = field(
        default=None, metadata={"doc": "The recorded baseline; that of the log if not given."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for rows that have no variance, bounds below 0 and another statistic of the loss."""
        if self.rolling < 2:
            raise ValueError(f"rolling is at least 2, got {self.rolling}: one row has no variance")
        if min(self.loss_variance, self.kl, self.gradient) < 0:
            raise ValueError("loss_variance, kl and gradient are at least 0")
        if self.loss.statistic != "mean":
            raise ValueError("loss.statistic is the mean, of so many rows as rolling says")
