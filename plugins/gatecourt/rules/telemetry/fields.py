"""What each row has to have: its schema, its required numbers and texts, a version that is known."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gatecourt.core.model import Finding
from gatecourt.formats import pointer
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.json_schema_wording import demand, is_undecided, observed_value, ordered
from gatecourt.formats.pointer import ABSENT
from gatecourt.rules.telemetry.row import Row
from gatecourt.rules.telemetry.row_pointer import getter
from gatecourt.rules.telemetry.section import LogSection, VersionRule
from gatecourt.rules.telemetry.version import parse_version, refusal

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError, Validator

_NULL = "null (a NaN written as JSON?)"
_NUMERIC = {"number", "integer"}
_WIDEST = 1 << 1024


class Fields:
    """Judges the shape of rows, one by one."""

    def __init__(self, log: LogSection, schema: Validator | None) -> None:
        self._schema = schema
        self._numbers = [(name, getter(name)) for name in log.numbers]
        self._texts = [(name, getter(name)) for name in log.texts]
        self._version = None if log.version is None else _Versions(log.version)

    def take(self, row: Row) -> Iterator[Finding]:
        """Everything that is wrong with the shape of a row; of one place not the same twice."""
        found = list(self._required(row))
        yield from found
        if self._schema is not None:
            required = {one.where for one in found}
            yield from (one for one in self._against(self._schema, row) if one.where not in required)
        if self._version is not None and (finding := self._version.take(row)):
            yield finding

    def _required(self, row: Row) -> Iterator[Finding]:
        value = row.value
        for name, get in self._numbers:
            found = get(value)
            if type(found) is not float and not is_number(found):
                yield _wrong(row, name, found, "a finite number", "telemetry.not_a_number")
        for name, get in self._texts:
            found = get(value)
            if not isinstance(found, str) or not found.strip():
                yield _wrong(row, name, found, "a text that is not empty", "telemetry.not_a_text")

    def _against(self, schema: Validator, row: Row) -> Iterator[Finding]:
        try:
            errors = [] if schema.is_valid(row.value) else ordered(schema.iter_errors(row.value))
        except UnicodeEncodeError:
            yield Finding(row.where, "text of whole characters", "an unpaired surrogate", "telemetry.schema")
        except ValueError as refused:  # the validator's own limit of nesting, lower than the reader's
            yield Finding(row.where, "a nesting that a validator can follow", str(refused), "json.depth")
        else:
            yield from (_violation(row, error) for error in errors)


def is_number(value: object) -> bool:
    """Whether ``value``, as JSON gives it, is a finite number that a double can hold; a boolean is none."""
    if type(value) is float:
        return math.isfinite(value)
    return type(value) is int and -_WIDEST < value < _WIDEST


def shown(value: Any) -> str:
    """A value that is not what it should be, in few words."""
    if value is ABSENT:
        return "absent"
    return _NULL if value is None else excerpt(value)


def _wrong(row: Row, name: str, found: Any, expected: str, rule: str) -> Finding:
    if found is ABSENT:
        return Finding(row.at(name), expected, "absent", "telemetry.field_missing")
    return Finding(row.at(name), expected, shown(found), rule)


def _violation(row: Row, error: ValidationError) -> Finding:
    kind, value = error.kind.name, error.kind.value
    if kind == "required":
        at = pointer.join((*error.instance_path, str(value)))
        return Finding(f"{row.where}#{at}", demand(error), "absent", "telemetry.field_missing")
    at = pointer.join(error.instance_path)
    where = f"{row.where}#{at}" if at else row.where
    if kind == "type" and _NUMERIC & set(value):
        return Finding(where, demand(error), observed_value(error), "telemetry.not_a_number")
    rule = "telemetry.schema_undecided" if is_undecided(error) else "telemetry.schema"
    return Finding(where, demand(error), observed_value(error), rule)


class _Versions:
    """Judges the version of each row."""

    def __init__(self, rule: VersionRule) -> None:
        self._name = rule.pointer
        self._get = getter(rule.pointer)
        self._accepted = [known for text in rule.accepted if (known := parse_version(text)) is not None]
        self._expected = f"version {' or '.join(rule.accepted)}"
        self._well: object = ABSENT

    def take(self, row: Row) -> Finding | None:
        """What is wrong with the version of a row."""
        found = self._get(row.value)
        # 1 and True are equal and are not the same; so are 1 and 1.0, which are the same version.
        if found is not ABSENT and type(found) is type(self._well) and found == self._well:
            return None
        version = parse_version(found)
        if version is None:
            return Finding(row.at(self._name), self._expected, shown(found), "telemetry.version_unreadable")
        if why := refusal(version, self._accepted):
            return Finding(row.at(self._name), self._expected, f"{found}, {why}", "telemetry.version")
        self._well = found
        return None
