"""Registers the gate ``affordances``."""

from __future__ import annotations

from gatecourt.core.file_reasons import READING
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.layout import GATES
from gatecourt.core.reasons import FAIL, HOLD, Reason
from gatecourt.core.run_reasons import RUNNING
from gatecourt.rules.affordances.section import AffordancesSection, echo_names
from gatecourt.rules.e2.gate import E2

_ABOUT_SCHEMAS = tuple(
    reason for reason in E2.reasons if reason.code.startswith(("e2.schema_", "e2.pattern_", "e2.unpaired_"))
)

AFFORDANCES = GateSpec(
    marker="affordances",
    summary="object definitions are plain YAML, pinned by digest, and use known names only",
    module=GATES / "test_affordances.py",
    section=AffordancesSection,
    keys={"affordances": AffordancesSection},
    required=("affordances",),
    parameters={"affordance_echo": echo_names},
    reasons=(
        *READING,
        *RUNNING,
        *_ABOUT_SCHEMAS,
        Reason(
            "affordances.empty", HOLD, "{where} has no entry, so nothing was checked: add entries, or remove the file."
        ),
        Reason(
            "affordances.no_affordance", HOLD, "There is no affordance in {where}: add some, or correct the patterns."
        ),
        Reason(
            "affordances.too_large",
            FAIL,
            "{where} is larger than affordances.max_size: split it, or raise the limit in a reviewed commit.",
        ),
        Reason(
            "affordances.yaml_feature",
            FAIL,
            "{where} uses a YAML feature that is not allowed: write each value out in plain YAML.",
        ),
        Reason(
            "affordances.not_plain",
            FAIL,
            "YAML reads the value at {where} as a date or another special type: put it in quotes.",
        ),
        Reason("affordances.shape", FAIL, "{where} is not a list of tables: write one table per entry."),
        Reason(
            "affordances.digest",
            FAIL,
            "{where} does not have its reviewed digest: undo the change, or review it and pin the new digest.",
        ),
        Reason(
            "affordances.unpinned",
            HOLD,
            "{where} has no digest in the manifest: review it, then add its digest under affordances.sha256.",
        ),
        Reason(
            "affordances.absent",
            FAIL,
            "{where} is pinned but missing: restore it, or remove its digest in a reviewed commit.",
        ),
        Reason(
            "affordances.schema",
            FAIL,
            "{where} does not match the schema: fix it, or change the schema in the same commit.",
        ),
        Reason("affordances.unknown_key", FAIL, "The key at {where} is unknown and has no effect: correct it."),
        Reason("affordances.unknown_type", FAIL, "The type at {where} is unknown: write object or affordance."),
        Reason("affordances.id", FAIL, "The entry has no valid id at {where}: give it one."),
        Reason("affordances.duplicate_id", FAIL, "The id at {where} is used twice: rename one of the two entries."),
        Reason("affordances.value", FAIL, "The value at {where} has the wrong type and is ignored: use text."),
        Reason("affordances.precondition_syntax", FAIL, "The condition at {where} cannot be parsed: fix its syntax."),
        Reason(
            "affordances.precondition_forbidden",
            FAIL,
            "The condition at {where} uses more than names, literals, comparisons, and, or, not: simplify it.",
        ),
        Reason(
            "affordances.unknown_name", FAIL, "The name at {where} is unknown, so nothing ever sets it: correct it."
        ),
        Reason(
            "affordances.precondition_constant",
            HOLD,
            "The condition at {where} is constant: remove it, or make it depend on a name.",
        ),
        Reason(
            "affordances.unknown_hook", FAIL, "The hook at {where} is unknown, so nothing reacts to it: correct it."
        ),
        Reason("affordances.hook_key", FAIL, "The key at {where} is unknown: write before, after or fail."),
        Reason("affordances.unknown_need", FAIL, "The need at {where} is unknown, so no agent has it: correct it."),
        Reason(
            "affordances.unknown_object_type",
            FAIL,
            "No object has the type at {where}: add one, or declare the type under object_types.",
        ),
        Reason("affordances.number", FAIL, "The value at {where} is not a plain finite number: write one."),
        Reason(
            "affordances.duration",
            FAIL,
            "The duration at {where} is invalid: write a whole number of ticks, 1 or more.",
        ),
        Reason(
            "affordances.range",
            FAIL,
            "{where} is outside its declared range: correct it, or widen the range in a reviewed commit.",
        ),
        Reason("affordances.no_effect", FAIL, "The affordance at {where} has no effect: give it one."),
        Reason(
            "affordances.echo_missing",
            HOLD,
            "{where} does not report the loaded manifests: have the system write path, checksum and counts.",
        ),
        Reason(
            "affordances.echo_value",
            FAIL,
            "The report of the loaded manifests has no valid value at {where}: fix the code that writes it.",
        ),
        Reason(
            "affordances.echo_differs",
            FAIL,
            "The system loaded another manifest, according to {where}: find out which one, and why.",
        ),
        Reason(
            "affordances.echo_ambiguous",
            HOLD,
            "The checksum at {where} could be of several manifests: declare manifests or scheme in affordances.echo.",
        ),
    ),
)
