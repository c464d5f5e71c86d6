from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest

from gatecourt.system.drivers.output_tail import Redaction, with_last_lines
from gatecourt.system.drivers.process import KEPT_BYTES, TAIL_BYTES, Command, Outcome, Stream, execute, signal_name
from tests.bench import PLUGINS, environment, started

ESCAPED = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open(sys.argv[1], "w").write(str(os.getpid()))
        os.environ.clear()
        time.sleep(60)
    os._exit(0)
while not os.path.exists(sys.argv[1]) or not open(sys.argv[1]).read():
    time.sleep(0.01)
"""


def run(folder: Path, code: str, *arguments: str, deadline: float = 20, **keys: object) -> Outcome:
    command = Command((sys.executable, "-c", code, *arguments), folder, dict(os.environ), deadline, folder)
    return execute(Command(**{**command.__dict__, **keys}))


def gone(pid_file: Path) -> bool:
    """Whether no process is left that works in the folder of ``pid_file``; the id in it is of a namespace."""
    assert pid_file.read_text()
    return not working_in(pid_file.parent)


def working_in(folder: Path) -> list[int]:
    """The processes whose working directory is ``folder``."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            found += [process.pid] if process.cwd() == str(folder) else []
    return found


def test_exit_code_and_both_streams(tmp_path: Path) -> None:
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    outcome = run(tmp_path, code)
    assert (outcome.exit_code, outcome.timed_out, outcome.failure, outcome.left) == (3, False, None, False)
    assert (outcome.stdout, outcome.stderr) == (Stream(b"out\n", 4), Stream(b"err\n", 4))
    assert (tmp_path / "stdout").read_bytes() == b"out\n"
    assert outcome.peak_bytes > 1_000_000
    assert 0 < outcome.seconds < 10


def test_death_by_signal(tmp_path: Path) -> None:
    outcome = run(tmp_path, "import os; os.kill(os.getpid(), 11)")
    assert outcome.exit_code == -signal.SIGSEGV
    assert signal_name(-11) == "SIGSEGV"
    assert signal_name(-250) == "signal 250"


@pytest.mark.parametrize("program", ["no-such-program-anywhere", "./missing", "/"])
def test_a_command_that_does_not_start(tmp_path: Path, program: str) -> None:
    outcome = execute(Command((program,), tmp_path, dict(os.environ), 5, tmp_path))
    assert outcome.failure in {"No such file or directory", "Permission denied"}
    assert outcome.exit_code is None


def test_a_script_without_interpreter_line_does_not_start(tmp_path: Path) -> None:
    (tmp_path / "script").write_text("echo hi\n")
    (tmp_path / "script").chmod(0o755)
    outcome = execute(Command(("./script",), tmp_path, dict(os.environ), 5, tmp_path))
    assert outcome.failure == "Exec format error"


def test_a_null_byte_in_an_argument_is_told(tmp_path: Path) -> None:
    assert "null byte" in str(execute(Command(("a\0b",), tmp_path, dict(os.environ), 5, tmp_path)).failure)


def test_standard_input_is_at_its_end(tmp_path: Path) -> None:
    assert run(tmp_path, "import sys; print(len(sys.stdin.read()))").stdout.tail == b"0\n"


def test_the_program_is_found_by_the_given_path(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "mine").symlink_to("/bin/echo")
    outcome = execute(Command(("mine", "hi"), tmp_path, {"PATH": str(tmp_path / "bin")}, 5, tmp_path))
    assert outcome.stdout.tail == b"hi\n"


def test_deadline_ends_a_hanging_command_that_ignores_terminate(tmp_path: Path) -> None:
    code = "import signal,time; signal.signal(15, signal.SIG_IGN); print('began', flush=True); time.sleep(60)"
    began = time.monotonic()
    outcome = run(tmp_path, code, deadline=0.7)
    assert outcome.timed_out
    assert outcome.exit_code is None
    assert outcome.stdout.tail == b"began\n"
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("adopt", [True, False])
def test_deadline_ends_a_grandchild_that_left_the_session(tmp_path: Path, adopt: bool) -> None:
    code = ESCAPED + "\ntime.sleep(60)"
    outcome = run(tmp_path, code, str(tmp_path / "pid"), deadline=1.5, adopt=adopt)
    assert outcome.timed_out
    assert gone(tmp_path / "pid")


@pytest.mark.parametrize("adopt", [True, False])
def test_a_daemon_left_behind_is_told_and_ended(tmp_path: Path, adopt: bool) -> None:
    outcome = run(tmp_path, ESCAPED, str(tmp_path / "pid"), adopt=adopt)
    assert (outcome.exit_code, outcome.left, outcome.timed_out) == (0, True, False)
    assert gone(tmp_path / "pid")


@pytest.mark.parametrize("adopt", [True, False])
def test_a_child_that_ends_shortly_after_is_waited_for(tmp_path: Path, adopt: bool) -> None:
    code = "import os,time\nif os.fork() == 0:\n time.sleep(0.3); print('late', flush=True); os._exit(0)"
    outcome = run(tmp_path, code, adopt=adopt)
    assert (outcome.exit_code, outcome.left, outcome.stdout.tail) == (0, False, b"late\n")


def test_a_flood_fills_neither_memory_nor_disk(tmp_path: Path) -> None:
    code = "import os\nblock = b'x' * 65535 + b'\\n'\nwhile True: os.write(1, block)"
    outcome = run(tmp_path, code, deadline=1)
    assert outcome.timed_out
    assert outcome.stdout.total > KEPT_BYTES
    assert len(outcome.stdout.tail) == TAIL_BYTES
    assert (tmp_path / "stdout").stat().st_size == KEPT_BYTES


