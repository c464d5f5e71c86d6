"""The manifest's ``[telemetry]``: logs of rows, streams of payloads, and soaks over the cycles of a log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from gatecourt.formats.fields import (
    Different,
    FilePattern,
    KeyOrPointer,
    NonEmpty,
    Positive,
    PositiveInt,
    RelativePath,
    bounds,
    matching,
)
from gatecourt.formats.files import Origin, require_full_names
from gatecourt.formats.quantities import Number
from gatecourt.mechanisms.bands.section import Band, BaselineSection, Statistic
from gatecourt.rules.telemetry.row_pointer import pointer_of
from gatecourt.rules.telemetry.streams.health_section import HealthSection
from gatecourt.rules.telemetry.streams.section import StreamSection
from gatecourt.rules.telemetry.version import VERSION


@dataclass(frozen=True)
class VersionRule:
    """Which versions of the row may be read.

    A newer minor of an accepted major is read too, except below 1.0, where a minor counts as a major. A version that is
    older than all accepted ones of its major, or of another major, is not.
    """

    pointer: KeyOrPointer = field(metadata={"doc": "Key, or JSON pointer, of the version in a row."})
    accepted: NonEmpty[tuple[Annotated[str, matching(VERSION, 'a version such as "1.2"')], ...]] = field(
        metadata={"doc": 'The versions that are known, such as "1.2".'}
    )


@dataclass(frozen=True)
class Identity:
    """What identifies a row, and a run."""

    pointers: Different[tuple[KeyOrPointer, ...]] = field(
        metadata={"doc": "Keys or JSON pointers; their values, in this order, rise from row to row."}
    )
    step: Mapping[str, Positive] = field(
        default_factory=dict, metadata={"doc": "Of these, by how much exactly each rises from a row to the next."}
    )
    start: Mapping[str, Number] = field(
        default_factory=dict, metadata={"doc": "Of these, what each is in the first row of a run."}
    )
    run: KeyOrPointer | None = field(default=None, metadata={"doc": "Key or pointer of the run that a row belongs to."})
    judged_run: Literal["only", "last"] = field(
        default="only",
        metadata={"doc": "Of a file with several runs: only one is allowed, or the last one counts; last needs run."},
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a step or start of none of the pointers, or a last run without an identity."""
        for key, table in (("step", self.step), ("start", self.start)):
            if unknown := sorted(set(table) - set(self.pointers)):
                raise ValueError(f"{key}: {unknown[0]!r} is not one of pointers")
        if self.judged_run == "last" and self.run is None:
            raise ValueError('run: missing; judged_run = "last" needs the run that a row belongs to')


