"""The manifest's ``[reconciliation]``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Literal

from gatecourt.formats import pointer
from gatecourt.formats.quantities import Number, Ratio, Seconds, TimeUnit
from gatecourt.formats.sources import Origin, require_files
from gatecourt.mechanisms.sourcescan.exemptions import SourceExemption

NONE = Decimal(0)
_NAME = re.compile(r"[a-z0-9_]+")


def _require_pointers(part: object) -> None:
    """Raise ``ValueError`` for a text field of ``part`` that is no JSON pointer into a document."""
    for one in fields(part):  # type: ignore[arg-type]  # a dataclass, as all parts of the section are
        value = getattr(part, one.name)
        if isinstance(value, str) and one.metadata.get("pointer") and not pointer.split(value):
            raise ValueError(f"{one.name} is empty: give a JSON pointer such as '/{one.name}'")


def _require_distinct(part: object) -> None:
    used = [getattr(part, one.name) for one in fields(part)]  # type: ignore[arg-type]
    for value in used:
        if value is not None and used.count(value) > 1:
            raise ValueError(f"two fields are read from the same place, {value!r}")


@dataclass(frozen=True)
class OrderSource:
    """Where the orders of one side are: a list of objects, or one object."""

    files: tuple[str, ...] = field(metadata={"doc": "Patterns of the JSON files among the run's artefacts."})
    pointer: str = field(default="", metadata={"doc": "JSON pointer of the list; none: the whole document."})
    origin: Origin = field(default="artefacts", metadata={"doc": 'Among the artefacts, or below the "target" root.'})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a path or pointer that is none."""
        require_files(self.files, self.origin)
        pointer.split(self.pointer)


