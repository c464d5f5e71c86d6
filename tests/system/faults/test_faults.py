"""Faults: every kind of edit changes what it says and nothing else; every misuse is refused in words."""

from __future__ import annotations

import copy
import io
import json
import math
import os
import sqlite3
import stat
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from gatecourt.core.errors import FaultError, ManifestError
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.model import Verdict
from gatecourt.core.reasons import Reason
from gatecourt.formats import pointer
from gatecourt.system.faults.edits import AppliedEdit, apply
from gatecourt.system.faults.loading import load_faults
from gatecourt.system.faults.section import Edit, Fault

Folder = Callable[..., Path]


def fault_of(*edits: Edit, on: Any = "artefact") -> Fault:
    return Fault(id="under_test", gate="e2", runbook="T02", why="A defect.", on=on, edit=edits)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Writes the files of a copy, beside a bystander that no edit may touch, and gives the copy's folder."""

    def written(**files: bytes | str) -> Path:
        place = tmp_path / "copy"
        place.mkdir(exist_ok=True)
        (place / "bystander.txt").write_text("untouched")
        for name, content in files.items():
            path = place / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return place

    return written


def edited(place: Path, *edits: Edit) -> bytes:
    """The content of the first edit's file after the edits."""
    apply(fault_of(*edits), place, sandbox=place.parent)
    assert (place / "bystander.txt").read_text() == "untouched"
    assert not [path.name for path in place.rglob("*") if path.name.endswith(".edited")]
    return (place / edits[0].file).read_bytes()


def refusal(place: Path, *edits: Edit) -> str:
    """What the refusal says behind the name of the fault."""
    with pytest.raises(FaultError) as caught:
        apply(fault_of(*edits), place, sandbox=place.parent)
    said = str(caught.value)
    assert said.startswith("fault under_test: ")
    return said.removeprefix("fault under_test: ")


class TestText:
    def test_replaces_the_one_place(self, folder: Folder) -> None:
        place = folder(a_dot_txt="one two\r\nthree \u00e9\r\n")
        edit = Edit(file="a.txt", kind="replace_text", find="two\r\nthree", replace="2")
        assert edited(place, edit) == "one 2 \u00e9\r\n".encode()

    def test_find_is_literal(self, folder: Folder) -> None:
        edit = Edit(file="a.txt", kind="replace_text", find="a.c*", replace=r"\1")
        assert edited(folder(a_dot_txt="abc a.c*"), edit) == rb"abc \1"

    def test_bytes_that_are_no_utf8_survive(self, folder: Folder) -> None:
        edit = Edit(file="a.txt", kind="replace_text", find="x", replace="y")
        assert edited(folder(a_dot_txt=b"\xff\xfex\x80"), edit) == b"\xff\xfey\x80"

    @pytest.mark.parametrize(
        ("choice", "result"),
        [
            ({"count": 3}, b"bb bb bb"),
            ({"every": True}, b"bb bb bb"),
            ({"occurrence": 1}, b"bb a a"),
            ({"occurrence": 2}, b"a bb a"),
            ({"occurrence": -1}, b"a a bb"),
        ],
    )
    def test_choice_of_places(self, folder: Folder, choice: dict[str, Any], result: bytes) -> None:
        edit = Edit(file="a.txt", kind="replace_text", find="a", replace="bb", **choice)
        assert edited(folder(a_dot_txt="a a a"), edit) == result

    @pytest.mark.parametrize(
        ("find", "choice", "said"),
        [
            ("z", {}, "text 'z' not found"),
            ("z", {"every": True}, "text 'z' not found"),
            ("a", {}, "text 'a' found 3 times, expected 1"),
            ("b", {"count": 2}, "text 'b' found once, expected 2"),
            ("a", {"occurrence": 4}, "text 'a' found 3 times, occurrence 4 does not exist"),
            ("a", {"occurrence": -4}, "text 'a' found 3 times, occurrence -4 does not exist"),
        ],
    )
    def test_refused(self, folder: Folder, find: str, choice: dict[str, Any], said: str) -> None:
        edit = Edit(file="a.txt", kind="replace_text", find=find, replace="q", **choice)
        assert refusal(folder(a_dot_txt="a a a b"), edit) == f"edit 1 (replace_text) of a.txt: {said}"

    def test_append(self, folder: Folder) -> None:
        edit = Edit(file="a.txt", kind="append_text", text="\u00e9\n")
        assert edited(folder(a_dot_txt="x"), edit) == "x\u00e9\n".encode()

    @pytest.mark.parametrize(("size", "result"), [(2, b"ab"), (0, b""), (-1, b"abcd"), (-5, b"")])
    def test_truncate(self, folder: Folder, size: int, result: bytes) -> None:
        assert edited(folder(a_dot_txt="abcde"), Edit(file="a.txt", kind="truncate", bytes=size)) == result

    @pytest.mark.parametrize(
        ("size", "said"),
        [
            (6, "the file has 5 bytes, fewer than 6"),
            (-6, "the file has 5 bytes, fewer than 6"),
            (5, "the content stays the same"),
        ],
    )
    def test_truncate_refused(self, folder: Folder, size: int, said: str) -> None:
        edit = Edit(file="a.txt", kind="truncate", bytes=size)
        assert refusal(folder(a_dot_txt="abcde"), edit) == f"edit 1 (truncate) of a.txt: {said}"

    def test_write_replaces_the_content(self, folder: Folder) -> None:
        assert edited(folder(a_dot_txt="abc"), Edit(file="a.txt", kind="write_text", text="")) == b""
        assert edited(folder(a_dot_txt="abc"), Edit(file="a.txt", kind="write_bytes", hex="ff 00")) == b"\xff\x00"

    def test_write_makes_a_new_file(self, folder: Folder) -> None:
        place = folder()
        edit = Edit(file="state/flag", kind="write_text", text="halt", new=True)
        (applied,) = apply(fault_of(edit), place, sandbox=place.parent)
        assert (place / "state/flag").read_text() == "halt"
        assert (applied.before, applied.file) == (None, "state/flag")

    def test_write_refused(self, folder: Folder) -> None:
        place = folder(a_dot_txt="abc")
        said = refusal(place, Edit(file="a.txt", kind="write_text", text="x", new=True))
        assert said == "edit 1 (write_text) of a.txt: the file is already there"
        assert refusal(place, Edit(file="b.txt", kind="write_text", text="x")).endswith("b.txt: no such file")
        assert refusal(place, Edit(file="a.txt", kind="write_text", text="abc")).endswith("the content stays the same")


