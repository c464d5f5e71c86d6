"""Names that no mask may cover: results, amounts of money, decisions and digests are what a comparison is for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

PROTECTED = frozenset(
    "accuracy action amount balance capital cash checksum commission decision digest drawdown equity exposure fee "  # noqa: SIM905
    "hash loss margin notional outcome payout pnl position price profit qty quantity reward score sha sha256 sha512 "
    "slippage verdict".split()
)
# Unmistakable even where a name runs its words together, as in "netpnl".
_WITHIN = ("pnl", "equity", "drawdown", "reward")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_a-zA-Z]+")
_UNITS = frozenset(("ms", "us", "ns", "s", "utc", "iso"))
_TIME_OR_IDENTITY = frozenset(
    ("at", "ts", "time", "timestamp", "date", "datetime", "id", "uuid", "guid", "pid", "host", "hostname")
)
_LONGEST = 3


@lru_cache(maxsize=4096)
def words(name: str) -> tuple[str, ...]:
    """The words of a field name in lower case: ``realizedPnl`` and ``realized_pnl`` are the same two."""
    return tuple(word.lower() for word in _WORD.findall(name))


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith("sses"):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _runs(parts: Sequence[str]) -> Iterable[str]:
    """Each joint of three or two words and each word, so that ``PnL`` and ``draw_down`` are found."""
    for length in range(_LONGEST, 0, -1):
        for start in range(len(parts) - length + 1):
            yield "".join(parts[start : start + length])


class Protection:
    """The built-in protected names and those that a manifest adds."""

    def __init__(self, extra: Iterable[str] = ()) -> None:
        self._names = PROTECTED | {_singular("".join(words(name))) for name in extra} | {n.lower() for n in extra}

    def word(self, name: str) -> str | None:
        """The protected word in a field name, if there is one."""
        for part in _runs(words(name)):
            if part in self._names or _singular(part) in self._names:
                return _singular(part) if part not in self._names else part
            if inside := next((core for core in _WITHIN if core in part), None):
                return inside
        return None

    def covered(self, steps: Sequence[str | int]) -> str | None:
        """The protected word that the place ``steps`` stands for, if any.

        The last name on the way decides (``/balance/0`` is a balance); a name further up does where the last one does
        not say that it is a time or an identity: ``/fees/usd`` is a fee, ``/decisions/0/timestamp`` is none.
        """
        names = [step for step in steps if isinstance(step, str) and step != "*" and not step.isdecimal()]
        if not names:
            return None
        if own := self.word(names[-1]):
            return own
        if _is_time_or_identity(names[-1]):
            return None
        return next(filter(None, map(self.word, reversed(names[:-1]))), None)


def _is_time_or_identity(name: str) -> bool:
    parts = [part for part in words(name) if part not in _UNITS]
    return bool(parts) and parts[-1] in _TIME_OR_IDENTITY
