from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gatecourt.core.errors import Judged
from gatecourt.core.model import Run
from gatecourt.mechanisms.entropy.reading import read_trap
from gatecourt.system.drivers import perturbation
from gatecourt.system.drivers.perturbation import DEFAULT_PERTURBATIONS, PERTURBATIONS, another_day, pinned
from gatecourt.system.drivers.runner import Runner, RunRequest
from gatecourt.system.drivers.section import RunSection
from tests.bench import PLUGINS, environment, started

WRITE = "import sys; open(sys.argv[1] + '/a.json', 'w').write(sys.argv[2])"
TELL = """
import json, os, sys, time
names = ["PYTHONHASHSEED", "TZ", "TMPDIR", "HOME", "LC_ALL"]
told = {name: os.environ.get(name) for name in names}
told |= {"cwd": os.getcwd(), "umask": oct(os.umask(0)), "second": int(time.time()), "day": time.localtime().tm_yday}
told |= {"cpus": len(os.sched_getaffinity(0)), "all": sorted(os.environ), "argv": sys.argv[1:]}
json.dump(told, open("out/told.json", "w"))
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    base = tmp_path / "root"
    (base / "spec").mkdir(parents=True)
    (base / "spec" / "limits.json").write_text('{"max": 1}')
    return base


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path / "store")


def request(root: Path, code: str = WRITE, *arguments: str, **keys: object) -> RunRequest:
    own = {name: keys.pop(name) for name in ("ordinal", "perturb", "extra_env", "trap") if name in keys}
    words = arguments or ("{out}", "7")
    section = RunSection(**{"command": ("{python}", "-c", code.replace("{", "{{").replace("}", "}}"), *words), **keys})  # type: ignore[arg-type]
    return RunRequest(root, section, **own)  # type: ignore[arg-type]


def failure(runner: Runner, wanted: RunRequest) -> tuple[str, str, str]:
    with pytest.raises(Judged) as caught:
        runner.run(wanted)
    found = caught.value.finding
    return found.rule, found.where, found.observed


def told(run: Run) -> dict[str, object]:
    return json.loads(run.path("told.json").read_text())  # type: ignore[no-any-return]


def test_a_run_gives_its_files_their_digests_and_nothing_else(runner: Runner, root: Path) -> None:
    run = runner.run(request(root, inputs=("spec/*.json",), outputs=("*.json",)))
    assert sorted(run.files) == ["a.json"]
    assert run.path("a.json").read_text() == "7"
    assert run.files["a.json"].sha256 == "7902699be42c8a8e46fbbb4501726517e86b22c56a189f7625a6da49081b2451"
    assert (run.exit_code, run.notes, run.stderr_tail) == (0, (), "")
    assert sorted(path.name for path in root.rglob("*")) == ["limits.json", "spec"]


def test_templates_environment_and_working_directory(
    runner: Runner, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTER", "leaks")
    monkeypatch.setenv("TOKEN", "s3cret-value")
    code = (
        "import os,sys; print(os.environ['MINE'], os.environ['KEY'], os.getcwd(), *sys.argv[1:], 'OUTER' in os.environ)"
    )
    code += "; open(os.environ['OUT'] + '/f', 'w')"
    run = runner.run(
        request(
            root,
            code,
            "{seed}",
            "{root}/x",
            "{dataset}",
            "{run_id}",
            "{{x}}",
            seed=5,
            cwd="sub/dir",
            env={"MINE": "{seed}-{out}", "KEY": "env:TOKEN", "OUT": "{out}"},
            values={"dataset": "{work}/d"},
        )
    )
    assert run.stdout_tail == "5-{out} {env:TOKEN} {work}/sub/dir 5 {root}/x {work}/d run {x} False\n"
    store = root.parent / "store"
    assert not any(b"s3cret" in path.read_bytes() for path in store.rglob("*") if path.is_file())


def test_the_work_folder_as_output_folder(runner: Runner, root: Path) -> None:
    code = "import os; os.mkdir('reports'); open('reports/r.json', 'w').write('1')"
    run = runner.run(request(root, code, inputs=("spec/*",), out="."))
    assert (sorted(run.files), run.notes) == (["reports/r.json"], ())


def test_steps_run_in_order_in_one_folder_and_stop_at_the_first_failure(runner: Runner, root: Path) -> None:
    steps = tuple(("{python}", "-c", f"open('out/log', 'a').write('{n}')") for n in range(3))
    run = runner.run(RunRequest(root, RunSection(steps=steps)))
    assert run.path("log").read_text() == "012"
    broken = (*steps[:1], ("{python}", "-c", "raise SystemExit('no data in ' + __import__('os').getcwd())"), *steps[1:])
    wanted = RunRequest(root, RunSection(steps=broken))
    observed = "no data in {work} (python ended with exit code 1)"
    assert failure(runner, wanted) == ("run.exit_code", "run.steps[1]", observed)


def test_a_failure_shows_the_command_line_ready_to_paste(
    runner: Runner, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "s3cret")
    words = ("{python}", "-c", "raise SystemExit('no market')", "{out}", "{root}/a b", "{seed}", "s3cret")
    env = {"KEY": "env:TOKEN", "MODE": "a {seed}"}
    with pytest.raises(Judged) as caught:
        runner.run(RunRequest(root, RunSection(command=words, seed=5, cwd="sub", env=env)))
    finding = caught.value.finding
    line = """python -c 'raise SystemExit('"'"'no market'"'"')' ../out '../a b' 5 {env:TOKEN}"""
    assert finding.expected == f"exit code 0 of: cd sub && KEY=\"$TOKEN\" MODE='a 5' {line}"
    assert finding.observed == "no market (python ended with exit code 1)"


def test_a_missing_command(runner: Runner, root: Path) -> None:
    wanted = RunRequest(root, RunSection(command=("no-such-engine", "x")))
    assert failure(runner, wanted) == ("run.command_not_found", "run.command", "No such file or directory")


def test_ends_that_are_not_good(runner: Runner, root: Path) -> None:
    observed = "python was ended by SIGSEGV; it printed nothing"
    assert failure(runner, request(root, "import os; os.kill(os.getpid(), 11)")) == (
        "run.signal",
        "run.command",
        observed,
    )
    hang = request(root, "import time; print('here', flush=True); time.sleep(60)", deadline=Decimal("0.8"))
    observed = "here (python was still running and was ended)"
    assert failure(runner, hang) == ("run.deadline", "run.command", observed)
    assert failure(runner, request(root, "pass")) == ("run.no_output", "run.out", "none")
    lacking = request(root, outputs=("a.json", "b*.json"))
    assert failure(runner, lacking) == ("run.output_missing", "run.outputs[1]", "the run wrote a.json")


def test_a_run_that_deletes_its_folders_has_no_output(runner: Runner, root: Path) -> None:
    assert failure(runner, request(root, "import shutil, os; shutil.rmtree(os.getcwd())"))[0] == "run.no_output"


def test_a_declared_exit_code_is_a_good_end(runner: Runner, root: Path) -> None:
    assert runner.run(request(root, WRITE + "; sys.exit(4)", exit_code=4)).exit_code == 4


def test_what_the_target_does_to_its_own_tree_is_told(runner: Runner, root: Path) -> None:
    (root / "spec" / "b.json").write_text("b")
    code = (
        "import os,sys; r=sys.argv[1]; open(r+'/spec/limits.json','a').write(' '); os.unlink(r+'/spec/b.json')"
        "; open(r+'/spec/new','w'); open('spec/limits.json','a').write(' '); open('out/a','w')"
    )
    run = runner.run(request(root, code, "{root}", inputs=("spec/*.json",)))
    assert [(note.where, note.rule, note.observed) for note in run.notes] == [
        ("spec/b.json", "run.inputs_changed", "deleted"),
        ("spec/limits.json", "run.inputs_changed", "other content"),
        ("spec/new", "run.root_written", "a new file"),
        ("spec/limits.json", "run.input_copy_changed", "other content"),
    ]


def test_stale_copies_links_and_daemons_are_told(runner: Runner, root: Path) -> None:
    (root / "old.json").write_text("1")
    os.utime(root / "old.json", (1000, 1000))
    code = (
        "import os,shutil,sys,time; shutil.copy2(sys.argv[1]+'/old.json','out/old.json'); open('out/a','w')"
        "; os.symlink('a','out/link')\nif os.fork() == 0: os.setsid(); time.sleep(60)"
    )
    run = runner.run(request(root, code, "{root}"))
    assert sorted(run.files) == ["a"]
    rules = [(note.where, note.rule) for note in run.notes]
    assert rules == [
        ("link", "run.output_refused"),
        ("old.json", "run.output_older"),
        ("run", "run.process_left"),
    ]


COUNT = "import sys,time; open(sys.argv[1] + '/count', 'a').write('x'); time.sleep(0.3); open('out/a', 'w')"


def test_equal_requests_share_one_run_and_others_do_not(runner: Runner, root: Path, tmp_path: Path) -> None:
    def again(**keys: object) -> int:
        runner.run(request(root, COUNT, str(tmp_path), inputs=("spec/*",), **keys))
        return len((tmp_path / "count").read_text())

    assert [again(), again()] == [1, 1]
    assert [again(ordinal=1), again(ordinal=1)] == [2, 2]
    assert [again(seed=1), again(seed=2), again(perturb=("hash_seed",)), again(extra_env={"A": "1"})] == [3, 4, 5, 6]


def test_an_input_that_changes_within_a_session_is_told_to_everyone_who_asks(runner: Runner, root: Path) -> None:
    wanted = request(root, "open('out/a', 'w')", inputs=("spec/*",))
    runner.run(wanted)
    (root / "spec" / "limits.json").write_text('{"max": 2}')
    for ordinal in (0, 1):
        rule, where, _ = failure(runner, dataclasses.replace(wanted, ordinal=ordinal))
        assert (rule, where) == ("run.inputs_changed", "spec/limits.json")


def test_a_changed_program_below_the_root_is_run_again(runner: Runner, root: Path) -> None:
    (root / "engine.py").write_text("open('out/a', 'w').write('1')")
    wanted = RunRequest(root, RunSection(command=("{python}", "{root}/engine.py")))
    assert runner.run(wanted).path("a").read_text() == "1"
    (root / "engine.py").write_text("open('out/a', 'w').write('2')")
    assert runner.run(wanted).path("a").read_text() == "2"


def test_a_failed_run_is_remembered(runner: Runner, root: Path, tmp_path: Path) -> None:
    wanted = request(root, COUNT + "; sys.exit(1)", str(tmp_path))
    assert failure(runner, wanted) == failure(Runner(tmp_path / "store"), wanted)
    assert (tmp_path / "count").read_text() == "x"


def test_two_processes_run_the_command_once(root: Path, tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from gatecourt.system.drivers.runner import Runner, RunRequest
from gatecourt.system.drivers.section import RunSection
section = RunSection(command=("{{python}}", "-c", {COUNT!r}, {str(tmp_path)!r}))
run = Runner(Path({str(tmp_path / "store")!r})).run(RunRequest(Path({str(root)!r}), section))
print(run.files["a"])
"""
    with ExitStack() as stack:
        keys: Any = {"stdout": subprocess.PIPE, "env": environment(PLUGINS)}
        both = [stack.enter_context(started([sys.executable, "-c", code], **keys)) for _ in range(2)]
        answers = [process.communicate(timeout=30)[0] for process in both]
    assert answers[0] == answers[1] != b""
    assert (tmp_path / "count").read_text() == "x"


