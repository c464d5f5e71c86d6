from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # a peer, for the tests alone
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Run
from gatecourt.formats.files import subject
from gatecourt.formats.json_schema import DRAFTS, compile_schema
from gatecourt.rules.e2.checks import judge_schemas, judge_thresholds, judge_validity
from gatecourt.rules.e2.section import SchemaRule, SchemasSection, rule_names, threshold_names
from gatecourt.system.manifest.binding import bind

LATEST = "https://json-schema.org/draft/2020-12/schema"
DRAFT7 = "http://json-schema.org/draft-07/schema#"

FORMATS = {
    "date-time": ("2026-11-20T08:33:55Z", "2026-02-30T00:00:00Z"),
    "date": ("2026-02-28", "2026-02-30"),
    "uri": ("https://example.org/a", "no uri"),
    "email": ("a@example.org", "a@"),
    "uuid": ("1b4e28ba-2fa1-11d2-883f-0016d3cca427", "1b4e28ba"),
    "ipv4": ("127.0.0.1", "127.0.0.256"),
    "duration": ("P1D", "1 day"),
    "json-pointer": ("/a/0", "a/0"),
}


def write(root: Path, name: str, content: Any) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())


def run_of(root: Path) -> Run:
    names = [path.relative_to(root).as_posix() for path in sorted(root.rglob("*")) if path.is_file()]
    return Run(root, {name: subject(root / name, name) for name in names})


def validity(root: Path, **rule: Any) -> list[Finding]:
    fields = {"files": ("out/*",), "schema": "truth/s.json", **rule}
    return list(judge_validity(SchemaRule(**fields), run_of(root), root).findings)


def judged(root: Path, schema: Any, document: Any, **rule: Any) -> list[Finding]:
    write(root, "truth/s.json", {"$schema": LATEST, **schema} if isinstance(schema, dict) else schema)
    write(root, "out/a.json", document)
    return validity(root, **rule)


def test_a_valid_artefact_has_no_finding_and_names_its_schema_as_subject(tmp_path: Path) -> None:
    write(tmp_path, "truth/s.json", {"$schema": LATEST, "type": "object"})
    write(tmp_path, "out/a.json", {})
    judgement = judge_validity(SchemaRule(("out/*",), "truth/s.json"), run_of(tmp_path), tmp_path)
    assert judgement.findings == ()
    assert [found.name for found in judgement.subjects] == ["truth/s.json", "out/a.json"]


def test_every_violation_is_reported_with_its_pointer_in_a_fixed_order(tmp_path: Path) -> None:
    schema = {
        "required": ["run_id"],
        "additionalProperties": False,
        "properties": {"n": {"type": "integer"}, "list": {"items": {"maximum": 3}}},
    }
    found = judged(tmp_path, schema, {"n": "1", "list": [1, 9, 8], "extra": 0})
    assert [(finding.where, finding.expected, finding.observed) for finding in found] == [
        ("out/a.json", "no property that the schema does not name", '"extra"'),
        ("out/a.json", 'property "run_id"', "absent"),
        ("out/a.json#/list/1", "at most 3", "9"),
        ("out/a.json#/list/2", "at most 3", "8"),
        ("out/a.json#/n", "type integer", '"1"'),
    ]
    assert {finding.rule for finding in found} == {"e2.schema_violation"}


def test_a_null_in_the_place_of_a_number_is_named_as_a_hidden_nan(tmp_path: Path) -> None:
    [finding] = judged(tmp_path, {"properties": {"p": {"type": ["number", "string"]}}}, {"p": None})
    assert finding.observed == "null (a NaN written as JSON?)"


def test_the_nearest_alternative_says_what_was_meant(tmp_path: Path) -> None:
    alternatives = [{"type": "string"}, {"properties": {"size": {"minimum": 1}, "kind": {"const": "order"}}}]
    [finding] = judged(tmp_path, {"oneOf": alternatives}, {"kind": "order", "size": 0})
    assert finding.expected == "one of 2 alternatives; the nearest asks at /size for at least 1"


