"""The manifest's ``[telemetry.stream.NAME]``: streams of payloads and what their states have to keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from gatecourt.formats.pointer import split
from gatecourt.formats.quantities import Ratio
from gatecourt.formats.sources import require_files, require_relative
from gatecourt.mechanisms.streams.payloads import PayloadKinds, StreamShape
from gatecourt.rules.telemetry.streams.alerts_section import EventList, StreamAlerts
from gatecourt.rules.telemetry.streams.queues_section import Queues
from gatecourt.rules.telemetry.streams.setting_refs import Level, Ticks, require_pointers, require_settings


@dataclass(frozen=True)
class PayloadSchemas:
    """JSON Schemas of the payloads, files below the target's root."""

    snapshot: str | None = field(
        default=None, metadata={"doc": "Schema of a whole state; the state at the end of the stream keeps it too."}
    )
    diff: str | None = field(default=None, metadata={"doc": "Schema of a diff."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where no schema is named."""
        named = [name for name in (self.snapshot, self.diff) if name is not None]
        if not named:
            raise ValueError("snapshot and diff are both absent: name at least one schema")
        require_relative(named)


@dataclass(frozen=True)
class PayloadVersion:
    """Which version of the payload's format the readers know."""

    expected: str = field(
        metadata={"doc": 'The version that readers know, "MAJOR.MINOR" or "MAJOR.MINOR.PATCH", patches aside.'}
    )
    pointer: str = field(default="/schema_version", metadata={"doc": "Where a payload says its version."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a version that cannot be compared."""
        require_pointers(self, ("pointer",))
        parts = self.expected.split(".")
        if len(parts) not in (2, 3) or not all(part.isascii() and part.isdigit() for part in parts):
            raise ValueError(f'expected must be like "0.9" or "0.9.7", got {self.expected!r}')


@dataclass(frozen=True)
class TransportHealth:
    """The block in which the sender tells how its transport fares."""

    pointer: str = field(default="/transport", metadata={"doc": "Where the block stands in the state."})
    connected: str = field(default="connected", metadata={"doc": "Key of the boolean."})
    dropped: str = field(default="dropped_messages", metadata={"doc": "Key of the number of payloads lost so far."})
    queue: str = field(default="queue_length", metadata={"doc": "Key of the number of payloads that wait."})
    last_error: str = field(default="last_error", metadata={"doc": "Key of the last error, null where none was."})
    last_success: str = field(default="last_success_tick", metadata={"doc": "Key of the tick last sent, or null."})
    counters: tuple[str, ...] = field(default=(), metadata={"doc": "Keys of other numbers that never fall."})
    queue_limit: Ticks = field(default=32, metadata={"doc": "The most payloads that may wait, or FILE#/POINTER."})
    lag: int = field(default=1, metadata={"doc": "By how many ticks the last success may lie back."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a pointer or limit that cannot be."""
        require_pointers(self, ("pointer",))
        require_settings(self, ("queue_limit",))
        if self.lag < 0:
            raise ValueError(f"lag must be 0 or more, got {self.lag}")


@dataclass(frozen=True)
class EmploymentBacklog:
    """Who waits to leave a job, and how many may."""

    pending: str = field(default="/employment/pending", metadata={"doc": "Where those who wait are listed."})
    count: str = field(default="/employment/pending_count", metadata={"doc": "Where their number stands."})
    limit: str = field(default="/employment/queue_limit", metadata={"doc": "Where the payload tells the limit."})
    declared_limit: Ticks | None = field(
        default=None, metadata={"doc": "What the limit has to be, or FILE#/POINTER: a payload may not raise its own."}
    )
    exits: str | None = field(default=None, metadata={"doc": "Where the exits of the day are counted."})
    cap: str | None = field(default=None, metadata={"doc": "Where the most exits a day stand."})
    declared_cap: Ticks | None = field(
        default=None, metadata={"doc": "What the cap has to be, or FILE#/POINTER: a payload may not raise its own."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for what is no pointer, and for a count without its cap."""
        require_pointers(self, ("pending", "count", "limit", "exits", "cap"))
        require_settings(self, ("declared_limit", "declared_cap"))
        if (self.exits is None) != (self.cap is None):
            raise ValueError("exits and cap go together: give both or none")
        if self.declared_cap is not None and self.cap is None:
            raise ValueError("declared_cap needs cap: nothing else says what the payloads tell")


@dataclass(frozen=True)
class Approval:
    """A request by hand that has to be carried out a fixed number of ticks later."""

    requested: str = field(
        default="employment_exit_manual_request", metadata={"doc": "Type of the event that tells the request."}
    )
    processed: str = field(
        default="employment_exit_processed", metadata={"doc": "Type of the event that tells it was carried out."}
    )
    id: str = field(default="agent_id", metadata={"doc": "Key of whom an event is about."})
    after: int = field(default=1, metadata={"doc": "How many ticks later it is carried out, neither sooner nor later."})
    events: EventList = field(default_factory=EventList, metadata={"doc": "Where events stand."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for an approval that is its own processing."""
        if self.requested == self.processed:
            raise ValueError(f"requested and processed are both {self.processed!r}")
        if self.after < 0:
            raise ValueError(f"after must be 0 or more, got {self.after}")


@dataclass(frozen=True)
class NarrationThrottle:
    """Narrations as they were emitted, and the throttle that they had to pass. Cooldowns of 0 and limits of 0 are off.

    A narration of priority skips both cooldowns, but is deduplicated and counted; every narration starts cooldowns.
    """

    global_cooldown: Ticks = field(metadata={"doc": "Fewest ticks after any narration, or FILE#/POINTER."})
    dedupe_window: Ticks = field(metadata={"doc": "Ticks in which a message stands once; below 0 it is off."})
    window: Ticks = field(metadata={"doc": "Ticks in which narrations are counted, or FILE#/POINTER."})
    window_limit: Ticks = field(metadata={"doc": "The most narrations in the window, or FILE#/POINTER."})
    category_cooldowns: Mapping[str, int] | str = field(
        default_factory=dict, metadata={"doc": "Fewest ticks after a narration of the category, or FILE#/POINTER."}
    )
    pointer: str = field(default="/narrations", metadata={"doc": "Where the emitted narrations stand, an array."})
    tick: str = field(default="tick", metadata={"doc": "Key of the tick."})
    category: str = field(default="category", metadata={"doc": "Key of the category."})
    message: str = field(default="message", metadata={"doc": "Key of the message."})
    priority: str = field(default="priority", metadata={"doc": "Key of the boolean that lifts cooldowns."})
    dedupe_key: str = field(default="dedupe_key", metadata={"doc": "Key of what a message is known by, if any."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for what is neither a number nor a place of one."""
        require_pointers(self, ("pointer",))
        require_settings(self, ("global_cooldown", "dedupe_window", "window", "window_limit", "category_cooldowns"))


@dataclass(frozen=True)
class RewardClip:
    """Rewards of a tick, which are clipped, and how often clipping may be needed."""

    pointer: str = field(default="/rewards", metadata={"doc": "Where the block stands in the state."})
    clip: str = field(default="clip_per_tick", metadata={"doc": "Key of the clip."})
    declared_clip: Level | None = field(
        default=None, metadata={"doc": "What the clip has to be, or FILE#/POINTER: a payload may not raise its own."}
    )
    largest: str = field(default="max_abs", metadata={"doc": "Key of the largest absolute reward."})
    events: str | None = field(
        default=None, metadata={"doc": 'Key of how many rewards were clipped, such as "clip_events".'}
    )
    counted: Literal["total", "tick"] = field(
        default="total",
        metadata={"doc": "Whether both are told as of all ticks so far, or of the tick."},
    )
    agents: str = field(default="/agents", metadata={"doc": "Where the agents stand, each with one reward a tick."})
    share: Ratio | None = field(default=None, metadata={"doc": "The largest share of rewards that may be clipped."})
    values: str | None = field(
        default=None, metadata={"doc": "Where the rewards by agent stand in the state, if they are told."}
    )
    places: int = field(default=6, metadata={"doc": "To how many decimal places rewards are told."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a share that cannot be, or of nothing."""
        require_pointers(self, ("pointer", "agents", "values"))
        require_settings(self, ("declared_clip",))
        if not 0 <= self.places <= 15:
            raise ValueError(f"places must be 0 to 15, got {self.places}")
        if self.share is not None and not 0 <= self.share < 1:
            raise ValueError(f"share must be at least 0 and less than 1, got {self.share}")
        if self.share is not None and self.events is None:
            raise ValueError("share needs the key events")


@dataclass(frozen=True)
class StreamSection:
    """One stream of payloads. A part that is not declared is not judged."""

    files: tuple[str, ...] = field(metadata={"doc": "Which files hold the payloads; each is a stream by itself."})
    origin: Literal["artefacts", "target"] = field(
        default="artefacts", metadata={"doc": "artefacts: patterns over a run's outputs; target: files of the tree."}
    )
    of: str = field(default="run", metadata={"doc": "NAME of the [commands.NAME] whose outputs they are."})
    format: Literal["ndjson", "json"] = field(
        default="ndjson", metadata={"doc": "ndjson: one payload a line; json: one whole state a file."}
    )
    tick: str = field(default="/tick", metadata={"doc": "Where a payload says its tick, a whole number."})
    step: int = field(default=1, metadata={"doc": "By how many ticks each payload is later than the one before."})
    at_least: int = field(default=2, metadata={"doc": "The fewest payloads of a file on which a judgement can rest."})
    identity: tuple[str, ...] = field(
        default=(), metadata={"doc": "What stays the same all along, such as /run_id: two runs are not one stream."}
    )
    kinds: PayloadKinds | None = field(
        default=None, metadata={"doc": "How states and changes are told apart; without it each payload is a state."}
    )
    schema: PayloadSchemas | None = field(default=None, metadata={"doc": "Schemas of the payloads."})
    version: PayloadVersion | None = field(default=None, metadata={"doc": "The format's version."})
    transport: TransportHealth | None = field(default=None, metadata={"doc": "Health of the transport."})
    backlog: EmploymentBacklog | None = field(default=None, metadata={"doc": "Those who wait to leave a job."})
    approval: Approval | None = field(default=None, metadata={"doc": "Requests by hand and when they are done."})
    narration: NarrationThrottle | None = field(default=None, metadata={"doc": "The narrations' throttle."})
    queues: Queues | None = field(default=None, metadata={"doc": "Fairness of the queues."})
    rewards: RewardClip | None = field(default=None, metadata={"doc": "Clipping of the rewards."})
    alerts: StreamAlerts | None = field(default=None, metadata={"doc": "Alerts that payloads tell, recomputed."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for files, pointers or counts that cannot be."""
        require_files(self.files, self.origin)
        require_pointers(self, ("tick",))
        for at in self.identity:
            split(at)
        if self.step < 1 or self.at_least < 1:
            raise ValueError(f"step and at_least must be at least 1, got {self.step} and {self.at_least}")
        if self.format == "json" and self.kinds is not None:
            raise ValueError('kinds has no use with format = "json": each file is a whole state')

    @property
    def shape(self) -> StreamShape:
        """The stream as merging needs it."""
        return StreamShape(self.tick, self.step, self.identity, self.kinds)
