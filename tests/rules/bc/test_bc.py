"""Behaviour cloning: catalogue, digests, samples, labels, leak, accuracy, stated words, rehearsals."""

from __future__ import annotations

import datetime
import hashlib
import io
import json
import os
import pickle
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Run
from gatecourt.formats.digests import canonical_bytes
from gatecourt.formats.files import subject
from gatecourt.rules.bc.accuracy import deviate, judge_accuracy, judge_reported, wilson
from gatecourt.rules.bc.arrays import read_arrays
from gatecourt.rules.bc.catalogue import judge_catalogue
from gatecourt.rules.bc.contents import judge_samples
from gatecourt.rules.bc.digests import judge_digests
from gatecourt.rules.bc.gate import BC
from gatecourt.rules.bc.labels import entropy, judge_labels
from gatecourt.rules.bc.rehearsals import judge_rehearsals
from gatecourt.rules.bc.section import (
    BcSection,
    Lengths,
    Predictions,
    Rehearsals,
    ReportedAccuracy,
    SampleLimits,
    dataset_versions,
    reported_places,
)
from gatecourt.rules.bc.split import judge_leak
from gatecourt.system.manifest.binding import bind

NOW = datetime.datetime(2026, 11, 20, 12, tzinfo=datetime.UTC)
FRAMES, FEATURES, ACTIONS = 50, 4, 3
NAMES = ("train_a", "train_b", "held_c")
MANIFEST, CHECKSUMS = "data/manifests/town_v2.json", "data/checksums/town_v2.json"
CAPTURES = "data/captures/town_v2"
PREDICTIONS = Predictions(("bc/predictions.jsonl",), "target")
SECTION = BcSection("data/versions.json", "town_v2", predictions=PREDICTIONS)
REASONS = {reason.code for reason in BC.reasons}


