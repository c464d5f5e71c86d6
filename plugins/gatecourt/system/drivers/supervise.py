"""The small process between the suite and a target: it starts the command, and nothing of it survives.

Started by path, one for each command. It reads one JSON object from its input, watches that input for its end (then the
suite is gone and so must be the target), and prints one JSON object. On Linux it adopts every orphan below it, so that
children which leave their session or fork twice are ended with the rest; elsewhere they are found by a marker in
their environment.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

MARKER = "GATECOURT_RUN"
_BLOCK = 65536
_GRACE = 1.0
_SWEEP = 5.0
_POLL = 0.0002
_SET_CHILD_SUBREAPER = 36


class Tap:
    """One stream of the target: its first bytes go into a file, its last ones are kept, the rest is counted."""

    def __init__(self, pipe: IO[bytes], path: str, keep: int, tail: int) -> None:
        self.pipe = pipe
        self.total = 0
        self._file = Path(path).open("wb")  # noqa: SIM115 - closed by finish
        self._keep = keep
        self._tail = tail
        self._last = bytearray()
        os.set_blocking(pipe.fileno(), False)

    def read(self) -> bool:
        """Take one block; whether there may be more to come."""
        try:
            block = os.read(self.pipe.fileno(), _BLOCK)
        except BlockingIOError:
            return True
        self._file.write(block[: max(0, self._keep - self.total)])
        self.total += len(block)
        self._last += block
        if len(self._last) > 2 * self._tail:
            del self._last[: -self._tail]
        return bool(block)

    def finish(self) -> dict[str, Any]:
        """Take what is still in the pipe, at most its own size, and tell what was seen."""
        for _ in range(64):
            before = self.total
            if not self.read() or self.total == before:
                break
        self._file.close()
        return {"total": self.total, "tail": bytes(self._last[-self._tail :]).decode("latin-1")}


class Point:
    """Where the command is killed: one file whose name is looked for has so many lines, or so many bytes."""

    def __init__(self, order: Mapping[str, Any]) -> None:
        import psutil  # noqa: F401 - loaded before the start, so that it costs no time at the point

        self._folder, self._start = order["folder"], order["start"]
        self._names = [re.compile(expression) for expression in order["names"]]
        self._lines, self._bytes = order["lines"], order["bytes"]
        self._wanted: dict[str, bool] = {}
        self._counted: dict[str, tuple[int, int, int]] = {}

    def reached(self) -> str | None:
        """The first file that has enough in it, by its name below the folder."""
        for name, path in _files(f"{self._folder}/{self._start}", self._start):
            if name not in self._wanted:
                self._wanted[name] = any(expression.match(name) for expression in self._names)
            with contextlib.suppress(OSError):
                if self._wanted[name] and self._enough(path):
                    return name
        return None

    def _enough(self, path: str) -> bool:
        found = os.stat(path)  # noqa: PTH116 - asked some thousand times a second
        if self._bytes is not None:
            return bool(found.st_size >= self._bytes)
        inode, offset, lines = self._counted.get(path, (found.st_ino, 0, 0))
        if inode != found.st_ino or found.st_size < offset:
            offset = lines = 0
        if found.st_size > offset:
            with Path(path).open("rb", buffering=0) as file:
                file.seek(offset)
                while lines < self._lines and (block := file.read(_BLOCK)):
                    offset, lines = offset + len(block), lines + block.count(b"\n")
        self._counted[path] = (found.st_ino, offset, lines)
        return bool(lines >= self._lines)


def _files(folder: str, prefix: str) -> Iterator[tuple[str, str]]:
    """Every file below ``folder`` with its name behind ``prefix``; what cannot be read is passed over."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            name = f"{prefix}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                yield from _files(entry.path, f"{name}/")
            elif entry.is_file(follow_symlinks=False):
                yield name, entry.path


