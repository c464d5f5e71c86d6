"""Registers the gate ``config_drift``."""

from __future__ import annotations

from gatecourt.core.file_reasons import READING
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.layout import GATES
from gatecourt.core.reasons import FAIL, Reason
from gatecourt.rules.config_drift.pins import PinsSection

CONFIG_DRIFT = GateSpec(
    marker="config_drift",
    summary="files and values are as pinned, and every deviation is documented",
    module=GATES / "test_config_drift.py",
    section=PinsSection,
    keys={"pins": PinsSection},
    required=("pins",),
    reasons=(
        *READING,
        Reason(
            "config_drift.missing_file", FAIL, "The pinned file {where} is missing: restore it from the last commit."
        ),
        Reason(
            "config_drift.missing_value",
            FAIL,
            "The pinned value {where} is missing, which does not mean unlimited: restore it.",
        ),
        Reason(
            "config_drift.file_drift",
            FAIL,
            "{where} is not the pinned file: revert it, or document the change as an override.",
        ),
        Reason(
            "config_drift.value_drift",
            FAIL,
            "{where} is not the pinned value: revert it, or document the change as an override.",
        ),
        Reason("config_drift.override_unused", FAIL, "The override of {where} is no longer in force: remove it."),
    ),
)
