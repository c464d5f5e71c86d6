"""TOML tables to frozen dataclasses, with every problem of a document reported at once."""

from __future__ import annotations

import datetime
import json
import math
import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, dataclass
from typing import Any, TypeVar, cast

from gatecourt.formats.quantities import PARSERS, QuantityError, shown
from gatecourt.formats.suggestions import did_you_mean
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
    in_words,
)
from gatecourt.system.manifest.toml_text import DEEPEST

T = TypeVar("T")

_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "a boolean"),
    (int, "an integer"),
    (float, "a float"),
    (str, "a string"),
    (datetime.datetime, "a date and time"),
    (datetime.date, "a date"),
    (datetime.time, "a time"),
    (Mapping, "a table"),
    (list, "an array"),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a document at the key path ``at``. Without ``found``, ``expected`` is a whole sentence."""

    at: str
    expected: str
    found: str
    hint: str = ""

    def __str__(self) -> str:
        """The problem in one line, ``at: expected …, found …; hint``."""
        told = f"expected {self.expected}, found {self.found}" if self.found else self.expected
        return (f"{self.at}: " if self.at else "") + told + (f"; {self.hint}" if self.hint else "")


def bind(kind: type[T], table: Mapping[str, object], at: str = "") -> tuple[T | None, list[Problem]]:
    """The dataclass ``kind`` made of ``table``, which lies at the key path ``at``; or None and every problem.

    Raises ``TypeError`` for a hint that no TOML value can meet: a fault of the dataclass, not of the document.
    """
    told: list[Problem] = []
    bound = _bind_record(Record(kind), table, at, told)
    return (None if told else cast(T, bound)), told


def bind_sections(
    types: Mapping[str, Any], document: Mapping[str, object], *, required: Collection[str] = ()
) -> tuple[dict[str, object], list[Problem]]:
    """The sections of ``document`` bound to their types, those without a problem, and every problem.

    A type is whatever the hint of a field may be: a dataclass, ``tuple[X, ...]``, ``Mapping[str, X]``. A section that
    is neither present nor required is left out.
    """
    told = _unknown("section", document, list(types), "")
    sections: dict[str, object] = {}
    for name, hint in types.items():
        form, at, before = form_of(hint), key_path("", name), len(told)
        if name in document:
            bound = _bind(form, document[name], at, told)
            sections |= {name: bound} if len(told) == before else {}
        elif name in required:
            told.append(_missing("section", form, at))
    return sections, told


def key_path(at: str, key: str) -> str:
    """``key`` below the path ``at``, in quotes where TOML wants them: ``pins.files."spec/ssot.json"``."""
    step = key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key, ensure_ascii=False)
    return f"{at}.{step}" if at else step


def described(value: object) -> str:
    """What ``value`` is in people's words: ``a string ("abc")``, ``an array``."""
    words = next((words for kind, words in _KINDS if isinstance(value, kind)), type(value).__name__)
    return words if isinstance(value, Mapping | list) else f"{words} ({shown(value)})"


def _bind(form: Form, found: object, at: str, told: list[Problem]) -> object:
    """The value made of ``found``. Where that fails ``told`` grows, and the result means nothing."""
    binder: Callable[[Any, object, str, list[Problem]], object] = _BINDERS[type(form)]
    return binder(form, found, at, told)


def _bind_scalar(form: Scalar, found: object, at: str, told: list[Problem]) -> object:
    if form.kind is float and type(found) is int:
        told += _out_of_range(found, at)
        return float(found)
    if type(found) is not form.kind:
        told.append(Problem(at, in_words(form), described(found), _quoting(form.kind, found)))
    else:
        told += _out_of_range(found, at)
    return found


def _bind_quantity(form: Quantity, found: object, at: str, told: list[Problem]) -> object:
    try:
        return PARSERS[form.unit](found)
    except QuantityError as error:
        written = isinstance(found, str | int | float) and not isinstance(found, bool)
        told.append(Problem(at, error.expected, error.found if written else described(found), error.hint))
        return None


def _bind_choice(form: OneOf, found: object, at: str, told: list[Problem]) -> object:
    for written, meant in form.choices:
        if type(found) is type(written) and found == written:
            return meant
    names = [written for written, _ in form.choices if isinstance(written, str)]
    if isinstance(found, str) and names:
        told.append(Problem(at, in_words(form), shown(found), did_you_mean(found, names)))
    else:
        told.append(Problem(at, in_words(form), described(found)))
    return None


def _bind_anything(_: Anything, found: object, at: str, told: list[Problem]) -> object:
    waiting = [(at, found, 0)]  # a list, not recursion: dotted headers nest deeper than the interpreter's stack
    while waiting:
        place, value, depth = waiting.pop()
        told += _out_of_range(value, place)
        if depth > DEEPEST:
            told.append(Problem(place, f"at most {DEEPEST} levels of nesting", "more"))
        else:
            waiting += [(inner_at, inner, depth + 1) for inner_at, inner in reversed(_children(value, place))]
    return found


def _bind_array(form: Array, found: object, at: str, told: list[Problem]) -> object:
    if not isinstance(found, list):
        told.append(Problem(at, in_words(form), described(found), _bracketing(found, at)))
        return None
    item = form_of(form.item)
    return tuple(_bind(item, inner, place, told) for place, inner in _children(found, at))


