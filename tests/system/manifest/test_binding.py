"""Manifest binding: typed values or all problems, in exact words; and a schema for editors that agrees."""

from __future__ import annotations

import datetime
import enum
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecourt.core.errors import ManifestError
from gatecourt.formats.quantities import Bytes, Number, Ratio, Seconds
from gatecourt.system.manifest.binding import Problem, bind, bind_sections, described, key_path
from gatecourt.system.manifest.forms import form_of
from gatecourt.system.manifest.json_schema import manifest_schema
from gatecourt.system.manifest.toml_text import parse_toml


class Speed(enum.Enum):
    SLOW = "slow"
    FAST = "fast"


@dataclass(frozen=True)
class Mask:
    """A place that may differ."""

    path: str
    type: Literal["string", "integer"]
    source: str = field(default="", metadata={"key": "from", "doc": "Where it comes from."})


@dataclass(frozen=True)
class Everything:
    name: str = field(metadata={"doc": "What it is called."})
    count: int
    mask: tuple[Mask, ...] = ()
    level: int | None = None
    strict: bool = False
    factor: float = 1.0
    tolerance: Number = Decimal("1e-9")
    share: Ratio | None = None
    size: Bytes = 1000
    wait: Seconds = Decimal(5)
    day: datetime.date | None = None
    at: datetime.datetime | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    inner: Mask | None = None
    speed: Speed = Speed.SLOW
    value: Any = None
    either: int | tuple[str, ...] | None = None
    digit: Literal[1, 2] = 1
    sealed: str = field(default="sealed", init=False)


@dataclass(frozen=True)
class Window:
    """Two bounds.

    The low one comes first.
    """

    low: int
    high: int

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low must not exceed high")


@dataclass(frozen=True)
class Tree:
    """A node."""

    name: str
    below: tuple[Tree, ...] = ()


FIRST = 'name = "n"\ncount = 1\n'


def problems(text: str, kind: type = Everything, at: str = "s") -> list[str]:
    bound, told = bind(kind, tomllib.loads(text), at)
    assert (bound is None) == bool(told)
    return [str(problem) for problem in told]


def everything(text: str) -> Everything:
    bound, told = bind(Everything, tomllib.loads(FIRST + text))
    assert not told
    assert bound is not None
    return bound


def test_every_kind_of_value_is_bound() -> None:
    bound = everything(
        'level = 3\nstrict = true\nfactor = 2\ntolerance = "1e-6"\nshare = "15%"\nsize = "1 KiB"\nwait = "2 min"\n'
        'day = 2026-01-31\nat = 2026-01-31T12:00:00Z\nspeed = "fast"\nvalue = {a = [1, 2026-01-31]}\n'
        'files."a/b.json" = "x"\ninner = {path = "p", type = "string", from = "clock"}\n'
        'either = ["a"]\n[[mask]]\npath = "p"\ntype = "integer"\n'
    )
    assert bound == Everything(
        name="n",
        count=1,
        mask=(Mask("p", "integer"),),
        level=3,
        strict=True,
        factor=2.0,
        tolerance=Decimal("0.000001"),
        share=Decimal("0.15"),
        size=1024,
        wait=Decimal(120),
        day=datetime.date(2026, 1, 31),
        at=datetime.datetime(2026, 1, 31, 12, tzinfo=datetime.UTC),
        files={"a/b.json": "x"},
        inner=Mask("p", "string", "clock"),
        speed=Speed.FAST,
        value={"a": [1, datetime.date(2026, 1, 31)]},
        either=("a",),
    )
    assert type(bound.factor) is float