def test_two_alternatives_that_both_hold_are_one_finding(tmp_path: Path) -> None:
    [finding] = judged(tmp_path, {"oneOf": [{"type": "object"}, {"minProperties": 0}]}, {})
    assert (finding.expected, finding.observed) == ("exactly one of 2 alternatives", "2 hold for {}")


def test_a_long_value_and_a_long_list_of_violations_are_cut(tmp_path: Path) -> None:
    found = judged(tmp_path, {"items": {"type": "integer"}}, ["x" * 500] * 300)
    assert len(found) == 21
    assert len(found[0].observed) < 100
    assert found[-1].observed.startswith("280 more of this kind")


@pytest.mark.parametrize("draft", sorted(DRAFTS))
@pytest.mark.parametrize("name", sorted(FORMATS))
def test_formats_are_asserted_in_every_draft(tmp_path: Path, draft: str, name: str) -> None:
    good, bad = FORMATS[name]
    schema = {"$schema": draft, "items": {"format": name}}
    found = judged(tmp_path, schema, [good, bad, 7])
    assert [(finding.where, finding.expected) for finding in found] == [("out/a.json#/1", f"format {name}")]


def test_a_format_that_nobody_asserts_is_a_finding_unless_declared(tmp_path: Path) -> None:
    schema = {"properties": {"a": {"format": "int64"}}}
    [finding] = judged(tmp_path, schema, {})
    assert (finding.where, finding.observed) == ("truth/s.json#/properties/a/format", '"int64"')
    assert finding.rule == "e2.schema_format"
    assert validity(tmp_path, annotations=("int64",)) == []


def test_a_property_called_format_is_no_format(tmp_path: Path) -> None:
    assert judged(tmp_path, {"properties": {"format": {"type": "string"}}}, {"format": "csv"}) == []


@pytest.mark.parametrize("draft", sorted(DRAFTS))
def test_every_fault_of_a_schema_is_found_by_its_meta_schema(tmp_path: Path, draft: str) -> None:
    write(tmp_path, "s.json", {"$schema": draft, "minLength": -1, "properties": {"a": {"type": "strin"}}})
    compiled = compile_schema(tmp_path, "s.json")
    assert compiled.validator is None
    assert [finding.where for finding in compiled.findings] == ["s.json#/minLength", "s.json#/properties/a/type"]
    assert {finding.rule for finding in compiled.findings} == {"e2.schema_invalid"}


@pytest.mark.parametrize(
    ("content", "rule", "where"),
    [
        (b"{", "json.syntax", "s.json:1"),
        (b'{"type": "object", "type": "array"}', "json.duplicate_key", "s.json#/type"),
        (b"[1]", "e2.schema_invalid", "s.json"),
        (b"true", "e2.schema_invalid", "s.json"),
        (b'{"type": "object"}', "e2.schema_undeclared", "s.json"),
        (b'{"$schema": "http://json-schema.org/schema#"}', "e2.schema_unknown_draft", "s.json#/$schema"),
        (b'{"$schema": 7}', "e2.schema_unknown_draft", "s.json#/$schema"),
    ],
)
def test_a_schema_that_is_none_is_one_finding(tmp_path: Path, content: bytes, rule: str, where: str) -> None:
    write(tmp_path, "s.json", content)
    [finding] = compile_schema(tmp_path, "s.json").findings
    assert (finding.rule, finding.where) == (rule, where)


def test_a_broken_schema_judges_no_file_and_is_one_finding(tmp_path: Path) -> None:
    found = judged(tmp_path, {"type": "strin"}, b"not even json")
    assert [finding.rule for finding in found] == ["e2.schema_invalid"]


def test_a_missing_schema_is_one_finding(tmp_path: Path) -> None:
    write(tmp_path, "out/a.json", {})
    [finding] = validity(tmp_path)
    assert (finding.where, finding.rule) == ("truth/s.json", "artefact.unreadable")