class Town:
    """A tree with one good dataset of three samples, the last held out, and a way to spoil it and seal it again."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.versions: dict[str, Any] = {
            "town_v1": self.version("town_v1", "2026-01-10", "deprecated"),
            "town_v2": self.version("town_v2", "2026-02-10", "active"),
        }
        self.manifest: list[dict[str, Any]] = []
        for number, name in enumerate(NAMES):
            arrays = sample(number)
            self.write_arrays(name, **arrays)
            self.write(f"{CAPTURES}/{name}.json", meta(name))
            self.manifest.append(self.entry(name, "evaluation" if name.startswith("held") else "train", arrays))
        self.seal()
        self.predict(wrong=3)

    @staticmethod
    def version(name: str, created: str, status: str) -> dict[str, Any]:
        places = {"manifest": f"data/manifests/{name}.json", "checksums": f"data/checksums/{name}.json"}
        return {**places, "captures_dir": f"data/captures/{name}", "created": created, "samples": {}, "status": status}

    @staticmethod
    def entry(name: str, split: str, arrays: Mapping[str, Any]) -> dict[str, Any]:
        rewards = arrays["rewards"]
        metrics = {"timesteps": FRAMES, "reward_sum": float(rewards.sum()), "mean_reward": float(rewards.mean())}
        metrics["done_count"] = int(arrays["dones"].sum())
        places = {"sample": f"{CAPTURES}/{name}.npz", "meta": f"{CAPTURES}/{name}.json"}
        return {**places, "split": split, "metrics": metrics, "accepted": True}

    def write(self, name: str, value: Any) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())

    def read(self, name: str) -> Any:
        return json.loads((self.root / name).read_bytes())

    def write_arrays(self, sample_name: str, /, **arrays: Any) -> None:
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **arrays)
        self.write(f"{CAPTURES}/{sample_name}.npz", buffer.getvalue())

    def change(self, sample_name: str, **changed: Any) -> None:
        """Writes the sample again with other arrays (None takes one away), and seals the dataset."""
        arrays = {**sample(NAMES.index(sample_name)), **changed}
        self.write_arrays(sample_name, **{key: array for key, array in arrays.items() if array is not None})
        self.seal()

    def describe(self, sample_name: str, **changed: Any) -> None:
        told = {**meta(sample_name), **changed}
        self.write(f"{CAPTURES}/{sample_name}.json", {key: value for key, value in told.items() if value is not ...})
        self.seal()

    def marks(self, name: str) -> dict[str, Any]:
        data = (self.root / name).read_bytes()
        return {"path": name, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}

    def seal(self) -> None:
        """Writes the documents with the digests of what is there."""
        sums = {}
        for entry in self.manifest:
            if (self.root / entry["sample"]).is_file() and (self.root / entry["meta"]).is_file():
                sums[Path(entry["sample"]).stem] = {key: self.marks(entry[key]) for key in ("sample", "meta")}
        self.versions["town_v2"]["samples"] = sums
        self.write("data/versions.json", self.versions)
        self.write(MANIFEST, self.manifest)
        self.write(CHECKSUMS, {"scheme": "sha256-per-file", "samples": sums})

    def concatenate(self, *, scheme: bool, lengths: bool) -> None:
        """The public dialect: one digest over both files of a sample."""
        sums = {}
        for entry in self.manifest:
            data = [(self.root / entry[key]).read_bytes() for key in ("sample", "meta")]
            told = {key: entry[key] for key in ("sample", "meta")}
            told["sha256"] = hashlib.sha256(b"".join(data)).hexdigest()
            if lengths:
                told |= {"sample_bytes": len(data[0]), "meta_bytes": len(data[1])}
            sums[Path(entry["sample"]).stem] = told
        self.versions["town_v2"]["samples"] = sums
        self.write("data/versions.json", self.versions)
        self.write(CHECKSUMS, {"scheme": "sha256-concatenated", "samples": sums} if scheme else sums)

    def predict(self, wrong: int, change: Callable[[list[dict[str, Any]]], Any] = lambda rows: rows) -> None:
        """Predictions of every frame; the first ``wrong`` of the evaluation are off by one action."""
        rows = []
        for number, name in enumerate(NAMES):
            split = "evaluation" if name.startswith("held") else "train"
            for index, label in enumerate(sample(number)["actions"].tolist()):
                off = split == "evaluation" and index < wrong
                row = {"sample": name, "index": index, "split": split, "label": label}
                rows.append({**row, "predicted": (label + off) % ACTIONS})
        rows = change(rows) or rows
        self.write("bc/predictions.jsonl", b"".join(json.dumps(row).encode() + b"\n" for row in rows))


def sample(number: int) -> dict[str, Any]:
    chance = np.random.default_rng(number)
    return {
        "features": chance.normal(size=(FRAMES, FEATURES)).astype(np.float32),
        "actions": np.arange(FRAMES, dtype=np.int64) % ACTIONS,
        "rewards": chance.normal(size=FRAMES).astype(np.float32),
        "dones": np.zeros(FRAMES, dtype=np.bool_),
        "value_preds": np.zeros(FRAMES + 1, dtype=np.float32),
    }


def meta(name: str) -> dict[str, Any]:
    return {
        "trajectory_id": name,
        "feature_names": [f"f{number}" for number in range(FEATURES)],
        "timesteps": FRAMES,
        "value_pred_steps": FRAMES + 1,
        "action_dim": ACTIONS,
        "action_lookup": {f"a{number}": number for number in range(ACTIONS)},
    }


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def told(judgement: Judgement | Callable[[], Judgement]) -> list[str]:
    """The rules of a judgement, or the one that ended it, each registered."""
    try:
        findings = judgement().findings if callable(judgement) else judgement.findings
    except Judged as judged:
        findings = (judged.finding,)
    assert {finding.rule for finding in findings} <= REASONS
    return [finding.rule for finding in findings]


def runs(_: str) -> Run:
    raise AssertionError("no command is run for files of the target")


def every(town: Town, section: BcSection = SECTION) -> dict[str, list[str]]:
    root = town.root
    return {
        "catalogue": told(lambda: judge_catalogue(section, root)),
        "digests": told(lambda: judge_digests(section, "town_v2", root)),
        "samples": told(lambda: judge_samples(section, root)),
        "labels": told(lambda: judge_labels(section, root)),
        "leak": told(lambda: judge_leak(section, root)),
        "accuracy": told(lambda: judge_accuracy(section, runs, root)),
    }


def test_a_good_dataset_passes_every_check_and_names_what_was_judged(town: Town) -> None:
    assert every(town) == {check: [] for check in every(town)}
    files = {entry.name for entry in judge_digests(SECTION, "town_v2", town.root).subjects}
    assert {"data/versions.json", MANIFEST, CHECKSUMS, f"{CAPTURES}/held_c.npz", f"{CAPTURES}/held_c.json"} <= files
    assert len(files) == 3 + 2 * len(NAMES)


def test_judgements_are_the_same_wherever_the_tree_lies(tmp_path: Path) -> None:
    seen = set()
    for place in ("here", "there/below"):
        town = Town(tmp_path / place)
        town.change("train_b", actions=np.full(FRAMES, 7))
        judgements = [judge_samples(SECTION, town.root), judge_accuracy(SECTION, runs, town.root)]
        found = [[finding.as_json() for finding in one.findings] for one in judgements]
        seen.add(canonical_bytes([found, [dict(one.parameters) for one in judgements]]))
    assert len(seen) == 1
    assert str(tmp_path).encode() not in seen.pop()


# The catalogue.


def catalogued(town: Town, change: Callable[[dict[str, Any]], Any], section: BcSection = SECTION) -> list[str]:
    change(town.versions)
    town.write("data/versions.json", town.versions)
    return told(lambda: judge_catalogue(section, town.root))


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        (lambda v: v["town_v2"].update(created="2026-01-10"), []),
        (lambda v: v["town_v2"].update(created="2026-01-09"), ["bc.version_order"]),
        (lambda v: v["town_v2"].update(created="2025-12-31"), ["bc.version_order"]),
        (lambda v: v["town_v2"].update(created="yesterday"), ["bc.version_date"]),
        (lambda v: v["town_v2"].pop("created"), ["bc.version_date"]),
        (lambda v: v["town_v2"].update(status="ACTIVE"), ["bc.version_status"]),
        (lambda v: v["town_v2"].update(status="deprecated"), ["bc.active"]),
        (lambda v: v["town_v1"].update(status="active"), ["bc.active", "bc.active"]),
        (lambda v: v.update(town=v.pop("town_v1")), ["bc.version_id"]),
        (
            lambda v: v.update(town_v02=Town.version("x", "2026-03-10", "deprecated")),
            ["bc.not_newest", "bc.version_order", "bc.version_order"],
        ),
        (
            lambda v: v.update(town_v3=Town.version("x", "2026-03-10", "deprecated")),
            ["bc.active", "bc.not_newest"],
        ),
        (
            lambda v: v.update(town_v3=Town.version("x", "2026-03-10", "active")),
            ["bc.active", "bc.active", "bc.not_newest"],
        ),
        (lambda v: v.pop("town_v2"), ["bc.version_missing"]),
        (lambda v: v.clear(), ["bc.catalogue"]),
        (lambda v: v.update(town_v2=[]), ["bc.catalogue"]),
        (lambda v: v.update(other_v7=Town.version("x", "2020-01-01", "active")), []),
    ],
)
def test_versions_follow_each_other_and_the_newest_is_in_use(
    town: Town, change: Callable[[dict[str, Any]], Any], rules: list[str]
) -> None:
    assert sorted(catalogued(town, change)) == rules


def test_ten_comes_after_nine(town: Town) -> None:
    def add(versions: dict[str, Any]) -> None:
        versions.clear()
        versions["town_v9"] = Town.version("x", "2026-01-01", "deprecated")
        versions["town_v10"] = Town.version("x", "2026-01-02", "active")

    assert catalogued(town, add, replace(SECTION, version="town_v10")) == []
    assert "bc.not_newest" in catalogued(town, add, replace(SECTION, version="town_v9"))


# Digests, and documents that agree.


def digested(town: Town, **changed: Any) -> list[str]:
    return told(lambda: judge_digests(replace(SECTION, **changed), "town_v2", town.root))


def test_one_changed_byte_is_told_by_every_document_that_has_the_digest(town: Town) -> None:
    path = town.root / CAPTURES / "train_a.npz"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert digested(town) == ["bc.digest", "bc.digest"]


def test_a_byte_that_moves_from_one_file_to_the_other_is_seen_where_lengths_are_known(town: Town) -> None:
    town.concatenate(scheme=True, lengths=True)
    assert digested(town) == []
    sample_path, meta_path = (town.root / CAPTURES / f"train_a.{kind}" for kind in ("npz", "json"))
    data = sample_path.read_bytes()
    sample_path.write_bytes(data[:-1])
    meta_path.write_bytes(data[-1:] + meta_path.read_bytes())
    assert set(digested(town)) == {"bc.size"}  # the digest over both is still right
    town.concatenate(scheme=True, lengths=False)
    assert set(digested(town)) == {"bc.scheme_ambiguous"}


def test_one_digest_over_both_files_is_held_until_their_lengths_are_recorded(town: Town) -> None:
    town.concatenate(scheme=False, lengths=False)
    assert digested(town) == ["bc.scheme_unknown"]
    assert digested(town, scheme="sha256-concatenated") == ["bc.scheme_ambiguous"] * 3
    sizes = {
        name: [(town.root / CAPTURES / f"{name}.{kind}").stat().st_size for kind in ("npz", "json")] for name in NAMES
    }
    lengths = {name: Lengths(*size) for name, size in sizes.items()}
    assert digested(town, scheme="sha256-concatenated", lengths=lengths) == []
    lengths["held_c"] = Lengths(sizes["held_c"][0] - 1, sizes["held_c"][1] + 1)
    assert set(digested(town, scheme="sha256-concatenated", lengths=lengths)) == {"bc.size"}


def test_a_folder_that_cannot_be_looked_into_is_told(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Any, **_: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refused)
    assert digested(town) == ["artefact.unreadable"]


def test_the_scheme_that_is_expected_and_the_one_that_is_declared_have_to_be_one(town: Town) -> None:
    assert digested(town, scheme="sha256-per-file") == []
    assert digested(town, scheme="sha256-concatenated") == ["bc.scheme_contradicts"]
    sums = town.read(CHECKSUMS)
    town.write(CHECKSUMS, {**sums, "scheme": "md5"})
    assert digested(town) == ["bc.scheme_unknown"]
    town.write(CHECKSUMS, {**sums, "scheme": ["sha256-per-file"]})
    assert digested(town) == ["bc.scheme_unknown"]


WRONG = {"bc.digest", "bc.disagree"}
OTHER = {"bc.disagree", "bc.listed_twice", "bc.digest", "bc.size"}


def mark(document: dict[str, Any], part: str) -> Any:
    return document["samples"]["held_c"][part]


@pytest.mark.parametrize("key", ["sha256", "bytes"])
def test_per_file_takes_a_digest_and_a_length(town: Town, key: str) -> None:
    sums = town.read(CHECKSUMS)
    del sums["samples"]["train_a"]["meta"][key]
    town.write(CHECKSUMS, sums)
    assert digested(town) == ["bc.digest_missing"]


@pytest.mark.parametrize(
    ("place", "change", "rules"),
    [
        (CHECKSUMS, lambda d: d["samples"].pop("held_c"), {"bc.not_listed"}),
        (MANIFEST, lambda d: d.pop(), {"bc.not_listed"}),
        ("data/versions.json", lambda d: d["town_v2"]["samples"].pop("held_c"), {"bc.not_listed"}),
        (CHECKSUMS, lambda d: mark(d, "meta").update(path=f"{CAPTURES}/train_a.json"), OTHER),
        (CHECKSUMS, lambda d: mark(d, "sample").update(bytes=1), {"bc.size", "bc.disagree"}),
        (CHECKSUMS, lambda d: mark(d, "sample").update(sha256="0" * 64), {"bc.digest", "bc.disagree"}),
        ("data/versions.json", lambda d: mark(d["town_v2"], "meta").update(sha256="0" * 64), WRONG),
        (CHECKSUMS, lambda d: mark(d, "sample").update(sha256="0" * 63), {"bc.entry", "bc.not_listed"}),
        (CHECKSUMS, lambda d: mark(d, "sample").update(bytes=True), {"bc.entry", "bc.not_listed"}),
        (CHECKSUMS, lambda d: d.update(samples=[]), {"bc.entry"}),
        (CHECKSUMS, lambda d: d["samples"].update(other=d["samples"].pop("held_c")), {"bc.disagree"}),
        (MANIFEST, lambda d: d.append(dict(d[0])), {"bc.listed_twice"}),
        (MANIFEST, lambda d: d[0].update(sample=f"{CAPTURES}/gone.npz"), {"bc.missing", "bc.not_listed"}),
        (MANIFEST, lambda d: d[0].update(sample="../x.npz"), {"bc.outside", "bc.not_listed"}),
        (MANIFEST, lambda d: d[0].update(sample="/etc/passwd"), {"bc.outside", "bc.not_listed"}),
        (MANIFEST, lambda d: d[0].update(sample="C:\\x.npz"), {"bc.outside", "bc.not_listed"}),
        (MANIFEST, lambda d: d[0].update(sample="data/versions.json"), {"bc.outside", "bc.not_listed"}),
        (MANIFEST, lambda d: d[0].update(sample=7), {"bc.entry", "bc.not_listed"}),
        (MANIFEST, lambda d: d[0].update(sample="a\0b"), {"bc.entry", "bc.not_listed"}),
        (MANIFEST, lambda d: d.__setitem__(0, "train_a"), {"bc.entry", "bc.not_listed"}),
        (MANIFEST, lambda d: d.clear(), {"bc.no_samples"}),
        ("data/versions.json", lambda d: d["town_v2"].update(captures_dir="data/gone"), {"bc.missing"}),
        ("data/versions.json", lambda d: d["town_v2"].update(captures_dir=".."), {"bc.outside"}),
        ("data/versions.json", lambda d: d["town_v2"].update(manifest="data/gone.json"), {"bc.missing"}),
        ("data/versions.json", lambda d: d["town_v2"].update(checksums=None), {"bc.entry"}),
        ("data/versions.json", lambda d: d["town_v2"].update(samples=3), {"bc.entry", "bc.not_listed"}),
        ("data/versions.json", lambda d: d["town_v2"].update(samples=["train_a", "train_b", "held_c"]), set()),
        ("data/versions.json", lambda d: d["town_v2"].update(samples=["train_a", "train_b"]), {"bc.not_listed"}),
        ("data/versions.json", lambda d: d["town_v2"].update(samples=[*NAMES, "ghost"]), {"bc.not_listed"}),
    ],
)  # fmt: skip
def test_the_three_documents_and_the_folder_hold_the_same_files(
    town: Town, place: str, change: Callable[[Any], Any], rules: set[str]
) -> None:
    document = town.read(place)
    change(document)
    town.write(place, document)
    assert set(digested(town)) == rules


def test_both_manifest_dialects_are_read(town: Town) -> None:
    town.write(MANIFEST, {"metadata": {"created": "2026-02-10"}, "samples": town.manifest})
    assert every(town) == {check: [] for check in every(town)}


def test_paths_of_another_root_are_cut(tmp_path: Path, town: Town) -> None:
    (tmp_path / "data").rename(tmp_path / "moved")
    section = replace(SECTION, versions="moved/versions.json", root="moved", cut="data")
    assert every(town, section) == {check: [] for check in every(town, section)}
    assert digested(town, versions="moved/versions.json", root="moved", cut="elsewhere") == ["bc.outside"]


@pytest.mark.parametrize("name", ["train_z.npz", "notes.txt", "deeper/x.npz", ".hidden"])
def test_a_file_that_nobody_lists_is_told(town: Town, name: str) -> None:
    town.write(f"{CAPTURES}/{name}", b"x")
    assert digested(town) == ["bc.unlisted"]


def test_a_link_out_of_the_folder_is_refused_although_its_digest_is_right(town: Town, tmp_path: Path) -> None:
    path = town.root / CAPTURES / "train_a.npz"
    outside = tmp_path / "elsewhere.npz"
    path.rename(outside)
    path.symlink_to(outside)
    assert "bc.outside" in digested(town)
    assert "bc.outside" in told(lambda: judge_samples(SECTION, town.root))


def test_a_linked_folder_a_loop_and_a_pipe_are_refused(town: Town, tmp_path: Path) -> None:
    (town.root / CAPTURES / "more").symlink_to(tmp_path, target_is_directory=True)
    assert digested(town) == ["bc.unlisted"]
    (town.root / CAPTURES / "more").unlink()
    path = town.root / CAPTURES / "train_a.npz"
    path.unlink()
    path.symlink_to(path)
    assert "bc.missing" in digested(town)
    path.unlink()
    os.mkfifo(path)
    assert "bc.missing" in digested(town)


def test_a_captures_folder_that_leads_out_of_the_target_is_refused(tmp_path: Path) -> None:
    town = Town(tmp_path / "target")
    (town.root / CAPTURES).rename(tmp_path / "captures")
    (town.root / CAPTURES).symlink_to(tmp_path / "captures", target_is_directory=True)
    assert digested(town) == ["bc.outside"]


def test_kept_versions_are_digested_too() -> None:
    assert dataset_versions(replace(SECTION, kept=("town_v1",))) == ["town_v1", "town_v2"]


# Samples.


def judged(town: Town, **changed: Any) -> list[str]:
    return told(lambda: judge_samples(replace(SECTION, **changed), town.root))


def spoilt(key: str, place: Any, value: Any) -> dict[str, Any]:
    array = sample(0)[key].copy()
    array[place] = value
    return {key: array}


@pytest.mark.parametrize(
    ("changed", "rules"),
    [
        (spoilt("features", (3, 1), np.nan), ["bc.not_finite"]),
        (spoilt("features", (3, 1), -np.inf), ["bc.not_finite"]),
        (spoilt("rewards", 4, np.inf), ["bc.not_finite"]),
        (spoilt("value_preds", FRAMES, np.nan), ["bc.not_finite"]),
        (spoilt("actions", 2, ACTIONS), ["bc.action"]),
        (spoilt("actions", 2, -1), ["bc.action"]),
        ({"actions": sample(0)["actions"].astype(np.float32)}, ["bc.array_kind"]),
        ({"actions": sample(0)["actions"] > 0}, ["bc.array_kind"]),
        ({"actions": sample(0)["actions"][:-1]}, ["bc.length"]),
        ({"rewards": sample(0)["rewards"][:-1]}, ["bc.length"]),
        ({"value_preds": np.zeros(FRAMES)}, ["bc.length"]),
        ({"actions": None}, ["bc.array_missing"]),
        ({"extra": np.array(["text"] * FRAMES)}, ["bc.array_kind"]),
        ({"extra": np.zeros(FRAMES, dtype=[("a", "f4"), ("b", "i4")])}, ["bc.array_kind"]),
        ({"extra": np.zeros(FRAMES, dtype=np.complex64)}, ["bc.array_kind"]),
        ({"extra": np.array(1.0)}, ["bc.length"]),
        ({"rewards": sample(0)["rewards"] * 1.01}, ["bc.metric", "bc.metric"]),
        ({"rewards": np.zeros((FRAMES, 0))}, ["bc.array_kind"]),
        ({"rewards": np.full(FRAMES, 1e308)}, ["bc.metric", "bc.metric"]),
        ({"dones": np.ones(FRAMES, dtype=np.bool_)}, ["bc.metric"]),
    ],
)
def test_arrays_that_do_not_fit_are_told(town: Town, changed: dict[str, Any], rules: list[str]) -> None:
    town.change("train_a", **changed)
    assert judged(town) == rules


@pytest.mark.parametrize(
    ("changed", "rules"),
    [
        ({"timesteps": FRAMES + 1}, ["bc.length"] * 4),
        ({"timesteps": True}, ["bc.meta"]),
        ({"timesteps": 0}, ["bc.meta"]),
        ({"timesteps": "50"}, ["bc.meta"]),
        ({"value_pred_steps": FRAMES}, ["bc.length"]),
        ({"value_pred_steps": ...}, []),
        ({"action_dim": 2, "action_lookup": {"a": 0, "b": 1}}, ["bc.action"]),
        ({"action_dim": ACTIONS + 1}, ["bc.meta"]),
        ({"action_dim": ACTIONS + 1, "action_lookup": ...}, ["bc.dimension_drift"]),
        ({"action_lookup": {"a": 0, "b": 0, "c": 2}}, ["bc.meta"]),
        ({"action_lookup": []}, ["bc.meta"]),
        ({"action_lookup": {"a1": 0, "a0": 1, "a2": 2}}, ["bc.dimension_drift"]),
        ({"action_lookup": {"a2": 2, "a1": 1, "a0": 0}}, []),
        ({"action_lookup": ...}, []),
        ({"action_dim": 10**18}, ["bc.meta"]),
        ({"feature_names": ["f0", "f1", "f2"]}, ["bc.dimension"]),
        ({"feature_names": ["f0", "f1", "f2", "f2"]}, ["bc.meta"]),
        ({"feature_names": ["f0", "f2", "f1", "f3"]}, ["bc.dimension_drift"]),
        ({"feature_names": ..., "feature_dim": FEATURES}, ["bc.dimension_drift"]),
        ({"feature_names": ...}, ["bc.meta"]),
        ({"feature_dim": FEATURES + 1}, ["bc.meta"]),
        ({"trajectory_id": ""}, ["bc.meta"]),
        ({"quality_metrics": {"timesteps": FRAMES + 1}}, ["bc.metric"]),
        ({"quality_metrics": {"timesteps": True}}, ["bc.metric"]),
        ({"quality_metrics": {"reward_sum": "0"}}, ["bc.metric"]),
        ({"quality_metrics": {"reward_sum": 10**400}}, ["bc.metric"]),
        ({"quality_metrics": 7}, ["bc.metric"]),
    ],
)
def test_descriptions_that_do_not_fit_are_told(town: Town, changed: dict[str, Any], rules: list[str]) -> None:
    town.describe("train_a", **changed)
    assert judged(town) == rules


def test_the_number_of_features_may_be_told_without_names(town: Town) -> None:
    for name in NAMES:
        town.describe(name, feature_names=..., feature_dim=FEATURES)
    assert judged(town, features=FEATURES) == []
    assert judged(town, features=FEATURES + 1) == ["bc.dimension"] * 3


def test_a_sample_of_another_dimension_is_a_drift(town: Town) -> None:
    town.change("held_c", features=np.zeros((FRAMES, 7)))
    town.describe("held_c", feature_names=[f"f{number}" for number in range(7)])
    assert judged(town) == ["bc.dimension_drift"]


class Evil:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.folder),)


def test_objects_are_refused_and_nothing_is_loaded(town: Town) -> None:
    evil = Evil(town.root / "made")
    array = np.array([evil] * FRAMES, dtype=object)
    town.change("train_a", extra=array)
    assert judged(town) == ["bc.pickle"]
    town.write(f"{CAPTURES}/train_a.npz", pickle.dumps(evil))
    assert judged(town) == ["bc.pickle"]
    assert not evil.folder.exists()


def npy(array: Any, shape: tuple[int, ...] | None = None) -> bytes:
    """An array as numpy saves it, with a header that may lie about its shape."""
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        buffer, {"descr": array.dtype.str, "fortran_order": False, "shape": shape or array.shape}
    )
    return buffer.getvalue() + bytes(array.tobytes())


def packed(members: list[tuple[str, bytes]], method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return buffer.getvalue()


ONE = np.zeros(4)


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (packed([("a.npy", npy(ONE, (10**15,)))]), "bc.npz"),
        (packed([("a.npy", npy(ONE, (3,)))]), "bc.npz"),
        (packed([("a.npy", npy(ONE, (-4,)))]), "bc.npz"),
        (packed([("a.npy", npy(ONE, (-2, -2)))]), "bc.npz"),
        (packed([("a.npy", npy(ONE, (2**63, 2, 0)))]), "bc.npz"),
        (packed([("a.npy", b"\x93NUMPY\x01\x00\x10\x00__import__('os')")]), "bc.npz"),
        (packed([("a.npy", b"\x93NUMPY\x03\x00" + npy(ONE)[8:])]), "bc.npz"),
        (packed([("a.npy", b"")]), "bc.npz"),
        (packed([("a.npy", npy(ONE)[:-1])]), "bc.npz"),
        (packed([("a.npy", npy(ONE) + b"x")]), "bc.npz"),
        (packed([("a.txt", b"x")]), "bc.npz"),
        (packed([("a.npy", npy(ONE))], zipfile.ZIP_LZMA), "bc.npz"),
        (packed([(f"{number}.npy", npy(ONE)) for number in range(5)]), "bc.too_large"),
        (packed([("a.npy", npy(np.zeros(10**6)))], zipfile.ZIP_DEFLATED), "bc.too_large"),
        (packed([("a.npy", npy(ONE))])[:-10], "bc.npz"),
        (packed([("a.npy", npy(ONE))]).replace(ONE.tobytes(), b"\1" * 32), "bc.npz"),
        (b"", "bc.npz"),
        (b"no archive", "bc.npz"),
    ],
)
def test_archives_that_lie_are_refused_in_one_sentence_and_little_memory(
    tmp_path: Path, data: bytes, rule: str
) -> None:
    path = tmp_path / "x.npz"
    path.write_bytes(data)
    with pytest.raises(Judged) as judged:
        read_arrays(path, "x.npz", SampleLimits(size=10**5, arrays=4))
    assert judged.value.finding.rule == rule


def test_a_member_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    with pytest.warns(UserWarning, match="Duplicate name"):
        path.write_bytes(packed([("a.npy", npy(ONE)), ("a.npy", npy(ONE + 1))]))
    with pytest.raises(Judged, match="a second member"):
        read_arrays(path, "x.npz", SampleLimits())


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_is_done_to_the_bytes_there_is_one_finding_or_arrays(data: st.DataObject) -> None:
    good = packed([("features.npy", npy(np.ones((3, 2)))), ("actions.npy", npy(np.arange(3)))])
    cut = data.draw(st.integers(0, len(good)))
    flips = data.draw(st.lists(st.tuples(st.integers(0, len(good) - 1), st.integers(1, 255)), max_size=3))
    spoilt_bytes = bytearray(good)
    for place, mask in flips:
        spoilt_bytes[place] ^= mask
    with zip_of(bytes(spoilt_bytes[:cut] if data.draw(st.booleans()) else spoilt_bytes)) as path:
        try:
            read_arrays(path, "x.npz", SampleLimits(size=10**5))
            rule = None
        except Judged as judged:
            rule = judged.finding.rule
    assert rule in {None, "bc.npz", "bc.too_large", "bc.pickle"}


class zip_of:  # noqa: N801  # a context, read like a function
    """The bytes in a file for as long as the block lasts."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def __enter__(self) -> Path:
        import tempfile

        handle, name = tempfile.mkstemp(suffix=".npz")
        os.write(handle, self.data)
        os.close(handle)
        self.path = Path(name)
        return self.path

    def __exit__(self, *_: object) -> None:
        self.path.unlink()


