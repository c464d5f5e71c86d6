"""One invariant heard: its inputs first, then NULLs, then the rows that violate it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Run
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.sql_names import first_line, identifier
from gatecourt.rules.invariants.database import Database, open_database
from gatecourt.rules.invariants.query import Query, examine
from gatecourt.rules.invariants.section import Invariant, InvariantsSection

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TOLD = 100
_RESULT = identifier("rows that violate")  # a name that no relation can have
_PLACES = ("place", "file")


@dataclass(frozen=True, slots=True)
class _Violations:
    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    count: int


def judge_invariant(section: InvariantsSection, name: str, run: Run, root: Path) -> Judgement:
    """The invariant ``name`` over the artefacts of ``run``.

    Where an input has faults, those are the findings and the query is not run. Raises nothing for what artefacts or
    query hold.
    """
    invariant = section.named(name)
    database = open_database(section, run, root)
    where = f"invariant/{name}"
    try:
        query = examine(database, invariant.sql, where)
    except Judged as judged:
        return Judgement(database.relations[invariant.over].subjects, (judged.finding,), {"sql": invariant.sql})
    used = sorted({*query.relations, invariant.over})
    subjects = {subject.name: subject for used_name in used for subject in database.relations[used_name].subjects}
    findings = _input_findings(database, used, invariant) or tuple(_heard(database.connection, invariant, query, where))
    parameters: dict[str, Json] = {
        "sql": invariant.sql,
        "over": invariant.over,
        "rows": {used_name: database.relations[used_name].rows for used_name in used},
    }
    return Judgement(tuple(subjects[key] for key in sorted(subjects)), findings, parameters)


def _input_findings(database: Database, used: list[str], invariant: Invariant) -> tuple[Finding, ...]:
    found = tuple(dict.fromkeys(finding for name in used for finding in database.relations[name].findings))
    if not found and not database.relations[invariant.over].rows:
        return (Finding(invariant.over, "at least one row", "no row", "invariants.no_rows"),)
    return found


def _heard(connection: DuckDBPyConnection, invariant: Invariant, query: Query, where: str) -> Iterator[Finding]:
    import duckdb

    watch = Timer(float(invariant.deadline), connection.interrupt)
    watch.start()
    try:
        yield from _nulls(connection, invariant, query)
        yield from _told(_violations(connection, invariant), invariant, where)
    except duckdb.InterruptException:
        yield Finding(where, f"an answer within {invariant.deadline} s", "none", "invariants.sql_deadline")
    except duckdb.Error as error:
        yield Finding(where, "SQL that fits the relations", first_line(error), "invariants.sql_error")
    finally:
        watch.cancel()


def _nulls(connection: DuckDBPyConnection, invariant: Invariant, query: Query) -> Iterator[Finding]:
    import duckdb

    for relation, path in query.columns:
        column = ".".join(path)
        if column in invariant.nullable:
            continue
        source = f"FROM {identifier(relation)} WHERE {'.'.join(map(identifier, path))} IS NULL"
        try:
            rows = connection.execute(f"SELECT count(*), min_by(place, rowid) {source}").fetchall()
        except duckdb.BinderException:
            continue  # a name of the query's own, or of another relation
        count, place = rows[0]
        if count:
            observed = "null" if count == 1 else f"null, here and in {count - 1} more rows"
            yield Finding(f"{place}#/{'/'.join(path)}", f"a value, for {invariant.name}", observed, "invariants.null")


def _violations(connection: DuckDBPyConnection, invariant: Invariant) -> _Violations:
    connection.execute(f"DROP TABLE IF EXISTS {_RESULT}")
    connection.execute(f"CREATE TEMP TABLE {_RESULT} AS {invariant.sql}")
    count = connection.execute(f"SELECT count(*) FROM {_RESULT}").fetchall()[0][0]  # noqa: S608 - names are quoted by identifier(), values by literal()
    columns = tuple(column[0] for column in connection.execute(f"DESCRIBE {_RESULT}").fetchall())
    sample = f"SELECT * FROM {_RESULT} ORDER BY {_order(columns)} LIMIT {_TOLD}"  # noqa: S608 - names are quoted by identifier(), values by literal()
    rows = connection.execute(f"SELECT COLUMNS(*)::VARCHAR FROM ({sample})").fetchall()  # noqa: S608 - names are quoted by identifier(), values by literal()
    return _Violations(columns, tuple(rows), count)


def _order(columns: tuple[str, ...]) -> str:
    """By place where there is one, its numbers as numbers, then by all columns."""
    keys = []
    if "place" in columns:
        keys.append("regexp_replace(place::VARCHAR, '[0-9]+', '', 'g')")
        keys.append("list_transform(regexp_extract_all(place::VARCHAR, '[0-9]+'), lambda n: try_cast(n AS HUGEINT))")
    return ", ".join([*keys, *map(identifier, columns)])


def _told(violations: _Violations, invariant: Invariant, where: str) -> Iterator[Finding]:
    if invariant.where is not None and invariant.where not in violations.columns:
        observed = ", ".join(violations.columns)
        yield Finding(where, f"a column {invariant.where} in the result", observed, "invariants.sql_error")
        return
    at = invariant.where or next((name for name in _PLACES if name in violations.columns), None)
    expected = invariant.expected or "no row"
    for number, row in enumerate(violations.rows, 1):
        values = dict(zip(violations.columns, row, strict=True))
        place = values.get(at) if at else None
        yield Finding(place or f"{where}/row {number}", expected, _words(values, at), "invariants.violated")
    if violations.count > len(violations.rows):
        rest = violations.count - len(violations.rows)
        yield Finding(f"{where}/row {_TOLD + 1}", expected, f"{rest} more rows", "invariants.violated")


def _words(values: dict[str, str | None], at: str | None) -> str:
    shown = {name: value for name, value in values.items() if name not in (at, *_PLACES)}
    if not shown:
        return "a row that the query returns; select the columns to see their values"
    return ", ".join(f"{name} = {'null' if value is None else _cut(value)}" for name, value in shown.items())


def _cut(value: str) -> str:
    return excerpt(value)[1:-1] if len(value) <= 80 else value[:80] + "…"
