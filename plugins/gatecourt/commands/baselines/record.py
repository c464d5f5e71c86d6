"""``gatecourt record`` and ``gatecourt calibrate``: a baseline from several runs, and its noise from further ones."""

from __future__ import annotations

import dataclasses
import datetime
from dataclasses import dataclass
from pathlib import Path

from gatecourt.commands.baselines.page import page, placements
from gatecourt.commands.baselines.samples import Drawn, Runs
from gatecourt.commands.baselines.samples_from_runs import told
from gatecourt.commands.baselines.selection import Asked, Refused
from gatecourt.commands.baselines.store import page_path, write
from gatecourt.formats.git_revision import revision
from gatecourt.mechanisms.bands.baseline import (
    Baseline,
    Calibration,
    Custody,
    Former,
    Origin,
    recorded_metric,
    text_of,
)
from gatecourt.mechanisms.bands.custody import Reading, read
from gatecourt.mechanisms.bands.figures import counted
from gatecourt.mechanisms.bands.noise import FEWEST_RUNS, moved


@dataclass(frozen=True, slots=True)
class Signature:
    """Who vouches for a recording, why it is made, and the time at which it is."""

    author: str
    reason: str
    now: datetime.datetime

    def custody(self, root: Path) -> Custody:
        """The custody of something recorded from the tree ``root``. Raises ``Refused`` for a blank name or reason."""
        for key in ("author", "reason"):
            if not getattr(self, key).strip():
                raise Refused(f"--{key}: expected a text that says it, found a blank one")
        now = self.now.astimezone(datetime.UTC).isoformat(timespec="seconds")
        return Custody(now, self.author.strip(), self.reason.strip(), revision(root))


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the baseline, its digest, and lines for whoever asked for it."""

    baseline: Baseline
    digest: str
    lines: tuple[str, ...]


def record(question: Asked, signature: Signature, runs: Runs) -> Written:
    """Writes the baseline anew from ``runs``, its noise yet to be measured. Raises ``Refused``."""
    _refuse_few(runs, question.section.seeds, "which the manifest asks for")
    custody = signature.custody(question.root)
    before = _reading(question, signature)
    drawn = runs.draw(question)
    bands = question.log.bands
    metrics = {name: recorded_metric(bands[name].statistic, values) for name, values in drawn.samples.items()}
    origin = Origin(question.target, question.name, drawn.command)
    former = {} if before.baseline is None else before.baseline.metrics
    replaced = {name: Former(metric.statistic, metric.value) for name, metric in former.items()}
    after = Baseline(custody, origin, drawn.seeds, metrics, None, question.section.sha256, replaced, drawn.sources)
    lines = (*_about_before(before), *_written(question), _next(runs))
    return Written(after, write(question, text_of(after), page(question, after)), lines)


def calibrate(question: Asked, signature: Signature, runs: Runs) -> Written:
    """Stores the noise of further ``runs``, at least 20, with the baseline.

    Raises ``Refused``, also where these runs are not those of the system that was recorded.
    """
    _refuse_few(runs, FEWEST_RUNS, "for with fewer the noise itself is a guess")
    custody = signature.custody(question.root)
    before = _fit(question, signature)
    drawn = runs.draw(question, before)
    _refuse_other_system(question, before, drawn)
    kept = {name: recorded_metric("mean", values).samples for name, values in drawn.samples.items()}
    noise = Calibration(custody, drawn.seeds, kept, drawn.sources)
    after = dataclasses.replace(before, noise=noise, previous=question.section.sha256)
    digest = write(question, text_of(after), page(question, after))
    return Written(after, digest, (*_written(question), *_too_noisy(question, after)))


def _refuse_few(runs: Runs, fewest: int, why: str) -> None:
    if runs.number < fewest:
        found = counted(runs.number, runs.noun)
        raise Refused(f"{runs.about}: expected at least {counted(fewest, runs.noun)}, {why}; found {found}")


def _next(runs: Runs) -> str:
    return f"next: gatecourt calibrate measures its noise, from at least {counted(FEWEST_RUNS, 'other ' + runs.noun)}"


def _reading(question: Asked, signature: Signature) -> Reading:
    return read(question.section, question.root, question.target, question.name, signature.now)


def _about_before(before: Reading) -> tuple[str, ...]:
    """What is wrong with the baseline that goes: it is told, and does not keep anybody from recording anew."""
    return tuple(f"before: {told(finding)}" for finding in before.findings if finding.rule != "band.no_baseline")


def _fit(question: Asked, signature: Signature) -> Baseline:
    """The recorded baseline, if nothing but its noise is wrong with it."""
    reading = _reading(question, signature)
    wrong = [finding for finding in reading.findings if "#/noise" not in finding.where]
    if wrong or reading.baseline is None:
        raise Refused(f"{told(wrong[0])}; record it first")
    for name, band in question.log.bands.items():
        metric = reading.baseline.metrics.get(name)
        if metric is None or metric.statistic != band.statistic:
            raise Refused(f"{question.section.file}: it has no {band.statistic} of {name}; record it first")
    return reading.baseline


def _refuse_other_system(question: Asked, before: Baseline, drawn: Drawn) -> None:
    if all(len(set(values)) == 1 for values in drawn.samples.values()):
        if drawn.sources:
            raise Refused("--from: no metric differs from log to log; are they of runs with different seeds?")
        raise Refused(f"{question.log.of}: no metric differs from seed to seed; does the command use its seed?")
    for name, values in sorted(drawn.samples.items()):
        metric = before.metrics[name]
        if moved(values, metric.value, len(metric.samples)):
            raise Refused(f"{name}: it has moved since the baseline was recorded; record it first")


def _written(question: Asked) -> tuple[str, ...]:
    return (f"wrote {question.path}", f"wrote {page_path(question.path)}", f"pinned in {question.manifest.path}")


def _too_noisy(question: Asked, after: Baseline) -> tuple[str, ...]:
    wide = [name for name, placed in placements(question, after).items() if placed.carried is False]
    return tuple(f"{name} cannot carry its band: its noise is wider" for name in wide)
