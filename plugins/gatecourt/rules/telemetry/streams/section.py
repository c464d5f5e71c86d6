"""The manifest's ``[telemetry.stream.NAME]``: streams of payloads and what their states have to keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as key
from typing import Annotated, Literal

from gatecourt.formats.fields import Constraint, FilePattern, NonEmpty, Pointer, PositiveInt, RelativePath
from gatecourt.formats.files import require_full_names
from gatecourt.mechanisms.streams.payloads import PayloadKinds, StreamShape
from gatecourt.rules.telemetry.streams.conditions_section import AlertNames, Conditions
from gatecourt.rules.telemetry.streams.rules_section import (
    ClippedValues,
    FieldRule,
    HeldObjects,
    Lifecycle,
    RateLimits,
    RunningTotals,
)


def _is_version(text: str) -> bool:
    parts = text.split(".")
    return len(parts) in (2, 3) and all(part.isascii() and part.isdigit() for part in parts)


_VERSION = Constraint('a version such as "0.9" or "0.9.7"', _is_version, {"pattern": r"^[0-9]+\.[0-9]+(\.[0-9]+)?$"})


@dataclass(frozen=True)
class PayloadSchemas:
    """JSON Schemas of the payloads, files below the target's root."""

    snapshot: RelativePath | None = key(
        default=None, metadata={"doc": "Schema of a whole state; the state at the end of the stream keeps it too."}
    )
    diff: RelativePath | None = key(default=None, metadata={"doc": "Schema of a diff."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where no schema is named."""
        if self.snapshot is None and self.diff is None:
            raise ValueError("snapshot: missing, and so is diff; name at least one schema")


@dataclass(frozen=True)
class PayloadVersion:
    """Which version of the payload's format the readers know."""

    expected: Annotated[str, _VERSION] = key(
        metadata={"doc": 'The version that readers know, "MAJOR.MINOR" or "MAJOR.MINOR.PATCH"; patches are ignored.'}
    )
    pointer: Pointer = key(default="/schema_version", metadata={"doc": "Where a payload holds its version."})


@dataclass(frozen=True)
class StreamSection:
    """One stream of payloads. A part that is not declared is not judged."""

    files: NonEmpty[tuple[FilePattern, ...]] = key(
        metadata={"doc": "Which files hold the payloads; each is a stream by itself."}
    )
    origin: Literal["artefacts", "target"] = key(
        default="artefacts", metadata={"doc": "artefacts: patterns over a run's outputs; target: files of the tree."}
    )
    of: str = key(default="run", metadata={"doc": "NAME of the [commands.NAME] whose outputs they are."})
    format: Literal["ndjson", "json"] = key(
        default="ndjson", metadata={"doc": "ndjson: one payload a line; json: one whole state a file."}
    )
    tick: Pointer = key(default="/tick", metadata={"doc": "Where a payload holds its tick, a whole number."})
    step: PositiveInt = key(default=1, metadata={"doc": "By how many ticks each payload is later than the last."})
    at_least: PositiveInt = key(default=2, metadata={"doc": "The fewest payloads of a file that can be judged."})
    identity: tuple[Pointer, ...] = key(
        default=(), metadata={"doc": "Values that stay the same, such as /run_id: two runs are not one stream."}
    )
    kinds: PayloadKinds | None = key(
        default=None, metadata={"doc": "How states and changes are distinguished; without it each payload is a state."}
    )
    schema: PayloadSchemas | None = key(default=None, metadata={"doc": "Schemas of the payloads."})
    version: PayloadVersion | None = key(default=None, metadata={"doc": "The format's version."})
    field: Mapping[str, FieldRule] = key(default_factory=dict, metadata={"doc": "Limits of values, by name."})
    rate_limit: Mapping[str, RateLimits] = key(
        default_factory=dict, metadata={"doc": "How often entries of a list may come, by name."}
    )
    lifecycle: Mapping[str, Lifecycle] = key(
        default_factory=dict, metadata={"doc": "Events that must be followed by another one, by name."}
    )
    held: Mapping[str, HeldObjects] = key(
        default_factory=dict, metadata={"doc": "Objects that must be released in time, by name."}
    )
    running_total: Mapping[str, RunningTotals] = key(
        default_factory=dict, metadata={"doc": "Histories whose totals are the sum of their deltas, by name."}
    )
    clipped: Mapping[str, ClippedValues] = key(
        default_factory=dict, metadata={"doc": "Values clipped at a limit, by name."}
    )
    condition: Conditions | None = key(
        default=None, metadata={"doc": "Conditions worked out from states: alerts agree with them, or they never hold."}
    )
    alerts: AlertNames | None = key(default=None, metadata={"doc": "Alerts in the states, worked out again."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a pattern of target files, kinds without use, or an alert of no condition."""
        require_full_names(self.files, self.origin)
        if self.format == "json" and self.kinds is not None:
            raise ValueError('kinds: of no use with format = "json", where each file is a whole state')
        if self.alerts is not None:
            self.alerts.require_names(self.condition.names if self.condition else ())

    @property
    def shape(self) -> StreamShape:
        """The stream as merging needs it."""
        return StreamShape(self.tick, self.step, self.identity, self.kinds)
