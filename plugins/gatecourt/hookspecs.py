"""The extension points. These docstrings are the manual for a gate in a plugin, or a conftest.py, of your own.

The plugin is installed or named with ``-p``. A gate that lies in the folder of a target is refused: a target does not
judge itself. The court report lists each such gate with its module and digest.
"""

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
                    reasons=(Reason("latency.slow", Verdict.FAIL, "The answer in {where} is slow: profile it."),),
                )
            ]

    and the checks, each a test that takes ``target`` and ``findings``::

        # test_latency.py
        import pytest

        from gatecourt import Finding, Judgement

        pytestmark = pytest.mark.latency

        def test_answers(target, findings):
            run = target.artefacts()
            slow = [name for name in run.files if "slow" in run.path(name).read_text()]
            found = [Finding(name, "no slow answer", "one", "latency.slow") for name in slow]
            findings.record(Judgement(tuple(run.files.values()), tuple(found)))

    The manifest then takes a ``[latency]`` section and ``roll = [..., "latency"]``.
    """
