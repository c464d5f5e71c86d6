"""Each check of a database from its states to findings. Importing this module imports SQLAlchemy."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Run
from gatecourt.core.protocols import Target
from gatecourt.formats import patterns
from gatecourt.formats.files import gather
from gatecourt.formats.finding_groups import bounded
from gatecourt.rules.persistence import constraints
from gatecourt.rules.persistence.equality import differences
from gatecourt.rules.persistence.parity import EventParity
from gatecourt.rules.persistence.section import PersistenceSection, StoredTable
from gatecourt.rules.persistence.states import ResumedRun, states
from gatecourt.rules.persistence.store import StatePair, Store

_LISTED = 20


def opens(section: PersistenceSection, target: Target) -> Judgement:
    """The database opens and is the declared one."""
    with states(section, target).judged() as (store, _):
        return Judgement(store.subjects, tuple(constraints.foreign(store, section)))


def integrity(section: PersistenceSection, target: Target) -> Judgement:
    """The database finds no damage in itself."""
    with states(section, target).judged() as (store, _):
        damage = store.kind.damage(store.connection, store.side.schema, store.name)
        return Judgement(store.subjects, (*constraints.foreign(store, section), *damage))


def tables(section: PersistenceSection, target: Target) -> Judgement:
    """The declared tables and columns exist, and no other table."""
    with states(section, target).judged() as (store, _):
        parameters: dict[str, Json] = {
            "columns": {name: list(declared.named) for name, declared in sorted(section.tables.items())},
            "ignored": dict(section.ignored),
        }
        return Judgement(store.subjects, tuple(constraints.missing(store, section)), parameters)


def unique(section: PersistenceSection, target: Target) -> Judgement:
    """Declared combinations are unique, by constraint and in the data."""
    with states(section, target).judged() as (store, _):
        combinations: dict[str, Json] = {
            name: [list(declared.key), *(list(each) for each in declared.unique)]
            for name, declared in sorted(section.tables.items())
        }
        found = _by_table(section, store, constraints.uniqueness)
        return Judgement(store.subjects, found, {"unique": combinations})


def orphans(section: PersistenceSection, target: Target) -> Judgement:
    """Every declared reference has the row that it refers to."""

    def judge(store: Store, name: str, _: StoredTable) -> Iterator[Finding]:
        return constraints.orphans(store, name, section)

    count = sum(len(declared.references) for declared in section.tables.values())
    if not count:
        none = Finding("persistence.tables", "references between the tables", "none", "persistence.no_references")
        return Judgement((), (none,))
    with states(section, target).judged() as (store, _):
        return Judgement(store.subjects, _by_table(section, store, judge), {"references": count})


def status(section: PersistenceSection, target: Target) -> Judgement:
    """No row has a status that a finished run must not contain."""
    values: dict[str, Json] = {
        name: {column: list(values) for column, values in sorted(declared.unfinished.items())}
        for name, declared in sorted(section.tables.items())
        if declared.unfinished
    }
    if not values:
        expected = "status values that a finished run must not contain"
        none = Finding("persistence.tables", expected, "none", "persistence.no_status")
        return Judgement((), (none,))

    def judge(store: Store, name: str, declared: StoredTable) -> Iterator[Finding]:
        return constraints.unfinished(store, name, declared) if declared.unfinished else iter(())

    with states(section, target).judged() as (store, _):
        return Judgement(store.subjects, _by_table(section, store, judge), {"unfinished": values})


def _by_table(
    section: PersistenceSection, store: Store, judge: Callable[[Store, str, StoredTable], Iterator[Finding]]
) -> tuple[Finding, ...]:
    """The findings of all tables; an error in one table does not end the check of the others."""
    found: list[Finding] = []
    for name, declared in sorted(section.tables.items()):
        try:
            found += judge(store, name, declared)
        except Judged as judged:
            if not judged.finding.where.startswith(f"{store.name}/"):
                raise
            found.append(judged.finding)
    return tuple(found)


def events(section: PersistenceSection, target: Target) -> Judgement:
    """The events table has the content of the event log."""
    if section.events is None:
        where, expected = "persistence.events", "a table that mirrors the event log"
        return Judgement((), (Finding(where, expected, "none declared", "persistence.events_missing"),))
    with states(section, target).judged() as (store, run):
        logs = gather(section.events.logs, "artefacts", run, target.root)
        subjects = (*store.subjects, *(log.subject for log in logs))
        if not logs:
            none = Finding(", ".join(section.events.logs), "at least one log", "none", "artefact.none")
            return Judgement(subjects, (none,))
        parity = EventParity(store, section, section.events)
        found = tuple(bounded(parity.findings(logs), _LISTED))
        return Judgement(subjects, found, {"lines": parity.lines, "rows": parity.rows})


def idempotent(section: PersistenceSection, target: Target, table: str) -> Judgement:
    """The same work applied twice leaves equal rows in one table."""
    declared = section.tables[table]
    with states(section, target).twice() as pair:
        parameters: dict[str, Json] = {"key": list(declared.key), "volatile": dict(declared.volatile)}
        return Judgement(pair.subjects, tuple(differences(pair, table, declared)), parameters)


def resumed(section: PersistenceSection, target: Target, point: str) -> Judgement:
    """A killed and resumed run leaves the rows and files of an undisturbed one."""
    if section.kill is None:
        where, expected = "persistence.kill", "points at which the run is killed"
        return Judgement((), (Finding(where, expected, "none declared", "persistence.kill_missing"),))
    moment = section.kill.point(point).moment
    with states(section, target).killed(moment) as killed:
        found = (*_all_tables(killed.pair, section), *_same_files(killed, section.kill.same))
        parameters: dict[str, Json] = {"killed_at": str(moment), "same": list(section.kill.same)}
        return Judgement(killed.pair.subjects, found, parameters, killed.observations)


def restored(section: PersistenceSection, target: Target) -> Judgement:
    """A backup restores to a sound database with equal rows."""
    with states(section, target).restored() as pair:
        later = pair.later
        damaged = later.kind.damage(later.connection, later.side.schema, f"{later.name} (restored copy)")
        return Judgement(pair.subjects, (*damaged, *(() if damaged else _all_tables(pair, section))))


def _all_tables(pair: StatePair, section: PersistenceSection) -> tuple[Finding, ...]:
    return _by_table(section, pair.later, lambda _, name, declared: differences(pair, name, declared))


def _same_files(killed: ResumedRun, wanted: tuple[str, ...]) -> Iterator[Finding]:
    clean, resumed = _chosen(killed.clean, wanted), _chosen(killed.resumed, wanted)
    for name in sorted(clean | resumed):
        if name not in resumed:
            yield Finding(name, "the file, as in the undisturbed run", "none", "persistence.output_differs")
        elif name not in clean:
            yield Finding(name, "no such file, as in the undisturbed run", "a file", "persistence.output_differs")
        elif clean[name] != resumed[name]:
            expected = f"the {clean[name][1]} bytes of the undisturbed run"
            observed = f"{resumed[name][1]} other bytes"
            yield Finding(name, expected, observed, "persistence.output_differs")


def _chosen(run: Run, wanted: tuple[str, ...]) -> dict[str, tuple[str, int]]:
    return {name: (run.files[name].sha256, run.files[name].size) for name in patterns.select(run.files, wanted)}
