"""Patterns of a schema that mean the same to every regular expression engine, as far as ASCII text is concerned.

ECMA-262, Rust and Python differ in classes, anchors, escapes and Unicode; only a small common ground is taken.
"""

from __future__ import annotations

import re

_QUANTIFIER = r"(?:[?*+]|\{[0-9]{1,4}(?:,[0-9]{0,4})?\})"
_MEMBER = r"(?:[A-Za-z0-9](?:-[A-Za-z0-9])?|[_.:/])"
_ATOM = rf"(?:[A-Za-z0-9_ :/=@#,-]|\\[.$+*?()/-]|\[{_MEMBER}+-?\])"
_TOKENS = re.compile(rf"(?P<open>\((?:\?:)?)|(?P<bar>\|)|(?P<close>\))(?:{_QUANTIFIER}(?![?*+{{]))?|"
                     rf"{_ATOM}(?:{_QUANTIFIER}(?![?*+{{]))?")  # fmt: skip


def common(pattern: str) -> str | None:
    """The inside of an anchored pattern, without capturing groups, for a full match; None if its meaning could differ
    between engines."""
    if not (pattern.startswith("^") and pattern.endswith("$")):
        return None
    body, at, depth, pieces = pattern[1:-1], 0, 0, []
    while at < len(body):
        match = _TOKENS.match(body, at)
        if match is None or (match["bar"] and not depth):
            return None
        depth += bool(match["open"]) - bool(match["close"])
        if depth < 0:
            return None
        pieces.append("(?:" if match["open"] else match[0])
        at = match.end()
    return "".join(pieces) if depth == 0 else None
