"""JSON read strictly, with its numbers as the decimals that stand in it, and sums of them without rounding."""

from __future__ import annotations

import json
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, Inexact
from pathlib import Path
from typing import Any

from gatecourt.formats.documents import read_document
from gatecourt.formats.strictjson import parse, read_bytes

_WIDEST = 400  # a double reaches 1e308; numbers far beyond cost memory to add
_LONGEST = 1000
EXACT = Context(prec=4000, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact])
"""Adds any numbers that ``number`` lets through without rounding."""


def read(path: Path, name: str) -> Any:
    """The JSON, TOML or YAML document in ``path``; the fractions of JSON are ``Decimal``. Raises ``Judged``."""
    if not name.endswith(".json"):
        return read_document(path, name)
    data = read_bytes(path, name)
    parse(data, name)
    return decimals(data)


def decimals(data: bytes) -> Any:
    """A JSON text that was parsed strictly before, with fractions as ``Decimal``."""
    return json.loads(data, parse_float=Decimal)


def number(value: object) -> Decimal | None:
    """``value`` as a decimal; None where it is no number, or none that a double could hold."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite() or abs(exact.adjusted()) > _WIDEST or len(exact.as_tuple().digits) > _LONGEST:
        return None
    return exact


def words(value: Decimal) -> str:
    """A decimal as people write it, without an exponent and without idle zeros."""
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text).removesuffix("-0") or "0"
