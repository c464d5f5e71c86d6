"""The live database compared with one rebuilt from the log, and with one restored from a backup."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Run
from gatecourt.core.protocols import Target
from gatecourt.rules.replay.again import renamed
from gatecourt.rules.replay.parameters import the_one
from gatecourt.rules.replay.section import LiveDatabase, ReplaySection

if TYPE_CHECKING:
    from gatecourt.rules.persistence.store import StatePair

_FAMILY = "persistence."
_CODES = {
    "absent": "replay.absent",
    "column_missing": "replay.column_missing",
    "columns_differ": "replay.columns_differ",
    "corrupt": "replay.corrupt",
    "empty": "replay.empty",
    "key_twice": "replay.key_twice",
    "locked": "replay.locked",
    "refused": "replay.refused",
    "row_added": "replay.row_added",
    "row_differs": "replay.row_differs",
    "row_lost": "replay.row_lost",
    "table_missing": "replay.table_missing",
}
"""What the comparison of databases reports under its own family, as this gate's codes."""


def judge_rebuilt(section: ReplaySection, target: Target) -> Judgement:
    """The database rebuilt from the log alone has the rows of the live one, except in the tables listed as apart.

    Rules: ``replay.rebuild_not_declared`` and those of ``_compared``. Raises ``Judged`` as runs do.
    """
    database, rebuild = section.database, section.rebuild
    if database is None or rebuild is None:
        expected = "the command that rebuilds the database from the log"
        return Judgement((), (Finding("replay.rebuild", expected, "none", "replay.rebuild_not_declared"),))
    live = target.command(database.of)
    log = the_one(live, section.log, "event log")
    rebuilt = target.command(rebuild.command, values={"log": str(live.path(log.name))})
    found = _compared(database, rebuild.apart, (live, "in the live database"), (rebuilt, "in the rebuilt one"))
    parameters: dict[str, Json] = {"tables": _tables(database, rebuild.apart), "apart": dict(rebuild.apart)}
    return Judgement((log, live.files[database.file]), found, parameters)


def judge_restored(section: ReplaySection, target: Target) -> Judgement:
    """The database restored from the backup alone has the rows of the live one.

    Rules: ``replay.restore_not_declared`` and those of ``_compared``. Raises ``Judged`` as runs do.
    """
    database, restore = section.database, section.restore
    if database is None or restore is None:
        expected = "the commands that back up and restore the database"
        return Judgement((), (Finding("replay.restore", expected, "none", "replay.restore_not_declared"),))
    live = target.command(database.of)
    backup = target.command(restore.backup, on=live)
    kept = the_one(backup, restore.file, "backup")
    restored = target.command(restore.command, values={"backup": str(backup.path(kept.name))})
    found = _compared(database, (), (live, "in the live database"), (restored, "in the restored one"))
    return Judgement((kept, live.files[database.file]), found, {"tables": _tables(database, ())})


def _tables(database: LiveDatabase, apart: Collection[str]) -> list[Json]:
    return [name for name in sorted(database.tables) if name not in apart]


def _compared(
    database: LiveDatabase, apart: Collection[str], live: tuple[Run, str], other: tuple[Run, str]
) -> tuple[Finding, ...]:
    """Rules: those of ``_CODES``, ``replay.table_undeclared``, ``replay.no_rows``; raises ``Judged`` for a database
    that cannot be read, and for a table or a column that it lacks.
    """
    try:
        return tuple(renamed(_differences(database, apart, live, other), _FAMILY, _CODES))
    except Judged as judged:
        (finding,) = renamed([judged.finding], _FAMILY, _CODES)
        raise Judged(finding) from judged


def _differences(
    database: LiveDatabase, apart: Collection[str], live: tuple[Run, str], other: tuple[Run, str]
) -> Iterator[Finding]:
    from gatecourt.rules.persistence import sqlite
    from gatecourt.rules.persistence.equality import differences
    from gatecourt.rules.persistence.section import StoredTable

    with sqlite.pair(database.file, live, other) as pair:
        yield from _nothing(pair, database, apart)
        for name in sorted(pair.first.catalogue.keys() - database.tables.keys()):
            expected = "a declared table"
            yield Finding(f"{database.file}/{name}", expected, "not declared", "replay.table_undeclared")
        for name, key in sorted(database.tables.items()):
            if name not in apart:
                yield from differences(pair, name, StoredTable(key=key))


def _nothing(pair: StatePair, database: LiveDatabase, apart: Collection[str]) -> Iterator[Finding]:
    """A finding where the live tables are all empty: two empty databases are equal, yet nothing was recovered."""
    from sqlalchemy import select

    names = [name for name in sorted(database.tables) if name not in apart and name in pair.first.catalogue]
    rows = (pair.connection.execute(select(1).select_from(pair.first.table(name)).limit(1)).first() for name in names)
    if names and not any(rows):
        yield Finding(database.file, "at least one row to recover", "none", "replay.no_rows")
