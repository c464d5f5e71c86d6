"""The suite's own gates, registered through the same hook as anyone's; one file a gate."""

from __future__ import annotations

import pytest

from gatecourt.gatespec import GateSpec
from gatecourt.registry.affordances import AFFORDANCES
from gatecourt.registry.archive import ARCHIVE
from gatecourt.registry.audit import AUDIT
from gatecourt.registry.bc import BC
from gatecourt.registry.config_drift import CONFIG_DRIFT
from gatecourt.registry.data import DATA
from gatecourt.registry.determinism import DETERMINISM
from gatecourt.registry.e2 import E2
from gatecourt.registry.events import EVENTS
from gatecourt.registry.guardrails import GUARDRAILS
from gatecourt.registry.invariants import INVARIANTS
from gatecourt.registry.persistence import PERSISTENCE
from gatecourt.registry.promotion import PROMOTION
from gatecourt.registry.reconciliation import RECONCILIATION
from gatecourt.registry.replay import REPLAY
from gatecourt.registry.risk import RISK
from gatecourt.registry.snapshots import SNAPSHOTS
from gatecourt.registry.telemetry import TELEMETRY
from gatecourt.registry.throughput import THROUGHPUT


@pytest.hookimpl
def pytest_gatecourt_gates() -> list[GateSpec]:
    """Every gate of the suite."""
    return [
        AFFORDANCES,
        ARCHIVE,
        AUDIT,
        BC,
        CONFIG_DRIFT,
        DATA,
        DETERMINISM,
        E2,
        EVENTS,
        GUARDRAILS,
        INVARIANTS,
        PERSISTENCE,
        PROMOTION,
        RECONCILIATION,
        REPLAY,
        RISK,
        SNAPSHOTS,
        TELEMETRY,
        THROUGHPUT,
    ]
