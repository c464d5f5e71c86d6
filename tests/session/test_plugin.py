"""The plugin from outside: a small system judged in a process of its own, as a user would."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.bench import ROOT

SYSTEM = """
import json, pathlib, sys
out, seed = pathlib.Path(sys.argv[1]), int(sys.argv[2])
out.mkdir(exist_ok=True)
(out / "report.json").write_text(json.dumps({"seed": seed, "score": seed * 3, "limit": 999}) + "\\n")
"""

SCHEMA = """{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
 "required": ["seed", "score"], "properties": {"score": {"type": "integer"}}}"""

MANIFEST = """
[target]
name = "tiny"

[court]
roll = ["config_drift", "determinism", "e2"]

[run]
command = ["{python}", "-B", "system.py", "{out}", "{seed}"]
inputs = ["system.py"]
seed = 7
outputs = ["report.json"]

[determinism]

[schemas.report]
files = ["report.json"]
schema = "schema.json"
at_most = { "/score" = "/limit" }

[[pins.values]]
file = "schema.json"
pointer = "/type"
equals = "object"
"""


@pytest.fixture
def tiny(pytester: pytest.Pytester) -> Path:
    """The folder of a system that passes every gate on its roll."""
    folder = pytester.path / "tiny"
    folder.mkdir()
    (folder / "system.py").write_text(SYSTEM)
    (folder / "schema.json").write_text(SCHEMA)
    (folder / "gates.toml").write_text(MANIFEST)
    pytester.makepyprojecttoml("[tool.pytest]\nstrict = true\nfilterwarnings = ['error']\n")
    return folder


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The inner process is another one: it finds the suite in a bare clone too."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "plugins"))


def judge(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    options = ("-p", "gatecourt.plugin", "--target=tiny/gates.toml")
    return pytester.runpytest_subprocess(*options, *arguments, timeout=120)


def report(pytester: pytest.Pytester) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((pytester.path / ".gatecourt" / "court_report.json").read_bytes())
    return document["judgement"]


def verdicts(pytester: pytest.Pytester) -> dict[str, str]:
    gates = report(pytester)["targets"][0]["gates"]
    return {gate["gate"]: gate["verdict"] for gate in gates}


def test_a_clean_system_is_go_and_leaves_its_evidence(pytester: pytest.Pytester, tiny: Path) -> None:
    before = sorted(path.name for path in tiny.rglob("*"))
    result = judge(pytester)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["GO: 3 of 3 gates judged, all PASS"])
    assert report(pytester)["scope"] == "full"
    assert (pytester.path / ".gatecourt/evidence/diffs/determinism_diff.txt").read_text() == ""
    assert sorted(path.name for path in tiny.rglob("*")) == before


def test_two_workers_give_the_same_judgement_bytes(pytester: pytest.Pytester, tiny: Path) -> None:
    judge(pytester)
    plain = {path.name: judgements(path) for path in (pytester.path / ".gatecourt/evidence/tiny").iterdir()}
    whole = report(pytester)
    assert judge(pytester, "-n", "2").ret == 0
    spread = {path.name: judgements(path) for path in (pytester.path / ".gatecourt/evidence/tiny").iterdir()}
    assert spread == plain
    assert report(pytester) == whole


def judgements(path: Path) -> list[str]:
    return [check["judgement_sha256"] for check in json.loads(path.read_bytes())["checks"]]


@pytest.mark.parametrize("selection", [("-m", "e2"), ("-k", "validates"), ("-qm", "e2")])
def test_a_typed_selection_is_partial(pytester: pytest.Pytester, tiny: Path, selection: tuple[str, str]) -> None:
    result = judge(pytester, *selection)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["PARTIAL: 1 of 3 gates judged, all PASS", "*tiny *e2 * of 3 checks"])
    assert report(pytester)["scope"] == "partial"
    assert verdicts(pytester) == {"config_drift": "NOT_RUN", "determinism": "NOT_RUN", "e2": "PASS"}


def test_a_selection_from_addopts_makes_the_session_incomplete(pytester: pytest.Pytester, tiny: Path) -> None:
    pytester.makepyprojecttoml("[tool.pytest]\naddopts = ['-m', 'e2']\n")
    result = judge(pytester)
    assert result.ret == 1
    assert report(pytester)["scope"] == "incomplete"
    result.stdout.fnmatch_lines(["STOP: NOT_RUN *-m e2 from addopts*"])


def test_a_selection_from_the_environment_makes_the_session_incomplete(
    pytester: pytest.Pytester, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "-k validates")
    assert judge(pytester).ret == 1
    assert report(pytester)["scope"] == "incomplete"


def test_deselecting_makes_the_session_incomplete(pytester: pytest.Pytester, tiny: Path) -> None:
    gates = ROOT / "gates"
    nodes = [line for line in judge(pytester, "--collect-only", "-q").outlines if "test_pins" in line]
    assert nodes, gates
    assert judge(pytester, f"--deselect={nodes[0]}").ret == 1
    assert verdicts(pytester)["config_drift"] == "NOT_RUN"


def test_stopping_at_the_first_failure_makes_the_session_incomplete(pytester: pytest.Pytester, tiny: Path) -> None:
    (tiny / "schema.json").write_text(SCHEMA.replace('"type": "object"', '"type": "array"'))
    result = judge(pytester, "-x")
    assert result.ret == 1
    assert report(pytester)["scope"] == "incomplete"


def test_every_kind_of_verdict_has_its_word(pytester: pytest.Pytester, tiny: Path) -> None:
    (tiny / "schema.json").write_text(SCHEMA.replace('"integer"', '"string"'))
    manifest = (tiny / "gates.toml").read_text().replace('files = ["report.json"]', 'files = ["other.json"]')
    (tiny / "other.toml").write_text(manifest.replace('name = "tiny"', 'name = "other"'))
    result = judge(pytester, "--target=tiny/other.toml", "-m", "e2")
    assert result.ret == 1
    assert "1 failed" in result.stdout.str()
    assert "2 hold" in result.stdout.str()
    result.stdout.fnmatch_lines(
        [
            "STOP: FAIL tiny e2.validates?report?: expected type string, observed 21",
            "PARTIAL: 2 of 6 gates judged",
            "  HOLD     other              e2               1 of 3 checks",
            "  FAIL     tiny               e2               2 of 3 checks",
            "*where     report.json#/score",
            "*expected  type string",
            "*observed  21",
            "*next *",
        ]
    )


def test_the_summary_fits_eighty_columns(pytester: pytest.Pytester, tiny: Path) -> None:
    (tiny / "schema.json").write_text(SCHEMA.replace('"integer"', '"string"'))
    lines = judge(pytester).outlines
    start = next(index for index, line in enumerate(lines) if line.startswith("=") and " court " in line)
    assert all(len(line) <= 80 for line in lines[start:])


def test_an_engine_that_fails_is_reported_with_the_end_of_its_stderr(pytester: pytest.Pytester, tiny: Path) -> None:
    (tiny / "system.py").write_text("raise SystemExit('no market today')")
    assert judge(pytester).ret == 1
    assert verdicts(pytester) == {"config_drift": "PASS", "determinism": "FAIL", "e2": "FAIL"}
    evidence = (pytester.path / ".gatecourt/evidence/tiny/e2.json").read_text()
    assert "no market today" in evidence
    assert str(pytester.path) not in evidence


def test_what_a_run_leaves_behind_is_a_finding_of_each_check_that_used_it(
    pytester: pytest.Pytester, tiny: Path
) -> None:
    (tiny / "system.py").write_text(SYSTEM + "import subprocess\nsubprocess.Popen(['sleep', '60'])\n")
    assert judge(pytester).ret == 1
    assert verdicts(pytester) == {"config_drift": "PASS", "determinism": "FAIL", "e2": "FAIL"}
    gates = report(pytester)["targets"][0]["gates"]
    codes = {check["check"]: check["reason_code"] for gate in gates for check in gate["checks"]}
    assert codes["e2.validates[report]"] == codes["determinism.double_run"] == "run.process_left"
    assert codes["config_drift.pins"] is None


def test_a_target_without_a_run_is_judged_as_found(pytester: pytest.Pytester, tiny: Path) -> None:
    (tiny / "report.json").write_text('{"seed": 1, "score": 3, "limit": 999}')
    head, tail = MANIFEST.split("[run]")[0], "[determinism]" + MANIFEST.split("[determinism]")[1]
    manifest = head.replace('name = "tiny"', 'name = "tiny"\nartefacts = ["report.json"]') + tail
    (tiny / "gates.toml").write_text(manifest)
    assert judge(pytester).ret == 1
    assert verdicts(pytester) == {"config_drift": "PASS", "determinism": "HOLD", "e2": "PASS"}


def test_a_broken_instrument_is_an_error_and_no_verdict_on_the_system(pytester: pytest.Pytester, tiny: Path) -> None:
    pytester.makeconftest(
        "from gatecourt.rules.config_drift import pins\n"
        "def broken(*_): raise RuntimeError('glass')\npins.judge_pins = broken\n"
    )
    assert judge(pytester).ret == 1
    assert verdicts(pytester)["config_drift"] == "ERROR"
    assert "RuntimeError: glass" in (pytester.path / ".gatecourt/evidence/tiny/config_drift.json").read_text()


GATE = """
import dataclasses, pathlib, pytest
from gatecourt import GateSpec, Reason, Verdict

