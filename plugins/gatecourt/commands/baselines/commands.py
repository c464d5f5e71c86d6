"""The commands as the command line calls them: options in, text and exit code out."""

from __future__ import annotations

import argparse
import datetime
import sys
from pathlib import Path

from gatecourt.commands.baselines.compare import compare, text_of
from gatecourt.commands.baselines.record import RecordingResult, Signature, calibrate, record
from gatecourt.commands.baselines.samples import SampleSource
from gatecourt.commands.baselines.samples_from_logs import Logs
from gatecourt.commands.baselines.samples_from_runs import Seeds, format_finding, report_of
from gatecourt.commands.baselines.selection import BaselineTarget, select
from gatecourt.core.gatespec import reasons_of
from gatecourt.court.renderers.stored import CODES
from gatecourt.court.renderers.terminal import plain_lines
from gatecourt.mechanisms.bands.custody import read
from gatecourt.mechanisms.bands.noise import FEWEST_RUNS
from gatecourt.rules.registry import pytest_gatecourt_gates


def run_record(options: argparse.Namespace) -> int:
    """Records a baseline. Raises ``GatecourtError``."""
    selected = _selected(options)
    return _print_result(record(selected, _signature(options), _runs(options)))


def run_calibrate(options: argparse.Namespace) -> int:
    """Measures the noise of a baseline. Raises ``GatecourtError``."""
    selected = _selected(options)
    return _print_result(calibrate(selected, _signature(options), _runs(options)))


def run_compare(options: argparse.Namespace) -> int:
    """Prints two runs side by side; the exit code is that of the verdict. Raises ``GatecourtError``."""
    selected = _selected(options)
    reports = [report_of(selected, Path(path), path) for path in (options.first, options.second)]
    now = datetime.datetime.now(datetime.UTC)
    reading = read(selected.section, selected.root, selected.target, selected.name, now)
    comparison = compare(selected, reports[0], reports[1], reading.baseline)
    verdict = comparison.verdict(reasons_of(selected.gates.values()))
    findings = [format_finding(finding) for finding in reading.findings]
    sys.stdout.write(plain_lines(text_of(comparison, verdict, findings)))
    return CODES[verdict]


def _selected(options: argparse.Namespace) -> BaselineTarget:
    return select(options.target, options.log, {gate.marker: gate for gate in pytest_gatecourt_gates()})


def _signature(options: argparse.Namespace) -> Signature:
    return Signature(options.author, options.reason, datetime.datetime.now(datetime.UTC))


def _runs(options: argparse.Namespace) -> SampleSource:
    if options.logs:
        return Logs(tuple(options.logs))
    return Seeds(FEWEST_RUNS if options.seeds is None else options.seeds, _progress)


def _progress(words: str) -> None:
    if sys.stderr.isatty():
        print(words, file=sys.stderr)


def _print_result(written: RecordingResult) -> int:
    print(plain_lines("\n".join((*written.lines, written.digest))))
    return 0
