"""Traps that run inside a Python target. Each trap is a module with ``arm(recorder)``; add one to ``_arm_all``."""

from __future__ import annotations

from .record import Recorder


def arm(settings: str) -> None:
    """Arm every trap as the settings file says. The start record is written last: it vouches for a complete arming."""
    recorder = Recorder.configured(settings)
    _arm_all(recorder)
    recorder.started()


def _arm_all(recorder: Recorder) -> None:
    from . import entropy

    entropy.arm(recorder)
