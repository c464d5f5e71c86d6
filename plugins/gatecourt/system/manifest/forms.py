"""What a value of a manifest must be like: a type hint becomes a form, plain data.

Binding reads forms, and ``json_schema`` reads the same. What a value must be beyond its type is a
``formats.fields.Constraint`` in an ``Annotated`` hint. Field metadata: ``key`` is the name in TOML where Python forbids
it as a name, ``doc`` the sentence for the reader.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeAlias, Union, cast, get_args, get_origin, get_type_hints

from gatecourt.formats.fields import Constraint
from gatecourt.formats.quantities import EXPECTED, Unit, shown

_SCALARS: Mapping[type, str] = {
    str: "a string",
    bool: "true or false",
    int: "an integer",
    float: "a number",
    datetime.date: "a date",
    datetime.datetime: "a date and time",
}


@dataclass(frozen=True, slots=True)
class Scalar:
    """A string, boolean, integer, float, date or date and time. Only an integer is converted, to a float."""

    kind: type


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as people write it, with its unit."""

    unit: Unit


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few values: each as it is written, and the value that it stands for."""

    choices: tuple[tuple[str | int | bool, object], ...]


@dataclass(frozen=True, slots=True)
class Anything:
    """Any TOML value that other programs can read too: finite, within 64 bits, nested no deeper than 64 levels."""


@dataclass(frozen=True, slots=True)
class Array:
    """An array whose values all fit the hint ``item``; bound to a tuple."""

    item: Any


@dataclass(frozen=True, slots=True)
class Table:
    """A table of free keys whose values all fit the hint ``item``; bound to a dict. ``keys`` limit the keys."""

    item: Any
    keys: tuple[Constraint, ...] = ()


@dataclass(frozen=True, slots=True)
class Limited:
    """A value of the hint ``item`` that keeps each of the constraints too."""

    item: Any
    constraints: tuple[Constraint, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """A value of the first of the hints that it fits."""

    members: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """A table whose keys are the fields of a dataclass."""

    kind: type

    @property
    def members(self) -> tuple[Member, ...]:
        """The keys in the order of the fields."""
        return _members(self.kind)


@dataclass(frozen=True, slots=True)
class Member:
    """One key of a record and the dataclass field behind it."""

    key: str
    hint: Any
    field: dataclasses.Field[Any]

    @property
    def required(self) -> bool:
        """Whether the field has no default."""
        return self.field.default is MISSING and self.field.default_factory is MISSING


Form: TypeAlias = Scalar | Quantity | OneOf | Anything | Array | Table | Limited | Either | Record


def form_of(hint: Any) -> Form:
    """The form of a type hint. Raises ``TypeError`` for one that no TOML value can meet."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is not None:
        return _generic_form(hint, origin, arguments)
    if hint is Any:
        return Anything()
    if hint in _SCALARS:
        return Scalar(hint)
    if isinstance(hint, enum.EnumMeta):
        return OneOf(tuple((member.value, member) for member in cast(Iterable[enum.Enum], hint)))
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return Record(hint)
    raise TypeError(f"no TOML value can be bound to {hint!r}")


def _generic_form(hint: Any, origin: Any, arguments: tuple[Any, ...]) -> Form:
    if origin is Annotated:
        return _annotated_form(arguments)
    if origin is Literal:
        return OneOf(tuple((value, value) for value in arguments))
    if origin in (Union, UnionType):
        members = tuple(member for member in arguments if member is not NoneType)
        return Either(members) if len(members) > 1 else form_of(members[0])
    if origin is tuple and arguments[1:] == (...,):
        return Array(arguments[0])
    if origin in (dict, Mapping) and arguments[0] is str:
        return Table(arguments[1])
    if origin in (dict, Mapping) and get_origin(arguments[0]) is Annotated:
        return Table(arguments[1], _constraints(get_args(arguments[0])))
    raise TypeError(f"no TOML value can be bound to {hint!r}")


def _annotated_form(arguments: tuple[Any, ...]) -> Form:
    unit = next((mark for mark in arguments[1:] if isinstance(mark, Unit)), None)
    constraints = _constraints(arguments)
    if not constraints:
        return Quantity(unit) if unit else form_of(arguments[0])
    return Limited(Annotated[arguments[0], unit] if unit else arguments[0], constraints)


def _constraints(arguments: tuple[Any, ...]) -> tuple[Constraint, ...]:
    return tuple(mark for mark in arguments[1:] if isinstance(mark, Constraint))


@cache
def _members(kind: type) -> tuple[Member, ...]:
    hints = get_type_hints(kind, include_extras=True)
    fields = [field for field in dataclasses.fields(kind) if field.init]
    return tuple(Member(field.metadata.get("key", field.name), hints[field.name], field) for field in fields)


def in_words(form: Form) -> str:
    """What a value of the form is, for a sentence that begins "expected"."""
    match form:
        case Scalar(kind):
            return _SCALARS[kind]
        case Quantity(unit):
            return EXPECTED[unit]
        case OneOf(choices):
            return ("one of " if len(choices) > 1 else "") + ", ".join(shown(written) for written, _ in choices)
        case Either(members):
            return " or ".join(in_words(form_of(member)) for member in members)
        case Limited(item, constraints):
            inner = form_of(item)
            return in_words(inner) if isinstance(inner, Array | Table) else constraints[0].expected
        case Anything():
            return "a value"
        case Array():
            return "an array"
        case _:
            return "a table"
