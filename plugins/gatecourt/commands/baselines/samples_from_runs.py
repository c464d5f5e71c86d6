"""Metrics of a log: of new runs with several seeds, or of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from gatecourt.commands.baselines.samples import DrawnSamples, Samples
from gatecourt.commands.baselines.selection import BaselineTarget, Refused, first_seed
from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.formats.files import Source, subject
from gatecourt.formats.patterns import select
from gatecourt.mechanisms.bands.baseline import Baseline
from gatecourt.rules.telemetry.banding import measured
from gatecourt.rules.telemetry.reading import follow, read_log, row_schema
from gatecourt.rules.telemetry.rows import LogReport
from gatecourt.system.target import DeclaredTarget

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Seeds:
    """SampleSource of the command that writes the log, each with a seed of its own."""

    number: int
    progress: Progress
    noun = "seed"

    @property
    def about(self) -> str:
        """The option and its value."""
        return f"--seeds {self.number}"

    def draw(self, selected: BaselineTarget, before: Baseline | None = None) -> DrawnSamples:
        """One sample a seed above the declared one. Raises ``Refused``."""
        seeds = seeds_after(first_seed(selected), self.number, () if before is None else before.seeds)
        return DrawnSamples(samples(selected, seeds, self.progress), seeds, command=selected.log.of)


def seeds_after(seed: int, number: int, taken: Iterable[int] = ()) -> tuple[int, ...]:
    """The next ``number`` seeds above ``seed`` and above all that are taken."""
    start = max((seed, *taken))
    return tuple(range(start + 1, start + 1 + number))


def samples(selected: BaselineTarget, seeds: Iterable[int], progress: Progress) -> Samples:
    """The statistic of each banded metric, one a seed, each from a run of its own. Raises ``Refused``."""
    try:
        with selected.runnable() as target:
            runs = [_run_metrics(selected, target, seed, progress) for seed in seeds]
    except KeyboardInterrupt as stop:
        raise Refused("stopped before the last seed; nothing was written") from stop
    return {name: tuple(run[name] for run in runs) for name in selected.log.bands}


def _run_metrics(
    selected: BaselineTarget, target: DeclaredTarget, seed: int, progress: Progress
) -> dict[str, Fraction]:
    progress(f"{selected.target}: {selected.log.of} with seed {seed}")
    try:
        run = target.command(selected.log.of, seed=seed)
        return _metrics(selected, read_log(selected.log, run, selected.root).report)
    except Judged as judged:
        raise Refused(f"seed {seed}: {format_finding(judged.finding)}") from judged


def metrics_of(selected: BaselineTarget, log: Source) -> dict[str, Fraction]:
    """The statistic of each banded metric in a log. Raises ``Judged`` with the first defect of it."""
    return _metrics(selected, _report(selected, log))


def _metrics(selected: BaselineTarget, report: LogReport) -> dict[str, Fraction]:
    """Those of a log without a defect. Thresholds are not looked at: a baseline may be a bad one."""
    if defects := defects_of(report):
        raise Judged(defects[0])
    return {name: _number(measured(selected.log, report, name)) for name in selected.log.bands}


def _number(value: Fraction | Finding) -> Fraction:
    if isinstance(value, Finding):
        raise Judged(value)
    return value


def defects_of(report: LogReport) -> tuple[Finding, ...]:
    """What is wrong with the rows of a log and their order, each once."""
    found = (*report.about("rows"), *report.about("identity"), *report.about("judged"))
    return tuple(dict.fromkeys(found))


def report_of(selected: BaselineTarget, path: Path, name: str) -> LogReport:
    """What was found in the log that ``log_of`` gives. Raises ``Refused`` as it does."""
    try:
        return _report(selected, log_of(selected, path, name))
    except Judged as judged:
        raise Refused(format_finding(judged.finding)) from judged


def _report(selected: BaselineTarget, log: Source) -> LogReport:
    schema, _ = row_schema(selected.log, selected.root)
    return follow(log, selected.log, schema)


def log_of(selected: BaselineTarget, path: Path, name: str) -> Source:
    """The log in the file ``path``, or the one that the manifest's patterns find below the folder ``path``.

    Raises ``Refused`` where there is no such log.
    """
    if not path.exists():
        raise Refused(f"{name}: expected a log, or the folder of a run, found nothing")
    file, label = path, name
    if path.is_dir():
        found = _log_below(selected, path)
        file, label = path / found, f"{name.rstrip('/')}/{found}"
    try:
        return Source(file, subject(file, label))
    except Judged as judged:
        raise Refused(format_finding(judged.finding)) from judged


def _log_below(selected: BaselineTarget, folder: Path) -> str:
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    found = select(names, selected.log.files)
    if len(found) != 1:
        wanted = ", ".join(selected.log.files)
        observed = f"{len(found)}: {', '.join(found[:5])}" if found else "none"
        raise Refused(
            f"{folder}: expected one log below this folder that matches {wanted}, found {observed}; "
            "name the folder that the run wrote to, or give the log file itself"
        )
    return found[0]


def format_finding(finding: Finding) -> str:
    """A finding as one line."""
    return f"{finding.where}: expected {finding.expected}, found {finding.observed} ({finding.rule})"
