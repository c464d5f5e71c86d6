"""What reading a file of a stranger may cost: limits that hold before anything is parsed or taken into memory."""

from __future__ import annotations

import re

LARGEST = 256 * 1024 * 1024
"""Bytes of a file beyond which it is not read as one document: its values take ten times that in memory."""

LONGEST_LINE = 4 * 1024 * 1024
"""Bytes of a line, newline included, beyond which it is not read: memory stays flat whatever the log holds."""

DEEPEST = 100
"""Levels of nesting that are followed. A limit of our own, since the parser's depends on who called it."""

_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*+"?|([\[{])|([\]}])', re.DOTALL)


def too_deep(data: bytes) -> bool:
    """Whether the JSON text ``data`` nests more than ``DEEPEST`` levels; for a text that is no JSON it may be wrong."""
    if data.count(b"{") + data.count(b"[") <= DEEPEST:
        return False
    rest = data.translate(None, _NO_BRACKETS)
    for _ in range(DEEPEST):  # each pass takes the innermost level away, at the speed of a search
        shorter = rest.replace(b"{}", b"").replace(b"[]", b"")
        if not shorter:
            return False
        if len(shorter) == len(rest):
            break
        rest = shorter
    return _depth(data) > DEEPEST  # brackets in texts were counted too, so the exact way decides


def _depth(data: bytes) -> int:
    deepest = depth = 0
    for match in _BRACKETS.finditer(data):
        if match.lastindex:
            depth += 1 if match.lastindex == 1 else -1
            deepest = max(deepest, depth)
    return deepest
