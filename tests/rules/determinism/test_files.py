"""Two files compared: JSON, JSONL, text and bytes; masks and tolerances."""

from __future__ import annotations

import copy
import json
import tempfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecourt.core.errors import Judged
from gatecourt.formats import pointer
from gatecourt.rules.determinism.comparison_log import LISTED
from gatecourt.rules.determinism.files import compare_files, first_divergence
from gatecourt.rules.determinism.outcome import MaskUse
from gatecourt.rules.determinism.report import detail
from gatecourt.rules.determinism.rules import FileRules
from gatecourt.rules.determinism.section import Mask, Tolerance

RUN_ID = Mask("*", "/run_id", "string", "random", "[0-9a-f]{4}")
TS = Mask("*", "/ts_ms", "integer", "wall clock")
TS_FIELDS = ("/ts_ms", "integer", "wall clock")
KEYS = st.text("ab/~*0", max_size=2)
SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-2, 2) | st.text("x\u20ac\n", max_size=2)
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=12
)
FEW = settings(max_examples=60, deadline=None)


def compared(left, right, name="a.json", masks=(), tolerances=()):
    """Texts, bytes or JSON values written as the files of two runs, and compared."""
    with tempfile.TemporaryDirectory() as folder:
        one, other = Path(folder, "one"), Path(folder, "other")
        one.write_bytes(written(left))
        other.write_bytes(written(right))
        return first_divergence(one, other, name, masks, tolerances)


def written(content):
    if isinstance(content, bytes):
        return content
    return content.encode() if isinstance(content, str) else json.dumps(content).encode()


def lines(*records):
    return b"".join(json.dumps(record, separators=(",", ":")).encode() + b"\n" for record in records)


def rules_of(comparison):
    return [finding.rule for finding in comparison.findings]


class TestJson:
    def test_types_count(self):
        for left, right in [(True, 1), (1, 1.0), (0, False), ("1", 1), (None, 0), ([], {}), ("", None)]:
            divergence = compared({"a": [left]}, {"a": [right]}).divergence
            assert (divergence.why, divergence.pointer) == ("type", "/a/0")

    def test_key_order_and_spacing_are_no_divergence_but_told(self):
        result = compared('{"a": 1, "b": [1.50]}', '{ "b":[1.5],"a":1}')
        assert result.divergence is None
        assert result.other_spelling
        assert not compared({"a": 1}, {"a": 1}).other_spelling

    def test_keys_and_lengths(self):
        missing = compared({"a": 1, "b": 2}, {"a": 1}).divergence
        assert (missing.why, missing.where, missing.left, missing.right) == ("missing key", "a.json#/b", "2", "nothing")
        extra = compared({"a": 1}, {"a": 1, "b/c": "x"}).divergence
        assert (extra.why, extra.where, extra.right) == ("extra key", "a.json#/b~1c", '"x"')
        length = compared({"a": [1, 2]}, {"a": [1, 2, 3]}).divergence
        assert (length.why, length.pointer, length.left, length.right) == (
            "length",
            "/a",
            "array of 2 items",
            "array of 3 items",
        )

    def test_the_first_divergence_in_document_order_with_the_last_equal_value(self):
        left = {"z": {"k": 1}, "m": [1, {"x": 5}], "a": 3}
        right = {"a": 4, "m": [1, {"x": 6}], "z": {"k": 1}}
        divergence = compared(left, right).divergence
        assert divergence.where == "a.json#/m/1/x"
        assert (divergence.left, divergence.right) == ("5", "6")
        assert (divergence.last_equal, divergence.last_equal_text) == ("a.json#/m/0", "1")

    def test_large_integers_are_exact(self):
        divergence = compared({"a": 10**30}, {"a": 10**30 + 1}).divergence
        assert divergence.pointer == "/a"
        assert divergence.right == str(10**30 + 1)

    def test_long_strings_show_the_part_that_differs(self):
        divergence = compared({"a": "x" * 5000 + "LEFT"}, {"a": "x" * 5000 + "RIGHT"}).divergence
        assert "LEFT" in divergence.left
        assert "RIGHT" in divergence.right
        assert len(divergence.left) < 300

    @pytest.mark.parametrize(
        ("text", "rule"),
        [
            ('{"a": 1, "a": 2}', "json.duplicate_key"),
            ('{"a": NaN}', "json.not_finite"),
            ('{"a": 1', "json.syntax"),
            (b'{"a": "\xff"}', "json.encoding"),
            ("[" * 5000, "json.depth"),
        ],
    )
    def test_what_is_no_json_is_told_and_compared_as_text(self, text, rule):
        result = compared({"a": 1}, text)
        assert rules_of(result) == [rule]
        assert result.divergence.record == 1

    def test_depth_is_no_danger(self):
        left = "[" * 100 + "1" + "]" * 100
        divergence = compared(left, left.replace("1", "2")).divergence
        assert divergence.pointer == "/0" * 100

    @FEW
    @given(DOCUMENTS)
    def test_a_document_is_equal_to_itself(self, document):
        result = compared(json.dumps(document), json.dumps(document, indent=3))
        assert result.divergence is None
        assert result.findings == ()

    @FEW
    @given(DOCUMENTS, st.data())
    def test_a_changed_leaf_is_found_at_its_pointer(self, document, data):
        places = list(pointer.leaves(document))
        steps, value = data.draw(st.sampled_from(places))
        changed = with_leaf(document, steps, "changed")
        divergence = compared(json.dumps(document), json.dumps(changed)).divergence
        assert divergence.pointer == pointer.join(steps)
        before = places[: places.index((steps, value))]
        assert divergence.last_equal == (place_of(before[-1][0]) if before else "")