def test_absent_keys_take_their_defaults() -> None:
    assert everything("") == Everything("n", 1)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("level = true", "s.level: expected an integer, found a boolean (true)"),
        ("level = 1.0", "s.level: expected an integer, found a float (1.0)"),
        ('level = "3"', 's.level: expected an integer, found a string ("3"); write it without quotes'),
        ('level = "three"', 's.level: expected an integer, found a string ("three")'),
        ("level = 0x1_0000_0000_0000_0000", "s.level: expected an integer of at most 64 bits, found 0x80000000…"),
        ("strict = 1", "s.strict: expected true or false, found an integer (1)"),
        ("factor = nan", "s.factor: expected a finite number, found nan"),
        ("factor = true", "s.factor: expected a number, found a boolean (true)"),
        ("tolerance = []", 's.tolerance: expected a number such as 0.5 or "1e-9", found an array'),
        ("tolerance = true", 's.tolerance: expected a number such as 0.5 or "1e-9", found a boolean (true)'),
        ('share = "much"', 's.share: expected a ratio such as "15%" or 0.15, found "much"'),
        ('size = "5 mb"', 's.size: expected a size with its unit such as "100 MB", found "5 mb"; did you mean "MB"?'),
        (
            "wait = 5",
            's.wait: expected a duration with its unit such as "5s", found 5; say the unit: ms, s, min, h or d',
        ),
        (
            "day = 2026-01-31T12:00:00",
            "s.day: expected a date, found a date and time (2026-01-31 12:00:00)",
        ),
        ('day = "2026-01-31"', 's.day: expected a date, found a string ("2026-01-31"); write it without quotes'),
        ("at = 2026-01-31", "s.at: expected a date and time, found a date (2026-01-31)"),
        ("files = []", "s.files: expected a table, found an array"),
        ('files."a/b c" = 1', 's.files."a/b c": expected a string, found an integer (1); write it in quotes'),
        ("inner = 1", "s.inner: expected a table, found an integer (1)"),
        ("[[inner]]", "s.inner: expected a table, found an array; write [s.inner], once"),
        ("[mask]", "s.mask: expected an array, found a table; write [[s.mask]] in place of [s.mask]"),
        ('speed = "fsat"', 's.speed: expected one of "slow", "fast", found "fsat"; did you mean "fast"?'),
        ("speed = 1", 's.speed: expected one of "slow", "fast", found an integer (1)'),
        ("digit = true", "s.digit: expected one of 1, 2, found a boolean (true)"),
        ("value = {a = [1, inf]}", "s.value.a[1]: expected a finite number, found inf"),
        ('either = "x"', 's.either: expected an integer or an array, found a string ("x")'),
        ('either = ["x", 1]', "s.either[1]: expected a string, found an integer (1); write it in quotes"),
        ("sealed = 1", 's.sealed: expected a known key, found "sealed"; did you mean "speed"?'),
        ("Level = 1", 's.Level: expected a known key, found "Level"; did you mean "level"?'),
        (
            'mask = [{path = "p", type = "str"}]',
            's.mask[0].type: expected one of "string", "integer", found "str"; did you mean "string"?',
        ),
        (
            'inner = {path = "p", type = "string", xyzzy = 1}',
            's.inner.xyzzy: expected a known key, found "xyzzy"; the known ones are "path", "type", "from"',
        ),
        (
            'inner = {path = "p"}',
            's.inner.type: expected one of "string", "integer", found nothing; this key is required',
        ),
    ],
)
def test_a_problem_names_its_place_and_both_sides(text: str, sentence: str) -> None:
    assert problems(FIRST + text) == [sentence]


def test_all_problems_are_told_at_once() -> None:
    text = 'cuont = 1\nlevel = "x"\nmask = [{path = 1, type = "string"}, 7, {}]\n'
    assert problems(text, at="") == [
        'cuont: expected a known key, found "cuont"; did you mean "count"?',
        "name: expected a string, found nothing; this key is required",
        "count: expected an integer, found nothing; this key is required",
        "mask[0].path: expected a string, found an integer (1); write it in quotes",
        "mask[1]: expected a table, found an integer (7)",
        "mask[2].path: expected a string, found nothing; this key is required",
        'mask[2].type: expected one of "string", "integer", found nothing; this key is required',
        'level: expected an integer, found a string ("x")',
    ]


def test_problems_stand_in_the_order_of_the_document() -> None:
    assert problems(FIRST + "value = [[nan], {b = inf, a = nan}]", at="") == [
        "value[0][0]: expected a finite number, found nan",
        "value[1].b: expected a finite number, found inf",
        "value[1].a: expected a finite number, found nan",
    ]


