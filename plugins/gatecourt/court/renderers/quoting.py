"""A line of an artefact as a row of the summary: cut to one row, around the key that its finding is about."""

from __future__ import annotations

import json
import re

_BEFORE = 12  # characters that stay before the key, where the line is cut at its front too


def quoted(line: str, where: str, observed: str, most: int) -> str | None:
    """``line`` in at most ``most`` characters; None where it shows nothing more than ``observed``.

    ``where`` is the place of the finding, ``path:LINE`` or ``path:LINE#/pointer``: the cut shows the deepest key of the
    pointer that stands in the line.
    """
    cut = _cut(line, _key(line, where), most)
    return None if _bare(cut) in _bare(observed) else cut


def line_of(where: str) -> str:
    """The place of the line alone, ``path:LINE``."""
    return where.partition("#")[0]


def _key(line: str, where: str) -> int:
    """Where in the line the last key of the pointer begins, each looked for behind the one before; 0 for none."""
    at = 0
    for step in where.partition("#")[2].split("/")[1:]:
        found = _pattern(step.replace("~1", "/").replace("~0", "~")).search(line, at)
        at = at if found is None else found.start()
    return at


def _pattern(key: str) -> re.Pattern[str]:
    """A key as JSON writes it, or a word without quotes, as plain logs do; a bare number would be any number."""
    forms = [re.escape(json.dumps(key, ensure_ascii=escaped)) + r"\s*:" for escaped in (False, True)]
    if key and not key.isdecimal():
        forms.append(rf'(?<![\w"]){re.escape(key)}(?![\w"])')
    return re.compile("|".join(forms))


def _cut(line: str, at: int, most: int) -> str:
    if len(line) <= most:
        return line
    start = max(0, min(at - _BEFORE, len(line) - most))
    cut = line[start : start + most]
    if start:
        cut = "…" + cut[1:]
    return cut if start + most >= len(line) else cut[:-1] + "…"


def _bare(text: str) -> str:
    return "".join(char for char in text if not char.isspace() and char not in '"…')
