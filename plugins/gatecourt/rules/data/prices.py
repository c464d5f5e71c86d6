"""Prices and volumes of bars: above zero, and the high and low around open and close."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gatecourt.core.model import Finding
from gatecourt.rules.data.section import Dataset
from gatecourt.rules.data.table import Table

if TYPE_CHECKING:
    from gatecourt.rules.data.columns import Array


def judge_prices(table: Table, dataset: Dataset) -> Iterator[Finding]:
    """Findings on the numbers of the bars. Rules: ``data.price``, ``data.volume``, ``data.ohlc``."""
    for key in dataset.fields.prices:
        yield from _wrong(table, key, _at_most_zero(table, key), "a price above 0", "data.price")
    for key in dataset.fields.amounts:
        yield from _wrong(table, key, _negative(table, key), "0 or more", "data.volume")
    yield from _highs(table, dataset)
    yield from _lows(table, dataset)


def _wrong(table: Table, key: str, wrong: Array, expected: str, rule: str) -> Iterator[Finding]:
    yield from table.where(wrong, lambda index: Finding(table.at(index, key), expected, table.cell(key, index), rule))


def _at_most_zero(table: Table, key: str) -> Array:
    column = table.columns[key]
    result: Array = (column.values <= 0) & column.valid
    return result


def _negative(table: Table, key: str) -> Array:
    column = table.columns[key]
    result: Array = (column.values < 0) & column.valid
    return result


def _below(table: Table, low: str, high: str) -> Array:
    """Where ``high`` is below ``low``, and both are numbers."""
    upper, lower = table.columns[high], table.columns[low]
    result: Array = (upper.values < lower.values) & upper.valid & lower.valid
    return result


def _highs(table: Table, dataset: Dataset) -> Iterator[Finding]:
    names = dataset.fields
    wrong = _below(table, names.open, names.high) | _below(table, names.close, names.high)
    wrong |= _below(table, names.low, names.high)

    def finding(index: int) -> Finding:
        return _extreme(table, index, names.high, "at least", (names.open, names.close, names.low))

    yield from table.where(wrong, finding)


def _lows(table: Table, dataset: Dataset) -> Iterator[Finding]:
    names = dataset.fields
    wrong = _below(table, names.low, names.open) | _below(table, names.low, names.close)

    def finding(index: int) -> Finding:
        return _extreme(table, index, names.low, "at most", (names.open, names.close))

    yield from table.where(wrong, finding)


def _extreme(table: Table, index: int, key: str, bound: str, others: tuple[str, ...]) -> Finding:
    known = [other for other in others if table.columns[other].valid[index]]
    expected = f"{bound} {', '.join(f'{other} {table.cell(other, index)}' for other in known)}"
    return Finding(table.at(index, key), expected, table.cell(key, index), "data.ohlc")
