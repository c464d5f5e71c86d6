"""Registers the gate ``e2``."""

from __future__ import annotations

from gatecourt.core.file_reasons import READING
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.layout import GATES
from gatecourt.core.reasons import ERROR, FAIL, HOLD, Reason
from gatecourt.core.run_reasons import RUNNING
from gatecourt.rules.e2.section import SchemaRules, SchemasSection, rule_names, threshold_names

E2 = GateSpec(
    marker="e2",
    summary="every artefact matches its JSON Schema and the thresholds that it declares itself",
    module=GATES / "test_e2.py",
    section=SchemasSection,
    keys={"schemas": SchemaRules},
    required=("schemas",),
    spread=True,
    parameters={"schema_rule": rule_names, "threshold_rule": threshold_names},
    reasons=(
        *READING,
        *RUNNING,
        Reason(
            "e2.schema_violation",
            FAIL,
            "{where} does not match its schema: fix its writer, or change the schema in the same commit.",
        ),
        Reason(
            "e2.no_artefact", HOLD, "No file matches {where}: run the system, or correct the patterns in the manifest."
        ),
        Reason("e2.no_record", HOLD, "{where} holds no record: find out why nothing was written."),
        Reason(
            "e2.count",
            FAIL,
            "The number of artefacts {where} is wrong: write the missing ones, or remove those of another run.",
        ),
        Reason("e2.schema_invalid", FAIL, "The schema at {where} is not valid under its own draft: fix it."),
        Reason("e2.schema_undeclared", FAIL, "The schema {where} names no draft: declare one with $schema."),
        Reason(
            "e2.schema_unknown_draft",
            FAIL,
            "{where} names a draft that is not supported: declare draft 4, 6, 7, 2019-09 or 2020-12.",
        ),
        Reason(
            "e2.schema_reference",
            FAIL,
            "The reference at {where} leads out of the tree or to nothing: bring the schema into the tree.",
        ),
        Reason(
            "e2.schema_format",
            FAIL,
            "The format at {where} is unknown and never checked: use a known one, or list it under annotations.",
        ),
        Reason(
            "e2.pattern_limit", ERROR, "The regular expression at {where} exceeds the backtracking limit: simplify it."
        ),
        Reason(
            "e2.threshold_broken",
            FAIL,
            "{where} breaks its own threshold: find what made it worse, and keep the threshold.",
        ),
        Reason(
            "e2.threshold_absent", FAIL, "{where} is absent: write both the value and its threshold into the artefact."
        ),
        Reason("e2.threshold_no_number", FAIL, "{where} is not a finite number: write one."),
        Reason("e2.unpaired_surrogate", FAIL, "{where} contains an unpaired UTF-16 surrogate: write whole characters."),
    ),
)
