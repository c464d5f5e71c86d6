"""Equality of JSON values as JSON Schema has it: numbers by value, everything else by kind and content."""

from __future__ import annotations

from decimal import Decimal
from typing import Any


def same(left: Any, right: Any) -> bool:
    """Whether two values are one: 1 is 1.0, 0.30 is 0.3, true is not 1, and the order of keys does not count."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, Decimal) != isinstance(right, Decimal):
        left, right = _exact(left), _exact(right)
    return bool(left == right)


def _exact(value: Any) -> Any:
    return Decimal(repr(value)) if isinstance(value, float) else value
