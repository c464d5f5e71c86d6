"""Two runs compared: what differs first, where, what was allowed to differ, and what makes it differ."""

from gatecourt.difference.causes import blame
from gatecourt.difference.detail import detail
from gatecourt.difference.doublerun import DoubleRun, double_run
from gatecourt.difference.files import first_divergence
from gatecourt.difference.outcome import Comparison, Divergence, MaskedDifference, MaskUse
from gatecourt.difference.runs import RunComparison, compare_runs, seed_sensitivity
from gatecourt.difference.section import ALWAYS_PERTURBED, DeterminismSection, Mask, Tolerance

__all__ = [
    "ALWAYS_PERTURBED",
    "Comparison",
    "DeterminismSection",
    "Divergence",
    "DoubleRun",
    "Mask",
    "MaskUse",
    "MaskedDifference",
    "RunComparison",
    "Tolerance",
    "blame",
    "compare_runs",
    "detail",
    "double_run",
    "first_divergence",
    "seed_sensitivity",
]
