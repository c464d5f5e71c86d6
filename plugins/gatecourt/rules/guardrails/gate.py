"""Registers the gate ``guardrails``."""

from __future__ import annotations

from gatecourt.core.file_reasons import READING
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.layout import GATES
from gatecourt.core.reasons import FAIL, HOLD, Reason
from gatecourt.core.run_reasons import RUNNING
from gatecourt.rules.guardrails.section import GuardrailsSection, guardrail_names

GUARDRAILS = GateSpec(
    marker="guardrails",
    summary="the smoke run comes to its end; lint, types and tests are as they should be",
    module=GATES / "test_guardrails.py",
    section=GuardrailsSection,
    keys={"guardrails": GuardrailsSection},
    required=("guardrails",),
    excused=lambda section: {f"command[{name}]": reason for name, reason in section.not_applicable.items()},
    parameters={"guardrail": guardrail_names},
    reasons=(
        *READING,
        *RUNNING,
        Reason("guardrails.silent", HOLD, "Run the command of {where} by hand: it may have looked at nothing."),
        Reason("guardrails.other_files", HOLD, "Have the command of {where} look at its sources, all and only."),
        Reason("guardrails.no_report", HOLD, "Have the command write {where}, or correct its name in the manifest."),
        Reason("guardrails.report", FAIL, "Have the test runner write {where} as a JUnit report."),
        Reason("guardrails.contradiction", FAIL, "Find out what changed {where}: its totals are not its cases'."),
        Reason("guardrails.test_failed", FAIL, "Run the tests that {where} names and mend what they show."),
        Reason("guardrails.few_tests", HOLD, "Find out why so few tests ran: {where}."),
        Reason("guardrails.skipped", HOLD, "Run the tests that {where} shows as skipped, or allow them to be."),
        Reason("guardrails.count", FAIL, "Correct the writer of {where}."),
        Reason("guardrails.unbounded", FAIL, "Look at how the smoke run ended: {where}."),
    ),
)