class TestLines:
    LOG = "1 start\n2 tick\n3 tick\n4 tick\n5 end\n"

    @pytest.mark.parametrize(
        ("choice", "kept"),
        [
            ({"lines": "1"}, "2345"),
            ({"lines": "2-4"}, "15"),
            ({"lines": "last"}, "1234"),
            ({"lines": "2-last"}, "1"),
            ({"matching": "^5"}, "1234"),
            ({"matching": "tick$", "count": 3}, "15"),
            ({"matching": "tick", "every": True}, "15"),
            ({"matching": "tick", "occurrence": 2}, "1245"),
            ({"matching": "tick", "occurrence": -1}, "1235"),
        ],
    )
    def test_drop(self, folder: Folder, choice: dict[str, Any], kept: str) -> None:
        result = edited(folder(run_dot_log=self.LOG), Edit(file="run.log", kind="drop_lines", **choice))
        assert result.decode() == "".join(line for line in self.LOG.splitlines(True) if line[0] in kept)

    @pytest.mark.parametrize(
        ("kind", "choice", "order"),
        [
            ("duplicate_lines", {"lines": "2"}, "122345"),
            ("duplicate_lines", {"lines": "2-4"}, "12342345"),
            ("duplicate_lines", {"lines": "last"}, "123455"),
            ("duplicate_lines", {"matching": "start|end", "count": 2}, "1123455"),
            ("swap_lines", {"lines": "2"}, "13245"),
            ("swap_lines", {"lines": "1-last"}, "52341"),
            ("swap_lines", {"matching": "start|end", "count": 2}, "52341"),
            ("swap_lines", {"matching": "start"}, "21345"),
        ],
    )
    @pytest.mark.parametrize("finished", [True, False])
    def test_duplicate_and_swap(
        self, folder: Folder, kind: Any, choice: dict[str, Any], order: str, finished: bool
    ) -> None:
        log = self.LOG if finished else self.LOG[:-1]
        result = edited(folder(run_dot_log=log), Edit(file="run.log", kind=kind, **choice)).decode()
        assert "".join(line[0] for line in result.split("\n") if line) == order
        assert set(result.split("\n")) <= set(self.LOG.split("\n"))
        assert result.endswith("\n") is finished

    def test_dropping_touches_no_other_byte(self, folder: Folder) -> None:
        edit = Edit(file="run.log", kind="drop_lines", lines="last")
        assert edited(folder(run_dot_log=b"a\r\n\xff\x0b\x0c\x85\nend"), edit) == b"a\r\n\xff\x0b\x0c\x85\n"

    @pytest.mark.parametrize(
        ("kind", "choice", "said"),
        [
            ("drop_lines", {"lines": "6"}, "lines '6' are out of range: the file has 5"),
            ("drop_lines", {"lines": "4-6"}, "lines '4-6' are out of range: the file has 5"),
            ("drop_lines", {"lines": "7-last"}, "lines '7-last' are out of range: the file has 5"),
            ("drop_lines", {"matching": "x+"}, "line matching 'x+' not found"),
            ("drop_lines", {"matching": "tick"}, "line matching 'tick' found 3 times, expected 1"),
            ("drop_lines", {"matching": "end", "occurrence": 2}, "line matching 'end' found once, occurrence 2 "
             "does not exist"),
            ("swap_lines", {"lines": "last"}, "line 5 is the last one, it has no next line to change places with"),
        ],
    )  # fmt: skip
    def test_refused(self, folder: Folder, kind: Any, choice: dict[str, Any], said: str) -> None:
        edit = Edit(file="run.log", kind=kind, **choice)
        assert refusal(folder(run_dot_log=self.LOG), edit) == f"edit 1 ({kind}) of run.log: {said}"

    def test_equal_lines_cannot_be_swapped(self, folder: Folder) -> None:
        edit = Edit(file="run.log", kind="swap_lines", lines="1-2")
        assert refusal(folder(run_dot_log="a\na\n"), edit).endswith("the content stays the same")

    def test_an_empty_file_has_no_last_line(self, folder: Folder) -> None:
        edit = Edit(file="run.log", kind="drop_lines", lines="last")
        assert refusal(folder(run_dot_log=""), edit).endswith("lines 'last' are out of range: the file has 0")


