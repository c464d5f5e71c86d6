"""Affordance manifests: how they are read, and the finding for each kind of mistake."""

from __future__ import annotations

import ast
import hashlib
import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Run, Verdict
from gatecourt.core.reasons import Reasons
from gatecourt.formats.files import subject
from gatecourt.formats.quantities import parse_number
from gatecourt.rules.affordances.conditions import LITERALS, problems
from gatecourt.rules.affordances.echo import judge_echo
from gatecourt.rules.affordances.gate import AFFORDANCES
from gatecourt.rules.affordances.numbers import judge_numbers
from gatecourt.rules.affordances.section import AffordancesSection, Echo, NumberRange, Ranges, echo_names
from gatecourt.rules.affordances.validity import judge_digests, judge_ids, judge_validity
from gatecourt.rules.affordances.vocabulary import judge_preconditions, judge_references

CORE = """\
- {type: object, id: shower_1, object_type: shower, stock: {towels: 2}, position: [1, 2]}
- id: use_shower
  object_type: shower
  preconds: ["occupied == false", "not (power_on == false) and water.level >= 0.5"]
  duration: 30
  effects: {hygiene: 0.45, money: -0.2}
  hooks: {before: [on_attempt], fail: [on_no_power]}
"""
MORE = "- {id: walk, object_type: street, duration: 5, effects: {energy: -0.1}}\n"
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "string", "pattern": "^[a-z_0-9]+$"}},
    },
}
NAMES = frozenset({"occupied", "power_on", "water.level"})


def section(**changed: Any) -> AffordancesSection:
    ranges = Ranges(NumberRange(parse_number(1), parse_number(60)), NumberRange(parse_number(-1), parse_number(1)))
    fields: dict[str, Any] = {
        "files": ("conf/*.yaml",),
        "schema": "spec/s.json",
        "ranges": ranges,
        "names": tuple(sorted(NAMES)),
        "needs": ("hygiene", "energy", "money"),
        "hooks": ("on_attempt", "on_no_power"),
        "object_types": ("street",),
    }
    return AffordancesSection(**{**fields, **changed})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, "conf/core.yaml", CORE)
    write(tmp_path, "conf/more.yaml", MORE)
    write(tmp_path, "spec/s.json", json.dumps(SCHEMA))
    return tmp_path


def write(root: Path, name: str, text: str | bytes) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def edit(root: Path, old: str, new: str) -> None:
    assert old in CORE
    write(root, "conf/core.yaml", CORE.replace(old, new))


def rules_and_places(judgement: Judgement) -> list[tuple[str, str]]:
    return [(finding.rule.removeprefix("affordances."), finding.where) for finding in judgement.findings]


def everything(root: Path, **changed: Any) -> list[tuple[str, str]]:
    own = section(**changed)
    judges = (judge_validity, judge_ids, judge_preconditions, judge_references, judge_numbers)
    return [each for judge in judges for each in rules_and_places(judge(own, root))]


def digests(root: Path) -> dict[str, str]:
    names = ("conf/core.yaml", "conf/more.yaml")
    return {name: "sha256:" + hashlib.sha256((root / name).read_bytes()).hexdigest() for name in names}


def test_good_manifests_have_no_finding_and_are_all_looked_at(root: Path) -> None:
    assert everything(root) == []
    judged = judge_validity(section(), root)
    assert [one.name for one in judged.subjects] == ["spec/s.json", "conf/core.yaml", "conf/more.yaml"]
    assert (judged.parameters["objects"], judged.parameters["affordances"]) == (1, 2)


def test_digests_both_ways(root: Path) -> None:
    known = digests(root)
    assert rules_and_places(judge_digests(section(sha256=known), root)) == []
    assert rules_and_places(judge_digests(section(sha256={"conf/core.yaml": known["conf/core.yaml"]}), root)) == [
        ("unpinned", "conf/more.yaml")
    ]
    (root / "conf/more.yaml").unlink()
    write(root, "conf/core.yaml", CORE + "\n")
    assert rules_and_places(judge_digests(section(sha256=known), root)) == [
        ("digest", "conf/core.yaml"),
        ("absent", "conf/more.yaml"),
    ]


def test_no_file_at_all(root: Path) -> None:
    wrong = rules_and_places(judge_digests(section(files=("nowhere/*.yaml",)), root))
    assert wrong == [("artefact.none", "nowhere/*.yaml")]
    assert everything(root, files=("nowhere/*.yaml",)) == [("artefact.none", "nowhere/*.yaml")] * 5


