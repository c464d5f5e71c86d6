"""Numbers and texts of documents and events, with the reason codes of ``risk``."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json
from gatecourt.formats import pointer
from gatecourt.formats.decimals import number
from gatecourt.formats.excerpt import excerpt


def number_at(document: Any, at: str, where: str) -> Decimal | Finding:
    """The number at the pointer ``at`` of a document called ``where``, or the finding that there is none.

    Rules: ``risk.value_missing`` (absent, or null), ``risk.value_not_a_number``.
    """
    try:
        value = pointer.get(document, at)
    except KeyError:
        return Finding(f"{where}#{at}", "a finite number", "absent", "risk.value_missing")
    if value is None:
        observed = "null (a NaN written as JSON?)"
        return Finding(f"{where}#{at}", "a finite number", observed, "risk.value_missing")
    read_number = number(value)
    if read_number is None:
        return Finding(f"{where}#{at}", "a finite number", excerpt(value), "risk.value_not_a_number")
    return read_number


def text_at(document: Any, at: str, where: str) -> str:
    """The text or whole number at the pointer ``at``, as text. Raises ``Judged`` (``risk.value_missing``)."""
    value: Json | Decimal
    try:
        value = pointer.get(document, at)
    except KeyError:
        raise Judged(Finding(f"{where}#{at}", "a text", "absent", "risk.value_missing")) from None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Judged(Finding(f"{where}#{at}", "a text", excerpt(value), "risk.value_missing"))
    return str(value)
