"""The extension points. These docstrings are the manual for a gate, in a conftest.py or a plugin of your own."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from gatecourt.core.gatespec import GateSpec


@pytest.hookspec
def pytest_gatecourt_gates() -> Sequence[GateSpec]:  # type: ignore[empty-body]  # a specification has no body
    """Register gates: their markers, manifest sections and reason codes.

    The suite's own gates come in through this hook too. A gate of yours is a test module and a ``GateSpec``::

        # conftest.py
        from dataclasses import dataclass
        from pathlib import Path

        from gatecourt import GateSpec, Reason, Verdict

        @dataclass(frozen=True)
        class LatencySection:
            files: tuple[str, ...]

        def pytest_gatecourt_gates():
            return [
                GateSpec(
                    marker="latency",
                    summary="answers come in time",
                    module=Path(__file__).with_name("test_latency.py"),
                    section=LatencySection,
                    keys={"latency": LatencySection},
                    required=("latency",),
                    reasons=(Reason("latency.slow", Verdict.FAIL, "Profile {where}."),),
                )
            ]

    and in ``test_latency.py`` a test that takes ``target`` and ``findings`` under ``pytestmark = pytest.mark.latency``.
    The manifest then takes a ``[latency]`` section and ``roll = [..., "latency"]``.
    """