class TestJson:
    TEXT = '{\n  "b" : 1.50,\n\t"a": [1e3, {"x/y": null}],\n  "e": {}, "l": []\n}\n'

    @pytest.mark.parametrize(
        ("keys", "old", "new"),
        [
            ({"pointer": "/b", "value": 2}, "1.50", "2"),
            ({"pointer": "/b", "value": "\u00e9\"\\"}, "1.50", '"\u00e9\\"\\\\"'),
            ({"pointer": "/b", "raw": "NaN"}, "1.50", "NaN"),
            ({"pointer": "/b", "raw": "1.5"}, "1.50", "1.5"),
            ({"pointer": "/a/0", "value": 1000}, "1e3", "1000"),
            ({"pointer": "/a/1/x~1y", "value": False}, "null", "false"),
            ({"pointer": "/a/1", "value": {"k": [1]}}, '{"x/y": null}', '{"k": [1]}'),
            ({"pointer": "", "value": []}, TEXT[:-1], "[]"),
            ({"pointer": "/z", "value": 1, "new": True}, "[]\n}", '[], "z": 1\n}'),
            ({"pointer": "/e/k", "value": 1, "new": True}, "{}", '{"k": 1}'),
            ({"pointer": "/l/-", "value": 1, "new": True}, "[]", "[1]"),
            ({"pointer": "/a/2", "value": 1, "new": True}, "}],", "}, 1],"),
        ],
    )  # fmt: skip
    def test_set_changes_these_bytes_alone(self, folder: Folder, keys: dict[str, Any], old: str, new: str) -> None:
        assert self.TEXT.count(old) == 1
        result = edited(folder(a_dot_json=self.TEXT), Edit(file="a.json", kind="set_value", **keys))
        assert result.decode() == self.TEXT.replace(old, new)

    @pytest.mark.parametrize(
        ("at", "old"),
        [
            ("/b", '"b" : 1.50,\n\t'),
            ("/a", ',\n\t"a": [1e3, {"x/y": null}]'),
            ("/a/0", "1e3, "),
            ("/a/1", ', {"x/y": null}'),
            ("/a/1/x~1y", '"x/y": null'),
        ],
    )
    def test_remove_takes_the_comma_along(self, folder: Folder, at: str, old: str) -> None:
        result = edited(folder(a_dot_json=self.TEXT), Edit(file="a.json", kind="remove_value", pointer=at))
        assert result.decode() == self.TEXT.replace(old, "")

    @pytest.mark.parametrize(
        ("keys", "said"),
        [
            ({"pointer": "/q", "value": 1}, "nothing is at /q"),
            ({"pointer": "/a/2", "value": 1}, "nothing is at /a/2"),
            ({"pointer": "/a/00", "value": 1}, "nothing is at /a/00"),
            ({"pointer": "/b/c", "value": 1}, "nothing is at /b/c"),
            ({"pointer": "/b/c/d", "value": 1, "new": True}, "nothing is at /b/c/d"),
            ({"pointer": "/b", "value": 1.5}, "the value at /b already is 1.50"),
            ({"pointer": "/b", "raw": "1.50"}, "the value at /b already is 1.50"),
            ({"pointer": "/b", "value": 1, "new": True}, "/b is already there"),
            ({"pointer": "/a/0", "value": 1, "new": True}, "/a/0 is already there"),
            ({"pointer": "/a/5", "value": 1, "new": True}, "/a/5 is not the end of its list, which has 2 items"),
            ({"pointer": "/b", "value": 1, "lines": "1"}, "lines and matching choose records of JSONL, a .json file "
             "is one document"),
            ({"pointer": "/b", "value": tomllib.loads("d = 2026-01-01")["d"]}, "the value cannot be written as JSON: "
             "Object of type date is not JSON serializable"),
        ],
    )  # fmt: skip
    def test_refused(self, folder: Folder, keys: dict[str, Any], said: str) -> None:
        edit = Edit(file="a.json", kind="set_value", **keys)
        assert refusal(folder(a_dot_json=self.TEXT), edit) == f"edit 1 (set_value) of a.json: {said}"

    def test_remove_refused(self, folder: Folder) -> None:
        edit = Edit(file="a.json", kind="remove_value", pointer="/a/1/z")
        assert refusal(folder(a_dot_json=self.TEXT), edit).endswith("nothing is at /a/1/z")

    def test_what_is_no_json_is_refused(self, folder: Folder) -> None:
        edit = Edit(file="a.json", kind="set_value", pointer="/b", value=1)
        said = refusal(folder(a_dot_json='{"b": }'), edit)
        assert said == "edit 1 (set_value) of a.json: not JSON: Expecting value: line 1 column 7 (char 6)"

    def test_of_a_doubled_key_the_last_is_meant(self, folder: Folder) -> None:
        edit = Edit(file="a.json", kind="set_value", pointer="/b", value=3)
        assert edited(folder(a_dot_json='{"b": 1, "b": 2}'), edit) == b'{"b": 1, "b": 3}'

    def test_removing_a_doubled_key_would_uncover_the_first(self, folder: Folder) -> None:
        edit = Edit(file="a.json", kind="remove_value", pointer="/b")
        said = refusal(folder(a_dot_json='{"b": 1, "b": 2}'), edit)
        assert said.endswith("a value other than the one at /b would change with it: use replace_text")

    def test_raw_may_double_a_key(self, folder: Folder) -> None:
        edit = Edit(file="a.json", kind="set_value", pointer="/b", raw='2, "b": 2')
        assert edited(folder(a_dot_json='{"b": 1}'), edit) == b'{"b": 2, "b": 2}'


class TestJsonl:
    LOG = '{"seq":0,"p":{"x":1.0}}\n{"seq":1,"p":{"x":1.0}}\n{"seq":2, "p":{}}\n'

    def test_one_record(self, folder: Folder) -> None:
        edit = Edit(file="a.jsonl", kind="set_value", pointer="/p/x", value=7, lines="2")
        assert edited(folder(a_dot_jsonl=self.LOG).resolve(), edit).decode() == self.LOG.replace(
            '"seq":1,"p":{"x":1.0}', '"seq":1,"p":{"x":7}'
        )

    def test_records_by_pattern_and_with_another_suffix(self, folder: Folder) -> None:
        edit = Edit(file="a.log", kind="remove_value", pointer="/p/x", matching='"x"', count=2)
        assert edited(folder(a_dot_log=self.LOG), edit).decode() == self.LOG.replace('"x":1.0', "")

    def test_added_members_follow_the_style_of_the_record(self, folder: Folder) -> None:
        edit = Edit(file="a.jsonl", kind="set_value", pointer="/k", raw="Infinity", new=True, lines="1-last")
        expected = (line.replace("}\n", ',"k":Infinity}\n') for line in self.LOG.splitlines(True)[:2])
        result = edited(folder(a_dot_jsonl=self.LOG), edit).decode()
        assert result == "".join(expected) + '{"seq":2, "p":{}, "k":Infinity}\n'

    @pytest.mark.parametrize(
        ("keys", "said"),
        [
            ({}, "which record is meant? Only .json, .toml, .yaml and .yml files are one document"),
            ({"lines": "4"}, "lines '4' are out of range: the file has 3"),
            ({"lines": "3"}, "line 3: nothing is at /p/x"),
            ({"lines": "1-2"}, "line 2: the value at /p/x already is 2"),
        ],
    )
    def test_refused(self, folder: Folder, keys: dict[str, Any], said: str) -> None:
        place = folder(a_dot_jsonl=self.LOG.replace('1,"p":{"x":1.0', '1,"p":{"x":2'))
        edit = Edit(file="a.jsonl", kind="set_value", pointer="/p/x", value=2, **keys)
        assert refusal(place, edit) == f"edit 1 (set_value) of a.jsonl: {said}"