@pytest.mark.parametrize(
    ("text", "rule", "where"),
    [
        ("- &a {id: x}\n- *a\n", "yaml_feature", "conf/core.yaml:1"),
        ("- {id: !!python/object/apply:os.system [ls]}\n", "yaml_feature", "conf/core.yaml:1"),
        ("- id: a\n- ! {id: b}\n", "yaml_feature", "conf/core.yaml:2"),
        ("- {<<: {id: x}}\n", "yaml_feature", "conf/core.yaml:1"),
        ("%YAML 1.1\n---\n- {id: yes}\n", "yaml_feature", "conf/core.yaml:2"),
        ("- {id: a}\n---\n- {id: b}\n", "document.syntax", "conf/core.yaml:2"),
        ("- id: a\n  duration: 1\n  duration: 2\n", "document.syntax", "conf/core.yaml:3"),
        ("- {id: a, when: 2020-01-01}\n", "not_plain", "conf/core.yaml#/0/when"),
        ("- [\n", "document.syntax", "conf/core.yaml:2"),
        (b"- \xff\n", "document.syntax", "conf/core.yaml"),
        ("{id: a}\n", "shape", "conf/core.yaml"),
        ("- walk\n", "shape", "conf/core.yaml#/0"),
        ("[]\n", "empty", "conf/core.yaml"),
        ("", "empty", "conf/core.yaml"),
        ("# nothing\n", "empty", "conf/core.yaml"),
    ],
)
def test_what_cannot_be_trusted_is_reported_by_every_check(
    root: Path, text: str | bytes, rule: str, where: str
) -> None:
    write(root, "conf/core.yaml", text)
    for judge in (judge_validity, judge_ids, judge_preconditions, judge_references, judge_numbers):
        assert (rule, where) in rules_and_places(judge(section(), root))


