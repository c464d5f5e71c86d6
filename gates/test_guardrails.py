"""Guardrails: the smoke run comes to its end, and lint, types and tests are as they should be.

Why it matters: these are the checks that every team has, and the ones whose silence is taken for success. A test
command that finds no test, a linter pointed at the wrong folder and a smoke run of an empty town all end with 0.

Needs: ``[guardrails]`` with ``smoke``, ``lint``, ``types`` and ``tests``, each declared with a command, its sources and
what shows that it did its work, or excused. Each runs in a copy, under the deadline of its ``[commands.NAME]``.
Evidence: the digests of what was looked at, the number of tests; seconds, memory and the commit as observations, the
JUnit report beside it. Runbook: townlet "Guardrails".
"""

from __future__ import annotations

import pytest

from gatecourt.core.protocols import Findings, Target
from gatecourt.formats.git_revision import revision
from gatecourt.rules.guardrails.checks import judge_guardrail
from gatecourt.rules.guardrails.section import GuardrailsSection

pytestmark = pytest.mark.guardrails


def test_command(target: Target, findings: Findings, guardrail: str) -> None:
    """The command ends well, and shows that it did its work."""
    heard = judge_guardrail(target.section(GuardrailsSection).check[guardrail], target)
    heard.judgement.tell(findings)
    findings.observe("commit", revision(target.root))
    for name, value in heard.observations.items():
        findings.observe(name, value)
    if heard.report is not None:
        findings.attach(f"guardrails_{guardrail}.xml", heard.report)
