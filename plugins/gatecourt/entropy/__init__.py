"""Entropy trap: which line of the target read a clock, a random source or the identity of its process or host.

``environment`` puts a trap into the environment of a run of a Python or Node target, ``read_trap`` reads what it
told, ``judge`` holds that against what the manifest allows.
"""

from __future__ import annotations

from gatecourt.entropy.judging import Judgement, judge
from gatecourt.entropy.reading import EntropyRead, TrapLog, read_trap
from gatecourt.entropy.trap import environment

__all__ = ["EntropyRead", "Judgement", "TrapLog", "environment", "judge", "read_trap"]