def test_all_schemas_are_judged_and_each_fault_reported_once(tmp_path: Path) -> None:
    write(tmp_path, "a.json", {"$schema": LATEST})
    write(tmp_path, "b.json", {"$schema": DRAFT7, "type": 7})
    rules = {name: SchemaRule(("*",), schema) for name, schema in {"x": "a.json", "y": "b.json", "z": "b.json"}.items()}
    judgement = judge_schemas(SchemasSection(rules), tmp_path)
    assert [found.name for found in judgement.subjects] == ["a.json", "b.json"]
    assert [finding.where for finding in judgement.findings] == ["b.json#/type"]


def test_a_reference_is_followed_below_the_root_and_is_a_subject(tmp_path: Path) -> None:
    write(tmp_path, "truth/common/id.json", {"$defs": {"id": {"type": "string"}}})
    schema = {"properties": {"run": {"$ref": "common/id.json#/$defs/id"}}}
    found = judged(tmp_path, schema, {"run": 1})
    assert [finding.where for finding in found] == ["out/a.json#/run"]
    names = [found.name for found in compile_schema(tmp_path, "truth/s.json").subjects]
    assert names == ["truth/common/id.json", "truth/s.json"]


def test_a_reference_relative_to_an_absolute_id_is_read_beside_the_schema(tmp_path: Path) -> None:
    write(tmp_path, "truth/id.json", {"type": "string"})
    schema = {"$id": "https://example.org/schemas/s.json", "$ref": "id.json"}
    assert [finding.expected for finding in judged(tmp_path, schema, 1)] == ["type string"]


@pytest.mark.parametrize("uri", ["https://example.org/x.json", "file:///etc/passwd", "http://127.0.0.1:1/s"])
def test_nothing_is_retrieved_from_elsewhere(tmp_path: Path, uri: str) -> None:
    [finding] = judged(tmp_path, {"$ref": uri}, {})
    assert (finding.rule, finding.observed) == ("e2.schema_reference", json.dumps(uri))


def test_a_reference_does_not_climb_out_of_the_root(tmp_path: Path) -> None:
    write(tmp_path, "secret.json", {"type": "string"})
    root = tmp_path / "root"
    found = judged(root, {"$ref": "../../secret.json"}, 1)
    assert [(finding.rule, finding.where) for finding in found] == [("artefact.unreadable", "secret.json")]
    (root / "truth" / "link.json").symlink_to(tmp_path / "secret.json")
    [finding] = judged(root, {"$ref": "link.json"}, 1)
    assert (finding.rule, finding.observed) == ("artefact.unreadable", "a link out of it")


def test_a_referred_schema_is_judged_too(tmp_path: Path) -> None:
    write(tmp_path, "truth/id.json", {"type": "strin"})
    [finding] = judged(tmp_path, {"properties": {"a": {"$ref": "id.json"}}}, {})
    assert (finding.where, finding.rule) == ("truth/id.json#/type", "e2.schema_invalid")


def test_a_reference_to_nothing_is_a_finding(tmp_path: Path) -> None:
    [finding] = judged(tmp_path, {"$ref": "#/$defs/none"}, {})
    assert finding.rule == "e2.schema_reference"


def test_patterns_are_those_of_ecma(tmp_path: Path) -> None:
    found = judged(tmp_path, {"items": {"pattern": r"^\d+$"}}, ["12", "१२", "12\n"])
    assert [finding.where for finding in found] == ["out/a.json#/1", "out/a.json#/2"]
    assert [finding.rule for finding in judged(tmp_path, {"pattern": r"a\Z"}, "a")] == ["e2.schema_invalid"]


