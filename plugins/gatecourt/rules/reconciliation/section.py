"""The manifest's ``[reconciliation]``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from gatecourt.formats.fields import (
    Count,
    FilePattern,
    Identifier,
    NonEmpty,
    NonNegative,
    Pointer,
    Share,
    bounds,
    matching,
)
from gatecourt.formats.files import Origin
from gatecourt.formats.quantities import Ratio, Seconds, TimeUnit
from gatecourt.mechanisms.sourcescan.exemptions import SourceExemption

NONE = Decimal(0)

MemberPointer: TypeAlias = Annotated[str, matching(r"(?:/(?:[^~/]|~[01])*)+", 'a JSON pointer such as "/id"')]
"""A JSON pointer below the document or record itself."""
RelativeTolerance: TypeAlias = Annotated[Ratio, bounds(at_least=0, below=1)]
"""A share of the expected number; 100 % or more would accept a price or fee of 0."""


def _refuse_target_patterns(files: Sequence[str], origin: Origin) -> None:
    """Raise ``ValueError`` where a file of the target is given as a pattern."""
    if origin == "target" and (patterns := [name for name in files if set(name) & set("*?[]{}")]):
        raise ValueError(*(f'files: of origin = "target" give full names, found {name!r}' for name in patterns))


def _shared_places(part: OrderFields | FillFields) -> list[str]:
    """A sentence for each field whose place an earlier field has already."""
    first: dict[str, str] = {}
    problems = []
    for name, place in ((one.name, getattr(part, one.name)) for one in fields(part) if one.name != "totals"):
        if place in first:
            problems.append(f"{name}: the same place as {first[place]}, {place!r}")
        elif place is not None:
            first[place] = name
    return problems


@dataclass(frozen=True)
class OrderSource:
    """Where the orders of one side are: a list of objects, or one object."""

    files: NonEmpty[tuple[FilePattern, ...]] = field(
        metadata={"doc": "Patterns of the JSON files among the run's artefacts."}
    )
    pointer: Pointer = field(default="", metadata={"doc": "JSON pointer of the list; none: the whole document."})
    origin: Origin = field(default="artefacts", metadata={"doc": 'Among the artefacts, or below the "target" root.'})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a pattern among the files of the target."""
        _refuse_target_patterns(self.files, self.origin)


