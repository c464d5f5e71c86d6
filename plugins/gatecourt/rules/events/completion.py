"""Whether a run finished, according to the proof that the manifest names."""

from __future__ import annotations

import json
from collections.abc import Sequence

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json, Run, Subject
from gatecourt.formats import patterns, pointer, strictjson
from gatecourt.rules.events.section import Completion
from gatecourt.rules.events.summary import LogSummary


def reports(complete: Completion, run: Run) -> list[Subject]:
    """The reports that must state that the run is complete."""
    if complete.report is None:
        return []
    return [run.files[name] for name in patterns.select(run.files, [complete.report])]


def completeness(complete: Completion, run: Run, logs: Sequence[LogSummary]) -> list[Finding]:
    """The findings that the run is not complete, or that its proof is missing.

    Rules: ``events.report_missing``, ``events.incomplete``, ``events.no_status`` (only if no event is named as
    another proof), ``events.other_run`` and those of ``strictjson.read``.
    """
    found = [finding for log in logs for finding in _event(complete, log)]
    named = reports(complete, run)
    if complete.report is not None and not named:
        found.append(Finding(complete.report, "a report of the run", "none", "events.report_missing"))
    for report in named:
        try:
            document = strictjson.read(run.path(report.name), report.name)
        except Judged as judged:
            found.append(judged.finding)
        else:
            found += _status(complete, report.name, document) + _same_run(complete, report.name, document, logs)
    return found


def _event(complete: Completion, log: LogSummary) -> list[Finding]:
    if complete.event is None or any(kind == complete.event for _, kind, _ in log.counts):
        return []
    return [Finding(log.name, f"an event {complete.event}", "none", "events.incomplete")]


def _status(complete: Completion, name: str, document: Json) -> list[Finding]:
    if complete.pointer is None:
        return []
    where, expected = f"{name}#{complete.pointer}", f"one of {json.dumps(complete.accepted)}"
    try:
        status = pointer.get(document, complete.pointer)
    except KeyError:
        return [] if complete.event else [Finding(where, expected, "absent", "events.no_status")]
    if any(type(status) is type(word) and status == word for word in complete.accepted):
        return []
    return [Finding(where, expected, json.dumps(status), "events.incomplete")]


def _same_run(complete: Completion, name: str, document: Json, logs: Sequence[LogSummary]) -> list[Finding]:
    if complete.run is None:
        return []
    known = sorted({log.run for log in logs if log.run is not None})
    try:
        run: Json = pointer.get(document, complete.run)
    except KeyError:
        run = None
    if run in known:
        return []
    expected = f"the run of the log ({', '.join(known)})"
    return [Finding(f"{name}#{complete.run}", expected, json.dumps(run), "events.other_run")]
