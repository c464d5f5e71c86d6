"""TOML read as plain data, and written again with its comments and formatting."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from typing import Any

from gatecourt.core.errors import FaultError


def read(text: str) -> dict[str, Any]:
    """The document as plain data. Raises ``FaultError`` if it is no TOML."""
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise FaultError(f"not TOML: {error}") from error


def rewrite(text: str, change: Callable[[Any], None]) -> str:
    """The text after ``change`` has altered its tree in place. Raises ``FaultError`` if it cannot be written."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(text)
        change(document)
        return tomlkit.dumps(document)
    except (TOMLKitError, ValueError, TypeError, AttributeError, LookupError) as error:
        raise FaultError(f"cannot be written as TOML: {error}") from error


def assign(tree: Any, key: Any, value: Any) -> None:
    """Sets ``tree[key]`` to the plain value; the key one behind the end of a list appends."""
    from tomlkit.items import AoT

    item = _table(value) if isinstance(tree, AoT) else _inline(value)
    if isinstance(tree, list) and key == len(tree):
        tree.append(item)
    else:
        tree[key] = item


def _table(value: Any) -> Any:
    """The value as an item of an array of tables."""
    import tomlkit

    if not isinstance(value, dict):
        raise FaultError("an item of an array of [[tables]] can only become a table")
    table = tomlkit.table()
    for key, item in value.items():
        table[key] = _inline(item)
    return table


def _inline(value: Any) -> Any:
    """The value as an item that fits on the place of a scalar: tables become inline tables."""
    import tomlkit

    if isinstance(value, dict):
        table = tomlkit.inline_table()
        for key, item in value.items():
            table[key] = _inline(item)
        return table
    if isinstance(value, list | tuple):
        array = tomlkit.array()
        for item in value:
            array.append(_inline(item))
        return array
    return value