# Acceptance, labels and splits.


def test_a_rejected_sample_is_neither_trained_on_nor_predicted(town: Town) -> None:
    town.manifest[1]["accepted"] = False
    town.seal()
    assert judged(town) == ["bc.rejected_used"]
    del town.manifest[1]["split"]
    town.seal()
    assert judged(town) == []
    assert set(told(lambda: judge_accuracy(SECTION, runs, town.root))) == {"bc.rejected_used"}
    town.predict(wrong=3, change=lambda rows: [row for row in rows if row["sample"] != "train_b"])
    assert told(lambda: judge_accuracy(SECTION, runs, town.root)) == []


def test_without_a_split_a_rejected_sample_should_not_be_listed(town: Town) -> None:
    town.manifest[1]["accepted"] = False
    for entry in town.manifest:
        del entry["split"]
    town.seal()
    assert judged(town) == ["bc.rejected_listed"]


@pytest.mark.parametrize("value", ["yes", 1, None, ...])
def test_acceptance_is_a_boolean_of_every_sample(town: Town, value: Any) -> None:
    town.manifest[1]["accepted"] = value
    if value is ...:
        del town.manifest[1]["accepted"]
    town.seal()
    assert judged(town) == ["bc.accepted"]


def test_where_all_are_rejected_nothing_is_judged(town: Town) -> None:
    for entry in town.manifest:
        entry["accepted"] = False
        del entry["split"]
    town.seal()
    assert "bc.no_samples" in judged(town)
    assert told(lambda: judge_labels(SECTION, town.root)) == ["bc.degenerate_labels"]


