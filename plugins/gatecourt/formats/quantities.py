"""Quantities written as people write them: "15%", "100 MB", "5s", "1e-9".

Every value is exact: text never passes through a float, and no rounding happens on the way. A TOML float has already
lost what double precision cannot hold; in quotes it keeps all its digits.
"""

from __future__ import annotations

import enum
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from typing import Annotated, Literal, NoReturn


class Unit(enum.Enum):
    """What a written quantity measures; marks an annotated manifest field."""

    NUMBER = "number"
    RATIO = "ratio"
    BYTES = "bytes"
    SECONDS = "seconds"


Number = Annotated[Decimal, Unit.NUMBER]
Ratio = Annotated[Decimal, Unit.RATIO]
Bytes = Annotated[int, Unit.BYTES]
Seconds = Annotated[Decimal, Unit.SECONDS]

TimeUnit = Literal["s", "ms", "us", "ns"]
PER_SECOND: Mapping[TimeUnit, int] = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
"""How many of the unit, in which a judged file counts its times, make a second."""

EXPECTED: Mapping[Unit, str] = {
    Unit.NUMBER: 'a number such as 0.5 or "1e-9"',
    Unit.RATIO: 'a ratio such as "15%" or 0.15',
    Unit.BYTES: 'a size with its unit such as "100 MB"',
    Unit.SECONDS: 'a duration with its unit such as "5s"',
}

_SIZES = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_DURATIONS = {
    "ms": Decimal("0.001"),
    "s": Decimal(1),
    "min": Decimal(60),
    "h": Decimal(3600),
    "d": Decimal(86400),
}

_UNSIGNED = r"[0-9]+(?:\.[0-9]+)?"
_SIGNED = rf"[+-]?{_UNSIGNED}(?:[eE][+-]?[0-9]{{1,3}})?"  # three digits: an int of a longer exponent fills the memory

PATTERNS: Mapping[Unit, str] = {
    Unit.NUMBER: rf"^({_SIGNED})$",
    Unit.RATIO: rf"^({_SIGNED}) *(%?)$",
    Unit.BYTES: rf"^({_UNSIGNED}) *({'|'.join(_SIZES)})$",
    Unit.SECONDS: rf"^({_UNSIGNED}) *({'|'.join(_DURATIONS)})$",
}
"""The written forms, as regular expressions that Python and JSON Schema read alike."""


class QuantityError(ValueError):
    """A value that is not the quantity it should be, as one sentence and in its parts."""

    def __init__(self, unit: Unit, value: object, hint: str = "") -> None:
        self.expected, self.found, self.hint = EXPECTED[unit], shown(value), hint
        super().__init__(f"expected {self.expected}, found {self.found}" + (f"; {hint}" if hint else ""))


def shown(value: object) -> str:
    """A scalar as TOML writes it, on one line and at most about 60 characters long."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value if len(value) <= 60 else value[:59] + "…", ensure_ascii=False)
    if isinstance(value, int) and value.bit_length() > 64:
        return f"{'-' if value < 0 else ''}0x{abs(value) >> (value.bit_length() - 32):x}…"
    return str(value)


def parse_number(value: object) -> Decimal:
    """``"1e-9"``, ``1`` or ``0.5`` as a finite decimal. Raises ``QuantityError``; a boolean is no number."""
    if not isinstance(value, str):
        return _plain(Unit.NUMBER, value)
    return Decimal(_parts(Unit.NUMBER, value)[0])


def parse_ratio(value: object) -> Decimal:
    """``"15%"`` as ``Decimal("0.15")``; ``0.15`` and ``"0.15"`` are the same. Raises ``QuantityError``."""
    if not isinstance(value, str):
        return _plain(Unit.RATIO, value)
    number, percent = _parts(Unit.RATIO, value)
    return _times(number, Decimal("0.01")) if percent else Decimal(number)


def parse_bytes(value: object) -> int:
    """``"100 MB"`` or ``"64 KiB"`` in bytes, a whole number. Raises ``QuantityError``, for a bare number too."""
    if not isinstance(value, str):
        _refuse_bare(Unit.BYTES, value, _SIZES)
    number, unit = _parts(Unit.BYTES, value, _SIZES)
    size = _times(number, Decimal(_SIZES[unit]))
    if size != int(size):
        raise QuantityError(Unit.BYTES, value, "it is not a whole number of bytes")
    return int(size)


def parse_seconds(value: object) -> Decimal:
    """``"250ms"``, ``"5s"``, ``"2 min"``, ``"1h"`` or ``"1d"`` in seconds. Raises ``QuantityError``, for a bare
    number too."""
    if not isinstance(value, str):
        _refuse_bare(Unit.SECONDS, value, _DURATIONS)
    number, unit = _parts(Unit.SECONDS, value, _DURATIONS)
    return _times(number, _DURATIONS[unit])


PARSERS: Mapping[Unit, Callable[[object], Decimal | int]] = {
    Unit.NUMBER: parse_number,
    Unit.RATIO: parse_ratio,
    Unit.BYTES: parse_bytes,
    Unit.SECONDS: parse_seconds,
}


def _plain(unit: Unit, value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise QuantityError(unit, value)
    if isinstance(value, float) and not math.isfinite(value):
        raise QuantityError(unit, value, "it must be finite")
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def _parts(unit: Unit, text: str, units: Iterable[str] = ()) -> tuple[str, str]:
    matched = re.fullmatch(PATTERNS[unit], text)
    if matched is None:
        raise QuantityError(unit, text, _advice(text, list(units)))
    return matched[1], matched[2] if matched.re.groups > 1 else ""


def _times(number: str, factor: Decimal) -> Decimal:
    """The product without rounding, however long the number is written."""
    return Context(prec=len(number) + 20, Emax=MAX_EMAX, Emin=MIN_EMIN).multiply(Decimal(number), factor)


def _advice(text: str, units: list[str]) -> str:
    if not units:
        return ""
    if text.startswith("-"):
        return "it cannot be negative"
    word = text.lstrip("0123456789. ").casefold()
    near = next((unit for unit in units if unit.casefold() == word), None)
    return _say(units) if near is None else f'did you mean "{near}"?'


def _refuse_bare(unit: Unit, value: object, units: Iterable[str]) -> NoReturn:
    bare = isinstance(value, int | float) and not isinstance(value, bool)
    raise QuantityError(unit, value, _say(list(units)) if bare else "")


def _say(units: list[str]) -> str:
    return f"say the unit: {', '.join(units[:-1])} or {units[-1]}"
