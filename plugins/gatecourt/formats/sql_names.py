"""Names and messages between us and the SQL engine."""

from __future__ import annotations


def identifier(name: str) -> str:
    """``name`` quoted for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """``text`` as a SQL string."""
    return "'" + text.replace("'", "''") + "'"


def first_line(error: Exception) -> str:
    """The engine's message without its advice and its drawing of the query."""
    return str(error).splitlines()[0].rstrip()[:200]
