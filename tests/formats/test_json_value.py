"""Values with their places: what each way of taking one accepts, and the finding for everything else."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.formats.decimals import number
from gatecourt.formats.json_value import JsonValue, without_decimals
from gatecourt.formats.pointer import ABSENT


def value_of(document: Any) -> JsonValue:
    return JsonValue.of(document, "a.json", missing="x.missing", wrong="x.wrong")


@pytest.mark.parametrize(
    ("way", "good", "bad", "expected"),
    [
        ("number", [0, -1.5, Decimal("0.1")], [True, "1", [], {}, float("nan"), float("inf")], "a finite number"),
        ("amount", [0, 2.5], [-1, -0.1], "a number of at least 0"),
        ("share", [0, 1, 0.5], [-0.1, 1.1, 2], "a number from 0 to 1"),
        ("integer", [0, -2, 2.0], [0.5], "a whole number"),
        ("count", [0, 2, 2.0], [0.5], "a whole number of at least 0"),
        ("text", ["a", " a "], ["", "  ", 1, True, []], "a text"),
        ("name", ["a", 7], [True, 1.5, [], {}], "a text"),
        ("truth", [True, False], [0, 1, "true"], "true or false"),
        ("items", [[], [1]], [{}, "ab", 1], "a list"),
        ("members", [{}, {"a": 1}], [[], "a", 1], "an object"),
    ],
)
def test_a_value_of_its_kind(way: str, good: list[Any], bad: list[Any], expected: str) -> None:
    for item in good:
        getattr(value_of({"a": {"b": item}}), way)("/a/b")
        getattr(value_of(item), way)()
    for item in bad:
        with pytest.raises(Judged) as judged:
            getattr(value_of({"a": {"b": item}}), way)("/a/b")
        finding = judged.value.finding
        assert (finding.where, finding.expected, finding.rule) == ("a.json#/a/b", expected, "x.wrong"), item
    for document, observed in (({"a": {}}, "absent"), ({"a": {"b": None}}, "null"), ({"a": [1]}, "absent")):
        with pytest.raises(Judged) as judged:
            getattr(value_of(document), way)("/a/b")
        assert (judged.value.finding.where, judged.value.finding.observed) == ("a.json#/a/b", observed)
        assert judged.value.finding.rule == "x.missing"


def test_numbers_are_exact_as_they_are_written() -> None:
    assert value_of({"a": 0.1}).number("/a") == Decimal("0.1")
    assert value_of({"a": 10**30 + 1}).integer("/a") == 10**30 + 1
    assert value_of({"a": 2.0}).count("/a") == 2
    assert value_of(7).name() == "7"


def test_places_go_on_from_the_value() -> None:
    inner = value_of({"a/b": [{"c": 1}, {"c": "x"}]}).items("/a~1b")[1]
    assert inner.where == "a.json#/a~1b/1"
    with pytest.raises(Judged) as judged:
        inner.number("/c")
    assert judged.value.finding == Finding("a.json#/a~1b/1/c", "a finite number", '"x"', "x.wrong")
    members = value_of({"o": {"z": 1, "a/b": 2}}).members("/o")
    assert [(key, member.where) for key, member in members.items()] == [
        ("a/b", "a.json#/o/a~1b"),
        ("z", "a.json#/o/z"),
    ]


def test_nothing_and_null_are_two_things_where_asked() -> None:
    value = value_of({"a": None, "b": False})
    assert (value.has("/a"), value.has("/b"), value.has("/c")) == (False, True, False)
    assert (value.get("/a"), value.get("/b"), value.get("/c")) == (None, False, ABSENT)


@pytest.mark.parametrize("value", [True, "1", None, float("inf"), Decimal("nan"), Decimal("1e401"), 10**1001])
def test_what_is_no_number_that_a_double_could_hold(value: object) -> None:
    assert number(value) is None


def test_decimals_are_shown_as_numbers() -> None:
    assert without_decimals({"a": [Decimal("0.5"), "x", None]}) == {"a": [0.5, "x", None]}