def test_a_pattern_beyond_the_backtracking_limit_is_a_finding(tmp_path: Path) -> None:
    [finding] = judged(tmp_path, {"pattern": r"^(?:(a)\1?)*b(?=c)(x|x|x)*$"}, "a" * 60 + "c")
    assert finding.rule == "e2.pattern_limit"


def test_an_unpaired_surrogate_is_a_finding(tmp_path: Path) -> None:
    [finding] = judged(tmp_path, {"additionalProperties": {"pattern": "^a"}}, b'{"a": "\\ud800"}')
    assert (finding.where, finding.rule) == ("out/a.json", "e2.unpaired_surrogate")


def test_nesting_beyond_the_validator_is_a_finding(tmp_path: Path) -> None:
    [finding] = judged(tmp_path, {"type": "string"}, b"[" * 400 + b"]" * 400)
    assert (finding.where, finding.rule) == ("out/a.json", "json.depth")


def test_files_behind_one_that_is_no_strict_json_are_still_judged(tmp_path: Path) -> None:
    write(tmp_path, "out/b.json", b'{"p": NaN}')
    found = judged(tmp_path, {"required": ["p"]}, {})
    assert [(finding.where, finding.rule) for finding in found] == [
        ("out/a.json", "e2.schema_violation"),
        ("out/b.json#/p", "json.not_finite"),
    ]


def test_jsonl_is_judged_line_by_line(tmp_path: Path) -> None:
    write(tmp_path, "truth/s.json", {"$schema": DRAFT7, "properties": {"seq": {"type": "integer"}}})
    write(tmp_path, "out/a.jsonl", b'{"seq": 1}\n{"seq": "2"}\n{\n{"seq": 4}')
    assert [(finding.where, finding.rule) for finding in validity(tmp_path)] == [
        ("out/a.jsonl:2#/seq", "e2.schema_violation"),
        ("out/a.jsonl:3", "json.syntax"),
        ("out/a.jsonl:4", "jsonl.truncated"),
    ]


def test_an_empty_log_proves_nothing(tmp_path: Path) -> None:
    write(tmp_path, "truth/s.json", {"$schema": DRAFT7})
    write(tmp_path, "out/a.jsonl", b"")
    assert [finding.rule for finding in validity(tmp_path)] == ["e2.no_record"]


def test_no_file_at_all_and_too_few_files_are_different_findings(tmp_path: Path) -> None:
    write(tmp_path, "truth/s.json", {"$schema": LATEST})
    assert [(finding.where, finding.rule) for finding in validity(tmp_path)] == [("out/*", "e2.no_artefact")]
    write(tmp_path, "out/a.json", {})
    [finding] = validity(tmp_path, count=2)
    assert (finding.expected, finding.observed, finding.rule) == ("2 files", "1 files", "e2.count")
    assert validity(tmp_path, count=1) == []
    write(tmp_path, "out/b.json", {})
    assert [finding.rule for finding in validity(tmp_path, count=1)] == ["e2.count"]


def test_a_file_of_the_target_itself_can_be_judged(tmp_path: Path) -> None:
    write(tmp_path, "truth/s.json", {"$schema": LATEST, "required": ["limit"]})
    write(tmp_path, "spec/ssot.json", {})
    rule = SchemaRule(("spec/ssot.json",), "truth/s.json", origin="target")
    empty = Run(tmp_path / "elsewhere", {})
    assert [finding.where for finding in judge_validity(rule, empty, tmp_path).findings] == ["spec/ssot.json"]


def thresholds(root: Path, document: Any, **rule: Any) -> list[Finding]:
    write(root, "out/a.json", document)
    fields = {"files": ("out/*",), "schema": "s.json", **rule}
    return list(judge_thresholds(SchemaRule(**fields), run_of(root), root).findings)


