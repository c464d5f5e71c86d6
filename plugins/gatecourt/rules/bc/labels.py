"""How the actions of a dataset are spread: where all are one action, any policy that repeats it is right."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json
from gatecourt.rules.bc.listing import read_dataset
from gatecourt.rules.bc.samples import Sample, read_samples
from gatecourt.rules.bc.section import BcSection
from gatecourt.rules.bc.split import split_of


def entropy(labels: Counter[int]) -> float:
    """Shannon entropy in bits; 0 where there is one action or none."""
    total = labels.total()
    shares = [count / total for count in labels.values() if count]
    return -sum(share * math.log2(share) for share in shares) if len(shares) > 1 else 0.0


def judge_labels(section: BcSection, root: Path) -> Judgement:
    """At least two actions in the judged version, and in each of its splits.

    Rules: ``bc.degenerate_labels``, those of reading samples; raises ``Judged`` as ``read_dataset`` does.
    """
    dataset = read_dataset(section, section.version, root)
    findings, subjects = list(dataset.manifest.findings), list(dataset.subjects)
    labels: dict[str, Counter[int]] = {"all": Counter()}
    possible = 0
    for read in read_samples(section, dataset):
        if not isinstance(read, Sample):
            findings += read
            continue
        subjects += read.subjects
        possible = max(possible, read.meta.actions)
        for part in ("all", split_of(read.entry)):
            if part is not None:
                labels.setdefault(part, Counter()).update(read.frames.actions.tolist())
    findings += _degenerate(labels, dataset.manifest.where)
    return Judgement(tuple(subjects), tuple(findings), _parameters(labels, possible))


def _degenerate(labels: dict[str, Counter[int]], where: str) -> Iterator[Finding]:
    for part in sorted(labels):
        seen = sorted(labels[part])
        if len(seen) < 2:
            frames = "all frames" if part == "all" else f"all frames of the split {part}"
            observed = f"{frames} have the action {seen[0]}" if seen else "no frame"
            yield Finding(where, "at least two different actions", observed, "bc.degenerate_labels")


def _parameters(labels: dict[str, Counter[int]], possible: int) -> dict[str, Json]:
    spread: dict[str, Json] = {
        part: {str(action): labels[part][action] for action in sorted(labels[part])} for part in sorted(labels)
    }
    bits: dict[str, Json] = {part: round(entropy(labels[part]), 6) for part in sorted(labels)}
    return {"actions_possible": possible, "actions_seen": spread, "entropy_bits": bits}