@dataclasses.dataclass(frozen=True)
class Latency:
    files: tuple[str, ...]

def pytest_gatecourt_gates():
    return [GateSpec("latency", "answers in time", pathlib.Path(__file__).with_name("test_latency.py"), Latency,
                     {"latency": Latency}, ("latency",), (Reason("latency.slow", Verdict.FAIL, "Profile it."),))]
"""

CHECKS = """
import os, pytest
pytestmark = pytest.mark.latency

def test_answers(target, findings):
    run = target.artefacts()
    findings.subjects(run.files.values())
    {body}
"""


def third_party(pytester: pytest.Pytester, tiny: Path, body: str) -> None:
    pytester.makeconftest(GATE)
    pytester.makepyfile(test_latency=CHECKS.format(body=body))
    manifest = (tiny / "gates.toml").read_text().replace('"e2"]', '"e2", "latency"]')
    (tiny / "gates.toml").write_text(manifest + '\n[latency]\nfiles = ["report.json"]\n')


def test_a_gate_of_a_third_party_comes_in_through_the_hook(pytester: pytest.Pytester, tiny: Path) -> None:
    third_party(pytester, tiny, "findings.add('report.json', expected='1', observed='2', rule='latency.slow')")
    assert judge(pytester).ret == 1
    assert verdicts(pytester) == {"config_drift": "PASS", "determinism": "PASS", "e2": "PASS", "latency": "FAIL"}


def test_the_report_names_the_module_of_a_gate_that_is_not_ours(pytester: pytest.Pytester, tiny: Path) -> None:
    third_party(pytester, tiny, "pass")
    judge(pytester)
    document = json.loads((pytester.path / ".gatecourt/court_report.json").read_bytes())
    digest = hashlib.sha256((pytester.path / "test_latency.py").read_bytes()).hexdigest()
    assert document["observations"]["foreignGates"] == {
        "latency": {"module": "test_latency.py", "digest": {"sha256": digest}}
    }


def test_a_gate_in_the_targets_own_folder_is_refused(pytester: pytest.Pytester, tiny: Path) -> None:
    third_party(pytester, tiny, "pass")
    for name in ("conftest.py", "test_latency.py"):
        (pytester.path / name).rename(tiny / name)
    result = judge(pytester, "--confcutdir=.", "-p", "tiny.conftest")
    assert result.ret == 4
    assert "gate 'latency' lies in the target's own folder (test_latency.py)" in result.stderr.str()


def test_removing_a_gates_module_is_not_run(pytester: pytest.Pytester, tiny: Path) -> None:
    third_party(pytester, tiny, "pass")
    assert judge(pytester).ret == 0
    (pytester.path / "test_latency.py").unlink()
    result = judge(pytester)
    assert result.ret != 0
    assert verdicts(pytester)["latency"] == "NOT_RUN"


def test_a_gate_that_cannot_be_collected_is_named(pytester: pytest.Pytester, tiny: Path) -> None:
    third_party(pytester, tiny, "pass")
    (pytester.path / "test_latency.py").write_text("import nothing_of_that_name")
    result = judge(pytester)
    assert result.ret != 0
    assert "test_latency.py cannot be collected" in result.stdout.str()
    assert verdicts(pytester)["latency"] == "NOT_RUN"


def test_a_cause_shared_by_many_checks_is_printed_once(pytester: pytest.Pytester, tiny: Path) -> None:
    (tiny / "system.py").write_text("raise SystemExit('no market today')")
    text = judge(pytester).stdout.str()
    assert text.count("observed  no market today (python ended with exit code 1)") == 1
    assert "  also      in 3 other checks:" in text


def test_the_line_behind_a_finding_is_quoted(pytester: pytest.Pytester, tiny: Path) -> None:
    (tiny / "system.py").write_text(SYSTEM.replace('json.dumps({"seed"', '"{ not json" + json.dumps({"seed"'))
    result = judge(pytester, "-m", "e2")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*where     report.json:1", "*line      { not json*"])


def test_a_skip_in_a_gate_is_a_hold(pytester: pytest.Pytester, tiny: Path) -> None:
    third_party(pytester, tiny, "pytest.skip('not today')")
    assert judge(pytester).ret == 1
    assert verdicts(pytester)["latency"] == "HOLD"
    checks = report(pytester)["targets"][0]["gates"][3]["checks"]
    assert [check["reason_code"] for check in checks] == ["instrument.skipped"]


def test_a_package_that_is_missing_is_an_error_with_its_extra(pytester: pytest.Pytester, tiny: Path) -> None:
    third_party(pytester, tiny, "raise ModuleNotFoundError('', name='sqlalchemy')")
    result = judge(pytester)
    assert result.ret == 1
    assert verdicts(pytester)["latency"] == "ERROR"
    checks = report(pytester)["targets"][0]["gates"][3]["checks"]
    assert [check["reason_code"] for check in checks] == ["instrument.extra_missing"]
    result.stdout.fnmatch_lines(["*where     gatecourt[[]databases[]]*"])


def test_a_worker_that_dies_is_an_error(pytester: pytest.Pytester, tiny: Path) -> None:
    third_party(pytester, tiny, "os._exit(0)")
    result = judge(pytester, "-n", "2")
    assert result.ret == 1
    assert verdicts(pytester)["latency"] == "ERROR"
    checks = report(pytester)["targets"][0]["gates"][3]["checks"]
    assert [check["reason_code"] for check in checks] == ["court.worker_died"]


def test_a_process_that_dies_leaves_no_old_pass_behind(pytester: pytest.Pytester, tiny: Path) -> None:
    third_party(pytester, tiny, "pass")
    assert judge(pytester).ret == 0
    pytester.makepyfile(test_latency=CHECKS.format(body="os._exit(0)"))
    judge(pytester)
    assert set(verdicts(pytester).values()) == {"NOT_RUN"}


def test_a_foreign_report_is_never_replaced(pytester: pytest.Pytester, tiny: Path) -> None:
    theirs = pytester.path / ".gatecourt" / "court_report.json"
    theirs.parent.mkdir()
    theirs.write_text("{}")
    result = judge(pytester)
    assert result.ret == 4
    assert theirs.read_text() == "{}"
    assert "--reports=DIR" in result.stderr.str()


def test_without_a_target_the_plugin_does_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_own(): pass")
    result = pytester.runpytest_subprocess("-p", "gatecourt.plugin", timeout=120)
    result.assert_outcomes(passed=1)
    assert " court " not in result.stdout.str()
    assert not (pytester.path / ".gatecourt").exists()


def test_targets_in_the_configuration_join_the_projects_own_tests(pytester: pytest.Pytester, tiny: Path) -> None:
    pytester.makepyprojecttoml("[tool.pytest]\ngatecourt_targets = ['tiny/gates.toml']\n")
    pytester.makepyfile("def test_own(): pass")
    result = pytester.runpytest_subprocess("-p", "gatecourt.plugin", timeout=120)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["GO: 3 of 3 gates judged, all PASS", "*passed*"])
    own = pytester.runpytest_subprocess(
        "-p", "gatecourt.plugin", "test_targets_in_the_configuration_join_the_projects_own_tests.py", timeout=120
    )
    own.assert_outcomes(passed=1)
    assert " court " not in own.stdout.str()


def test_an_invalid_manifest_gives_every_problem_and_replaces_the_old_report(
    pytester: pytest.Pytester, tiny: Path
) -> None:
    assert judge(pytester).ret == 0
    (tiny / "gates.toml").write_text(
        MANIFEST.replace("[determinism]", "[determinsm]").replace("seed = 7", 'seed = "7"')
    )
    result = judge(pytester)
    assert result.ret == 4
    text = result.stderr.str()
    assert 'did you mean "determinism"?' in text
    assert "run.seed: expected an integer" in text
    assert "Traceback" not in text
    assert report(pytester)["verdict"] == "ERROR"
    assert report(pytester)["go"] is False


def test_a_missing_manifest_is_one_clear_line(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess("-p", "gatecourt.plugin", "--target=nowhere/gates.toml", timeout=120)
    assert result.ret == 4
    assert "nowhere/gates.toml" in result.stderr.str()
    assert "Traceback" not in result.stderr.str()


def test_collecting_alone_touches_no_report_and_runs_no_system(pytester: pytest.Pytester, tiny: Path) -> None:
    (tiny / "system.py").write_text("raise SystemExit('never')")
    assert judge(pytester, "--collect-only").ret == 0
    assert not (pytester.path / ".gatecourt").exists()


def test_a_long_run_is_named_while_it_runs(pytester: pytest.Pytester, tiny: Path) -> None:
    (tiny / "system.py").write_text("import time\ntime.sleep(2.5)\n" + SYSTEM)
    result = judge(pytester, "-m", "e2", "--progress-every=0.5")
    assert result.ret == 0
    assert "[gatecourt] tiny: run 1: running for" in result.stderr.str()


FAULTS = """
[[fault]]
id = "score_as_text"
gate = "e2"
check = "validates[report]"
rule = "e2.schema_violation"
runbook = "T02"
why = "A number written as text."
on = "artefact"
[[fault.edit]]
file = "report.json"
kind = "set_value"
pointer = "/score"
value = "21"

