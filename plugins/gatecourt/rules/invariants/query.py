"""What a query asks for, read from the engine's own syntax tree before anything is run.

A query may read the declared relations and what it builds from them. It is refused where it is no single SELECT, where
it names any other table or a function that yields one from outside, and where its answer would depend on the clock, on
chance or on the session.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.sql_names import first_line
from gatecourt.rules.invariants.database import Database

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_READS = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
_TABLE_FUNCTIONS = frozenset({"unnest", "range", "generate_series", "json_each", "json_tree"})
_BARE_NAMES: Mapping[str, str] = {
    **dict.fromkeys(("current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"), "the clock"),
    **dict.fromkeys(("current_role", "current_user", "session_user"), "the session"),
}
# Functions whose answer depends on the clock, on chance or on the session. The engine's catalogue marks them too, but
# one release of it marks operators such as + as well: a query must be judged the same under every release.
UNSTEADY = frozenset(
    {
        "currval", "current_connection_id", "current_database", "current_date", "current_localtime",
        "current_localtimestamp", "current_query", "current_query_id", "current_role", "current_schema",
        "current_schemas", "current_setting", "current_time", "current_timestamp", "current_transaction_id",
        "current_user", "error", "gen_random_uuid", "get_current_time", "get_current_timestamp", "getvariable",
        "in_search_path", "localtime", "localtimestamp", "nextval", "now", "pg_postmaster_start_time", "random",
        "session_user", "setseed", "setval", "sleep_ms", "stats", "today", "transaction_timestamp", "txid_current",
        "user", "uuid", "uuidv4", "uuidv7", "vector_type", "version", "write_log",
    }
)  # fmt: skip
_ASKS_FOR_NULL = frozenset(
    {
        "OPERATOR_IS_NULL",
        "OPERATOR_IS_NOT_NULL",
        "OPERATOR_COALESCE",
        "COMPARE_DISTINCT_FROM",
        "COMPARE_NOT_DISTINCT_FROM",
    }
)
_NULL_FUNCTIONS = frozenset({"ifnull", "coalesce", "nvl"})

Node = Mapping[str, Any]
ColumnPath = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """``relations`` are those read, sorted. ``columns`` are (relation, path) that NULL must not be in: a guess by name,
    so a pair may name no column at all."""

    sql: str
    relations: tuple[str, ...]
    columns: tuple[tuple[str, ColumnPath], ...]


def examine(database: Database, sql: str, where: str) -> Query:
    """The query in ``sql``. Raises ``Judged`` with rule ``invariants.sql_refused`` or ``invariants.sql_error``."""
    import duckdb

    try:
        return _examined(database, sql, where)
    except duckdb.Error as error:
        raise Judged(Finding(where, "SQL", first_line(error), "invariants.sql_error")) from error
    except RecursionError as error:
        too_deep = Finding(where, "a query of readable depth", "a deeper nesting", "invariants.sql_refused")
        raise Judged(too_deep) from error


def _examined(database: Database, sql: str, where: str) -> Query:
    tree = _tree(database.connection, sql, where)
    nodes = list(_nodes(tree))
    tables = _tables(nodes, database.relations)
    for problem in (*_writing(nodes), *_foreign(nodes, tables), *_unsteady(nodes)):
        expected = f"one SELECT over the declared relations ({', '.join(sorted(database.relations))})"
        raise Judged(Finding(where, expected, problem, "invariants.sql_refused"))
    relations = tuple(sorted(set(tables.values()) - {""}))
    return Query(sql, relations, tuple(sorted(set(_columns(tree, tables, relations)))))


def _tree(connection: DuckDBPyConnection, sql: str, where: str) -> Node:
    import duckdb

    def refused(observed: str) -> Judged:
        return Judged(Finding(where, "one SELECT statement", observed, "invariants.sql_refused"))

    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise refused(f"{len(statements)} statements")
    if statements[0].type != duckdb.StatementType.SELECT:
        raise refused(f"a statement of the kind {statements[0].type.name}")
    answer = connection.execute("SELECT json_serialize_sql(?)", [sql]).fetchall()[0][0]
    tree = json.loads(answer)
    if tree.get("error"):
        raise refused(str(tree.get("error_message")))
    node: Node = tree["statements"][0]["node"]
    return node


def _nodes(value: Any) -> Iterator[Node]:
    if isinstance(value, dict):
        yield value
        for child in value.values():
            yield from _nodes(child)
    elif isinstance(value, list):
        for child in value:
            yield from _nodes(child)


def _tables(nodes: list[Node], known: Collection[str]) -> dict[str, str]:
    """Every name a column may be qualified with, in lower case, and the relation behind it; '' for a query's own."""
    own = {entry["key"].lower() for node in nodes for entry in node.get("cte_map", {}).get("map", ())}
    tables = dict.fromkeys(own, "")
    for node in nodes:
        if node.get("type") == "BASE_TABLE" and _is_plain(node):
            name = node["table_name"].lower()
            if name in known and name not in own:
                tables[name] = name
                tables[(node["alias"] or name).lower()] = name
    return tables