def place_of(steps):
    return f"a.json#{pointer.join(steps)}" if steps else "a.json"


def with_leaf(document, steps, value):
    if not steps:
        return value
    changed = copy.deepcopy(document)
    inner = changed
    for step in steps[:-1]:
        inner = inner[step]
    inner[steps[-1]] = value
    return changed


class TestJsonl:
    def test_record_pointer_values_and_last_equal_record(self):
        same = [{"seq": n, "pnl": n / 2} for n in range(50)]
        changed = [*same[:30], {"seq": 30, "pnl": 99.5}, *same[31:]]
        divergence = compared(lines(*same), lines(*changed), "log/e.jsonl").divergence
        assert divergence.where == "log/e.jsonl:31#/pnl"
        assert (divergence.left, divergence.right) == ("15.0", "99.5")
        assert (divergence.last_equal, divergence.last_equal_text) == ("log/e.jsonl:30", '{"seq":29,"pnl":14.5}')
        finding = divergence.finding("determinism.divergence")
        assert (finding.expected, finding.observed) == ("15.0, as in the first run", "99.5")

    def test_a_difference_beyond_many_chunks_is_found(self):
        filler = lines({"text": "x" * 1000}) * 3000
        divergence = compared(filler + lines(1), filler + lines(2), "e.jsonl").divergence
        assert divergence.where == "e.jsonl:3001"

    def test_an_edit_that_changes_the_length_is_found(self):
        divergence = compared(lines({"a": 1}, {"a": 2}), lines({"a": 100}, {"a": 2}), "e.jsonl").divergence
        assert (divergence.record, divergence.pointer) == (1, "/a")

    def test_an_inserted_record_is_found_where_it_stands(self):
        divergence = compared(lines(*range(9)), lines(*range(4), 77, *range(4, 9)), "e.jsonl").divergence
        assert (divergence.record, divergence.left, divergence.right) == (5, "4", "77")

    def test_a_missing_tail(self):
        whole = lines({"a": 1}, {"a": 2})
        tail = compared(whole, whole[:8], "e.jsonl").divergence
        assert (tail.why, tail.where, tail.right, tail.last_equal) == ("tail", "e.jsonl:2", "end of file", "e.jsonl:1")
        cut = compared(whole, whole[:12], "e.jsonl").divergence
        assert (cut.why, cut.record, cut.right) == ("tail", 2, '{"a"')
        newline = compared(whole, whole[:-1], "e.jsonl").divergence
        assert (newline.why, newline.record) == ("tail", 2)
        assert newline.right.endswith("without a newline")
        assert compared(b"", whole, "e.jsonl").divergence.left == "end of file"

    def test_records_spelled_otherwise_are_equal(self):
        result = compared(b'{"a":1,"b":2}\n{"c":1}\n', b'{"b":2, "a":1}\n{"c":2}\n', "e.jsonl")
        assert result.divergence.record == 2

    def test_a_line_that_is_no_json(self):
        result = compared(lines(1) + b"{broken\n", lines(1) + b"{broken!\n", "e.jsonl")
        assert rules_of(result) == ["json.syntax"]
        assert (result.divergence.record, result.divergence.column) == (2, 8)

    @FEW
    @given(st.lists(st.dictionaries(st.sampled_from("abc"), SCALARS), min_size=1, max_size=6), st.data())
    def test_a_changed_record_is_found_at_its_line(self, records, data):
        at = data.draw(st.integers(0, len(records) - 1))
        changed = [*records[:at], {**records[at], "zz": 1}, *records[at + 1 :]]
        assert compared(lines(*records), lines(*records), "e.jsonl", [TS]).divergence is None
        for masks in ([], [TS]):
            assert (
                compared(lines(*records), lines(*changed), "e.jsonl", masks).divergence.where == f"e.jsonl:{at + 1}#/zz"
            )


