"""Whose line it was, and the log: a trapped call belongs to a line of the target or to nobody.

Nothing here takes a lock (a signal handler of the target may read the clock too), keeps a file open, or
imports more than the interpreter has loaded already.
"""

# pathlib is dear where every process of a target pays for its import:
# ruff: noqa: PTH109, PTH118, PTH120, PTH123, PTH206, UP031
from __future__ import annotations

import atexit
import itertools
import os

TYPE_CHECKING = False  # importing typing would cost more than all the rest
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    Site = tuple[str, str, str, int, bool | None]

try:
    from _json import encode_basestring_ascii as _quoted
except ImportError:
    from json import dumps as _quoted

# Held from the start: a trap may stand in for these later.
_open, _write, _close = os.open, os.write, os.close
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT
_FOREIGN_FOLDERS = ("site-packages", "dist-packages", "node_modules")
_SELF = os.path.join(os.path.dirname(os.path.realpath(__file__)), "")
_PASS = True  # generated code (dataclasses, exec): the line that counts is its caller's
_FOREIGN = None


class Recorder:
    """Counts calls by site and appends them to the log: the first at once, then at each doubling, and at exit."""

    def __init__(self, log: str, roots: list[str], deep: bool, traps: list[str]) -> None:
        self.traps = traps
        self._log = log
        self._roots = roots
        self._deep = deep
        self._start = os.getcwd()
        self._library = os.path.join(os.path.dirname(os.path.realpath(os.__file__)), "")
        self._kinds: dict[str, str | bool | None] = {}
        self._counters: dict[Site, Iterator[int]] = {}

    @classmethod
    def configured(cls, settings: str) -> Recorder:
        """The recorder that lines ``log PATH``, ``root PATH`` and ``trap NAME`` (repeatable), ``deep 0|1`` describe."""
        with open(settings, encoding="utf-8") as stream:
            pairs = [line.rstrip("\n").partition(" ")[::2] for line in stream]
        single = dict(pairs)
        roots = [os.path.join(value, "") for key, value in pairs if key == "root"]
        return cls(single["log"], roots, single.get("deep") == "1", [value for key, value in pairs if key == "trap"])

    def started(self) -> None:
        """Tell that all traps are armed in this process."""
        atexit.register(self._flush)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._counters.clear)
        self._append('{"kind":"start","language":"python"}')

    def gap(self, call: str, reason: str) -> None:
        """Tell that ``call`` cannot be trapped in this process."""
        self._append('{"kind":"gap","language":"python","call":%s,"reason":%s}' % (_quoted(call), _quoted(reason)))

    def note(self, call: str, frame: FrameType | None, seeded: bool | None = None) -> None:
        """Record ``call`` if ``frame``, the caller, is the target's own."""
        place = self._place(frame, self._deep)
        if place is not None:
            self._count(("read", call, *place, seeded))

    def reach(self, kind: str, call: str, frame: FrameType | None) -> None:
        """Record ``call`` whoever called it: for the nearest of the target's own lines, or for none."""
        self._count((kind, call, *(self._place(frame, True) or ("", 0)), None))

    def _count(self, site: Site) -> None:
        counter = self._counters.get(site) or self._counters.setdefault(site, itertools.count(1))
        count = next(counter)
        if count & (count - 1) == 0:
            self._told(site, count - count // 2)

    def _place(self, frame: FrameType | None, deep: bool) -> tuple[str, int] | None:
        while frame is not None:
            name = frame.f_code.co_filename
            kind = self._kinds[name] if name in self._kinds else self._kinds.setdefault(name, self._kind(name))
            if isinstance(kind, str):
                return kind, frame.f_lineno
            if kind is _FOREIGN and not deep:
                return None
            frame = frame.f_back
        return None

    def _kind(self, name: str) -> str | bool | None:
        if name.startswith("<"):
            return _FOREIGN if name.startswith("<frozen") else _PASS
        path = os.path.realpath(os.path.join(self._start, name))
        if path.startswith(_SELF):
            return _FOREIGN
        return path if any(self._owns(root, path) for root in self._roots) else _FOREIGN

    def _owns(self, root: str, path: str) -> bool:
        if not path.startswith(root):
            return False
        if self._library.startswith(root) and path.startswith(self._library):
            return False
        return not any(part in _FOREIGN_FOLDERS for part in path[len(root) :].split(os.sep))

    def _told(self, site: Site, count: int) -> None:
        kind, call, path, line, seeded = site
        word = "null" if seeded is None else "true" if seeded else "false"
        self._append(
            '{"kind":"%s","language":"python","call":%s,"path":%s,"line":%d,"count":%d,"seeded":%s}'
            % (kind, _quoted(call), _quoted(path), line, count, word)
        )

    def _flush(self) -> None:
        for site, counter in sorted(self._counters.items(), key=repr):
            count = next(counter) - 1
            rest = count - (1 << (count.bit_length() - 1))
            if rest:
                self._told(site, rest)
        self._counters.clear()

    def _append(self, record: str) -> None:
        try:
            stream = _open(self._log, _FLAGS, 0o666)
            try:
                _write(stream, (record + "\n").encode("utf-8", "surrogateescape"))
            finally:
                _close(stream)
        except OSError:
            pass  # the target goes on; without its start record the trap counts as not armed
