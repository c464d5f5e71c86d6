"""gatecourt: runbook checks as pytest gates, with a court that judges what they find.

The names below are all that a gate of your own needs, and the only ones that are kept from release to release: until
1.0 a change of one of them is announced in CHANGELOG.md, from 1.0 on it takes a new major version. Everything else in
the package may change at any time. Each is imported when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatecourt.core.gatespec import GateSpec
    from gatecourt.core.judgement import Judgement
    from gatecourt.core.model import Finding, Verdict
    from gatecourt.core.protocols import Findings, Target
    from gatecourt.core.reasons import Reason

__version__ = "0.1.0"
__all__ = ["Finding", "Findings", "GateSpec", "Judgement", "Reason", "Target", "Verdict"]

_HOMES = {
    "GateSpec": "gatespec",
    "Judgement": "judgement",
    "Finding": "model",
    "Verdict": "model",
    "Findings": "protocols",
    "Target": "protocols",
    "Reason": "reasons",
}


def __getattr__(name: str) -> object:
    """The public name ``name``, imported now. Raises ``AttributeError`` for any other."""
    if name not in _HOMES:
        raise AttributeError(f"module 'gatecourt' has no attribute {name!r}")
    return getattr(importlib.import_module(f"gatecourt.core.{_HOMES[name]}"), name)
