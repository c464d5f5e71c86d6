"""The network: every way from here to another process that is no file, no pipe and no socket in the file system.

Told by the interpreter's own audit events, so that no library gets past it; loopback is network too. Programs that
are started are told as well: the trap may not reach into them.
"""

# contextlib is dear where every process of a target pays for its import:
# ruff: noqa: SIM105
from __future__ import annotations

import sys

TYPE_CHECKING = False  # importing typing would cost more than all the rest
if TYPE_CHECKING:
    from typing import Any

    from .record import Recorder

_OF_A_SOCKET = frozenset(["socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"])
_OF_A_NAME = frozenset(["socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"])
_OF_A_PROGRAM = frozenset(["subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "pty.spawn"])
_LOCAL = frozenset([1, 16, 38])  # AF_UNIX, AF_NETLINK, AF_ALG: importing socket would cost more than all the rest


def arm(recorder: Recorder) -> None:
    """Listen for audit events from now on. What the target does is left as it is."""
    events = _OF_A_SOCKET | _OF_A_NAME | _OF_A_PROGRAM

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event not in events:
            return
        try:
            _tell(recorder, event, args)
        except Exception:  # noqa: S110  # an exception would stop the target
            pass

    sys.addaudithook(hook)


def _tell(recorder: Recorder, event: str, args: tuple[Any, ...]) -> None:
    frame = sys._getframe(2)
    if event in _OF_A_PROGRAM:
        recorder.reach("process", event + ": " + _program(args), frame)
    elif event in _OF_A_NAME or args[0].family not in _LOCAL:
        recorder.reach("network", event, frame)


def _program(args: tuple[Any, ...]) -> str:
    """The program that is started; of ``subprocess.Popen`` the second argument holds it where the first is None."""
    first = args[0] if args[0] is not None else args[1]
    word = first[0] if isinstance(first, (list, tuple)) and first else first
    return word.decode("utf-8", "replace") if isinstance(word, bytes) else str(word)
