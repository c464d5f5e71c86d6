"""Guardrails: a command that ends with 0 and did nothing is no guardrail."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from gatecourt.core.errors import Judged, ManifestError
from gatecourt.rules.guardrails.checks import Heard, judge_guardrail
from gatecourt.rules.guardrails.gate import GUARDRAILS
from gatecourt.rules.guardrails.junit import read_cases
from gatecourt.rules.guardrails.section import GuardrailsSection
from gatecourt.session.session import target_roll
from gatecourt.system.manifest.loading import load
from gatecourt.system.target import DeclaredTarget, Sandbox

EXCUSED = "".join(f'{name} = "shown elsewhere"\n' for name in ("smoke", "lint", "types", "tests"))
REPORT = '<testsuites><testsuite tests="{0}" failures="{1}" errors="0" skipped="{2}">{3}</testsuite></testsuites>'
GOOD = '<testcase classname="a" name="one"/>'
BAD = '<testcase classname="a" name="two"><failure/></testcase>'
LEFT = '<testcase classname="a" name="three"><skipped/></testcase>'
Hear = Callable[..., Heard]


@pytest.fixture
def hear(tmp_path: Path) -> Hear:
    def heard(program: str, rule: str) -> Heard:
        root = tmp_path / "town"
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
        (root / "work.py").write_text(f"import sys\nfrom pathlib import Path\nout = Path(sys.argv[1])\n{program}\n")
        (root / "gates.toml").write_text(
            f'[target]\nname = "town"\n[court]\nroll = ["guardrails"]\n'
            f'[run]\ncommand = ["true"]\ninputs = ["*.py"]\n'
            f'[commands.work]\ncommand = ["{{python}}", "work.py", "{{out}}"]\n'
            f"[guardrails.not_applicable]\n{EXCUSED}[guardrails.check.work]\n"
            f'command = "work"\nsources = ["*.py"]\n{rule}\n'
        )
        box = tmp_path / "box"
        shutil.rmtree(box, ignore_errors=True)
        box.mkdir()
        gates = {"guardrails": GUARDRAILS}
        target = DeclaredTarget(load(root / "gates.toml", gates), Sandbox(box, gates))
        return judge_guardrail(target.section(GuardrailsSection).check["work"], target)

    return heard


def rules(heard: Heard) -> list[str]:
    found = [finding.rule for finding in heard.judgement.findings]
    assert set(found) <= {reason.code for reason in GUARDRAILS.reasons}
    return found


def test_a_command_that_says_what_it_did(hear: Hear) -> None:
    good = hear("print('Success: no issues in 3 files')", "says = '^Success: no issues in [1-9]'")
    assert rules(good) == []
    assert [subject.name for subject in good.judgement.subjects] == ["work.py"]
    assert rules(hear("print('Success: no issues in 0 files')", "says = '^Success: no issues in [1-9]'")) == [
        "guardrails.silent"
    ]
    assert rules(hear("pass", "says = 'Success'")) == ["guardrails.silent"]


def test_a_command_looks_at_the_files_that_it_should(hear: Hear) -> None:
    rule = """says = '^(?P<files>[0-9]+) files, no problems$'\nlooks_at = ["*.py"]"""
    assert rules(hear("print('1 files, no problems')", rule)) == []
    assert rules(hear("print('2 files, no problems')", rule)) == ["guardrails.other_files"]
    assert rules(hear("print('no problems')", rule)) == ["guardrails.silent"]


def test_a_command_that_ends_badly_is_told_by_its_end(hear: Hear) -> None:
    with pytest.raises(Judged) as caught:
        hear("sys.exit(3)", "says = 'Success'")
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
def test_tests_are_counted_by_their_cases(hear: Hear, report: str, wanted: list[str]) -> None:
    assert rules(hear(f"(out / 'junit.xml').write_text({report!r})", 'junit = { file = "junit.xml" }')) == wanted


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


def test_a_share_of_skipped_tests_may_be_allowed(hear: Hear) -> None:
    report = REPORT.format(2, 0, 1, GOOD + LEFT)
    allowed = 'junit = {{ file = "junit.xml", skipped = "{}" }}'
    assert rules(hear(f"(out / 'junit.xml').write_text({report!r})", allowed.format("50%"))) == []
    assert rules(hear(f"(out / 'junit.xml').write_text({report!r})", allowed.format("49%"))) == ["guardrails.skipped"]


TYPED = '<!DOCTYPE x [<!ENTITY a "b">]><testsuite/>'


@pytest.mark.parametrize(
    "report",
    [
        b"", b"<a/>", b"<testsuite tests='x'/>", TYPED.encode(), TYPED.encode("utf-16"),
        SUITE.format("9" * 5000, 0, "").encode(), b'<?xml version="1.0" encoding="none"?><testsuite/>',
        b'<?xml version="1.0" encoding="utf-7"?><testsuite/>',
    ],
)  # fmt: skip
def test_reports_that_are_none(report: bytes) -> None:
    with pytest.raises(Judged) as caught:
        read_cases(report, "junit.xml")
    assert caught.value.finding.rule == "guardrails.report"


def test_a_missing_report_is_told(hear: Hear) -> None:
    with pytest.raises(Judged) as caught:
        hear("pass", 'junit = { file = "junit.xml" }')
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
def test_a_smoke_run_comes_to_its_end_and_not_beyond(hear: Hear, ticks: list[int], wanted: list[str]) -> None:
    program = (
        f"import json\n(out / 's.jsonl').write_text(''.join(json.dumps(dict(tick=t))+chr(10) for t in {list(ticks)}))"
    )
    bound = 'bound = { files = ["s.jsonl"], pointer = "/tick", at_least = 100, at_most = 200 }'
    assert rules(hear(program, bound)) == wanted


@pytest.mark.parametrize(
    ("ticks", "wanted"),
    [(range(1, 101), []), ([1, 100], ["guardrails.count"]), ([*range(1, 101), 100], ["guardrails.count"])],
)
def test_a_smoke_run_goes_step_by_step(hear: Hear, ticks: list[int], wanted: list[str]) -> None:
    program = (
        f"import json\n(out / 's.jsonl').write_text(''.join(json.dumps(dict(tick=t))+chr(10) for t in {list(ticks)}))"
    )
    bound = 'bound = { files = ["s.jsonl"], pointer = "/tick", at_least = 100, at_most = 200, step = 1 }'
    assert rules(hear(program, bound)) == wanted


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("", "give says, junit or bound"),
        ("says = '('", "expected a regular expression"),
        ("says = 'done'\nlooks_at = ['*.py']", "belong together"),
        ("says = '(?P<files>[0-9]+) files'", "belong together"),
        ('junit = { file = "../j.xml" }', "below the target's root"),
        ('junit = { file = "j.xml", minimum = 0 }', "no test shows nothing"),
        ('bound = { files = ["s"], pointer = "/t", at_least = 3, at_most = 2 }', "1 <= at_least <= at_most"),
        ('bound = { files = ["s"], pointer = "/t", at_least = 1, at_most = 2, step = 0 }', "step must be 1 or more"),
    ],
)
def test_guardrails_that_prove_nothing_are_refused(hear: Hear, rule: str, sentence: str) -> None:
    with pytest.raises(ManifestError, match=sentence):
        hear("pass", rule)


def test_what_is_excused_stands_in_the_roll_with_its_reason(hear: Hear, tmp_path: Path) -> None:
    hear("print('yes')", "says = 'yes'")
    gates = {"guardrails": GUARDRAILS}
    excused = target_roll(load(tmp_path / "town" / "gates.toml", gates), gates).not_applicable
    assert excused == {f"guardrails.command[{name}]": "shown elsewhere" for name in ("smoke", "lint", "types", "tests")}


def test_none_of_the_four_is_left_out_in_silence() -> None:
    with pytest.raises(ValueError, match=r"check\.smoke is missing"):
        GuardrailsSection(check={})
    with pytest.raises(ValueError, match="expected smoke"):
        GuardrailsSection(check={}, not_applicable={"coverage": "none"})
