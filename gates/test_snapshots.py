"""Snapshots: saved states are of this release, whole, and readable by the next version.

Why it matters: a snapshot is needed on the day on which all else is lost. One of another configuration, of a policy
that nobody can name, without the memory of what was told last, or of a version that no migration reaches is found out
on that day, unless somebody looks before. A pickle is never loaded here: loading one runs whatever is in it.

Needs: ``[snapshots]`` with the files, the schema and its version; ``config`` and ``autosave``, each declared
or listed with a reason in [court.not_applicable.snapshots]; ``migrations`` with old snapshots and their command.
Evidence: the digests of all snapshots, and what each says of itself. Runbook: townlet "Snapshots".
"""

from __future__ import annotations

import pytest

from gatecourt.core.protocols import Findings, Target
from gatecourt.formats.files import left_by
from gatecourt.rules.snapshots.autosaves import judge_autosaves
from gatecourt.rules.snapshots.facts import judge_facts
from gatecourt.rules.snapshots.identity import judge_guardrails, judge_identity
from gatecourt.rules.snapshots.migration import judge_migration
from gatecourt.rules.snapshots.pickles import judge_pickles
from gatecourt.rules.snapshots.reading import read_snapshots
from gatecourt.rules.snapshots.section import SnapshotsSection
from gatecourt.rules.snapshots.validity import judge_validity

pytestmark = pytest.mark.snapshots


def test_facts(target: Target, findings: Findings) -> None:
    """Every snapshot has a version that can be read, the tick of its name, and somebody living in it."""
    section = target.section(SnapshotsSection)
    findings.record(judge_facts(section, read_snapshots(section, target)))


def test_valid(target: Target, findings: Findings) -> None:
    """Every snapshot of the current version is what its schema says."""
    section = target.section(SnapshotsSection)
    findings.record(judge_validity(section, read_snapshots(section, target), target.root))


def test_identity(target: Target, findings: Findings) -> None:
    """Every snapshot is of the release configuration, and a release names its policy."""
    section = target.section(SnapshotsSection)
    findings.record(judge_identity(section, read_snapshots(section, target), target.root))


def test_guardrails(target: Target, findings: Findings) -> None:
    """The configuration refuses what it is declared to refuse."""
    section = target.section(SnapshotsSection)
    findings.record(judge_guardrails(section, target.root))


def test_autosave(target: Target, findings: Findings) -> None:
    """The newest autosaves are kept, each at its cadence, and no more of them than are to be."""
    section = target.section(SnapshotsSection)
    snapshots = read_snapshots(section, target)
    if section.autosave is None:
        raise LookupError("[snapshots.autosave] is not declared")
    run = left_by(section.of, target)
    findings.record(judge_autosaves(section, section.autosave, snapshots, run, target.root))


def test_pickles(target: Target, findings: Findings) -> None:
    """No snapshot runs code when it is loaded, or at least a sidecar says what it is."""
    section = target.section(SnapshotsSection)
    findings.record(judge_pickles(section, read_snapshots(section, target), target.root))


def test_migration(target: Target, findings: Findings, snapshot_migration: str) -> None:
    """Old snapshots become current ones, on a copy, and lose nothing."""
    findings.record(judge_migration(target.section(SnapshotsSection), snapshot_migration, target))
