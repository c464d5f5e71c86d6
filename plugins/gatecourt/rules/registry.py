"""The suite's own gates, registered through the same hook as anyone's; one file a gate."""

from __future__ import annotations

from gatecourt.core.gatespec import GateSpec
from gatecourt.rules.affordances.gate import AFFORDANCES
from gatecourt.rules.archive.gate import ARCHIVE
from gatecourt.rules.audit.gate import AUDIT
from gatecourt.rules.bc.gate import BC
from gatecourt.rules.config_drift.gate import CONFIG_DRIFT
from gatecourt.rules.data.gate import DATA
from gatecourt.rules.determinism.gate import DETERMINISM
from gatecourt.rules.e2.gate import E2
from gatecourt.rules.events.gate import EVENTS
from gatecourt.rules.guardrails.gate import GUARDRAILS
from gatecourt.rules.invariants.gate import INVARIANTS
from gatecourt.rules.persistence.gate import PERSISTENCE
from gatecourt.rules.promotion.gate import PROMOTION
from gatecourt.rules.reconciliation.gate import RECONCILIATION
from gatecourt.rules.replay.gate import REPLAY
from gatecourt.rules.risk.gate import RISK
from gatecourt.rules.snapshots.gate import SNAPSHOTS
from gatecourt.rules.telemetry.gate import TELEMETRY
from gatecourt.rules.throughput.gate import THROUGHPUT


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
