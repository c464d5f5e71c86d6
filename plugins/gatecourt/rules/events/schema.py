"""The JSON Schema for the records of a log; each violation has its JSON pointer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json
from gatecourt.formats import pointer, strictjson

if TYPE_CHECKING:
    import jsonschema_rs

Violation = tuple[str, str, type]
"""The keyword, the pointer with ``*`` for numbers, and the type of what stands there."""

_LONGEST_VALUE = 80
_MOST_KNOWN = 1000


class LineSchema:
    """A compiled schema of any draft; formats are checked, and nothing outside the file is ever fetched."""

    def __init__(self, path: Path, name: str) -> None:
        """Raises ``Judged``: a rule of ``strictjson.read``, or ``events.schema_invalid``."""
        self.document = strictjson.read(path, name)
        self._validator = _compile(self.document, name)

    def matches(self, value: Json) -> bool:
        """Whether ``value`` matches the schema."""
        return self._validator.is_valid(value)

    def violations(
        self, value: Json, name: str, line: int, known: dict[Violation, Finding] | None = None
    ) -> list[Finding]:
        """Every violation in ``value``, sorted by place. Much slower than ``matches``.

        With ``known``, for findings that are only counted, a violation like an earlier one is the finding of that one.
        """
        errors = self._validator.iter_errors(value)
        if known is None:
            found = [_finding(error, name, line) for error in errors]
        else:
            found = [_known(error, name, line, known) for error in errors]
        return sorted(found, key=lambda finding: (finding.where, finding.expected))


def _known(error: jsonschema_rs.ValidationError, name: str, line: int, known: dict[Violation, Finding]) -> Finding:
    place = pointer.join(["*" if isinstance(step, int) else step for step in error.instance_path])
    violation = error.kind.name, place, type(error.instance)
    finding = known.get(violation) or _finding(error, name, line)
    if len(known) < _MOST_KNOWN:
        known[violation] = finding
    return finding


def _compile(document: Json, name: str) -> jsonschema_rs.Validator:
    import jsonschema_rs

    try:
        return jsonschema_rs.validator_for(document, validate_formats=True, offline=True)  # type: ignore[arg-type]
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        observed = str(getattr(error, "message", error)).splitlines()[0]
        where = f"{name}#{pointer.join(getattr(error, 'instance_path', ()))}"
        expected = "a valid JSON Schema without outside references"
        raise Judged(Finding(where, expected, observed, "events.schema_invalid")) from error


def _finding(error: jsonschema_rs.ValidationError, name: str, line: int) -> Finding:
    at = pointer.join(error.instance_path)
    expected, observed = _facts(error.kind.name, error.kind.as_dict(), error.instance)
    return Finding(f"{name}:{line}#{at}" if at else f"{name}:{line}", expected, observed, "events.schema")


def _facts(keyword: str, details: dict[str, Any], value: Any) -> tuple[str, str]:
    if keyword == "required":
        return f"key {details['property']!r}", "absent"
    if keyword in ("additionalProperties", "unevaluatedProperties"):
        return "only the declared keys", f"keys {', '.join(map(repr, sorted(details['unexpected'])))}"
    wanted = next((part for part in details.values() if isinstance(part, str | int | float | list)), None)
    one_bound = wanted is not None and keyword not in ("anyOf", "oneOf")
    return f"{keyword} {_text(wanted)}" if one_bound else keyword, _text(value)


def _text(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