@dataclass(frozen=True)
class JudgedRows:
    """Which rows thresholds, bands and soaks look at, and how many there must be."""

    pointer: KeyOrPointer | None = field(
        default=None, metadata={"doc": "Key or pointer of the mode; none: every row counts."}
    )
    equals: Any = field(default=None, metadata={"doc": 'The mode of the rows that count, such as "rollout".'})
    minimum: PositiveInt = field(default=1, metadata={"doc": "The fewest rows that a judgement may rest on."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a pointer without its value, or a value that is not a single one."""
        if (self.pointer is None) != (self.equals is None):
            absent = "pointer" if self.pointer is None else "equals"
            raise ValueError(f"{absent}: missing; pointer and equals go together")
        if isinstance(self.equals, (list, dict)):
            raise ValueError("equals: expected one value, such as a text")


@dataclass(frozen=True)
class Threshold:
    """Bounds of one metric; both belong to the good side."""

    at_most: Number | None = field(default=None, metadata={"doc": "The most that is good."})
    at_least: Number | None = field(default=None, metadata={"doc": "The least that is good."})
    absolute: bool = field(default=False, metadata={"doc": "The number is judged without its sign."})
    scope: Literal["judged", "all"] = field(default="judged", metadata={"doc": "Judged rows, or all rows of the run."})
    statistic: Literal["each"] | Statistic = field(
        default="each", metadata={"doc": "Each row by itself, or what is made of all; variance divides by n - 1."}
    )
    metric: KeyOrPointer | None = field(
        default=None, metadata={"doc": "Key or pointer of the metric, where the table's own name is not it."}
    )
    nullable: bool = field(
        default=False, metadata={"doc": "Rows with null in its place are passed over, as long as one has a number."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for no bound, or bounds that nothing can keep."""
        if self.at_most is None and self.at_least is None:
            raise ValueError("at_most: missing, and so is at_least; give one of them")
        if self.at_most is not None and self.at_least is not None and self.at_most < self.at_least:
            raise ValueError(f"at_least: {self.at_least} is above at_most, which is {self.at_most}")
        if self.absolute and self.at_most is not None and self.at_most < 0:
            raise ValueError(f"at_most: {self.at_most} is below 0, and no number without its sign is")


@dataclass(frozen=True)
class SummaryFields:
    """What the summary of a log shows. Without it: the metrics under thresholds and bands."""

    epoch: KeyOrPointer | None = field(
        default=None, metadata={"doc": "Key or pointer of the epoch; the last row's is shown."}
    )
    mode: KeyOrPointer | None = field(default=None, metadata={"doc": "Key or pointer of the mode of a row."})
    cycle: KeyOrPointer | None = field(default=None, metadata={"doc": "Key or pointer of the cycle."})
    offset: KeyOrPointer | None = field(default=None, metadata={"doc": "Key or pointer of the offset in the log."})
    latest: tuple[KeyOrPointer, ...] = field(
        default=(), metadata={"doc": "Metrics of which the last judged row is shown."}
    )
    extremes: tuple[KeyOrPointer, ...] = field(
        default=(), metadata={"doc": "Metrics of which least and most are shown."}
    )


@dataclass(frozen=True)
class LogSection:
    """One log of rows, and what is demanded of it."""

    files: NonEmpty[tuple[FilePattern, ...]] = field(
        metadata={"doc": "Patterns of the log; together they match exactly one file."}
    )
    identity: Identity = field(metadata={"doc": "What identifies rows and runs."})
    origin: Origin = field(
        default="artefacts",
        metadata={"doc": 'Where the log lies: among a command\'s outputs, or named in full below the "target" root.'},
    )
    of: str = field(default="run", metadata={"doc": "NAME of the [commands.NAME] that writes the log."})
    format: Literal["jsonl", "csv"] = field(
        default="jsonl",
        metadata={
            "doc": "csv has a header; a cell is a number, true or false where JSON would write it so, absent where it "
            "is empty, else text; columns named in texts are text as they stand."
        },
    )
    schema: RelativePath | None = field(
        default=None, metadata={"doc": "JSON Schema of a row, a file below the target's root."}
    )
    numbers: tuple[KeyOrPointer, ...] = field(
        default=(), metadata={"doc": "Keys or pointers that each row has, each with a finite number."}
    )
    texts: tuple[KeyOrPointer, ...] = field(
        default=(), metadata={"doc": "Keys or pointers that each row has, each with a text that is not empty."}
    )
    version: VersionRule | None = field(default=None, metadata={"doc": "Which versions of the row are known."})
    judged: JudgedRows = field(default_factory=JudgedRows, metadata={"doc": "Which rows count, and how many must."})
    thresholds: Mapping[KeyOrPointer, Threshold] = field(
        default_factory=dict, metadata={"doc": "Key or pointer of a metric -> its bounds."}
    )
    bands: Mapping[KeyOrPointer, Band] = field(
        default_factory=dict, metadata={"doc": "Key or pointer of a metric -> how far it may lie from the baseline."}
    )
    baseline: BaselineSection | None = field(default=None, metadata={"doc": "What the bands are held against."})
    summary: SummaryFields = field(default_factory=SummaryFields, metadata={"doc": "What the summary shows."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where nothing describes a row, or bands and their baseline are not both there."""
        require_full_names(self.files, self.origin)
        if self.schema is None and not self.numbers:
            raise ValueError("numbers: missing, and so is schema; give one of them, which describes a row")
        names = [*self.numbers, *self.texts]
        if twice := sorted(name for name in set(names) if names.count(name) > 1):
            raise ValueError(f"numbers: {twice[0]!r} stands twice in numbers and texts")
        if bool(self.bands) != (self.baseline is not None):
            absent = "baseline" if self.bands else "bands"
            raise ValueError(f"{absent}: missing; bands and baseline go together")


@dataclass(frozen=True)
class SoakSection:
    """Many cycles in one log, all held against one baseline: a drift that no step shows is seen in the end."""

    log: str = field(metadata={"doc": "NAME of the [telemetry.log.NAME] that is soaked."})
    cycle: KeyOrPointer = field(metadata={"doc": "Key or pointer of the cycle that a row belongs to."})
    cycles: Annotated[int, bounds(at_least=2)] = field(metadata={"doc": "How many cycles there must be."})
    bands: NonEmpty[Mapping[KeyOrPointer, Band]] = field(
        metadata={"doc": "Key or pointer of a metric -> how far a cycle may lie from what it is held against."}
    )
    against: Literal["baseline", "first_cycle"] = field(
        default="baseline",
        metadata={"doc": "What cycles are held against: the log's recorded baseline, or the first cycle of the log."},
    )


@dataclass(frozen=True)
class TelemetrySection:
    """``[telemetry]``."""

    log: Mapping[str, LogSection] = field(default_factory=dict, metadata={"doc": "One table for each log of rows."})
    stream: Mapping[str, StreamSection] = field(
        default_factory=dict, metadata={"doc": "One table for each stream of payloads."}
    )
    health: Mapping[str, HealthSection] = field(
        default_factory=dict, metadata={"doc": "One table for each log of health lines."}
    )
    soak: Mapping[str, SoakSection] = field(default_factory=dict, metadata={"doc": "One table for each soak."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where nothing is declared, or a part refers to another that is not there."""
        if not self.log and not self.stream and not self.health:
            raise ValueError("log: missing, and so are stream and health; declare at least one of them")
        for name, soak in self.soak.items():
            if soak.log not in self.log:
                raise ValueError(f"soak.{name}: there is no log {soak.log!r}")
            _require_recorded(name, soak, self.log[soak.log])
        if len({*_banded(self)}) != sum(len(log.bands) for log in self.log.values()):
            raise ValueError("two banded metrics have one name, LOG-METRIC: call a log otherwise")


def _require_recorded(name: str, soak: SoakSection, log: LogSection) -> None:
    """Raise ``ValueError`` for a metric that the log's baseline does not hold, or holds in another form."""
    for metric, band in soak.bands.items() if soak.against == "baseline" else ():
        if metric not in log.bands:
            raise ValueError(f"soak.{name}: {metric!r} is not in the baseline: log.{soak.log} has no band for it")
        if band.statistic != log.bands[metric].statistic:
            raise ValueError(f"soak.{name}: {metric!r} is recorded as the {log.bands[metric].statistic}")


def log_names(section: TelemetrySection) -> Sequence[str]:
    """Names of all logs, sorted."""
    return sorted(section.log)


def threshold_logs(section: TelemetrySection) -> Sequence[str]:
    """Names of the logs with thresholds, sorted."""
    return sorted(name for name, log in section.log.items() if log.thresholds)


def baseline_logs(section: TelemetrySection) -> Sequence[str]:
    """Names of the logs with a baseline, sorted."""
    return sorted(name for name, log in section.log.items() if log.baseline is not None)


def soak_names(section: TelemetrySection) -> Sequence[str]:
    """Names of all soaks, sorted."""
    return sorted(section.soak)


def banded_metrics(section: TelemetrySection) -> Sequence[str]:
    """``LOG-METRIC`` for each banded metric of each log, sorted."""
    return sorted(_banded(section))


def banded_metric(section: TelemetrySection, name: str) -> tuple[str, str]:
    """The log and the metric behind ``LOG-METRIC``. Raises ``KeyError``."""
    return _banded(section)[name]


def _banded(section: TelemetrySection) -> dict[str, tuple[str, str]]:
    return {f"{name}-{metric}": (name, metric) for name, log in section.log.items() for metric in log.bands}


def metric_of(name: str, threshold: Threshold) -> str:
    """Key or pointer of the metric that the threshold called ``name`` judges."""
    return name if threshold.metric is None else threshold.metric


def shown_metrics(log: LogSection) -> tuple[str, ...]:
    """The metrics that matter to the log: those under thresholds, then those under bands, each once."""
    names = [*(metric_of(name, one) for name, one in log.thresholds.items()), *log.bands]
    once: dict[str, str] = {}
    for name in names:
        once.setdefault(pointer_of(name), name)
    return tuple(once.values())
