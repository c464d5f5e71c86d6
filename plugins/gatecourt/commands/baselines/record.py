"""``gatecourt record`` and ``gatecourt calibrate``: a baseline from several runs, and its noise from further ones."""

from __future__ import annotations

import dataclasses
import datetime
from dataclasses import dataclass
from pathlib import Path

from gatecourt.commands.baselines.page import page, placements
from gatecourt.commands.baselines.samples import DrawnSamples, SampleSource
from gatecourt.commands.baselines.samples_from_runs import format_finding
from gatecourt.commands.baselines.selection import BaselineTarget, Refused
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
                raise Refused(f"--{key}: expected a text, found a blank one")
        now = self.now.astimezone(datetime.UTC).isoformat(timespec="seconds")
        return Custody(now, self.author.strip(), self.reason.strip(), revision(root))


@dataclass(frozen=True, slots=True)
class RecordingResult:
    """What was written: the baseline, its digest, and lines for the terminal."""

    baseline: Baseline
    digest: str
    lines: tuple[str, ...]


def record(selected: BaselineTarget, signature: Signature, runs: SampleSource) -> RecordingResult:
    """Writes a new baseline from ``runs``, without noise. Raises ``Refused``."""
    _refuse_few(runs, selected.section.seeds, "the number in the manifest")
    custody = signature.custody(selected.root)
    before = _reading(selected, signature)
    drawn = runs.draw(selected)
    bands = selected.log.bands
    metrics = {name: recorded_metric(bands[name].statistic, values) for name, values in drawn.samples.items()}
    origin = Origin(selected.target, selected.name, drawn.command)
    former = {} if before.baseline is None else before.baseline.metrics
    replaced = {name: Former(metric.statistic, metric.value) for name, metric in former.items()}
    after = Baseline(custody, origin, drawn.seeds, metrics, None, selected.section.sha256, replaced, drawn.sources)
    lines = (*_earlier_problems(before), *_written(selected), _next(runs))
    return RecordingResult(after, write(selected, text_of(after), page(selected, after)), lines)


def calibrate(selected: BaselineTarget, signature: Signature, runs: SampleSource) -> RecordingResult:
    """Stores the noise of further ``runs``, at least 20, with the baseline.

    Raises ``Refused``, also where these runs are not those of the system that was recorded.
    """
    _refuse_few(runs, FEWEST_RUNS, "because fewer do not show the noise")
    custody = signature.custody(selected.root)
    before = _recorded_baseline(selected, signature)
    drawn = runs.draw(selected, before)
    _refuse_other_system(selected, before, drawn)
    kept = {name: recorded_metric("mean", values).samples for name, values in drawn.samples.items()}
    noise = Calibration(custody, drawn.seeds, kept, drawn.sources)
    after = dataclasses.replace(before, noise=noise, previous=selected.section.sha256)
    digest = write(selected, text_of(after), page(selected, after))
    return RecordingResult(after, digest, (*_written(selected), *_too_noisy(selected, after)))


def _refuse_few(runs: SampleSource, fewest: int, why: str) -> None:
    if runs.number < fewest:
        found = counted(runs.number, runs.noun)
        raise Refused(f"{runs.about}: expected at least {counted(fewest, runs.noun)}, {why}; found {found}")


def _next(runs: SampleSource) -> str:
    return f"next: gatecourt calibrate measures its noise, from at least {counted(FEWEST_RUNS, 'other ' + runs.noun)}"


def _reading(selected: BaselineTarget, signature: Signature) -> Reading:
    return read(selected.section, selected.root, selected.target, selected.name, signature.now)


def _earlier_problems(before: Reading) -> tuple[str, ...]:
    """What is wrong with the baseline that is replaced: it is reported, and prevents nothing."""
    return tuple(
        f"before: {format_finding(finding)}" for finding in before.findings if finding.rule != "band.no_baseline"
    )


def _recorded_baseline(selected: BaselineTarget, signature: Signature) -> Baseline:
    """The recorded baseline, if nothing but its noise is wrong with it."""
    reading = _reading(selected, signature)
    wrong = [finding for finding in reading.findings if "#/noise" not in finding.where]
    if wrong or reading.baseline is None:
        raise Refused(f"{format_finding(wrong[0])}; record it first")
    for name, band in selected.log.bands.items():
        metric = reading.baseline.metrics.get(name)
        if metric is None or metric.statistic != band.statistic:
            raise Refused(f"{selected.section.file}: it has no {band.statistic} of {name}; record it again first")
    return reading.baseline


def _refuse_other_system(selected: BaselineTarget, before: Baseline, drawn: DrawnSamples) -> None:
    if all(len(set(values)) == 1 for values in drawn.samples.values()):
        if drawn.sources:
            raise Refused("--from: no metric differs from log to log; are they of runs with different seeds?")
        raise Refused(f"{selected.log.of}: no metric differs from seed to seed; does the command use its seed?")
    for name, values in sorted(drawn.samples.items()):
        metric = before.metrics[name]
        if moved(values, metric.value, len(metric.samples)):
            raise Refused(f"{name}: its value has changed since the baseline was recorded; record it again first")


def _written(selected: BaselineTarget) -> tuple[str, ...]:
    return (f"wrote {selected.path}", f"wrote {page_path(selected.path)}", f"pinned in {selected.manifest.path}")


def _too_noisy(selected: BaselineTarget, after: Baseline) -> tuple[str, ...]:
    wide = [name for name, placed in placements(selected, after).items() if placed.carried is False]
    return tuple(f"{name} has more noise than its band allows: chance alone can leave the band" for name in wide)
