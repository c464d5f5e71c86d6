"""Persistence: the database has no row twice, misses none, and equals the event log.

Why it matters: work that is repeated after a crash and stored a second time is an order that nobody wanted. A lost
constraint, a silently replaced row or a run that stays "running" is found months later, when the log that would explain
it has been archived.

Needs: ``[persistence]`` with the database's URL and its tables; ``write``, ``again`` and ``resume`` name the commands
that fill it, repeat the work, and resume after a kill. What is not declared is a HOLD. Evidence: the digests
of database and logs, keys and volatile columns, each differing row with its key, its column and both values.
Runbook: treasure "Database" (same work twice, killed runs, corruption).
"""

from __future__ import annotations

import pytest

from gatecourt.core.protocols import Findings, Target
from gatecourt.rules.persistence import judge, judge_killed, judge_twice

pytestmark = pytest.mark.persistence


def test_opens(target: Target, findings: Findings) -> None:
    """The database opens, is the declared one, and no process is writing to it."""
    findings.record(judge("opens", target))


def test_integrity(target: Target, findings: Findings) -> None:
    """The database finds no corrupt page and no broken foreign key."""
    findings.record(judge("integrity", target))


def test_tables(target: Target, findings: Findings) -> None:
    """Every declared table and column exists, and no other table."""
    findings.record(judge("tables", target))


def test_idempotent(target: Target, findings: Findings, stored_table: str) -> None:
    """The same work applied twice leaves equal rows."""
    findings.record(judge_twice(stored_table, target))


def test_unique(target: Target, findings: Findings) -> None:
    """Declared combinations are unique by constraint and in the data."""
    findings.record(judge("unique", target))


def test_orphans(target: Target, findings: Findings) -> None:
    """No row refers to a missing row."""
    findings.record(judge("orphans", target))


def test_status(target: Target, findings: Findings) -> None:
    """No row has a status that a finished run must not contain."""
    findings.record(judge("status", target))


def test_events_parity(target: Target, findings: Findings) -> None:
    """The events table has a row for each line of the log, with equal values."""
    findings.record(judge("events", target))


def test_kill_resume(target: Target, findings: Findings, kill_point: str, effort: str) -> None:
    """A run that is killed and resumed leaves the rows and files of an undisturbed one."""
    findings.parameter("effort", effort)
    findings.record(judge_killed(kill_point, target))


def test_backup_restore(target: Target, findings: Findings) -> None:
    """A backup restores to a sound database with equal rows."""
    findings.record(judge("restored", target))
