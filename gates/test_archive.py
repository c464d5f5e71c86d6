"""Archive: what was put away can be opened again, is complete, and is what it was.

Why it matters: an archive is looked into when all else is lost. One that was cut off, that lacks the database, or
whose checksums were made from other bytes than it holds is found out on that day, unless somebody opens it before.

Needs: ``[archive]`` with the archives, the command that makes them, and the member that lists the digests; ``contents``
names the outputs that must be in it, ``bundles`` the members. Evidence: the digests of archives and originals, the
number of members, each fault with its member. Nothing is ever unpacked to disk. Runbook: treasure "End of day".
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
    judge_opening(section, archived).tell(findings)


def test_checksums(target: Target, findings: Findings) -> None:
    """Every member has its listed digest, every listed member is there, and no other."""
    section = target.section(ArchiveSection)
    _, archived = original_and_archived(section, target)
    judge_checksums(section, archived).tell(findings)


def test_originals(target: Target, findings: Findings, kind: str) -> None:
    """Every output of the kind is archived as it is."""
    section = target.section(ArchiveSection)
    judge_originals(section, kind, *original_and_archived(section, target)).tell(findings)


def test_bundle(target: Target, findings: Findings, bundle: str) -> None:
    """Every entry of the list has its member."""
    section = target.section(ArchiveSection)
    _, archived = original_and_archived(section, target)
    judge_bundle(section, bundle, archived).tell(findings)