def test_a_threshold_of_the_artefact_itself_is_held_to(tmp_path: Path) -> None:
    document = {"in": {"reject": 0.0792, "slip": 15}, "max": {"reject": 0.05, "slip": 15}}
    bounds = {"/in/reject": "/max/reject", "/in/slip": "/max/slip"}
    [finding] = thresholds(tmp_path, document, at_most=bounds)
    assert finding == Finding("out/a.json#/in/reject", "at most 0.05 (/max/reject)", "0.0792", "e2.threshold_broken")
    assert [finding.where for finding in thresholds(tmp_path, document, at_least={"/max/reject": "/in/reject"})] == [
        "out/a.json#/max/reject"
    ]


@pytest.mark.parametrize(
    ("value", "limit", "where", "rule"),
    [
        (1, ..., "/limit", "e2.threshold_absent"),
        (..., 1, "/value", "e2.threshold_absent"),
        (None, 1, "/value", "e2.threshold_no_number"),
        (1, "5", "/limit", "e2.threshold_no_number"),
        (True, 5, "/value", "e2.threshold_no_number"),
    ],
)
def test_what_cannot_be_compared_is_a_finding(tmp_path: Path, value: Any, limit: Any, where: str, rule: str) -> None:
    document = {key: item for key, item in (("value", value), ("limit", limit)) if item is not ...}
    [finding] = thresholds(tmp_path, document, at_most={"/value": "/limit"})
    assert (finding.where, finding.rule) == (f"out/a.json#{where}", rule)


def test_a_value_between_its_bounds_follows_one_that_breaks_both_kinds_of_bounds(tmp_path: Path) -> None:
    document = {"a": 3, "b": "x", "c": 5, "low": 4, "high": 2, "text": "y"}
    found = thresholds(
        tmp_path,
        document,
        at_most={"/a": "/high", "/gone": "/high", "/high": "/low", "/low": "/high"},
        at_least={"/a": "/low", "/b": "/low", "/c": "/low", "/high": "/low"},
        equals={"/b": "/text", "/gone": "/none", "/high": "/high2", "/text": "/text2", "/low": "/c"},
    )
    assert [(one.where, one.expected, one.observed, one.rule.removeprefix("e2.threshold_")) for one in found] == [
        ("out/a.json#/a", "at most 2 (/high)", "3", "broken"),
        ("out/a.json#/gone", "a number", "absent", "absent"),
        ("out/a.json#/low", "at most 2 (/high)", "4", "broken"),
        ("out/a.json#/a", "at least 4 (/low)", "3", "broken"),
        ("out/a.json#/b", "a finite number", '"x"', "no_number"),
        ("out/a.json#/high", "at least 4 (/low)", "2", "broken"),
        ("out/a.json#/b", '"y" (/text)', '"x"', "broken"),
        ("out/a.json#/gone", "a value", "absent", "absent"),
        ("out/a.json#/none", "a value", "absent", "absent"),
        ("out/a.json#/high2", "a value", "absent", "absent"),
        ("out/a.json#/low", "5 (/c)", "4", "broken"),
        ("out/a.json#/text2", "a value", "absent", "absent"),
    ]


def test_both_sides_of_a_pair_that_cannot_be_compared_are_findings(tmp_path: Path) -> None:
    found = thresholds(tmp_path, {"value": None}, at_most={"/value": "/limit"})
    assert found == [
        Finding("out/a.json#/value", "a finite number", "null (a NaN written as JSON?)", "e2.threshold_no_number"),
        Finding("out/a.json#/limit", "a number", "absent", "e2.threshold_absent"),
    ]


def test_thresholds_of_the_files_and_lines_behind_one_that_cannot_be_read(tmp_path: Path) -> None:
    write(tmp_path, "out/a.json", b"{")
    write(tmp_path, "out/b.jsonl", b'{"value": 1, "limit": 2}\n{\n{"value": 3, "limit": 2}\n{"value": 2, "limit": 2}\n')
    write(tmp_path, "out/c.json", {"value": 4, "limit": 2})
    judgement = judge_thresholds(
        SchemaRule(("out/*",), "s.json", at_most={"/value": "/limit"}), run_of(tmp_path), tmp_path
    )
    assert [(one.where, one.rule) for one in judgement.findings] == [
        ("out/a.json:1", "json.syntax"),
        ("out/b.jsonl:2", "json.syntax"),
        ("out/b.jsonl:3#/value", "e2.threshold_broken"),
        ("out/c.json#/value", "e2.threshold_broken"),
    ]
    assert [one.name for one in judgement.subjects] == ["out/a.json", "out/b.jsonl", "out/c.json"]
    assert judgement.parameters == {"at_most": {"/value": "/limit"}, "at_least": {}, "equals": {}}


