"""The summary of a log as evidence carries it: JSON, a Markdown page, and its bands side by side."""

from __future__ import annotations

from gatecourt.core.judgement import Judgement
from gatecourt.core.protocols import Target
from gatecourt.mechanisms.bands.custody import Reading
from gatecourt.mechanisms.bands.table import markdown
from gatecourt.rules.telemetry.banding import hold_metric, read_baseline
from gatecourt.rules.telemetry.checks import parameters_of, run_of
from gatecourt.rules.telemetry.reading import read_log
from gatecourt.rules.telemetry.rows import LogReport
from gatecourt.rules.telemetry.section import LogSection
from gatecourt.rules.telemetry.summary import Drift


def judge_rows(log: LogSection, name: str, target: Target) -> Judgement:
    """How many rows count, with the summary of the log and its drift against the baseline.

    Other checks judge the baseline itself; where it cannot be read, its numbers are left out here.
    """
    read = read_log(log, run_of(log, target), target.root)
    report = read.report
    reading = None if log.baseline is None else read_baseline(log, name, target)
    moved = _drift(log, report, reading)
    page = report.summary.as_markdown(moved)
    if reading is not None and reading.baseline is not None and not report.undermined:
        held = [hold_metric(log, report, metric, reading) for metric in log.bands]
        page += f"\n## Bands\n\n{markdown(held)}"
    pages = {f"telemetry_summary_{name}.md": page}
    parameters = {**parameters_of(log, "judged", report), "summary": report.summary.as_json(moved)}
    return Judgement(read.subjects, report.about("judged"), parameters, attachments=pages)


def _drift(log: LogSection, report: LogReport, reading: Reading | None) -> dict[str, Drift]:
    """Each banded metric beside its recorded value; None for what there is not."""
    recorded = {} if reading is None or reading.baseline is None else reading.baseline.metrics
    return {
        metric: Drift(report.value(metric, band.statistic), recorded[metric].value if metric in recorded else None)
        for metric, band in log.bands.items()
    }
