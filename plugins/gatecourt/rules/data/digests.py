"""The digests of datasets: declared one by one, or in a checksum file as ``sha256sum`` writes it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Subject
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import subject
from gatecourt.formats.strictjson import read_bytes
from gatecourt.rules.data.section import Dataset

_LINE = re.compile(r"([0-9a-fA-F]{64}) [ *](\S.*)")


@dataclass
class Checksums:
    """A checksum file: digests by path below the target's root, and findings on malformed lines."""

    name: str
    digests: dict[str, set[str]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def judge_digests(dataset: Dataset, subjects: Iterable[Subject], root: Path) -> tuple[list[Subject], list[Finding]]:
    """Findings on the digests of ``subjects``, and the further files that were read for them.

    Rules: ``data.sha256``, ``data.sha256_not_declared``, ``data.checksum_missing``, ``data.checksum_line``.
    """
    if dataset.checksums is None:
        return [], [finding for one in subjects for finding in _declared(dataset.sha256, one)]
    try:
        listed = read_checksums(root / dataset.checksums, dataset.checksums)
        read = subject(root / dataset.checksums, dataset.checksums)
    except Judged as judged:
        return [], [judged.finding]
    found = [finding for one in subjects for finding in _listed(listed, one)]
    return [read], listed.findings + found


def read_checksums(path: Path, name: str) -> Checksums:
    """The checksum file ``path``. Blank lines and lines that begin with ``#`` are ignored.

    Names are relative to the file's own folder. Raises ``Judged`` (``artefact.unreadable``).
    """
    listed = Checksums(name)
    for number, line in enumerate(read_bytes(path, name).decode("utf-8", "backslashreplace").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if matched := _LINE.fullmatch(line):
            place = posixpath.normpath(posixpath.join(posixpath.dirname(name), matched[2]))
            listed.digests.setdefault(place, set()).add(matched[1].lower())
        else:
            expected = "64 hex digits, two spaces and a name"
            listed.findings.append(Finding(f"{name}:{number}", expected, excerpt(line), "data.checksum_line"))
    return listed


def _declared(digest: str | None, one: Subject) -> Iterator[Finding]:
    observed = f"sha256:{one.sha256}"
    if digest is None:
        yield Finding(one.name, "a declared digest", observed, "data.sha256_not_declared")
    elif digest != observed:
        yield Finding(one.name, digest, observed, "data.sha256")


def _listed(listed: Checksums, one: Subject) -> Iterator[Finding]:
    digests = sorted(listed.digests.get(one.name, ()))
    if not digests:
        yield Finding(listed.name, f"a line for {one.name}", "none", "data.checksum_missing")
    elif digests != [one.sha256]:
        expected = " and ".join(f"sha256:{digest}" for digest in digests)
        yield Finding(one.name, expected, f"sha256:{one.sha256}", "data.sha256")
