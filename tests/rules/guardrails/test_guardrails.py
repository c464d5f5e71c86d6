"""Guardrails: a command that exits with 0 and did nothing does not pass."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from gatecourt.core.errors import Judged, ManifestError
from gatecourt.core.judgement import Judgement
from gatecourt.rules.guardrails.checks import judge_guardrail
from gatecourt.rules.guardrails.gate import GUARDRAILS
from gatecourt.rules.guardrails.junit import read_cases
from gatecourt.rules.guardrails.section import GuardrailsSection
from gatecourt.session.session import target_roll
from gatecourt.system.manifest.loading import load
from gatecourt.system.target import DeclaredTarget, Sandbox

NOT_APPLICABLE = "".join(f'{name} = "shown elsewhere"\n' for name in ("smoke", "lint", "types", "tests"))
REPORT = '<testsuites><testsuite tests="{0}" failures="{1}" errors="0" skipped="{2}">{3}</testsuite></testsuites>'
GOOD = '<testcase classname="a" name="one"/>'
BAD = '<testcase classname="a" name="two"><failure/></testcase>'
LEFT = '<testcase classname="a" name="three"><skipped/></testcase>'
JUNIT = 'junit = { file = "junit.xml" }'
Judge = Callable[..., Judgement]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    def judged(program: str, rule: str) -> Judgement:
        root = tmp_path / "town"
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
        (root / "work.py").write_text(f"import sys\nfrom pathlib import Path\nout = Path(sys.argv[1])\n{program}\n")
        (root / "gates.toml").write_text(
            f'[target]\nname = "town"\n[court]\nroll = ["guardrails"]\n'
            f'[run]\ncommand = ["true"]\ninputs = ["*.py"]\n'
            f'[commands.work]\ncommand = ["{{python}}", "work.py", "{{out}}"]\n'
            f"[court.not_applicable.guardrails]\n{NOT_APPLICABLE}[guardrails.check.work]\n"
            f'command = "work"\nsources = ["*.py"]\n{rule}\n'
        )
        box = tmp_path / "box"
        shutil.rmtree(box, ignore_errors=True)
        box.mkdir()
        gates = {"guardrails": GUARDRAILS}
        target = DeclaredTarget(load(root / "gates.toml", gates), Sandbox(box, gates))
        return judge_guardrail(target.section(GuardrailsSection), "work", target)

    return judged


def rules(result: Judgement) -> list[str]:
    found = [finding.rule for finding in result.findings]
    assert set(found) <= {reason.code for reason in GUARDRAILS.reasons}
    return found


def test_a_command_whose_output_shows_what_it_did(judge: Judge) -> None:
    good = judge("print('Success: no issues in 3 files')", "stdout_matches = '^Success: no issues in [1-9]'")
    assert rules(good) == []
    assert [subject.name for subject in good.subjects] == ["work.py"]
    assert rules(
        judge("print('Success: no issues in 0 files')", "stdout_matches = '^Success: no issues in [1-9]'")
    ) == ["guardrails.silent"]
    assert rules(judge("pass", "stdout_matches = 'Success'")) == ["guardrails.silent"]


def test_a_command_checks_the_files_that_it_should(judge: Judge) -> None:
    rule = """stdout_matches = '^(?P<files>[0-9]+) files, no problems$'\nfiles = ["*.py"]"""
    assert rules(judge("print('1 files, no problems')", rule)) == []
    assert rules(judge("print('2 files, no problems')", rule)) == ["guardrails.other_files"]
    assert rules(judge("print('no problems')", rule)) == ["guardrails.silent"]


def test_a_command_that_ends_badly_is_reported_by_its_exit_code(judge: Judge) -> None:
    with pytest.raises(Judged) as caught:
        judge("sys.exit(3)", "stdout_matches = 'Success'")
    assert caught.value.finding.rule == "run.exit_code"


@pytest.mark.parametrize(
    ("report", "wanted"),
    [
        (REPORT.format(1, 0, 0, GOOD), []),
        (REPORT.format(0, 0, 0, ""), ["guardrails.few_tests"]),
        (REPORT.format(2, 1, 0, GOOD + BAD), ["guardrails.test_failed"]),
        (REPORT.format(2, 0, 0, GOOD + BAD), ["guardrails.contradiction", "guardrails.test_failed"]),
        (REPORT.format(5, 0, 0, GOOD), ["guardrails.contradiction"]),
        (REPORT.format(1, 0, 1, LEFT), ["guardrails.few_tests", "guardrails.skipped"]),
        (REPORT.format(2, 0, 1, GOOD + LEFT), ["guardrails.skipped"]),
    ],
)
def test_tests_are_counted_by_their_cases(judge: Judge, report: str, wanted: list[str]) -> None:
    assert rules(judge(f"(out / 'junit.xml').write_text({report!r})", 'junit = { file = "junit.xml" }')) == wanted


SUITE = '<testsuite tests="{0}" failures="{1}" errors="0">{2}</testsuite>'


@pytest.mark.parametrize(
    ("report", "found", "stated", "bad"),
    [
        (SUITE.format(2, 1, SUITE.format(1, 0, GOOD) + BAD), 2, 2, ["a.two"]),  # cases beside an inner suite
        (SUITE.format(1, 1, SUITE.format(1, 0, GOOD) + BAD), 2, 2, ["a.two"]),  # an outer one that counts its own
        (f"<testsuites>{GOOD}{BAD}</testsuites>", 2, 2, ["a.two"]),  # cases of no suite
        (f"<testsuites tests='9'>{SUITE.format(1, 0, GOOD)}</testsuites>", 1, 9, []),
        (f"<testsuites>{SUITE.format(4, 0, SUITE.format(1, 0, GOOD))}</testsuites>", 1, 4, []),
        (f"<testsuites>{SUITE.format(2, 0, GOOD)}{SUITE.format(0, 0, GOOD)}</testsuites>", 2, 1, []),
    ],
)
def test_cases_count_wherever_they_stand(report: str, found: int, stated: int, bad: list[str]) -> None:
    cases = read_cases(report.encode(), "junit.xml")
    assert (cases.found["tests"], cases.totals["tests"], cases.bad) == (found, stated, bad)
    assert cases.totals["failures"] == cases.found["failures"] == len(bad)


def test_a_case_that_was_left_out_did_not_run() -> None:
    report = SUITE.format(2, 0, GOOD + '<testcase name="off" status="notrun"/>')
    assert read_cases(report.encode(), "junit.xml").ran == 1


def test_a_share_of_skipped_tests_may_be_allowed(judge: Judge) -> None:
    report = REPORT.format(2, 0, 1, GOOD + LEFT)
    allowed = 'junit = {{ file = "junit.xml", skipped = "{}" }}'
    assert rules(judge(f"(out / 'junit.xml').write_text({report!r})", allowed.format("50%"))) == []
    assert rules(judge(f"(out / 'junit.xml').write_text({report!r})", allowed.format("49%"))) == ["guardrails.skipped"]


TYPED = '<!DOCTYPE x [<!ENTITY a "b">]><testsuite/>'


@pytest.mark.parametrize(
    "report",
    [
        b"", b"<a/>", b"<testsuite tests='x'/>", TYPED.encode(), TYPED.encode("utf-16"),
        SUITE.format("9" * 5000, 0, "").encode(), b'<?xml version="1.0" encoding="none"?><testsuite/>',
        b'<?xml version="1.0" encoding="utf-7"?><testsuite/>',
    ],
)  # fmt: skip
def test_reports_that_are_invalid(report: bytes) -> None:
    with pytest.raises(Judged) as caught:
        read_cases(report, "junit.xml")
    assert caught.value.finding.rule == "guardrails.report"


def test_a_missing_report_is_a_finding(judge: Judge) -> None:
    with pytest.raises(Judged) as caught:
        judge("pass", 'junit = { file = "junit.xml" }')
    assert caught.value.finding.rule == "guardrails.no_report"


@pytest.mark.parametrize(
    ("ticks", "wanted"),
    [
        (range(1, 101), []),
        (range(1, 100), ["guardrails.unbounded"]),
        (range(1, 202), ["guardrails.unbounded"]),
        ([], ["guardrails.unbounded"]),
        ([1, 150, 120], ["guardrails.count"]),
        ([1, True, 150], ["guardrails.count"]),
        ([1, 1.5, 150], ["guardrails.count"]),
    ],
)
def test_a_smoke_run_comes_to_its_end_and_not_beyond(judge: Judge, ticks: list[int], wanted: list[str]) -> None:
    program = (
        f"import json\n(out / 's.jsonl').write_text(''.join(json.dumps(dict(tick=t))+chr(10) for t in {list(ticks)}))"
    )
    bound = 'bound = { files = ["s.jsonl"], pointer = "/tick", at_least = 100, at_most = 200 }'
    assert rules(judge(program, bound)) == wanted


@pytest.mark.parametrize(
    ("ticks", "wanted"),
    [(range(1, 101), []), ([1, 100], ["guardrails.count"]), ([*range(1, 101), 100], ["guardrails.count"])],
)
def test_a_smoke_run_goes_step_by_step(judge: Judge, ticks: list[int], wanted: list[str]) -> None:
    program = (
        f"import json\n(out / 's.jsonl').write_text(''.join(json.dumps(dict(tick=t))+chr(10) for t in {list(ticks)}))"
    )
    bound = 'bound = { files = ["s.jsonl"], pointer = "/tick", at_least = 100, at_most = 200, step = 1 }'
    assert rules(judge(program, bound)) == wanted


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("", "give stdout_matches, junit or bound"),
        ("stdout_matches = '('", "stdout_matches: expected a regular expression that Python can compile"),
        ("stdout_matches = 'done'\nfiles = ['*.py']", "go together"),
        ("stdout_matches = '(?P<files>[0-9]+) files'", "go together"),
        ('junit = { file = "../j.xml" }', "junit.file: expected the full name of a file"),
        ('junit = { file = "j.xml", minimum = 0 }', "minimum: expected a whole number of at least 1, found 0"),
        (
            'bound = { files = ["s"], pointer = "/t", at_least = 3, at_most = 2 }',
            "bound.at_least: 3 is above at_most, which is 2",
        ),
        (
            'bound = { files = ["s"], pointer = "/t", at_least = 1, at_most = 2, step = 0 }',
            "bound.step: expected a whole number of at least 1, found 0",
        ),
    ],
)
def test_guardrails_that_prove_nothing_are_refused(judge: Judge, rule: str, sentence: str) -> None:
    with pytest.raises(ManifestError, match=sentence):
        judge("pass", rule)


def test_what_is_not_applicable_stands_in_the_roll_with_its_reason(judge: Judge, tmp_path: Path) -> None:
    judge("print('yes')", "stdout_matches = 'yes'")
    gates = {"guardrails": GUARDRAILS}
    excused = target_roll(load(tmp_path / "town" / "gates.toml", gates), gates).not_applicable
    assert excused == {f"guardrails.command[{name}]": "shown elsewhere" for name in ("smoke", "lint", "types", "tests")}


def test_none_of_the_four_is_left_out_silently(judge: Judge, tmp_path: Path) -> None:
    judge("print('yes')", "stdout_matches = 'yes'")
    manifest = tmp_path / "town" / "gates.toml"
    manifest.write_text(manifest.read_text().replace('smoke = "shown elsewhere"', 'coverage = "none"'))
    with pytest.raises(ManifestError) as refused:
        load(manifest, {"guardrails": GUARDRAILS})
    assert refused.value.problems == [
        "court.not_applicable.guardrails: gate 'guardrails' has no part called 'coverage'; "
        "the parts are command, lint, smoke, tests, types",
        "guardrails.smoke: this part is missing; declare it, or give a reason in [court.not_applicable.guardrails]",
    ]


# What comes behind a bad case is judged too.


def findings_of(result: Judgement) -> list[tuple[str, str, str, str]]:
    return [(each.where, each.expected, each.observed, each.rule) for each in result.findings]


def test_every_failed_test_is_named_up_to_twenty(judge: Judge) -> None:
    bad = "".join(f'<testcase classname="a" name="t{number}"><failure/></testcase>' for number in range(22))
    result = judge(f"(out / 'junit.xml').write_text({REPORT.format(23, 22, 0, GOOD + bad)!r})", JUNIT)
    assert findings_of(result) == [
        ("junit.xml", f"a.t{number} to pass", "it failed", "guardrails.test_failed") for number in range(20)
    ]
    assert result.parameters == {"command": "work", "tests": 23, "skipped": 0, "minimum": 1}
    assert [*result.attachments] == ["guardrails_work.xml"]
    assert result.attachments["guardrails_work.xml"].startswith("<testsuites>")
    assert [*result.observations] == ["commit", "seconds", "peak_bytes"]


def test_each_total_is_compared_with_the_cases(judge: Judge) -> None:
    report = REPORT.format(3, 1, 2, GOOD + BAD)
    assert findings_of(judge(f"(out / 'junit.xml').write_text({report!r})", JUNIT)) == [
        ("junit.xml", "tests 2, counted in its test cases", "3", "guardrails.contradiction"),
        ("junit.xml", "skipped 0, counted in its test cases", "2", "guardrails.contradiction"),
        ("junit.xml", "a.two to pass", "it failed", "guardrails.test_failed"),
    ]


def test_too_few_and_too_many_skipped_tests(judge: Judge) -> None:
    rule = 'junit = { file = "junit.xml", minimum = 3, skipped = "10%" }'
    report = REPORT.format(2, 0, 1, GOOD + LEFT)
    assert findings_of(judge(f"(out / 'junit.xml').write_text({report!r})", rule)) == [
        ("junit.xml", "at least 3 tests run", "1 run, 1 skipped", "guardrails.few_tests"),
        ("junit.xml", "at most 10% of 2 tests skipped", "1", "guardrails.skipped"),
    ]


def test_a_counter_is_judged_behind_lines_that_have_none(judge: Judge) -> None:
    lines = '{"tick": 100}\n{\n{"tick": null}\n{}\n{"tick": 102}\n'
    bound = 'bound = { files = ["*.jsonl"], pointer = "/tick", at_least = 3, at_most = 101, step = 1 }'
    program = f"(out / 'a.jsonl').write_text({lines!r})\n(out / 'b.jsonl').write_text('')"
    result = judge(program, bound)
    assert [(where, rule) for where, _, _, rule in findings_of(result)] == [
        ("a.jsonl:2", "json.syntax"),
        ("a.jsonl:3#/tick", "guardrails.count"),
        ("a.jsonl:4#/tick", "guardrails.count"),
        ("a.jsonl:5#/tick", "guardrails.count"),
        ("a.jsonl", "guardrails.unbounded"),
        ("b.jsonl", "guardrails.unbounded"),
    ]
    assert findings_of(result)[3][1:3] == ("101, 1 more than on the line before", "102")
    assert [each[1:3] for each in findings_of(result)[4:]] == [
        ("a last value from 3 to 101", "102"),
        ("a last value from 3 to 101", "none"),
    ]
    assert result.parameters == {"command": "work", "a.jsonl": 102, "b.jsonl": None}


def test_no_output_to_bound(judge: Judge) -> None:
    bound = 'bound = { files = ["*.jsonl"], pointer = "/tick", at_least = 1, at_most = 2 }'
    assert findings_of(judge("pass", bound)) == [
        ("*.jsonl", "an output of the smoke run", "none", "guardrails.no_report")
    ]


def test_the_last_line_of_the_output_is_the_evidence(judge: Judge) -> None:
    assert findings_of(judge("print('one')\nprint('no problems')", "stdout_matches = '^ok$'")) == [
        ("commands.work", "output that matches '^ok$'", '"no problems"', "guardrails.silent")
    ]
    assert findings_of(judge("pass", "stdout_matches = '^ok$'"))[0][2] == '"no output"'
    rule = """stdout_matches = '^(?P<files>[0-9]+) files$'\nfiles = ["*.py"]"""
    assert findings_of(judge("print('3 files')", rule)) == [
        ("commands.work", "1 files, matched by *.py", '"3"', "guardrails.other_files")
    ]
