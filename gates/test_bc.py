"""Behaviour cloning: the dataset matches its record, and the policy is as accurate on it as reported.

Why it matters: without a fixed dataset a cloned policy cannot be explained. Accuracy means nothing where the data has
one action class, or where evaluation frames were trained on, and a result file that says "passed" is only a claim.

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
from gatecourt.rules.bc.accuracy import judge_accuracy, judge_reported
from gatecourt.rules.bc.catalogue import judge_catalogue
from gatecourt.rules.bc.contents import judge_samples
from gatecourt.rules.bc.digests import judge_digests
from gatecourt.rules.bc.labels import judge_labels
from gatecourt.rules.bc.rehearsals import judge_rehearsals
from gatecourt.rules.bc.section import BcSection
from gatecourt.rules.bc.split import judge_leak

pytestmark = pytest.mark.bc


def test_catalogue(target: Target, findings: Findings) -> None:
    """Versions are in order, older ones are deprecated, and the judged one is the newest active one."""
    findings.record(judge_catalogue(target.section(BcSection), target.root))


def test_digests(target: Target, findings: Findings, dataset_version: str) -> None:
    """Every file of the version has its digest, and catalogue, manifest, checksums and folder hold the same files."""
    findings.record(judge_digests(target.section(BcSection), dataset_version, target.root))


def test_samples(target: Target, findings: Findings) -> None:
    """Every sample is whole, finite and as described, and all have the same features and actions."""
    findings.record(judge_samples(target.section(BcSection), target.root))


def test_labels(target: Target, findings: Findings) -> None:
    """There is more than one action class; with one, accuracy means nothing."""
    findings.record(judge_labels(target.section(BcSection), target.root))


def test_leak(target: Target, findings: Findings) -> None:
    """No evaluation frame was trained on."""
    findings.record(judge_leak(target.section(BcSection), target.root))


def test_accuracy(target: Target, findings: Findings) -> None:
    """The predictions are accurate enough, counted against the dataset's own actions."""
    findings.record(judge_accuracy(target.section(BcSection), lambda name: _artefacts(target, name), target.root))


def test_stated(target: Target, findings: Findings, stated_accuracy: str) -> None:
    """The accuracy that the system reports is that of its predictions."""
    section = target.section(BcSection)
    findings.record(judge_reported(section, stated_accuracy, lambda name: _artefacts(target, name), target.root))


def test_rehearsals(target: Target, findings: Findings) -> None:
    """The newest rehearsals were accurate enough, on the mean and each."""
    findings.record(judge_rehearsals(target.section(BcSection), target.root, datetime.datetime.now(datetime.UTC)))


def _artefacts(target: Target, name: str) -> Run:
    return target.artefacts() if name == "run" else target.command(name)