def test_the_evidence_of_validity_names_the_schema_and_the_number_of_files(tmp_path: Path) -> None:
    write(tmp_path, "truth/s.json", {"$schema": LATEST, "type": "object"})
    write(tmp_path, "out/a.json", [])
    write(tmp_path, "out/b.jsonl", b"")
    write(tmp_path, "out/c.json", 7)
    judgement = judge_validity(SchemaRule(("out/*",), "truth/s.json"), run_of(tmp_path), tmp_path)
    assert judgement.parameters == {"files": 3, "schema": "truth/s.json"}
    assert judgement.findings == (
        Finding("out/a.json", "type object", "[]", "e2.schema_violation"),
        Finding("out/b.jsonl", "at least one record", "an empty file", "e2.no_record"),
        Finding("out/c.json", "type object", "7", "e2.schema_violation"),
    )


def test_a_nesting_or_a_surrogate_does_not_hide_what_follows(tmp_path: Path) -> None:
    write(tmp_path, "truth/s.json", {"$schema": LATEST, "additionalProperties": {"pattern": "^a"}, "type": "object"})
    deep = b"[" * 400 + b"]" * 400
    write(tmp_path, "out/a.jsonl", deep + b'\n{"a": "\\ud800"}\n{"a": "b"}\n')
    found = validity(tmp_path)
    assert [(one.where, one.rule) for one in found] == [
        ("out/a.jsonl:1", "json.depth"),
        ("out/a.jsonl:2", "e2.unpaired_surrogate"),
        ("out/a.jsonl:3#/a", "e2.schema_violation"),
    ]
    assert (found[1].expected, found[1].observed) == (
        "text without unpaired surrogates",
        "an unpaired UTF-16 surrogate",
    )


def test_schemas_behind_a_broken_one_are_judged(tmp_path: Path) -> None:
    write(tmp_path, "b.json", {"$schema": LATEST})
    write(tmp_path, "c.json", {"type": "object"})
    rules = {name: SchemaRule(("*",), schema) for name, schema in {"x": "a.json", "y": "b.json", "z": "c.json"}.items()}
    judgement = judge_schemas(SchemasSection(rules), tmp_path)
    assert [(one.where, one.rule) for one in judgement.findings] == [
        ("a.json", "artefact.unreadable"),
        ("c.json", "e2.schema_undeclared"),
    ]
    assert [one.name for one in judgement.subjects] == ["b.json", "c.json"]


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**70), 2**70))
@settings(max_examples=60, deadline=None)
def test_bounds_are_exact_for_any_pair_of_numbers(
    tmp_path_factory: pytest.TempPathFactory, value: float, limit: int
) -> None:
    root = tmp_path_factory.mktemp("exact")
    document = {"value": value, "limit": limit}
    assert bool(thresholds(root, document, at_most={"/value": "/limit"})) == (value > limit)
    assert bool(thresholds(root, document, at_least={"/value": "/limit"})) == (value < limit)


def test_equality_sees_numbers_by_value_and_nothing_else_across_kinds(tmp_path: Path) -> None:
    document = {"a": 1, "b": 1.0, "c": True, "d": [1, {"x": 2}], "e": [1.0, {"x": 2}]}
    assert thresholds(tmp_path, document, equals={"/a": "/b", "/d": "/e"}) == []
    [finding] = thresholds(tmp_path, document, equals={"/a": "/c"})
    assert finding.rule == "e2.threshold_broken"