def test_a_bomb_of_aliases_costs_nothing(root: Path) -> None:
    lines = ["- &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"- &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    write(root, "conf/core.yaml", "\n".join(lines))
    begun = time.monotonic()
    assert ("yaml_feature", "conf/core.yaml:1") in rules_and_places(judge_validity(section(), root))
    assert time.monotonic() - begun < 2


def test_a_tag_builds_nothing(root: Path, tmp_path: Path) -> None:
    write(root, "conf/core.yaml", f'- !!python/object/apply:os.mkdir ["{tmp_path}/made"]\n')
    assert everything(root)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("text", ["[]\n", ""])
def test_an_empty_manifest_is_held_whatever_the_schema_says(root: Path, text: str) -> None:
    write(root, "conf/core.yaml", text)
    assert rules_and_places(judge_validity(section(), root)) == [("empty", "conf/core.yaml")]


def test_too_large_is_not_parsed(root: Path) -> None:
    assert ("too_large", "conf/core.yaml") in rules_and_places(judge_validity(section(max_size=100), root))


@pytest.mark.parametrize(
    ("old", "new", "rule", "where"),
    [
        ("id: use_shower", "id: Use Shower", "schema", "/1/id"),
        ("  duration: 30", "  duration: 30\n  duraton: 3", "unknown_key", "/1/duraton"),
        ("stock:", "stok:", "unknown_key", "/0/stok"),
        ("id: use_shower", "id: shower_1", "duplicate_id", "/1/id"),
        ("id: use_shower", 'id: ""', "id", "/1/id"),
        ("occupied == false", "ocupied == false", "unknown_name", "/1/preconds/0"),
        ("occupied == false", "occupied ==", "precondition_syntax", "/1/preconds/0"),
        ("occupied == false", "len(occupied) == 0", "precondition_forbidden", "/1/preconds/0"),
        ("occupied == false", "occupied + 1 == 2", "precondition_forbidden", "/1/preconds/0"),
        ("occupied == false", "true == true", "precondition_constant", "/1/preconds/0"),
        ('"occupied == false"', "false", "value", "/1/preconds/0"),
        ("[on_attempt]", "[on_atempt]", "unknown_hook", "/1/hooks/before/0"),
        ("[on_attempt]", "on_attempt", "value", "/1/hooks/before"),
        ("before:", "befor:", "hook_key", "/1/hooks/befor"),
        ("money:", "mony:", "unknown_need", "/1/effects/mony"),
        ("  object_type: shower", "  object_type: stove", "unknown_object_type", "/1/object_type"),
        ("  object_type: shower", "  object_type: 3", "value", "/1/object_type"),
        ("duration: 30", "duration: 0", "duration", "/1/duration"),
        ("duration: 30", "duration: 1.5", "duration", "/1/duration"),
        ("duration: 30", "duration: 61", "range", "/1/duration"),
        ("duration: 30", "duration: true", "number", "/1/duration"),
        ("duration: 30", 'duration: "30"', "number", "/1/duration"),
        ("  duration: 30\n", "", "duration", "/1/duration"),
        ("0.45", ".nan", "number", "/1/effects/hygiene"),
        ("0.45", ".inf", "number", "/1/effects/hygiene"),
        ("0.45", "1.0000001", "range", "/1/effects/hygiene"),
        ("{hygiene: 0.45, money: -0.2}", "{}", "no_effect", "/1/effects"),
        ("towels: 2", "towels: -1", "number", "/0/stock/towels"),
        ("[1, 2]", "[1, 2, 3]", "number", "/0/position"),
        ("[1, 2]", "[1, true]", "number", "/0/position"),
    ],
)
def test_each_mistake_at_its_place_and_nothing_else(root: Path, old: str, new: str, rule: str, where: str) -> None:
    edit(root, old, new)
    found = everything(root)
    assert (rule, f"conf/core.yaml#{where}") in found
    assert {each for each, _ in found} - {"schema"} == {rule} - {"schema"}


def test_an_entry_of_an_unknown_kind_is_reported(root: Path) -> None:
    edit(root, "type: object,", "type: thing,")
    assert ("unknown_type", "conf/core.yaml#/0/type") in everything(root)


def test_bounds_are_included_and_a_need_has_its_own(root: Path) -> None:
    edit(root, "0.45", "1")
    assert everything(root) == []
    effect = NumberRange(parse_number(-1), parse_number(1))
    own = Ranges(
        NumberRange(parse_number(1), parse_number(60)),
        effect,
        {"money": NumberRange(parse_number("-0.1"), parse_number(0))},
    )
    assert everything(root, ranges=own) == [("range", "conf/core.yaml#/1/effects/money")]


def test_ids_are_unique_across_files(root: Path) -> None:
    write(root, "conf/more.yaml", MORE.replace("id: walk", "id: use_shower"))
    assert rules_and_places(judge_ids(section(), root)) == [("duplicate_id", "conf/more.yaml#/0/id")]


@pytest.mark.parametrize("name", ["walk ", "wa\u200blk", " "])
def test_an_id_is_seen_as_it_is(root: Path, name: str) -> None:
    write(root, "conf/more.yaml", MORE.replace("id: walk", f"id: {json.dumps(name)}"))
    assert rules_and_places(judge_ids(section(), root)) == [("id", "conf/more.yaml#/0/id")]


def test_ids_that_look_alike_are_one(root: Path) -> None:
    write(root, "conf/more.yaml", MORE + MORE.replace("walk", "caf\u00e9") + MORE.replace("walk", "cafe\u0301"))
    assert rules_and_places(judge_ids(section(), root)) == [("duplicate_id", "conf/more.yaml#/2/id")]


def test_a_suffix_in_capitals_is_yaml_all_the_same(root: Path) -> None:
    write(root, "conf/BOMB.YAML", "- &a {id: x}\n- *a\n")
    assert ("yaml_feature", "conf/BOMB.YAML:1") in rules_and_places(judge_validity(section(files=("conf/*",)), root))


def test_objects_without_affordances_hold(root: Path) -> None:
    write(root, "conf/core.yaml", CORE.splitlines()[0])
    (root / "conf/more.yaml").unlink()
    assert rules_and_places(judge_validity(section(), root)) == [("no_affordance", "conf/*.yaml")]


def test_a_broken_schema_is_reported(root: Path) -> None:
    write(root, "spec/s.json", "{}")
    assert [rule for rule, _ in rules_and_places(judge_validity(section(), root))] == ["e2.schema_undeclared"]


def echoed(root: Path, block: Any, echo: Echo, **changed: Any) -> list[tuple[str, str]]:
    row = {"tick": 0, "payload_type": "snapshot", **({} if block is None else {"affordance_manifest": block})}
    write(root, "out/stream.jsonl", json.dumps(row) + "\n")
    run = Run(root / "out", {"stream.jsonl": subject(root / "out/stream.jsonl", "stream.jsonl")})
    return rules_and_places(judge_echo(section(echo={"live": echo}, **changed), "live", run, root))


def test_the_echo_of_one_manifest(root: Path) -> None:
    echo = Echo(files=("*.jsonl",), manifests=("conf/core.yaml",))
    sha256 = digests(root)["conf/core.yaml"].removeprefix("sha256:")
    good = {"path": "conf/core.yaml", "checksum": sha256, "object_count": 1, "affordance_count": 1}
    at = "stream.jsonl:1#/affordance_manifest"
    assert echoed(root, good, echo) == []
    assert echoed(root, {**good, "checksum": "0" * 64}, echo) == [("echo_differs", f"{at}/checksum")]
    assert echoed(root, {**good, "object_count": 2}, echo) == [("echo_differs", f"{at}/object_count")]
    assert echoed(root, {**good, "affordance_count": True}, echo) == [("echo_value", f"{at}/affordance_count")]
    assert echoed(root, {**good, "path": "conf/old.yaml"}, echo) == [("echo_differs", f"{at}/path")]
    assert echoed(root, None, echo) == [("echo_missing", "stream.jsonl")]
    assert echoed(root, good, Echo(files=("*.csv",))) == [("artefact.none", "*.csv")]
    assert echoed(root, good, Echo(files=("*.jsonl",))) == [("echo_ambiguous", at)]


def test_the_echo_of_several_manifests(root: Path) -> None:
    known = {name: digest.removeprefix("sha256:") for name, digest in digests(root).items()}
    whole = hashlib.sha256((CORE + MORE).encode()).hexdigest()
    counts = {"path": list(known), "object_count": 1, "affordance_count": 2}
    listed = Echo(files=("*.jsonl",), scheme="listed")
    assert echoed(root, {**counts, "checksum": list(known.values())}, listed) == []
    assert echoed(root, {**counts, "checksum": known}, listed) == []
    backwards = {"path": list(known)[::-1], "checksum": list(known.values())[::-1]}
    assert echoed(root, {**counts, **backwards}, listed) == []
    only_path = {"path": list(known)[::-1], "checksum": list(known.values())}
    assert [rule for rule, _ in echoed(root, {**counts, **only_path}, listed)] == ["echo_differs"]
    swapped = dict(zip(known, reversed(known.values()), strict=True))
    assert [rule for rule, _ in echoed(root, {**counts, "checksum": swapped}, listed)] == ["echo_differs"]
    joined = Echo(files=("*.jsonl",), scheme="concatenated")
    assert echoed(root, {**counts, "checksum": whole}, joined) == []
    assert [rule for rule, _ in echoed(root, {**counts, "checksum": known["conf/core.yaml"]}, joined)] == [
        "echo_differs"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "occupied",
        "not occupied",
        "occupied == null or water.level < -0.5",
        "0 < water.level <= 1e3",
        "(power_on == true) and not (occupied or power_on != 'no')",
        "power_on == '#' or occupied",
    ],
)
def test_conditions_of_the_grammar(text: str) -> None:
    assert problems(text, NAMES) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("__import__('os').system('x')", "forbidden"),
        ("occupied.real.imag()", "forbidden"),
        ("[x for x in occupied]", "forbidden"),
        ("occupied[0] == 1", "forbidden"),
        ("lambda: occupied", "forbidden"),
        ("occupied in (1, 2)", "forbidden"),
        ("occupied is true", "forbidden"),
        ("(occupied := 1)", "forbidden"),
        ("f'{occupied}' == 'x'", "forbidden"),
        ("occupied == b'x'", "forbidden"),
        ("occupied == 1j", "forbidden"),
        ("occupied == 1e999", "forbidden"),
        ("occupied == ...", "forbidden"),
        ("-occupied == 1", "forbidden"),
        ("-True == occupied", "forbidden"),
        ("(occupied == 1) == power_on", "forbidden"),
        ("water.depth > 1", "unknown"),
        ("water", "unknown"),
        ("1 < 2", "constant"),
        ("true", "constant"),
        ("occupied or true", "constant"),
        ("occupied and not (power_on or 1 < 2)", "constant"),
        ("occupied # and power_on", "syntax"),
        ("", "syntax"),
        ("occupied; power_on", "syntax"),
        ("occupied = 1", "syntax"),
        ("occupied\x00", "syntax"),
        ("\uff4fccupied", "syntax"),
        ("(" * 500 + "occupied" + ")" * 400, "syntax"),
        ("not " * 400 + "occupied" * 100, "syntax"),
    ],
)
def test_conditions_beyond_it(text: str, kind: str) -> None:
    assert {problem.kind for problem in problems(text, NAMES)} == {kind}


