"""A recorded baseline: what its file holds, and how it is written.

``{"format": "gatecourt/baseline/1", "recorded_at": "2026-11-20T12:00:00+00:00", "by": …, "reason": …, "target": …,
"log": …, "command": …, "commit": 40 hex digits or null, "seeds": [int], "metrics": {NAME: {"statistic": …, "value":
number, "samples": [number]}}, "noise": null or {"recorded_at", "by", "reason", "commit", "seeds": [int], "samples":
{NAME: [number]}}, "previous": "sha256:<hex>" or null, "before": {NAME: {"statistic": …, "value": number}}}``. A value
is the mean of its samples, one a seed; ``before`` are the values that the recording took the place of.

Samples of runs whose seeds nobody knows are taken from their logs: then ``"sources": [{"name": …, "sha256":
"sha256:<hex>"}]``, one a sample, stands in the place of ``seeds``, and ``command`` is null. Recording and noise may
differ in this.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from gatecourt.core.model import Json
from gatecourt.mechanisms.bands.figures import mean, rounded, stored

FORMAT = "gatecourt/baseline/1"


@dataclass(frozen=True, slots=True)
class Custody:
    """Who vouches for a recording, when and why it was made. ``recorded_at`` is an ISO time with its zone."""

    recorded_at: str
    by: str
    reason: str
    commit: str | None = None

    def as_json(self) -> dict[str, Json]:
        """The custody as the file and evidence hold it."""
        return {"recorded_at": self.recorded_at, "by": self.by, "reason": self.reason, "commit": self.commit}


@dataclass(frozen=True, slots=True)
class Origin:
    """What a baseline is the baseline of. ``command`` is the one that was run for it, None where none was."""

    target: str
    log: str
    command: str | None


@dataclass(frozen=True, slots=True)
class SourceLog:
    """A log that a sample was taken from. ``sha256`` is the digest of the file, ``sha256:<hex>``."""

    name: str
    sha256: str

    def as_json(self) -> dict[str, Json]:
        """The log as the file holds it."""
        return {"name": self.name, "sha256": self.sha256}


@dataclass(frozen=True, slots=True)
class RecordedMetric:
    """The statistic of one metric: its mean over the runs, and each run's."""

    statistic: str
    value: Fraction
    samples: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Former:
    """What stood in the place of a metric before it was recorded."""

    statistic: str
    value: Fraction


@dataclass(frozen=True, slots=True)
class Calibration:
    """Repeated runs from which noise is measured: ``samples`` by metric, one a seed or one a source."""

    custody: Custody
    seeds: tuple[int, ...]
    samples: Mapping[str, tuple[Fraction, ...]]
    sources: tuple[SourceLog, ...] = ()


@dataclass(frozen=True, slots=True)
class Baseline:
    """A baseline with its custody; ``previous`` is the digest of the file that it took the place of.

    Each sample has a seed or, where those of the runs are not known, a source.
    """

    custody: Custody
    origin: Origin
    seeds: tuple[int, ...]
    metrics: Mapping[str, RecordedMetric]
    noise: Calibration | None = None
    previous: str | None = None
    before: Mapping[str, Former] = field(default_factory=dict)
    sources: tuple[SourceLog, ...] = ()


def recorded_metric(statistic: str, samples: Sequence[Fraction]) -> RecordedMetric:
    """At least one sample and their mean, both in the digits that a file keeps."""
    kept = tuple(Fraction(rounded(sample)) for sample in samples)
    return RecordedMetric(statistic, Fraction(rounded(mean(kept))), kept)


def text_of(baseline: Baseline) -> str:
    """The baseline as its file holds it."""
    origin = baseline.origin
    document: dict[str, Any] = {
        "format": FORMAT,
        **baseline.custody.as_json(),
        "target": origin.target,
        "log": origin.log,
        "command": origin.command,
        **_runs(baseline),
        "metrics": {name: _metric(metric) for name, metric in sorted(baseline.metrics.items())},
        "noise": None if baseline.noise is None else _calibration(baseline.noise),
        "previous": baseline.previous,
        "before": {name: _former(former) for name, former in sorted(baseline.before.items())},
    }
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _metric(metric: RecordedMetric) -> dict[str, Json]:
    return {"statistic": metric.statistic, "value": stored(metric.value), "samples": [*map(stored, metric.samples)]}


def _former(former: Former) -> dict[str, Json]:
    return {"statistic": former.statistic, "value": stored(former.value)}


def _calibration(noise: Calibration) -> dict[str, Json]:
    samples: dict[str, Json] = {name: [*map(stored, found)] for name, found in sorted(noise.samples.items())}
    return {**noise.custody.as_json(), **_runs(noise), "samples": samples}


def _runs(recording: Baseline | Calibration) -> dict[str, Json]:
    if recording.sources:
        return {"sources": [source.as_json() for source in recording.sources]}
    return {"seeds": list(recording.seeds)}