def test_names_are_sorted_and_only_rules_with_thresholds_are_asked_for_them() -> None:
    section = SchemasSection({"b": SchemaRule(("*",), "s"), "a": SchemaRule(("*",), "s", at_most={"/x": "/y"})})
    assert rule_names(section) == ["a", "b"]
    assert threshold_names(section) == ["a"]


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({"files": []}, "files: expected at least one entry, found none"),
        (
            {"files": ["a.json", "/etc/*"]},
            "files[1]: expected a pattern of files below the root, without '..' and without a leading '/', "
            'found "/etc/*"',
        ),
        (
            {"schema": "../s.json"},
            "schema: expected the full name of a file below the target's root, without wildcards and '..', "
            'found "../s.json"',
        ),
        ({"count": 0}, "count: expected a whole number of at least 1, found 0"),
        ({"equals": {"/a": "/b", "/c": "/c"}}, "equals: '/c' is compared with itself"),
        ({"at_least": {"/a": "/b", "/c": "/c"}}, "at_least: '/c' is compared with itself"),
        ({"at_most": {"/a": "/b", "/c": "/c"}}, "at_most: '/c' is compared with itself"),
        (
            {"origin": "target", "files": ["spec/a.json", "spec/*.json"]},
            "files: with origin = \"target\" each file is named in full, found the pattern 'spec/*.json'",
        ),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_at_its_key(table: dict[str, Any], problem: str) -> None:
    bound, problems = bind(SchemaRule, {"files": ["*.json"], "schema": "s.json", **table})
    assert bound is None
    assert [str(one) for one in problems] == [problem]


def test_every_problem_of_a_rule_is_reported_at_once() -> None:
    table = {"files": [], "schema": "/s.json", "count": -1, "at_most": {"value": "/limit"}}
    _, problems = bind(SchemaRule, table, "schemas.report")
    assert [one.at.partition("at_most")[0] for one in problems] == [
        "schemas.report.files",
        "schemas.report.schema",
        "schemas.report.count",
        "schemas.report.",
    ]


def test_a_section_without_a_rule_is_refused() -> None:
    _, problems = bind(SchemasSection, {"schemas": {}})
    assert [str(one) for one in problems] == ["schemas: expected at least one entry, found none"]


SCHEMAS = st.sampled_from(
    [
        {"type": "integer"},
        {"type": ["string", "null"], "minLength": 2},
        {"enum": [1, "a", None]},
        {"type": "object", "required": ["a"], "properties": {"a": {"type": "number", "maximum": 5}}},
        {"type": "array", "items": {"minimum": 0}, "maxItems": 2},
        {"anyOf": [{"const": 1}, {"type": "boolean"}]},
        {"not": {"type": "string"}},
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from([1.0, 0.5]) | st.text("ab", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=6,
)


@given(SCHEMAS, VALUES, st.sampled_from(sorted(DRAFTS)))
@settings(max_examples=80, deadline=None)
def test_verdicts_agree_with_another_implementation(
    tmp_path_factory: pytest.TempPathFactory, schema: dict[str, Any], value: Any, draft: str
) -> None:
    schema = {"$schema": draft + ("#" if "draft-0" in draft else ""), **schema}
    if "draft-04" in draft:
        schema = json.loads(json.dumps(schema).replace('{"const": 1}', '{"enum": [1]}'))
    expected = jsonschema.validators.validator_for(schema)(schema).is_valid(value)
    assert (judged(tmp_path_factory.mktemp("peer"), schema, value) == []) is expected


def test_reading_an_absent_file_of_the_target_is_one_finding(tmp_path: Path) -> None:
    with pytest.raises(Judged) as caught:
        subject(tmp_path / "no", "no")
    assert caught.value.finding.rule == "artefact.unreadable"
    assert math.isfinite(len(str(caught.value)))