WORDS = st.sampled_from(sorted(NAMES | LITERALS | {"stranger", "1", "-2.5", "'text'"}))
COMPARED = st.tuples(WORDS, st.sampled_from(["==", "!=", "<", ">="]), WORDS).map(" ".join)
CONDITIONS = st.recursive(
    COMPARED | st.sampled_from(sorted(NAMES)),
    lambda inner: st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
        lambda t: f"({t[0]}) {t[1]} not ({t[2]})"
    ),
    max_leaves=6,
)


def names_of(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - LITERALS


@settings(max_examples=100, deadline=None)
@given(CONDITIONS)
def test_every_condition_of_the_grammar_is_judged_by_its_names_alone(text: str) -> None:
    tree = ast.parse(text, mode="eval")
    names = names_of(tree)
    sides = [side for node in ast.walk(tree) if isinstance(node, ast.BoolOp) for side in node.values]
    kinds = {problem.kind for problem in problems(text, NAMES)}
    assert ("unknown" in kinds) == ("stranger" in names)
    assert ("constant" in kinds) == (not names or not all(map(names_of, sides)))
    assert kinds <= {"unknown", "constant"}


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40) | st.text("occupied ()=<>.and0'[]", max_size=30))
def test_no_text_breaks_the_reader(text: str) -> None:
    problems(text, NAMES)