def test_the_tail_is_the_end_of_a_long_output(tmp_path: Path) -> None:
    outcome = run(tmp_path, "for n in range(40000): print(n)")
    assert outcome.exit_code == 0
    assert outcome.stdout.tail.endswith(b"39998\n39999\n")
    assert outcome.stdout.total == sum(len(str(n)) + 1 for n in range(40000))


def test_umask_processors_and_core_files(tmp_path: Path) -> None:
    code = "import os,resource; u=os.umask(0); print(oct(u), len(os.sched_getaffinity(0)), resource.getrlimit(4)[0])"
    first = min(os.sched_getaffinity(0))
    assert run(tmp_path, code, umask=0o077, cpus=(first,)).stdout.tail == b"0o77 1 0\n"


def test_nothing_outlives_a_suite_that_is_killed(tmp_path: Path) -> None:
    suite = f"""
import os, sys
from pathlib import Path
from gatecourt.system.drivers.process import Command, execute
here = Path({str(tmp_path)!r})
code = "import os,time; open('pid','w').write(str(os.getpid())); time.sleep(60)"
execute(Command((sys.executable, "-c", code), here, dict(os.environ), 60, here))
"""
    with started([sys.executable, "-c", suite], env=environment(PLUGINS)) as process:
        pid_file = tmp_path / "pid"
        _until(lambda: pid_file.exists() and pid_file.read_text() != "")
        process.kill()
    _until(lambda: gone(pid_file))


def _until(condition: object) -> None:
    end = time.monotonic() + 10
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.02)


def test_folders_and_secrets_are_replaced_longest_first(tmp_path: Path) -> None:
    redaction = Redaction({"work": tmp_path, "out": tmp_path / "out"}, {"KEY": "s3cret", "SHORT": "abc"})
    text = f"{tmp_path}/out/a {tmp_path}/b s3cret abc"
    assert redaction.tail(Stream(text.encode(), len(text))) == "{out}/a {work}/b {env:KEY} abc"


def test_a_cut_tail_starts_at_a_whole_line_and_decodes_anything() -> None:
    tail = Redaction().tail(Stream(b"cret half\nwhole \xff\n", TAIL_BYTES + 1))
    assert tail == "whole \N{REPLACEMENT CHARACTER}\n"


def test_half_a_secret_at_the_start_of_a_cut_line_is_dropped() -> None:
    assert Redaction(secrets={"K": "s3cret"}).tail(Stream(b"cret-and-more", TAIL_BYTES + 1)) == "-more"


def test_the_supervisor_holds_nothing_of_our_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI_SECRET", "s3cret-of-ci")
    code = "import os; p = f'/proc/{os.getppid()}/environ'; print(b'CI_SECRET' in open(p, 'rb').read())"
    outcome = run(tmp_path, code, environment={"PATH": os.environ["PATH"]})
    assert outcome.stdout.tail == b"False\n"


def test_captured_files_lose_their_secrets(tmp_path: Path) -> None:
    (tmp_path / "stdout").write_bytes(b"\xff token=s3cret\n")
    Redaction(secrets={"KEY": "s3cret"}).file(tmp_path / "stdout")
    assert (tmp_path / "stdout").read_bytes() == b"\xff token={env:KEY}\n"


def end_of(outcome: Outcome) -> str:
    return with_last_lines(outcome, Redaction(), "it ended")


def test_the_last_line_of_standard_error_comes_first_and_all_is_bounded() -> None:
    both = Outcome(stdout=Stream(b"o\n", 2), stderr=Stream(b"1\n2\n\n3\n4\n", 9))
    assert end_of(both) == "4 (it ended; stderr before it: 2 | 3)"
    assert end_of(Outcome(stdout=Stream(b"o\n", 2))) == "o (it ended)"
    assert end_of(Outcome()) == "it ended; it printed nothing"
    assert end_of(Outcome(stderr=stream("a\n" + "x" * 5000))) == "…" + "x" * 299 + " (it ended)"
    before = end_of(Outcome(stderr=stream("y" * 500 + "\n" + "x" * 290)))
    assert before == "x" * 290 + " (it ended; stderr before it: …" + "y" * 9 + ")"


@pytest.mark.parametrize(
    ("stdout", "stderr", "printed"),
    [
        ("==== 1 failed in 2s ====\n=====\n", "", "1 failed in 2s (it ended)"),
        ("-- note\n====x====\n", "^^^^^\n", "x (it ended; stdout before it: note)"),
        ("--flag -h is no option --\n-1\nsee {work} __init__\n", "",
         "see {work} __init__ (it ended; stdout before it: --flag -h is no option | -1)"),
        ("FAILED tests/t.py::test_a - assert 1 == 2\nERROR tests/b.py - gone\n=== 1 failed ===\n", "some warning\n",
         "ERROR tests/b.py - gone (it ended; stdout before it: FAILED tests/t.py::test_a - assert 1 == 2)"),
        ("", "ERROR the disk is full\nFAILED to write out.py\n1\n2\n3\n", "3 (it ended; stderr before it: 1 | 2)"),
        ("=====\n", "\n", "it ended; it printed no words"),
    ],
)  # fmt: skip
def test_last_lines_are_words(stdout: str, stderr: str, printed: str) -> None:
    assert end_of(Outcome(stdout=stream(stdout), stderr=stream(stderr))) == printed


def stream(text: str) -> Stream:
    return Stream(text.encode(), len(text))


def test_a_noisy_or_lingering_interpreter_does_not_spoil_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('hello')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONINSPECT", "1")
    outcome = execute(Command(("echo", "hi"), tmp_path, {"PATH": os.environ["PATH"]}, 5, tmp_path))
    assert (outcome.exit_code, outcome.stdout.tail) == (0, b"hi\n")
