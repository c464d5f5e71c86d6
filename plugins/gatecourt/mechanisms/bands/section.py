"""What a manifest says of a banded measure: the ``Band``, and the ``BaselineSection`` that holds its custody."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Literal

from gatecourt.formats.fields import (
    Digest,
    NonNegative,
    NonNegativeRatio,
    PositiveInt,
    PositiveSeconds,
    RelativePath,
    bounds,
    matching,
)
from gatecourt.formats.quantities import Ratio

Statistic = Literal["mean", "sum", "max", "min", "last", "variance"]
Direction = Literal["both", "higher_is_worse", "lower_is_worse"]
Zero = Literal["equal", "floor", "hold"]

JsonFile = Annotated[RelativePath, matching(r".+\.json", "a .json file")]
Confidence = Annotated[Ratio, bounds(at_least="0.8", at_most="0.9999", expected="a share from 80% to 99.99%")]


@dataclass(frozen=True)
class Band:
    """How far one metric of a run may lie from its baseline; a value at the bound is inside.

    A value outside the band is ``band.outside``, unless the measured noise of the metric reaches as far.
    """

    relative: NonNegativeRatio = field(
        default=Decimal("0.15"), metadata={"doc": "The allowed distance, as a share of the baseline without its sign."}
    )
    floor: NonNegative = field(
        default=Decimal(0), metadata={"doc": "An absolute distance that is always inside, however small the baseline."}
    )
    direction: Direction = field(
        default="both", metadata={"doc": "Which side of the baseline is judged; the other side is always inside."}
    )
    statistic: Statistic = field(
        default="mean",
        metadata={"doc": "What is made of the metric over the judged rows; variance divides by rows - 1."},
    )
    zero: Zero = field(
        default="hold",
        metadata={
            "doc": 'What a baseline of 0 asks for: "equal" 0 again, a distance of at most the "floor", or "hold" '
            "until a person has decided."
        },
    )
    at_least: PositiveInt = field(default=1, metadata={"doc": "The fewest judged rows that the statistic may rest on."})
    calibrated: bool = field(
        default=True,
        metadata={"doc": "Whether the noise of the metric has to be known before a value inside the band passes."},
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a rule on 0 that contradicts the floor."""
        if self.zero == "floor" and not self.floor:
            raise ValueError('zero: "floor" needs a floor above 0')
        if self.zero == "equal" and self.floor:
            raise ValueError('zero: "equal" contradicts a floor above 0; write zero = "floor"')

    @property
    def fewest(self) -> int:
        """How many judged rows the statistic needs; a variance never fewer than two."""
        return max(self.at_least, 2 if self.statistic == "variance" else 1)


@dataclass(frozen=True)
class BaselineSection:
    """A recorded baseline and its custody. ``gatecourt record`` writes the file and its digest."""

    file: JsonFile = field(metadata={"doc": "The baseline, a JSON file below the target's root."})
    max_age: PositiveSeconds = field(metadata={"doc": 'How old the baseline may be, such as "180d".'})
    sha256: Digest | None = field(
        default=None, metadata={"doc": 'The digest of the file, "sha256:<hex>"; written by gatecourt record.'}
    )
    seeds: PositiveInt = field(
        default=5, metadata={"doc": "The fewest runs, one a seed or a log, that the baseline is made of."}
    )
    confidence: Annotated[Ratio, bounds(at_least="0.8", at_most="0.9999", expected="a share from 80% to 99.99%")] = (
        field(
            default=Decimal("0.99"),
            metadata={"doc": "The share of runs of one system that lies within its noise, such as 99%."},
        )
    )
