"""Types for manifest fields that hold less than any string or number: pointers, paths, shares, digests, names.

Each is an ``Annotated`` hint with a ``Constraint``. Binding checks it and reports the key; the JSON Schema of the
manifest carries the same limit as far as a schema can say it. What is not here is written where it is needed:
``Annotated[Ratio, bounds(at_least=0, below=1)]``, ``Annotated[str, regex("tick")]``.

A rule that needs two fields stays in ``__post_init__``, which runs only when every field is as its type says. It raises
``ValueError`` with one sentence for each problem; a sentence that begins with ``key: `` is reported at that key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Annotated, Any, TypeAlias, TypeVar

from gatecourt.core.model import Json
from gatecourt.formats.quantities import Bytes, Number, Ratio, Seconds

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Constraint:
    """What a value of a field must be beyond its type.

    ``expected`` completes "expected …" for people, ``accepts`` decides on a value that has the right type, ``schema``
    is what JSON Schema can say of it. ``written`` is a regular expression that looks ahead into a quantity written as
    text, which ``minimum`` does not reach. Neither ever refuses what ``accepts`` accepts.
    """

    expected: str
    accepts: Callable[[Any], bool]
    schema: Mapping[str, Json] = field(default_factory=dict)
    written: str = ""


def matching(pattern: str, expected: str) -> Constraint:
    """A text that the whole of ``pattern`` matches, an expression that Python and JSON Schema read alike."""
    matcher = re.compile(pattern)
    return Constraint(expected, lambda text: matcher.fullmatch(text) is not None, {"pattern": f"^(?:{pattern})$"})


def regex(*groups: str) -> Constraint:
    """A regular expression of Python's ``re`` that has these named groups."""
    named = " with " * bool(groups) + " and ".join(f"(?P<{name}>…)" for name in groups)

    def accepts(text: str) -> bool:
        try:
            return set(groups) <= set(re.compile(text).groupindex)
        except (re.error, RecursionError, OverflowError):
            return False

    return Constraint(f"a regular expression{named} that Python can compile", accepts)


def bounds(
    *,
    at_least: int | str | None = None,
    above: int | str | None = None,
    at_most: int | str | None = None,
    below: int | str | None = None,
    expected: str = "",
) -> Constraint:
    """A number within bounds, each an integer or the text of a decimal: ``bounds(at_least=0, at_most="0.01")``."""
    low, high = _decimal(at_least, above), _decimal(at_most, below)

    def accepts(value: Any) -> bool:
        number = Decimal(value)
        low_kept = low is None or number > low or (number == low and above is None)
        return low_kept and (high is None or number < high or (number == high and below is None))

    given = {"minimum": at_least, "exclusiveMinimum": above, "maximum": at_most, "exclusiveMaximum": below}
    schema = {key: _json_number(bound) for key, bound in given.items() if bound is not None}
    words = expected or _range(at_least, above, at_most, below)
    return Constraint(words, accepts, schema, _sign(low, above is not None))


def _decimal(closed: int | str | None, opened: int | str | None) -> Decimal | None:
    bound = opened if closed is None else closed
    return None if bound is None else Decimal(bound)


def _json_number(bound: int | str) -> Json:
    return bound if isinstance(bound, int) else float(bound)


def _range(at_least: object, above: object, at_most: object, below: object) -> str:
    if at_least is not None and at_most is not None:
        return f"a value from {at_least} to {at_most}"
    low = f"at least {at_least}" if at_least is not None else f"more than {above}" if above is not None else ""
    high = f"at most {at_most}" if at_most is not None else f"less than {below}" if below is not None else ""
    return " and ".join(part for part in (low, high) if part)


def _sign(low: Decimal | None, opened: bool) -> str:
    """What a written quantity must look like where it is not below 0; ``-0`` is 0."""
    if low is None or low < 0:
        return ""
    return "(?!-)(?=[^eE]*[1-9])" if low > 0 or opened else "(?!-[0-9.]*[1-9])"


def _is_relative(text: str) -> bool:
    path = PurePosixPath(text)
    return bool(text) and not path.is_absolute() and ".." not in path.parts and not {"\\", "\0"} & set(text)


_BELOW = r"(?!/)(?!(?:[^\x00]*/)?\.\.(?:/|$))"
_RELATIVE = rf"^{_BELOW}[^\\\x00]+$"
_FULL_NAME = rf"^{_BELOW}[^\\\x00*?\[\]{{}}]+$"
_STEP = r"(?:/(?:[^~/]|~[01])*)"

