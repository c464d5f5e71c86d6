"""Secrets in texts: every form in which a value may be written, and its replacement, whole or cut."""

from __future__ import annotations

import base64
import json
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping

SHORTEST = 4
"""Characters of the shortest secret that is replaced: shorter ones stand everywhere by chance."""
_ENCODED = 8
_PART = 12
_LONG = 16


def written_forms(value: str) -> tuple[str, ...]:
    """``value`` raw, stripped, by line, JSON-escaped, as repr, URL-quoted and in base64; the longest first."""
    forms: set[str] = set()
    for text in {value, value.strip(), *map(str.strip, value.splitlines())}:
        if len(text) >= SHORTEST:
            forms |= {form for form in _forms(text) if len(form) >= SHORTEST}
    return tuple(sorted(forms, key=lambda form: (-len(form), form)))


def secret_words(secrets: Mapping[str, str]) -> dict[str, str]:
    """Every form of every secret, given as variable name to value, to the words that stand for it."""
    return {form: f"{{env:{name}}}" for name, value in secrets.items() for form in written_forms(value)}


def replaced(text: str, words: Iterable[tuple[str, str]]) -> str:
    """``text`` with every old text replaced, the longest first; of a long one also what a cut has left of it."""
    longest_first = sorted(words, key=lambda pair: (-len(pair[0]), pair))
    for old, new in longest_first:
        text = text.replace(old, new)
    spans = [
        (start, end, new)
        for old, new in longest_first
        if new.startswith("{env:") and len(old) >= _LONG
        for start, end in _parts(text, old)
    ]
    begin, pieces = 0, []
    for start, end, new in sorted(spans):
        if start >= begin:
            pieces += [text[begin:start], new]
        begin = max(begin, end)
    return "".join([*pieces, text[begin:]])


def _forms(text: str) -> Iterator[str]:
    yield text
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield repr(text)[1:-1]
    yield ascii(text)[1:-1]
    data = text.encode("utf-8", "surrogateescape")
    yield repr(data)[2:-1]
    yield urllib.parse.quote(data)
    yield urllib.parse.quote(data, safe="")
    yield urllib.parse.quote_plus(data)
    yield from (form for form in _base64(data) if len(form) >= _ENCODED)


def _base64(data: bytes) -> Iterator[str]:
    """The characters that ``data`` alone decides, wherever it stands in an encoded text."""
    for before in range(3):
        whole = (before + len(data)) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(b"\0" * before + data).decode()[(before * 8 + 5) // 6 : whole]


def _parts(text: str, old: str) -> Iterator[tuple[int, int]]:
    """Where beginnings and ends of ``old`` stand in ``text`` that are long enough to be no chance."""
    end = 0
    while (start := text.find(old[:_PART], end)) >= 0:
        end = start + _PART
        while end - start < len(old) and text[end : end + 1] == old[end - start]:
            end += 1
        yield start, end
    end = 0
    while (place := text.find(old[-_PART:], end)) >= 0:
        start, end = place, place + _PART
        while end - start < len(old) and start > 0 and text[start - 1] == old[start - end - 1]:
            start -= 1
        yield start, end
