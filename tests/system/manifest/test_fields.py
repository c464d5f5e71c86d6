"""Constrained field types: the binding refuses with the key, all at once, and an editor's schema refuses the same."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import jsonschema_rs
import pytest

from gatecourt.formats.fields import (
    Constraint,
    Count,
    Different,
    FilePattern,
    FilePointer,
    Folder,
    Identifier,
    KeyOrPointer,
    NonEmpty,
    NonNegative,
    NonNegativeRatio,
    Pointer,
    PointerPattern,
    Positive,
    PositiveBytes,
    PositiveInt,
    PositiveRatio,
    PositiveSeconds,
    Regex,
    RelativePath,
    Share,
    Text,
    Variable,
    bounds,
    matching,
    regex,
)
from gatecourt.formats.quantities import Number
from gatecourt.system.manifest.binding import bind, bind_sections
from gatecourt.system.manifest.json_schema import manifest_schema

PATHS_REFUSED = ["", "/a", "..", "../a", "a/../b", "a/..", "a\\b", "a\0b", "/"]

TYPES: Mapping[str, tuple[Any, str, list[Any], list[Any]]] = {
    "pointer": (
        Pointer,
        'a JSON pointer such as "/a/b"',
        ["", "/", "/a/0", "/a~1b/~0", "/é/ ", "/a\nb"],
        ["a", "a/b", " /a", "/a~2", "/~"],
    ),
    "pattern": (
        PointerPattern,
        'a JSON pointer, with * for any one step, such as "/rows/*/id"',
        ["/*", "/rows/*/id", "/a~0"],
        ["", "rows/*", "/a~"],
    ),
    "key_or_pointer": (
        KeyOrPointer,
        "the name of a key, or a JSON pointer",
        ["loss", "loss/mean", "a~b", "/loss", "/a/0"],
        ["", "/~", "/a~2"],
    ),
    "file_pointer": (
        FilePointer,
        'FILE#/POINTER such as "spec/limits.json#/max"',
        ["a.json#", "a/b.json#/c/0", "..a#/b", "a#/b/..", "a#/b#c"],
        ["", "a.json", "#/a", "/a#/b", "../a#/b", "a/..#/b", "a#b", "a#/~", "a\\b#"],
    ),
    "folder": (
        Folder,
        "a path below the folder, without '..'",
        ["a", "a/b", ".", "..a/b..", "a/.../b", "a\nb"],
        PATHS_REFUSED,
    ),
    "name": (
        RelativePath,
        "the full name of a file below the target's root, without wildcards and '..'",
        ["a", "a/b.json", "..a"],
        [*PATHS_REFUSED, "*.json", "a?", "[ab]", "{a,b}", "a]", "a}"],
    ),
    "files": (
        FilePattern,
        "a pattern of files below the root, without '..' and without a leading '/'",
        ["**/*.json", "a[0-9].{x,y}"],
        PATHS_REFUSED,
    ),
    "variable": (Variable, "a name of letters, digits and _", ["seed", "_A9"], ["", "9a", "a-b", "é", "a\n"]),
    "reason": (Text, "a text that is not blank", ["x", " because ", "\n."], ["", " ", "\t\n"]),
    "share": (Share, "a share from 0 to 1", [0, 1, 0.5, "0%", "100%", "-0", "1e-3"], [-1, 1.5, 2, "-1%", "-0.5e1"]),
    "positive": (Positive, "more than 0", [1, 0.1, "1e-9", "+2"], [0, -1, 0.0, "0", "0.0", "-1", "0e5", "-0"]),
    "non_negative": (NonNegative, "at least 0", [0, 1, "0", "-0.0", "0e5", "1e-9"], [-1, -0.5, "-1", "-0.01", "-10e2"]),
    "positive_ratio": (PositiveRatio, "more than 0", ["1%", 3], [0, "0%", "-1 %"]),
    "non_negative_ratio": (NonNegativeRatio, "at least 0", ["0%", "250 %"], [-0.1, "-1%"]),
    "seconds": (PositiveSeconds, "more than 0", ["1ms", "0.5 min"], ["0s", "0.0 h"]),
    "bytes": (PositiveBytes, "more than 0", ["1 B", "0.5 kB"], ["0 B", "0.00 MiB"]),
    "positive_int": (PositiveInt, "a whole number of at least 1", [1, 2**62], [0, -1]),
    "count": (Count, "a whole number of at least 0", [0, 1], [-1]),
    "decimals": (Annotated[int, bounds(at_least=0, at_most=15)], "a value from 0 to 15", [0, 15], [-1, 16]),
    "leak": (Annotated[Number, bounds(at_least=0, below=1)], "at least 0 and less than 1", [0, 0.9, "0.9"], [1, 2, -1]),
    "rounding": (Annotated[Number, bounds(at_least=0, at_most="0.1")], "a value from 0 to 0.1", [0.1, 0], [0.2, -1]),
    "low": (Annotated[int, bounds(above=1, below=5)], "more than 1 and less than 5", [2, 4], [1, 5]),
    "different": (Different[tuple[str, ...]], "entries that differ", [["a"], ["a", "b"]], [["a", "b", "a"]]),
    "nested": (NonEmpty[tuple[NonEmpty[tuple[Identifier, ...]], ...]], "at least one entry", [[["a"]]], [[], [[]]]),
}


def refused(hint: Any, value: Any) -> tuple[list[str], bool]:
    """What the binding says of a value, and whether the schema refuses it."""
    sections = {"x": hint}
    _, told = bind_sections(sections, {"x": value})
    return [str(problem) for problem in told], not jsonschema_rs.is_valid(manifest_schema(sections), {"x": value})


@pytest.mark.parametrize("name", TYPES)
def test_binding_and_schema_take_and_refuse_the_same(name: str) -> None:
    hint, expected, good, bad = TYPES[name]
    assert [(value, refused(hint, value)) for value in good] == [(value, ([], False)) for value in good]
    for value in bad:
        sentences, by_schema = refused(hint, value)
        assert (value, by_schema) == (value, True)
        assert len(sentences) == 1
        assert sentences[0].startswith("x")
        assert f": expected {expected}, found " in sentences[0]


def test_a_schema_cannot_reach_the_upper_bound_of_a_written_ratio() -> None:
    assert refused(Share, "150%") == (['x: expected a share from 0 to 1, found "150%"'], False)


def test_a_regular_expression_compiles_and_has_its_groups() -> None:
    words = "a regular expression that Python can compile"
    assert refused(Regex, "a(?P<b>.)") == ([], False)
    assert refused(Regex, "(") == ([f'x: expected {words}, found "("'], False)
    assert refused(Regex, "a{99999999999}") == ([f'x: expected {words}, found "a{{99999999999}}"'], False)
    hint = Annotated[str, regex("family", "number")]
    words = "a regular expression with (?P<family>…) and (?P<number>…) that Python can compile"
    assert refused(hint, "(?P<number>.)(?P<more>.)(?P<family>.)") == ([], False)
    assert refused(hint, "(?P<family>.)") == ([f'x: expected {words}, found "(?P<family>.)"'], False)


@pytest.mark.parametrize(
    ("hint", "value", "sentence"),
    [
        (PositiveInt, "1", 'x: expected an integer, found a string ("1"); write it without quotes'),
        (Share, "much", 'x: expected a ratio such as "15%" or 0.15, found "much"'),
        (NonEmpty[tuple[str, ...]], "a", 'x: expected an array, found a string ("a")'),
        (NonEmpty[tuple[Pointer, ...]], ["/a", "b"], 'x[1]: expected a JSON pointer such as "/a/b", found "b"'),
        (Different[tuple[int, ...]], [1, 2, 1], "x: expected entries that differ, found 1, 2, 1"),
    ],
)
def test_a_wrong_kind_comes_before_a_broken_limit(hint: Any, value: Any, sentence: str) -> None:
    assert refused(hint, value) == ([sentence], True)


def test_the_first_of_several_limits_that_is_broken_is_reported() -> None:
    hint = Different[tuple[str, ...]]
    assert refused(hint, []) == (["x: expected at least one entry, found none"], True)
    assert refused(hint, ["a", "a"]) == (['x: expected entries that differ, found "a", "a"'], True)


def test_two_limits_with_the_same_words_stay_apart() -> None:
    first = Annotated[str, matching("a", "a letter")]
    second = Annotated[str, matching("b", "a letter")]
    assert refused(NonEmpty[tuple[first, ...]], ["a"])[0] == []
    assert refused(NonEmpty[tuple[second, ...]], ["a"])[0] == ['x[0]: expected a letter, found "a"']


@dataclass(frozen=True)
class Inner:
    low: PositiveInt
    high: PositiveInt

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("high: nothing lies between low and high; raise it")


@dataclass(frozen=True)
class Outer:
    at: Pointer
    files: NonEmpty[tuple[FilePattern, ...]]
    inner: tuple[Inner, ...] = ()
    tables: Mapping[str, Inner] = field(default_factory=dict)
    event_name: str = field(default="", metadata={"key": "event-name"})

    def __post_init__(self) -> None:
        if self.event_name == "several":
            raise ValueError("at: goes with event-name", "event-name: goes with at", "files[0]: too", "none of both: x")


def problems(text: str) -> list[str]:
    _, told = bind(Outer, tomllib.loads(text), "s")
    return [str(problem) for problem in told]


def test_every_problem_of_a_section_is_reported_at_once_with_its_key() -> None:
    assert problems(
        'at = "ts"\nfiles = ["../a"]\ninner = [{low = 2, high = 1}, {low = 0, high = 1}, {low = 3, high = 2}]\n'
        "tables.x = {low = 9, high = 8}\nmore = 1\n"
    ) == [
        's.more: expected a known key, found "more"; the known ones are "at", "files", "inner", "tables", "event-name"',
        's.at: expected a JSON pointer such as "/a/b", found "ts"',
        "s.files[0]: expected a pattern of files below the root, without '..' and without a leading '/', "
        'found "../a"',
        "s.inner[0].high: nothing lies between low and high; raise it",
        "s.inner[1].low: expected a whole number of at least 1, found 0",
        "s.inner[2].high: nothing lies between low and high; raise it",
        "s.tables.x.high: nothing lies between low and high; raise it",
    ]


def test_a_rule_across_fields_may_report_several_problems_each_at_its_key() -> None:
    assert problems('at = "/a"\nfiles = ["a"]\nevent-name = "several"') == [
        "s.at: goes with event-name",
        "s.event-name: goes with at",
        "s.files[0]: too",
        "s: none of both: x",
    ]


def test_an_error_that_is_no_list_of_sentences_is_reported_as_it_reads() -> None:
    @dataclass(frozen=True)
    class Odd:
        name: str

        def __post_init__(self) -> None:
            self.name.encode("ascii")

    _, told = bind(Odd, {"name": "é"}, "s")
    assert [str(problem) for problem in told] == [
        "s: 'ascii' codec can't encode character '\\xe9' in position 0: ordinal not in range(128)"
    ]


def test_the_schema_keeps_description_default_and_limit_together() -> None:
    @dataclass(frozen=True)
    class Section:
        runs: PositiveInt = field(default=3, metadata={"doc": "How many."})
        share: Share | None = None

    schema: Any = manifest_schema({"s": Section})
    assert schema["$defs"]["s"]["properties"]["runs"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 2**63 - 1,
        "description": "How many.",
        "default": 3,
    }
    share = schema["$defs"]["s"]["properties"]["share"]
    assert (share["minimum"], share["maximum"], share["type"]) == (0, 1, ["number", "string"])
    assert json.loads(json.dumps(schema)) == schema


def test_a_limit_of_a_gate_of_ones_own() -> None:
    even = Annotated[int, Constraint("an even number", lambda value: value % 2 == 0, {"multipleOf": 2})]
    assert refused(even, 2) == ([], False)
    assert refused(even, 3) == (["x: expected an even number, found 3"], True)
