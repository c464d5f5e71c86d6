"""Numbers and texts of documents and events, with the reason codes of ``risk``."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.formats.json_value import JsonValue


def number_at(document: Any, at: str, where: str) -> Decimal | Finding:
    """The number at the pointer ``at`` of a document called ``where``, or the finding that there is none.

    Rules: ``risk.value_missing`` (absent, or null), ``risk.value_not_a_number``.
    """
    value = JsonValue.of(document, where, missing="risk.value_missing", wrong="risk.value_not_a_number")
    try:
        return value.number(at)
    except Judged as judged:
        return judged.finding


def text_at(document: Any, at: str, where: str) -> str:
    """The text or whole number at the pointer ``at``, as text. Raises ``Judged`` (``risk.value_missing``)."""
    return JsonValue.of(document, where, missing="risk.value_missing", wrong="risk.value_missing").name(at)
