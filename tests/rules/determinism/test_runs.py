"""Two runs compared, the sensitivity to the seed, and the text for people."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from gatecourt.core.model import Run
from gatecourt.formats.files import subject
from gatecourt.rules.determinism.outcome import MaskUse
from gatecourt.rules.determinism.runs import compare_runs, seed_sensitivity
from gatecourt.rules.determinism.section import DeterminismSection, Mask, Tolerance

RUN_ID = Mask("reports/*.json", "/run_id", "string", "random", "[0-9a-f]{4}")


@pytest.fixture
def run_of(tmp_path):
    """Makes a run out of names and contents."""
    count = iter(range(100))

    def make(**files):
        root = tmp_path / f"run{next(count)}"
        for name, content in files["files"].items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content if isinstance(content, str) else json.dumps(content))
        root.mkdir(exist_ok=True)
        return Run(root, {name: subject(root / name, name) for name in files["files"]})

    return lambda files: make(files=files)


def rules(findings):
    return [finding.rule for finding in findings]


def test_equal_runs_give_an_empty_text(run_of):
    files = {"a.json": {"x": 1}, "logs/e.jsonl": "1\n", "t.csv": "a\n"}
    result = compare_runs(run_of(files), run_of(files), DeterminismSection())
    assert result.equal
    assert result.diff_text() == ""
    assert result.findings == ()
    assert [item.name for item in result.comparisons] == ["a.json", "logs/e.jsonl", "t.csv"]


def test_every_output_is_compared_and_each_divergence_told(run_of):
    left = run_of({"b.csv": "1\n", "a.json": {"x": 1, "y": [1]}, "only.txt": "abc", "same": "s"})
    right = run_of({"b.csv": "2\n", "a.json": {"x": 1, "y": [2]}, "new.txt": "", "same": "s"})
    result = compare_runs(left, right, DeterminismSection())
    told = result.divergence_findings("determinism.divergence")
    assert [(item.where, item.expected, item.observed) for item in told] == [
        ("a.json#/y/0", "1, as in the first run", "2"),
        ("b.csv:1", "1, as in the first run", "2 (bytes, column 1)"),
        ("new.txt", "no such file, as in the first run", "0 bytes (extra file)"),
        ("only.txt", "3 bytes, as in the first run", "no such file (missing file)"),
    ]
    text = result.diff_text()
    assert text.startswith(
        "a.json#/y/0  (value)\n  first run:   1\n  second run:  2\n  last equal:  a.json#/x  1\n  | "
    )
    assert "Value of root['y'][0] changed from 1 to 2." in text
    assert compare_runs(left, right, DeterminismSection()).diff_text() == text
    assert "run0" not in text


def test_only_declared_outputs_are_compared(run_of):
    left, right = run_of({"out/a.txt": "1", "tmp/b.txt": "1"}), run_of({"out/a.txt": "1", "tmp/b.txt": "2"})
    assert compare_runs(left, right, DeterminismSection(outputs=("out/**",))).equal
    assert not compare_runs(left, right, DeterminismSection()).equal


def test_a_declared_output_that_is_absent_is_told(run_of):
    run = run_of({"a.json": {}})
    found = compare_runs(run, run, DeterminismSection(outputs=("*.json", "sim_report.json"))).findings
    assert [(item.where, item.rule) for item in found] == [("sim_report.json", "determinism.output_missing")]


def test_no_outputs_at_all_is_told(run_of):
    empty = run_of({})
    result = compare_runs(empty, empty, DeterminismSection(outputs=("**", "x")))
    assert rules(result.findings) == ["determinism.no_outputs"]
    assert rules(seed_sensitivity(empty, empty, DeterminismSection())) == ["determinism.no_outputs"]


def test_masks_are_applied_listed_and_counted(run_of):
    left = run_of({f"reports/{n}.json": {"run_id": "aaaa", "n": n} for n in range(3)})
    right = run_of({f"reports/{n}.json": {"run_id": "bbbb", "n": n} for n in range(3)})
    result = compare_runs(left, right, DeterminismSection(mask=(RUN_ID,)))
    assert result.equal
    assert [item.where for item in result.masked] == [f"reports/{n}.json#/run_id" for n in range(3)]
    assert result.uses() == {RUN_ID: MaskUse(3, 3)}
    assert result.mask_places()[0]["places"] == 3
    assert result.mask_differences()[0]["differed"] == 3
    assert result.masked_text().splitlines()[2] == 'reports/2.json#/run_id  "aaaa"  "bbbb"  (random)'
    assert result.findings == ()
    assert result.diff_text() == ""


def test_files_of_one_digest_are_still_held_to_their_masks(run_of):
    run = run_of({"reports/a.json": {"run_id": "not hex"}})
    assert rules(compare_runs(run, run, DeterminismSection(mask=(RUN_ID,))).findings) == ["determinism.mask_mismatch"]


def test_a_mask_that_covers_nothing_is_told(run_of):
    run = run_of({"reports/a.json": {"id": 1}, "b.json": {"run_id": "aaaa"}})
    found = compare_runs(run, run, DeterminismSection(mask=(RUN_ID,))).findings
    assert [(item.where, item.rule) for item in found] == [("reports/*.json#/run_id", "determinism.mask_unused")]


def test_a_mask_behind_a_divergence_is_not_called_unused(run_of):
    left, right = (
        run_of({"reports/a.json": {"x": 1, "run_id": "a"}}),
        run_of({"reports/a.json": {"x": 2, "run_id": "a"}}),
    )
    assert compare_runs(left, right, DeterminismSection(mask=(RUN_ID,))).findings == ()


def test_a_protected_mask_is_refused_whatever_the_files_hold(run_of):
    run = run_of({"a.json": {}})
    mask = Mask("reports/*.json", "/karma", "number", "noise")
    assert rules(compare_runs(run, run, DeterminismSection(mask=(mask,))).findings) == ["determinism.mask_unused"]
    section = DeterminismSection(mask=(mask,), protected=("karma",))
    assert [(item.where, item.rule) for item in compare_runs(run, run, section).findings] == [
        ("reports/*.json#/karma", "determinism.mask_protected")
    ]


def test_exact_outputs_are_compared_as_bytes(run_of):
    left, right = run_of({"a.json": '{"a":1}', "b.json": "1"}), run_of({"a.json": '{"a": 1}', "b.json": "1 "})
    assert compare_runs(left, right, DeterminismSection()).equal
    result = compare_runs(left, right, DeterminismSection(exact=("a.json",)))
    assert [(item.where, item.why) for item in result.divergences] == [("a.json:1", "bytes")]


def test_tolerances_are_applied(run_of):
    left, right = run_of({"a.json": {"t": 1.0}}), run_of({"a.json": {"t": 1.0000001}})
    near = Tolerance("a.json", "/t", absolute=Decimal("1e-6"))
    assert compare_runs(left, right, DeterminismSection(tolerance=(near,))).equal
    assert not compare_runs(left, right, DeterminismSection()).equal


def test_a_file_that_went_away_is_a_finding_and_the_rest_is_compared(run_of):
    left, right = run_of({"a.txt": "1", "b.txt": "1"}), run_of({"a.txt": "2", "b.txt": "2"})
    left.path("a.txt").unlink()
    result = compare_runs(left, right, DeterminismSection())
    assert rules(result.findings) == ["artefact.unreadable"]
    assert [item.where for item in result.divergences] == ["b.txt:1"]


class TestSeed:
    def test_another_seed_must_change_something(self, run_of):
        one, same, other = run_of({"a.txt": "1"}), run_of({"a.txt": "1"}), run_of({"a.txt": "2"})
        assert rules(seed_sensitivity(one, same, DeterminismSection())) == ["determinism.seed_ignored"]
        assert seed_sensitivity(one, other, DeterminismSection()) == ()

    def test_each_named_output_must_change(self, run_of):
        one, other = run_of({"a.txt": "1", "b.txt": "1"}), run_of({"a.txt": "2", "b.txt": "1"})
        section = DeterminismSection(seed_changes=("*.txt", "none.csv"))
        found = seed_sensitivity(one, other, section)
        assert [(item.where, item.rule) for item in found] == [
            ("none.csv", "determinism.output_missing"),
            ("b.txt", "determinism.seed_ignored"),
        ]

    def test_a_masked_value_and_the_seed_itself_do_not_count(self, run_of):
        one = run_of({"reports/a.json": {"run_id": "aaaa", "seed": 1, "meta": {"run_seed": 1}, "x": 5}})
        other = run_of({"reports/a.json": {"run_id": "bbbb", "seed": 2, "meta": {"run_seed": 2}, "x": 5}})
        section = DeterminismSection(mask=(RUN_ID,))
        assert rules(seed_sensitivity(one, other, section)) == ["determinism.seed_ignored"]
        assert not compare_runs(one, other, section).equal

    def test_the_seed_in_a_log_does_not_count(self, run_of):
        one, other = run_of({"e.jsonl": '{"seed":1}\n{"x":1}\n'}), run_of({"e.jsonl": '{"seed":2}\n{"x":1}\n'})
        assert rules(seed_sensitivity(one, other, DeterminismSection())) == ["determinism.seed_ignored"]
