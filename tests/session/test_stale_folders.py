from __future__ import annotations

import os
import sys
from pathlib import Path

from gatecourt.session.stale_folders import new_folder, sweep
from tests.bench import started


def test_only_old_folders_of_dead_processes_are_swept(tmp_path: Path) -> None:
    with started([sys.executable, "-c", ""]) as dead:
        dead.wait(timeout=30)
    alive = new_folder(tmp_path)
    names = [alive.name.replace(f"-{os.getpid()}-", f"-{dead.pid}-") + end for end in ("a", "b", "c")]
    for name in (*names, "gatecourt-other", "gatecourt-00000000-1-x"):
        (tmp_path / name / "runs").mkdir(parents=True)
    for path in tmp_path.iterdir():
        if path.name != names[1]:
            os.utime(path, (1, 1))
    sweep(tmp_path)
    kept = {alive.name, names[1], "gatecourt-other", "gatecourt-00000000-1-x"}
    assert {path.name for path in tmp_path.iterdir()} == kept
