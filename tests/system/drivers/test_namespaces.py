from __future__ import annotations

import time
from pathlib import Path

import pytest

from gatecourt.system.drivers.namespaces import ABSENT, IN_FORCE, available
from tests.system.drivers.test_process import run, working_in

pytestmark = pytest.mark.skipif(not available(), reason="this machine gives no namespaces")


def test_the_target_sees_its_own_processes_alone(tmp_path: Path) -> None:
    code = "import os; print(sum(map(str.isdigit, os.listdir('/proc'))), os.getppid(), os.listdir('/dev/shm'))"
    outcome = run(tmp_path, code)
    assert outcome.stdout.tail == b"2 1 []\n"
    assert outcome.isolation == IN_FORCE


def test_process_ids_stay_a_source_of_chance(tmp_path: Path) -> None:
    assert len({run(tmp_path, "import os; print(os.getpid())").stdout.tail for _ in range(3)}) > 1


def test_without_adoption_there_are_no_namespaces(tmp_path: Path) -> None:
    assert run(tmp_path, "pass", adopt=False).isolation == ABSENT


def test_earlier_runs_are_hidden_and_what_is_shown_stays(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    for name in ("one/work/out", "two/logs", "three"):
        (runs / name).mkdir(parents=True)
    (runs / "three" / "file").write_text("given")
    code = """
import ctypes, os, sys
runs = sys.argv[1]
print(sorted(os.listdir(runs)), open(f"{runs}/three/file").read(), ctypes.CDLL(None).umount2(runs.encode(), 2))
open(f"{runs}/two/logs/own", "w").write("x")
open(f"{runs}/stray", "w").write("x")
"""
    shown = (runs / "two" / "logs", runs / "three" / "file")
    outcome = run(tmp_path, code, str(runs), hidden=runs, shown=shown)
    assert outcome.stdout.tail == b"['three', 'two'] given -1\n"
    assert outcome.exit_code == 0
    assert (runs / "two" / "logs" / "own").read_text() == "x"
    assert sorted(path.name for path in runs.iterdir()) == ["one", "three", "two"]


def test_a_child_cannot_end_its_supervisor_and_does_not_outlive_it(tmp_path: Path) -> None:
    code = """
import os, signal, time
if os.fork() == 0:
    os.setsid()
    os.kill(1, signal.SIGKILL)
    open("pid", "w").write("1")
    time.sleep(60)
while not os.path.exists("pid"): time.sleep(0.01)
"""
    outcome = run(tmp_path, code)
    assert (outcome.exit_code, outcome.left, outcome.broken) == (0, True, False)
    assert working_in(tmp_path) == []


def test_processes_that_fork_on_are_ended(tmp_path: Path) -> None:
    code = """
import os, time
if os.fork() == 0:
    os.setsid()
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if os.fork():
            os._exit(0)
        os.setsid()
time.sleep(0.2)
"""
    began = time.monotonic()
    assert run(tmp_path, code).left
    assert time.monotonic() - began < 15
    assert working_in(tmp_path) == []
