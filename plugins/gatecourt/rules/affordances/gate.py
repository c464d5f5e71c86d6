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
    summary="what agents may do is written as agreed, in words that the town knows",
    module=GATES / "test_affordances.py",
    section=AffordancesSection,
    keys={"affordances": AffordancesSection},
    required=("affordances",),
    parameters={"affordance_echo": echo_names},
    reasons=(
        *READING,
        *RUNNING,
        *_ABOUT_SCHEMAS,
        Reason("affordances.empty", HOLD, "Look at why {where} has no entry: an empty manifest shows nothing."),
        Reason("affordances.no_affordance", HOLD, "Add affordances to {where}, or name the manifests that have some."),
        Reason("affordances.too_large", FAIL, "Split {where}, or raise affordances.max_size in the open."),
        Reason("affordances.yaml_feature", FAIL, "Write {where} out in plain YAML, each value in its own place."),
        Reason("affordances.not_plain", FAIL, "Put the value at {where} in quotes: YAML reads it as something else."),
        Reason("affordances.shape", FAIL, "Write {where} as a list of entries, each a table."),
        Reason(
            "affordances.digest",
            FAIL,
            "Take the change of {where} back, or review it and put the new digest into the manifest.",
        ),
        Reason("affordances.unpinned", HOLD, "Review {where}, then put its digest under affordances.sha256."),
        Reason("affordances.absent", FAIL, "Bring {where} back, or take its digest out in the open."),
        Reason("affordances.schema", FAIL, "Mend {where}, or change the schema in the same commit."),
        Reason("affordances.unknown_key", FAIL, "Correct the key at {where}: no reader looks at it."),
        Reason("affordances.unknown_type", FAIL, "Write object or affordance at {where}."),
        Reason("affordances.id", FAIL, "Give the entry at {where} an id."),
        Reason("affordances.duplicate_id", FAIL, "Rename one of the two entries: {where} hides the other."),
        Reason("affordances.value", FAIL, "Write a text at {where}: anything else is read by nobody."),
        Reason("affordances.precondition_syntax", FAIL, "Mend the condition at {where}: it cannot be parsed."),
        Reason(
            "affordances.precondition_forbidden",
            FAIL,
            "Write {where} with names, literals, comparisons, and, or, not alone.",
        ),
        Reason("affordances.unknown_name", FAIL, "Correct the name at {where}: nothing ever sets it."),
        Reason(
            "affordances.precondition_constant",
            HOLD,
            "Take the condition at {where} out, or have it depend on something.",
        ),
        Reason("affordances.unknown_hook", FAIL, "Correct the hook at {where}: nothing listens to it."),
        Reason("affordances.hook_key", FAIL, "Write before, after or fail at {where}."),
        Reason("affordances.unknown_need", FAIL, "Correct the need at {where}: no agent has it."),
        Reason(
            "affordances.unknown_object_type",
            FAIL,
            "Place an object of the type at {where}, or declare where it comes from.",
        ),
        Reason("affordances.number", FAIL, "Write a plain finite number at {where}."),
        Reason("affordances.duration", FAIL, "Write a whole number of ticks, 1 or more, at {where}."),
        Reason("affordances.range", FAIL, "Correct {where}, or widen its range in the open."),
        Reason("affordances.no_effect", FAIL, "Give the affordance at {where} an effect."),
        Reason("affordances.echo_missing", HOLD, "Have the system say in {where} which manifests it loaded."),
        Reason("affordances.echo_value", FAIL, "Have the system write {where} as it is declared."),
        Reason("affordances.echo_differs", FAIL, "Find out which manifest the system loaded: {where} is another."),
        Reason(
            "affordances.echo_ambiguous",
            HOLD,
            "Declare under affordances.echo which manifest, or what scheme, the checksum at {where} is made from.",
        ),
    ),
)
