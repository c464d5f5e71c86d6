"""Predictions of a policy, one record a frame, compared with the dataset's own actions and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json, Run, Subject
from gatecourt.formats import pointer
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import Source, gather
from gatecourt.formats.jsonl import JsonlRecord, records
from gatecourt.rules.bc.listing import read_dataset
from gatecourt.rules.bc.samples import Sample, read_samples, used_entries
from gatecourt.rules.bc.section import BcSection, Predictions
from gatecourt.rules.bc.split import EVALUATION, SPLITS, TRAIN, judge_split, split_of

Runs = Callable[[str], Run]
"""The artefacts of a command by its name."""


@dataclass
class SplitCounts:
    """Predictions of one split: how many were right, of which samples, and what the labels were."""

    right: Counter[str] = field(default_factory=Counter)
    made: Counter[str] = field(default_factory=Counter)
    labels: Counter[int] = field(default_factory=Counter)

    @property
    def correct(self) -> int:
        """Right predictions over all samples."""
        return self.right.total()

    @property
    def total(self) -> int:
        """Predictions over all samples."""
        return self.made.total()


@dataclass
class Measured:
    """What the predictions give. Only records that agree with the dataset are counted."""

    subjects: tuple[Subject, ...] = ()
    findings: list[Finding] = field(default_factory=list)
    tallies: dict[str, SplitCounts] = field(default_factory=lambda: {split: SplitCounts() for split in SPLITS})

    @property
    def evaluation(self) -> SplitCounts:
        """The predictions that accuracy is about."""
        return self.tallies[EVALUATION]


@dataclass(frozen=True, slots=True)
class _Known:
    """A sample as predictions meet it: its actions by frame, how many there can be, its split."""

    actions: list[int]
    possible: int
    split: str | None


@dataclass(frozen=True, slots=True)
class _Others:
    """Names of samples without known actions: those that are rejected, and those with a finding of their own."""

    rejected: set[str]
    broken: set[str]


@dataclass(frozen=True, slots=True)
class _Prediction:
    sample: str
    index: int
    predicted: int
    split: str
    label: int


def measure(section: BcSection, declared: Predictions, runs: Runs, root: Path) -> Measured:
    """Every prediction against the dataset, and every evaluation frame against the predictions.

    Rules: ``bc.prediction``, ``bc.prediction_sample``, ``bc.prediction_frame``, ``bc.label_contradicts``,
    ``bc.split_contradicts``, ``bc.predicted_twice``, ``bc.frames_missing``, ``bc.rejected_used``, those of reading
    samples and splits; raises ``Judged`` as ``read_dataset`` does, and ``artefact.none``.
    """
    dataset = read_dataset(section, section.version, root)
    run = runs(declared.of) if declared.origin == "artefacts" else Run(root, {})
    sources = gather(declared.files, declared.origin, run, root)
    if not sources:
        raise Judged(Finding(", ".join(declared.files), "at least one file", "none", "artefact.none"))
    measured = Measured(findings=[*dataset.manifest.findings, *judge_split(dataset)])
    known: dict[str, _Known] = {}
    subjects = [*dataset.subjects, *(source.subject for source in sources)]
    for read in read_samples(section, dataset):
        if isinstance(read, Sample):
            subjects += read.subjects
            known[read.name] = _Known(read.frames.actions.tolist(), read.meta.actions, split_of(read.entry))
        else:
            measured.findings += read
    measured.subjects = tuple(subjects)
    used = {entry.name for entry in used_entries(dataset)}
    others = _Others({entry.name for entry in dataset.manifest.entries.values()} - used, used - known.keys())
    seen = _count(measured, declared, sources, known, others)
    measured.findings += _missing(known, seen, sources[0].name)
    return measured


def _count(
    measured: Measured,
    declared: Predictions,
    sources: tuple[Source, ...],
    known: Mapping[str, _Known],
    others: _Others,
) -> dict[str, set[int]]:
    """Counts every prediction; the frames that have one, by sample."""
    seen: dict[str, set[int]] = {name: set() for name in known}
    for source in sources:
        for record in records(source.path, source.name):
            where = source.name if isinstance(record, Finding) else f"{source.name}:{record.line}"
            read = record if isinstance(record, Finding) else _prediction(declared, record, where)
            if not isinstance(read, Finding) and read.sample in others.broken:
                continue
            fault = read if isinstance(read, Finding) else _fault(declared, read, where, known, others.rejected)
            if fault is None and not isinstance(read, Finding) and read.index in seen[read.sample]:
                observed = f"frame {read.index} of {read.sample} again"
                fault = Finding(where, "each frame once", observed, "bc.predicted_twice")
            if fault is not None:
                measured.findings.append(fault)
            elif not isinstance(read, Finding):
                seen[read.sample].add(read.index)
                _add(measured.tallies[read.split], read)
    return seen


def _add(tally: SplitCounts, read: _Prediction) -> None:
    tally.made[read.sample] += 1
    tally.right[read.sample] += read.predicted == read.label
    tally.labels[read.label] += 1


def _prediction(declared: Predictions, record: JsonlRecord, where: str) -> _Prediction | Finding:
    values: dict[str, Json] = {}
    for key, kind, expected in (
        ("sample", str, "the name of a sample"),
        ("index", int, "a frame, from 0"),
        ("predicted", int, "the number of an action"),
        ("split", str, " or ".join(SPLITS)),
        ("label", int, "the number of an action"),
    ):
        at = getattr(declared, key)
        try:
            value = pointer.get(record.value, at)
        except KeyError:
            return Finding(f"{where}#{at}", expected, "absent", "bc.prediction")
        if type(value) is not kind:  # a boolean is no number here
            return Finding(f"{where}#{at}", expected, excerpt(value), "bc.prediction")
        values[key] = value
    return _Prediction(**values)  # type: ignore[arg-type]  # each of its kind, as checked


def _fault(
    declared: Predictions, read: _Prediction, where: str, known: Mapping[str, _Known], rejected: set[str]
) -> Finding | None:
    """Why the prediction contradicts the dataset; None where it does not."""
    if read.sample in rejected:
        observed = f"predictions for {read.sample}, which the dataset rejects"
        return Finding(f"{where}#{declared.sample}", "accepted samples alone", observed, "bc.rejected_used")
    sample = known.get(read.sample)
    if sample is None:
        expected = "a sample of the judged version that can be read"
        return Finding(f"{where}#{declared.sample}", expected, excerpt(read.sample), "bc.prediction_sample")
    if not 0 <= read.index < len(sample.actions):
        expected = f"a frame from 0 to {len(sample.actions) - 1}"
        return Finding(f"{where}#{declared.index}", expected, str(read.index), "bc.prediction_frame")
    if read.label != sample.actions[read.index]:
        expected = f"{sample.actions[read.index]}, as frame {read.index} of {read.sample} has it"
        return Finding(f"{where}#{declared.label}", expected, str(read.label), "bc.label_contradicts")
    if not 0 <= read.predicted < sample.possible:
        expected = f"an action from 0 to {sample.possible - 1}"
        return Finding(f"{where}#{declared.predicted}", expected, str(read.predicted), "bc.prediction")
    if read.split != sample.split:
        expected = f"{sample.split}, as the manifest has it for {read.sample}"
        return Finding(f"{where}#{declared.split}", expected, excerpt(read.split), "bc.split_contradicts")
    return None


def _missing(known: Mapping[str, _Known], seen: Mapping[str, set[int]], where: str) -> Iterator[Finding]:
    """Evaluation frames without a prediction. Of training frames none is needed, but all of a sample or none."""
    for name in sorted(known):
        frames, predicted = len(known[name].actions), len(seen[name])
        if predicted == frames or (known[name].split == TRAIN and not predicted):
            continue
        if known[name].split is not None:
            first = next(index for index in range(frames) if index not in seen[name])
            observed = f"{predicted} of {frames}, without frame {first}"
            yield Finding(where, f"a prediction for each frame of {name}", observed, "bc.frames_missing")
