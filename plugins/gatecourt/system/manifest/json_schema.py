"""A JSON Schema of the manifest for editors, made from the very dataclasses that ``binding`` binds.

Whatever binds, the schema accepts. It refuses what binding refuses but for what a schema cannot see: rules across
fields (``__post_init__``), a whole float for an integer, a quoted date, and units of which no whole byte is left.
"""

from __future__ import annotations

import datetime
import inspect
from collections.abc import Collection, Mapping
from dataclasses import MISSING
from decimal import Decimal
from typing import Any

from gatecourt.core.model import Json
from gatecourt.formats.quantities import PATTERNS, Unit
from gatecourt.system.manifest.binding import (
    Anything,
    Array,
    Either,
    Form,
    Member,
    OneOf,
    Quantity,
    Record,
    Scalar,
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
    """The schema (2020-12) of a manifest with these sections, a type hint each as in ``binding.bind_sections``."""
    definitions: Schema = {}
    properties = {name: _schema(form_of(hint), definitions) for name, hint in sections.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "gatecourt manifest",
        **_table(properties, [name for name in sections if name in required]),
        "$defs": dict(sorted(definitions.items())),
    }


def _schema(form: Form, definitions: Schema) -> Schema:
    match form:
        case Scalar(kind):
            return dict(_SCALARS[kind])
        case Quantity(unit):
            return {"type": ["number", "string"] if unit in _BARE else "string", "pattern": PATTERNS[unit]}
        case OneOf(choices):
            return {"enum": [written for written, _ in choices]}
        case Anything():
            return {}
        case Array(item):
            return {"type": "array", "items": _schema(form_of(item), definitions)}
        case Either(members):
            return {"anyOf": [_schema(form_of(member), definitions) for member in members]}
        case Record():
            return _reference(form, definitions)
        case _:
            return {"type": "object", "additionalProperties": _schema(form_of(form.item), definitions)}


def _reference(form: Record, definitions: Schema) -> Schema:
    name = f"{form.kind.__module__}.{form.kind.__qualname__}"
    if name not in definitions:
        definitions[name] = {}  # a dataclass that holds itself finds its name taken
        definitions[name] = _definition(form, definitions)
    return {"$ref": f"#/$defs/{name}"}


def _definition(form: Record, definitions: Schema) -> Schema:
    text = inspect.cleandoc(form.kind.__doc__ or "")
    made_up = text.startswith(f"{form.kind.__name__}(")  # what @dataclass writes where there is no docstring
    properties = {member.key: _property(member, definitions) for member in form.members}
    return {
        "title": form.kind.__name__,
        **({"description": text} if text and not made_up else {}),
        **_table(properties, [member.key for member in form.members if member.required]),
    }


def _table(properties: Mapping[str, Schema], required: list[str]) -> Schema:
    needed: Schema = {"required": list(required)} if required else {}
    return {"type": "object", "properties": dict(properties), **needed, "additionalProperties": False}


def _property(member: Member, definitions: Schema) -> Schema:
    form = form_of(member.hint)
    doc = member.field.metadata.get("doc", "")
    return {**_schema(form, definitions), **({"description": doc} if doc else {}), **_default(form, member)}


def _default(form: Form, member: Member) -> Schema:
    """The default as a person would write it, where it is one value."""
    value = member.field.default
    if value is MISSING or value is None:
        return {}
    match form:
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
