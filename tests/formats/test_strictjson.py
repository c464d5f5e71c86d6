"""Strict reading: what is refused, by which rule, and where it lies."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.formats.jsonl import JsonlRecord, records
from gatecourt.formats.pointer import get, join, leaves, matches, split
from gatecourt.formats.strictjson import parse, read

KEYS = st.text(max_size=6)
DOCUMENTS: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


def refused(data: bytes, line: int | None = None) -> Finding:
    with pytest.raises(Judged) as caught:
        parse(data, "a.json", line)
    return caught.value.finding


@pytest.mark.parametrize(
    ("text", "where", "rule"),
    [
        ('{"a": {"b": [1, NaN]}}', "a.json#/a/b/1", "json.not_finite"),
        ('{"a": -Infinity}', "a.json#/a", "json.not_finite"),
        ("[1, 1e400]", "a.json#/1", "json.not_finite"),
        ('{"a": 1, "x/y~": {"k": "{[,", "k": 2}}', "a.json#/x~1y~0/k", "json.duplicate_key"),
        ('[{"a": 1}, {"a": 1, "\\u0061": 2}]', "a.json#/1/a", "json.duplicate_key"),
        ('{"NaN": "NaN", "b": [[], {}, NaN]}', "a.json#/b/2", "json.not_finite"),
        ("", "a.json:1", "json.syntax"),
        ('{\n"a": }', "a.json:2", "json.syntax"),
        ("[1] [2]", "a.json:1", "json.syntax"),
        ("\ufeff[1]", "a.json:1", "json.encoding"),
        ("[" * 100_000, "a.json", "json.depth"),
    ],
)
def test_what_is_refused_has_its_place(text: str, where: str, rule: str) -> None:
    finding = refused(text.encode())
    assert (finding.where, finding.rule) == (where, rule)


def test_a_byte_that_is_no_utf8_is_refused() -> None:
    finding = refused(b'{"a": "\xff"}')
    assert (finding.rule, finding.observed) == ("json.encoding", "byte 0xff at offset 7")


def test_a_refused_record_has_its_line_and_pointer() -> None:
    assert refused(b'{"a": NaN}', 12).where == "a.json:12#/a"
    assert refused(b"{", 12).where == "a.json:12"


@given(DOCUMENTS)
def test_every_plain_document_is_read_as_it_was_written(document: Any) -> None:
    assert parse(json.dumps(document).encode(), "a.json") == document


@given(DOCUMENTS, st.data())
def test_a_number_that_is_not_finite_is_found_wherever_it_lies(document: Any, data: st.DataObject) -> None:
    places = [steps for steps, _ in leaves(document)]
    steps = data.draw(st.sampled_from(places))
    text = json.dumps(_replaced(document, steps), ensure_ascii=data.draw(st.booleans()))
    finding = refused(text.encode("utf-8", "surrogatepass")) if text.isascii() else None
    if finding is not None:
        assert (finding.where, finding.rule) == (f"a.json#{join(steps)}", "json.not_finite")


def _replaced(document: Any, steps: tuple[str | int, ...]) -> Any:
    if not steps:
        return float("nan")
    changed = dict(document) if isinstance(document, dict) else list(document)
    changed[steps[0]] = _replaced(document[steps[0]], steps[1:])
    return changed


@given(DOCUMENTS)
def test_every_leaf_is_found_again_by_its_pointer(document: Any) -> None:
    for steps, value in leaves(document):
        pointer = join(steps)
        assert get(document, pointer) == value
        assert matches(split(pointer), steps)
        assert matches(["*"] * len(steps), steps)
        assert not matches([*split(pointer), "*"], steps)


def test_a_pointer_that_leads_nowhere_is_a_key_error() -> None:
    for pointer in ("/b", "/a/2", "/a/-1", "/a/x", "/a/0/b"):
        with pytest.raises(KeyError):
            get({"a": [1, 2]}, pointer)
    with pytest.raises(ValueError, match="begins with"):
        split("a")


def test_lines_are_read_one_by_one_and_each_fault_has_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a": 1}\n\n{"a": NaN}\n{"a": 2}')
    first, blank, nan, last = records(path, "a.jsonl")
    assert first == JsonlRecord(1, {"a": 1})
    assert isinstance(blank, Finding)
    assert isinstance(nan, Finding)
    assert isinstance(last, Finding)
    assert (blank.where, blank.rule) == ("a.jsonl:2", "json.syntax")
    assert (nan.where, nan.rule) == ("a.jsonl:3#/a", "json.not_finite")
    assert (last.where, last.rule) == ("a.jsonl:4", "jsonl.truncated")


def test_a_file_that_is_not_there_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(Judged) as caught:
        read(tmp_path / "none.json", "none.json")
    assert caught.value.finding.rule == "artefact.unreadable"
    (told,) = records(tmp_path / "none.jsonl", "none.jsonl")
    assert isinstance(told, Finding)
    assert told.rule == "artefact.unreadable"


def test_a_pipe_is_no_log(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "log")
    assert list(records(tmp_path / "log", "log")) == [
        Finding("log", "a readable file", "not a regular file", "artefact.unreadable")
    ]


def test_records_behind_bad_lines_are_read(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b'{"a": 1}\n\n{\n{"a": 2}\n{"a": 1, "a": 2}\n[3]\n{"a": 4}')
    found = list(records(tmp_path / "log", "log"))
    assert [one for one in found if isinstance(one, JsonlRecord)] == [
        JsonlRecord(1, {"a": 1}),
        JsonlRecord(4, {"a": 2}),
        JsonlRecord(6, [3]),
    ]
    assert [(one.where, one.rule) for one in found if isinstance(one, Finding)] == [
        ("log:2", "json.syntax"),
        ("log:3", "json.syntax"),
        ("log:5#/a", "json.duplicate_key"),
        ("log:7", "jsonl.truncated"),
    ]
