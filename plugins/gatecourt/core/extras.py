"""Packages that only some gates need, and the extra of the installation that brings each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

EXTRAS: Mapping[str, str] = MappingProxyType(
    {
        "deepdiff": "diff",
        "duckdb": "sql",
        "psycopg": "postgresql",
        "scipy": "stats",
        "sqlalchemy": "databases",
        "tomlkit": "faults",
        "tree_sitter": "scan",
        "tree_sitter_javascript": "scan",
        "tree_sitter_typescript": "scan",
    }
)
"""Import name to extra: ``pip install 'gatecourt[sql]'`` brings ``duckdb``."""


def missing_extra(error: BaseException) -> tuple[str, str] | None:
    """The package whose absence ``error`` reports and the extra that brings it; None for every other error."""
    if not isinstance(error, ModuleNotFoundError) or error.name is None:
        return None
    package = error.name.partition(".")[0]
    return (package, EXTRAS[package]) if package in EXTRAS else None