def test_the_key_of_a_renamed_field_is_the_one_in_the_file() -> None:
    assert problems('path = "p"\ntype = "string"\nsource = "x"', Mask) == [
        's.source: expected a known key, found "source"; the known ones are "path", "type", "from"'
    ]


def test_a_rule_across_fields_is_told_at_the_table() -> None:
    assert problems("low = 2\nhigh = 1", Window) == ["s: low must not exceed high"]
    assert bind(Window, {"low": 2, "high": 1}) == (None, [Problem("", "low must not exceed high", "")])
    assert problems('low = "x"\nhigh = 1', Window) == ['s.low: expected an integer, found a string ("x")']


def test_a_dataclass_may_hold_itself() -> None:
    bound, told = bind(Tree, tomllib.loads('name = "a"\nbelow = [{name = "b"}]'))
    assert (bound, told) == (Tree("a", (Tree("b"),)), [])
    assert problems('name = "a"\nbelow = [{name = "b", below = [{}]}]', Tree) == [
        "s.below[0].below[0].name: expected a string, found nothing; this key is required"
    ]


def test_a_value_may_not_nest_without_end() -> None:
    deep = f"{FIRST}[{'.'.join(['value'] * 3000)}]\n"
    assert problems(deep, at="") == [f"{'.'.join(['value'] * 66)}: expected at most 64 levels of nesting, found more"]


@pytest.mark.parametrize("hint", [bytes, Decimal, list[str], tuple[int, int], Mapping[int, str], Path])
def test_a_hint_that_toml_cannot_meet_is_the_fault_of_the_dataclass(hint: object) -> None:
    with pytest.raises(TypeError, match="no TOML value can be bound to"):
        form_of(hint)


SECTIONS: Mapping[str, Any] = {
    "all": Everything,
    "window": tuple[Window, ...],
    "named": Mapping[str, Mask],
    "tree": Tree,
}


def test_sections_are_bound_by_name() -> None:
    document = tomllib.loads('[[window]]\nlow = 1\nhigh = 2\n[named."x y"]\npath = "p"\ntype = "string"\n')
    assert bind_sections(SECTIONS, document) == (
        {"window": (Window(1, 2),), "named": {"x y": Mask("p", "string")}},
        [],
    )


def test_problems_of_one_section_leave_the_others_standing() -> None:
    document = tomllib.loads(
        '[tree]\nname = "a"\n[windows]\n[[window]]\nlow = 1\nhigh = 2\n[[window]]\nlow = 3\nhigh = 2\n'
        '["na me"]\n[named."x y"]\npath = "p"\n'
    )
    bound, told = bind_sections(SECTIONS, document, required=("tree", "all"))
    assert bound == {"tree": Tree("a")}
    assert [str(problem) for problem in told] == [
        'windows: expected a known section, found "windows"; did you mean "window"?',
        '"na me": expected a known section, found "na me"; did you mean "named"?',
        "all: expected a table, found nothing; this section is required",
        "window[1]: low must not exceed high",
        'named."x y".type: expected one of "string", "integer", found nothing; this key is required',
    ]