def test_one_action_in_all_or_in_one_split_is_degenerate(town: Town) -> None:
    town.change("held_c", actions=np.zeros(FRAMES, dtype=np.int64))
    assert told(lambda: judge_labels(SECTION, town.root)) == ["bc.degenerate_labels"]
    for name in NAMES:
        town.change(name, actions=np.zeros(FRAMES, dtype=np.int64))
    # change() writes one sample from the seed: write all three in the end
    for name in NAMES:
        town.write_arrays(name, **{**sample(NAMES.index(name)), "actions": np.zeros(FRAMES, dtype=np.int64)})
    town.seal()
    assert told(lambda: judge_labels(SECTION, town.root)) == ["bc.degenerate_labels"] * 3
    judgement = judge_labels(SECTION, town.root)
    assert judgement.parameters["entropy_bits"] == {"all": 0.0, "evaluation": 0.0, "train": 0.0}


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=8))
@settings(max_examples=40)
def test_entropy_is_that_of_scipy(counts: list[int]) -> None:
    from collections import Counter

    from scipy.stats import entropy as reference

    assert entropy(Counter(dict(enumerate(counts)))) == pytest.approx(reference(counts, base=2), abs=1e-9)


def leaks(town: Town, **changed: Any) -> list[str]:
    return told(lambda: judge_leak(replace(SECTION, **changed), town.root))