@dataclass(frozen=True)
class OrderFields:
    """The JSON pointers of an order's values, within the order."""

    id: str = field(metadata={"doc": "Pointer of the order's id, the same on both sides.", "pointer": True})
    state: str = field(metadata={"doc": "Pointer of its final state.", "pointer": True})
    time: str | None = field(default=None, metadata={"doc": "Pointer of the time of its last update.", "pointer": True})
    qty: str | None = field(default=None, metadata={"doc": "Pointer of its filled quantity.", "pointer": True})
    price: str | None = field(default=None, metadata={"doc": "Pointer of its mean price.", "pointer": True})
    fee: str | None = field(default=None, metadata={"doc": "Pointer of its fees.", "pointer": True})
    fills: str | None = field(default=None, metadata={"doc": "Pointer of the list of its fills.", "pointer": True})
    totals: Literal["sides", "fills"] = field(
        default="sides",
        metadata={"doc": "What an order's qty, price and fee are compared with: the other side, or its own fills."},
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for what is no pointer, and for totals of fills without fills."""
        _require_pointers(self)
        _require_distinct(self)
        if self.totals == "fills" and self.fills is None:
            raise ValueError('totals = "fills" needs the pointer of the fills')


@dataclass(frozen=True)
class FillFields:
    """The JSON pointers of a fill's values, within the fill."""

    qty: str = field(metadata={"doc": "Pointer of the quantity.", "pointer": True})
    price: str = field(metadata={"doc": "Pointer of the price.", "pointer": True})
    fee: str = field(metadata={"doc": "Pointer of the fee.", "pointer": True})
    time: str | None = field(default=None, metadata={"doc": "Pointer of the time.", "pointer": True})
    id: str | None = field(
        default=None,
        metadata={
            "doc": "Pointer of the fill's id, the same on both sides; none: fills are matched by their place in the "
            "list, and a duplicate is seen as one too many.",
            "pointer": True,
        },
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for pointers that are none."""
        _require_pointers(self)
        _require_distinct(self)


@dataclass(frozen=True)
class FeeTolerance:
    """A fee matches if it is within either bound."""

    relative: Ratio = field(default=NONE, metadata={"doc": 'Share of the expected fee, such as "0.01%".'})
    absolute: Number = field(default=NONE, metadata={"doc": 'Amount of money, such as "1e-6".'})


@dataclass(frozen=True)
class DeclaredTolerances:
    """The largest allowed differences; a difference equal to its bound is allowed."""

    price: Ratio = field(metadata={"doc": 'Share of the expected price, such as "0.1%".'})
    fee: FeeTolerance = field(metadata={"doc": "ToleranceBounds of a fee."})
    qty: Number = field(metadata={"doc": 'Quantity, such as "1e-8".'})
    time: Seconds = field(metadata={"doc": 'Duration, such as "1s".'})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a negative bound, and for a relative one of 100 % or more."""
        for value in (self.price, self.qty, self.fee.relative, self.fee.absolute):
            if value < 0:
                raise ValueError(f"a tolerance cannot be negative, found {value}")
        if self.price >= 1 or self.fee.relative >= 1:
            raise ValueError("a relative tolerance of 100% or more accepts a price or fee of 0")


@dataclass(frozen=True)
class ReportedStatus:
    """The status in the report."""

    pointer: str = field(metadata={"doc": "Pointer of the status.", "pointer": True})
    match: str = field(metadata={"doc": "Its value where nothing mismatches."})
    mismatch: str = field(metadata={"doc": "Its value where at least one order mismatches."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where both values are the same."""
        _require_pointers(self)
        if self.match == self.mismatch:
            raise ValueError("match and mismatch are the same value")


@dataclass(frozen=True)
class ListedMismatches:
    """The mismatches that the report lists; all pointers but ``pointer`` are within an entry."""

    pointer: str = field(metadata={"doc": "Pointer of the list.", "pointer": True})
    code: str = field(metadata={"doc": "Pointer of the code.", "pointer": True})
    order: str = field(metadata={"doc": "Pointer of the order's id.", "pointer": True})
    fill: str | None = field(
        default=None, metadata={"doc": "Pointer of the fill's id; absent, null or empty for an order's own mismatch."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for pointers that are none."""
        _require_pointers(self)


@dataclass(frozen=True)
class ReconciliationReport:
    """The system's own reconciliation report. Every value that has a pointer is compared with the recomputation."""

    files: tuple[str, ...] = field(metadata={"doc": "Patterns of the one JSON report among the run's artefacts."})
    status: ReportedStatus | None = field(default=None, metadata={"doc": "The status of the report."})
    orders: str | None = field(default=None, metadata={"doc": "Pointer of the number of orders.", "pointer": True})
    fills: str | None = field(
        default=None, metadata={"doc": "Pointer of the number of expected fills.", "pointer": True}
    )
    mismatches: str | None = field(
        default=None, metadata={"doc": "Pointer of the number of mismatches.", "pointer": True}
    )
    mismatched_orders: str | None = field(
        default=None, metadata={"doc": "Pointer of the number of orders with a mismatch.", "pointer": True}
    )
    accuracy: str | None = field(
        default=None,
        metadata={
            "doc": "Pointer of the share of orders without a mismatch, compared at six decimals.",
            "pointer": True,
        },
    )
    halt: str | None = field(
        default=None, metadata={"doc": "Pointer of the boolean that requests a halt.", "pointer": True}
    )
    codes: str | None = field(
        default=None,
        metadata={"doc": "Pointer of an object of code -> number of mismatches; an absent key is 0.", "pointer": True},
    )
    listed: ListedMismatches | None = field(default=None, metadata={"doc": "The list of mismatches."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where nothing of the report would be compared."""
        require_files(self.files, "artefacts")
        _require_pointers(self)
        if all(getattr(self, one.name) is None for one in fields(self) if one.name != "files"):
            raise ValueError("nothing in the report is compared: give at least one pointer")


@dataclass(frozen=True)
class ReportedTolerances:
    """The tolerances that the system itself reports. Those without a pointer are not compared."""

    files: tuple[str, ...] = field(metadata={"doc": "Patterns of JSON files; of the target: named in full."})
    origin: Origin = field(default="artefacts", metadata={"doc": 'Among the artefacts, or below the "target" root.'})
    price: str | None = field(default=None, metadata={"doc": "Pointer of the relative price bound.", "pointer": True})
    fee_relative: str | None = field(
        default=None, metadata={"doc": "Pointer of the relative fee bound.", "pointer": True}
    )
    fee_absolute: str | None = field(
        default=None, metadata={"doc": "Pointer of the absolute fee bound.", "pointer": True}
    )
    qty: str | None = field(default=None, metadata={"doc": "Pointer of the quantity bound.", "pointer": True})
    time: str | None = field(default=None, metadata={"doc": "Pointer of the time bound.", "pointer": True})
    halt_above: str | None = field(
        default=None, metadata={"doc": "Pointer of the number of orders beyond which to halt.", "pointer": True}
    )
    unit: TimeUnit = field(default="ms", metadata={"doc": "Unit of the time bound."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where nothing would be compared."""
        require_files(self.files, self.origin)
        _require_pointers(self)
        if not any(getattr(self, one.name) for one in fields(self) if one.metadata.get("pointer")):
            raise ValueError("no tolerance is compared: give at least one pointer")


@dataclass(frozen=True)
class NetworkWatch:
    """How the dry run is watched: it may use no network but for the exemptions."""

    runtimes: tuple[Literal["python", "node"], ...] = field(
        metadata={"doc": "The runtimes that the dry run starts; each must have armed its trap."}
    )
    exempt: tuple[SourceExemption, ...] = field(
        default=(), metadata={"doc": "Permitted uses of the network and started programs, each with a reason."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where no runtime is named."""
        if not self.runtimes:
            raise ValueError("runtimes names at least one runtime")


@dataclass(frozen=True)
class AccuracySeries:
    """Reports of earlier reconciliations, one a file; the order of their names is the order in time."""

    files: tuple[str, ...] = field(metadata={"doc": "Patterns of JSON files; of the target: named in full."})
    orders: str = field(metadata={"doc": "Pointer of the number of orders.", "pointer": True})
    mismatched: str = field(metadata={"doc": "Pointer of the number of orders with a mismatch.", "pointer": True})
    band: Ratio = field(metadata={"doc": "How far the last accuracy may be below the best one before it."})
    origin: Origin = field(default="artefacts", metadata={"doc": 'Among the artefacts, or below the "target" root.'})
    at_least: Ratio | None = field(default=None, metadata={"doc": "The lowest allowed last accuracy."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a band outside 0 to 1."""
        require_files(self.files, self.origin)
        _require_pointers(self)
        if not 0 <= self.band < 1:
            raise ValueError(f"band: expected a ratio from 0 to below 1, found {self.band}")


@dataclass(frozen=True)
class ReconciliationSection:
    """``[reconciliation]``."""

    adapter: OrderSource = field(metadata={"doc": "The orders that the adapter reports."})
    expected: OrderSource = field(metadata={"doc": "The orders that are computed without the adapter's answers."})
    order: OrderFields = field(metadata={"doc": "The pointers of an order's values, on both sides."})
    tolerances: DeclaredTolerances = field(metadata={"doc": "The largest allowed differences."})
    halt_above: int = field(metadata={"doc": "With more mismatched orders than this, trading must stop."})
    fill: FillFields | None = field(
        default=None, metadata={"doc": "The pointers of a fill's values; goes with order.fills."}
    )
    unit: TimeUnit | None = field(default=None, metadata={"doc": "Unit of the times; needed with any time."})
    command: str | None = field(
        default=None, metadata={"doc": "The [commands.NAME] that is the dry run; that of [run] if not given."}
    )
    disturbed: str | None = field(
        default=None,
        metadata={
            "doc": "The [commands.NAME] that is the same dry run on tampered answers: the adapter's side must "
            "change, the expected side must not, and the report must show it."
        },
    )
    report: ReconciliationReport | None = field(
        default=None, metadata={"doc": "The system's own report of the reconciliation."}
    )
    reported_tolerances: ReportedTolerances | None = field(
        default=None, metadata={"doc": "The tolerances that the system reports."}
    )
    network: NetworkWatch | None = field(default=None, metadata={"doc": "How the dry run is watched for network use."})
    accuracy: Mapping[str, AccuracySeries] = field(
        default_factory=dict, metadata={"doc": "Earlier reports, by the name of their series, such as weekly."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where parts contradict each other."""
        if self.halt_above < 0:
            raise ValueError("halt_above cannot be negative")
        if self.adapter == self.expected:
            raise ValueError("adapter and expected are the same place: there is nothing to compare")
        if (self.fill is None) != (self.order.fills is None):
            raise ValueError("fill and order.fills go together: give both or none")
        timed = self.order.time is not None or (self.fill is not None and self.fill.time is not None)
        if timed != (self.unit is not None):
            raise ValueError("unit goes with the times: give it exactly where order or fill has a time")
        if self.disturbed is not None and self.disturbed == (self.command or "run"):
            raise ValueError("disturbed is the same command as the dry run itself")
        for name in self.accuracy:
            if not _NAME.fullmatch(name):
                raise ValueError(f"a series is called by lower-case letters, digits and underscores, found {name!r}")


def dry_runs(section: ReconciliationSection) -> Sequence[str]:
    """The commands whose reports are judged."""
    return [section.command or "run", *([section.disturbed] if section.disturbed else [])]


def trends(section: ReconciliationSection) -> Sequence[str]:
    """Names of the series of earlier reports, sorted."""
    return sorted(section.accuracy)
