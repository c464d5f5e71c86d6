"""Values cut to a size that people read. The same value always gives the same text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice


def excerpt(value: object, limit: int = 80) -> str:
    """``value`` as JSON text of at most ``limit`` characters, then ``…``. Never walks more of it than it shows."""
    text = ""
    for piece in islice(_pieces(value), limit + 1):
        text += piece
        if len(text) > limit:
            return text[:limit] + "…"
    return text


def _pieces(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield "{"
        for index, (key, item) in enumerate(value.items()):
            yield f"{', ' if index else ''}{json.dumps(str(key), ensure_ascii=False)}: "
            yield from _pieces(item)
        yield "}"
    elif isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        yield "["
        for index, item in enumerate(value):
            yield ", " if index else ""
            yield from _pieces(item)
        yield "]"
    else:
        yield _scalar(value)


def _scalar(value: object) -> str:
    if value is None or isinstance(value, (bool, int, float)):
        return json.dumps(value)
    text = json.dumps(str(value), ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace").decode()
