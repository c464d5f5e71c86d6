"""A JSON Schema of the manifest for editors, made from the very dataclasses that ``binding`` binds.

Whatever binds, the schema accepts. It refuses what binding refuses but for what a schema cannot see: rules across
fields (``__post_init__``), a whole float for an integer, a quoted date, units of which no whole byte is left, bounds
other than 0 of a quantity written as text, and regular expressions that do not compile.
"""

from __future__ import annotations

import datetime
import inspect
from collections.abc import Collection, Mapping
from dataclasses import MISSING
from decimal import Decimal
from typing import Any

from gatecourt.core.model import Json
from gatecourt.formats.fields import NOT_EMPTY, Constraint
from gatecourt.formats.quantities import PATTERNS, Unit
from gatecourt.system.manifest.forms import (
    Anything,
    Array,
    Either,
    Form,
    Limited,
    Member,
    OneOf,
    Quantity,
    Record,
    Scalar,
    Table,
    form_of,
)

Schema = dict[str, Json]

_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_SCALARS: Mapping[type, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1},
    float: {"type": "number"},
    datetime.date: {"type": "string", "pattern": f"^{_DAY}$"},
    datetime.datetime: {"type": "string", "pattern": f"^{_DAY}[T ][0-9]{{2}}:[0-9]{{2}}"},
}
_BARE = (Unit.NUMBER, Unit.RATIO)


def manifest_schema(sections: Mapping[str, Any], *, required: Collection[str] = ()) -> Schema:
    """The schema (2020-12) of a manifest with these sections, a type hint each as in ``binding.bind_sections``.

    A table that has its own dataclass is a definition, named by the key path where it comes first: ``risk.limit``.
    """
    writer = _Writer()
    properties = {name: writer.schema(form_of(hint), name) for name, hint in sections.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "gatecourt manifest",
        **_table(properties, [name for name in sections if name in required]),
        "$defs": dict(sorted(writer.definitions.items())),
    }


class _Writer:
    """Writes forms as schemas and collects the definitions that they refer to."""

    def __init__(self) -> None:
        self.definitions: Schema = {}
        self._names: dict[type, str] = {}

    def schema(self, form: Form, at: str) -> Schema:
        """The schema of a value at the key path ``at``."""
        match form:
            case Array(item):
                return {"type": "array", "items": self.schema(form_of(item), at)}
            case Limited(item, constraints):
                return self._limited(form_of(item), constraints, at)
            case Either(members):
                return {"anyOf": [self.schema(form_of(member), at) for member in members]}
            case Record():
                return self._reference(form, at)
            case Table():
                return self._free_table(form, at)
            case _:
                return _value(form)

    def _limited(self, form: Form, constraints: tuple[Constraint, ...], at: str) -> Schema:
        written = self.schema(form, at)
        for constraint in constraints:
            if constraint is NOT_EMPTY:
                written["minItems" if isinstance(form, Array) else "minProperties"] = 1
            else:
                written |= constraint.schema
            if isinstance(form, Quantity) and constraint.written:
                written["pattern"] = f"^{constraint.written}{PATTERNS[form.unit].removeprefix('^')}"
        return written

    def _free_table(self, form: Table, at: str) -> Schema:
        keys: Schema = {}
        for constraint in form.keys:
            keys |= constraint.schema
        limits: Schema = {"propertyNames": keys} if keys else {}
        return {"type": "object", **limits, "additionalProperties": self.schema(form_of(form.item), at)}

    def _reference(self, form: Record, at: str) -> Schema:
        if form.kind not in self._names:
            name = at if at not in self.definitions else f"{at}.{form.kind.__name__}"
            self._names[form.kind] = name
            self.definitions[name] = {}  # a dataclass that holds itself finds its name taken
            self.definitions[name] = self._definition(form, at)
        return {"$ref": f"#/$defs/{self._names[form.kind]}"}

    def _definition(self, form: Record, at: str) -> Schema:
        text = inspect.cleandoc(form.kind.__doc__ or "")
        made_up = text.startswith(f"{form.kind.__name__}(")  # what @dataclass writes where there is no docstring
        properties = {member.key: self._property(member, f"{at}.{member.key}") for member in form.members}
        return {
            "title": form.kind.__name__,
            **({"description": text} if text and not made_up else {}),
            **_table(properties, [member.key for member in form.members if member.required]),
        }

    def _property(self, member: Member, at: str) -> Schema:
        form = form_of(member.hint)
        doc = member.field.metadata.get("doc", "")
        return {**self.schema(form, at), **({"description": doc} if doc else {}), **_default(form, member)}


def _value(form: Scalar | Quantity | OneOf | Anything) -> Schema:
    match form:
        case Scalar(kind):
            return dict(_SCALARS[kind])
        case Quantity(unit):
            return {"type": ["number", "string"] if unit in _BARE else "string", "pattern": PATTERNS[unit]}
        case OneOf(choices):
            return {"enum": [written for written, _ in choices]}
        case _:
            return {}


def _table(properties: Mapping[str, Schema], required: list[str]) -> Schema:
    needed: Schema = {"required": list(required)} if required else {}
    return {"type": "object", "properties": dict(properties), **needed, "additionalProperties": False}


def _default(form: Form, member: Member) -> Schema:
    """The default as a person would write it, where it is one value."""
    value = member.field.default
    if value is MISSING or value is None:
        return {}
    match form_of(form.item) if isinstance(form, Limited) else form:
        case Quantity(unit):
            return {"default": _written(unit, value)}
        case OneOf(choices):
            return dict([("default", written) for written, meant in choices if meant == value][:1])
        case Scalar() if isinstance(value, str | int | float):
            return {"default": value}
    return {}


def _written(unit: Unit, value: Decimal | int) -> Json:
    suffix = {Unit.BYTES: " B", Unit.SECONDS: "s"}.get(unit, "")
    return f"{Decimal(value):f}{suffix}"
