"""Archive: archives open again, are complete, and hold what was archived.

Why it matters: an archive is opened when everything else is lost. On that day it is too late to find that it was cut
off, that it lacks the database, or that its checksums were made from other bytes.

Needs: ``[archive]`` with the archives, the command that makes them, and the member that lists the digests; ``contents``
names the outputs that must be in it, ``bundles`` the members. Evidence: the digests of archives and originals, the
number of members, each problem with its member. Nothing is ever unpacked to disk. Runbook: treasure "End of day".
"""

from __future__ import annotations

import pytest

from gatecourt.core.protocols import Findings, Target
from gatecourt.rules.archive.checks import (
    judge_bundle,
    judge_checksums,
    judge_opening,
    judge_originals,
    original_and_archived,
)
from gatecourt.rules.archive.section import ArchiveSection

pytestmark = pytest.mark.archive


def test_opens(target: Target, findings: Findings) -> None:
    """Every archive can be read to its end, and holds plain files inside its own folder, each name once."""
    section = target.section(ArchiveSection)
    _, archived = original_and_archived(section, target)
    findings.record(judge_opening(section, archived))


def test_checksums(target: Target, findings: Findings) -> None:
    """Every member has its listed digest, every listed member is there, and no other."""
    section = target.section(ArchiveSection)
    _, archived = original_and_archived(section, target)
    findings.record(judge_checksums(section, archived))


def test_originals(target: Target, findings: Findings, kind: str) -> None:
    """Every output of the kind is archived as it is."""
    section = target.section(ArchiveSection)
    findings.record(judge_originals(section, kind, *original_and_archived(section, target)))


def test_bundle(target: Target, findings: Findings, bundle: str) -> None:
    """Every entry of the list has its member."""
    section = target.section(ArchiveSection)
    _, archived = original_and_archived(section, target)
    findings.record(judge_bundle(section, bundle, archived))
