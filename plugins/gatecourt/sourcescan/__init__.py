"""Source scan: where the target's code reads a clock, a random source or an identity of process or host.

``scan`` finds the places (Python with aliases resolved, JavaScript and TypeScript by syntax tree), ``judge`` holds
them against the exemptions of the manifest.
"""

from __future__ import annotations

from gatecourt.sourcescan.exemptions import Excused, Honoured, SourceExemption, honour
from gatecourt.sourcescan.judging import Judgement, judge
from gatecourt.sourcescan.scanning import Scan, scan
from gatecourt.sourcescan.uses import SourceUse

__all__ = ["Excused", "Honoured", "Judgement", "Scan", "SourceExemption", "SourceUse", "honour", "judge", "scan"]
