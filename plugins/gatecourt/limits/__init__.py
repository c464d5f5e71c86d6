"""Limits of risk: there, kept at every event, raised only with leave, and the sums behind them closed.

All arithmetic is exact: numbers are taken as the decimals that stand in the file, and only a declared tolerance lets
two of them differ. A value that equals its limit keeps it.
"""

from gatecourt.limits.conservation import judge_conservation
from gatecourt.limits.emergency import judge_emergency
from gatecourt.limits.pnl import judge_pnl
from gatecourt.limits.raises import judge_raises
from gatecourt.limits.section import RiskSection
from gatecourt.limits.ssot import judge_declared
from gatecourt.limits.watch import judge_kept

__all__ = [
    "RiskSection",
    "judge_conservation",
    "judge_declared",
    "judge_emergency",
    "judge_kept",
    "judge_pnl",
    "judge_raises",
]