class TestTextAndBytes:
    def test_line_and_column(self):
        divergence = compared("a,b\n1,2\n1,3\n", "a,b\n1,2\n1,4\n", "t.csv").divergence
        assert (divergence.where, divergence.column, divergence.why) == ("t.csv:3", 3, "bytes")
        assert (divergence.left, divergence.right, divergence.last_equal_text) == ("1,3", "1,4", "1,2")

    def test_bytes(self):
        divergence = compared(b"\0" * 10 + b"A", b"\0" * 10 + b"B", "t.bin").divergence
        assert (divergence.offset, divergence.left, divergence.right) == (10, "byte 0x41", "byte 0x42")
        assert divergence.where == "t.bin"
        tail = compared(b"\0AB", b"\0A", "t.bin").divergence
        assert (tail.why, tail.offset, tail.right) == ("tail", 2, "end of file")

    def test_an_unreadable_file_is_judged(self, tmp_path):
        with pytest.raises(Judged) as caught:
            first_divergence(tmp_path / "none", tmp_path / "none", "t.csv")
        assert caught.value.finding.rule == "artefact.unreadable"

    @FEW
    @given(st.binary(min_size=1, max_size=40), st.data())
    def test_any_changed_byte_is_found(self, content, data):
        at = data.draw(st.integers(0, len(content) - 1))
        changed = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        divergence = compared(content, changed, "t.dat").divergence
        spot = divergence.offset
        if spot is None:
            starts = [0, *(n + 1 for n, byte in enumerate(content) if byte == 10)]
            spot = starts[divergence.record - 1] + divergence.column - 1
        assert spot == at