def test_a_copied_file_is_a_leak_by_its_digest_and_by_its_frames(town: Town) -> None:
    town.write_arrays("held_c", **sample(0))
    town.seal()
    assert leaks(town) == ["bc.leak", "bc.leak"]


def test_a_trajectory_on_both_sides_is_a_leak(town: Town) -> None:
    town.describe("held_c", trajectory_id="train_a")
    assert leaks(town) == ["bc.leak"]


def test_frames_on_both_sides_are_a_leak_beyond_the_allowed_share(town: Town) -> None:
    features = sample(2)["features"]
    features[:5] = sample(0)["features"][:5]
    features[4, 0] = np.float32(0.5)  # one of the five differs
    town.change("held_c", features=features)
    assert leaks(town) == ["bc.leak"]
    assert leaks(town, leak=Decimal("0.08")) == []  # four of fifty, the bound included
    assert leaks(town, leak=Decimal("0.0799")) == ["bc.leak"]


def test_the_same_features_with_another_action_are_another_frame_and_zeros_have_no_sign(town: Town) -> None:
    features, actions = sample(0)["features"], (sample(0)["actions"] + 1) % ACTIONS
    town.change("held_c", features=features, actions=actions)
    assert leaks(town) == []
    town.write_arrays("train_a", **{**sample(0), "features": np.zeros((FRAMES, FEATURES), dtype=np.float32)})
    town.write_arrays("held_c", **{**sample(2), "features": np.full((FRAMES, FEATURES), -0.0)})
    town.seal()
    assert leaks(town) == ["bc.leak"]


