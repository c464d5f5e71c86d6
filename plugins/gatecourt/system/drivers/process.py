"""One command run to its end: an argument list, a deadline for the whole process tree, bounded memory and disk."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatecourt.system.drivers import namespaces, supervise

TAIL_BYTES = 64 * 1024
KEPT_BYTES = 4 * 1024 * 1024
_MARGIN = 15.0
_NEEDED = ("PATH", "HOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")


@dataclass(frozen=True)
class Command:
    """What to start. ``logs`` is an existing folder that receives the first ``kept`` bytes of each stream.

    ``cpus`` restricts the command to these processors; ``adopt`` is switched off only to try the way of systems
    that cannot adopt orphans. ``kill`` says when it is killed, as ``killing.watched`` gives it. Where namespaces are to
    be had, the folder ``hidden`` is empty for the command but for the paths ``shown`` below it.
    """

    argv: tuple[str, ...]
    cwd: Path
    environment: Mapping[str, str]
    deadline: float
    logs: Path
    umask: int = 0o022
    cpus: tuple[int, ...] = ()
    adopt: bool = True
    kill: Mapping[str, Any] | None = None
    kept: int = KEPT_BYTES
    hidden: Path | None = None
    shown: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Stream:
    """The last bytes of one stream, at most 64 KiB, and how many there were in all."""

    tail: bytes = b""
    total: int = 0


@dataclass(frozen=True)
class Outcome:
    """How a command ended. ``exit_code`` is negative for a signal and None where the command had no end of its own.

    ``failure`` says why nothing was started, ``left`` that processes outlived a command that had ended by itself,
    ``broken`` that the supervising process itself was lost. ``killed`` names the file that reached the kill point, of a
    command that was killed for it. ``peak_bytes`` is of the largest single process.
    """

    exit_code: int | None = None
    timed_out: bool = False
    failure: str | None = None
    broken: bool = False
    left: bool = False
    killed: str | None = None
    seconds: float = 0.0
    peak_bytes: int = 0
    isolation: str = namespaces.ABSENT
    stdout: Stream = Stream()
    stderr: Stream = Stream()


def execute(command: Command) -> Outcome:
    """Run ``command``. Returns when it has ended and no process that it started is left."""
    with _supervisor(command) as process:
        answer = _answer(process, command.deadline + _MARGIN)
    return _outcome(answer)


def signal_name(exit_code: int) -> str:
    """The name of the signal behind a negative exit code, such as SIGSEGV."""
    try:
        return signal.Signals(-exit_code).name
    except ValueError:
        return f"signal {-exit_code}"


@contextlib.contextmanager
def _supervisor(command: Command) -> Iterator[subprocess.Popen[bytes]]:
    """The supervising process, its order given. Its input closes with the block; then it ends all that it started."""
    process = subprocess.Popen(  # noqa: S603 - our own module
        _words(command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_own_environment(),
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(_order(command))
            process.stdin.flush()
        yield process
    finally:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        process.stdout.close()
        _await(process)


def _words(command: Command) -> list[str]:
    start = [sys.executable, "-P"]
    if not command.adopt:
        return [*start, supervise.__file__]
    return [*start, namespaces.__file__, supervise.__file__, str(command.hidden or ""), *map(str, command.shown)]


def _own_environment() -> dict[str, str]:
    """What the supervisor needs to start: a target can read its parent's environment."""
    return {name: os.environ[name] for name in _NEEDED if name in os.environ} | {"LC_ALL": "C.UTF-8"}


def _order(command: Command) -> bytes:
    order = {
        "argv": list(command.argv),
        "cwd": os.fspath(command.cwd),
        "environment": dict(command.environment),
        "deadline": command.deadline,
        "logs": os.fspath(command.logs),
        "umask": command.umask,
        "cpus": list(command.cpus),
        "adopt": command.adopt,
        "keep": command.kept,
        "tail": TAIL_BYTES,
        "kill": command.kill,
    }
    return json.dumps(order).encode() + b"\n"


def _answer(process: subprocess.Popen[bytes], seconds: float) -> dict[str, Any] | None:
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        if not selector.select(seconds):
            return None
    for line in process.stdout:
        with contextlib.suppress(ValueError):
            if isinstance(answer := json.loads(line), dict):
                return answer
    return None


def _await(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_MARGIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _outcome(answer: dict[str, Any] | None) -> Outcome:
    if answer is None:
        return Outcome(broken=True)
    if "failure" in answer:
        return Outcome(failure=answer["failure"])
    if answer["end"] == "abandoned" or (answer["end"] == "killed" and answer["status"] is None):
        return Outcome(broken=True)
    stdout, stderr = (Stream(stream["tail"].encode("latin-1"), stream["total"]) for stream in answer["streams"])
    return Outcome(
        exit_code=None if answer["end"] == "deadline" else answer["status"],
        timed_out=answer["end"] == "deadline",
        left=answer["left"] or not answer["swept"],
        # A command that had ended just before the signal reached it was not killed.
        killed=answer["killed"] if answer["status"] == -signal.SIGKILL else None,
        seconds=answer["seconds"],
        peak_bytes=answer["peak_bytes"],
        isolation=answer["isolation"],
        stdout=stdout,
        stderr=stderr,
    )
