"""Cycles of one log, all held against one baseline: what drifts a little in every cycle is far away in the last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Subject
from gatecourt.core.protocols import Target
from gatecourt.formats import pointer
from gatecourt.mechanisms.bands.figures import stored
from gatecourt.mechanisms.bands.placement import Placement, place
from gatecourt.rules.telemetry.banding import read_baseline
from gatecourt.rules.telemetry.checks import run_of
from gatecourt.rules.telemetry.fields import is_number, shown
from gatecourt.rules.telemetry.metrics import MetricTallies
from gatecourt.rules.telemetry.reading import find_log, follow, row_schema
from gatecourt.rules.telemetry.row import Row
from gatecourt.rules.telemetry.row_pointer import getter, pointer_of
from gatecourt.rules.telemetry.section import LogSection, SoakSection

_FAULTS = 20


class Cycles:
    """Keeps the metrics of each cycle's judged rows, in the order in which the cycles come."""

    def __init__(self, soak: SoakSection) -> None:
        self._soak = soak
        self._get = getter(soak.cycle)
        self.restart()

    def restart(self) -> None:
        """Forget the rows so far: another run begins."""
        self.tallies: dict[Any, MetricTallies] = {}
        self.faults: list[Finding] = []

    def take(self, row: Row) -> None:
        """Count a judged row to its cycle."""
        cycle = self._get(row.value)
        if not is_number(cycle) and not (isinstance(cycle, str) and cycle):
            self._tell(Finding(row.at(self._soak.cycle), "the row's cycle", shown(cycle), "telemetry.cycle_missing"))
            return
        tallies = self.tallies.setdefault(cycle, MetricTallies(self._soak.bands))
        for _, finding in tallies.take(row):
            self._tell(finding)

    def _tell(self, finding: Finding) -> None:
        if len(self.faults) < _FAULTS:
            self.faults.append(finding)


@dataclass(frozen=True, slots=True)
class Reference:
    """What cycles are held against, metric by metric, and where it stands."""

    values: dict[str, Fraction | None]
    where: str
    subjects: tuple[Subject, ...] = ()
    findings: tuple[Finding, ...] = ()
    there: bool = True


def judge_soak(soak: SoakSection, log: LogSection, target: Target) -> Judgement:
    """Every cycle is there, and none lies outside the bands around the first baseline."""
    source = find_log(log, run_of(log, target), target.root)
    schema, documents = row_schema(log, target.root)
    cycles = Cycles(soak)
    report = follow(source, log, schema, cycles)
    reference = _reference(soak, log, cycles, source.name, target)
    subjects = (source.subject, *documents, *reference.subjects)
    findings = [*report.undermined, *cycles.faults, *_counted(soak, cycles, source.name), *reference.findings]
    placed = list(_placed(soak, cycles, reference)) if reference.there else []
    findings += _drift_findings(soak, placed, source.name, reference.where)
    parameters: dict[str, Json] = {
        "cycles": len(cycles.tallies),
        "expected_cycles": soak.cycles,
        "against": reference.where,
        "drift": {metric: _drift(metric, placed) for metric in soak.bands},
    }
    return Judgement(subjects, tuple(dict.fromkeys(findings)), parameters)


def _counted(soak: SoakSection, cycles: Cycles, name: str) -> Iterator[Finding]:
    seen = len(cycles.tallies)
    if seen != soak.cycles:
        where = f"{name}#{pointer_of(soak.cycle)}"
        yield Finding(where, f"{soak.cycles} cycles with judged rows", str(seen), "telemetry.cycles")


def _reference(soak: SoakSection, log: LogSection, cycles: Cycles, name: str, target: Target) -> Reference:
    if soak.against == "first_cycle":
        first = next(iter(cycles.tallies), None)
        values = {
            metric: None if first is None else cycles.tallies[first].value(metric, band.statistic)
            for metric, band in soak.bands.items()
        }
        return Reference(values, f"{name}, cycle {_name(first)}")
    assert log.baseline is not None
    reading = read_baseline(log, soak.log, target)
    known = () if reading.subject is None else (reading.subject,)
    recorded = {} if reading.baseline is None else reading.baseline.metrics
    values = {metric: recorded[metric].value if metric in recorded else None for metric in soak.bands}
    return Reference(values, log.baseline.file, known, reading.findings, reading.baseline is not None)


def _placed(soak: SoakSection, cycles: Cycles, reference: Reference) -> Iterator[tuple[str, Any, Placement]]:
    """Each metric of each cycle beside the reference; metric by metric, cycles in their order."""
    for metric, band in soak.bands.items():
        for cycle, tallies in cycles.tallies.items():
            value = tallies.value(metric, band.statistic)
            if value is not None:  # one that is absent is a finding of its row
                yield metric, cycle, place(value, reference.values[metric], band)


def _drift_findings(
    soak: SoakSection, placed: Iterable[tuple[str, Any, Placement]], name: str, against: str
) -> Iterator[Finding]:
    """For each metric the first cycle with a finding, and how many there are in all."""
    for metric in soak.bands:
        wrong = [(cycle, one) for of, cycle, one in placed if of == metric and one.rule in _FINDINGS]
        if not wrong:
            continue
        cycle, first = wrong[0]
        where = f"{name}#{pointer_of(metric)}"
        recorded = where if soak.against == "first_cycle" else f"{against}#/metrics{pointer.join((metric,))}"
        finding = first.finding(where, recorded)
        assert finding is not None
        rule = "telemetry.soak_drift" if finding.rule == "band.outside" else finding.rule
        observed = f"cycle {_name(cycle)}: {finding.observed}; {len(wrong)} such cycles"
        yield Finding(finding.where, finding.expected, observed, rule)


_FINDINGS = frozenset({"band.outside", "band.no_value", "band.value", "band.baseline_zero"})


def _drift(metric: str, placed: Iterable[tuple[str, Any, Placement]]) -> Json:
    values = {_name(cycle): one for of, cycle, one in placed if of == metric}
    return {
        cycle: {"value": None if one.value is None else stored(one.value), "change": _stored(one.change)}
        for cycle, one in values.items()
    }


def _stored(value: Fraction | None) -> Json:
    return None if value is None else stored(value)


def _name(cycle: object) -> str:
    return str(int(cycle)) if isinstance(cycle, float) and cycle.is_integer() else str(cycle)