def test_a_run_that_was_cut_off_is_made_again(runner: Runner, root: Path, tmp_path: Path) -> None:
    wanted = request(root, COUNT, str(tmp_path))
    run = runner.run(wanted)
    (run.root.parents[1] / "record.json").write_text('{"format": 1, "ou')
    assert sorted(runner.run(wanted).files) == ["a"]
    assert (tmp_path / "count").read_text() == "xx"


def test_an_output_that_a_check_has_touched_is_told(runner: Runner, root: Path) -> None:
    run = runner.run(request(root))
    os.utime(run.path("a.json"), (1, 1))
    assert runner.run(request(root)).files == run.files
    run.path("a.json").write_text("8")
    assert failure(runner, request(root))[:2] == ("run.output_touched", "a.json")


def test_plain_runs_have_equal_surroundings_and_little_else(
    runner: Runner, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    first, second = (told(runner.run(request(root, TELL, "{out}", "{tmp}", ordinal=n))) for n in (0, 1))
    del first["second"], second["second"]
    assert first == second
    assert (first["TZ"], first["PYTHONHASHSEED"], first["umask"]) == ("UTC", "0", "0o22")
    allowed = {*perturbation.HANDED_ON, "PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE", "LC_CTYPE"}
    allowed |= {"TZ", "LANG", "LC_ALL", "HOME", "TMPDIR", "TEMP", "TMP"}
    assert set(first["all"]) <= allowed  # type: ignore[call-overload]


@pytest.mark.parametrize("name", sorted(PERTURBATIONS))
def test_each_perturbation_changes_its_own_thing_and_no_other(runner: Runner, root: Path, name: str) -> None:
    plain = told(runner.run(request(root, TELL, "x")))
    changed = told(runner.run(request(root, TELL, "x", ordinal=1, perturb=(name,))))
    keys = {
        "hash_seed": {"PYTHONHASHSEED"},
        "time_zone": {"TZ", "day"},
        "cwd": {"cwd"},
        "temp": {"TMPDIR"},
        "start_time": {"second"},
        "locale": {"LC_ALL"},
        "home": {"HOME"},
        "umask": {"umask"},
        "cpu_count": {"cpus"} if len(os.sched_getaffinity(0)) > 1 else set(),
    }[name]
    free = {"second"} - keys
    assert {key for key in plain if plain[key] != changed[key]} - free == keys


def test_a_perturbation_without_effect_is_told(runner: Runner, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(perturbation, "_processors", lambda: frozenset({0}))
    [note] = runner.run(request(root, perturb=("cpu_count",))).notes
    assert note.rule == "run.perturbation_void"


def test_the_manifest_stands_above_perturbations_and_the_request_above_both(runner: Runner, root: Path) -> None:
    wanted = request(root, TELL, "x", env={"TZ": "CET", "HOME": "/h"}, perturb=("time_zone",), extra_env={"HOME": "/x"})
    found = told(runner.run(wanted))
    assert (found["TZ"], found["HOME"]) == ("CET", "/x")
    assert pinned(wanted.section, DEFAULT_PERTURBATIONS) == ["time_zone"]


def test_bad_requests(runner: Runner, root: Path) -> None:
    rule, _, observed = failure(runner, request(root, perturb=("hash_sed",)))
    assert rule == "run.perturbation_unknown"
    assert observed == "'hash_sed' is no perturbation; did you mean \"hash_seed\"?"
    assert failure(runner, request(root, env={"A": "env:NOT_SET_ANYWHERE"}))[:2] == ("run.env_missing", "run.env.A")
    assert failure(runner, request(root, env={"A": "{seed}"}))[:2] == ("run.template", "run.env.A")
    (root / "out").write_text("in the way")
    assert failure(runner, request(root, inputs=("out",)))[:2] == ("run.input_refused", "run.out")
    assert failure(runner, request(root, WRITE, "{nope}"))[:2] == ("run.template", "run.command[3]")
    assert failure(runner, request(root, inputs=("none/*",)))[:2] == ("run.input_missing", "none/*")


@pytest.mark.parametrize("hour", range(24))
def test_another_day_is_another_day(hour: int) -> None:
    shift = {"GMT-14": 14, "GMT+12": -12}[another_day(hour).removeprefix("Etc/")]
    assert not 0 <= hour + shift < 24


def test_a_run_costs_little_beside_its_command(runner: Runner, root: Path) -> None:
    began = time.perf_counter()
    run = runner.run(request(root))
    assert time.perf_counter() - began < run.seconds + 1


def test_a_requested_seed_stands_above_the_declared_one(runner: Runner, root: Path) -> None:
    section = RunSection(command=("{python}", "-c", WRITE, "{out}", "{seed}"), seed=3)
    assert runner.run(RunRequest(root, section)).path("a.json").read_text() == "3"
    assert runner.run(RunRequest(root, section, seed=4)).path("a.json").read_text() == "4"
    assert runner.run(RunRequest(root, section, seed=3)).root == runner.run(RunRequest(root, section)).root


def test_a_trapped_run_tells_its_lines_in_the_tree_and_in_the_work_folder(runner: Runner, root: Path) -> None:
    (root / "copied.py").write_text("import time\ndef stamp(): return time.time()\n")
    (root / "main.py").write_text(
        "import sys, uuid\nsys.path.insert(0, '.')\nimport copied\n"
        "open('out/a', 'w').write(f'{uuid.uuid4()} {copied.stamp()}')\n"
    )
    section = RunSection(command=("{python}", "{root}/main.py"), inputs=("copied.py",))
    run = runner.run(RunRequest(root, section, trap="shallow"))
    assert (sorted(run.files), run.notes) == (["a"], ())
    told_by = {(read.name, read.line) for read in read_trap(run.trap, [root, run.work]).reads}
    assert {("main.py", 4), ("copied.py", 2)} <= told_by
    plain = runner.run(RunRequest(root, section))
    assert read_trap(plain.trap, [root, plain.work]).reads == ()
    with pytest.raises(ValueError, match="a trap is one of"):
        runner.run(RunRequest(root, section, trap="mouse"))