def _bind_table(form: Table, found: object, at: str, told: list[Problem]) -> object:
    if not isinstance(found, Mapping):
        told.append(Problem(at, in_words(form), described(found), _bracketing(found, at)))
        return None
    item = form_of(form.item)
    for key in found:
        told += [
            Problem(key_path(at, key), f"a key that is {limit.expected}", shown(key))
            for limit in form.keys
            if not limit.accepts(key)
        ]
    return {key: _bind(item, inner, key_path(at, key), told) for key, inner in found.items()}


def _bind_limited(form: Limited, found: object, at: str, told: list[Problem]) -> object:
    before = len(told)
    bound = _bind(form_of(form.item), found, at, told)
    if len(told) > before:
        return None
    broken = next((limit for limit in form.constraints if not limit.accepts(bound)), None)
    if broken is not None:
        told.append(Problem(at, broken.expected, _shown_entries(found)))
    return bound


def _shown_entries(found: object) -> str:
    if isinstance(found, list | Mapping):
        return ", ".join(shown(entry) for entry in found) or "none"
    return shown(found)


def _bind_either(form: Either, found: object, at: str, told: list[Problem]) -> object:
    right_kind: list[list[Problem]] = []
    for member in form.members:
        problems: list[Problem] = []
        bound = _bind(form_of(member), found, at, problems)
        if not problems:
            return bound
        if not any(problem.at == at and problem.found for problem in problems):
            right_kind.append(problems)
    told += right_kind[0] if len(right_kind) == 1 else [Problem(at, in_words(form), described(found))]
    return None


def _bind_record(form: Record, found: object, at: str, told: list[Problem]) -> object:
    if not isinstance(found, Mapping):
        told.append(Problem(at, in_words(form), described(found), _bracketing(found, at)))
        return None
    before = len(told)
    told += _unknown("key", found, [member.key for member in form.members], at)
    values = {member.field.name: _bind_member(member, found, at, told) for member in form.members}
    if len(told) > before:
        return None
    try:
        return form.kind(**{name: value for name, value in values.items() if value is not MISSING})
    except ValueError as error:
        told += [_across(form, sentence, at) for sentence in _sentences(error)]
        return None


def _sentences(error: ValueError) -> list[str]:
    texts = [argument for argument in error.args if isinstance(argument, str)]
    return texts if texts and len(texts) == len(error.args) else [str(error)]


def _across(form: Record, sentence: str, at: str) -> Problem:
    """What a rule across fields found, at the key that its sentence begins with, if it begins with one."""
    place, colon, rest = sentence.partition(": ")
    known = [member.key for member in form.members]
    if colon and re.split(r"[.\[]", place, maxsplit=1)[0] in known:
        return Problem(f"{at}.{place}" if at else place, rest, "")
    return Problem(at, sentence, "")


def _bind_member(member: Member, table: Mapping[str, object], at: str, told: list[Problem]) -> object:
    place = key_path(at, member.key)
    if member.key in table:
        return _bind(form_of(member.hint), table[member.key], place, told)
    if member.required:
        told.append(_missing("key", form_of(member.hint), place))
    return MISSING


_BINDERS: Mapping[type, Callable[..., object]] = {
    Scalar: _bind_scalar,
    Quantity: _bind_quantity,
    OneOf: _bind_choice,
    Anything: _bind_anything,
    Array: _bind_array,
    Table: _bind_table,
    Limited: _bind_limited,
    Either: _bind_either,
    Record: _bind_record,
}


# Problems that several forms share, and their hints.


def _missing(what: str, form: Form, at: str) -> Problem:
    return Problem(at, in_words(form), "nothing", f"this {what} is required")


def _unknown(what: str, table: Mapping[str, object], known: list[str], at: str) -> list[Problem]:
    every = f"the known ones are {', '.join(map(shown, known))}" if known else ""
    return [
        Problem(key_path(at, key), f"a known {what}", shown(key), did_you_mean(key, known) or every)
        for key in table
        if key not in known
    ]


def _out_of_range(value: object, at: str) -> list[Problem]:
    if isinstance(value, float) and not math.isfinite(value):
        return [Problem(at, "a finite number", shown(value))]
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return [Problem(at, "an integer of at most 64 bits", shown(value))]
    return []


def _quoting(kind: type, found: object) -> str:
    if kind is str:
        return "" if isinstance(found, Mapping | list) else "write it in quotes"
    return "write it without quotes" if isinstance(found, str) and _read_bare(found) is kind else ""


def _read_bare(text: str) -> type | None:
    try:
        return type(tomllib.loads(f"value = {text}")["value"])
    except (ValueError, RecursionError):
        return None


def _bracketing(found: object, at: str) -> str:
    """How to write a table where an array was found, and the other way about; headers have no index."""
    if isinstance(found, Mapping):
        return "" if "[" in at else f"write [[{at}]] in place of [{at}]"
    if isinstance(found, list):
        return "" if "[" in at or not any(isinstance(inner, Mapping) for inner in found) else f"write [{at}], once"
    return ""


def _children(value: object, at: str) -> list[tuple[str, object]]:
    if isinstance(value, Mapping):
        return [(key_path(at, key), inner) for key, inner in value.items()]
    return [(f"{at}[{index}]", inner) for index, inner in enumerate(value)] if isinstance(value, list) else []
