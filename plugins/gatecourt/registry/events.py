"""Registers the gate ``events``."""

from __future__ import annotations

from gatecourt.eventlog import EventsSection
from gatecourt.gatespec import GateSpec
from gatecourt.places import GATES
from gatecourt.registry.reading import READING
from gatecourt.registry.running import RUNNING

EVENTS = GateSpec(
    marker="events",
    summary="the log of a run is whole, well formed and tells of no trouble",
    module=GATES / "test_events.py",
    section=EventsSection,
    keys={"events": EventsSection},
    required=("events",),
    reasons=(
        *READING,
        *RUNNING,
    ),
)
