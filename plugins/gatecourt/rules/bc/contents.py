"""The samples of a version: each fits its description and its manifest entry, and all have the same dimensions."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json
from gatecourt.formats.excerpt import excerpt
from gatecourt.mechanisms.bands.figures import counted
from gatecourt.rules.bc.listing import Dataset, read_dataset
from gatecourt.rules.bc.samples import Sample, read_samples, used_entries
from gatecourt.rules.bc.section import BcSection

_ROUNDING = 1e-6  # sums of single precision, added up in another order


Names = tuple[str, ...] | None


def judge_samples(section: BcSection, root: Path) -> Judgement:
    """Every used sample of the judged version.

    Rules: those of reading samples, ``bc.dimension_drift``, ``bc.dimension``, ``bc.metric``, ``bc.no_samples``,
    ``bc.accepted``, ``bc.entry``, ``bc.listed_twice``; raises ``Judged`` as ``read_dataset`` does.
    """
    dataset = read_dataset(section, section.version, root)
    findings = [*dataset.manifest.findings, *judge_acceptance(dataset)]
    samples: list[Sample] = []
    for read in read_samples(section, dataset):
        if isinstance(read, Sample):
            samples.append(read)
            findings += _judge_metrics(read)
        else:
            findings += read
    findings += [*_drift(samples), *_expected(section, samples)]
    subjects = (*dataset.subjects, *(file for sample in samples for file in sample.subjects))
    return Judgement(subjects, tuple(findings), _parameters(dataset, samples))


def _parameters(dataset: Dataset, samples: Sequence[Sample]) -> dict[str, Json]:
    dimensions = Counter(sample.meta.features for sample in samples)
    parameters: dict[str, Json] = {
        "samples": len(samples),
        "rejected": len(dataset.manifest.entries) - len(used_entries(dataset)),
        "frames": sum(len(sample.frames.actions) for sample in samples),
        "features": {str(dimension): dimensions[dimension] for dimension in sorted(dimensions)},
    }
    return parameters


def judge_acceptance(dataset: Dataset) -> Iterator[Finding]:
    """Acceptance in the manifest: a boolean for every sample or for none, and no rejected sample is used.

    Rules: ``bc.accepted``, ``bc.rejected_used``, ``bc.rejected_listed``, ``bc.no_samples``.
    """
    entries = dataset.manifest.entries
    split, judged = (any(key in entry.fields for entry in entries.values()) for key in ("split", "accepted"))
    for name in sorted(entries):
        entry = entries[name]
        accepted = entry.fields.get("accepted", not judged or None)
        if not isinstance(accepted, bool):
            yield Finding(f"{entry.where}/accepted", "true or false", excerpt(accepted), "bc.accepted")
        elif not accepted and "split" in entry.fields:
            observed = f"rejected, in the split {excerpt(entry.fields['split'])}"
            yield Finding(f"{entry.where}/split", "no split for a rejected sample", observed, "bc.rejected_used")
        elif not accepted and not split:
            expected = "a rejected sample taken out, where no split says what is used"
            yield Finding(entry.where, expected, f"{entry.name} rejected and listed", "bc.rejected_listed")
    if not used_entries(dataset):
        yield Finding(dataset.manifest.where, "at least one accepted sample", "none", "bc.no_samples")


def _drift(samples: Sequence[Sample]) -> Iterator[Finding]:
    """Samples whose dimensions are not those of the most; of two that are as many, those of the first."""
    if not samples:
        return
    kinds = Counter(_kind(sample) for sample in samples)
    features, names, actions, lookup = max(kinds, key=lambda kind: kinds[kind])
    for sample in samples:
        meta, where = sample.meta, sample.subjects[1].name
        if meta.features != features:
            expected = f"{counted(features, 'feature')}, as in the other samples"
            yield Finding(where, expected, str(meta.features), "bc.dimension_drift")
        elif meta.names != names:
            expected, observed = (_first(one, meta.names, names) for one in (names, meta.names))
            at, wanted = f"{where}#/feature_names", f"{expected}, as in the other samples"
            yield Finding(at, wanted, observed, "bc.dimension_drift")
        if meta.actions != actions:
            expected = f"{counted(actions, 'action')}, as in the other samples"
            yield Finding(f"{where}#/action_dim", expected, str(meta.actions), "bc.dimension_drift")
        elif None not in (meta.lookup, lookup) and meta.lookup != lookup:
            expected, observed = (_first(one, meta.lookup, lookup) for one in (lookup, meta.lookup))
            at, wanted = f"{where}#/action_lookup", f"{expected}, as in the other samples"
            yield Finding(at, wanted, observed, "bc.dimension_drift")


def _kind(sample: Sample) -> tuple[int, Names, int, Names]:
    meta = sample.meta
    return meta.features, meta.names, meta.actions, meta.lookup


def _first(one: Names, here: Names, there: Names) -> str:
    """What ``one`` calls the first feature or action that the two sides call differently."""
    if one is None or here is None or there is None:
        return "no names" if one is None else "names"
    at = next(index for index, names in enumerate(zip(here, there, strict=True)) if names[0] != names[1])
    return f"{excerpt(one[at])} at {at}"


def _expected(section: BcSection, samples: Sequence[Sample]) -> Iterator[Finding]:
    for sample in samples:
        found = sample.meta.features
        if section.features is not None and found != section.features:
            expected = f"{counted(section.features, 'feature')}, as the policy takes"
            yield Finding(sample.subjects[1].name, expected, str(found), "bc.dimension")


def _judge_metrics(sample: Sample) -> Iterator[Finding]:
    """What the manifest counts of a sample, counted again."""
    places = (
        (f"{sample.entry.where}/metrics", sample.entry.fields.get("metrics")),
        (f"{sample.subjects[1].name}#/quality_metrics", sample.meta.metrics),
    )
    for where, metrics in places:
        if metrics is not None and not isinstance(metrics, dict):
            yield Finding(where, "an object", excerpt(metrics), "bc.metric")
        elif metrics is not None:
            yield from _counted_again(sample, where, metrics)


def _counted_again(sample: Sample, where: str, metrics: Mapping[str, Json]) -> Iterator[Finding]:
    for key in sorted(metrics.keys() & sample.frames.sums.keys()):
        counted, size = sample.frames.sums[key]
        reported = metrics[key]
        if not math.isfinite(size):
            yield Finding(f"{where}/{key}", "rewards that can be added up", excerpt(reported), "bc.metric")
        elif not _near(reported, counted, size):
            yield Finding(f"{where}/{key}", f"{counted:.10g}", excerpt(reported), "bc.metric")


def _near(reported: Json, counted: float, size: float) -> bool:
    """Whether ``reported`` is a number, and that counted but for the rounding of a sum of this size."""
    if isinstance(reported, bool) or not isinstance(reported, int | float):
        return False
    return abs(Fraction(reported) - Fraction(counted)) <= Fraction(_ROUNDING) * Fraction(size)
