"""The manifest's ``[telemetry.stream.NAME.queues]``: fairness of queues, rivalry, reservations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatecourt.rules.telemetry.streams.setting_refs import Level, require_pointers, require_settings


@dataclass(frozen=True)
class Rivalry:
    """Rivalry events, and how many strong ones in quick succession are a spike."""

    threshold: Level = field(metadata={"doc": "From which intensity on an event counts, or FILE#/POINTER."})
    pointer: str = field(default="/conflict/rivalry_events", metadata={"doc": "Where the events stand, an array."})
    tick: str = field(default="tick", metadata={"doc": "Key of an event's tick."})
    agents: tuple[str, ...] = field(
        default=("agent_a", "agent_b"), metadata={"doc": "Keys of who is in it; an event told twice counts once."}
    )
    intensity: str = field(default="intensity", metadata={"doc": "Key of the intensity."})
    reason: str = field(default="reason", metadata={"doc": "Key of the reason."})
    count: int = field(default=5, metadata={"doc": "So many strong events are a spike."})
    window: int = field(default=1, metadata={"doc": "Within so many ticks."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a spike that always is."""
        require_pointers(self, ("pointer",))
        require_settings(self, ("threshold",))
        if self.count < 1 or self.window < 1:
            raise ValueError(f"count and window must be at least 1, got {self.count} and {self.window}")


@dataclass(frozen=True)
class Reservations:
    """Objects that agents hold, and how long they may."""

    longest: int = field(metadata={"doc": "The most ticks for which an agent holds an object without a release."})
    pointer: str = field(default="/conflict/reservations", metadata={"doc": "Where they stand: an object by object."})
    agent: str = field(default="agent", metadata={"doc": "Key of who holds it."})
    since: str = field(default="since", metadata={"doc": "Key of the tick since when."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for what is no pointer."""
        require_pointers(self, ("pointer",))
        if self.longest < 1:
            raise ValueError(f"longest must be at least 1, got {self.longest}")


@dataclass(frozen=True)
class Queues:
    """Counters of the queues, their history, and what in them is pressure, a spike or a deadlock."""

    totals: str = field(default="/queue_metrics", metadata={"doc": "Where the running totals stand, an object."})
    history: str | None = field(
        default=None, metadata={"doc": "Where entries with tick, delta and totals stand: /conflict/queue_history."}
    )
    pressure: Mapping[str, int] = field(
        default_factory=lambda: {"ghost_step_events": 5, "rotation_events": 5},
        metadata={"doc": "By how many a total may not grow in one tick: so many are queue_fairness_pressure."},
    )
    rivalry: Rivalry | None = field(default=None, metadata={"doc": "Rivalry events."})
    reservations: Reservations | None = field(default=None, metadata={"doc": "Who holds what."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for what is no pointer, and for a pressure that always is."""
        require_pointers(self, ("totals", "history"))
        if low := sorted(name for name, least in self.pressure.items() if least < 1):
            raise ValueError(f"pressure must be at least 1, is less for {', '.join(low)}")
