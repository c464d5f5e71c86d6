"""Versions, equality of JSON values, and names that were misspelt."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gatecourt.formats.json_equality import same
from gatecourt.formats.suggestions import did_you_mean
from gatecourt.formats.versions import at_least, parse_version


@pytest.mark.parametrize(
    ("text", "parts"),
    [("1", (1,)), ("0.9.7", (0, 9, 7)), ("1.10", (1, 10)), ("1.2.3.4", (1, 2, 3, 4))],
)
def test_a_version_in_its_parts(text: str, parts: tuple[int, ...]) -> None:
    assert parse_version(text) == parts


@pytest.mark.parametrize(
    "text", ["", "v1", "1.", ".1", "01.2", "1.02", "1.2.3.4.5", "1.2-rc1", "1.2\n", 1.2, None, "\u0661.\u0662"]
)
def test_what_is_no_version(text: object) -> None:
    assert parse_version(text) is None


def test_the_number_of_parts_can_be_limited() -> None:
    assert parse_version("1.2", parts=range(2, 3)) == (1, 2)
    assert parse_version("1", parts=range(2, 3)) is None
    assert parse_version("1.2.3", parts=range(2, 3)) is None


@pytest.mark.parametrize(
    ("found", "known", "yes"),
    [((1, 10), (1, 9), True), ((1,), (1, 0, 0), True), ((1, 0), (1, 0, 1), False), ((2,), (1, 9), True)],
)
def test_versions_compare_as_numbers(found: tuple[int, ...], known: tuple[int, ...], *, yes: bool) -> None:
    assert at_least(found, known) is yes


@pytest.mark.parametrize(
    ("left", "right", "yes"),
    [
        (1, 1.0, True),
        (Decimal("0.30"), 0.3, True),
        (0.3, Decimal("0.30"), True),
        (Decimal("0.1"), 0.10000000000000002, False),
        (1, True, False),
        (0, False, False),
        (True, True, True),
        ("1", 1, False),
        (None, False, False),
        ({"a": 1, "b": 2}, {"b": 2.0, "a": 1}, True),
        ({"a": 1}, {"a": 1, "b": None}, False),
        ([1, [2]], [1, [2.0]], True),
        ([1, 2], [2, 1], False),
        ([1], [1, 1], False),
        ({"a": [True]}, {"a": [1]}, False),
        ([], {}, False),
    ],
)
def test_json_values_are_equal_as_the_schema_has_it(left: Any, right: Any, *, yes: bool) -> None:
    assert same(left, right) is yes


def test_the_nearest_name_is_proposed() -> None:
    assert did_you_mean("Max-Age", ["max_age", "minimum"]) == 'did you mean "max_age"?'
    assert did_you_mean("zzz", ["max_age"]) == ""
    assert did_you_mean("zzz", []) == ""
