"""Data: every dataset is what it was, whole, in order, and made of prices that can be.

Why it matters: a strategy trades whatever stands in the file. A hole, a bar twice, a null that reads as 0 or a high
below its close moves every number after it, and no report says so.

Needs: ``[data.NAME]``, a table for each dataset. Evidence: the digest of each file, bars there and missing, each fault
with the index of its bar. Runbook: treasure "Data Issues" (gaps, duplicate timestamps), "Pre-Run Checklist".
"""

from __future__ import annotations

import pytest

from gatecourt.core.protocols import Findings, Target
from gatecourt.rules.data import DataSection, judge_dataset

pytestmark = pytest.mark.data


def test_dataset(target: Target, findings: Findings, dataset: str) -> None:
    """The dataset has its digest, and its bars are rising, complete, finite and possible."""
    judge_dataset(target.section(DataSection).data[dataset], target.artefacts, target.root).tell(findings)
