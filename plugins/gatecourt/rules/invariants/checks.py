"""One invariant: its inputs first, then NULLs, then the rows that violate it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Run, Subject
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import subject
from gatecourt.formats.pointer import join
from gatecourt.formats.sql_names import first_line, identifier
from gatecourt.formats.strictjson import read_bytes
from gatecourt.rules.invariants.apart import apart
from gatecourt.rules.invariants.database import Database, open_database
from gatecourt.rules.invariants.query import Query, examine
from gatecourt.rules.invariants.section import Invariant, InvariantsSection

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SHOWN = 100
_RESULT = identifier("rows that violate")  # a name that no relation can have
_PLACES = ("place", "file")


@dataclass(frozen=True, slots=True)
class _Violations:
    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]
    count: int


def judge_invariant(section: InvariantsSection, name: str, run: Run, root: Path) -> Judgement:
    """The invariant ``name`` over the artefacts of ``run``.

    Where an input has faults, those are the findings and the query is not run. Raises ``Judged`` for an ``sql_file``
    that cannot be read, and nothing for what artefacts or query hold.
    """
    invariant = section.named(name)
    sql, own = _sql(invariant, root)
    database = open_database(section, run, root)
    where = f"invariant/{name}"
    parameters: dict[str, Json] = {"sql": sql}
    try:
        query = examine(database, sql, where)
    except Judged as judged:
        subjects = (*database.relations[invariant.over].subjects, *own)
        return Judgement(subjects, (judged.finding,), parameters)
    used = sorted({*query.relations, invariant.over})
    named = {subject.name: subject for used_name in used for subject in database.relations[used_name].subjects}
    named |= {subject.name: subject for subject in own}
    findings = _input_findings(database, used, invariant) or tuple(
        apart(lambda: list(_judge(database, invariant, query, where)), where, float(invariant.deadline))
    )
    parameters |= {
        "over": invariant.over,
        "rows": {used_name: database.relations[used_name].rows for used_name in used},
    }
    return Judgement(tuple(named[key] for key in sorted(named)), findings, parameters)


def _sql(invariant: Invariant, root: Path) -> tuple[str, tuple[Subject, ...]]:
    """The query, and the file that holds it. Raises ``Judged`` (those of reading, ``text.not_utf8``)."""
    if invariant.sql_file is None:
        return invariant.sql or "", ()
    digested = subject(root / invariant.sql_file, invariant.sql_file)
    try:
        return read_bytes(root / invariant.sql_file, invariant.sql_file).decode("utf-8"), (digested,)
    except UnicodeDecodeError as error:
        observed = f"byte at offset {error.start}"
        raise Judged(Finding(invariant.sql_file, "UTF-8", observed, "invariants.sql_error")) from error


def _input_findings(database: Database, used: list[str], invariant: Invariant) -> tuple[Finding, ...]:
    found = tuple(dict.fromkeys(finding for name in used for finding in database.relations[name].findings))
    if not found and not database.relations[invariant.over].rows:
        return (Finding(invariant.over, "at least one row", "no row", "invariants.no_rows"),)
    return found


def _judge(database: Database, invariant: Invariant, query: Query, where: str) -> Iterator[Finding]:
    import duckdb

    watch = Timer(float(invariant.deadline), database.connection.interrupt)
    watch.start()
    try:
        yield from _nulls(database, invariant, query)
        yield from _findings(_violations(database.connection, query), invariant, where)
    except duckdb.InterruptException:
        yield Finding(where, f"an answer within {invariant.deadline} s", "none", "invariants.sql_deadline")
    except MemoryError:
        yield Finding(where, "a query that memory holds", "none left", "invariants.sql_error")
    except duckdb.Error as error:
        yield Finding(where, "SQL that fits the relations", first_line(error), "invariants.sql_error")
    finally:
        watch.cancel()


def _nulls(database: Database, invariant: Invariant, query: Query) -> Iterator[Finding]:
    import duckdb

    for relation, path in query.columns:
        column = ".".join(path)
        if column in invariant.nullable:
            continue
        source = f"FROM {identifier(relation)} WHERE {'.'.join(map(identifier, path))} IS NULL"
        try:
            rows = database.connection.execute(f"SELECT count(*), min_by(place, rowid) {source}").fetchall()
        except duckdb.BinderException:
            continue  # a name of the query's own, or of another relation
        count, place = rows[0]
        if count:
            observed = "null" if count == 1 else f"null, here and in {count - 1} more rows"
            where = _null_place(place, path, states=database.relations[relation].states)
            yield Finding(where, f"a value, for {invariant.name}", observed, "invariants.null")


def _null_place(place: str, path: tuple[str, ...], *, states: bool) -> str:
    """Where a row at ``place`` has its null; in a row of states only what lies below ``value`` is part of the file."""
    if not states:
        return f"{place}{'' if '#' in place else '#'}{join(path)}"
    return f"{place}{join(path[1:])}" if "#" in place else place


def _violations(connection: DuckDBPyConnection, query: Query) -> _Violations:
    connection.execute(f"DROP TABLE IF EXISTS {_RESULT}")
    connection.execute(f"CREATE TEMP TABLE {_RESULT} AS {query.sql}")
    count = connection.execute(f"SELECT count(*) FROM {_RESULT}").fetchall()[0][0]  # noqa: S608 - names are quoted by identifier(), values by literal()
    columns = tuple(column[0] for column in connection.execute(f"DESCRIBE {_RESULT}").fetchall())
    sample = f"SELECT * FROM {_RESULT} ORDER BY {_order(columns)} LIMIT {_SHOWN}"  # noqa: S608 - names are quoted by identifier(), values by literal()
    rows = connection.execute(f"SELECT COLUMNS(*)::VARCHAR FROM ({sample})").fetchall()  # noqa: S608 - names are quoted by identifier(), values by literal()
    return _Violations(columns, tuple(rows), count)


def _order(columns: tuple[str, ...]) -> str:
    """By place where there is one, its numbers as numbers, then by all columns."""
    keys = []
    if "place" in columns:
        keys.append("regexp_replace(place::VARCHAR, '[0-9]+', '', 'g')")
        keys.append("list_transform(regexp_extract_all(place::VARCHAR, '[0-9]+'), lambda n: try_cast(n AS HUGEINT))")
    return ", ".join([*keys, *map(identifier, columns)])


def _findings(violations: _Violations, invariant: Invariant, where: str) -> Iterator[Finding]:
    if invariant.where is not None and invariant.where not in violations.columns:
        observed = ", ".join(violations.columns)
        yield Finding(where, f"a column {invariant.where} in the result", observed, "invariants.sql_error")
        return
    at = invariant.where or next((name for name in _PLACES if name in violations.columns), None)
    expected = invariant.expected or "no row"
    for number, row in enumerate(violations.rows, 1):
        values = dict(zip(violations.columns, row, strict=True))
        place = values.get(at) if at else None
        yield Finding(
            place or f"{where}/row {number}", expected, _format_row(values, at), f"invariants.{invariant.name}"
        )
    if violations.count > len(violations.rows):
        rest = violations.count - len(violations.rows)
        yield Finding(f"{where}/row {_SHOWN + 1}", expected, f"{rest} more rows", f"invariants.{invariant.name}")


def _format_row(values: dict[str, str | None], at: str | None) -> str:
    shown = {name: value for name, value in values.items() if name not in (at, *_PLACES)}
    if not shown:
        return "a row that the query returns; select the columns to see their values"
    return ", ".join(f"{name} = {'null' if value is None else _cut(value)}" for name, value in shown.items())


def _cut(value: str) -> str:
    return excerpt(value)[1:-1] if len(value) <= 80 else value[:80] + "…"
