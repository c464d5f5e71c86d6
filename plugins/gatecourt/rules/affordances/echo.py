"""What a running system reports about its loaded manifests, compared with the manifests themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Run
from gatecourt.formats import pointer
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import Source, gather
from gatecourt.formats.finding_groups import bounded
from gatecourt.formats.jsonl import records
from gatecourt.formats.pointer import ABSENT
from gatecourt.formats.strictjson import read, read_bytes
from gatecourt.rules.affordances.reading import AffordanceManifests, read_manifests
from gatecourt.rules.affordances.section import AffordancesSection, Echo

_MOST_FINDINGS = 20


def judge_echo(section: AffordancesSection, name: str, run: Run, root: Path) -> Judgement:
    """Path, checksum and counts in the artefacts are those of the manifests.

    Rules: ``affordances.echo_missing``, ``affordances.echo_value``, ``affordances.echo_differs``,
    ``affordances.echo_ambiguous``, ``artefact.none`` and those of reading.
    """
    echo = section.echo[name]
    manifests = read_manifests(section, root).only(echo.manifests)
    sources = gather(echo.files, "artefacts", run, root)
    findings = list(manifests.findings)
    if not sources:
        findings.append(Finding(", ".join(echo.files), "at least one artefact", "none", "artefact.none"))
    blocks = 0
    for source in sources:
        for place, block in _blocks(source, echo):
            blocks += not isinstance(block, Finding)
            findings += [block] if isinstance(block, Finding) else _against(block, place, echo, manifests)
    if sources and not blocks:
        where = ", ".join(source.name for source in sources)
        findings.append(Finding(where, f"a report at {' or '.join(echo.at)}", "none", "affordances.echo_missing"))
    subjects = (*manifests.subjects, *(source.subject for source in sources))
    parameters: dict[str, Json] = {"scheme": echo.scheme, "blocks": blocks}
    return Judgement(subjects, tuple(bounded(findings, _MOST_FINDINGS)), parameters)


def _blocks(source: Source, echo: Echo) -> Iterator[tuple[str, Json | Finding]]:
    for place, document in _documents(source):
        if isinstance(document, Finding):
            yield place, document
            continue
        for at in echo.at:
            block = pointer.find(document, at, ABSENT)
            if block is not ABSENT:
                yield f"{place}#{at}", block


def _documents(source: Source) -> Iterator[tuple[str, Json | Finding]]:
    if source.name.endswith((".jsonl", ".ndjson")):
        for record in records(source.path, source.name):
            if isinstance(record, Finding):
                yield record.where, record
            else:
                yield f"{source.name}:{record.line}", record.value
        return
    try:
        yield source.name, read(source.path, source.name)
    except Judged as judged:
        yield source.name, judged.finding


def _against(block: Json, place: str, echo: Echo, manifests: AffordanceManifests) -> Iterator[Finding]:
    names = [source.name for source in manifests.sources]
    if echo.scheme == "file" and len(names) != 1:
        observed = ", ".join(names) or "none"
        yield Finding(place, "exactly one manifest for the checksum", observed, "affordances.echo_ambiguous")
        return
    yield from _count(block, place, echo.objects, sum(1 for _ in manifests.objects()))
    yield from _count(block, place, echo.affordances, sum(1 for _ in manifests.affordances()))
    if echo.path is not None:
        yield from _compare(block, place, echo.path, _in_order(block, echo, dict(zip(names, names, strict=True))))
    yield from _compare(block, place, echo.checksum, _checksum(block, echo, manifests))


def _count(block: Json, place: str, at: str, expected: int) -> Iterator[Finding]:
    value = pointer.find(block, at, ABSENT)
    where = place + at
    if isinstance(value, bool) or not isinstance(value, int):
        observed = "absent" if value is ABSENT else excerpt(value)
        yield Finding(where, "a whole number", observed, "affordances.echo_value")
    elif value != expected:
        yield Finding(where, f"{expected}, counted in the manifests", str(value), "affordances.echo_differs")


def _checksum(block: Json, echo: Echo, manifests: AffordanceManifests) -> list[str] | dict[str, str]:
    digests = {source.name: source.subject.sha256 for source in manifests.sources}
    if echo.scheme == "concatenated":
        whole = b"".join(read_bytes(source.path, source.name) for source in manifests.sources)
        return [hashlib.sha256(whole).hexdigest()]
    in_table = isinstance(pointer.find(block, echo.checksum), dict)
    return digests if in_table else _in_order(block, echo, digests)


def _in_order(block: Json, echo: Echo, known: dict[str, str]) -> list[str]:
    """The value of each manifest, in the order of the paths in the block, or else of their names."""
    paths = _as_texts(ABSENT if echo.path is None else pointer.find(block, echo.path, ABSENT))
    if isinstance(paths, list) and sorted(paths) == sorted(known):
        return [known[path] for path in paths]
    return list(known.values())


def _compare(block: Json, place: str, at: str, expected: list[str] | dict[str, str]) -> Iterator[Finding]:
    """Compares a text, a list of texts or a table of them with ``expected``."""
    value = pointer.find(block, at, ABSENT)
    where = place + at
    texts = _as_texts(value)
    if texts is None:
        observed = "absent" if value is ABSENT else excerpt(value)
        yield Finding(where, "a text, or one per manifest", observed, "affordances.echo_value")
    elif texts != expected:
        yield Finding(where, excerpt(expected, 400), excerpt(value, 400), "affordances.echo_differs")


def _as_texts(value: Any) -> list[str] | dict[str, str] | None:
    if isinstance(value, str):
        return [value.removeprefix("sha256:")]
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return [item.removeprefix("sha256:") for item in value]
    if isinstance(value, dict) and all(isinstance(item, str) for item in value.values()):
        return {key: item.removeprefix("sha256:") for key, item in value.items()}
    return None
