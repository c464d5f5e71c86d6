"""Metrics of a log held against their recorded baseline."""

from __future__ import annotations

import datetime
from fractions import Fraction
from pathlib import Path

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Run
from gatecourt.core.protocols import Target
from gatecourt.mechanisms.bands import custody
from gatecourt.mechanisms.bands.checks import Held, hold
from gatecourt.mechanisms.bands.custody import Reading
from gatecourt.rules.telemetry.checks import run_of
from gatecourt.rules.telemetry.reading import read_log
from gatecourt.rules.telemetry.row_pointer import pointer_of
from gatecourt.rules.telemetry.rows import LogReport
from gatecourt.rules.telemetry.section import LogSection


def metric_values(log: LogSection, run: Run, root: Path) -> dict[str, Fraction | Finding]:
    """The statistic of each banded metric over the judged rows of ``run``, or why there is none.

    Raises ``Judged`` where the log cannot be read, or where nothing whole in it can be judged: no rows, none of the
    judged mode, too few of them, several runs.
    """
    report = read_log(log, run, root).report
    if report.undermined:
        raise Judged(report.undermined[0])
    return {metric: measured(log, report, metric) for metric in log.bands}


def measured(log: LogSection, report: LogReport, metric: str) -> Fraction | Finding:
    """A metric's statistic over the judged rows, exact; one row without a number leaves no statistic."""
    where = f"{report.name}#{pointer_of(metric)}"
    if faults := report.faults.get(metric):
        return faults[0]
    value = report.value(metric, log.bands[metric].statistic)
    if value is None:
        return Finding(where, "judged rows enough for the statistic", str(report.judged), "band.too_few_samples")
    return value


def read_baseline(log: LogSection, name: str, target: Target) -> Reading:
    """The baseline of the log called ``name``, with its defects."""
    assert log.baseline is not None
    now = datetime.datetime.now(datetime.UTC)
    return custody.read(log.baseline, target.root, target.name, name, now)


def judge_custody(log: LogSection, name: str, target: Target) -> Judgement:
    """The recorded baseline is there, unchanged, signed for, of this log and not too old."""
    assert log.baseline is not None
    reading = read_baseline(log, name, target)
    subjects = () if reading.subject is None else (reading.subject,)
    section = log.baseline
    parameters: dict[str, Json] = {"file": section.file, "sha256": section.sha256, "max_age_s": str(section.max_age)}
    if reading.baseline is not None:
        recorded = reading.baseline
        parameters |= {"recorded": recorded.custody.as_json(), "seeds": list(recorded.seeds)}
        if recorded.sources:
            parameters["sources"] = [source.as_json() for source in recorded.sources]
        parameters |= {"previous": recorded.previous}
    return Judgement(subjects, reading.findings, parameters)


def judge_band(log: LogSection, name: str, metric: str, target: Target) -> Judgement:
    """One metric within policy band or floor, or beyond neither them nor the noise.

    A baseline that cannot be read is a finding here too.
    """
    read = read_log(log, run_of(log, target), target.root)
    reading = read_baseline(log, name, target)
    subjects = (*read.subjects, *([] if reading.subject is None else [reading.subject]))
    if read.report.undermined or reading.baseline is None:
        findings = (*read.report.undermined, *(reading.findings if reading.baseline is None else ()))
        return Judgement(subjects, findings, {"metric": metric})
    held = hold_metric(log, read.report, metric, reading)
    rest = read.report.faults.get(metric, ())[1:]
    return Judgement(subjects, (*held.findings, *rest), {"metric": metric, "band": held.as_json()})


def hold_metric(log: LogSection, report: LogReport, metric: str, reading: Reading) -> Held:
    """One metric of a report against a baseline that there is."""
    assert log.baseline is not None
    assert reading.baseline is not None
    where = f"{report.name}#{pointer_of(metric)}"
    value = measured(log, report, metric)
    return hold(metric, where, value, report.judged, log.bands[metric], log.baseline, reading.baseline)
