"""The fast way through a log tells what the exact way tells, whatever the log holds."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecourt.core.errors import Judged
from gatecourt.formats import jsonl
from gatecourt.rules.events import scan
from gatecourt.rules.events.counters import EventCounters
from gatecourt.rules.events.dialect import LogEvent
from gatecourt.rules.events.fast_path.fast_path import AVAILABLE
from gatecourt.rules.events.fast_path.line_regex import Language, Learner
from gatecourt.rules.events.fast_path.number_regex import Bounds, _below, numeral
from gatecourt.rules.events.fast_path.prefixes import places
from gatecourt.rules.events.fast_path.slot_spec import common
from gatecourt.rules.events.fast_path.template import shape
from gatecourt.rules.events.scan import LogPass
from gatecourt.rules.events.schema import LineSchema
from gatecourt.rules.events.section import (
    Cascade,
    ClockDomain,
    Completion,
    CountZones,
    Dialect,
    EventCondition,
    EventsSection,
    Exceptions,
    Orders,
    Pair,
    RateZones,
    Slow,
)
from gatecourt.rules.events.summary import FindingLog, LogSummary

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="this Python's possessive quantifiers are not to be relied on")


@pytest.fixture(autouse=True, scope="module")
def learn_from_little() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "_LESSON_LINES", 30)
        yield


KINDS: dict[str, Any] = {
    "tick": {"n": {"type": "integer", "minimum": 0, "maximum": 5000}, "deep": {"type": "object"}},
    "order_placed": {
        "order_id": {"type": "string", "pattern": "^O-(A|B)-[0-9]{1,4}$"},
        "size": {"type": "number", "exclusiveMinimum": 0},
        "side": {"enum": ["BUY", "SELL", "Ärger"]},
    },
    "order_filled": {
        "order_id": {"type": "string", "minLength": 5, "maxLength": 9},
        "fee": {"type": "number", "minimum": 0, "exclusiveMaximum": 2},
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1},
    },
    "work": {"duration_ms": {"type": "number"}, "ok": {"type": "boolean"}, "note": {"type": ["string", "null"]}},
    "beat": {"clock": {"type": "integer"}, "x": {"anyOf": [{"type": "string"}, {"type": "number", "minimum": -5}]}},
}

BY_IF = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "t": {"type": "integer", "minimum": 0},
        "seq": {"type": "integer"},
        "run": {"type": "string", "pattern": "^[a-z0-9]+$"},
        "cat": {"enum": ["SYS", "EXEC", "RISK", "DATA"]},
        "type": {"type": "string"},
        "level": {"enum": ["INFO", "ERROR", "CRITICAL"]},
        "data": {"type": "object"},
    },
    "required": ["t", "run", "type", "data"],
    "additionalProperties": False,
    "allOf": [
        {
            "if": {"properties": {"type": {"const": kind}}, "required": ["type"]},
            "then": {"properties": {"data": {"$ref": f"#/definitions/{kind}"}}},
        }
        for kind in KINDS
    ],
    "definitions": {
        kind: {
            "type": "object",
            "properties": properties,
            "required": list(properties)[:1],
            "additionalProperties": False,
        }
        for kind, properties in KINDS.items()
    },
}

BY_ONE_OF = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "oneOf": [
        {
            "type": "object",
            "properties": {
                "t": {"type": "number"},
                "seq": {"type": "integer"},
                "run": {"type": "string"},
                "cat": {"type": "string"},
                "type": {"const": kind},
                "level": {"type": "string"},
                "data": {"$ref": f"#/$defs/{kind}"},
            },
            "required": ["type", "data"],
            "additionalProperties": False,
        }
        for kind in [*KINDS, "other"]
    ],
    "$defs": {
        **{kind: {"type": "object", "properties": properties} for kind, properties in KINDS.items()},
        "other": True,
    },
}

SECTION = EventsSection(
    logs=("*.jsonl",),
    schema="schema.json",
    dialect={
        "plain": Dialect(
            time="/t", type="/type", sequence="/seq", run="/run", category="/cat", level="/level", payload="/data"
        ),
        "old": Dialect(
            time="/t",
            type="/type",
            run="/run",
            category="/cat",
            payload="/data",
            absent={"sequence": "none", "level": "none"},
        ),
    },
    minimum=CountZones(4, 2),
    error_rate=RateZones(Decimal("0.05"), Decimal("0.10")),
    complete=Completion(event="run_complete"),
    clock={"wall": ClockDomain(types=("beat",)), "own": ClockDomain(pointer="/clock", value=7)},
    lifecycle={"run": Pair("run_start", "run_complete")},
    orders=Orders(
        placed=("order_placed",), ended=("order_filled",), id="/order_id", reasons={"risk": ("halt", "order_x")}
    ),
    slow=Slow("/duration_ms", "ms", Decimal(1)),
    cascade=Cascade(window=5, errors=3, causes={"gap": EventCondition("DATA", "gap")}),
    surface={"breach": EventCondition("RISK", "breach")},
    exceptions=Exceptions(last=20),
)


def payload(rng: random.Random, kind: str, place: int) -> dict[str, Any]:
    order = f"O-{rng.choice('AB')}-{place // 2 % 10000}"
    makers: dict[str, Callable[[], dict[str, Any]]] = {
        "tick": lambda: {"n": rng.randint(0, 5000), "deep": {"a": [rng.random(), -1, "x"], "b": {}}},
        "order_placed": lambda: {"order_id": order, "size": rng.random() * 10, "side": rng.choice(["BUY", "SELL"])},
        "order_filled": lambda: {"order_id": order, "fee": rng.choice([0, 1, rng.random()]), "tags": ["a", "b"]},
        "work": lambda: {"duration_ms": rng.randint(1, 1010), "ok": rng.random() < 0.5, "note": rng.choice(["", None])},
        "beat": lambda: {"clock": rng.choice([1, 7]), "x": rng.choice(["s", 1.5, -7])},
        "halt": dict,
        "breach": dict,
        "gap": dict,
    }
    return makers[kind]()


def lines(seed: int, number: int, sequenced: bool = True) -> list[bytes]:
    rng = random.Random(seed)
    kinds = ["tick", "order_placed", "order_filled", "work"] * 12 + ["beat", "beat", "halt", "breach", "gap"]
    found, time = [], 10_000
    for place in range(number):
        kind = rng.choice(kinds)
        time += rng.randint(0, 9)
        head: dict[str, Any] = {"t": time, "seq": place, "run": "r1", "cat": "EXEC", "type": kind, "level": "INFO"}
        if rng.random() < 0.02:
            head["level"] = "ERROR"
        if kind in ("breach", "gap"):
            head["cat"] = {"breach": "RISK", "gap": "DATA"}[kind]
        if not sequenced:
            del head["seq"], head["level"]
        found.append(json.dumps({**head, "data": payload(rng, kind, place)}, separators=(",", ":")).encode() + b"\n")
    return found


def both(log: bytes, document: Any = BY_IF, section: EventsSection = SECTION) -> tuple[LogSummary, LogSummary, float]:
    """The summaries of the fast and the exact way, and the share of lines that the fast way did not look at."""
    results = []
    taken = []
    for at_speed in (True, False):
        way = LogPass("log", section, schema_of(document), at_speed=at_speed)
        looked = 0
        take = way.take

        def counting(data: bytes, take: Any = take) -> None:
            nonlocal looked
            looked += 1
            take(data)

        way.take = counting  # type: ignore[method-assign]
        for block in pieces(log):
            way.take_block(block)
        results.append(way.summary())
        taken.append(1 - looked / max(way.lines, 1))
    return results[0], results[1], taken[0]


def pieces(log: bytes, size: int = 6000) -> Iterator[bytes]:
    at = 0
    while at < len(log):
        end = log.find(b"\n", at + size) + 1 or len(log)
        yield log[at:end]
        at = end


_SCHEMAS: dict[str, LineSchema] = {}


def schema_of(document: Any) -> LineSchema:
    text = json.dumps(document)
    if text not in _SCHEMAS:
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "schema.json"
            path.write_text(text)
            _SCHEMAS[text] = LineSchema(path, "schema.json")
    return _SCHEMAS[text]


@pytest.mark.parametrize("document", [BY_IF, BY_ONE_OF])
def test_most_lines_of_a_plain_log_are_taken_at_speed(document: Any) -> None:
    fast, exact, share = both(b"".join(lines(1, 600)), document)
    assert repr(fast) == repr(exact)
    assert share > 0.5


def test_a_dialect_without_sequence_and_level_is_taken_at_speed_too() -> None:
    fast, exact, share = both(b"".join(lines(2, 600, sequenced=False)))
    assert (fast.dialect, repr(fast)) == ("old", repr(exact))
    assert share > 0.6


def test_a_new_kind_of_line_is_learned_when_it_becomes_common() -> None:
    def log(kind: str, seqs: range) -> Iterator[bytes]:
        for seq in seqs:
            event = {"t": seq, "seq": seq, "run": "r1", "cat": "SYS", "type": kind, "level": "INFO", "data": {}}
            yield json.dumps(event).encode() + b"\n"

    fast, exact, share = both(b"".join([*log("a", range(300)), *log("b", range(300, 900))]))
    assert repr(fast) == repr(exact)
    assert share > 0.7


NUMBERS = [
    b"0",
    b"-0",
    b"1",
    b"01",
    b"-1",
    b"1.0",
    b"1.5",
    b"1e2",
    b"1E400",
    b"1e-400",
    b"9" * 20,
    b"9223372036854775808",
]
NUMBERS += [b"5000", b"5001", b"1000", b"1000.0", b"1001", b"NaN"]
STRINGS = [
    b"",
    b"SELL",
    b"S\\u0045LL",
    b"\\ud800",
    b"\\ud83d\\ude00",
    "Ärger".encode(),
    b"\xff",
    b"\xed\xa0\x80",
    b"a\tb",
    b"a\x00",
    b"crash",
    b"O-A-1",
    b"O-A-1\\n",
    b"O-C-1",
    b'a\\"b',
    b"\x7f",
    b'","x":"',
]
NUMBER = re.compile(rb"(?<=[:,\[])-?[0-9][-+.eE0-9]*")
STRING = re.compile(rb'(?<=[:,\[]")[^"]*(?=")')


def mutated(rng: random.Random, log: list[bytes]) -> list[bytes]:
    log = list(log)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(log))
        log[at : at + 1] = MUTATIONS[rng.randrange(len(MUTATIONS))](rng, log[at])
    return log


def replaced(expression: re.Pattern[bytes], values: list[bytes]) -> Any:
    def mutate(rng: random.Random, line: bytes) -> list[bytes]:
        found = list(expression.finditer(line))
        if not found:
            return [line]
        match = rng.choice(found)
        return [line[: match.start()] + rng.choice(values) + line[match.end() :]]

    return mutate


def flipped(rng: random.Random, line: bytes) -> list[bytes]:
    at = rng.randrange(len(line))
    return [line[:at] + bytes([rng.randrange(256)]) + line[at + rng.randrange(2) :]]


def stretched(rng: random.Random, line: bytes) -> list[bytes]:
    at = rng.randrange(len(line))
    return [line[:at] + rng.choice([b" ", b"\r", b"0", b'"', b"}", b"\n", b"\xef\xbb\xbf", b"5"]) + line[at:]]


def shortened(rng: random.Random, line: bytes) -> list[bytes]:
    at = rng.randrange(len(line))
    return [line[:at] + line[at + rng.randint(1, 9) :]]


def doubled_key(_: random.Random, line: bytes) -> list[bytes]:
    return [line.replace(b'"run":', b'"run":"r1","run":', 1)]


def moved_key(_: random.Random, line: bytes) -> list[bytes]:
    return [json.dumps(dict(reversed(json.loads(line).items()))).encode() + b"\n" if line.startswith(b"{") else line]


MUTATIONS: list[Any] = [
    replaced(NUMBER, NUMBERS),
    replaced(NUMBER, NUMBERS),
    replaced(STRING, STRINGS),
    replaced(STRING, STRINGS),
    flipped,
    flipped,
    stretched,
    shortened,
    doubled_key,
    lambda _, line: [line, line],
    lambda _, line: [],
    lambda _, line: [line.replace(b'"INFO"', b'"ERROR"')],
    lambda _, line: [line.replace(b'"INFO"', b'"CRITICAL"')],
    lambda _, line: [line.replace(b'"r1"', b'"r2"')],
    lambda _, line: [line.replace(b"tick", b"run_start")],
    lambda _, line: [line.replace(b'"EXEC"', b'"EXEX"')],
    lambda _, line: [b"\n", line],
    lambda _, line: [line[:-1] + b"\r\n"],
    lambda _, line: [b"[1]\n"],
]


def safely_mutated(rng: random.Random, log: list[bytes]) -> bytes:
    try:
        return b"".join(mutated(rng, log))
    except ValueError:
        return b"".join(log)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from([BY_IF, BY_ONE_OF]), st.booleans())
def test_both_ways_agree_on_mutated_logs(seed: int, document: Any, sequenced: bool) -> None:
    rng = random.Random(seed)
    log = safely_mutated(rng, lines(seed % 7, 150, sequenced))
    fast, exact, _ = both(log, document)
    assert repr(fast) == repr(exact)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 10**6))
def test_both_ways_agree_on_a_log_cut_anywhere(seed: int, at: int) -> None:
    log = b"".join(lines(seed % 7, 90))
    fast, exact, _ = both(log[: at % len(log)])
    assert repr(fast) == repr(exact)


def language_of(document: Any, examples: list[bytes]) -> Language | None:
    counters = EventCounters(SECTION, "log", FindingLog())
    learner = Learner()
    for at, data in enumerate(examples, 1):
        value = json.loads(data)
        event = LogEvent(at, *[value[key] for key in ("t", "seq", "run", "cat", "type", "level", "data")])
        counters.take(event, SECTION.dialect["plain"])
        learner.see(data, event)
    return learner.language(document, SECTION.dialect["plain"], counters)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9), st.sampled_from([BY_IF, BY_ONE_OF]))
def test_what_the_language_takes_is_valid(seed: int, document: Any) -> None:
    language = _LANGUAGES.get(id(document)) or _LANGUAGES.setdefault(id(document), language_of(document, lines(3, 300)))
    assert language is not None
    rng = random.Random(seed)
    line = safely_mutated(rng, [rng.choice(lines(4, 40))])
    match = language.lines.match(line)
    assert match is not None
    for data in jsonl.lines(line[: match.end()]):
        assert schema_of(document).violations(jsonl.parse(data, "log", 1), "log", 1) == []


_LANGUAGES: dict[int, Language | None] = {}

VALUE_SCHEMAS: st.SearchStrategy[Any] = st.deferred(
    lambda: st.one_of(
        st.booleans(),
        st.fixed_dictionaries(
            {},
            optional={
                "type": st.sampled_from(["integer", "number", "string", "object", "array", ["null", "integer"]]),
                "minimum": st.sampled_from([-3, 0, 0.5, 7, 100, 2**60]),
                "maximum": st.sampled_from([-1, 0, 1, 9, 10.5, 1234]),
                "exclusiveMinimum": st.sampled_from([0, 3, 0.25]),
                "exclusiveMaximum": st.sampled_from([1, 10, 99.5, 100]),
                "enum": st.lists(st.sampled_from([0, 1, "a", "b", "ab", None, True, {"k": 1}, 'q"', "ä"]), min_size=1),
                "const": st.sampled_from([0, 1, "a", None, False, {}, 1.0]),
                "minLength": st.integers(0, 3),
                "maxLength": st.integers(0, 3),
                "pattern": st.sampled_from(["^a+$", "a", "^[0-9a-c]{1,2}$", "^a|b$", "^(a|b)?$", "^\\w$", "^a{2}$"]),
                "properties": st.dictionaries(st.sampled_from("kl"), VALUE_SCHEMAS, max_size=2),
                "required": st.lists(st.sampled_from("kl"), unique=True),
                "additionalProperties": VALUE_SCHEMAS,
                "items": VALUE_SCHEMAS,
                "minItems": st.integers(0, 2),
                "maxItems": st.integers(0, 2),
                "maxProperties": st.integers(0, 2),
                "uniqueItems": st.booleans(),
                "not": VALUE_SCHEMAS,
                "if": VALUE_SCHEMAS,
                "then": VALUE_SCHEMAS,
                "else": VALUE_SCHEMAS,
                "anyOf": st.lists(VALUE_SCHEMAS, min_size=1, max_size=3),
                "oneOf": st.lists(VALUE_SCHEMAS, min_size=1, max_size=3),
                "allOf": st.lists(VALUE_SCHEMAS, min_size=1, max_size=2),
                "$ref": st.sampled_from(["#/$defs/d", "#/definitions/d", "#", "#/$defs/%64", "#d"]),
                "$id": st.just("http://x.example/y"),
                "format": st.just("date"),
                "description": st.just("x"),
            },
        ),
    )
)  # fmt: skip

SCALARS = [b"0", b"-0", b"1", b"7", b"10", b"1.0", b"0.5", b"0." + b"9" * 30, b"99." + b"9" * 30, b"1e1", b"-2", b"0.0",
           b"1e-400", b'""', b'"a"', b'"ab"', b'"b"', b'"aa"', b'"1c"', b"true", b"false", b"null"]  # fmt: skip
DATA = [b"%s", b'{"k":%s}', b'{"k":%s,"l":%s}', b"[%s]", b"[%s,%s]", b'{"m":[%s]}', b"{}", b"[]"]
DRAFTS = ["http://json-schema.org/draft-04/schema#", "http://json-schema.org/draft-06/schema#",
          "http://json-schema.org/draft-07/schema#", "https://json-schema.org/draft/2019-09/schema",
          "https://json-schema.org/draft/2020-12/schema"]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(VALUE_SCHEMAS, VALUE_SCHEMAS, st.sampled_from(DRAFTS), st.sampled_from(DATA), st.integers(0, 10**9))
def test_no_schema_makes_the_language_unsound(value: Any, other: Any, draft: str, form: bytes, seed: int) -> None:
    document = {"$schema": draft, "properties": {"data": value}, "$defs": {"d": other}, "definitions": {"d": other}}
    try:
        validator = jsonschema_rs.validator_for(document, validate_formats=True, offline=True)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError):
        return
    rng = random.Random(seed)
    frame = b'{"t":1,"seq":0,"run":"r1","cat":"EXEC","type":"x","level":"INFO","data":%s}\n'
    line = frame % (form % tuple(rng.choice(SCALARS) for _ in range(form.count(b"%s"))))
    language = language_of(document, [line])
    if language is None:
        return
    for _ in range(40):
        tried = frame % (form % tuple(rng.choice(SCALARS) for _ in range(form.count(b"%s"))))
        if language.lines.fullmatch(tried):
            assert validator.is_valid(jsonl.parse(tried, "log", 1)), tried


@settings(max_examples=100, deadline=None)
@given(
    st.booleans(),
    st.none() | st.fractions(-20, 2000, max_denominator=8),
    st.booleans(),
    st.none() | st.fractions(-20, 2000, max_denominator=8),
    st.booleans(),
    st.integers(0, 10**9),
)
def test_a_numeral_lies_within_its_bounds(
    integer: bool, low: Fraction | None, low_open: bool, high: Fraction | None, high_open: bool, seed: int
) -> None:
    bounds = Bounds(integer, low, low_open, high, high_open)
    expression = numeral(bounds)
    if expression is None:
        return
    rng = random.Random(seed)
    for _ in range(60):
        edge = rng.choice([low, high, Fraction(0), Fraction(rng.randint(-30, 2100))]) or Fraction(0)
        text = rng.choice(
            ["{}", "{}.0", "{}.999999999999999999999999999", "-{}", "{}e1", "{}.00000001", "0{}", "{}E-9"]
        )
        tried = text.format(int(edge) + rng.randint(-1, 1))
        if re.fullmatch(expression, tried):
            value = json.loads(tried)
            assert not (integer and isinstance(value, float))
            assert low is None or (value > low if low_open else value >= low), tried
            assert high is None or (value < high if high_open else value <= high), tried


def test_a_number_that_is_never_negative_has_no_sign() -> None:
    for integer in (True, False):
        expression = numeral(Bounds(integer, low=Fraction(0)))
        assert expression is not None
        assert re.fullmatch(expression, "0")
        assert not re.fullmatch(expression, "-0")


def test_integers_below_a_limit_are_exactly_those() -> None:
    for limit in [*range(1, 130), 999, 1000, 1001, 1990, 2047]:
        expression = re.compile(_below(limit))
        assert [number for number in range(2300) if expression.fullmatch(str(number))] == list(range(min(limit, 2300)))
        assert not any(expression.fullmatch(text) for text in ("00", "01", "-1", "", "1.0"))


@pytest.mark.parametrize(
    ("pattern", "inside"),
    [
        ("^[0-9a-f]{64}$", "[0-9a-f]{64}"),
        ("^O-(A|B)-[0-9]{4,}$", "O-(?:A|B)-[0-9]{4,}"),
        ("^run_[a-zA-Z0-9_-]+$", "run_[a-zA-Z0-9_-]+"),
        ("^a\\.b$", "a\\.b"),
        ("^a|b$", None),
        ("a", None),
        ("^\\d$", None),
        ("^.$", None),
        ("^[^a]$", None),
        ("^[a&&b]$", None),
        ("^a+?$", None),
        ("^a++$", None),
        ("^(?=a)a$", None),
        ("^(a$", None),
        ("^a)(b$", None),
        ("^\\$", None),
        ("^a{,3}$", None),
        ("^é$", None),
        ("^(?i)a$", None),
    ],
)
def test_only_common_patterns_are_taken_over(pattern: str, inside: str | None) -> None:
    assert common(pattern) == inside


@pytest.mark.parametrize(
    "line",
    [
        b'{"a":1,"b":[true,null,-1.5e3,"x"],"c":{"d":{}}}\n',
        b' { "a" : 1 , "b" : [ ] }  \n',
        b'"x"\n',
        b"[[],[[1]]]\n",
    ],
)
def test_a_shape_keeps_the_text(line: bytes) -> None:
    taken = shape(line)
    assert taken is not None
    said = b"".join(piece if isinstance(piece, bytes) else piece.text.encode() for piece in taken.pieces)
    assert said == line


@pytest.mark.parametrize("line", [b'{"a":"\\n"}\n', '{"ä":1}\n'.encode(), b'{"a":1}\r\n'])
def test_an_odd_line_has_no_shape(line: bytes) -> None:
    assert shape(line) is None


def test_places_tell_kinds_apart() -> None:
    assert places([(b"abcX", 0), (b"abdX", 1), (b"abcYZ", 2)]) == (2, 3)
    assert places([(b"ab", 0), (b"abc", 1)]) is None
    assert places([(b"ab", 0), (b"abc", 0)]) == ()


def test_kinds_that_look_alike_at_the_front_go_the_exact_way() -> None:
    def line(seq: int, level: str) -> bytes:
        return b'{"t":%d,"seq":%d,"run":"r1","cat":"SYS","type":"a","data":{"n":%d},"level":"%s"}\n' % (
            seq, seq, seq, level.encode(),
        )  # fmt: skip

    log = b"".join(line(seq, "INFO" if seq % 3 else "DEBUG") for seq in range(400))
    document = {**BY_IF, "properties": {**BY_IF["properties"], "level": {"type": "string"}}}  # type: ignore[dict-item]
    fast, exact, share = both(log, document)
    assert repr(fast) == repr(exact)
    assert 0.3 < share < 0.7


@pytest.mark.parametrize("rest", [b"x\n", b"\n", b"{", b"{}\n" * 3])
def test_a_block_without_one_good_line_is_reported_alike(rest: bytes) -> None:
    summaries = []
    for at_speed in (True, False):
        way = LogPass("log", SECTION, schema_of(BY_IF), at_speed=at_speed)
        for block in [*pieces(b"".join(lines(1, 120))), rest]:
            way.take_block(block)
        summaries.append(repr(way.summary()))
    assert summaries[0] == summaries[1]


def test_a_very_long_line_is_reported_alike(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(jsonl, "LONGEST_LINE", 3000)
    monkeypatch.setattr(jsonl, "BLOCK", 2000)
    good = lines(5, 200)
    stretched = json.loads(good[100])
    stretched.update(type="work", data={"duration_ms": 1, "ok": True, "note": "z" * 2990})
    good[100] = json.dumps(stretched, separators=(",", ":")).encode() + b"\n"
    (tmp_path / "log").write_bytes(b"".join([*good[:100], b"x" * 20_000 + b"\n", *good[100:], b"y" * 9000]))
    summaries = []
    for at_speed in (True, False):
        way = LogPass("log", SECTION, schema_of(BY_IF), at_speed=at_speed)
        with (tmp_path / "log").open("rb") as stream:
            for block in jsonl.blocks(stream):
                way.take_block(block)
        summaries.append(way.summary())
    assert repr(summaries[0]) == repr(summaries[1])
    rules = {finding.where: finding.rule for finding in summaries[0].findings["schema"]}
    assert {rules[f"log:{line}"] for line in (101, 102, 202)} == {"jsonl.line_too_long"}
    assert summaries[0].lines == 202


def test_a_float_time_before_fast_lines_still_counts() -> None:
    first = lines(6, 200)
    odd = json.loads(first[120])
    odd["t"] = odd["t"] + 10**6 + 0.5
    document = {**BY_ONE_OF}
    log = b"".join([*first[:120], json.dumps(odd, separators=(",", ":")).encode() + b"\n", *first[121:]])
    fast, exact, _ = both(log, document, replace(SECTION, clock={}))
    assert repr(fast) == repr(exact)
    assert [finding.where for finding in fast.findings["clock"]] == ["log:122#/t"]


def test_parse_is_strict_about_the_line_the_language_stops_at() -> None:
    with pytest.raises(Judged):
        jsonl.parse(b'{"a":01}\n', "log", 1)
