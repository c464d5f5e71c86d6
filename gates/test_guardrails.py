"""Guardrails: smoke run, lint, types and tests succeed, and show that they did their work.

Why it matters: every team has these checks, and takes their silence for success. A test command that finds no test, a
linter pointed at the wrong folder and a smoke run of an empty world all exit with 0.

Needs: ``[guardrails]`` with ``smoke``, ``lint``, ``types`` and ``tests``, each with a command, its sources and how it
shows that it did its work, or not applicable. Each runs in a copy, within the deadline of its ``[commands.NAME]``.

Evidence: the digests of the checked files, the number of tests; as observations seconds, memory and the commit; beside
it the JUnit report.

Runbook: townlet "Guardrails".
"""

from __future__ import annotations

import pytest

from gatecourt.core.protocols import Findings, Target
from gatecourt.rules.guardrails.checks import judge_guardrail
from gatecourt.rules.guardrails.section import GuardrailsSection

pytestmark = pytest.mark.guardrails


def test_command(target: Target, findings: Findings, guardrail: str) -> None:
    """The command succeeds, and shows that it did its work."""
    findings.record(judge_guardrail(target.section(GuardrailsSection), guardrail, target))
