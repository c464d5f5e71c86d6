"""Versions of a row: which are known, and what is wrong with the others."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gatecourt.formats.versions import Version, at_least

VERSION = r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,3}"
_VERSION = re.compile(VERSION)


def parse_version(value: object) -> Version | None:
    """``"0.9.7"`` or ``1.2`` in its parts, of which there are at least two; None for what is no version."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    text = value if isinstance(value, str) else repr(value)
    if not _VERSION.fullmatch(text):
        return None
    parts = tuple(int(part) for part in text.split("."))
    return parts if len(parts) > 1 else (*parts, 0)


def refusal(found: Version, accepted: Sequence[Version]) -> str | None:
    """Why ``found`` is not to be read where ``accepted`` are known; None where it is.

    Known are the accepted versions, later patches of them and, from 1.0 on, later minors of them. Below 1.0 a minor
    counts as a major.
    """
    major, minor = found[:2]
    if major == 0:
        near = [known for known in accepted if known[:2] == (0, minor)]
        newer = "a newer minor, which counts as a major below 1.0" if found > max(accepted) else "another minor"
    else:
        near = [known for known in accepted if known[0] == major]
        newer = "a newer major" if found > max(accepted) else "another major"
    if not near:
        return newer
    return None if any(at_least(found, known) for known in near) else "older than any that is known"
