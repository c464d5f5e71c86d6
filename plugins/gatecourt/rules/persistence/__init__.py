"""The database of a system, in SQLite or PostgreSQL: no row twice, none missing, and equal to its event log.

A SQLite file is copied, with its sidecars, and only the copy is opened. PostgreSQL is read; where a command of the
system fills it, each check creates its own database on the server and drops it afterwards. Two states are compared
by the database itself, with a join on the declared key in which NULL is a value like any other.

Importing this package is cheap; SQLAlchemy is imported by the first call.
"""

from __future__ import annotations

from gatecourt.core.judgement import Judgement
from gatecourt.core.protocols import Target
from gatecourt.rules.persistence.section import PersistenceSection


def judge(check: str, target: Target) -> Judgement:
    """Judges ``opens``, ``integrity``, ``tables``, ``unique``, ``orphans``, ``status``, ``events`` or ``restored``.

    Raises ``Judged`` where the database cannot be read.
    """
    from gatecourt.rules.persistence import checks

    judgement: Judgement = getattr(checks, check)(target.section(PersistenceSection), target)
    return judgement


def judge_twice(table: str, target: Target) -> Judgement:
    """The same work applied twice leaves equal rows in ``table``. Raises ``Judged`` as ``judge`` does."""
    from gatecourt.rules.persistence import checks

    return checks.idempotent(target.section(PersistenceSection), target, table)


def judge_killed(point: str, target: Target) -> Judgement:
    """A run that is killed at ``point`` and resumed leaves the rows and files of an undisturbed one.

    The observations ``kill.file``, ``kill.lines`` and ``kill.bytes`` say how far the run had come.
    """
    from gatecourt.rules.persistence import checks

    return checks.resumed(target.section(PersistenceSection), target, point)


__all__ = ["PersistenceSection", "judge", "judge_killed", "judge_twice"]
