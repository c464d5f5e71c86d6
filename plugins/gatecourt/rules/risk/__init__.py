"""Limits of risk: there, kept at every event, raised only with leave, and the sums behind them closed.

All arithmetic is exact: numbers are taken as the decimals that stand in the file, and only a declared tolerance lets
two of them differ. A value that equals its limit keeps it.
"""

from gatecourt.rules.risk.conservation import judge_conservation
from gatecourt.rules.risk.emergency import judge_emergency
from gatecourt.rules.risk.limit_increases import judge_raises
from gatecourt.rules.risk.pnl import judge_pnl
from gatecourt.rules.risk.section import RiskSection
from gatecourt.rules.risk.ssot import judge_declared
from gatecourt.rules.risk.watch import judge_kept

__all__ = [
    "RiskSection",
    "judge_conservation",
    "judge_declared",
    "judge_emergency",
    "judge_kept",
    "judge_pnl",
    "judge_raises",
]
