"""Invariants: what must hold over the artefacts taken together holds, row by row.

Why it matters: each report can be valid by itself while the sums between them do not agree: profits that are not in the
equity, orders neither filled nor rejected, a decision that the numbers beside it contradict.

Needs: ``[relations.NAME]``, the artefacts as tables, and ``[[invariant]]``, queries whose rows are violations.
Evidence: the digests of the files, the rows of each relation, the query. Runbook: treasure "Check Gates"
(verify:phase2).
"""

from __future__ import annotations

import pytest

from gatecourt.core.protocols import Findings, Target
from gatecourt.rules.invariants.checks import judge_invariant
from gatecourt.rules.invariants.section import InvariantsSection

pytestmark = pytest.mark.invariants


def test_invariant(target: Target, findings: Findings, invariant: str) -> None:
    """No row violates the invariant, and its inputs were read strictly and hold at least one row."""
    findings.record(judge_invariant(target.section(InvariantsSection), invariant, target.artefacts(), target.root))