@pytest.mark.parametrize("kind", ["<f4", ">f8", "<f8"])
def test_a_frame_saved_again_in_another_precision_is_the_same_frame(town: Town, kind: str) -> None:
    finer = sample(0)["features"].astype(np.float64) * (1 + 1e-9)
    town.change("held_c", features=finer.astype(kind), actions=sample(0)["actions"])
    assert leaks(town) == ["bc.leak"]


def test_a_copy_on_the_same_side_counts_twice(town: Town) -> None:
    town.write_arrays("train_b", **sample(0))
    town.seal()
    assert leaks(town) == ["bc.duplicate"]


@pytest.mark.parametrize(
    ("splits", "rules"),
    [
        ((None, None, None), ["bc.no_evaluation"]),
        (("train", "train", "train"), ["bc.no_evaluation"]),
        (("evaluation", "evaluation", "evaluation"), ["bc.no_training"]),
        (("train", "train", "test"), ["bc.no_evaluation", "bc.split_value"]),
        (("train", None, "evaluation"), ["bc.split_value"]),
        (("train", ["train"], "evaluation"), ["bc.split_value"]),
    ],
)
def test_a_split_has_two_sides(town: Town, splits: tuple[Any, ...], rules: list[str]) -> None:
    for entry, split in zip(town.manifest, splits, strict=True):
        entry["split"] = split
        if split is None:
            del entry["split"]
    town.seal()
    assert sorted(leaks(town)) == rules


def test_a_description_that_names_another_split_is_told(town: Town) -> None:
    town.describe("held_c", split="train")
    assert leaks(town) == ["bc.split_contradicts"]


# Accuracy.


def accurate(town: Town, **changed: Any) -> list[str]:
    return told(lambda: judge_accuracy(replace(SECTION, **changed), runs, town.root))


@pytest.mark.parametrize(
    ("wrong", "rules"),
    [
        (0, []),
        (4, []),
        (5, ["bc.interval"]),
        (10, ["bc.interval"]),
        (11, ["bc.accuracy"]),
        (50, ["bc.accuracy", "bc.majority"]),
    ],
)
def test_the_share_decides_and_its_interval_holds(town: Town, wrong: int, rules: list[str]) -> None:
    """Of 50 frames 40 are the threshold exactly; 46 are the fewest whose lower bound reaches it."""
    low = binomtest(FRAMES - wrong, FRAMES).proportion_ci(0.95, method="wilson").low
    assert (low < 0.8) == (rules != [])
    town.predict(wrong)
    assert accurate(town) == rules


def test_the_figures_stand_in_the_parameters(town: Town) -> None:
    told_ = judge_accuracy(SECTION, runs, town.root).parameters
    low, high = binomtest(47, 50).proportion_ci(0.95, method="wilson")
    assert told_["wilson"] == [f"{low:.6f}", f"{high:.6f}"]
    assert (told_["accuracy"], told_["deviate"], told_["samples"]) == ("0.940000", "1.959964", {"held_c": "47/50"})
    assert told_["frames"] == {"train": 100, "evaluation": 50}
    assert told_["majority"] == {"action": 0, "share": "0.340000"}


def test_a_policy_no_better_than_one_action_is_held(town: Town) -> None:
    actions = np.zeros(FRAMES, dtype=np.int64)
    actions[:2] = 1
    town.change("held_c", actions=actions)

    def always_zero(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        held = [row for row in rows if row["split"] == "evaluation"]
        return [{**row, "label": int(actions[row["index"]]), "predicted": 0} for row in held]

    town.predict(0, always_zero)
    assert accurate(town) == ["bc.majority"]
    town.change("held_c", actions=np.zeros(FRAMES, dtype=np.int64))
    town.predict(0, lambda rows: [{**row, "label": 0} for row in always_zero(rows)])
    assert accurate(town) == ["bc.degenerate_labels"]


def first(**changed: Any) -> Callable[[list[dict[str, Any]]], None]:
    """Changes the prediction of the last frame of the evaluation; ... takes a key away."""

    def change(rows: list[dict[str, Any]]) -> None:
        rows[-1] = {key: value for key, value in {**rows[-1], **changed}.items() if value is not ...}

    return change


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        (first(label=0), {"bc.label_contradicts", "bc.frames_missing"}),
        (first(sample="ghost"), {"bc.prediction_sample", "bc.frames_missing"}),
        (first(index=FRAMES), {"bc.prediction_frame", "bc.frames_missing"}),
        (first(index=-1), {"bc.prediction_frame", "bc.frames_missing"}),
        (first(index=0), {"bc.label_contradicts", "bc.frames_missing"}),
        (first(index=FRAMES - 1 - ACTIONS), {"bc.predicted_twice", "bc.frames_missing"}),
        (first(predicted=ACTIONS), {"bc.prediction", "bc.frames_missing"}),
        (first(predicted=True), {"bc.prediction", "bc.frames_missing"}),
        (first(predicted=1.0), {"bc.prediction", "bc.frames_missing"}),
        (first(predicted="1"), {"bc.prediction", "bc.frames_missing"}),
        (first(predicted=...), {"bc.prediction", "bc.frames_missing"}),
        (first(split="train"), {"bc.split_contradicts", "bc.frames_missing"}),
        (lambda rows: rows.append(rows[-1]), {"bc.predicted_twice"}),
        (lambda rows: rows[:-1], {"bc.frames_missing"}),
        (lambda rows: rows[1:], {"bc.frames_missing"}),
        (lambda rows: rows[100:], set()),
        (lambda rows: rows[:100], {"bc.frames_missing", "bc.no_predictions"}),
    ],
)
def test_predictions_that_the_dataset_does_not_bear_out_do_not_count(
    town: Town, change: Callable[[list[dict[str, Any]]], Any], rules: set[str]
) -> None:
    town.predict(0, change)
    assert set(accurate(town)) == rules


@pytest.mark.parametrize(
    ("data", "rules"),
    [
        (b"", {"bc.frames_missing", "bc.no_predictions"}),
        (b"\n", {"json.syntax", "bc.frames_missing", "bc.no_predictions"}),
        (b"[]\n", {"bc.prediction", "bc.frames_missing", "bc.no_predictions"}),
        (b'{"index": NaN}\n', {"json.not_finite", "bc.frames_missing", "bc.no_predictions"}),
        (b'{"sample": "x"', {"jsonl.truncated", "bc.frames_missing", "bc.no_predictions"}),
    ],
)
def test_a_file_without_predictions_is_never_accurate(town: Town, data: bytes, rules: set[str]) -> None:
    town.write("bc/predictions.jsonl", data)
    assert set(accurate(town)) == rules


