"""JSON Lines read with lone surrogates and without: a line that is none does not hide the next."""

from __future__ import annotations

from pathlib import Path

from gatecourt.core.model import Finding
from gatecourt.formats.jsonl import LONGEST_LINE, JsonlRecord, records


def both(tmp_path: Path, data: bytes) -> tuple[list[object], list[object]]:
    path = tmp_path / "a.jsonl"
    path.write_bytes(data)
    return list(records(path, "a.jsonl")), list(records(path, "a.jsonl", surrogates=False))


def test_a_line_that_is_refused_does_not_hide_the_next(tmp_path: Path) -> None:
    long, deep, half = '"' + "x" * LONGEST_LINE + '"', "[" * 101 + "]" * 101, '"\\ud800"'
    free, strict = both(tmp_path, "\n".join([long, deep, half, "7", ""]).encode())
    assert free == [
        Finding("a.jsonl:1", f"less than {LONGEST_LINE} bytes", "a longer line", "jsonl.line_too_long"),
        Finding("a.jsonl:2", "at most 100 levels of nesting", "a deeper one", "json.depth"),
        JsonlRecord(3, "\ud800"),
        JsonlRecord(4, 7),
    ]
    surrogate = Finding("a.jsonl:3", "surrogates in pairs", "a lone surrogate", "json.encoding")
    assert strict == [*free[:2], surrogate, free[3]]


def test_a_line_that_is_none_and_one_without_its_newline(tmp_path: Path) -> None:
    free, strict = both(tmp_path, b'{"a": 1}\n\n[2]\n3')
    assert free == strict
    assert free == [
        JsonlRecord(1, {"a": 1}),
        Finding("a.jsonl:2", "one JSON document", "an empty document", "json.syntax"),
        JsonlRecord(3, [2]),
        Finding("a.jsonl:4", "a line ended by a newline", "end of file", "jsonl.truncated"),
    ]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    none = Finding("none", "a readable file", "No such file or directory", "artefact.unreadable")
    assert list(records(tmp_path / "none", "none")) == [none]
    assert list(records(tmp_path / "none", "none", surrogates=False)) == [none]
