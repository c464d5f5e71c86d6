"""Started by path before the supervisor: it gives the target namespaces of its own, where the system has them.

Arguments: the supervisor's file, a folder to hide or "", and the paths below it that stay to be seen. The supervisor
becomes the first process of a pid namespace, so that nothing below it can end it and nothing outlives it. /proc shows
that namespace alone, /dev/shm is empty, and the hidden folder is gone. Without namespaces the supervisor runs as it is.
"""

from __future__ import annotations

import ctypes
import os
import random
import runpy
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

VARIABLE = "GATECOURT_ISOLATION"
IN_FORCE = "namespaces"
ABSENT = "none"
_NEWNS, _NEWUSER, _NEWPID = 0x00020000, 0x10000000, 0x20000000
_BIND_ALL, _PRIVATE_ALL = 0x1000 | 0x4000, 0x40000 | 0x4000
_NOSUID_NODEV_NOEXEC = 2 | 4 | 8
_SET_DEATH_SIGNAL, _DROP_CAPABILITY = 1, 24
_SYS_PTRACE, _SYS_ADMIN = 19, 21
_FIRST_PIDS = 300, 30000


def enter(hidden: str, shown: Sequence[str]) -> bool:
    """Go on in namespaces of one's own, as their first process; False where that cannot be had.

    Only the process that goes on returns. The one that called waits for its end and ends with it.
    """
    reading, writing = os.pipe()
    outer = os.fork()
    if outer:
        os.close(writing)
        if os.read(reading, 1):
            _end_with(outer)
        os.close(reading)
        os.waitpid(outer, 0)
        return False
    os.close(reading)
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        _die_with_parent(libc)
        _unshare(libc)
        if inner := os.fork():
            os.close(writing)
            _end_with(inner)
        _die_with_parent(libc)
        _mount(libc, hidden, shown)
    except OSError:
        os._exit(1)
    os.write(writing, b"1")
    os.close(writing)
    return True


def _end_with(process: int) -> None:
    os.waitpid(process, 0)
    os._exit(0)


def _die_with_parent(libc: ctypes.CDLL) -> None:
    libc.prctl(_SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)


def _unshare(libc: ctypes.CDLL) -> None:
    """With the rights of root as they are, else in a user namespace in which everyone stays who he is."""
    if libc.unshare(_NEWNS | _NEWPID) == 0:
        return
    user, group = os.getuid(), os.getgid()
    _succeed(libc.unshare(_NEWUSER | _NEWNS | _NEWPID))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def _mount(libc: ctypes.CDLL, hidden: str, shown: Sequence[str]) -> None:
    def mount(source: str, to: str, kind: str, flags: int, data: str = "") -> None:
        _succeed(libc.mount(source.encode(), os.fsencode(to), kind.encode(), flags, data.encode()))

    mount("none", "/", "none", _PRIVATE_ALL)
    mount("proc", "/proc", "proc", _NOSUID_NODEV_NOEXEC)
    # Process ids stay what they are elsewhere: a source of chance that the comparison of runs must find.
    Path("/proc/sys/kernel/ns_last_pid").write_text(str(random.randint(*_FIRST_PIDS)))  # noqa: S311 - no secret
    if Path("/dev/shm").is_dir():  # noqa: S108 - a mount point, no file
        mount("tmpfs", "/dev/shm", "tmpfs", _NOSUID_NODEV_NOEXEC, "mode=1777")  # noqa: S108
    if hidden:
        kept = [(path, os.open(path, os.O_PATH), Path(path).is_dir()) for path in shown]
        mount("tmpfs", hidden, "tmpfs", _NOSUID_NODEV_NOEXEC, "mode=0700")
        for path, handle, folder in kept:
            place = Path(path)
            (place if folder else place.parent).mkdir(parents=True, exist_ok=True)
            if not folder:
                place.touch()
            mount(f"/proc/self/fd/{handle}", path, "none", _BIND_ALL)
            os.close(handle)
    for capability in (_SYS_ADMIN, _SYS_PTRACE):
        libc.prctl(_DROP_CAPABILITY, capability, 0, 0, 0)


def _succeed(status: int) -> None:
    if status != 0:
        raise OSError(ctypes.get_errno(), "refused")


def available() -> bool:
    """Whether runs get namespaces of their own on this machine; tried in a child."""
    if sys.platform != "linux":
        return False
    child = os.fork()
    if child == 0:
        os._exit(0 if _tried() else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _tried() -> bool:
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        if enter("", ()):
            os.write(writing, b"1")
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    return os.read(reading, 1) == b"1"


if __name__ == "__main__":
    supervisor, hide, *show = sys.argv[1:]
    isolated = sys.platform == "linux" and enter(hide, show)
    os.environ[VARIABLE] = IN_FORCE if isolated else ABSENT
    sys.argv[:] = [supervisor]
    runpy.run_path(supervisor, run_name="__main__")
    sys.stdout.flush()
