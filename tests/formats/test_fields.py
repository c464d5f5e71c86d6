"""Limited manifest fields: what each type accepts, what people read, and that the published schema agrees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs
import pytest

from gatecourt.formats import fields
from gatecourt.formats.fields import Different, Digest, FilePattern, NonEmpty, Pointer, PositiveInt, Text
from gatecourt.system.manifest.binding import bind, bind_sections
from gatecourt.system.manifest.json_schema import manifest_schema

HEX = "0" * 64


@pytest.mark.parametrize(
    ("hint", "good", "bad", "expected"),
    [
        (fields.Pointer, ["", "/", "/a/b", "/*/x"], ["a", " /a", "#/a"], 'a JSON pointer such as "/a/b"'),
        (
            fields.RelativePath,
            ["a", "a/b.json", "..a/b", "a b"],
            ["", "/a", "../a", "a/../b", "a/..", "a\\b", "*.json", "a[1]"],
            "the full name of a file below the target's root, without wildcards and '..'",
        ),
        (
            fields.FilePattern,
            ["*.json", "**/a", "..a"],
            ["", "/a", "../*", "a/../b", "a\\b"],
            "a pattern of files below the root, without '..' and without a leading '/'",
        ),
        (fields.Regex, ["a+", "(?P<x>a)"], ["(", "a**", "(?P<1>a)"], "a regular expression that Python can compile"),
        (
            fields.Digest,
            [f"sha256:{HEX}"],
            [HEX, f"sha256:{HEX}0", f"sha256:{'A' * 64}", f" sha256:{HEX}", f"sha256:{HEX}\n"],
            '"sha256:" and 64 lower-case hex digits',
        ),
        (fields.Identifier, ["a", "a_1"], ["", "A", "a-b", "a b", "a\n"], "lower-case letters, digits and underscores"),
        (fields.Text, ["x", " x "], ["", " ", "\n"], "a text that is not blank"),
        (fields.Count, [0, 1], [-1], "a whole number of at least 0"),
        (fields.PositiveInt, [1], [0, -1], "a whole number of at least 1"),
        (fields.Positive, [0.5, "1e-9"], [0, "0", -1], "more than 0"),
        (fields.NonNegative, [0, "0"], [-1, "-0.1"], "at least 0"),
        (fields.Share, [0, 1, "50%"], [-0.1, 1.1, "101%"], "a share from 0 to 1"),
        (fields.PositiveSeconds, ["1ms"], ["0s"], "more than 0"),
        (fields.NonEmpty[tuple[str, ...]], [["a"], ["a", "a"]], [[]], "at least one entry"),
        (fields.Different[tuple[str, ...]], [["a"], ["a", "b"]], [["a", "b", "a"]], "entries that differ"),
        (fields.NonEmpty[Mapping[str, int]], [{"a": 1}], [{}], "at least one entry"),
    ],
)
def test_a_limited_field(hint: Any, good: list[object], bad: list[object], expected: str) -> None:
    schema = manifest_schema({"key": hint})
    for value in good:
        assert bind_sections({"key": hint}, {"key": value})[1] == []
        assert jsonschema_rs.is_valid(schema, {"key": value}), value
    for value in bad:
        [problem] = bind_sections({"key": hint}, {"key": value})[1]
        assert (problem.at, problem.expected) == ("key", expected), value


@pytest.mark.parametrize(
    ("hint", "value"),
    [
        (fields.Pointer, "a"),
        (fields.RelativePath, "a/../b"),
        (fields.FilePattern, "/a"),
        (fields.Digest, HEX),
        (fields.Identifier, "A"),
        (fields.Text, " "),
        (fields.Count, -1),
        (fields.NonEmpty[tuple[str, ...]], []),
        (fields.NonEmpty[Mapping[str, int]], {}),
        (Mapping[fields.Pointer, int], {"a": 1}),
    ],
)
def test_the_schema_refuses_too(hint: Any, value: object) -> None:
    assert not jsonschema_rs.is_valid(manifest_schema({"key": hint}), {"key": value})


@dataclass(frozen=True)
class Inner:
    at: Pointer
    digest: Digest | None = None


@dataclass(frozen=True)
class Outer:
    files: NonEmpty[tuple[FilePattern, ...]]
    inner: tuple[Inner, ...]
    names: Mapping[Pointer, Text]
    times: Different[tuple[PositiveInt, ...]] = (1,)


def test_all_problems_are_reported_at_once_each_with_its_key() -> None:
    table = {
        "files": ["a", "/b"],
        "inner": [{"at": "/ok"}, {"at": "ts_ms", "digest": "x"}],
        "names": {"/ok": "a", "bad": " "},
        "times": [],
    }
    bound, problems = bind(Outer, table, "section")
    assert bound is None
    assert [str(problem) for problem in problems] == [
        "section.files[1]: expected a pattern of files below the root, without '..' and without a leading '/', "
        'found "/b"',
        'section.inner[1].at: expected a JSON pointer such as "/a/b", found "ts_ms"',
        'section.inner[1].digest: expected "sha256:" and 64 lower-case hex digits, found "x"',
        'section.names.bad: expected a key that is a JSON pointer such as "/a/b", found "bad"',
        'section.names.bad: expected a text that is not blank, found " "',
        "section.times: expected at least one entry, found none",
    ]


def test_a_value_of_another_type_is_reported_as_that() -> None:
    [problem] = bind_sections({"key": fields.Pointer}, {"key": 1})[1]
    assert str(problem) == "key: expected a string, found an integer (1); write it in quotes"
