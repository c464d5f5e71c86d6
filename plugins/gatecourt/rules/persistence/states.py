"""The states of a database that checks compare: as written, written twice, killed and resumed, restored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json, KillPoint, Run
from gatecourt.core.protocols import Target
from gatecourt.rules.persistence import sqlite
from gatecourt.rules.persistence.section import PersistenceSection
from gatecourt.rules.persistence.store import StatePair, Store

if TYPE_CHECKING:
    from sqlalchemy import URL

_ONCE, _TWICE = "after the first time", "after the second time"
_CLEAN, _RESUMED = "in the undisturbed run", "in the resumed run"
_THERE, _RESTORED = "in the database", "in the restored backup"
_MISSING = {
    "write": "persistence.write_missing",
    "again": "persistence.again_missing",
    "resume": "persistence.resume_missing",
}


@dataclass(frozen=True, slots=True)
class ResumedRun:
    """The database of an undisturbed run and of one that was killed and resumed, and both runs."""

    pair: StatePair
    clean: Run
    resumed: Run
    observations: Mapping[str, Json] = field(default_factory=dict)


class DatabaseStates(Protocol):
    """The states of the declared database. Every context may raise ``Judged``."""

    def judged(self) -> AbstractContextManager[tuple[Store, Run]]:
        """As it was written, or found, and the run that wrote it."""

    def twice(self) -> AbstractContextManager[StatePair]:
        """As it was written, and after the same work once more."""

    def killed(self, point: KillPoint) -> AbstractContextManager[ResumedRun]:
        """As written by a run that was killed and resumed, beside an undisturbed one."""

    def restored(self) -> AbstractContextManager[StatePair]:
        """As it was written, and as its backup gives it back."""


def states(section: PersistenceSection, target: Target) -> DatabaseStates:
    """The states of the section's database."""
    return SqliteStates(section, target) if section.file else PostgresqlStates(section, target)


@dataclass(frozen=True)
class _Declared:
    section: PersistenceSection
    target: Target

    def command(self, key: str) -> str:
        """The name of the command behind the section's ``key``."""
        name: str | None = getattr(self.section, key)
        if name is None:
            raise Judged(Finding(f"persistence.{key}", "the name of a command", "none", _MISSING[key]))
        return name


class SqliteStates(_Declared):
    """A file of the output folder: the output of a run stays as it is, and the next run continues with a copy."""

    @property
    def _name(self) -> str:
        assert self.section.file is not None
        return self.section.file

    def _written(self) -> Run:
        write = self.section.write
        return self.target.artefacts() if write is None else self.target.command(write)

    @contextmanager
    def judged(self) -> Iterator[tuple[Store, Run]]:
        """As ``DatabaseStates.judged``."""
        run = self._written()
        with sqlite.judged(self._name, run) as store:
            yield store, run

    @contextmanager
    def twice(self) -> Iterator[StatePair]:
        """As ``DatabaseStates.twice``."""
        first = self.target.command(self.command("write"))
        second = self.target.command(self.command("again"), on=first)
        with sqlite.pair(self._name, (first, _ONCE), (second, _TWICE)) as pair:
            yield pair

    @contextmanager
    def killed(self, point: KillPoint) -> Iterator[ResumedRun]:
        """As ``DatabaseStates.killed``."""
        write, resume = self.command("write"), self.command("resume")
        clean = self.target.command(write)
        killed = self.target.command(write, kill=point)
        resumed = self.target.command(resume, on=killed)
        with sqlite.pair(self._name, (clean, _CLEAN), (resumed, _RESUMED)) as pair:
            yield ResumedRun(pair, clean, resumed, killed.observations)

    @contextmanager
    def restored(self) -> Iterator[StatePair]:
        """As ``DatabaseStates.restored``."""
        with sqlite.restored(self._name, self._written(), (_THERE, _RESTORED)) as pair:
            yield pair


class PostgresqlStates(_Declared):
    """A server: each run has its own database there, which is dropped at the end of the check."""

    @contextmanager
    def judged(self) -> Iterator[tuple[Store, Run]]:
        """As ``DatabaseStates.judged``."""
        from gatecourt.rules.persistence import postgresql

        with self._written() as (url, run), postgresql.opened(url, self.section) as store:
            yield store, run

    @contextmanager
    def twice(self) -> Iterator[StatePair]:
        """As ``DatabaseStates.twice``."""
        from gatecourt.rules.persistence import postgresql

        again = self.command("again")
        with ExitStack() as stack:
            url, run = stack.enter_context(self._made())
            # No transaction stays open between statements: the second run must not meet a lock of this connection.
            connection = stack.enter_context(postgresql.connected(url, self.section.name, isolation="AUTOCOMMIT"))
            side = postgresql.side_of(connection, self.section.schema)
            subjects = postgresql.subjects(connection, side, self.section)
            first = postgresql.copy_state(connection, side, _ONCE)
            self.target.command(again, on=run, values={"database": postgresql.without_password(url)})
            second = postgresql.side_of(connection, self.section.schema, _TWICE)
            yield StatePair(self.section.name, connection, postgresql.KIND, first, second, subjects)

    @contextmanager
    def killed(self, point: KillPoint) -> Iterator[ResumedRun]:
        """As ``DatabaseStates.killed``."""
        from gatecourt.rules.persistence import postgresql

        resume = self.command("resume")
        with ExitStack() as stack:
            clean_url, clean = stack.enter_context(self._made())
            url, killed = stack.enter_context(self._made(point))
            resumed = self.target.command(resume, on=killed, values={"database": postgresql.without_password(url)})
            source = stack.enter_context(postgresql.connected(clean_url, self.section.name, read_only=True))
            connection = stack.enter_context(postgresql.connected(url, self.section.name))
            side = postgresql.side_of(source, self.section.schema)
            subjects = postgresql.subjects(source, side, self.section)
            first = postgresql.copy_state_of(connection, source, side, _CLEAN)
            second = postgresql.side_of(connection, self.section.schema, _RESUMED)
            pair = StatePair(self.section.name, connection, postgresql.KIND, first, second, subjects)
            yield ResumedRun(pair, clean, resumed, killed.observations)

    @contextmanager
    def restored(self) -> Iterator[StatePair]:
        """As ``DatabaseStates.restored``: the backup is what COPY gives, restored into temporary tables."""
        from gatecourt.rules.persistence import postgresql

        with self._written() as (url, _), postgresql.connected(url, self.section.name) as connection:
            side = postgresql.side_of(connection, self.section.schema, _THERE)
            subjects = postgresql.subjects(connection, side, self.section)
            second = postgresql.copy_state_of(connection, connection, side, _RESTORED)
            yield StatePair(self.section.name, connection, postgresql.KIND, side, second, subjects)

    @contextmanager
    def _written(self) -> Iterator[tuple[URL, Run]]:
        from gatecourt.rules.persistence import postgresql

        if self.section.write is None:
            yield postgresql.server_url(self.section.variable), self.target.artefacts()
            return
        with self._made() as made:
            yield made

    @contextmanager
    def _made(self, point: KillPoint | None = None) -> Iterator[tuple[URL, Run]]:
        from gatecourt.rules.persistence import postgresql

        write, server = self.command("write"), postgresql.server_url(self.section.variable)
        with postgresql.fresh(server, self.section.name) as url:
            yield url, self.target.command(write, kill=point, values={"database": postgresql.without_password(url)})