[[fault]]
id = "clock_in_report"
gate = "determinism"
check = "double_run"
rule = "determinism.divergence"
runbook = "T04"
why = "The time of day in a report."
on = "source"
[[fault.edit]]
file = "system.py"
kind = "replace_text"
find = "seed * 3"
replace = "__import__('time').time_ns()"
"""


def test_prove_convicts_each_fault_by_the_gate_it_names(pytester: pytest.Pytester, tiny: Path) -> None:
    (tiny / "faults").mkdir()
    (tiny / "faults" / "all.toml").write_text(FAULTS)
    for workers in ((), ("-n", "2")):
        result = judge(pytester, "--prove", *workers)
        assert result.ret == 0, result.stdout.str()
        result.stdout.fnmatch_lines(["2 of 2 faults convicted by the gate they name"])
    outcomes = json.loads((pytester.path / ".gatecourt/proof/convictions.json").read_bytes())["outcomes"]
    assert [(o.get("fault"), o.get("convicted", o.get("acquitted"))) for o in outcomes] == [
        (None, True), ("clock_in_report", True), ("score_as_text", True),
    ]  # fmt: skip


def test_a_fault_without_a_check_is_judged_by_all_checks_of_its_gate(pytester: pytest.Pytester, tiny: Path) -> None:
    (tiny / "faults").mkdir()
    (tiny / "faults" / "all.toml").write_text(FAULTS.replace('check = "validates[report]"\n', ""))
    result = judge(pytester, "--prove=score_as_text")
    assert result.ret == 0, result.stdout.str()
    result.stdout.fnmatch_lines(["*convicted  tiny@score_as_text: e2.validates?report? FAIL e2.schema_violation*"])
    selected = json.loads((pytester.path / ".gatecourt/proof/convictions.json").read_bytes())["outcomes"]
    assert [outcome["check"] for outcome in selected if "fault" in outcome] == [None]


def test_prove_of_some_gates_counts_what_was_not_selected(pytester: pytest.Pytester, tiny: Path) -> None:
    (tiny / "faults").mkdir()
    (tiny / "faults" / "all.toml").write_text(FAULTS)
    result = judge(pytester, "--prove", "-m", "e2")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["1 of 1 faults convicted by the gate they name, 1 not selected"])


def test_prove_stops_where_a_fault_is_acquitted(pytester: pytest.Pytester, tiny: Path) -> None:
    (tiny / "faults").mkdir()
    harmless = FAULTS.replace('value = "21"', "value = 22")
    (tiny / "faults" / "all.toml").write_text(harmless)
    result = judge(pytester, "--prove=score_as_text")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*NOT CONVICTED  tiny@score_as_text: acquitted*", "0 of 1 faults convicted*"])


def test_prove_acquits_a_harmless_change(pytester: pytest.Pytester, tiny: Path) -> None:
    (tiny / "faults").mkdir()
    harmless = FAULTS.replace('value = "21"', "value = 22").replace('rule = "e2.schema_violation"', 'verdict = "PASS"')
    (tiny / "faults" / "all.toml").write_text(harmless)
    result = judge(pytester, "--prove")
    assert result.ret == 0, result.stdout.str()
    result.stdout.fnmatch_lines(["1 of 1 harmless changes acquitted", "1 of 1 faults convicted*"])
    guilty = FAULTS.replace('rule = "e2.schema_violation"', 'verdict = "PASS"')
    (tiny / "faults" / "all.toml").write_text(guilty)
    result = judge(pytester, "--prove=score_as_text")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*NOT ACQUITTED  tiny@score_as_text*", "0 of 1 harmless changes acquitted"])


def test_prove_stops_at_a_fault_that_does_not_apply(pytester: pytest.Pytester, tiny: Path) -> None:
    (tiny / "faults").mkdir()
    (tiny / "faults" / "all.toml").write_text(FAULTS.replace("seed * 3", "seed * 4"))
    result = judge(pytester, "--prove=clock_in_report")
    assert result.ret == 1
    assert "proof.fault_not_applied" in result.stdout.str()


@pytest.mark.parametrize(
    "arguments",
    [
        ("-o", "python_functions=test_pins test_seed test_schemas"),
        ("-p", "no:gatecourt-court"),
        ("-p", "no:gatecourt-checks"),
    ],
)
def test_what_narrows_a_session_from_the_side_is_never_go(
    pytester: pytest.Pytester, tiny: Path, arguments: tuple[str, str]
) -> None:
    assert judge(pytester).ret == 0
    result = judge(pytester, *arguments)
    assert result.ret != 0
    assert "GO: " not in result.stdout.str()


@pytest.mark.parametrize("options", ["--collect-only", "--co -q", "-p no:gatecourt-court"])
def test_what_narrows_a_session_from_the_environment_never_exits_0(
    pytester: pytest.Pytester, tiny: Path, monkeypatch: pytest.MonkeyPatch, options: str
) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", options)
    assert judge(pytester).ret == 4


def test_node_ids_of_every_gate_are_partial(pytester: pytest.Pytester, tiny: Path) -> None:
    gates = ROOT / "gates"
    some = ["test_e2.py::test_schemas_valid", "test_config_drift.py", "test_determinism.py::test_seed"]
    assert judge(pytester, "--reports=.gatecourt", *(str(gates / node) for node in some)).ret == 0
    assert report(pytester)["scope"] == "partial"


def test_a_target_beside_paths_without_gates_is_refused(pytester: pytest.Pytester, tiny: Path) -> None:
    pytester.makepyfile(test_own="def test_own(): pass")
    result = judge(pytester, "test_own.py")
    assert result.ret == 4
    assert "--target" in result.stderr.str()


def test_a_secret_never_enters_the_reports(
    pytester: pytest.Pytester, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINY_TOKEN", 'hush "hush" 4711')
    leaking = SYSTEM.replace('"score": seed * 3', '"score": __import__("os").environ["TOKEN"]')
    (tiny / "system.py").write_text(leaking)
    manifest = MANIFEST.replace("[determinism]", 'env = { TOKEN = "env:TINY_TOKEN" }\n\n[determinism]')
    (tiny / "gates.toml").write_text(manifest)
    result = judge(pytester, "--junitxml=plain.xml")
    assert result.ret == 1
    written = [path.read_text() for path in (pytester.path / ".gatecourt").rglob("*") if path.is_file()]
    for text in (*written, result.stdout.str(), (pytester.path / "plain.xml").read_text()):
        assert "hush" not in text
    assert any("{env:TINY_TOKEN}" in text for text in written)


def test_a_judged_system_cannot_write_on_the_terminal(pytester: pytest.Pytester, tiny: Path) -> None:
    (tiny / "system.py").write_text(r"raise SystemExit('\x1b[2J\x1b[1;1HGO: all PASS')")
    result = judge(pytester)
    assert result.ret == 1
    assert "\x1b" not in result.stdout.str()


def test_the_courts_own_report_is_no_artefact(pytester: pytest.Pytester, tiny: Path) -> None:
    manifest = MANIFEST.split("[run]")[0].replace('name = "tiny"', 'name = "tiny"\nartefacts = ["**/*.json"]')
    rest = "[determinism]" + MANIFEST.split("[determinism]")[1].replace('"report.json"', '"**/report.json"')
    (tiny / "gates.toml").write_text(manifest + rest)
    (tiny / "report.json").write_text('{"seed": 1, "score": 3, "limit": 999}')
    for _ in range(2):
        judge(pytester, f"--reports={tiny / 'out'}", "-m", "e2")
    subjects = json.loads((tiny / "out/evidence/tiny/e2.json").read_bytes())["checks"][-1]["judgement"]["subjects"]
    assert not [subject["name"] for subject in subjects if subject["name"].startswith("out/")]


def test_a_pipe_in_the_place_of_a_file_is_refused_at_once(pytester: pytest.Pytester, tiny: Path) -> None:
    (tiny / "schema.json").unlink()
    os.mkfifo(tiny / "schema.json")
    assert judge(pytester, "-m", "e2 or config_drift").ret == 1
    assert verdicts(pytester) == {"config_drift": "FAIL", "determinism": "NOT_RUN", "e2": "FAIL"}


COMMANDS = """
[determinism]
commands = ["counted", "silent", "timed"]

[commands.counted]
command = ["{python}", "-B", "-c", "print(7)"]
stdout = "said.txt"

[commands.silent]
command = ["{python}", "-B", "-c", "import time; print(time.time())"]

[commands.timed]
command = ["{python}", "-B", "-c", "import time; print(time.time())"]
stdout = "said.txt"
"""


def test_a_further_command_is_run_twice_and_must_write_something(pytester: pytest.Pytester, tiny: Path) -> None:
    (tiny / "gates.toml").write_text(MANIFEST.replace("[determinism]\n", COMMANDS))
    result = judge(pytester, "-m", "determinism")
    result.stdout.fnmatch_lines(["HOLD tiny determinism.command?silent? ?determinism.command_writes_nothing?"])
    result.stdout.fnmatch_lines(["FAIL tiny determinism.command?timed? ?determinism.divergence?"])
    result.stdout.no_fnmatch_line("*determinism.command?counted?*")