class TestMasks:
    def test_a_masked_difference_is_listed_with_both_values(self):
        result = compared({"run_id": "aaaa", "x": 1}, {"run_id": "bbbb", "x": 1}, masks=[RUN_ID])
        assert result.divergence is None
        assert [(item.where, item.left, item.right) for item in result.masked] == [
            ("a.json#/run_id", '"aaaa"', '"bbbb"')
        ]
        assert result.uses == {RUN_ID: MaskUse(1, 1)}

    def test_equal_values_are_covered_but_not_listed(self):
        result = compared({"run_id": "aaaa"}, {"run_id": "aaaa"}, masks=[RUN_ID])
        assert result.masked == ()
        assert result.uses == {RUN_ID: MaskUse(1, 0)}

    @pytest.mark.parametrize("value", ["AAAA", "aaaaa", 1, None, ["aaaa"], {"a": "aaaa"}, True])
    def test_a_value_of_another_form_is_told_even_if_equal(self, value):
        same = compared({"run_id": value}, {"run_id": value}, masks=[RUN_ID])
        assert rules_of(same) == ["determinism.mask_mismatch"]
        assert same.divergence is None
        for pair in ({"run_id": "aaaa"}, {"run_id": value}), ({"run_id": value}, {"run_id": "aaaa"}):
            result = compared(*pair, masks=[RUN_ID])
            assert rules_of(result) == ["determinism.mask_mismatch"]
            assert result.divergence.pointer == "/run_id"

    def test_types_of_masks(self):
        number = Mask("*", "/v", "number", "measured")
        boolean = Mask("*", "/v", "boolean", "measured")
        assert compared({"v": 1}, {"v": 2.5}, masks=[number]).divergence is None
        assert compared({"v": True}, {"v": False}, masks=[boolean]).divergence is None
        assert rules_of(compared({"v": True}, {"v": 1}, masks=[number])) == ["determinism.mask_mismatch"]
        assert rules_of(compared({"ts_ms": 1.0}, {"ts_ms": 1.0}, masks=[TS])) == ["determinism.mask_mismatch"]

    def test_a_missing_key_is_not_masked(self):
        assert compared({"run_id": "aaaa"}, {}, masks=[RUN_ID]).divergence.why == "missing key"

    def test_a_mask_covers_its_own_level_only(self):
        result = compared({"in": {"run_id": "aaaa"}}, {"in": {"run_id": "bbbb"}}, masks=[RUN_ID])
        assert result.divergence.pointer == "/in/run_id"

    def test_a_protected_field_is_refused_even_if_equal(self):
        pnl = Mask("*", "/summary/realizedPnl", "number", "noise")
        same = compared({"summary": {"realizedPnl": 1}}, {"summary": {"realizedPnl": 1}}, masks=[pnl])
        assert rules_of(same) == ["determinism.mask_protected"]
        changed = compared({"summary": {"realizedPnl": 1}}, {"summary": {"realizedPnl": 2}}, masks=[pnl])
        assert changed.divergence.pointer == "/summary/realizedPnl"

    def test_a_wildcard_is_refused_where_it_reaches_a_protected_field(self):
        star = Mask("*", "/*/*", "number", "noise")
        left, right = {"s": {"count": 1, "pnl": 5}}, {"s": {"count": 2, "pnl": 5}}
        result = compared(left, right, masks=[star])
        assert [(item.rule, item.where) for item in result.findings] == [
            ("determinism.mask_protected", "a.json#/s/pnl")
        ]
        assert result.masked[0].where == "a.json#/s/count"
        assert compared(left, {"s": {"count": 2, "pnl": 6}}, masks=[star]).divergence.pointer == "/s/pnl"

    def test_logs_are_masked_line_by_line(self):
        left = lines(*({"seq": n, "ts_ms": 1000 + n, "pnl": n} for n in range(20)))
        right = lines(*({"seq": n, "ts_ms": 5000 + n, "pnl": n if n != 12 else -1} for n in range(20)))
        result = compared(left, right, "e.jsonl", [TS])
        assert result.divergence.where == "e.jsonl:13#/pnl"
        assert len(result.masked) == 13
        assert result.masked[4].where == "e.jsonl:5#/ts_ms"
        assert result.divergence.records == (
            {"seq": 12, "ts_ms": "masked", "pnl": 12},
            {"seq": 12, "ts_ms": "masked", "pnl": -1},
        )

    def test_a_log_of_another_name_is_read_as_jsonl_where_masked(self):
        result = compared(lines({"ts_ms": 1}), lines({"ts_ms": 2}), "logs/run.log", [Mask("**", *TS_FIELDS)])
        assert result.divergence is None

    def test_a_wide_mask_leaves_other_text_alone(self):
        result = compared("a,b\n1,2\n", "a,b\n1,3\n", "t.csv", [Mask("**", *TS_FIELDS)])
        assert result.findings == ()
        assert (result.divergence.record, result.divergence.column) == (2, 3)

    def test_the_list_is_bounded_the_count_is_not_and_all_are_told_where_asked(self, tmp_path):
        many = LISTED + 50
        (tmp_path / "one").write_bytes(lines(*({"ts_ms": n} for n in range(many))))
        (tmp_path / "other").write_bytes(lines(*({"ts_ms": n + 1} for n in range(many))))
        told = []
        rules = FileRules("e.jsonl", [TS])
        result = compare_files(tmp_path / "one", tmp_path / "other", rules, on_masked=told.append)
        assert len(result.masked) == LISTED
        assert result.uses == {TS: MaskUse(many, many)}
        assert len(told) == many
        assert told[-1].where == f"e.jsonl:{many}#/ts_ms"

    def test_findings_of_one_kind_are_bounded_and_counted(self):
        content = lines(*({"ts_ms": "no"} for _ in range(200)))
        findings = compared(content, content, "e.jsonl", [TS]).findings
        assert len(findings) == 11
        assert "190 more" in findings[-1].observed

    @pytest.mark.parametrize(
        ("left", "right", "where"),
        [
            # the masked text stands elsewhere first, and changes there too
            ('{"x":{"ts_ms":1},"ts_ms":1}', '{"x":{"ts_ms":2},"ts_ms":2}', "e.jsonl:1#/x/ts_ms"),
            ('{"x":{"ts_ms":1},"ts_ms":1}', '{"x":{"ts_ms":2},"ts_ms":1}', "e.jsonl:1#/x/ts_ms"),
            ('{"x":"\\"ts_ms\\":1","ts_ms":1}', '{"x":"\\"ts_ms\\":2","ts_ms":2}', "e.jsonl:1#/x"),
            # the longer number begins with the masked one
            ('{"x":{"ts_ms":12},"ts_ms":1}', '{"x":{"ts_ms":22},"ts_ms":2}', "e.jsonl:1#/x/ts_ms"),
            # what a lenient parser would take for equal
            ('{"a":1,"a":2,"ts_ms":1}', '{"a":3,"a":2,"ts_ms":2}', "e.jsonl:1"),
            ('{"ts_ms":1,"ts_ms":5}', '{"ts_ms":2,"ts_ms":5}', "e.jsonl:1"),
            (f'{{"a":{10**30},"ts_ms":1}}', f'{{"a":{10**30 + 1},"ts_ms":2}}', "e.jsonl:1#/a"),
            ('{"a":1,"ts_ms":1}', '{"a":1.0,"ts_ms":2}', "e.jsonl:1#/a"),
            ('{"a":1,"ts_ms":1}', '{"a":true,"ts_ms":2}', "e.jsonl:1#/a"),
        ],
    )
    def test_the_quick_proof_is_not_fooled(self, left, right, where):
        for masks in ([TS], [TS, Mask("*.jsonl", *TS_FIELDS)]):
            result = compared(left + "\n", right + "\n", "e.jsonl", masks)
            assert result.divergence.where == where
            assert compared(left, right, "e.json", masks).divergence.where.startswith("e.json")

    @FEW
    @given(st.data())
    def test_quick_and_exact_way_agree(self, data):
        record = st.fixed_dictionaries(
            {"ts_ms": st.integers(0, 12), "x": st.integers(0, 2)},
            optional={"in": st.fixed_dictionaries({"ts_ms": st.integers(0, 12)}), "run_id": st.just("aaaa")},
        )
        left, right = data.draw(st.lists(record, max_size=3)), data.draw(st.lists(record, max_size=3))
        quick = compared(lines(*left), lines(*right), "e.jsonl", [TS])
        spaced = "".join(json.dumps(item, separators=(" , ", " : ")) + "\n" for item in right)
        exact = compared(lines(*left), spaced, "e.jsonl", [TS])
        assert quick.divergence is None or quick.divergence.where == exact.divergence.where
        assert quick.masked == exact.masked
        assert (
            (quick.divergence is None)
            == (exact.divergence is None)
            == ([{**item, "ts_ms": 0} for item in left] == [{**item, "ts_ms": 0} for item in right])
        )

    @FEW
    @given(DOCUMENTS, st.data())
    def test_a_mask_hides_exactly_its_place(self, document, data):
        places = [steps for steps, _ in pointer.leaves(document) if steps and "*" not in steps]
        if not places:
            return
        steps = data.draw(st.sampled_from(places))
        left, right = with_leaf(document, steps, "p"), with_leaf(document, steps, "q")
        mask = Mask("*", pointer.join(steps), "string", "drawn", "[pq]")
        result = compared(left, right, masks=[mask])
        assert result.divergence is None
        assert [item.where for item in result.masked] == [f"a.json#{mask.path}"]
        other = data.draw(st.sampled_from(places))
        if other != steps:
            changed = compared(left, with_leaf(right, other, "changed"), masks=[mask])
            assert changed.divergence.pointer == pointer.join(other)


