"""Types for manifest fields that hold less than any string or number: pointers, paths, shares, digests, names.

Each is an ``Annotated`` hint with a ``Constraint``. Binding checks it and reports the key; the JSON Schema of the
manifest carries the same limit as far as a schema can say it. A rule that needs two fields stays in ``__post_init__``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Annotated, Any, TypeAlias, TypeVar

from gatecourt.core.model import Json
from gatecourt.formats.quantities import Unit

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Constraint:
    """What a value of a field must be beyond its type.

    ``expected`` completes "expected …" for people, ``accepts`` decides on a value that has the right type, ``schema``
    is what JSON Schema can say of it: it never refuses what ``accepts`` accepts.
    """

    expected: str
    accepts: Callable[[Any], bool] = field(compare=False)
    schema: Mapping[str, Json] = field(default_factory=dict, compare=False)


def _is_pointer(text: str) -> bool:
    return not text or text.startswith("/")


def _is_relative(text: str) -> bool:
    path = PurePosixPath(text)
    return bool(text) and not path.is_absolute() and ".." not in path.parts and "\\" not in text


def _is_regex(text: str) -> bool:
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError):
        return False
    return True


def _at_least(least: int, words: str) -> Constraint:
    return Constraint(words, lambda value: value >= least, {"minimum": least})


_RELATIVE = r"^(?!/)(?!(.*/)?\.\.(/|$))[^\\]+$"
_FULL_NAME = r"^(?!/)(?!(.*/)?\.\.(/|$))[^\\*?\[\]{}]+$"

IS_POINTER = Constraint('a JSON pointer such as "/a/b"', _is_pointer, {"pattern": "^(/.*)?$"})
IS_RELATIVE_PATH = Constraint(
    "the full name of a file below the target's root, without wildcards and '..'",
    lambda text: _is_relative(text) and not set(text) & set("*?[]{}"),
    {"pattern": _FULL_NAME},
)
IS_FILE_PATTERN = Constraint(
    "a pattern of files below the root, without '..' and without a leading '/'", _is_relative, {"pattern": _RELATIVE}
)
IS_REGEX = Constraint("a regular expression that Python can compile", _is_regex)
IS_DIGEST = Constraint(
    '"sha256:" and 64 lower-case hex digits',
    lambda text: re.fullmatch(r"sha256:[0-9a-f]{64}", text) is not None,
    {"pattern": "^sha256:[0-9a-f]{64}$"},
)
IS_IDENTIFIER = Constraint(
    "lower-case letters, digits and underscores",
    lambda text: re.fullmatch(r"[a-z0-9_]+", text) is not None,
    {"pattern": "^[a-z0-9_]+$"},
)
IS_TEXT = Constraint("a text that is not blank", lambda text: bool(text.strip()), {"pattern": r"\S"})
IS_SHARE = Constraint("a share from 0 to 1", lambda value: 0 <= value <= 1)
IS_POSITIVE = Constraint("more than 0", lambda value: value > 0)
IS_NOT_NEGATIVE = Constraint("at least 0", lambda value: value >= 0)
NOT_EMPTY = Constraint("at least one entry", lambda values: len(values) > 0)
DIFFERENT = Constraint("entries that differ", lambda values: len({repr(value) for value in values}) == len(values))

Pointer: TypeAlias = Annotated[str, IS_POINTER]
"""A JSON pointer (RFC 6901). A ``*`` step stands for any one step where the field's ``doc`` says so."""
RelativePath: TypeAlias = Annotated[str, IS_RELATIVE_PATH]
"""A file of the target's own tree, named in full."""
FilePattern: TypeAlias = Annotated[str, IS_FILE_PATTERN]
Regex: TypeAlias = Annotated[str, IS_REGEX]
Digest: TypeAlias = Annotated[str, IS_DIGEST]
Identifier: TypeAlias = Annotated[str, IS_IDENTIFIER]
"""A name that becomes part of a check id or a reason code."""
Text: TypeAlias = Annotated[str, IS_TEXT]
"""A reason, a name: anything but blanks."""
Count: TypeAlias = Annotated[int, _at_least(0, "a whole number of at least 0")]
PositiveInt: TypeAlias = Annotated[int, _at_least(1, "a whole number of at least 1")]
Positive: TypeAlias = Annotated[Decimal, Unit.NUMBER, IS_POSITIVE]
NonNegative: TypeAlias = Annotated[Decimal, Unit.NUMBER, IS_NOT_NEGATIVE]
Share: TypeAlias = Annotated[Decimal, Unit.RATIO, IS_SHARE]
PositiveSeconds: TypeAlias = Annotated[Decimal, Unit.SECONDS, IS_POSITIVE]
NonEmpty: TypeAlias = Annotated[T, NOT_EMPTY]
"""``NonEmpty[tuple[Pointer, ...]]``, ``NonEmpty[Mapping[str, X]]``: at least one entry."""
Different: TypeAlias = Annotated[T, NOT_EMPTY, DIFFERENT]
"""``Different[tuple[str, ...]]``: at least one entry, and no entry twice."""
