"""Traps that run inside a Python target. Each trap is a module with ``arm(recorder)``; add one to ``_arm``."""

from __future__ import annotations

from .record import Recorder


def arm(settings: str) -> None:
    """Arm the traps that the settings file names. The start record is written last: it vouches for the arming."""
    recorder = Recorder.configured(settings)
    for name in recorder.traps:
        _arm(name, recorder)
    recorder.started()


def _arm(name: str, recorder: Recorder) -> None:
    if name == "entropy":
        from . import entropy

        entropy.arm(recorder)
    elif name == "network":
        from . import network

        network.arm(recorder)
    else:
        raise ValueError(name)