IS_POINTER = matching(f"{_STEP}*", 'a JSON pointer such as "/a/b"')
IS_POINTER_PATTERN = matching(f"{_STEP}+", 'a JSON pointer, with * for any one step, such as "/rows/*/id"')
IS_KEY_OR_POINTER = matching(rf"[^/][^\x00]*|{_STEP}+", "the name of a key, or a JSON pointer")
IS_FILE_POINTER = matching(
    rf"(?!/)(?!(?:[^\x00#]*/)?\.\.[/#])[^\\\x00#]+#{_STEP}*", 'FILE#/POINTER such as "spec/limits.json#/max"'
)
IS_RELATIVE_PATH = Constraint(
    "the full name of a file below the target's root, without wildcards and '..'",
    lambda text: _is_relative(text) and not set(text) & set("*?[]{}"),
    {"pattern": _FULL_NAME},
)
IS_FILE_PATTERN = Constraint(
    "a pattern of files below the root, without '..' and without a leading '/'", _is_relative, {"pattern": _RELATIVE}
)
IS_FOLDER = Constraint("a path below the folder, without '..'", _is_relative, {"pattern": _RELATIVE})
IS_REGEX = regex()
IS_DIGEST = matching("sha256:[0-9a-f]{64}", '"sha256:" and 64 lower-case hex digits')
IS_IDENTIFIER = matching("[a-z0-9_]+", "lower-case letters, digits and underscores")
IS_VARIABLE = matching("[A-Za-z_][A-Za-z0-9_]*", "a name of letters, digits and _")
IS_TEXT = Constraint("a text that is not blank", lambda text: bool(text.strip()), {"pattern": r"\S"})
IS_SHARE = bounds(at_least=0, at_most=1, expected="a share from 0 to 1")
IS_POSITIVE = bounds(above=0)
IS_NOT_NEGATIVE = bounds(at_least=0)
NOT_EMPTY = Constraint("at least one entry", lambda values: len(values) > 0)
DIFFERENT = Constraint(
    "entries that differ",
    lambda values: len({repr(value) for value in values}) == len(values),
    {"uniqueItems": True},
)

Pointer: TypeAlias = Annotated[str, IS_POINTER]
"""A JSON pointer (RFC 6901); "" is the whole document."""
PointerPattern: TypeAlias = Annotated[str, IS_POINTER_PATTERN]
"""A JSON pointer below the document itself, in which a ``*`` step stands for any one step."""
KeyOrPointer: TypeAlias = Annotated[str, IS_KEY_OR_POINTER]
"""The name of a key of a flat record or, where it begins with a slash, a JSON pointer into it."""
FilePointer: TypeAlias = Annotated[str, IS_FILE_POINTER]
"""A value in a file of the target's own tree: its path, ``#`` and a JSON pointer."""
RelativePath: TypeAlias = Annotated[str, IS_RELATIVE_PATH]
"""A file of the target's own tree, named in full."""
FilePattern: TypeAlias = Annotated[str, IS_FILE_PATTERN]
"""Files below the root: ``*`` stays within a folder, ``**`` crosses folders."""
Folder: TypeAlias = Annotated[str, IS_FOLDER]
"""A path that stays below the folder it starts in; "." is that folder."""
Regex: TypeAlias = Annotated[str, IS_REGEX]
Digest: TypeAlias = Annotated[str, IS_DIGEST]
Identifier: TypeAlias = Annotated[str, IS_IDENTIFIER]
"""A name that becomes part of a check id or a reason code."""
Variable: TypeAlias = Annotated[str, IS_VARIABLE]
"""A name that can stand in a template such as ``{seed}``."""
Text: TypeAlias = Annotated[str, IS_TEXT]
"""A reason, a name: anything but blanks."""
Count: TypeAlias = Annotated[int, bounds(at_least=0, expected="a whole number of at least 0")]
PositiveInt: TypeAlias = Annotated[int, bounds(at_least=1, expected="a whole number of at least 1")]
Positive: TypeAlias = Annotated[Number, IS_POSITIVE]
NonNegative: TypeAlias = Annotated[Number, IS_NOT_NEGATIVE]
Share: TypeAlias = Annotated[Ratio, IS_SHARE]
PositiveRatio: TypeAlias = Annotated[Ratio, IS_POSITIVE]
NonNegativeRatio: TypeAlias = Annotated[Ratio, IS_NOT_NEGATIVE]
PositiveSeconds: TypeAlias = Annotated[Seconds, IS_POSITIVE]
PositiveBytes: TypeAlias = Annotated[Bytes, IS_POSITIVE]
NonEmpty: TypeAlias = Annotated[T, NOT_EMPTY]
"""``NonEmpty[tuple[Pointer, ...]]``, ``NonEmpty[Mapping[str, X]]``: at least one entry."""
Different: TypeAlias = Annotated[T, NOT_EMPTY, DIFFERENT]
"""``Different[tuple[str, ...]]``: at least one entry, and no entry twice."""
