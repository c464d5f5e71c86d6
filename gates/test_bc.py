"""Behaviour cloning: the dataset is the one that was recorded, and the policy is as accurate on it as is said.

Why it matters: a policy that is cloned from a dataset nobody can tie down is a policy nobody can explain. With one
action in the data every policy is right; on frames that it was trained on a policy is right by heart; and a result file
that says "passed" proves that somebody wrote the word.

Needs: ``[bc]`` with the catalogue of datasets and the judged version; for accuracy the predictions of a command, frame
by frame, and the split in the dataset's manifest; for promotion the summaries of rehearsals. Numpy reads the samples; a
pickle is never loaded. Evidence: digests of every file, actions by class with their entropy, frames shared between
training and evaluation, accuracy with its interval and beside the most frequent action, rehearsal by rehearsal.
Runbook: townlet "Behaviour cloning".
"""

from __future__ import annotations

import datetime

import pytest

from gatecourt.core.model import Run
from gatecourt.core.protocols import Findings, Target
from gatecourt.rules.bc.accuracy import judge_accuracy, judge_stated
from gatecourt.rules.bc.catalogue import judge_catalogue
from gatecourt.rules.bc.contents import judge_samples
from gatecourt.rules.bc.digests import judge_digests
from gatecourt.rules.bc.labels import judge_labels
from gatecourt.rules.bc.rehearsals import judge_rehearsals
from gatecourt.rules.bc.section import BcSection
from gatecourt.rules.bc.split import judge_leak

pytestmark = pytest.mark.bc


def test_catalogue(target: Target, findings: Findings) -> None:
    """Versions follow each other, older ones are deprecated, and the judged one is the newest in use."""
    judge_catalogue(target.section(BcSection), target.root).tell(findings)


def test_digests(target: Target, findings: Findings, dataset_version: str) -> None:
    """Every file of the version has its digest, and catalogue, manifest, checksums and folder hold the same files."""
    judge_digests(target.section(BcSection), dataset_version, target.root).tell(findings)


def test_samples(target: Target, findings: Findings) -> None:
    """Every sample is whole, finite and as described, and all have the same features and actions."""
    judge_samples(target.section(BcSection), target.root).tell(findings)


def test_labels(target: Target, findings: Findings) -> None:
    """The actions differ: where all are one, accuracy says nothing."""
    judge_labels(target.section(BcSection), target.root).tell(findings)


def test_leak(target: Target, findings: Findings) -> None:
    """Nothing that is evaluated was trained on."""
    judge_leak(target.section(BcSection), target.root).tell(findings)


def test_accuracy(target: Target, findings: Findings) -> None:
    """The predictions are accurate enough, counted against the dataset's own actions."""
    judge_accuracy(target.section(BcSection), lambda name: _artefacts(target, name), target.root).tell(findings)


def test_stated(target: Target, findings: Findings, stated_accuracy: str) -> None:
    """What the system says of its accuracy is what its predictions give."""
    section = target.section(BcSection)
    judge_stated(section, stated_accuracy, lambda name: _artefacts(target, name), target.root).tell(findings)


def test_rehearsals(target: Target, findings: Findings) -> None:
    """The newest rehearsals were accurate enough, on the mean and each."""
    judge_rehearsals(target.section(BcSection), target.root, datetime.datetime.now(datetime.UTC)).tell(findings)


def _artefacts(target: Target, name: str) -> Run:
    return target.artefacts() if name == "run" else target.command(name)