def test_predictions_for_a_broken_sample_are_not_blamed_as_well(town: Town) -> None:
    town.write(f"{CAPTURES}/train_a.npz", b"none")
    town.seal()
    assert accurate(town) == ["bc.npz"]


def test_many_wrong_records_are_counted_not_listed(town: Town) -> None:
    town.predict(0, lambda rows: [{**row, "label": row["label"] + 1} for row in rows])
    assert len(accurate(town)) < 30


def test_predictions_of_a_command_are_asked_for_by_its_name(town: Town) -> None:
    asked = []

    def of_command(name: str) -> Run:
        asked.append(name)
        file = subject(town.root / "bc/predictions.jsonl", "bc/predictions.jsonl")
        return Run(town.root, {file.name: file})

    predictions = replace(PREDICTIONS, origin="artefacts", of="anneal")
    assert told(lambda: judge_accuracy(replace(SECTION, predictions=predictions), of_command, town.root)) == []
    assert asked == ["anneal"]
    nothing = replace(predictions, files=("none/*.jsonl",))
    section = replace(SECTION, predictions=nothing)
    assert told(lambda: judge_accuracy(section, of_command, town.root)) == ["artefact.none"]


def test_without_predictions_accuracy_is_only_said(town: Town) -> None:
    assert accurate(town, predictions=None) == ["bc.not_declared"]


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 5000), st.data(), st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99, 0.999]))
def test_the_interval_is_that_of_scipy(trials: int, data: st.DataObject, confidence: float) -> None:
    successes = data.draw(st.integers(0, trials))
    low, high = wilson(successes, trials, Decimal(repr(confidence)))
    reference = binomtest(successes, trials).proportion_ci(confidence, method="wilson")
    assert float(low) == pytest.approx(reference.low, abs=1e-12)
    assert float(high) == pytest.approx(reference.high, abs=1e-12)
    assert 0 <= low <= Decimal(successes) / trials <= high <= 1


@given(st.integers(1, 300), st.data())
def test_the_interval_rises_with_successes_and_mirrors(trials: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, trials - 1))
    confidence = Decimal("0.95")
    low, high = wilson(successes, trials, confidence)
    more = wilson(successes + 1, trials, confidence)
    assert low < more[0]
    assert high < more[1]
    mirrored = wilson(trials - successes, trials, confidence)
    assert float(low) == pytest.approx(float(1 - mirrored[1]), abs=1e-12)
    assert float(wilson(successes, trials, Decimal("0.99"))[0]) <= float(low)


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (2, 1), (-1, 3)])
def test_an_interval_of_nothing_is_refused(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="expected 0 <= successes"):
        wilson(successes, trials, Decimal("0.95"))


def test_the_deviate_is_the_well_known_one() -> None:
    assert f"{deviate(Decimal('0.95')):.6f}" == "1.959964"


# What the system says.

RESULT = {"accuracy": 0.94, "threshold": 0.8, "passed": True, "dataset": "town_v2", "frames": 50}


@pytest.mark.parametrize(
    ("result", "rules"),
    [
        (RESULT, []),
        ({**RESULT, "accuracy": 0.9400009}, []),
        ({**RESULT, "accuracy": 0.940002}, ["bc.stated_contradicts"]),
        ({**RESULT, "accuracy": 1.0}, ["bc.stated_contradicts"]),
        ({**RESULT, "accuracy": True}, ["bc.stated_value"]),
        ({**RESULT, "accuracy": "0.94"}, ["bc.stated_value"]),
        ({**RESULT, "accuracy": 94}, ["bc.stated_value"]),
        ({**RESULT, "passed": False}, ["bc.stated_contradicts"]),
        ({**RESULT, "passed": "true"}, ["bc.stated_value"]),
        ({**RESULT, "threshold": 0.7}, ["bc.threshold_contradicts"]),
        ({**RESULT, "dataset": "town_v1"}, ["bc.other_dataset"]),
        ({**RESULT, "frames": 49}, ["bc.stated_contradicts"]),
        ({**RESULT, "frames": "50"}, ["bc.stated_contradicts"]),
        ({"accuracy": 0.94, "frames": 50}, ["bc.other_dataset", "bc.stated_value", "bc.stated_value"]),
        ([], ["bc.stated_contradicts", "bc.stated_value", "bc.other_dataset", "bc.stated_value", "bc.stated_value"]),
    ],
)
def test_what_is_stated_is_held_against_the_predictions(town: Town, result: Any, rules: list[str]) -> None:
    town.write("out/result.json", result)
    pointers = {key: f"/{key}" for key in RESULT}
    stated = ReportedAccuracy("out/result.json", "target", **pointers)  # type: ignore[arg-type]  # all of them pointers
    section = replace(SECTION, stated={"result": stated})
    assert reported_places(section) == ["result"]
    assert told(lambda: judge_reported(section, "result", runs, town.root)) == rules


def test_passed_under_the_threshold_is_a_contradiction(town: Town) -> None:
    town.predict(wrong=11)
    town.write("out/result.json", {"passed": True})
    section = replace(SECTION, stated={"result": ReportedAccuracy("out/result.json", "target", passed="/passed")})
    assert told(lambda: judge_reported(section, "result", runs, town.root)) == ["bc.stated_contradicts"]
    town.write("bc/predictions.jsonl", b"")
    assert told(lambda: judge_reported(section, "result", runs, town.root)) == ["bc.no_predictions"]


# Rehearsals.

REHEARSALS = Rehearsals(
    tuple(f"history/{number}.json" for number in range(1, 5)), "/bc/accuracy", threshold="/bc/threshold",
    passed="/bc_passed", order="/at", identity="/run_id",
)  # fmt: skip


def rehearsed(town: Town, accuracies: list[Any], rehearsals: Rehearsals = REHEARSALS, **changed: Any) -> list[str]:
    for number, accuracy in enumerate(accuracies, 1):
        summary = {"bc": {"accuracy": accuracy, "threshold": 0.8}, "bc_passed": True, "run_id": f"r{number}"}
        one = {key: value for key, value in changed.items() if number == len(accuracies)}
        town.write(f"history/{number}.json", {**summary, "at": f"2026-0{number}-01", **one})
    files = tuple(f"history/{number}.json" for number in range(1, len(accuracies) + 1))
    section = replace(SECTION, rehearsals=replace(rehearsals, files=files))
    return told(lambda: judge_rehearsals(section, town.root, NOW))


