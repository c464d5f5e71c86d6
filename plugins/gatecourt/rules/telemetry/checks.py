"""One aspect of one log as a judgement: rows, identity, judged rows, thresholds."""

from __future__ import annotations

from pathlib import Path

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Json, Run
from gatecourt.core.protocols import Target
from gatecourt.formats.files import run_behind
from gatecourt.rules.telemetry.reading import read_log
from gatecourt.rules.telemetry.rows import Aspect, LogReport
from gatecourt.rules.telemetry.section import LogSection


def run_of(log: LogSection, target: Target) -> Run:
    """The run that wrote the log; for a log in the target's tree no run at all."""
    return run_behind(log.origin, log.of, target)


def judge_aspect(log: LogSection, aspect: Aspect, run: Run, root: Path) -> Judgement:
    """The judgement of one aspect of the log. Raises ``Judged`` where it cannot be read at all."""
    read = read_log(log, run, root)
    return Judgement(read.subjects, read.report.about(aspect), parameters_of(log, aspect, read.report))


def parameters_of(log: LogSection, aspect: Aspect, report: LogReport) -> dict[str, Json]:
    """What the judgement of an aspect rests on."""
    counts: dict[str, Json] = {"lines": report.lines, "rows": report.rows, "runs": report.runs}
    match aspect:
        case "rows":
            return {**counts, "schema": log.schema, "numbers": list(log.numbers), "texts": list(log.texts)}
        case "identity":
            return {**counts, "identity": list(log.identity.pointers), "judged_run": log.identity.judged_run}
        case "judged":
            return {**counts, "judged_rows": report.judged, "minimum": log.judged.minimum}
    return {**counts, "judged_rows": report.judged, "thresholds": dict(report.thresholds)}
