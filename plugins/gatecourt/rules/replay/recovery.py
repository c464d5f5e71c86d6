"""The live database held against one that was made from the log, and one that a backup gave back."""

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


def judge_rebuilt(section: ReplaySection, target: Target) -> Judgement:
    """The database that the log alone gives has the rows of the live one, tables apart aside.

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
    """The database that the backup alone gives back has the rows of the live one.

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
    """Rules ``replay.row_differs``, ``.row_lost``, ``.row_added``, ``.key_twice``, ``.columns_differ``,
    ``.table_missing``, ``.column_missing``, ``.table_undeclared``, ``.no_rows``; raises ``Judged`` (``.absent``,
    ``.empty``, ``.corrupt``, ``.locked``, ``.refused``).
    """
    try:
        return tuple(renamed(_differences(database, apart, live, other), _FAMILY))
    except Judged as judged:
        (finding,) = renamed([judged.finding], _FAMILY)
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
    """Two empty databases are equal, and nothing was recovered."""
    from sqlalchemy import select

    names = [name for name in sorted(database.tables) if name not in apart and name in pair.first.catalogue]
    rows = (pair.connection.execute(select(1).select_from(pair.first.table(name)).limit(1)).first() for name in names)
    if names and not any(rows):
        yield Finding(database.file, "at least one row to recover", "none", "replay.no_rows")
