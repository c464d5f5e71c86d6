"""The expected and observed texts of a violated keyword, short and in a stable order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from gatecourt.formats import pointer
from gatecourt.formats.excerpt import excerpt

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

_LIMITS = {
    "maximum": "at most {}",
    "minimum": "at least {}",
    "exclusiveMaximum": "less than {}",
    "exclusiveMinimum": "more than {}",
    "maxLength": "text of at most {} characters",
    "minLength": "text of at least {} characters",
    "maxItems": "at most {} items",
    "minItems": "at least {} items",
    "maxProperties": "at most {} properties",
    "minProperties": "at least {} properties",
}
_NUMERIC = {"number", "integer"}
_NULL = "null (a NaN written as JSON?)"


def ordered(errors: Iterable[ValidationError]) -> list[ValidationError]:
    """The errors by place in the document, then by place in the schema."""
    return sorted(errors, key=lambda error: (_steps(error.instance_path), _steps(error.schema_path), error.message))


def _steps(path: list[str | int]) -> list[tuple[int, int, str]]:
    return [(0, step, "") if isinstance(step, int) else (1, 0, step) for step in path]


def demand(error: ValidationError) -> str:
    """What the schema asks for at the place of the error."""
    name, value = _kind(error)
    if name in _LIMITS:
        return _LIMITS[name].format(value)
    match name:
        case "type":
            return "type " + " or ".join(value)
        case "required":
            return f"property {excerpt(value)}"
        case "enum":
            return f"one of {excerpt(value)}"
        case "const":
            return excerpt(value)
        case "pattern":
            return f"text that matches {value}"
        case "format":
            return f"format {value}"
    return _structural(name, value) or excerpt(error.message, 160)


def _structural(name: str, value: Any) -> str | None:
    match name:
        case "additionalProperties" | "unevaluatedProperties":
            return "no property that the schema does not name"
        case "falseSchema":
            return "nothing here"
        case "anyOf" | "oneOf":
            return _alternatives([ordered(branch) for branch in value])
        case "propertyNames":
            return f"property names: {demand(value)}"
    return None


def _alternatives(branches: list[list[ValidationError]]) -> str:
    """The nearest alternative has the fewest errors, and of those the deepest: most likely it is the one meant."""
    if not all(branches):
        return f"exactly one of {len(branches)} alternatives"
    nearest = min(branches, key=lambda branch: (len(branch), -max(len(error.instance_path) for error in branch)))
    place = pointer.join(nearest[0].instance_path)
    asks = f"asks at {place} for" if place else "asks for"
    return f"one of {len(branches)} alternatives; the nearest {asks} {demand(nearest[0])}"


def observed_value(error: ValidationError) -> str:
    """The observed value, cut short; a null in place of a number is named as a possible NaN."""
    name, value = _kind(error)
    match name:
        case "required":
            return "absent"
        case "additionalProperties" | "unevaluatedProperties":
            return ", ".join(excerpt(extra) for extra in sorted(value)[:5])
        case "type" if error.instance is None and _NUMERIC & set(value):
            return _NULL
        case "propertyNames":
            return excerpt(value.instance)
        case "anyOf" | "oneOf" if value and not all(value):
            return f"{sum(not branch for branch in value)} hold for {excerpt(error.instance)}"
    return excerpt(error.instance)


def is_undecided(error: ValidationError) -> bool:
    """Whether the regular expression reached its backtracking limit instead of refusing the value."""
    from jsonschema_rs import ValidationErrorKind

    return isinstance(error.kind, (ValidationErrorKind.BacktrackLimitExceeded, ValidationErrorKind.RegexEngineFailure))


def _kind(error: ValidationError) -> tuple[str, Any]:
    return error.kind.name, error.kind.value
