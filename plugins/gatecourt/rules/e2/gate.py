"""Registers the gate ``e2``."""

from __future__ import annotations

from collections.abc import Mapping

from gatecourt.core.file_reasons import READING
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.layout import GATES
from gatecourt.core.reasons import ERROR, FAIL, HOLD, Reason
from gatecourt.core.run_reasons import RUNNING
from gatecourt.rules.e2.section import SchemaRule, SchemasSection, rule_names, threshold_names

E2 = GateSpec(
    marker="e2",
    summary="every artefact is what its schema says, and keeps the thresholds that it declares itself",
    module=GATES / "test_e2.py",
    section=SchemasSection,
    keys={"schemas": Mapping[str, SchemaRule]},
    required=("schemas",),
    spread=True,
    parameters={"schema_rule": rule_names, "threshold_rule": threshold_names},
    reasons=(
        *READING,
        *RUNNING,
        Reason("e2.schema_violation", FAIL, "Mend the writer of {where}, or change the schema in the same commit."),
        Reason("e2.no_artefact", HOLD, "Run the system, or correct the patterns: nothing was there to validate."),
        Reason("e2.no_record", HOLD, "Look at why {where} holds no record."),
        Reason("e2.count", FAIL, "Find out which artefact is missing or left over: {where}."),
        Reason("e2.schema_invalid", FAIL, "Mend the schema at {where}: it is not valid under its own draft."),
        Reason("e2.schema_undeclared", FAIL, "Declare the draft of {where} with $schema."),
        Reason("e2.schema_unknown_draft", FAIL, "Declare a published draft in {where}."),
        Reason("e2.schema_reference", FAIL, "Bring the referenced schema into the tree: {where} is never fetched."),
        Reason("e2.schema_format", FAIL, "Use a format that is asserted, or list it under annotations: {where}."),
        Reason(
            "e2.pattern_limit", ERROR, "Simplify the regular expression at {where}: it cannot be decided in bounds."
        ),
        Reason("e2.threshold_broken", FAIL, "Find what made {where} worse; leave the threshold alone."),
        Reason("e2.threshold_absent", FAIL, "Write both value and threshold into the artefact: {where}."),
        Reason("e2.threshold_no_number", FAIL, "Write a finite number at {where}."),
        Reason("e2.unpaired_surrogate", FAIL, "Write {where} as whole characters: half of a pair is no text."),
    ),
)
