"""Regular expressions that somebody else wrote, matched for a limited time.

Python's ``re`` goes back and forth over a text for as long as an expression such as ``(a+)+b`` lets it, but asks for
signals on its way. A timer of the process's own computing time raises one: a busy machine never makes it too long.
Only the main thread gets signals; elsewhere, and on systems without such timers, nothing stops a match.
"""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Callable
from functools import lru_cache
from types import FrameType
from typing import Any, TypeVar

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding

LONGEST = 2.0
"""Seconds of computing that one match may take."""

T = TypeVar("T")


class PatternTooSlow(Exception):  # what happened, as in the reason code
    """A match that was given up."""


class _Watch:
    """The one timer. A signal that arrives when nothing is matched any more does nothing."""

    def __init__(self) -> None:
        self.matching = False
        self._handled = False

    def run(self, match: Callable[[], T]) -> T:
        if not _stoppable() or self.matching:
            return match()
        if not self._handled:
            signal.signal(signal.SIGVTALRM, self._stop)
            self._handled = True
        self.matching = True
        signal.setitimer(signal.ITIMER_VIRTUAL, LONGEST)
        try:
            return match()
        finally:
            self.matching = False
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        if self.matching:
            raise PatternTooSlow


_WATCH = _Watch()


def _stoppable() -> bool:
    return hasattr(signal, "SIGVTALRM") and threading.current_thread() is threading.main_thread()


def in_time(match: Callable[[], T]) -> T:
    """What ``match`` returns. Raises ``PatternTooSlow`` after ``LONGEST`` seconds of computing."""
    return _WATCH.run(match)


class BoundedPattern:
    """A compiled expression of a manifest whose every match ends.

    Its methods raise ``Judged`` (``pattern.too_slow``) at the place ``where``.
    """

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self.pattern = re.compile(pattern, flags)

    def fullmatch(self, text: str, where: str) -> re.Match[str] | None:
        """The match of the whole of ``text``."""
        return self._bounded(self.pattern.fullmatch, text, where)

    def search(self, text: str, where: str) -> re.Match[str] | None:
        """The first match in ``text``."""
        return self._bounded(self.pattern.search, text, where)

    def _bounded(self, match: Callable[[str], Any], text: str, where: str) -> re.Match[str] | None:
        try:
            found: re.Match[str] | None = in_time(lambda: match(text))
        except PatternTooSlow:
            expected = f"an answer of {_brief(self.pattern.pattern)} within {LONGEST:g} s of computing"
            observed = f"none for a text of {len(text)} characters"
            raise Judged(Finding(where, expected, observed, "pattern.too_slow")) from None
        return found


def _brief(pattern: str) -> str:
    return repr(pattern if len(pattern) <= 80 else pattern[:80] + "…")


@lru_cache(maxsize=256)
def bounded_pattern(pattern: str, flags: int = 0) -> BoundedPattern:
    """The compiled expression, made once. Raises ``re.error`` as ``re.compile`` does."""
    return BoundedPattern(pattern, flags)