class TestSeveralMasks:
    def test_a_mask_behind_one_that_covers_nothing_is_counted_and_its_difference_listed(self):
        absent, there = Mask("*", "/none", "integer", "never written"), Mask("*", "/id", "integer", "drawn anew")
        result = compared({"id": 7, "x": 1}, {"id": 8, "x": 1}, masks=[absent, there])
        assert result.divergence is None
        assert result.uses == {absent: MaskUse(0, 0), there: MaskUse(1, 1)}
        assert [(one.where, one.left, one.right) for one in result.masked] == [("a.json#/id", "7", "8")]

    def test_a_value_that_stands_in_one_run_alone_is_not_masked(self):
        absent, there = Mask("*", "/none", "integer", "never written"), Mask("*", "/id", "integer", "drawn anew")
        for left, right, why in [({"id": 7}, {}, "missing key"), ({}, {"id": 7}, "extra key")]:
            result = compared(left, right, masks=[absent, there])
            assert (result.divergence.where, result.divergence.why) == ("a.json#/id", why)


class TestTolerances:
    def test_numbers_within_are_counted(self):
        near = Tolerance("*", "/x/*", absolute=Decimal("0.1"))
        result = compared({"x": [0.3, 1]}, {"x": [0.2, 1.0]}, tolerances=[near])
        assert result.divergence is None
        assert result.tolerated == 2
        assert not result.other_spelling
        assert compared({"x": [0.3]}, {"x": [0.19]}, tolerances=[near]).divergence.pointer == "/x/0"

    def test_only_numbers_are_tolerated(self):
        wide = Tolerance("*", "/x", absolute=Decimal(100))
        for left, right in [(True, 1), ("1", "2"), (1, "1"), (None, 0), ([1], [2])]:
            assert compared({"x": left}, {"x": right}, tolerances=[wide]).divergence is not None

    def test_elsewhere_nothing_is_tolerated(self):
        near = Tolerance("b.json", "/x", relative=Decimal("0.5"))
        assert compared({"x": 1.0}, {"x": 1.1}, tolerances=[near]).divergence is not None
        assert compared({"x": 1.0}, {"x": 1.1}, "b.json", tolerances=[near]).divergence is None


class TestDetail:
    def test_every_difference_a_line_sorted_and_bounded(self):
        text = detail({"b": 1, "a": [1, 2]}, {"b": True, "a": [1, 3]})
        assert text.splitlines() == sorted(text.splitlines())
        assert "root['a'][1]" in text
        assert "root['b']" in text
        many = detail(list(range(100)), [n + 0.5 for n in range(100)])
        assert len(many.splitlines()) == 41

    def test_equal_values_give_nothing(self):
        assert detail({"a": 1}, {"a": 1}) == ""