def test_a_section_of_the_wrong_shape_says_which_header_to_write() -> None:
    _, told = bind_sections(SECTIONS, tomllib.loads("[[tree]]\n[window]\n"))
    assert [str(problem) for problem in told] == [
        "window: expected an array, found a table; write [[window]] in place of [window]",
        "tree: expected a table, found an array; write [tree], once",
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x7f"), max_size=5), min_size=1, max_size=4))
def test_a_key_path_is_the_path_that_toml_itself_reads(keys: list[str]) -> None:
    path = ""
    for key in keys:
        path = key_path(path, key)
    expected: Any = 1
    for key in reversed(keys):
        expected = {key: expected}
    assert tomllib.loads(f"{path} = 1") == expected


def test_words_for_what_is_there() -> None:
    values = tomllib.loads('v = [1, 1.5, true, "a", 2026-01-31, 12:00:00, [], {}]')["v"]
    assert [described(value) for value in values] == [
        "an integer (1)",
        "a float (1.5)",
        "a boolean (true)",
        'a string ("a")',
        "a date (2026-01-31)",
        "a time (12:00:00)",
        "an array",
        "a table",
    ]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (
            b"a = 1\na = 2\n",
            "line 2, column 6: expected TOML, found a syntax error (Cannot overwrite a value); "
            "a key or table stands only once: merge the two, or remove one",
        ),
        (
            b"[a]\n[a]\n",
            "line 2, column 3: expected TOML, found a syntax error (Cannot declare ('a',) twice); "
            "a key or table stands only once: merge the two, or remove one",
        ),
        (
            b"a = 5s\n",
            "line 1, column 6: expected TOML, found a syntax error "
            "(Expected newline or end of document after a statement); "
            "text, and numbers with a unit, stand in quotes; one key = value a line",
        ),
        (
            b"a = 1\nb = ",
            "line 2, column 5: expected TOML, found a syntax error (Invalid value); "
            "text, and numbers with a unit, stand in quotes; one key = value a line",
        ),
        (
            b"a\n",
            "line 1, column 2: expected TOML, found a syntax error (Expected '=' after a key in a key/value pair); "
            "write key = value, or a [table] header, on its own line",
        ),
        (
            b'a = "x\n',
            "line 1, column 7: expected TOML, found a syntax error (Illegal character '\\n'); "
            "close the quotes on the same line",
        ),
        (b"a = 1\n\xc3\xa9 = '\xff'\n", "line 2, column 6: expected UTF-8, found byte 0xff; save the file as UTF-8"),
        (
            b"\xef\xbb\xbfa = 1\n",
            "line 1, column 1: expected UTF-8, found a byte order mark; save the file without it",
        ),
        (b"a = " + b"9" * 5000, "expected integers of at most 64 bits, found one of thousands of digits"),
        (b"a = " + b"[" * 5000, "expected at most 64 levels of nesting, found more; flatten the value"),
    ],
)
def test_a_file_that_is_no_toml_is_one_clear_error(tmp_path: Path, data: bytes, sentence: str) -> None:
    path = tmp_path / "gates.toml"
    path.write_bytes(data)
    with pytest.raises(ManifestError) as raised:
        parse_toml(path)
    assert raised.value.problems == [sentence]
    assert str(raised.value) == f"{path.as_posix()}: {sentence}"


def test_a_file_that_is_not_there_or_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ManifestError) as raised:
        parse_toml(tmp_path / "none.toml")
    assert raised.value.problems == ["expected a manifest, found no such file; check the path, or write one there"]
    with pytest.raises(ManifestError) as raised:
        parse_toml(tmp_path)
    assert raised.value.problems == [
        "expected a readable file, found one that cannot be read (is a directory); check its kind and permissions"
    ]


def test_a_good_file_comes_with_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "gates.toml"
    path.write_bytes("a = 'é'\r\n".encode())
    assert parse_toml(path) == ({"a": "é"}, "a = 'é'\r\n".encode())


SCHEMA = manifest_schema(SECTIONS, required=("tree",))


def test_the_schema_is_one_and_closes_every_table() -> None:
    assert jsonschema_rs.meta.is_valid(SCHEMA)
    assert SCHEMA["required"] == ["tree"]
    assert SCHEMA["additionalProperties"] is False
    definitions: Any = SCHEMA["$defs"]
    assert sorted(definitions) == ["all", "all.mask", "tree", "window"]
    assert all(definition["additionalProperties"] is False for definition in definitions.values())