VALUES = st.sampled_from(
    ["", "~", "[]", "{}", "0", "-1", "1.5", ".inf", "yes", "true", "'x'", "[[1]]", "{a: [b]}", "2020-01-01"]
)
LINES = st.integers(0, CORE.count("\n") - 1)
KNOWN = {reason.code.removeprefix("affordances.") for reason in AFFORDANCES.reasons}


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(line=LINES, colon=st.integers(0, 5), value=VALUES)
def test_no_value_at_any_place_raises(root: Path, line: int, colon: int, value: str) -> None:
    lines = CORE.splitlines()
    parts = lines[line].split(": ")
    parts[min(colon, len(parts) - 1)] = value
    lines[line] = ": ".join(parts)
    write(root, "conf/core.yaml", "\n".join(lines) + "\n")
    for rule, where in everything(root):
        assert rule in KNOWN
        assert where.startswith("conf/")


def test_the_section_refuses_contradictions() -> None:
    with pytest.raises(ValueError, match=r"sha256: no pattern of files matches 'elsewhere.yaml'"):
        section(sha256={"conf/core.yaml": "sha256:" + "1" * 64, "elsewhere.yaml": "sha256:" + "0" * 64})
    with pytest.raises(ValueError, match="above"):
        NumberRange(parse_number(2), parse_number(1))
    assert echo_names(section(echo={"b": Echo(files=("x",)), "a": Echo(files=("x",))})) == ["a", "b"]


def test_every_rule_is_registered_and_empty_is_never_a_fail() -> None:
    register = Reasons(AFFORDANCES.reasons)
    for code in ("empty", "unpinned", "no_affordance", "echo_missing", "echo_ambiguous", "precondition_constant"):
        assert register.code(f"affordances.{code}").verdict is Verdict.HOLD
    for code in ("digest", "absent", "yaml_feature", "unknown_name", "duplicate_id", "echo_differs", "range", "schema"):
        assert register.code(f"affordances.{code}").verdict is Verdict.FAIL


# What comes behind a bad case is judged too, and the texts of the evidence.


def texts(judgement: Judgement) -> list[tuple[str, str, str]]:
    return [(finding.where, finding.expected, finding.observed) for finding in judgement.findings]


