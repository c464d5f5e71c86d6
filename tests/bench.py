"""What the tests share: bounded processes, files written in one line, a target that has run, a record of findings."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from gatecourt.core.model import Finding, Json, Run, Subject
from gatecourt.formats.files import subject

ROOT = Path(__file__).resolve().parents[1]
TREASURE = ROOT / "fixtures" / "treasure"
TOWNLET = ROOT / "fixtures" / "townlet"
MANIFESTS = (TOWNLET / "gates.toml", TREASURE / "gates.toml")
PLUGINS = ROOT / "plugins"
LIMIT = 120.0
"""Seconds that a process of a test may take, unless the test says otherwise."""

Done = subprocess.CompletedProcess[str]
S = TypeVar("S")

# --- processes ------------------------------------------------------------------------------------------------------


def environment(*paths: Path, **more: str) -> dict[str, str]:
    """What the user has, without options for pytest, with ``paths`` alone on PYTHONPATH, and no bytecode written."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHONPATH"))}
    own = {"PYTHONPATH": os.pathsep.join(map(str, paths)), "PYTHONDONTWRITEBYTECODE": "1"}
    return {**inherited, **own, **more}


def run(
    command: Iterable[object], cwd: Path = ROOT, env: Mapping[str, str] | None = None, given: str | None = None,
    limit: float = LIMIT, shell: bool = False,
) -> Done:  # fmt: skip
    """The finished process with its output as text. Raises ``TimeoutExpired`` after ``limit`` seconds."""
    words: Any = " ".join(map(str, command)) if shell else list(map(str, command))
    return subprocess.run(
        words, cwd=cwd, env=env, input=given, shell=shell, text=True, capture_output=True, check=False, timeout=limit
    )


def python(*words: object, **keys: Any) -> Done:
    """``run`` of this interpreter."""
    return run([sys.executable, *words], **keys)


@contextlib.contextmanager
def started(command: Iterable[object], **keys: Any) -> Iterator[subprocess.Popen[Any]]:
    """A process in a session of its own; at the end it is killed, and so is all that it started."""
    with subprocess.Popen(list(map(str, command)), start_new_session=True, **keys) as process:
        try:
            yield process
        finally:
            kill(process)


def kill(process: subprocess.Popen[Any]) -> None:
    """Kills the session that the process leads; nothing happens where it has ended."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


# --- files ----------------------------------------------------------------------------------------------------------


def jsonl(values: Iterable[Any]) -> str:
    """One JSON line for each value."""
    return "".join(f"{json.dumps(value)}\n" for value in values)


def put(root: Path, name: str, content: Any) -> Path:
    """Writes a file below ``root``: bytes and text as they are, all else as JSON."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def run_of(root: Path, **keys: Any) -> Run:
    """All files below ``root`` as the outputs of a run."""
    names = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    return Run(root, {name: subject(root / name, name) for name in names}, **keys)


# --- the two protocols of core/protocols.py ---------------------------------------------------------------------------


@dataclass
class FakeTarget:
    """A target whose commands have run already: ``run`` left ``root / "out" / NAME``, or ``root`` where that is not.

    ``sections`` are found by their class. ``requests`` notes the commands in the order of the calls.
    """

    root: Path
    sections: tuple[object, ...] = ()
    exit_codes: Mapping[str, int] = field(default_factory=dict)
    name: str = "tiny"
    requests: list[str] = field(default_factory=list)

    def section(self, kind: type[S]) -> S:
        """Raises ``LookupError`` where no section is of this class."""
        for one in self.sections:
            if isinstance(one, kind):
                return one
        raise LookupError(kind)

    def artefacts(self) -> Run:
        return self.command("run")

    def has_command(self, name: str) -> bool:
        return (self.root / "out" / name).is_dir()

    def command(self, name: str, **_: Any) -> Run:
        self.requests.append(name)
        folder = self.root / "out" / name
        return run_of(folder if folder.is_dir() else self.root, exit_code=self.exit_codes.get(name, 0))


@dataclass
class Recorder:
    """A record of one check that keeps what it is given."""

    found: list[Finding] = field(default_factory=list)
    judged: list[Subject] = field(default_factory=list)
    parameters: dict[str, Json] = field(default_factory=dict)
    observations: dict[str, Json] = field(default_factory=dict)
    attachments: dict[str, str] = field(default_factory=dict)

    def add(self, where: str, *, expected: str, observed: str, rule: str) -> None:
        self.found.append(Finding(where, expected, observed, rule))

    def extend(self, findings: Iterable[Finding]) -> None:
        self.found.extend(findings)

    def subjects(self, subjects: Iterable[Subject]) -> None:
        self.judged.extend(subjects)

    def parameter(self, name: str, value: Json) -> None:
        self.parameters[name] = value

    def observe(self, name: str, value: Json) -> None:
        self.observations[name] = value

    def attach(self, name: str, text: str) -> None:
        self.attachments[name] = text


def rules(findings: Iterable[Finding]) -> list[str]:
    """The reason codes in their order."""
    return [finding.rule for finding in findings]


def places(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    """Place and reason code of each finding."""
    return [(finding.where, finding.rule) for finding in findings]


@contextlib.contextmanager
def within(*, seconds: float, megabytes: float) -> Iterator[None]:
    """What runs inside takes at most this long, by the wall, and at most this much more memory at its peak (Linux)."""
    before, began = _resident("VmRSS"), time.monotonic()
    yield
    taken, more = time.monotonic() - began, _resident("VmHWM") - before
    assert taken <= seconds, f"took {taken:.1f} s, allowed {seconds:g}"
    assert more <= megabytes, f"held {more:.0f} MB, allowed {megabytes:g}"


def _resident(key: str) -> float:
    """MB of this process; ``VmRSS`` is what it has now, and begins the measure of its peak, ``VmHWM``, anew."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0.0
    if key == "VmRSS":
        Path("/proc/self/clear_refs").write_text("5")
    return next(int(line.split()[1]) / 1000 for line in status.read_text().splitlines() if line.startswith(key))
