"""Risk limits: present, respected at every event, increased only with approval; money and quantities are conserved.

All arithmetic is exact: numbers are the decimals written in the file, and two of them may differ only by a declared
tolerance. A value equal to its limit respects it.
"""

from gatecourt.rules.risk.conservation import judge_conservation
from gatecourt.rules.risk.emergency import judge_emergency
from gatecourt.rules.risk.limit_checks import judge_kept
from gatecourt.rules.risk.limit_increases import judge_increases
from gatecourt.rules.risk.pnl import judge_pnl
from gatecourt.rules.risk.section import RiskSection
from gatecourt.rules.risk.ssot import judge_declared

__all__ = [
    "RiskSection",
    "judge_conservation",
    "judge_declared",
    "judge_emergency",
    "judge_increases",
    "judge_kept",
    "judge_pnl",
]