def _is_plain(node: Node) -> bool:
    return not node["schema_name"] and not node["catalog_name"]


def _writing(nodes: list[Node]) -> Iterator[str]:
    """Parts of a query that change rows, such as ``WITH d AS (DELETE … RETURNING *)``."""
    for node in nodes:
        kind = node.get("type")
        if isinstance(kind, str) and kind.endswith("_NODE") and kind not in _READS:
            yield f"a part that may change rows ({kind.removesuffix('_QUERY_NODE').removesuffix('_NODE')})"


def _foreign(nodes: list[Node], tables: Mapping[str, str]) -> Iterator[str]:
    for node in nodes:
        match node.get("type"):
            case "BASE_TABLE" if not _is_plain(node) or node["table_name"].lower() not in tables:
                yield f"the table {excerpt('.'.join(node['qualified_name']['path']))}"
            case "TABLE_FUNCTION" if node["function"].get("function_name") not in _TABLE_FUNCTIONS:
                yield f"the function {node['function'].get('function_name')}"
            case "SHOW_REF":
                yield "a question about the database itself"


def _unsteady(nodes: list[Node]) -> Iterator[str]:
    called = {node["function_name"].lower() for node in nodes if "function_name" in node}
    for node in nodes:
        arguments = node.get("arguments", node.get("children", ()))  # the word differs between releases
        if str(node.get("function_name", "")).lower() == "age" and len(arguments) == 1:
            yield "the function age of one time, whose answer depends on the clock"
    for name in sorted(called.intersection(UNSTEADY)):
        yield f"the function {name}, whose answer depends on the clock, on chance or on the session"
    for node in nodes:
        names: list[str] = node.get("column_names", []) if node.get("type") == "COLUMN_REF" else []
        if len(names) == 1 and names[0].lower() in _BARE_NAMES:
            yield f"{names[0].lower()}, whose answer depends on {_BARE_NAMES[names[0].lower()]}"


def _columns(tree: Node, tables: Mapping[str, str], relations: tuple[str, ...]) -> Iterator[tuple[str, ColumnPath]]:
    excused: set[tuple[str, ColumnPath]] = set()
    used: list[tuple[str, ColumnPath]] = []
    for names, asked in _references(_without_shown(tree), asked=False):
        relation = tables.get(names[0].lower()) if len(names) > 1 else None
        places = [(relation, names[1:])] if relation else [(name, names) for name in relations]
        excused.update(places if asked else ())
        used += places
    yield from (place for place in used if place not in excused)


def _without_shown(tree: Node) -> Node:
    """The tree less the columns that the outermost SELECT merely shows."""
    shown = tree.get("select_list", [])
    return {**tree, "select_list": [item for item in shown if item.get("type") != "COLUMN_REF" or item.get("alias")]}


def _references(value: Any, *, asked: bool) -> Iterator[tuple[ColumnPath, bool]]:
    """Every column named below ``value``, and whether the query asks there for NULL itself."""
    if isinstance(value, list):
        for child in value:
            yield from _references(child, asked=asked)
    elif isinstance(value, dict):
        if value.get("type") == "COLUMN_REF":
            yield tuple(value["column_names"]), asked
        yield from (((name,), asked) for name in value.get("using_columns", ()))
        name = str(value.get("function_name", "")).lower()
        asked = asked or value.get("type") in _ASKS_FOR_NULL or name in _NULL_FUNCTIONS
        for child in value.values():
            yield from _references(child, asked=asked)
