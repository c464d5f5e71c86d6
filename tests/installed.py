"""``python -m tests.installed``: the gates in this environment, from every kind of installation, with one judgement.

The tox environments ``newest`` and ``lowest`` run it. An editable install, a bare clone and the wheel in an empty
folder each judge the reference systems; each must say GO, and all must agree in every judgement.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.bench import ROOT

SYSTEMS = ("townlet", "treasure")
LIMIT = 600


def main() -> int:
    """0 where all three say GO and agree."""
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder, "empty")
        empty.mkdir()
        _pip("install", "--editable", str(ROOT))
        judgements = {"editable install": _judge(ROOT, Path(folder, "editable"))}
        _pip("uninstall", "--yes", "gatecourt")
        judgements["bare clone"] = _judge(ROOT, Path(folder, "clone"))
        _pip("install", str(ROOT))
        targets = [f"--target={name}" for name in SYSTEMS]
        judgements["wheel in an empty folder"] = _judge(empty, Path(folder, "wheel"), *targets)
    first = next(iter(judgements.values()))
    for kind, judgement in judgements.items():
        agrees = "the same judgement" if judgement == first else "ANOTHER JUDGEMENT"
        print(f"{judgement['verdict']:<6} {kind}: {judgement['gates_on_roll']} gates, {agrees}")
    good = all(judgement["go"] and judgement == first for judgement in judgements.values())
    print(f"{len(judgements)} passed, 0 failed" if good else "0 passed, 1 failed")
    return 0 if good else 1


def _pip(*arguments: str) -> None:
    quiet = ["--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [sys.executable, "-m", "pip", *arguments[:1], *quiet, *_only_ours(arguments)], check=True, timeout=LIMIT
    )


def _only_ours(arguments: tuple[str, ...]) -> list[str]:
    return [*(["--no-deps"] if arguments[0] == "install" else []), *arguments[1:]]


def _judge(cwd: Path, reports: Path, *arguments: str) -> dict[str, Any]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHONPATH"))}
    command = [sys.executable, "-m", "pytest", "-n", "2", "-q", f"--reports={reports}", *arguments]
    done = subprocess.run(command, cwd=cwd, env=environment, text=True, capture_output=True, check=False, timeout=LIMIT)
    if done.returncode != 0:
        print(done.stdout, done.stderr)
        raise SystemExit(f"{cwd}: the gates did not say GO")
    judgement: dict[str, Any] = json.loads((reports / "court_report.json").read_bytes())["judgement"]
    return judgement


if __name__ == "__main__":
    sys.exit(main())
