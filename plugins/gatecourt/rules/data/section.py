"""The manifest's ``[data.NAME]`` tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from gatecourt.formats.fields import (
    Digest,
    FilePattern,
    Identifier,
    NonEmpty,
    Pointer,
    PositiveInt,
    RelativePath,
    Text,
    bounds,
)
from gatecourt.formats.files import Origin, require_full_names
from gatecourt.formats.quantities import PER_SECOND, Seconds, TimeUnit

Format = Literal["json", "csv", "parquet"]


@dataclass(frozen=True)
class Fields:
    """The names of a bar's parts: keys of an object, indices of an array, or columns."""

    time: Text = field(metadata={"doc": "Opening time, a whole number of the unit; a timestamp column in Parquet."})
    open: Text = field(metadata={"doc": "First price."})
    high: Text = field(metadata={"doc": "Highest price."})
    low: Text = field(metadata={"doc": "Lowest price."})
    close: Text = field(metadata={"doc": "Last price."})
    volume: Text | None = field(default=None, metadata={"doc": "Traded volume, 0 or more."})
    other: tuple[Text, ...] = field(default=(), metadata={"doc": "Further numbers, each 0 or more."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a name that is used twice."""
        names = [self.time, *self.prices, *self.amounts]
        if len(set(names)) != len(names):
            raise ValueError(f"each field needs a name of its own, found {', '.join(map(repr, names))}")

    @property
    def prices(self) -> tuple[str, ...]:
        """Open, high, low, close."""
        return self.open, self.high, self.low, self.close

    @property
    def amounts(self) -> tuple[str, ...]:
        """What may be 0 but not negative."""
        return (*(() if self.volume is None else (self.volume,)), *self.other)


@dataclass(frozen=True)
class AllowedGap:
    """A gap that is known and explained. It must be there exactly as declared."""

    first_missing: int = field(metadata={"doc": "Time of the first missing bar, in the dataset's unit."})
    bars: PositiveInt = field(metadata={"doc": "How many bars are missing."})
    reason: Text = field(metadata={"doc": "Why the bars are missing."})


@dataclass(frozen=True)
class Dataset:
    """Files of bars, all of one kind and interval."""

    files: NonEmpty[tuple[FilePattern, ...]] = field(
        metadata={"doc": "Patterns of the artefacts, or files below the target's root."}
    )
    format: Format = field(metadata={"doc": "How the files are read."})
    fields: Fields = field(metadata={"doc": "The names of time, prices and volume."})
    interval: Seconds = field(metadata={"doc": 'Time from one bar to the next, such as "5 min".'})
    unit: TimeUnit = field(metadata={"doc": "Unit of the time field. A timestamp column of Parquet is converted."})
    origin: Origin = field(
        default="artefacts",
        metadata={"doc": 'Where the files lie: among the run\'s artefacts, or named in full below the "target" root.'},
    )
    pointer: Pointer = field(default="", metadata={"doc": "JSON pointer of the array of bars, for json."})
    decimal_text: bool = field(
        default=False, metadata={"doc": 'Numbers are written as text, such as "40000.10". CSV always is.'}
    )
    sha256: Digest | None = field(default=None, metadata={"doc": 'The digest of a single file, "sha256:<hex>".'})
    checksums: RelativePath | None = field(
        default=None, metadata={"doc": "A file below the target's root with a line of digest and name for each file."}
    )
    count: int | Pointer | None = field(
        default=None, metadata={"doc": "The number of bars, or the JSON pointer at which the file states it."}
    )
    minimum: Annotated[int, bounds(at_least=2)] = field(
        default=2, metadata={"doc": "With fewer bars than this the check is HOLD."}
    )
    gaps: tuple[AllowedGap, ...] = field(default=(), metadata={"doc": "Known gaps; any other is a finding."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where the fields contradict each other."""
        require_full_names(self.files, self.origin)
        if self.format != "json" and (self.pointer or isinstance(self.count, str)):
            raise ValueError(f"a pointer needs format json; the format is {self.format}")
        if self.sha256 is not None and self.checksums is not None:
            raise ValueError("the digest is given twice: keep either sha256 or checksums")
        if self.sha256 is not None and (len(self.files) != 1 or set(self.files[0]) & set("*?[]{}")):
            raise ValueError("sha256: one digest needs one file named in full; for several files give checksums")
        _require_whole(self.interval, self.unit)

    @property
    def step(self) -> int:
        """The interval in units of the time field."""
        return int(self.interval * PER_SECOND[self.unit])

    @property
    def nanoseconds(self) -> int:
        """How many nanoseconds the unit of the time field has."""
        return 10**9 // PER_SECOND[self.unit]


def _require_whole(interval: Decimal, unit: TimeUnit) -> None:
    count = interval * PER_SECOND[unit]
    if not 0 < count < 2**60 or count != int(count):
        raise ValueError(f"interval: expected a whole number of {unit} above 0, found {interval} s")


Datasets: TypeAlias = NonEmpty[Mapping[Identifier, Dataset]]


@dataclass(frozen=True)
class DataSection:
    """``[data]``; the field is the manifest's top-level key."""

    data: Datasets = field(metadata={"doc": "The datasets by name."})


def dataset_names(section: DataSection) -> Sequence[str]:
    """Names of all datasets, sorted."""
    return sorted(section.data)
