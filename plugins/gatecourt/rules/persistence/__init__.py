"""The database of a system, in SQLite or PostgreSQL: no row twice, none missing, and equal to its event log.

A SQLite file is copied, with its sidecars, and only the copy is opened. PostgreSQL is read; where a command of the
system fills it, each check creates its own database on the server and drops it afterwards. Two states are compared
by the database itself, with a join on the declared key in which NULL is a value like any other.

Importing this package is cheap; SQLAlchemy is imported by the first call.
"""

from __future__ import annotations

from gatecourt.core.protocols import Findings, Target
from gatecourt.rules.persistence.section import PersistenceSection


def judge(check: str, target: Target, findings: Findings) -> None:
    """One of the checks ``opens``, ``integrity``, ``tables``, ``unique``, ``orphans``, ``status``, ``events``,
    ``restored``."""
    from gatecourt.rules.persistence import checks

    getattr(checks, check)(target.section(PersistenceSection), target).tell(findings)


def judge_twice(table: str, target: Target, findings: Findings) -> None:
    """The same work applied twice leaves equal rows in ``table``."""
    from gatecourt.rules.persistence import checks

    checks.idempotent(target.section(PersistenceSection), target, table).tell(findings)


def judge_killed(point: str, target: Target, findings: Findings) -> None:
    """A run killed at ``point`` and resumed leaves what an undisturbed one leaves."""
    from gatecourt.rules.persistence import checks

    judged, observations = checks.resumed(target.section(PersistenceSection), target, point)
    judged.tell(findings)
    for name, value in observations.items():
        findings.observe(name, value)


__all__ = ["PersistenceSection", "judge", "judge_killed", "judge_twice"]