class TestToml:
    TEXT = (
        '# head\n[target]\nname = "engine"   # the name\nlimits = [ 1, 2 ]\n\n[pins.files]\n"a/b.json" = \'x\'\n\n'
        "[[invariant]]\nid = 'first'\n\n[[invariant]]\nid = 'second'\n"
    )

    @pytest.mark.parametrize(
        ("keys", "old", "new"),
        [
            ({"pointer": "/target/name", "value": "b"}, '"engine"', '"b"'),
            ({"pointer": "/target/limits/1", "value": 2.5}, "[ 1, 2 ]", "[ 1, 2.5 ]"),
            ({"pointer": "/pins/files/a~1b.json", "value": {"sha": 1}}, "'x'", "{sha = 1}"),
            ({"pointer": "/invariant/1/id", "value": "q"}, "'second'", '"q"'),
            ({"pointer": "/target/name"}, 'name = "engine"   # the name\n', ""),
            ({"pointer": "/invariant/0"}, "[[invariant]]\nid = 'first'\n\n", ""),
            ({"pointer": "/invariant/-", "value": {"id": "q"}, "new": True}, "'second'\n",
             "'second'\n[[invariant]]\nid = \"q\"\n"),
            ({"pointer": "/invariant/1", "value": {"id": "q"}}, "id = 'second'", 'id = "q"'),
            ({"pointer": "/target/seed", "value": 5, "new": True}, "limits = [ 1, 2 ]\n",
             "limits = [ 1, 2 ]\nseed = 5\n"),
        ],
    )  # fmt: skip
    def test_formatting_stays(self, folder: Folder, keys: dict[str, Any], old: str, new: str) -> None:
        kind: Any = "set_value" if "value" in keys else "remove_value"
        result = edited(folder(a_dot_toml=self.TEXT), Edit(file="a.toml", kind=kind, **keys)).decode()
        assert result == self.TEXT.replace(old, new)

    @pytest.mark.parametrize(
        ("keys", "said"),
        [
            ({"pointer": "/target/nam", "value": 1}, "nothing is at /target/nam"),
            ({"pointer": "/target/name", "value": "engine"}, 'the value at /target/name already is "engine"'),
            ({"pointer": "/target/name", "value": 1, "new": True}, "/target/name is already there"),
            ({"pointer": "/target/name", "raw": "nan"}, "raw is for JSON, use value"),
            ({"pointer": "", "value": {}}, "the root can only be set in JSON"),
            ({"pointer": "/invariant/0", "value": []}, "an item of an array of [[tables]] can only become a table"),
        ],
    )
    def test_refused(self, folder: Folder, keys: dict[str, Any], said: str) -> None:
        edit = Edit(file="a.toml", kind="set_value", **keys)
        assert refusal(folder(a_dot_toml=self.TEXT), edit) == f"edit 1 (set_value) of a.toml: {said}"

    @pytest.mark.parametrize("at", ["/b", "/a/c"])
    def test_a_value_for_a_header(self, folder: Folder, at: str) -> None:
        place = folder(a_dot_toml="[a]\nx = 1\n\n[a.c]\ny = 2\n\n[b]\nz = 3\n\n[d]\n")
        edited(place, Edit(file="a.toml", kind="set_value", pointer=at, value=5))
        expected: dict[str, Any] = {"a": {"x": 1, "c": {"y": 2}}, "b": {"z": 3}, "d": {}}
        (expected if at == "/b" else expected["a"])[at[-1]] = 5
        assert tomllib.loads((place / "a.toml").read_text()) == expected

    def test_what_is_no_toml_is_refused(self, folder: Folder) -> None:
        edit = Edit(file="a.toml", kind="set_value", pointer="/b", value=1)
        assert refusal(folder(a_dot_toml="b = "), edit).startswith("edit 1 (set_value) of a.toml: not TOML: ")


class TestYaml:
    TEXT = (
        "---\n# head\nservices:\n    web:\n        image: 'nginx'   # pinned\n        ports:\n          - 80\n"
        '          - "443"\nratio: 0.50\n1: one\n'
    )

    @pytest.mark.parametrize(
        ("keys", "old", "new"),
        [
            ({"pointer": "/services/web/image", "value": "b"}, "'nginx'   #", "'b'       #"),
            ({"pointer": "/services/web/ports/0", "value": "80"}, "- 80", "- '80'"),
            ({"pointer": "/ratio", "value": True}, "0.50", "true"),
            ({"pointer": "/1", "value": "two"}, "one", "two"),
            ({"pointer": "/ratio"}, "ratio: 0.50\n", ""),
            ({"pointer": "/services/web/ports/-", "value": 8080, "new": True}, '"443"\n', '"443"\n          - 8080\n'),
        ],
    )
    @pytest.mark.parametrize("ending", ["\n", "\r\n"])
    def test_formatting_stays(self, folder: Folder, keys: dict[str, Any], old: str, new: str, ending: str) -> None:
        kind: Any = "set_value" if "value" in keys else "remove_value"
        place = folder(a_dot_yml=self.TEXT.replace("\n", ending))
        result = edited(place, Edit(file="a.yml", kind=kind, **keys)).decode()
        assert result == self.TEXT.replace(old, new).replace("\n", ending)

    def test_an_anchor_would_change_its_aliases(self, folder: Folder) -> None:
        edit = Edit(file="a.yaml", kind="set_value", pointer="/a/x", value=2)
        said = refusal(folder(a_dot_yaml="a: &m {x: 1}\nb: *m\n"), edit)
        assert said.endswith("a value other than the one at /a/x would change with it: use replace_text")

    def test_refused(self, folder: Folder) -> None:
        edit = Edit(file="a.yaml", kind="set_value", pointer="/a", value=1)
        assert refusal(folder(a_dot_yaml="a: 1\n"), edit).endswith("the value at /a already is 1")
        assert refusal(folder(a_dot_yaml="b: 1\n"), edit).endswith("nothing is at /a")
        assert "not YAML: " in refusal(folder(a_dot_yaml="a: [1\n"), edit)
        assert "not YAML: expected a single document" in refusal(folder(a_dot_yaml="a: 2\n---\nb: 3\n"), edit)


