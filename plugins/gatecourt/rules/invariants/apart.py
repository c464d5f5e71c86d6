"""A query in a process of its own: a copy of the loaded rows that it may spoil, with a limit of memory and of time.

The engine's own memory limit does not cover the texts that a function makes, such as ``repeat('x', 4000000000)``, and
no function is interrupted before it has made its value. A process can be ended at any moment. Without ``fork``
(Windows) the query runs here, with the engine's own limits alone.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from gatecourt.core.model import Finding

MEMORY = 3 << 30
"""Bytes that a query may take beyond the rows that are loaded."""

_GRACE = 2.0
"""Seconds beyond the deadline that the engine has to interrupt itself."""

Work = Callable[[], list[Finding]]


def apart(work: Work, where: str, deadline: float) -> list[Finding]:
    """What ``work`` finds, or one finding ``invariants.sql_deadline`` or ``invariants.sql_error`` where it is ended."""
    if not hasattr(os, "fork"):
        return work()
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # other threads: the child takes no lock of theirs
        child = os.fork()
    if child == 0:
        _work(work, writing)
    os.close(writing)
    try:
        data = _answer(reading, deadline + _GRACE)
    finally:
        os.close(reading)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if data is None:
        return [Finding(where, f"an answer within {deadline:g} s", "none", "invariants.sql_deadline")]
    if not data.endswith(b"."):  # a pickle's last byte
        expected = f"a query of at most {MEMORY >> 30} GB of memory"
        return [Finding(where, expected, "its process ended without an answer", "invariants.sql_error")]
    found: list[Finding] = pickle.loads(data)  # noqa: S301 - written by the child that was forked here
    return found


def _work(work: Work, writing: int) -> None:
    """The child: answers and ends, whatever happens."""
    try:
        with suppress(ImportError, OSError, ValueError):
            import resource

            pages = int(Path("/proc/self/statm").read_text().split()[0])
            limit = pages * resource.getpagesize() + MEMORY
            resource.setrlimit(resource.RLIMIT_AS, (limit, resource.getrlimit(resource.RLIMIT_AS)[1]))
        data = pickle.dumps(work())
        while data:
            data = data[os.write(writing, data) :]
    finally:
        os._exit(0)


def _answer(reading: int, seconds: float) -> bytes | None:
    """All that the child writes; None where it has not ended in time."""
    end, data = time.monotonic() + seconds, b""
    while (left := end - time.monotonic()) > 0:
        if select.select([reading], [], [], left)[0]:
            piece = os.read(reading, 65536)
            if not piece:
                return data
            data += piece
    return None
