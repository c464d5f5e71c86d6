"""A configuration file that names another one whose values it takes over, made whole."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.formats.json_value import JsonValue
from gatecourt.rules.promotion.documents import Document
from gatecourt.rules.promotion.reading import Inquiry, value_of

_LONGEST = 8


def whole(document: Document, key: str | None, inquiry: Inquiry) -> JsonValue:
    """What stands at the document's place once the files that it builds on are merged below it.

    Tables merge key by key, everything else replaces. Raises ``Judged`` (``promotion.extends`` for a file that leaves
    its tree or for too many of them, those of reading).
    """
    if key is None:
        return inquiry.node(document)
    merged = _chain(Document(document.file, "", document.origin, document.of), key, inquiry, 1)
    root = value_of(merged, document.file)
    return root.node(document.pointer) if document.pointer else root


def _chain(document: Document, key: str, inquiry: Inquiry, depth: int) -> dict[str, Any]:
    own = inquiry.node(document)
    own.members()
    layer = {name: value for name, value in own.value.items() if name != key}
    if key not in own.value:
        return layer
    said = own.node(f"/{key}")
    base = _beside(document.file, said.text(""))
    if base is None or depth == _LONGEST:
        expected = f"a file of the same tree, as one of at most {_LONGEST}"
        raise Judged(Finding(said.where, expected, said.text(""), "promotion.extends"))
    return _merged(_chain(Document(base, "", document.origin, document.of), key, inquiry, depth + 1), layer)


def _beside(file: str, base: str) -> str | None:
    """The path ``base``, relative to the folder of ``file``; None where it leaves the tree."""
    steps: list[str] = []
    if base.startswith("/") or "\\" in base:
        return None
    for step in (PurePosixPath(file).parent / base).parts:
        if step != "..":
            steps.append(step)
        elif steps:
            steps.pop()
        else:
            return None
    return "/".join(steps)


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for name, value in over.items():
        known = merged.get(name)
        merged[name] = _merged(known, value) if isinstance(value, dict) and isinstance(known, dict) else value
    return merged
