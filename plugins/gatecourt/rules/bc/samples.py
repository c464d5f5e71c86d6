"""A sample of a dataset: its arrays and its description, and whether they fit each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json, Subject
from gatecourt.formats import strictjson
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import subject
from gatecourt.mechanisms.bands.figures import counted
from gatecourt.rules.bc.arrays import read_arrays
from gatecourt.rules.bc.listing import Dataset, ListedSample
from gatecourt.rules.bc.section import BcSection, SampleLimits

if TYPE_CHECKING:
    from gatecourt.rules.bc.arrays import Array

_RULE = "bc.meta"
_BOUNDARY = "value_preds"


@dataclass(frozen=True, slots=True)
class Meta:
    """The description of a sample: frames, number of actions, features and their names, trajectory.

    ``lookup`` are the actions' names by their numbers. ``split`` and ``metrics`` are as the description has them; None
    where they do not.
    """

    timesteps: int
    actions: int
    features: int
    names: tuple[str, ...] | None
    trajectory: str
    split: Json
    metrics: Json
    boundary: int | None
    lookup: tuple[str, ...] | None


@dataclass(frozen=True, eq=False, slots=True)
class Frames:
    """What is learnt from: ``features`` (frames, features) as float64, ``actions`` (frames,) as int64.

    ``sums`` are the figures that a manifest states of rewards and ends of episodes, where there are such arrays, each
    with the size of what was added up for it.
    """

    features: Array
    actions: Array
    sums: Mapping[str, tuple[float, float]]


@dataclass(frozen=True, eq=False, slots=True)
class Sample:
    """A sample that can be judged. ``subjects`` are its two files."""

    entry: ListedSample
    subjects: tuple[Subject, Subject]
    meta: Meta
    frames: Frames

    @property
    def name(self) -> str:
        """The sample's name in the documents."""
        return self.entry.name


def used_entries(dataset: Dataset) -> list[ListedSample]:
    """The entries of the manifest that are not rejected, by path of their arrays."""
    entries = dataset.manifest.entries
    return [entries[name] for name in sorted(entries) if entries[name].fields.get("accepted", True) is not False]


def read_samples(section: BcSection, dataset: Dataset) -> Iterator[Sample | list[Finding]]:
    """Every used sample in turn, or what is wrong with it. One is in memory at a time, beside the last few."""
    for entry in used_entries(dataset):
        try:
            yield read_sample(section, dataset, entry)
        except Judged as judged:
            yield [judged.finding]


def read_sample(section: BcSection, dataset: Dataset, entry: ListedSample) -> Sample | list[Finding]:
    """The sample, or why its arrays cannot be judged.

    Rules: those of ``judge_arrays``. Raises ``Judged``: ``bc.meta``, ``bc.missing``, ``bc.outside``, those of
    ``read_arrays``.
    """
    paths = [dataset.folder.locate(part.name, part.where) for part in (entry.sample, entry.meta)]
    files = subject(paths[0], entry.sample.name), subject(paths[1], entry.meta.name)
    meta = _read_meta(paths[1], entry.meta.name)
    read = _read_frames(paths[0], files[0], section.limits, meta)
    return Sample(entry, files, meta, read) if isinstance(read, Frames) else list(read)


def _read_meta(path: Path, name: str) -> Meta:
    fields = strictjson.read(path, name)
    if not isinstance(fields, dict):
        raise Judged(Finding(name, "an object that describes the sample", excerpt(fields), _RULE))
    names = _names(fields, name)
    features = _count(fields, "feature_dim", name) if names is None or "feature_dim" in fields else len(names)
    if names is not None and len(names) != features:
        raise Judged(Finding(f"{name}#/feature_dim", f"{len(names)}, the number of names", str(features), _RULE))
    trajectory = fields.get("trajectory_id")
    if not isinstance(trajectory, str) or not trajectory:
        raise Judged(Finding(f"{name}#/trajectory_id", "the name of the trajectory", excerpt(trajectory), _RULE))
    timesteps, actions = (_count(fields, key, name) for key in ("timesteps", "action_dim"))
    boundary = _count(fields, "value_pred_steps", name) if "value_pred_steps" in fields else None
    lookup, split, metrics = _lookup(fields, actions, name), fields.get("split"), fields.get("quality_metrics")
    return Meta(timesteps, actions, features, names, trajectory, split, metrics, boundary, lookup)


def _names(fields: Mapping[str, Any], name: str) -> tuple[str, ...] | None:
    """The names of the features, in order; None where only their number is given."""
    if "feature_names" not in fields:
        return None
    names, where = fields["feature_names"], f"{name}#/feature_names"
    if not isinstance(names, list) or not names or not all(isinstance(one, str) for one in names):
        raise Judged(Finding(where, "a list of names", excerpt(names), _RULE))
    if len(set(names)) != len(names):
        raise Judged(Finding(where, "names that differ", excerpt(names), _RULE))
    return tuple(names)


def _count(fields: Mapping[str, Any], key: str, name: str) -> int:
    value = fields.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise Judged(Finding(f"{name}#/{key}", "a whole number from 1", excerpt(value), _RULE))
    return value


