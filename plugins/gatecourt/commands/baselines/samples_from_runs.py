"""Metrics of a log: of runs with several seeds, and of a file that is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from gatecourt.commands.baselines.samples import Drawn, Samples
from gatecourt.commands.baselines.selection import Asked, Refused, first_seed
from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.formats.digests import subject
from gatecourt.formats.patterns import select
from gatecourt.formats.sources import Source
from gatecourt.mechanisms.bands.baseline import Baseline
from gatecourt.rules.telemetry.banding import measured
from gatecourt.rules.telemetry.reading import follow, read_log, row_schema
from gatecourt.rules.telemetry.rows import LogReport
from gatecourt.system.target import DeclaredTarget

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Seeds:
    """Runs of the command that writes the log, each with a seed of its own."""

    number: int
    progress: Progress
    noun = "seed"

    @property
    def about(self) -> str:
        """The option and its value."""
        return f"--seeds {self.number}"

    def draw(self, question: Asked, before: Baseline | None = None) -> Drawn:
        """One sample a seed above the declared one. Raises ``Refused``."""
        seeds = seeds_after(first_seed(question), self.number, () if before is None else before.seeds)
        return Drawn(samples(question, seeds, self.progress), seeds, command=question.log.of)


def seeds_after(seed: int, number: int, taken: Iterable[int] = ()) -> tuple[int, ...]:
    """The next ``number`` seeds above ``seed`` and above all that are taken."""
    start = max((seed, *taken))
    return tuple(range(start + 1, start + 1 + number))


def samples(question: Asked, seeds: Iterable[int], progress: Progress) -> Samples:
    """The statistic of each banded metric, one a seed, each from a run of its own. Raises ``Refused``."""
    try:
        with question.laboratory() as target:
            runs = [_run_metrics(question, target, seed, progress) for seed in seeds]
    except KeyboardInterrupt as stop:
        raise Refused("stopped before the last seed; nothing was written") from stop
    return {name: tuple(run[name] for run in runs) for name in question.log.bands}


def _run_metrics(question: Asked, target: DeclaredTarget, seed: int, progress: Progress) -> dict[str, Fraction]:
    progress(f"{question.target}: {question.log.of} with seed {seed}")
    try:
        run = target.command(question.log.of, seed=seed)
        return _metrics(question, read_log(question.log, run, question.root).report)
    except Judged as judged:
        raise Refused(f"seed {seed}: {told(judged.finding)}") from judged


def metrics_of(question: Asked, log: Source) -> dict[str, Fraction]:
    """The statistic of each banded metric in a log. Raises ``Judged`` with the first defect of it."""
    return _metrics(question, _report(question, log))


def _metrics(question: Asked, report: LogReport) -> dict[str, Fraction]:
    """Those of a log without a defect. Thresholds are not looked at: a baseline may be a bad one."""
    if defects := defects_of(report):
        raise Judged(defects[0])
    return {name: _number(measured(question.log, report, name)) for name in question.log.bands}


def _number(value: Fraction | Finding) -> Fraction:
    if isinstance(value, Finding):
        raise Judged(value)
    return value


def defects_of(report: LogReport) -> tuple[Finding, ...]:
    """What is wrong with the rows of a log and their order, each once."""
    found = (*report.about("rows"), *report.about("identity"), *report.about("judged"))
    return tuple(dict.fromkeys(found))


def report_of(question: Asked, path: Path, name: str) -> LogReport:
    """What was found in the log that ``log_of`` gives. Raises ``Refused`` as it does."""
    try:
        return _report(question, log_of(question, path, name))
    except Judged as judged:
        raise Refused(told(judged.finding)) from judged


def _report(question: Asked, log: Source) -> LogReport:
    schema, _ = row_schema(question.log, question.root)
    return follow(log, question.log, schema)


def log_of(question: Asked, path: Path, name: str) -> Source:
    """The log in the file ``path``, or the one that the manifest's patterns find below the folder ``path``.

    Raises ``Refused`` where there is no such log.
    """
    if not path.exists():
        raise Refused(f"{name}: expected a log, or the folder of a run, found nothing")
    file, label = path, name
    if path.is_dir():
        found = _log_below(question, path)
        file, label = path / found, f"{name.rstrip('/')}/{found}"
    try:
        return Source(file, subject(file, label))
    except Judged as judged:
        raise Refused(told(judged.finding)) from judged


def _log_below(question: Asked, folder: Path) -> str:
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    found = select(names, question.log.files)
    if len(found) != 1:
        wanted = ", ".join(question.log.files)
        observed = f"{len(found)}: {', '.join(found[:5])}" if found else "none"
        raise Refused(
            f"{folder}: expected one log below this folder that matches {wanted}, found {observed}; "
            "name the folder that the run wrote to, or give the log file itself"
        )
    return found[0]


def told(finding: Finding) -> str:
    """A finding as one line."""
    return f"{finding.where}: expected {finding.expected}, found {finding.observed} ({finding.rule})"