class Watch:
    """One child and what it printed, from its start to the moment when nothing of it is left."""

    def __init__(self, child: subprocess.Popen[bytes], taps: list[Tap], wake: int, marker: str | None) -> None:
        self.status: int | None = None
        self.alone = False
        self.killed: str | None = None
        self._child = child
        self._marker = marker
        self._selector = selectors.DefaultSelector()
        self._selector.register(0, selectors.EVENT_READ, "control")
        self._selector.register(wake, selectors.EVENT_READ, "wake")
        for tap in taps:
            self._selector.register(tap.pipe, selectors.EVENT_READ, tap)

    def until(self, end: float, *, alone: bool = False) -> str:
        """Wait for the child (or, ``alone``, for all its descendants): 'ended', 'deadline' or 'abandoned'."""
        self._reap()
        while not (self.alone if alone else self.status is not None):
            left = end - time.monotonic()
            if left <= 0:
                return "deadline"
            for key, _ in self._selector.select(left):
                if not self._serve(key):
                    return "abandoned"
        return "ended"

    def until_killed(self, end: float, point: Point) -> str:
        """Wait for the child until ``point`` is reached; then kill it with all of its process group: 'killed'."""
        while self.status is None and self.killed is None:
            if time.monotonic() >= end:
                return "deadline"
            ready = self._selector.select(0)
            for key, _ in ready:
                if not self._serve(key):
                    return "abandoned"
            if self.status is None:
                self.killed = point.reached()
            if self.killed is not None:
                self._strike()
            elif not ready:
                time.sleep(_POLL)  # a selector's own waiting is in whole milliseconds
        return "ended" if self.killed is None else "killed"

    def _strike(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, signal.SIGKILL)

    def sweep(self) -> bool:
        """End every process that is left; whether that was achieved."""
        end = time.monotonic() + _SWEEP
        while time.monotonic() < end:
            self._reap()
            left = [] if self.alone and self._marker is None else list(_descendants(self._marker))
            if not left and self.alone:
                return True
            _kill(left)
            time.sleep(0.002)
        return False

    def _serve(self, key: selectors.SelectorKey) -> bool:
        if isinstance(key.data, Tap):
            if not key.data.read():
                self._selector.unregister(key.fileobj)
            return True
        block = os.read(key.fd, _BLOCK)
        self._reap()
        return bool(block)

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                if found[0] == self._child.pid:
                    self.status = self._child.returncode = os.waitstatus_to_exitcode(found[1])
            return
        self.alone = True


def _descendants(marker: str | None) -> Iterator[int]:
    import psutil  # only a run that leaves processes behind pays for the import

    for process in psutil.Process().children(recursive=True):
        yield process.pid
    if marker is None:
        return
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.pid != os.getpid() and process.environ().get(MARKER) == marker:
                yield process.pid


def _kill(pids: list[int]) -> None:
    """Stop all before ending any: a process that is stopped starts no other."""
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, number)


def _adopt() -> bool:
    """Become the parent of every orphan below; False where the system has no such thing."""
    if sys.platform != "linux":
        return False
    import ctypes

    return bool(ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)


def _alarm() -> int:
    """A descriptor that becomes readable when a child ends."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return reading


def _start(order: Mapping[str, Any], marker: str | None) -> subprocess.Popen[bytes]:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would pass for an output
    os.umask(order["umask"])
    if order["cpus"]:
        os.sched_setaffinity(0, order["cpus"])
    return subprocess.Popen(  # noqa: S603 - the declared command, as an argument list
        order["argv"],
        cwd=order["cwd"],
        env=order["environment"] | ({} if marker is None else {MARKER: marker}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def supervise(order: Mapping[str, Any]) -> dict[str, Any]:
    """Carry out one order and tell how it went."""
    marker = None if order["adopt"] and _adopt() else order["logs"]
    wake = _alarm()
    point = Point(order["kill"]) if order["kill"] else None
    logs = Path(order["logs"])
    began = time.monotonic()
    try:
        child = _start(order, marker)
    except (OSError, ValueError) as error:
        return {"failure": getattr(error, "strerror", None) or str(error)}
    taps = [
        Tap(pipe, str(logs / name), order["keep"], order["tail"])
        for name, pipe in (("stdout", child.stdout), ("stderr", child.stderr))
        if pipe is not None
    ]
    watch = Watch(child, taps, wake, marker)
    limit = began + order["deadline"]
    end = watch.until_killed(limit, point) if point else watch.until(limit)
    seconds = time.monotonic() - began
    lingering = end != "ended" or watch.until(time.monotonic() + _GRACE, alone=True) != "ended" or marker is not None
    left = lingering and _left(watch, marker, counted=end == "ended")
    return {
        "end": end,
        "isolation": os.environ.get("GATECOURT_ISOLATION", "none"),
        "status": watch.status,
        "killed": watch.killed,
        "seconds": seconds,
        "left": left,
        "swept": watch.alone,
        "peak_bytes": _peak_bytes(),
        "streams": [tap.finish() for tap in taps],
    }


def _peak_bytes() -> int:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit


def _left(watch: Watch, marker: str | None, *, counted: bool) -> bool:
    """End what is left; whether a run that had ended by itself left something."""
    end = time.monotonic() + (_GRACE if marker is not None else 0)
    some = counted and any(True for _ in _descendants(marker))
    while some and time.monotonic() < end:
        time.sleep(0.05)
        some = any(True for _ in _descendants(marker))
    watch.sweep()
    return some


if __name__ == "__main__":
    print(json.dumps(supervise(json.loads(sys.stdin.buffer.readline()))))