@dataclass(frozen=True)
class OrderFields:
    """The JSON pointers of an order's values, within the order."""

    id: MemberPointer = field(metadata={"doc": "Pointer of the order's id, the same on both sides."})
    state: MemberPointer = field(metadata={"doc": "Pointer of its final state."})
    time: MemberPointer | None = field(default=None, metadata={"doc": "Pointer of the time of its last update."})
    qty: MemberPointer | None = field(default=None, metadata={"doc": "Pointer of its filled quantity."})
    price: MemberPointer | None = field(default=None, metadata={"doc": "Pointer of its mean price."})
    fee: MemberPointer | None = field(default=None, metadata={"doc": "Pointer of its fees."})
    fills: MemberPointer | None = field(default=None, metadata={"doc": "Pointer of the list of its fills."})
    totals: Literal["sides", "fills"] = field(
        default="sides",
        metadata={"doc": "What an order's qty, price and fee are compared with: the other side, or its own fills."},
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for one place read twice, and for totals of fills without fills."""
        problems = _shared_places(self)
        if self.totals == "fills" and self.fills is None:
            problems.append('totals: "fills" needs the pointer fills')
        if problems:
            raise ValueError(*problems)


@dataclass(frozen=True)
class FillFields:
    """The JSON pointers of a fill's values, within the fill."""

    qty: MemberPointer = field(metadata={"doc": "Pointer of the quantity."})
    price: MemberPointer = field(metadata={"doc": "Pointer of the price."})
    fee: MemberPointer = field(metadata={"doc": "Pointer of the fee."})
    time: MemberPointer | None = field(default=None, metadata={"doc": "Pointer of the time."})
    id: MemberPointer | None = field(
        default=None,
        metadata={
            "doc": "Pointer of the fill's id, the same on both sides; none: fills are matched by their place in the "
            "list, and a duplicate is seen as one too many.",
        },
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for one place read twice."""
        if problems := _shared_places(self):
            raise ValueError(*problems)


@dataclass(frozen=True)
class FeeTolerance:
    """A fee matches if it is within either bound."""

    relative: RelativeTolerance = field(default=NONE, metadata={"doc": 'Share of the expected fee, such as "0.01%".'})
    absolute: NonNegative = field(default=NONE, metadata={"doc": 'Amount of money, such as "1e-6".'})


@dataclass(frozen=True)
class DeclaredTolerances:
    """The largest allowed differences; a difference equal to its bound is allowed."""

    price: RelativeTolerance = field(metadata={"doc": 'Share of the expected price, such as "0.1%".'})
    fee: FeeTolerance = field(metadata={"doc": "Bounds of a fee."})
    qty: NonNegative = field(metadata={"doc": 'Quantity, such as "1e-8".'})
    time: Seconds = field(metadata={"doc": 'Duration, such as "1s".'})


@dataclass(frozen=True)
class ReportedStatus:
    """The status in the report."""

    pointer: MemberPointer = field(metadata={"doc": "Pointer of the status."})
    match: str = field(metadata={"doc": "Its value where nothing mismatches."})
    mismatch: str = field(metadata={"doc": "Its value where at least one order mismatches."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where both values are the same."""
        if self.match == self.mismatch:
            raise ValueError("mismatch: the same value as match")


@dataclass(frozen=True)
class ListedMismatches:
    """The mismatches that the report lists; all pointers but ``pointer`` are within an entry."""

    pointer: MemberPointer = field(metadata={"doc": "Pointer of the list."})
    code: MemberPointer = field(metadata={"doc": "Pointer of the code."})
    order: MemberPointer = field(metadata={"doc": "Pointer of the order's id."})
    fill: MemberPointer | None = field(
        default=None, metadata={"doc": "Pointer of the fill's id; absent, null or empty for an order's own mismatch."}
    )


@dataclass(frozen=True)
class ReconciliationReport:
    """The system's own reconciliation report. Every value that has a pointer is compared with the recomputation."""

    files: NonEmpty[tuple[FilePattern, ...]] = field(
        metadata={"doc": "Patterns of the one JSON report among the run's artefacts."}
    )
    status: ReportedStatus | None = field(default=None, metadata={"doc": "The status of the report."})
    orders: MemberPointer | None = field(default=None, metadata={"doc": "Pointer of the number of orders."})
    fills: MemberPointer | None = field(default=None, metadata={"doc": "Pointer of the number of expected fills."})
    mismatches: MemberPointer | None = field(default=None, metadata={"doc": "Pointer of the number of mismatches."})
    mismatched_orders: MemberPointer | None = field(
        default=None, metadata={"doc": "Pointer of the number of orders with a mismatch."}
    )
    accuracy: MemberPointer | None = field(
        default=None,
        metadata={
            "doc": "Pointer of the share of orders without a mismatch, compared at six decimals.",
        },
    )
    halt: MemberPointer | None = field(default=None, metadata={"doc": "Pointer of the boolean that requests a halt."})
    codes: MemberPointer | None = field(
        default=None,
        metadata={"doc": "Pointer of an object of code -> number of mismatches; an absent key is 0."},
    )
    listed: ListedMismatches | None = field(default=None, metadata={"doc": "The list of mismatches."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where nothing of the report would be compared."""
        if all(getattr(self, one.name) is None for one in fields(self) if one.name != "files"):
            raise ValueError("nothing in the report is compared: give at least one pointer")


@dataclass(frozen=True)
class ReportedTolerances:
    """The tolerances that the system itself reports. Those without a pointer are not compared."""

    files: NonEmpty[tuple[FilePattern, ...]] = field(
        metadata={"doc": "Patterns of JSON files; of the target: named in full."}
    )
    origin: Origin = field(default="artefacts", metadata={"doc": 'Among the artefacts, or below the "target" root.'})
    price: MemberPointer | None = field(default=None, metadata={"doc": "Pointer of the relative price bound."})
    fee_relative: MemberPointer | None = field(default=None, metadata={"doc": "Pointer of the relative fee bound."})
    fee_absolute: MemberPointer | None = field(default=None, metadata={"doc": "Pointer of the absolute fee bound."})
    qty: MemberPointer | None = field(default=None, metadata={"doc": "Pointer of the quantity bound."})
    time: MemberPointer | None = field(default=None, metadata={"doc": "Pointer of the time bound."})
    halt_above: MemberPointer | None = field(
        default=None, metadata={"doc": "Pointer of the number of orders beyond which to halt."}
    )
    unit: TimeUnit = field(default="ms", metadata={"doc": "Unit of the time bound."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where nothing would be compared."""
        _refuse_target_patterns(self.files, self.origin)
        if not any(getattr(self, one.name) for one in fields(self) if one.name not in ("files", "origin", "unit")):
            raise ValueError("no tolerance is compared: give at least one pointer")


@dataclass(frozen=True)
class NetworkWatch:
    """How the dry run is watched: it may use no network but for the exemptions."""

    runtimes: NonEmpty[tuple[Literal["python", "node"], ...]] = field(
        metadata={"doc": "The runtimes that the dry run starts; each must have armed its trap."}
    )
    exempt: tuple[SourceExemption, ...] = field(
        default=(), metadata={"doc": "Permitted uses of the network and started programs, each with a reason."}
    )


@dataclass(frozen=True)
class AccuracySeries:
    """Reports of earlier reconciliations, one a file; the order of their names is the order in time."""

    files: NonEmpty[tuple[FilePattern, ...]] = field(
        metadata={"doc": "Patterns of JSON files; of the target: named in full."}
    )
    orders: MemberPointer = field(metadata={"doc": "Pointer of the number of orders."})
    mismatched: MemberPointer = field(metadata={"doc": "Pointer of the number of orders with a mismatch."})
    band: RelativeTolerance = field(metadata={"doc": "How far the last accuracy may be below the best one before it."})
    origin: Origin = field(default="artefacts", metadata={"doc": 'Among the artefacts, or below the "target" root.'})
    at_least: Share | None = field(default=None, metadata={"doc": "The lowest allowed last accuracy."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a pattern among the files of the target."""
        _refuse_target_patterns(self.files, self.origin)


@dataclass(frozen=True)
class ReconciliationSection:
    """``[reconciliation]``."""

    adapter: OrderSource = field(metadata={"doc": "The orders that the adapter reports."})
    expected: OrderSource = field(metadata={"doc": "The orders that are computed without the adapter's answers."})
    order: OrderFields = field(metadata={"doc": "The pointers of an order's values, on both sides."})
    tolerances: DeclaredTolerances = field(metadata={"doc": "The largest allowed differences."})
    halt_above: Count = field(metadata={"doc": "With more mismatched orders than this, trading must stop."})
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
    accuracy: Mapping[Identifier, AccuracySeries] = field(
        default_factory=dict, metadata={"doc": "Earlier reports, by the name of their series, such as weekly."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where parts contradict each other."""
        problems = []
        if self.adapter == self.expected:
            problems.append("expected: the same place as adapter, so there is nothing to compare")
        if (self.fill is None) != (self.order.fills is None):
            problems.append("fill: fill and order.fills go together, give both or none")
        timed = self.order.time is not None or (self.fill is not None and self.fill.time is not None)
        if timed != (self.unit is not None):
            problems.append("unit: goes with the times, give it exactly where order or fill has a time")
        if self.disturbed is not None and self.disturbed == (self.command or "run"):
            problems.append("disturbed: the same command as the dry run itself")
        if problems:
            raise ValueError(*problems)


def dry_runs(section: ReconciliationSection) -> Sequence[str]:
    """The commands whose reports are judged."""
    return [section.command or "run", *([section.disturbed] if section.disturbed else [])]


def trends(section: ReconciliationSection) -> Sequence[str]:
    """Names of the series of earlier reports, sorted."""
    return sorted(section.accuracy)
