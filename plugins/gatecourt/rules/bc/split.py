"""Which samples are for training and which for evaluation, and whether anything is on both sides."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json
from gatecourt.formats.decimals import words
from gatecourt.formats.excerpt import excerpt
from gatecourt.mechanisms.bands.figures import counted
from gatecourt.rules.bc.listing import Dataset, ListedSample, read_dataset
from gatecourt.rules.bc.samples import Frames, Sample, read_samples, used_entries
from gatecourt.rules.bc.section import BcSection

if TYPE_CHECKING:
    from gatecourt.rules.bc.arrays import Array

_DIGITS = 16
TRAIN, EVALUATION = "train", "evaluation"
SPLITS = (TRAIN, EVALUATION)


@dataclass
class _Side:
    """What one side of the split holds, each with the first sample that holds it; frames by their digests."""

    files: dict[str, str] = field(default_factory=dict)
    trajectories: dict[str, str] = field(default_factory=dict)
    frames: dict[str, list[bytes]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many frames there are."""
        return sum(len(frames) for frames in self.frames.values())


def split_of(entry: ListedSample) -> str | None:
    """The split of a sample in the manifest; None where it has no known one."""
    split = entry.fields.get("split")
    return split if isinstance(split, str) and split in SPLITS else None


def judge_split(dataset: Dataset) -> Iterator[Finding]:
    """Rules: ``bc.split_value``, ``bc.no_evaluation``, ``bc.no_training``."""
    entries, where = used_entries(dataset), dataset.manifest.where
    if not any("split" in entry.fields for entry in entries):
        yield Finding(where, "samples of the split evaluation", "no split at all", "bc.no_evaluation")
        return
    for entry in entries:
        if split_of(entry) is None:
            observed = excerpt(entry.fields.get("split"))
            yield Finding(f"{entry.where}/split", " or ".join(SPLITS), observed, "bc.split_value")
    splits = {split_of(entry) for entry in entries}
    for split, rule in ((TRAIN, "bc.no_training"), (EVALUATION, "bc.no_evaluation")):
        if split not in splits:
            yield Finding(where, f"samples of the split {split}", "none", rule)


def judge_leak(section: BcSection, root: Path) -> Judgement:
    """No file, trajectory or frame of the evaluation is in the training set, beyond the share that is allowed.

    Two frames are one where the action is equal and all features are, to 16 binary digits: in whatever precision they
    were saved.

    Rules: ``bc.leak``, ``bc.duplicate``, ``bc.split_contradicts``, those of ``judge_split`` and of reading samples;
    raises ``Judged`` as ``read_dataset`` does.
    """
    dataset = read_dataset(section, section.version, root)
    findings = [*dataset.manifest.findings, *judge_split(dataset)]
    sides = {split: _Side() for split in SPLITS}
    subjects = list(dataset.subjects)
    for read in read_samples(section, dataset):
        if not isinstance(read, Sample):
            findings += read
            continue
        subjects += read.subjects
        if read.meta.split is not None and read.meta.split != read.entry.fields.get("split"):
            where, expected = f"{read.subjects[1].name}#/split", excerpt(read.entry.fields.get("split"))
            wanted = f"{expected}, as the manifest has it"
            findings.append(Finding(where, wanted, excerpt(read.meta.split), "bc.split_contradicts"))
        if split := split_of(read.entry):
            findings += _take(sides[split], read)
    train, evaluation = sides[TRAIN], sides[EVALUATION]
    findings += [*_shared("files", train.files, evaluation.files)]
    findings += [*_shared("trajectories", train.trajectories, evaluation.trajectories)]
    known = {frame for frames in train.frames.values() for frame in frames}
    leaked = {name: sum(frame in known for frame in frames) for name, frames in sorted(evaluation.frames.items())}
    findings += _over(section, leaked, evaluation)
    parameters: dict[str, Json] = {
        "frames": {split: sides[split].count for split in SPLITS},
        "shared_frames": sum(leaked.values()),
        "allowed_share": words(section.leak),
    }
    return Judgement(tuple(subjects), tuple(findings), parameters)


def _take(side: _Side, sample: Sample) -> Iterator[Finding]:
    """Adds the sample to its side; a copy of one that is there counts its frames twice, whichever side it is on."""
    where, digest = sample.subjects[0].name, sample.subjects[0].sha256
    if digest in side.files:
        yield Finding(where, "a sample that is not a copy", f"the same bytes as {side.files[digest]}", "bc.duplicate")
    side.files.setdefault(digest, where)
    side.trajectories.setdefault(sample.meta.trajectory, where)
    side.frames[where] = list(_digests(sample.frames))


def _digests(frames: Frames) -> Iterator[bytes]:
    for features, action in zip(_rounded(frames.features), frames.actions.tolist(), strict=True):
        digest = hashlib.blake2b(features.tobytes(), digest_size=16)
        digest.update(action.to_bytes(8, "little", signed=True))
        yield digest.digest()


def _rounded(features: Array) -> Array:
    """The features to as many binary digits as single precision keeps with some to spare."""
    import numpy as np

    mantissas, exponents = np.frexp(features)
    rounded: Array = np.ldexp(np.round(np.ldexp(mantissas, _DIGITS)), exponents - _DIGITS)
    return rounded


def _shared(what: str, train: Mapping[str, str], evaluation: Mapping[str, str]) -> Iterator[Finding]:
    expected = {"files": "bytes of its own", "trajectories": "a trajectory of its own"}[what]
    for key in sorted(train.keys() & evaluation.keys()):
        observed = f"that of {train[key]}, which is trained on: {excerpt(key)}"
        yield Finding(evaluation[key], expected, observed, "bc.leak")


def _over(section: BcSection, leaked: Mapping[str, int], evaluation: _Side) -> Iterator[Finding]:
    shared, frames = sum(leaked.values()), evaluation.count
    if not frames or Fraction(shared, frames) <= Fraction(section.leak):
        return
    for name, count in leaked.items():
        if count:
            expected = f"at most {words(section.leak)} of {counted(frames, 'evaluation frame')} among those trained on"
            observed = f"{count} of its {counted(len(evaluation.frames[name]), 'frame')}, {shared} in all"
            yield Finding(f"{name}#/features", expected, observed, "bc.leak")
