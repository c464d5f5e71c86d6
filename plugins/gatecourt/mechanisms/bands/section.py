"""What a manifest says of a banded measure: the ``Band``, and the ``BaselineSection`` that holds its custody."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from gatecourt.formats.quantities import Number, Ratio, Seconds
from gatecourt.formats.sources import require_files

Statistic = Literal["mean", "sum", "max", "min", "last", "variance"]
Direction = Literal["both", "higher_is_worse", "lower_is_worse"]
Zero = Literal["equal", "floor", "hold"]

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Band:
    """How far one metric of a run may lie from its baseline. Bounds belong to the inside.

    Outside the band is wrong unless measured noise reaches as far: where nobody has measured the noise of a metric,
    there is nothing that could excuse the distance, and a value outside its band is ``band.outside``.
    """

    relative: Ratio = field(
        default=Decimal("0.15"), metadata={"doc": "The allowed distance, as a share of the baseline without its sign."}
    )
    floor: Number = field(
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
    at_least: int = field(default=1, metadata={"doc": "The fewest judged rows that the statistic may rest on."})
    calibrated: bool = field(
        default=True,
        metadata={"doc": "Whether the noise of the metric has to be known before a value inside the band passes."},
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for distances below 0, and for a rule on 0 that contradicts the floor."""
        if self.relative < 0 or self.floor < 0:
            raise ValueError(f"relative and floor are at least 0, got {self.relative} and {self.floor}")
        if self.zero == "floor" and not self.floor:
            raise ValueError('zero = "floor" needs a floor above 0')
        if self.zero == "equal" and self.floor:
            raise ValueError('zero = "equal" contradicts a floor above 0; write zero = "floor"')
        if self.at_least < 1:
            raise ValueError(f"at_least must be at least 1, got {self.at_least}")

    @property
    def fewest(self) -> int:
        """How many judged rows the statistic needs; a variance never fewer than two."""
        return max(self.at_least, 2 if self.statistic == "variance" else 1)


@dataclass(frozen=True)
class BaselineSection:
    """A recorded baseline and its custody. ``gatecourt record`` writes the file and its digest."""

    file: str = field(metadata={"doc": "The baseline, a JSON file below the target's root."})
    max_age: Seconds = field(metadata={"doc": 'How old the baseline may be, such as "180d".'})
    sha256: str | None = field(
        default=None, metadata={"doc": 'The digest of the file, "sha256:<hex>"; written by gatecourt record.'}
    )
    seeds: int = field(
        default=5, metadata={"doc": "The fewest runs, one a seed or a log, that the baseline is made of."}
    )
    confidence: Ratio = field(
        default=Decimal("0.99"),
        metadata={"doc": "How many of all honest runs must lie within the noise, such as 99%."},
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a path that leaves the target, a digest that is none, and limits without sense."""
        require_files([self.file], "target")
        if not self.file.endswith(".json"):
            raise ValueError(f"a baseline is a .json file, found {self.file!r}")
        if self.sha256 is not None and not _DIGEST.fullmatch(self.sha256):
            raise ValueError(f'expected "sha256:" and 64 lower-case hex digits, found {self.sha256!r}')
        if self.max_age <= 0:
            raise ValueError("max_age must be longer than nothing")
        if self.seeds < 1:
            raise ValueError(f"seeds must be at least 1, got {self.seeds}")
        if not Decimal("0.8") <= self.confidence <= Decimal("0.9999"):
            raise ValueError(f"confidence is from 80% to 99.99%, got {self.confidence}")
