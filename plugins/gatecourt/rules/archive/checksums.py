"""The member of an archive that lists the digests of all others."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json
from gatecourt.formats import pointer
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.strictjson import parse
from gatecourt.rules.archive.contents import Contents, Member
from gatecourt.rules.archive.section import ArchiveSection

_LINE = re.compile(r"\\?([0-9a-fA-F]{64}) [ *](\S.*)")
_DIGEST = re.compile(r"(?:sha256:)?([0-9a-fA-F]{64})")
_RULE = "archive.checksum_line"


def listed(contents: Contents, section: ArchiveSection) -> tuple[dict[str, str], list[Finding]]:
    """Digests by name of member, and what is wrong with the list.

    Rules: ``archive.checksum_line``. Raises ``Judged``: ``archive.checksums_missing``, or what is wrong with the JSON.
    """
    name = posixpath.normpath(section.prefix + section.checksums)
    member = contents.members.get(name)
    if member is None:
        missing = Finding(contents.where(name), "a member with the digests", "none", "archive.checksums_missing")
        raise Judged(missing)
    if member.data is None:
        large = Finding(contents.where(name), "a list that can be read", f"{member.size} bytes", _RULE)
        raise Judged(large)
    rows = _document(contents, member, section) if name.endswith(".json") else _lines(contents, member)
    digests: dict[str, str] = {}
    findings: list[Finding] = []
    for row in rows:
        if isinstance(row, Finding):
            findings.append(row)
            continue
        where, stated, digest = row
        place = posixpath.normpath(posixpath.join(posixpath.dirname(name), stated))
        if place in digests:
            findings.append(Finding(where, "each name once", excerpt(stated), _RULE))
        digests.setdefault(place, digest)
    return digests, findings


_Row = tuple[str, str, str] | Finding
"""Where it stands, the name, the digest; or what is wrong."""


def _lines(contents: Contents, member: Member) -> Iterator[_Row]:
    text = (member.data or b"").decode("utf-8", "surrogateescape")
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        where = f"{contents.where(member.name)}:{number}"
        if matched := _LINE.fullmatch(line):
            yield where, matched[2], matched[1].lower()
        else:
            yield Finding(where, "64 hex digits, two spaces and a name", excerpt(line), _RULE)


def _document(contents: Contents, member: Member, section: ArchiveSection) -> Iterator[_Row]:
    at = contents.where(member.name)
    document = parse(member.data or b"", at)
    where = f"{at}{section.checksums_at}"
    expected = "an object of digests by name, or an array of objects with path and sha256"
    try:
        found = pointer.get(document, section.checksums_at)
    except KeyError:
        raise Judged(Finding(where, expected, "nothing there", _RULE)) from None
    if not isinstance(found, dict | list):
        raise Judged(Finding(where, expected, excerpt(found), _RULE))
    for key, name, digest in _pairs(found):
        matched = _DIGEST.fullmatch(digest) if isinstance(digest, str) else None
        if isinstance(name, str) and name and matched:
            yield f"{where}/{key}", name, matched[1].lower()
        else:
            yield Finding(f"{where}/{key}", "a name with its SHA-256", excerpt([name, digest]), _RULE)


def _pairs(found: dict[str, Json] | list[Json]) -> Iterator[tuple[str, Json, Json]]:
    if isinstance(found, dict):
        for name, digest in found.items():
            yield pointer.join([name])[1:], name, digest
        return
    for place, item in enumerate(found):
        row = item if isinstance(item, dict) else {}
        yield str(place), row.get("path"), row.get("sha256")