def _lookup(fields: Mapping[str, Any], actions: int, name: str) -> tuple[str, ...] | None:
    """The names of the actions in the order of their numbers; None where there is no table."""
    if "action_lookup" not in fields:
        return None
    table = fields["action_lookup"]
    numbers = sorted(table.values(), key=str) if isinstance(table, dict) else []
    whole = len(numbers) == actions and all(type(number) is int for number in numbers)
    if not whole or sorted(numbers) != list(range(actions)):
        expected = f"a number from 0 to {actions - 1} for each of {counted(actions, 'action')}"
        raise Judged(Finding(f"{name}#/action_lookup", expected, excerpt(table), _RULE))
    return tuple(sorted(table, key=lambda action: table[action]))


def _read_frames(path: Path, file: Subject, limits: SampleLimits, meta: Meta) -> Frames | tuple[Finding, ...]:
    import numpy as np

    arrays = read_arrays(path, file.name, limits)
    if findings := tuple(judge_arrays(arrays, meta, file.name)):
        return findings
    features = arrays["features"].astype(np.float64) + 0.0  # one zero: -0.0 is the same frame
    return Frames(np.ascontiguousarray(features), arrays["actions"].astype(np.int64), _sums(arrays))


def _sums(arrays: Mapping[str, Array]) -> dict[str, tuple[float, float]]:
    import numpy as np

    found = {"timesteps": (float(len(arrays["actions"])), 0.0)}
    if "rewards" in arrays:
        rewards = arrays["rewards"].astype(np.float64)
        with np.errstate(over="ignore"):  # a sum beyond doubles is fields by its infinite size
            size, total = float(np.abs(rewards).sum()), float(rewards.sum())
        found["reward_sum"] = total, size
        found["mean_reward"] = total / rewards.size, size / rewards.size
    if "dones" in arrays:
        found["done_count"] = float(np.count_nonzero(arrays["dones"])), 0.0
    return found


def judge_arrays(arrays: Mapping[str, Array], meta: Meta, name: str) -> Iterator[Finding]:
    """Lengths, kinds and ranges of a sample's arrays against its description.

    Rules: ``bc.array_missing``, ``bc.length``, ``bc.dimension``, ``bc.not_finite``, ``bc.action``, ``bc.array_kind``.
    """
    for key, dimensions in (("features", 2), ("actions", 1)):
        if key not in arrays:
            yield Finding(f"{name}#/{key}", f"the array {key}", f"only {excerpt(sorted(arrays))}", "bc.array_missing")
        elif arrays[key].ndim != dimensions:
            observed = f"the shape {list(arrays[key].shape)}"
            yield Finding(
                f"{name}#/{key}", f"an array of {counted(dimensions, 'dimension')}", observed, "bc.array_kind"
            )
    for key in sorted(arrays):
        yield from _judge_array(arrays[key], key, meta, f"{name}#/{key}")
    features = arrays.get("features")
    if features is not None and features.ndim == 2 and features.shape[1] != meta.features:
        expected = f"{counted(meta.features, 'feature')}, as described"
        yield Finding(f"{name}#/features", expected, str(features.shape[1]), "bc.dimension")


def _judge_array(array: Array, key: str, meta: Meta, where: str) -> Iterator[Finding]:
    import numpy as np

    if array.dtype.kind not in "biuf":
        yield Finding(where, "numbers", f"values of the kind {array.dtype.str}", "bc.array_kind")
        return
    lengths = {meta.timesteps}
    if key == _BOUNDARY:  # one value more than frames: that of the state behind the last
        lengths = {meta.boundary} if meta.boundary is not None else {meta.timesteps, meta.timesteps + 1}
    length = array.shape[0] if array.ndim else 0
    if length not in lengths:
        *fewer, most = sorted(lengths)
        expected = " or ".join([*map(str, fewer), counted(most, "frame")])
        yield Finding(where, f"{expected}, as described", str(length), "bc.length")
    elif not array.size:
        yield Finding(where, "a number a frame at least", f"the shape {list(array.shape)}", "bc.array_kind")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        finite = np.isfinite(array)
        first = [int(step) for step in np.unravel_index(int(np.argmin(finite)), array.shape)]
        place, more = "/".join(str(step) for step in first), int(finite.size - np.count_nonzero(finite)) - 1
        observed = f"{array[tuple(first)]}" + (f", and {more} more" if more else "")
        yield Finding(f"{where}/{place}", "a finite number", observed, "bc.not_finite")
    if key == "actions" and array.ndim == 1:
        yield from _judge_actions(array, meta, where)


def _judge_actions(actions: Array, meta: Meta, where: str) -> Iterator[Finding]:
    import numpy as np

    if actions.dtype.kind not in "iu":
        yield Finding(where, "whole numbers", f"values of the kind {actions.dtype.str}", "bc.array_kind")
        return
    wrong = np.flatnonzero((actions < 0) | (actions >= meta.actions))
    if len(wrong):
        expected, first = f"0 to {meta.actions - 1}, one of {counted(meta.actions, 'action')}", int(wrong[0])
        more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        yield Finding(f"{where}/{first}", expected, f"{actions[first]}{more}", "bc.action")
