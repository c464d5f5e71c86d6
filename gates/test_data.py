"""Data: every dataset has its digest, no gaps, no duplicates and only possible bars.

Why it matters: a strategy trades what the file contains. A gap, a duplicate bar, a null that is read as 0 or a high
below its close changes every number after it, and no report shows it.

Needs: ``[data.NAME]``, one table for each dataset. Evidence: the digest of each file, the bars present and missing,
each problem with its bar. Runbook: treasure "Data Issues" (gaps, duplicate timestamps), "Pre-Run Checklist".
"""

from __future__ import annotations

import pytest

from gatecourt.core.protocols import Findings, Target
from gatecourt.rules.data import DataSection, judge_dataset

pytestmark = pytest.mark.data


def test_dataset(target: Target, findings: Findings, dataset: str) -> None:
    """The dataset has its digest, and its bars are rising, complete, finite and possible."""
    findings.record(judge_dataset(target.section(DataSection).data[dataset], target.artefacts, target.root))
