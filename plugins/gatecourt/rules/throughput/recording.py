"""Making a record of times: from runs that were made, and from pytest's own report of a session."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.rules.throughput.checks import Sample
from gatecourt.rules.throughput.recorded import Custody, RecordedTimes


def record(custody: Custody, commands: Mapping[str, Sequence[Sample]], gates: Mapping[str, float]) -> RecordedTimes:
    """The median of each command's samples, in units; ``gates`` are in units already. Numbers keep four digits."""
    medians = {name: statistics.median(sample.units for sample in samples) for name, samples in commands.items()}
    return RecordedTimes(custody, _rounded(medians), _rounded(gates))


def samples_of(run: Callable[[int], float], measure: Callable[[], float], times: int) -> list[Sample]:
    """``run`` gives the seconds of its ``n``-th run, from 1; the unit is measured before and after each."""
    units = [measure()]
    found = []
    for number in range(1, times + 1):
        seconds = run(number)
        units.append(measure())
        found.append(Sample(seconds, (units[-2] + units[-1]) / 2))
    return found


def gates_of(junit: Path, unit: float) -> dict[str, float]:
    """Units by gate: the times of its checks in pytest's own ``--junitxml``, which counts set-up and runs in.

    Raises ``Judged`` (``throughput.value``) for a file that is no such report.
    """
    seconds: dict[str, float] = {}
    try:
        cases = list(ET.parse(junit).iter("testcase"))  # noqa: S314 - the user's own report, read on request
        for case in cases:
            gate = case.attrib["classname"].rpartition(".")[2].removeprefix("test_")
            seconds[gate] = seconds.get(gate, 0.0) + float(case.attrib["time"])
    except (ET.ParseError, KeyError, ValueError, OSError) as error:
        expected = "a report written by pytest --junitxml"
        raise Judged(Finding(junit.name, expected, type(error).__name__, "throughput.value")) from error
    return {gate: took / unit for gate, took in sorted(seconds.items()) if took > 0}


def _rounded(times: Mapping[str, float]) -> dict[str, float]:
    return {name: float(f"{units:.4g}") for name, units in sorted(times.items())}