def test_the_schema_tells_the_reader_what_the_model_says() -> None:
    definitions: Any = SCHEMA["$defs"]
    whole, mask, window = (definitions[name] for name in ("all", "all.mask", "window"))
    assert "description" not in whole
    assert window["description"] == "Two bounds.\n\nThe low one comes first."
    assert whole["title"] == "Everything"
    assert whole["required"] == ["name", "count"]
    assert mask["properties"]["from"] == {"type": "string", "description": "Where it comes from.", "default": ""}
    defaults = {key: value["default"] for key, value in whole["properties"].items() if "default" in value}
    assert defaults == {
        "strict": False,
        "factor": 1.0,
        "tolerance": "0.000000001",
        "size": "1000 B",
        "wait": "5s",
        "speed": "slow",
        "digit": 1,
    }
    bound, told = bind(Everything, {"name": "n", "count": 1, **defaults})
    assert (bound, told) == (Everything("n", 1), [])


VALID = {
    "name": st.text(max_size=3),
    "count": st.integers(-5, 5),
    "mask": st.just([{"path": "p", "type": "string"}]),
    "level": st.integers(0, 3),
    "strict": st.booleans(),
    "factor": st.one_of(st.integers(0, 3), st.just(0.5)),
    "tolerance": st.sampled_from(["1e-9", 1, 0.5]),
    "share": st.sampled_from(["15%", 0.15, "0.1 %"]),
    "size": st.sampled_from(["1 kB", "64KiB"]),
    "wait": st.sampled_from(["5s", "2 min"]),
    "day": st.just(datetime.date(2026, 1, 31)),
    "at": st.just(datetime.datetime(2026, 1, 31, 12)),  # TOML has dates and times without an offset
    "files": st.just({"a b": "x"}),
    "inner": st.just({"path": "p", "type": "integer", "from": "x"}),
    "speed": st.sampled_from(["slow", "fast"]),
    "value": st.just({"any": [1, "x", {}]}),
    "either": st.sampled_from([1, ["a"], []]),
    "digit": st.sampled_from([1, 2]),
}
ODD: tuple[object, ...] = (
    *(0, 1, 1.5, True, "x", "5s", "5 MB", "15%", "fast", "2026", [], ["x"], [1], {}, {"a": "x"}, {"a": 1}),
    *({"path": "p"}, [{"path": "p"}], [{"path": 1, "type": "string"}], {"path": "p", "type": "string", "more": 1}),
)


def agree(section: dict[str, object]) -> bool:
    """Whether the section binds; the schema must say the same."""
    document = {"all": section, "tree": {"name": "t"}}
    _, told = bind_sections(SECTIONS, document, required=("tree",))
    as_json = json.loads(json.dumps(document, default=lambda moment: moment.isoformat()))
    assert jsonschema_rs.is_valid(SCHEMA, as_json) == (not told), [str(problem) for problem in told]
    return not told


@settings(max_examples=60, deadline=None)
@given(st.fixed_dictionaries({key: VALID.pop(key) for key in ("name", "count")}, optional=VALID))
def test_the_schema_accepts_what_binds(section: dict[str, object]) -> None:
    assert agree(section)


def test_the_schema_refuses_what_does_not_bind() -> None:
    keys = ["name", "count", *VALID, "other"]
    bound = [agree({"name": "n", "count": 1, key: value}) for key in keys for value in ODD]
    assert 0 < sum(bound) < len(bound) / 2
    assert not agree({"count": 1})
    assert not agree({"name": "n"})


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ('[tree]\nname = "a"\nbelow = [{name = "b", below = []}]', True),
        ('[tree]\nname = "a"\nbelow = [{name = "b", below = [{nmae = "c"}]}]', False),
        ("", False),
        ('[tree]\nname = "a"\n[[window]]\nlow = 1\nhigh = 2', True),
        ('[tree]\nname = "a"\n[window]\nlow = 1\nhigh = 2', False),
        ('[tree]\nname = "a"\n[named.x]\npath = "p"\ntype = "integer"', True),
        ('[tree]\nname = "a"\n[named.x]\npath = "p"\ntype = "float"', False),
        ('[tree]\nname = "a"\n[nmaed.x]', False),
    ],
)
def test_schema_and_binding_agree_on_sections(text: str, good: bool) -> None:
    document = tomllib.loads(text)
    _, told = bind_sections(SECTIONS, document, required=("tree",))
    assert (not told, jsonschema_rs.is_valid(SCHEMA, document)) == (good, good)
