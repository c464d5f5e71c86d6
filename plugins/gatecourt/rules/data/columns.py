"""One field of all bars as an array that compares exactly, and the cells that hold no number.

Doubles keep the order of decimal text only up to 15 significant digits, and of integers only up to 2**53. A column with
more digits becomes an array of Python numbers, which is slower and exact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, TypeAlias

from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.pointer import ABSENT

if TYPE_CHECKING:
    import numpy

    Array: TypeAlias = numpy.ndarray[Any, numpy.dtype[Any]]

_EXACT = 2**53
_WIDEST_TIME = 2**62  # differences of two times stay within 64 bits
_NUMBER = re.compile(r"-?((?:0|[1-9][0-9]*)(?:\.[0-9]+)?)([eE][+-]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell that cannot be compared: the bar's index, the expected and the observed value, the reason code."""

    index: int
    expected: str
    observed: str
    rule: str


@dataclass(frozen=True)
class Column:
    """``values`` of all bars; they have a meaning only where ``valid`` is true."""

    values: Array
    valid: Array
    bad: tuple[BadCell, ...] = field(default=())


def of_values(cells: Sequence[object], *, text: bool) -> Column:
    """A column of numbers from Python values; with ``text`` they are written as text."""
    if not text and set(map(type, cells)) <= {float}:
        return of_array(_floats(cells))
    bad: list[BadCell] = []
    numbers = [_number(index, cell, bad, text=text) for index, cell in enumerate(cells)]
    return _column(numbers, bad)


def of_array(values: Array) -> Column:
    """A column from a numeric array, masked where it has nulls."""
    import numpy as np

    null = np.ma.getmaskarray(values)
    plain = np.ma.getdata(values)
    finite = np.isfinite(plain)
    bad = [BadCell(int(index), "a number", "null", "data.null") for index in np.flatnonzero(null)]
    for index in np.flatnonzero(~finite & ~null):
        bad.append(BadCell(int(index), "a finite number", str(plain[index]), "data.not_finite"))
    plain = np.where(finite & ~null, plain, plain.dtype.type(0))  # a decimal refuses to be compared with NaN
    if plain.dtype.kind in "iu" and plain.size and max(abs(int(plain.max())), abs(int(plain.min()))) > _EXACT:
        plain = _objects(plain.tolist())
    elif plain.dtype.kind in "iu":
        plain = plain.astype(np.float64)
    return Column(plain, finite & ~null, tuple(bad))


def times_of(cells: Sequence[object], *, text: bool) -> Column:
    """A column of whole numbers within 62 bits, as 64-bit integers."""
    import numpy as np

    if not text and (times := _plain_times(cells)) is not None:
        return Column(times, _valid(len(cells), ()))
    bad: list[BadCell] = []
    numbers = [_number(index, cell, bad, text=text) for index, cell in enumerate(cells)]
    known = {cell.index for cell in bad}
    whole = [_whole(index, number, bad) if index not in known else 0 for index, number in enumerate(numbers)]
    bad.sort(key=lambda cell: cell.index)
    return Column(np.array(whole, dtype=np.int64), _valid(len(cells), bad), tuple(bad))


def _plain_times(cells: Sequence[object]) -> Array | None:
    """The times at once where all of them are integers of the right size, as almost always."""
    import numpy as np

    if set(map(type, cells)) != {int}:
        return None
    times = _objects(cells)
    return times.astype(np.int64) if -_WIDEST_TIME < times.min() <= times.max() < _WIDEST_TIME else None


def _floats(cells: Sequence[object]) -> Array:
    import numpy as np

    return np.array(cells, dtype=np.float64)


def _objects(cells: Sequence[object]) -> Array:
    import numpy as np

    array = np.empty(len(cells), dtype=object)
    array[:] = cells
    return array


def _valid(length: int, bad: Sequence[BadCell]) -> Array:
    import numpy as np

    valid = np.ones(length, dtype=bool)
    valid[[cell.index for cell in bad]] = False
    return valid


def _column(numbers: Sequence[int | float | Decimal], bad: Sequence[BadCell]) -> Column:
    exact = all(type(number) is float or (type(number) is int and abs(number) <= _EXACT) for number in numbers)
    return Column(_floats(numbers) if exact else _objects(numbers), _valid(len(numbers), bad), tuple(bad))


def _number(index: int, cell: object, bad: list[BadCell], *, text: bool) -> int | float | Decimal:
    """The cell's number; 0 and a further bad cell where it has none."""
    read = _of_text(cell) if text and isinstance(cell, str) else _of_value(cell, text=text)
    if isinstance(read, tuple):
        bad.append(BadCell(index, *read))
        return 0
    return read


def _of_value(cell: object, *, text: bool) -> int | float | Decimal | tuple[str, str, str]:
    if cell is ABSENT:
        return "the field", "absent", "data.field_missing"
    if cell is None:
        return "a number", "null (a NaN written as JSON?)", "data.null"
    if not text and type(cell) in (int, float):
        return cell  # type: ignore[return-value]  # just tested, booleans excluded
    return "a number as text" if text else "a number", excerpt(cell), "data.not_a_number"


def _of_text(cell: str) -> int | float | Decimal | tuple[str, str, str]:
    if not cell.strip():
        return "a number", "an empty cell", "data.null"
    matched = _NUMBER.fullmatch(cell)
    if matched is None:
        rule = "data.not_finite" if _NOT_FINITE.fullmatch(cell.strip()) else "data.not_a_number"
        return "a finite number" if rule == "data.not_finite" else "a number", excerpt(cell), rule
    if "." not in cell and matched[2] is None and len(cell) <= 300:
        return int(cell)
    if matched[2] is None and len(cell) <= 300 and len(matched[1].replace(".", "").lstrip("0")) <= 15:
        return float(cell)
    return _decimal(cell)


def _decimal(cell: str) -> Decimal | tuple[str, str, str]:
    try:
        number = Decimal(cell)
    except InvalidOperation:
        number = Decimal("Infinity")
    if not number.is_finite() or abs(number.adjusted()) > 400:
        return "a number within double precision", excerpt(cell), "data.not_finite"
    return number


def _whole(index: int, number: int | float | Decimal, bad: list[BadCell]) -> int:
    if type(number) is not int:
        bad.append(BadCell(index, "a whole number", str(number), "data.time_not_whole"))
        return 0
    if abs(number) >= _WIDEST_TIME:
        bad.append(BadCell(index, "a time within 62 bits", excerpt(str(number)), "data.time_range"))
        return 0
    return number


def cells_of(bars: Sequence[object], key: str) -> Iterator[object]:
    """The field ``key`` of each bar, ``ABSENT`` where it is not there. A bar is an object or an array."""
    index = int(key) if key.isdecimal() else -1
    for bar in bars:
        if isinstance(bar, dict):
            yield bar.get(key, ABSENT)
        elif isinstance(bar, list) and 0 <= index < len(bar):
            yield bar[index]
        else:
            yield ABSENT
