"""Registers the gate ``config_drift``."""

from __future__ import annotations

from gatecourt.core.file_reasons import READING
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.layout import GATES
from gatecourt.core.reasons import FAIL, Reason
from gatecourt.rules.config_drift.pins import PinsSection

CONFIG_DRIFT = GateSpec(
    marker="config_drift",
    summary="files and values are what was pinned, and every deviation is documented",
    module=GATES / "test_config_drift.py",
    section=PinsSection,
    keys={"pins": PinsSection},
    required=("pins",),
    reasons=(
        *READING,
        Reason("config_drift.missing_file", FAIL, "Restore {where} from the last commit."),
        Reason("config_drift.missing_value", FAIL, "Put the value back at {where}: absence never means no limit."),
        Reason("config_drift.file_drift", FAIL, "Revert {where}, or renew the pin with a documented override."),
        Reason(
            "config_drift.value_drift", FAIL, "Revert {where}, or document the change as an override with its reason."
        ),
        Reason("config_drift.override_unused", FAIL, "Remove the override of {where}: it is no longer in force."),
    ),
)
