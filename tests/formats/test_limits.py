"""What a stranger wrote is read within seconds, or refused by one finding; memory stays flat."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.formats import jsonl, limits, strictjson
from gatecourt.formats.documents import read_document
from gatecourt.formats.files import in_tree
from gatecourt.formats.json_location import refused_at
from gatecourt.formats.json_schema import compile_schema
from gatecourt.formats.limits import DEEPEST, too_deep
from tests.bench import within


def finding_of(action: Callable[[], object]) -> Finding:
    with pytest.raises(Judged) as caught:
        action()
    return caught.value.finding


def nested(depth: int) -> bytes:
    return b'{"a":' * (depth - 1) + b"[]" + b"}" * (depth - 1)


def test_the_last_of_many_keys_twice() -> None:
    keys = ", ".join(f'"k{number}": 0' for number in range(60_000))
    with within(seconds=5, megabytes=100):
        found = finding_of(lambda: strictjson.parse(f'{{{keys}, "k59999": 1}}'.encode(), "a.json"))
    assert found == Finding(
        "a.json#/k59999", "each key once in an object", "key 'k59999' more than once", "json.duplicate_key"
    )


def test_three_thousand_objects_of_three_thousand_keys() -> None:
    one = "{" + ", ".join(f'"k{number}": 0' for number in range(3000)) + "}"
    rows = ", ".join([one] * 300)
    with within(seconds=20, megabytes=300):
        found = finding_of(lambda: strictjson.parse(f'[{rows}, {{"k": 1, "k": 2}}]'.encode(), "a.json"))
    assert (found.where, found.rule) == ("a.json#/300/k", "json.duplicate_key")


def test_a_text_that_never_ends_is_gone_through_once() -> None:
    with within(seconds=5, megabytes=50):
        assert refused_at('{"a": "' + '\\"' * 200_000) == ""


@pytest.mark.parametrize("open_close", ["[]", "{}"])
def test_a_deep_document_is_refused_at_a_limit_of_ours(open_close: str) -> None:
    start, end = ("[", "]") if open_close == "[]" else ('{"a":', "}")
    for depth in (DEEPEST + 1, 400, 20_000):
        text = (start * depth + "0" + end * depth).encode()
        assert too_deep(text)
        found = finding_of(lambda text=text: strictjson.parse(text, "a.json"))  # type: ignore[misc]  # bound in the loop
        assert found == Finding("a.json", "at most 100 levels of nesting", "a deeper one", "json.depth")
    shallow = (start * DEEPEST + "0" + end * DEEPEST).encode()
    assert not too_deep(shallow)
    assert strictjson.parse(shallow, "a.json") == json.loads(shallow)


def test_brackets_in_texts_are_no_nesting() -> None:
    wide = json.dumps(["[{" * 300, {"]": "\\[[", "b": [[["}}{"]]]}] * 50)
    assert not too_deep(wide.encode())
    assert too_deep(f'["{"]" * 300}", {"[" * 200}]'.encode())


def test_a_schema_four_hundred_deep_is_one_finding(tmp_path: Path) -> None:
    inner = '{"items":' * 400 + "{}" + "}" * 400
    (tmp_path / "s.json").write_text(f'{{"$schema": "https://json-schema.org/draft/2020-12/schema", "items": {inner}}}')
    compiled = compile_schema(tmp_path, "s.json")
    assert compiled.findings == (Finding("s.json", "at most 100 levels of nesting", "a deeper one", "json.depth"),)
    assert compiled.validator is None


def test_deep_toml_is_one_finding(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("a = " + "[" * 150 + "]" * 150)
    found = finding_of(lambda: read_document(tmp_path / "a.toml", "a.toml"))
    assert (found.where, found.rule) == ("a.toml", "document.syntax")
    (tmp_path / "b.toml").write_text("a = " + "[" * 50 + "]" * 50)
    assert read_document(tmp_path / "b.toml", "b.toml") == json.loads('{"a": ' + "[" * 50 + "]" * 50 + "}")


def test_a_line_of_a_hundred_megabytes_is_passed_over(tmp_path: Path) -> None:
    with (tmp_path / "a.jsonl").open("wb") as stream:
        stream.write(b'{"a": 1}\n[')
        for _ in range(100):
            stream.write(b"[],[]," * 175_000)
        stream.write(b"0]\n{}\n")
    with within(seconds=10, megabytes=20):
        found = list(jsonl.records(tmp_path / "a.jsonl", "a.jsonl"))
    assert found == [
        jsonl.JsonlRecord(1, {"a": 1}),
        Finding("a.jsonl:2", "less than 4194304 bytes", "a longer line", "jsonl.line_too_long"),
        jsonl.JsonlRecord(3, {}),
    ]


def test_a_line_as_long_as_may_be_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl, "LONGEST_LINE", 8)
    (tmp_path / "a.jsonl").write_bytes(b'"12345"\n"1234"\n"123456\n0\n')
    rules = [getattr(found, "rule", None) for found in jsonl.records(tmp_path / "a.jsonl", "a")]
    assert rules == ["jsonl.line_too_long", None, "jsonl.line_too_long", None]


def test_a_sparse_file_of_eight_gigabytes_is_no_document(tmp_path: Path) -> None:
    with (tmp_path / "a.json").open("wb") as stream:
        stream.truncate(8 << 30)
    with within(seconds=10, megabytes=300):
        found = finding_of(lambda: strictjson.read(tmp_path / "a.json", "a.json"))
    assert found == Finding("a.json", f"at most {limits.LARGEST} bytes in one document", "more", "artefact.unreadable")


def test_a_link_to_itself_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "a.json").symlink_to("a.json")
    found = finding_of(lambda: strictjson.read(tmp_path / "a.json", "a.json"))
    assert (found.where, found.rule) == ("a.json", "artefact.unreadable")
    assert [finding.rule for finding in compile_schema(tmp_path, "a.json").findings] == ["artefact.unreadable"]


@contextmanager
def deep_folder(top: Path, depth: int) -> Iterator[None]:
    """Folders in folders, deeper than a path can name; removed at the end, which ``rmtree`` could not do."""
    import os

    here = os.open(top, os.O_RDONLY)
    opened = [here]
    try:
        for _ in range(depth):
            os.mkdir("d", dir_fd=here)
            here = os.open("d", os.O_RDONLY, dir_fd=here)
            opened.append(here)
        yield
    finally:
        for folder in reversed(opened[:-1]):
            os.rmdir("d", dir_fd=folder)
        for folder in opened:
            os.close(folder)


def test_a_folder_three_thousand_deep_is_one_finding(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 4000:
        pytest.skip("fewer than 4000 open files are allowed here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 4000), hard))
    with deep_folder(tmp_path, 1500), within(seconds=10, megabytes=50):
        assert [source.name for source in in_tree(tmp_path, ["**/*.py"])] == ["a.py"]
    with deep_folder(tmp_path, 3000), within(seconds=10, megabytes=50):
        found = finding_of(lambda: in_tree(tmp_path, ["**/*.py"]))
    assert (found.expected, found.observed, found.rule) == (
        "a readable folder",
        "File name too long",
        "artefact.unreadable",
    )
    assert found.where == "d/" * 60 + "…"


def test_the_measure_itself_notices() -> None:
    with pytest.raises(AssertionError, match="s, allowed 0"), within(seconds=0, megabytes=50):
        time.sleep(0.01)
    with pytest.raises(AssertionError, match="MB, allowed 1"), within(seconds=5, megabytes=1):
        bytearray(b"1" * 30_000_000)