# ---- properties: the value is there afterwards, and every other leaf is as it was


def same(left: Any, right: Any) -> bool:
    """Equal in type and value, NaN included."""
    if isinstance(left, float) and isinstance(right, float) and math.isnan(left):
        return math.isnan(right)
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return type(left) is type(right) and bool(left == right)


NAMES = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=5)
WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=8)
SCALARS = st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | WORDS


def values(scalars: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=6
    )


def documents(scalars: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(NAMES, values(scalars), min_size=1, max_size=4)


PROPERTY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def check_set_value(place: Path, file: str, text: str, data: st.DataObject, read: Callable[[str], Any]) -> None:
    """Sets a leaf of the document in ``text`` and compares the document read back, leaf by leaf."""
    path = place / file
    path.write_text(text, encoding="utf-8", newline="")
    before = read(text)
    at = pointer.join(data.draw(st.sampled_from([steps for steps, _ in pointer.leaves(before)])))
    value = data.draw(values(SCALARS))
    assume(not same(pointer.get(before, at), value))
    record = "2" if file.endswith(".jsonl") else None
    result = edited(place, Edit(file=file, kind="set_value", pointer=at, value=value, lines=record)).decode()
    after = read(result)
    assert same(pointer.get(after, at), value)
    expected = copy.deepcopy(before)
    *path_steps, last = pointer.split(at)
    holder: Any = expected
    for step in path_steps:
        holder = holder[int(step)] if isinstance(holder, list) else holder[step]
    holder[int(last) if isinstance(holder, list) else last] = value
    assert same(after, expected)


@PROPERTY
@given(document=documents(SCALARS | st.none()), indent=st.sampled_from([None, 0, 2, "\t"]), data=st.data())
def test_json_set_and_read_back(folder: Folder, document: Any, indent: Any, data: st.DataObject) -> None:
    check_set_value(folder(), "a.json", json.dumps(document, indent=indent), data, json.loads)


@PROPERTY
@given(document=documents(SCALARS | st.none()), data=st.data())
def test_jsonl_set_and_read_back(folder: Folder, document: Any, data: st.DataObject) -> None:
    others = '{"n":0}\n', '{"n":2}\n'

    def read(text: str) -> Any:
        first, record, third = text.splitlines(True) if text.isascii() else text.split("\n")[:-1]
        assert (first.rstrip("\n"), third.rstrip("\n")) == ('{"n":0}', '{"n":2}')
        return json.loads(record)

    check_set_value(folder(), "a.jsonl", others[0] + json.dumps(document) + "\n" + others[1], data, read)


@PROPERTY
@given(document=documents(SCALARS), data=st.data())
def test_toml_set_and_read_back(folder: Folder, document: Any, data: st.DataObject) -> None:
    text = tomlkit.dumps(document)
    assume(same(tomllib.loads(text), document))
    assume("[[" not in text)  # an item of an array of tables takes no scalar
    check_set_value(folder(), "a.toml", text, data, tomllib.loads)


@PROPERTY
@given(document=documents(SCALARS | st.none()), data=st.data())
def test_yaml_set_and_read_back(folder: Folder, document: Any, data: st.DataObject) -> None:
    def read(text: str) -> Any:
        return YAML(typ="safe", pure=True).load(text)

    stream = io.StringIO()
    YAML(typ="rt", pure=True).dump(document, stream)
    assume(same(read(stream.getvalue()), document))
    check_set_value(folder(), "a.yaml", stream.getvalue(), data, read)


class TestSql:
    @pytest.fixture
    def place(self, folder: Folder) -> Path:
        place = folder()
        with sqlite3.connect(place / "a.db") as connection:
            connection.executescript(
                "CREATE TABLE t (id INTEGER PRIMARY KEY, x TEXT UNIQUE); INSERT INTO t VALUES (1, 'a'), (2, 'b');"
            )
        connection.close()
        return place

    @staticmethod
    def rows(place: Path, query: str = "SELECT * FROM t ORDER BY id") -> list[Any]:
        connection = sqlite3.connect(place / "a.db")
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def sql(self, *statements: str) -> Edit:
        return Edit(file="a.db", kind="sql", statements=statements)

    def test_rows_and_schema(self, place: Path) -> None:
        edited(place, self.sql("UPDATE t SET x = 'c' WHERE id = 2", "CREATE INDEX i ON t (x)"))
        assert self.rows(place) == [(1, "a"), (2, "c")]
        assert self.rows(place, "SELECT count(*) FROM sqlite_master WHERE name = 'i'") == [(1,)]

    def test_a_constraint_can_be_taken_out(self, place: Path) -> None:
        edited(
            place,
            self.sql(
                "PRAGMA writable_schema = ON",
                "UPDATE sqlite_master SET sql = replace(sql, 'UNIQUE', '') WHERE name = 't'",
                "DELETE FROM sqlite_master WHERE type = 'index'",
            ),
        )
        assert "UNIQUE" not in self.rows(place, "SELECT sql FROM sqlite_master WHERE name = 't'")[0][0]

    def test_a_user_version(self, place: Path) -> None:
        edited(place, self.sql("PRAGMA user_version = 9"))
        assert self.rows(place, "PRAGMA user_version") == [(9,)]

    @pytest.mark.parametrize(
        ("statements", "said"),
        [
            (("DELETE FROM t WHERE id = 9",), "'DELETE FROM t WHERE id = 9' changed no row and no schema"),
            (("SELECT * FROM t",), "'SELECT * FROM t' changed no row and no schema"),
            (("UPDATE t SET x = x",), "the statements leave every row and the schema as they were"),
            (("PRAGMA foreign_keys = ON",), "the statements leave every row and the schema as they were"),
            (("DELETE FROM t", "DELETE FROM u"), "SQLite: no such table: u in 'DELETE FROM u'"),
            (("INSERT INTO t VALUES (3, 'a')",),
             "SQLite: UNIQUE constraint failed: t.x in \"INSERT INTO t VALUES (3, 'a')\""),
            (("COMMIT",), "'COMMIT' ends the transaction"),
        ],
    )  # fmt: skip
    def test_refused_and_rolled_back(self, place: Path, statements: tuple[str, ...], said: str) -> None:
        assert refusal(place, self.sql(*statements)) == f"edit 1 (sql) of a.db: {said}"
        assert self.rows(place) == [(1, "a"), (2, "b")]

    @pytest.mark.parametrize("statement", ["ATTACH '{}' AS other", "VACUUM INTO '{}'"])
    def test_no_other_file_is_opened(self, place: Path, tmp_path: Path, statement: str) -> None:
        outside = tmp_path / "outside.db"
        assert "SQLite: " in refusal(place, self.sql(statement.format(outside)))
        assert not outside.exists()

    def test_what_is_no_database_is_refused(self, folder: Folder) -> None:
        said = refusal(folder(a_dot_db="x" * 4096), self.sql("DELETE FROM t"))
        assert said == "edit 1 (sql) of a.db: SQLite: file is not a database"

    def test_an_open_journal_stays_with_the_original(self, place: Path, tmp_path: Path) -> None:
        connection = sqlite3.connect(place / "a.db", isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("INSERT INTO t VALUES (3, 'c')")
        copied = tmp_path / "linked"
        copied.mkdir()
        for name in ("a.db", "a.db-wal"):
            os.link(place / name, copied / name)
        before = {name: (place / name).read_bytes() for name in ("a.db", "a.db-wal")}
        apply(fault_of(self.sql("DELETE FROM t WHERE id < 3")), copied, sandbox=tmp_path)
        assert {name: (place / name).read_bytes() for name in before} == before
        assert self.rows(copied) == [(3, "c")]
        connection.close()


class TestFiles:
    def test_delete(self, folder: Folder) -> None:
        place = folder(a_dot_txt="abc")
        (applied,) = apply(fault_of(Edit(file="a.txt", kind="delete_file")), place, sandbox=place.parent)
        assert not (place / "a.txt").exists()
        assert applied.after is None

    def test_what_was_done_is_told(self, folder: Folder) -> None:
        place = folder(r__1_dot_txt="x", r__2_dot_txt="x")
        edit = Edit(file="r/*.txt", kind="append_text", text="y", all=True)
        last = Edit(file="r/?.txt", kind="delete_file", all=True)
        told = apply(fault_of(edit, last), place, sandbox=place.parent)
        x = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
        xy = "769a4e6d0003189c7e96c5d9b7e810a0d11c3a12832527ec94b0f86d277f51ca"
        assert told == (
            AppliedEdit(1, "append_text", "r/1.txt", x, xy),
            AppliedEdit(1, "append_text", "r/2.txt", x, xy),
            AppliedEdit(2, "delete_file", "r/1.txt", xy, None),
            AppliedEdit(2, "delete_file", "r/2.txt", xy, None),
        )

    def test_a_pattern_means_one_file_unless_all_is_said(self, folder: Folder) -> None:
        place = folder(hack_a_dot_json='{"x": 1}', hack_b_dot_json='{"x": 1}')
        said = refusal(place, Edit(file="hack_*.json", kind="set_value", pointer="/x", value=2))
        assert said == (
            "edit 1 (set_value) of hack_*.json: the pattern matches 2 files, expected 1 (all = true edits each)"
        )
        apply(fault_of(Edit(file="*_b.json", kind="set_value", pointer="/x", value=2)), place, sandbox=place.parent)
        assert [(place / f"hack_{name}.json").read_text() for name in "ab"] == ['{"x": 1}', '{"x": 2}']
        assert refusal(place, Edit(file="*.toml", kind="delete_file")) == "edit 1 (delete_file) of *.toml: no such file"

    def test_the_second_edit_sees_the_first(self, folder: Folder) -> None:
        edits = [Edit(file="a.txt", kind="replace_text", find=old, replace=new) for old, new in ("ab", "bc")]
        assert edited(folder(a_dot_txt="a"), *edits) == b"c"

    def test_the_refusal_names_the_edit(self, folder: Folder) -> None:
        first = Edit(file="a.txt", kind="append_text", text="x")
        said = refusal(folder(a_dot_txt="a"), first, Edit(file="gone.txt", kind="delete_file"))
        assert said == "edit 2 (delete_file) of gone.txt: no such file"

    def test_a_folder_is_no_file(self, folder: Folder) -> None:
        said = refusal(folder(d__a_dot_txt="x"), Edit(file="d", kind="delete_file"))
        assert said == "edit 1 (delete_file) of d: not a file"

    @pytest.mark.parametrize("file", ["link.txt", "linked/a.txt", "link*"])
    def test_links_are_refused(self, folder: Folder, tmp_path: Path, file: str) -> None:
        place = folder()
        outside = tmp_path / "outside"
        outside.mkdir()
        (outside / "a.txt").write_text("original")
        (place / "link.txt").symlink_to(outside / "a.txt")
        (place / "linked").symlink_to(outside)
        said = refusal(place, Edit(file=file, kind="append_text", text="x", all=True))
        assert said.endswith(f"{'linked' if file.startswith('linked') else 'link.txt'} is a symbolic link")
        assert (outside / "a.txt").read_text() == "original"

    def test_a_new_file_does_not_go_through_a_link(self, folder: Folder, tmp_path: Path) -> None:
        place = folder()
        (place / "linked").symlink_to(tmp_path)
        said = refusal(place, Edit(file="linked/new.txt", kind="write_text", text="x", new=True))
        assert said.endswith("linked is a symbolic link")
        assert not (tmp_path / "new.txt").exists()

    @pytest.mark.parametrize("kind", ["append_text", "delete_file"])
    def test_a_hard_linked_original_stays(self, folder: Folder, tmp_path: Path, kind: Any) -> None:
        place = folder()
        original = tmp_path / "original.txt"
        original.write_text("a")
        os.link(original, place / "a.txt")
        edit = Edit(file="a.txt", kind=kind, text="b" if kind == "append_text" else None)
        apply(fault_of(edit), place, sandbox=tmp_path)
        assert original.read_text() == "a"

    def test_permissions_stay(self, folder: Folder) -> None:
        place = folder(run_dot_sh="echo 1\n")
        (place / "run.sh").chmod(0o555)
        edited(place, Edit(file="run.sh", kind="replace_text", find="1", replace="2"))
        assert stat.S_IMODE((place / "run.sh").stat().st_mode) == 0o555

    def test_only_below_the_sandbox(self, folder: Folder, tmp_path: Path) -> None:
        place = folder(a_dot_txt="a")
        fault = fault_of(Edit(file="a.txt", kind="delete_file"))
        (tmp_path / "box").mkdir()
        (tmp_path / "box" / "way_out").symlink_to(place)
        for at, sandbox in [
            (place, place),
            (place, tmp_path / "box"),
            (tmp_path / "box" / "way_out", tmp_path / "box"),
        ]:
            with pytest.raises(FaultError) as caught:
                apply(fault, at, sandbox=sandbox)
            assert str(caught.value) == f"fault under_test: the edits need a copy below the sandbox, {at} is none"
        assert (place / "a.txt").exists()


class TestSection:
    @pytest.mark.parametrize(
        ("keys", "said"),
        [
            ({"kind": "replace_text", "find": "a"}, "replace_text needs the key replace"),
            ({"kind": "replace_text"}, "replace_text needs the key find; replace_text needs the key replace"),
            ({"kind": "replace_text", "find": "", "replace": "x"}, "find must not be empty"),
            ({"kind": "replace_text", "find": "x", "replace": "x"}, "find and replace are the same text"),
            ({"kind": "delete_file", "text": "x"}, "delete_file has no use for the key text"),
            ({"kind": "set_value", "pointer": "/a"}, "set_value needs either value or raw"),
            ({"kind": "set_value", "pointer": "/a", "value": 0, "raw": "0"}, "set_value needs either value or raw"),
            ({"kind": "set_value", "pointer": "a", "value": False}, "a JSON pointer begins with '/', got 'a'"),
            ({"kind": "set_value", "pointer": "/a", "raw": " "}, "raw must not be empty"),
            ({"kind": "remove_value", "pointer": ""}, "pointer must lead into the document: the root can only be set"),
            ({"kind": "drop_lines"}, "drop_lines needs either lines or matching"),
            ({"kind": "drop_lines", "lines": "1", "matching": "x"}, "lines and matching cannot stand together"),
            ({"kind": "drop_lines", "lines": "0"},
             "lines must be like \"12\", \"12-15\", \"last\" or \"12-last\", got '0'"),
            ({"kind": "drop_lines", "lines": "5-4"},
             "lines must be like \"12\", \"12-15\", \"last\" or \"12-last\", got '5-4'"),
            ({"kind": "drop_lines", "lines": "1", "count": 2}, "count needs the key matching"),
            ({"kind": "drop_lines", "matching": "x", "count": 2, "every": True},
             "count and every cannot stand together"),
            ({"kind": "drop_lines", "matching": "x", "count": 0}, "count must be 1 or more, got 0"),
            ({"kind": "drop_lines", "matching": "x", "occurrence": 0},
             "occurrence counts from 1, or from -1 at the end, got 0"),
            ({"kind": "drop_lines", "matching": "("},
             "matching must be a regular expression: missing ), unterminated subpattern at position 0"),
            ({"kind": "append_text", "text": ""}, "text must not be empty"),
            ({"kind": "write_bytes", "hex": "0"}, "hex must be pairs of hexadecimal digits"),
            ({"kind": "sql"}, "sql needs the key statements"),
            ({"kind": "write_text", "text": "x", "new": True, "file": "*.txt"},
             "a new file must be named, got the pattern '*.txt'"),
        ],
    )  # fmt: skip
    def test_an_edit_that_makes_no_sense(self, keys: dict[str, Any], said: str) -> None:
        with pytest.raises(ValueError, match=r"\w") as caught:
            Edit(**{"file": "a", **keys})
        assert str(caught.value) == said

    @pytest.mark.parametrize("file", ["", "/etc/passwd", "../a", "a/../../b", "a\\b", "a\0b"])
    def test_paths_that_leave_the_folder(self, file: str) -> None:
        with pytest.raises(ValueError, match="file must be a relative path that stays in the folder") as caught:
            Edit(file=file, kind="delete_file")
        assert str(caught.value).endswith(f"got {file!r}")


CLEAN = """
[[fault]]
id = "b_nan"
gate = "e2"
check = "validates[eqs_report]"
rule = "json.not_finite"
runbook = "T02"
why = "A division by zero reaches the report."
on = "artefact"
  [[fault.edit]]
  file = "eqs_report.json"
  kind = "set_value"
  pointer = "/eqs_score"
  raw = "NaN"
"""
OTHER = """
[[fault]]
id = "a_clock"
gate = "determinism"
runbook = "T05"
why = "The engine reads the clock."
on = "source"
verdict = "HOLD"
environment = { TZ = "UTC" }
command = ["{python}", "-c", "pass"]
"""


def gate(folder: Path, marker: str, source: str, *rules: str) -> GateSpec:
    module = folder / f"test_{marker}.py"
    module.write_text(source)
    reasons = tuple(Reason(rule, Verdict.FAIL, "Look.") for rule in rules)
    return GateSpec(marker, "a gate", module, Edit, {}, (), reasons)


@pytest.fixture(scope="module")
def gates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, GateSpec]:
    folder = tmp_path_factory.mktemp("gates")
    e2 = "def test_validates(target, schema): ...\ndef test_schemas(target): ...\ndef helper(): ...\n"
    return {
        "e2": gate(folder, "e2", e2, "e2.violation", "json.not_finite"),
        "determinism": gate(folder, "determinism", "def test_double_run(target): ...", "determinism.divergence"),
    }


class TestLoading:
    @pytest.fixture(autouse=True)
    def _with_gates(self, gates: dict[str, GateSpec]) -> None:
        self.gates = gates

    def write(self, folder: Path, **files: str) -> Path:
        for name, text in files.items():
            (folder / f"{name}.toml").write_text(text)
        return folder

    def problems(self, folder: Path) -> list[str]:
        with pytest.raises(ManifestError) as caught:
            load_faults(folder, self.gates)
        assert caught.value.path == folder.as_posix()
        return caught.value.problems

    def test_sorted_by_id(self, tmp_path: Path) -> None:
        first, second = load_faults(self.write(tmp_path, one=CLEAN, two=OTHER), self.gates)
        assert (first.id, first.verdict, first.environment) == ("a_clock", "HOLD", {"TZ": "UTC"})
        assert first.command == ("{python}", "-c", "pass")
        assert (second.id, second.verdict, second.rule) == ("b_nan", "FAIL", "json.not_finite")
        assert (first.of, second.of) == ("run", "run")
        assert second.edit == (Edit(file="eqs_report.json", kind="set_value", pointer="/eqs_score", raw="NaN"),)

    def test_the_command_that_is_meant(self, tmp_path: Path) -> None:
        of = 'of = "dry_run"\n'
        artefact = CLEAN.replace('on = "artefact"\n', f'on = "artefact"\n{of}')
        found = load_faults(self.write(tmp_path, one=artefact, two=OTHER + of), self.gates)
        assert [fault.of for fault in found] == ["dry_run", "dry_run"]

    def test_a_loaded_fault_applies(self, tmp_path: Path, folder: Folder) -> None:
        (fault,) = load_faults(self.write(tmp_path, one=CLEAN), self.gates)
        place = folder(eqs_report_dot_json='{"eqs_score": 0.5}')
        apply(fault, place, sandbox=tmp_path)
        assert (place / "eqs_report.json").read_text() == '{"eqs_score": NaN}'

    @pytest.mark.parametrize("check", ["validates[eqs_report]", "validates", "schemas"])
    def test_checks_with_and_without_parameter(self, tmp_path: Path, check: str) -> None:
        self.write(tmp_path, one=CLEAN.replace("validates[eqs_report]", check))
        assert load_faults(tmp_path, self.gates)[0].check == check

    @pytest.mark.parametrize(
        ("old", "new", "problem"),
        [
            ('"e2"', '"determinsm"', '.gate: expected a known gate, found "determinsm"; did you mean "determinism"?'),
            ('"validates[eqs_report]"', '"validate"',
             '.check: expected a check of e2, found "validate"; did you mean "validates"?'),
            ('"json.not_finite"', '"e2.violated"', '.rule: expected a reason code of e2, found "e2.violated"; '
             'did you mean "e2.violation"?'),
            ('"validates[eqs_report]"', '"zzz"',
             '.check: expected a check of e2, found "zzz"; the known ones are schemas, validates'),
            ('on = "artefact"', 'on = "artefact"\nverdict = "HOLD"',
             '.verdict: expected "FAIL", which json.not_finite carries, found "HOLD"'),
            ('"b_nan"', '"B-nan"', ": id must be [a-z0-9_]+, got 'B-nan'"),
            ('"T02"', '" "', ": runbook must not be empty"),
            ('on = "artefact"', 'on = "artefact"\nenvironment = { TZ = "UTC" }',
             ': environment and command need on = "source": an artefact fault is judged without a run'),
            ('on = "artefact"', 'on = "source"\nenvironment = { "A=B" = "UTC" }',
             ": environment must have names without '=', got 'A=B'"),
            ('on = "artefact"', 'on = "source"\ncommand = []', ": command must name a program"),
            ('on = "artefact"', 'on = "artefact"\nof = "dry-run"', ": of must be [a-z0-9_]+, got 'dry-run'"),
            ('on = "artefact"', 'on = "source"\nof = "dry_run"',
             ': of = "dry_run" needs the key command: a source fault applies to every command'),
            ('raw = "NaN"', "", ".edit[0]: set_value needs either value or raw"),
        ],
    )  # fmt: skip
    def test_a_problem_is_told(self, tmp_path: Path, old: str, new: str, problem: str) -> None:
        self.write(tmp_path, one=CLEAN.replace(old, new))
        assert self.problems(tmp_path) == [f"one.toml: fault[0]{problem}"]

    @pytest.mark.parametrize("on", ["artefact", "source"])
    def test_a_fault_without_an_edit(self, tmp_path: Path, on: str) -> None:
        self.write(tmp_path, one=CLEAN.split("  [[")[0].replace('"artefact"', f'"{on}"'))
        assert self.problems(tmp_path) == ["one.toml: fault[0]: edit is missing: the fault would change nothing"]

    def test_all_problems_of_all_files_at_once(self, tmp_path: Path) -> None:
        self.write(
            tmp_path,
            a=CLEAN + OTHER.replace("a_clock", "b_nan"),
            b=CLEAN.replace('"e2"', '"nope"'),
            c="[[fault",
            d="",
            e=OTHER.replace('why = "The engine reads the clock."\n', "") + "[more]\n",
        )
        told = self.problems(tmp_path)
        assert [problem for problem in told if not problem.startswith("c.toml: ")] == [
            "d.toml: fault: expected an array, found nothing; this section is required",
            'e.toml: more: expected a known section, found "more"; the known ones are "fault"',
            "e.toml: fault[0].why: expected a string, found nothing; this key is required",
            'b.toml: fault[0].gate: expected a known gate, found "nope"; the known ones are determinism, e2',
            'a.toml: fault[1].id: expected an id of its own, found "b_nan", the id of a.toml: fault[0]',
            'b.toml: fault[0].id: expected an id of its own, found "b_nan", the id of a.toml: fault[0]',
        ]
        assert len(told) == 7

    def test_no_file_is_a_problem(self, tmp_path: Path) -> None:
        assert self.problems(tmp_path / "nowhere") == ["expected a file *.toml with [[fault]] tables, found none"]
