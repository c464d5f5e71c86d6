"""Schema versions ``major.minor``, compared as numbers: 1.10 is newer than 1.9."""

from __future__ import annotations

import re

_VERSION = re.compile(r"(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})")
Version = tuple[int, int]


def parse_version(text: object) -> Version:
    """``"1.6"`` as ``(1, 6)``. Raises ``ValueError`` for anything else, the number 1.6 included."""
    found = _VERSION.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f"expected a version such as '1.6', found {text!r}")
    return int(found[1]), int(found[2])
