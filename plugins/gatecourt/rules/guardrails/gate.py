"""Registers the gate ``guardrails``."""

from __future__ import annotations

from gatecourt.core.file_reasons import READING
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.layout import GATES
from gatecourt.core.reasons import FAIL, HOLD, Reason
from gatecourt.core.run_reasons import RUNNING
from gatecourt.rules.guardrails.section import REQUIRED, GuardrailsSection, guardrail_names

GUARDRAILS = GateSpec(
    marker="guardrails",
    summary="smoke run, lint, types and tests succeed, and show that they did their work",
    module=GATES / "test_guardrails.py",
    section=GuardrailsSection,
    keys={"guardrails": GuardrailsSection},
    required=("guardrails",),
    parts={name: (f"command[{name}]",) for name in REQUIRED},
    optional=lambda section: {name: name in section.check for name in REQUIRED},
    parameters={"guardrail": guardrail_names},
    reasons=(
        *READING,
        *RUNNING,
        Reason(
            "guardrails.silent",
            HOLD,
            "The output of {where} does not show that it did its work: run the command by hand.",
        ),
        Reason(
            "guardrails.other_files",
            HOLD,
            "{where} did not check exactly the declared files: correct its paths, or `files` in the manifest.",
        ),
        Reason(
            "guardrails.no_report",
            HOLD,
            "{where} is missing: have the command write it, or correct its name in the manifest.",
        ),
        Reason("guardrails.report", FAIL, "{where} is not a readable JUnit report: have the test runner write one."),
        Reason(
            "guardrails.contradiction",
            FAIL,
            "The totals of {where} differ from its test cases: find out what changed the report.",
        ),
        Reason("guardrails.test_failed", FAIL, "Tests failed, and {where} names them: fix what they show."),
        Reason("guardrails.few_tests", HOLD, "Too few tests ran, according to {where}: correct the test command."),
        Reason(
            "guardrails.skipped",
            HOLD,
            "Too many tests were skipped, according to {where}: run them, or raise `skipped` in the manifest.",
        ),
        Reason(
            "guardrails.count",
            FAIL,
            "The counter at {where} does not continue from the line before: fix the code that writes it.",
        ),
        Reason(
            "guardrails.unbounded", FAIL, "{where} ends outside the declared range: check where the smoke run stops."
        ),
    ),
)
