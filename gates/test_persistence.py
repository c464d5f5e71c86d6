"""Persistence: what the system keeps in its database is kept once, whole, and as its log tells it.

Why it matters: work that is done again after a crash and booked a second time is an order that nobody wanted. A
constraint that was lost, a row that was replaced unseen or a run that stays "running" are met months later, when the
log that would explain them has been archived.

Needs: ``[persistence]`` with the database's URL and its tables; ``write``, ``again`` and ``resume`` name the commands
that fill it, do the same work once more, and go on after a kill. What is not declared is a HOLD. Evidence: the digests
of database and logs, keys and excused columns, each differing row with its key, its column and both values.
Runbook: treasure "Database" (same work twice, killed runs, corruption).
"""

from __future__ import annotations

import pytest

from gatecourt.core.protocols import Findings, Target
from gatecourt.rules.persistence import judge, judge_killed, judge_twice

pytestmark = pytest.mark.persistence


def test_opens(target: Target, findings: Findings) -> None:
    """The database opens, is nobody else's, and nobody is writing to it."""
    judge("opens", target, findings)


def test_integrity(target: Target, findings: Findings) -> None:
    """The database finds neither a broken page nor a broken foreign key in itself."""
    judge("integrity", target, findings)


def test_tables(target: Target, findings: Findings) -> None:
    """Every declared table and column is there, and no table is unknown."""
    judge("tables", target, findings)


def test_idempotent(target: Target, findings: Findings, stored_table: str) -> None:
    """The same work applied twice leaves equal rows."""
    judge_twice(stored_table, target, findings)


def test_unique(target: Target, findings: Findings) -> None:
    """What must be unique is so as a constraint and in the data."""
    judge("unique", target, findings)


def test_orphans(target: Target, findings: Findings) -> None:
    """No row refers to a row that is not there."""
    judge("orphans", target, findings)


def test_status(target: Target, findings: Findings) -> None:
    """Nothing is left as it was while the run went on."""
    judge("status", target, findings)


def test_events_parity(target: Target, findings: Findings) -> None:
    """The events table has a row for each line of the log, and says the same."""
    judge("events", target, findings)


def test_kill_resume(target: Target, findings: Findings, kill_point: str, effort: str) -> None:
    """A run that is killed and resumed leaves the rows and files of an undisturbed one."""
    findings.parameter("effort", effort)
    judge_killed(kill_point, target, findings)


def test_backup_restore(target: Target, findings: Findings) -> None:
    """A backup gives back a sound database with equal rows."""
    judge("restored", target, findings)
