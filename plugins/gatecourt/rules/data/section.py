"""The manifest's ``[data.NAME]`` tables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from gatecourt.formats import pointer
from gatecourt.formats.quantities import PER_SECOND, Seconds, TimeUnit
from gatecourt.formats.sources import Origin, require_files, require_relative

Format = Literal["json", "csv", "parquet"]

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Fields:
    """The names of a bar's parts: keys of an object, indices of an array, or columns."""

    time: str = field(metadata={"doc": "Opening time, a whole number of the unit; a timestamp column in Parquet."})
    open: str = field(metadata={"doc": "First price."})
    high: str = field(metadata={"doc": "Highest price."})
    low: str = field(metadata={"doc": "Lowest price."})
    close: str = field(metadata={"doc": "Last price."})
    volume: str | None = field(default=None, metadata={"doc": "Traded volume, 0 or more."})
    other: tuple[str, ...] = field(default=(), metadata={"doc": "Further numbers, each 0 or more."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a name that is empty or used twice."""
        names = [self.time, *self.prices, *self.amounts]
        if "" in names or len(set(names)) != len(names):
            raise ValueError(f"expected a name of its own for each field, found {', '.join(map(repr, names))}")

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

    first_missing: int = field(metadata={"doc": "Time of the first bar that is not there, in the dataset's unit."})
    bars: int = field(metadata={"doc": "How many bars are not there."})
    reason: str = field(metadata={"doc": "Why."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a gap of no bar or without a reason."""
        if self.bars < 1 or not self.reason.strip():
            raise ValueError(f"the gap at {self.first_missing} needs 1 bar or more, and a reason")


@dataclass(frozen=True)
class Dataset:
    """Files of bars, all of one kind and interval."""

    files: tuple[str, ...] = field(metadata={"doc": "Patterns of the artefacts, or files below the target's root."})
    format: Format = field(metadata={"doc": "How the files are read."})
    fields: Fields = field(metadata={"doc": "The names of time, prices and volume."})
    interval: Seconds = field(metadata={"doc": 'Time from one bar to the next, such as "5 min".'})
    unit: TimeUnit = field(metadata={"doc": "Unit of the time field. A timestamp column of Parquet is converted."})
    origin: Origin = field(
        default="artefacts",
        metadata={"doc": 'Where the files lie: among the run\'s artefacts, or named in full below the "target" root.'},
    )
    pointer: str = field(default="", metadata={"doc": "JSON pointer of the array of bars, for json."})
    decimal_text: bool = field(
        default=False, metadata={"doc": 'Numbers are written as text, such as "40000.10". CSV always is.'}
    )
    sha256: str | None = field(default=None, metadata={"doc": 'The digest of a single file, "sha256:<hex>".'})
    checksums: str | None = field(
        default=None, metadata={"doc": "A file below the target's root with a line of digest and name for each file."}
    )
    count: int | str | None = field(
        default=None, metadata={"doc": "How many bars there are, or the JSON pointer at which the file says so."}
    )
    minimum: int = field(default=2, metadata={"doc": "Fewer bars than this are not judged to be enough."})
    gaps: tuple[AllowedGap, ...] = field(default=(), metadata={"doc": "Known gaps; any other is a finding."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where the fields do not go together."""
        require_files(self.files, self.origin)
        pointer.split(self.pointer)
        if self.format != "json" and (self.pointer or isinstance(self.count, str)):
            raise ValueError(f"a pointer belongs to format json; the format is {self.format}")
        if isinstance(self.count, str):
            pointer.split(self.count)
        if self.minimum < 2:
            raise ValueError(f"minimum must be 2 or more, for one bar has no interval; found {self.minimum}")
        _require_digest(self)
        _require_whole(self.interval, self.unit)

    @property
    def step(self) -> int:
        """The interval in units of the time field."""
        return int(self.interval * PER_SECOND[self.unit])

    @property
    def nanoseconds(self) -> int:
        """How many nanoseconds the unit of the time field has."""
        return 10**9 // PER_SECOND[self.unit]


def _require_digest(dataset: Dataset) -> None:
    if dataset.sha256 is not None and dataset.checksums is not None:
        raise ValueError("the digest is given twice: keep either sha256 or checksums")
    if dataset.checksums is not None:
        require_relative([dataset.checksums])
    if dataset.sha256 is not None and not _DIGEST.fullmatch(dataset.sha256):
        raise ValueError(f'sha256: expected "sha256:" and 64 lower-case hex digits, found {dataset.sha256!r}')
    if dataset.sha256 is not None and (len(dataset.files) != 1 or set(dataset.files[0]) & set("*?[]{}")):
        raise ValueError("sha256 is the digest of one file named in full; for more, give checksums")


def _require_whole(interval: Decimal, unit: TimeUnit) -> None:
    count = interval * PER_SECOND[unit]
    if not 0 < count < 2**60 or count != int(count):
        raise ValueError(f"interval: expected a whole number of {unit} above 0, found {interval} s")


@dataclass(frozen=True)
class DataSection:
    """``[data]``; the field is the manifest's top-level key."""

    data: Mapping[str, Dataset] = field(metadata={"doc": "The datasets by name."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where no dataset is given or a name cannot be part of a check's id."""
        if not self.data:
            raise ValueError("no dataset is given")
        for name in self.data:
            if not _NAME.fullmatch(name):
                raise ValueError(f"expected a dataset name of lower-case letters, digits, underscores, found {name!r}")


def dataset_names(section: DataSection) -> Sequence[str]:
    """Names of all datasets, sorted."""
    return sorted(section.data)
