"""Times compared with their baseline. A time within the band gives no finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Run, Subject
from gatecourt.core.protocols import Target
from gatecourt.formats.files import subject
from gatecourt.rules.throughput import unit
from gatecourt.rules.throughput.recorded import RecordedTimes, read
from gatecourt.rules.throughput.section import Slower, ThroughputSection


@dataclass(frozen=True, slots=True)
class Sample:
    """One run: its seconds, and those of one unit beside it."""

    seconds: float
    unit: float

    @property
    def units(self) -> float:
        """How many units the run took."""
        return self.seconds / self.unit


def judge_command(
    section: ThroughputSection,
    name: str,
    target: Target,
    *,
    thorough: bool,
    measure: Callable[[], float] = unit.measure,
) -> Judgement:
    """The time of the command ``name`` in units against the baseline's.

    The first run counts if there is one already. Only where its time lies outside the band, or with ``thorough``, the
    command is run ``section.repeat`` more times, with the unit measured before and after each. It is slow, or much
    faster, where every one of these runs was. The observations hold the measured times.

    Rules: ``throughput.slower``, ``throughput.much_slower``, ``throughput.faster``; raises ``Judged`` with
    ``throughput.no_value``, those of ``recorded.read``, and where a run does not end well.
    """
    known, recorded = _read(target.root, section.baseline)
    where = f"{section.baseline}#/commands/{name}"
    value = _value(recorded.commands, name, where)
    samples = [Sample(_run(target, name, 0).seconds, measure())]
    if thorough or not _well(samples[0].units / value, section.slower):
        samples += _again(section, name, target, measure)
    factors = [sample.units / value for sample in samples]
    found = tuple(_findings(where, factors, section.slower))
    taken: list[Json] = [{"seconds": round(one.seconds, 4), "unit": round(one.unit, 6)} for one in samples]
    parameters = {**_parameters(section, recorded, value), "command": name}
    observations: dict[str, Json] = {"samples": taken, "factors": [round(factor, 3) for factor in factors]}
    return Judgement((known,), found, parameters, observations)


def judge_gate(section: ThroughputSection, name: str, root: Path) -> Judgement:
    """The recorded time of a gate against the baseline's. Rules as for a command; nothing is measured here."""
    assert section.latest is not None
    known, baseline = _read(root, section.baseline)
    newest, latest = _read(root, section.latest)
    value = _value(baseline.gates, name, f"{section.baseline}#/gates/{name}")
    where = f"{section.latest}#/gates/{name}"
    factor = _value(latest.gates, name, where) / value
    parameters = {**_parameters(section, baseline, value), "gate": name, "recorded_at": latest.custody.recorded_at}
    found = (*_findings(where, [factor], section.slower), *_older(baseline, latest, section.latest))
    return Judgement((known, newest), found, parameters)


def _older(baseline: RecordedTimes, latest: RecordedTimes, name: str) -> Iterator[Finding]:
    # Dates in ISO form compare as text.
    if latest.custody.recorded_at < baseline.custody.recorded_at:
        expected = f"a record no older than the baseline ({baseline.custody.recorded_at})"
        yield Finding(f"{name}#/recorded_at", expected, latest.custody.recorded_at, "throughput.custody")


def _read(root: Path, name: str) -> tuple[Subject, RecordedTimes]:
    recorded = read(root / name, name)
    return subject(root / name, name), recorded


def _value(times: Mapping[str, float], name: str, where: str) -> float:
    if name not in times:
        raise Judged(Finding(where, "a recorded time", "none", "throughput.no_value"))
    return times[name]


def _run(target: Target, name: str, repetition: int) -> Run:
    if not repetition:
        return target.run() if name == "run" else target.command(name)
    return target.command(name, values={"repetition": str(repetition)})


def _again(section: ThroughputSection, name: str, target: Target, measure: Callable[[], float]) -> Iterator[Sample]:
    before = measure()
    for repetition in range(1, section.repeat + 1):
        seconds = _run(target, name, repetition).seconds
        after = measure()
        yield Sample(seconds, (before + after) / 2)
        before = after


def _well(factor: float, zones: Slower) -> bool:
    return 1 / Fraction(zones.bad) <= Fraction(factor) <= Fraction(zones.good)


def _findings(where: str, factors: list[float], zones: Slower) -> Iterator[Finding]:
    """What every measurement says; none where one is in the band, or where two contradict each other."""
    if all(Fraction(factor) > Fraction(zones.good) for factor in factors):
        least = min(factors)
        rule = "throughput.much_slower" if Fraction(least) > Fraction(zones.bad) else "throughput.slower"
        yield Finding(where, f"at most {zones.good} times the recorded time", f"{least:.1f} times", rule)
    elif all(Fraction(factor) < 1 / Fraction(zones.bad) for factor in factors):
        expected = f"no less than a {zones.bad}th of the recorded time"
        yield Finding(where, expected, f"1/{1 / max(factors):.0f} of it", "throughput.faster")


def _parameters(section: ThroughputSection, recorded: RecordedTimes, value: float) -> dict[str, Json]:
    custody = recorded.custody
    return {
        "unit": unit.NAME,
        "recorded": {"units": value, "at": custody.recorded_at, "by": custody.by, "machine": custody.machine},
        "slower": {"good": str(section.slower.good), "bad": str(section.slower.bad)},
    }