def test_a_manifest_behind_one_that_cannot_be_read(root: Path) -> None:
    write(root, "conf/core.yaml", "- [\n")
    write(root, "conf/more.yaml", "- 7\n- {id: '', duration: 0, object_type: lake, preconds: [7, depth > 1]}\n")
    other = {each: where for each, where in everything(root) if where.startswith("conf/more.yaml")}
    assert other == {
        "shape": "conf/more.yaml#/0",
        "schema": "conf/more.yaml#/1/id",
        "id": "conf/more.yaml#/1/id",
        "value": "conf/more.yaml#/1/preconds/0",
        "unknown_name": "conf/more.yaml#/1/preconds/1",
        "unknown_object_type": "conf/more.yaml#/1/object_type",
        "duration": "conf/more.yaml#/1/duration",
        "no_effect": "conf/more.yaml#/1/effects",
    }


def test_each_number_is_judged_by_itself(root: Path) -> None:
    edit(root, "{hygiene: 0.45, money: -0.2}", "{energy: 7, hygiene: x, money: -2, fun: 1}")
    edited = (root / "conf/core.yaml").read_text()
    write(root, "conf/core.yaml", edited.replace("{towels: 2}", "{soap: x, towels: -1, tubs: 1}"))
    at = "conf/core.yaml#"
    assert texts(judge_numbers(section(), root)) == [
        (f"{at}/1/effects/energy", "from -1 to 1", "7"),
        (f"{at}/1/effects/hygiene", "a finite number", '"x"'),
        (f"{at}/1/effects/money", "from -1 to 1", "-2"),
        (f"{at}/0/stock/soap", "a whole number, 0 or more", '"x"'),
        (f"{at}/0/stock/towels", "a whole number, 0 or more", "-1"),
    ]
    assert judge_numbers(section(), root).parameters == {"duration": "1 to 60", "effect": "-1 to 1", "effects": {}}


def test_each_reference_is_judged_by_itself(root: Path) -> None:
    edit(root, "{before: [on_attempt], fail: [on_no_power]}", "{befor: [x], before: [1, y], fail: z}")
    at = "conf/core.yaml#/1/hooks"
    assert texts(judge_references(section(needs=("energy", "money")), root)) == [
        (f"{at}/befor", "before, after or fail", "befor"),
        (f"{at}/befor/0", "a declared hook", "x"),
        (f"{at}/before/0", "a text", "1"),
        (f"{at}/before/1", "a declared hook", "y"),
        (f"{at}/fail", "a list of texts", '"z"'),
        ("conf/core.yaml#/1/effects/hygiene", "a declared need", "hygiene"),
    ]


def test_the_texts_about_digests_and_ids(root: Path) -> None:
    known = digests(root)
    pinned = {"conf/core.yaml": "sha256:" + "0" * 64, "conf/gone.yaml": "sha256:" + "1" * 64}
    assert texts(judge_digests(section(sha256=pinned), root)) == [
        ("conf/core.yaml", "sha256:" + "0" * 64, known["conf/core.yaml"]),
        ("conf/gone.yaml", "sha256:" + "1" * 64, "no such file"),
        ("conf/more.yaml", "a pinned digest", f"none for {known['conf/more.yaml']}"),
    ]
    write(root, "conf/more.yaml", MORE.replace("id: walk, ", "") + MORE.replace("walk", "use_shower"))
    visible = "a text that is not empty, of printable characters, without surrounding spaces"
    assert texts(judge_ids(section(), root)) == [
        ("conf/more.yaml#/0/id", visible, "absent"),
        ("conf/more.yaml#/1/id", "a unique id", '"use_shower", as at conf/core.yaml#/1/id'),
    ]


def test_a_report_behind_records_that_hold_none(root: Path) -> None:
    rows = "broken\n" + '{"tick": 1}\n' + '{"affordance_manifest": {"object_count": 2, "checksum": 7}}\n'
    write(root, "out/stream.jsonl", rows)
    run = Run(root / "out", {"stream.jsonl": subject(root / "out/stream.jsonl", "stream.jsonl")})
    echo = Echo(files=("*.jsonl",), manifests=("conf/core.yaml",))
    judged = judge_echo(section(echo={"live": echo}), "live", run, root)
    at = "stream.jsonl:3#/affordance_manifest"
    assert texts(judged)[1:] == [
        (f"{at}/object_count", "1, counted in the manifests", "2"),
        (f"{at}/affordance_count", "a whole number", "absent"),
        (f"{at}/path", "a text, or one per manifest", "absent"),
        (f"{at}/checksum", "a text, or one per manifest", "7"),
    ]
    assert [finding.rule for finding in judged.findings][:1] == ["json.syntax"]
    assert judged.parameters == {"scheme": "file", "blocks": 1}