@pytest.mark.parametrize(
    ("accuracies", "rules"),
    [
        ([0.9, 0.9, 0.9], []),
        ([0.85, 0.9, 0.95], []),
        ([0.84999, 0.95, 0.95], ["bc.rolling_minimum"]),
        ([0.9, 0.9, 0.8999999], ["bc.rolling_mean"]),
        ([0.1, 0.9, 0.9, 0.9], []),
        ([0.95, 0.9, 0.9, 0.85], ["bc.rolling_mean"]),
        ([0.9, 0.9], ["bc.rehearsals_too_few"]),
        ([0.99, 0.99, 0.7], ["bc.rolling_mean", "bc.rolling_minimum", "bc.stated_contradicts"]),
        ([0.9, 0.9, True], ["bc.stated_value"]),
        ([0.9, 0.9, "0.9"], ["bc.stated_value"]),
        ([0.9, 0.9, 1.5], ["bc.stated_value"]),
        ([0.9, 0.9, None], ["bc.stated_value"]),
    ],
)
def test_the_last_three_rehearsals_decide(town: Town, accuracies: list[Any], rules: list[str]) -> None:
    assert sorted(rehearsed(town, accuracies)) == rules


@pytest.mark.parametrize(
    ("changed", "rules"),
    [
        ({"at": "2025-12-31"}, []),
        ({"at": "2026-01-01"}, ["bc.rehearsal_order"]),
        ({"at": "2026-01-01T00:00:00+00:00"}, ["bc.rehearsal_order"]),
        ({"at": 7}, ["bc.rehearsal_order"]),
        ({"at": "soon"}, ["bc.rehearsal_order"]),
        ({"at": None}, ["bc.rehearsal_order"]),
        ({"run_id": "r1"}, ["bc.rehearsal_repeated"]),
        ({"run_id": None}, ["bc.stated_value"]),
        ({"bc_passed": False}, ["bc.stated_contradicts"]),
        ({"bc": {"accuracy": 0.95, "threshold": 0.5}}, ["bc.threshold_contradicts"]),
    ],
)
def test_a_summary_is_true_to_itself_and_has_its_place(town: Town, changed: Any, rules: list[str]) -> None:
    assert rehearsed(town, [0.95, 0.95, 0.95], **changed) == rules


def test_an_older_summary_named_last_is_not_the_newest(town: Town) -> None:
    assert rehearsed(town, [0.9, 0.9, 0.9, 0.2], at="2025-01-01") == []
    unordered = replace(REHEARSALS, order=None)
    assert "bc.rolling_mean" in rehearsed(town, [0.9, 0.9, 0.9, 0.2], unordered, at="2025-01-01")


def test_one_summary_under_two_names_is_one_rehearsal(town: Town) -> None:
    rehearsed(town, [0.95, 0.95, 0.95])
    (town.root / "history/2.json").write_bytes((town.root / "history/1.json").read_bytes())
    files = REHEARSALS.files[:3]
    section = replace(SECTION, rehearsals=replace(REHEARSALS, files=files, order=None))
    assert told(lambda: judge_rehearsals(section, town.root, NOW)) == ["bc.rehearsal_repeated"]


def test_rehearsals_grow_old(town: Town) -> None:
    aged = replace(REHEARSALS, max_age=Decimal(86400 * 365))
    assert rehearsed(town, [0.95, 0.95, 0.95], aged) == []
    assert rehearsed(town, [0.95, 0.95, 0.95], aged, at="2025-11-20T11:59:59") == ["bc.rehearsal_stale"]
    assert rehearsed(town, [0.95, 0.95, 0.95], aged, at="2025-11-20T12:00:00Z") == []
    assert rehearsed(town, [0.95, 0.95, 0.95], aged, at="2026-11-20T12:00:01") == ["bc.rehearsal_stale"]


def test_numbers_have_no_age(town: Town) -> None:
    aged = replace(REHEARSALS, max_age=Decimal(1))
    for number in (1, 2, 3):
        town.write(
            f"history/{number}.json",
            {"bc": {"accuracy": 0.95, "threshold": 0.8}, "bc_passed": True, "run_id": number, "at": number},
        )
    section = replace(SECTION, rehearsals=replace(aged, files=REHEARSALS.files[:3]))
    assert told(lambda: judge_rehearsals(section, town.root, NOW)) == ["bc.rehearsal_order"] * 3


def test_rehearsals_that_are_not_declared_are_held(town: Town) -> None:
    assert told(lambda: judge_rehearsals(SECTION, town.root, NOW)) == ["bc.not_declared"]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(8000, 10000), min_size=3, max_size=3))
def test_the_rolling_verdict_is_exact(accuracies: list[int]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        root, files = Path(folder), []
        for number, accuracy in enumerate(accuracies):
            (root / f"{number}.json").write_text(json.dumps({"accuracy": accuracy / 10000, "n": number}))
            files.append(f"{number}.json")
        section = replace(SECTION, rehearsals=Rehearsals(tuple(files), "/accuracy"))
        rules = set(told(lambda: judge_rehearsals(section, root, NOW)))
    assert ("bc.rolling_mean" in rules) == (Fraction(sum(accuracies), 3) < 9000)
    assert ("bc.rolling_minimum" in rules) == (min(accuracies) < 8500)


# The section.


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kept": ("town_v2",)}, "different names"),
        ({"predictions": None, "stated": {"a": ReportedAccuracy("x.json", passed="/p")}}, "predictions"),
    ],
)
def test_a_section_that_contradicts_itself_is_refused(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        replace(SECTION, **changed)


@pytest.mark.parametrize(
    "make",
    [
        lambda: ReportedAccuracy("x.json"),
        lambda: Predictions(("x",), index="/sample"),
        lambda: Rehearsals(("a",), "/x", max_age=Decimal(1)),
    ],
)
def test_parts_of_the_section_that_judge_nothing_are_refused(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # each says something else
        make()


def test_all_problems_of_a_section_are_reported_with_their_keys() -> None:
    table = {
        "versions": "/abs.json",
        "version": "town_v2",
        "root": "..",
        "threshold": "0%",
        "confidence": "100%",
        "leak": "100%",
        "features": 0,
        "id_pattern": "x",
        "limits": {"arrays": 0},
        "lengths": {"a": {"sample": 0, "meta": 1}},
        "predictions": {"files": [], "index": "index", "split": ""},
        "stated": {"a": {"file": "../x.json", "passed": "", "accuracy": "/a", "tolerance": "1"}},
        "rehearsals": {"files": ["a", "a"], "accuracy": "x"},
    }
    _, problems = bind(BcSection, table, "bc")
    keys = sorted(str(problem).split(":")[0].removeprefix("bc.") for problem in problems)
    expected = ["confidence", "features", "id_pattern", "leak", "lengths.a.sample", "limits.arrays"]
    expected += ["predictions.files", "predictions.index", "predictions.split"]
    expected += ["rehearsals.accuracy", "rehearsals.files", "root"]
    expected += ["stated.a.file", "stated.a.passed", "stated.a.tolerance"]
    assert keys == [*expected, "threshold", "versions"]


def test_each_summary_of_a_rehearsal_is_named_in_full() -> None:
    table = {"versions": "v.json", "version": "a_v1", "rehearsals": {"files": ["b.json", "*.json"], "accuracy": "/x"}}
    (problem,) = bind(BcSection, table, "bc")[1]
    assert str(problem).startswith("bc.rehearsals.files[1]:")
