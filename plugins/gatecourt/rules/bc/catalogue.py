"""The dataset catalogue: versions that follow each other, of which one is in use."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Subject
from gatecourt.formats import pointer, strictjson
from gatecourt.formats.bounded_regex import bounded_pattern
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import subject
from gatecourt.rules.bc.section import BcSection

_STATUSES = ("active", "deprecated")


@dataclass(frozen=True)
class Catalogue:
    """The entries by id, as in the file."""

    subject: Subject
    entries: Mapping[str, Mapping[str, Any]]

    def where(self, *steps: str) -> str:
        """The place of a value in the grammar of findings."""
        return f"{self.subject.name}#{pointer.join(steps)}"


@dataclass(frozen=True, slots=True)
class _Version:
    id: str
    family: str
    number: int
    created: datetime.date
    active: bool


def read_catalogue(section: BcSection, root: Path) -> Catalogue:
    """The catalogue below ``root``. Raises ``Judged``: ``bc.catalogue``, or those of reading JSON."""
    name = section.versions
    document = strictjson.read(root / name, name)
    expected = "an object of versions by id, at least one"
    if not isinstance(document, dict) or not document:
        raise Judged(Finding(name, expected, excerpt(document), "bc.catalogue"))
    for key, entry in document.items():
        if not isinstance(entry, dict):
            raise Judged(Finding(f"{name}#{pointer.join((key,))}", "an object", excerpt(entry), "bc.catalogue"))
    return Catalogue(subject(root / name, name), document)


def version_entry(catalogue: Catalogue, version: str) -> Mapping[str, Any]:
    """The entry of ``version``. Raises ``Judged`` (``bc.version_missing``)."""
    if version not in catalogue.entries:
        known = excerpt(sorted(catalogue.entries))
        raise Judged(Finding(catalogue.subject.name, f"the version {version}", known, "bc.version_missing"))
    return catalogue.entries[version]


def judge_catalogue(section: BcSection, root: Path) -> Judgement:
    """The order and the status of every version, and whether the judged one is the one in use.

    Rules: ``bc.version_id``, ``bc.version_date``, ``bc.version_status``, ``bc.version_order``, ``bc.active``,
    ``bc.not_newest``, ``bc.version_missing``; raises ``Judged`` as ``read_catalogue`` does.
    """
    catalogue = read_catalogue(section, root)
    findings: list[Finding] = []
    families: dict[str, list[_Version]] = {}
    for name in sorted(catalogue.entries):
        version = _version(catalogue, name, section.id_pattern)
        if isinstance(version, _Version):
            families.setdefault(version.family, []).append(version)
        else:
            findings += version
    for family in sorted(families):
        findings += _judge_family(catalogue, sorted(families[family], key=lambda one: (one.number, one.id)))
    findings += _judge_choice(section.version, catalogue, families)
    described: dict[str, Json] = {
        family: [_describe(one) for one in sorted(families[family], key=lambda one: one.number)]
        for family in sorted(families)
    }
    return Judgement((catalogue.subject,), tuple(findings), {"version": section.version, "families": described})


def _describe(version: _Version) -> str:
    return f"{version.id} {version.created.isoformat()} {_STATUSES[not version.active]}"


def _version(catalogue: Catalogue, name: str, pattern: str) -> _Version | list[Finding]:
    entry, findings = catalogue.entries[name], []
    matched = bounded_pattern(pattern).fullmatch(name, catalogue.where(name))
    number = matched["number"] if matched else None
    if matched is None or number is None or not number.isdecimal():
        expected = f"an id with a number that rises, like {excerpt(pattern)}"
        findings.append(Finding(catalogue.where(name), expected, excerpt(name), "bc.version_id"))
    created, status = _date(entry.get("created")), entry.get("status")
    if created is None:
        observed, at = excerpt(entry.get("created")), catalogue.where(name, "created")
        findings.append(Finding(at, "a date such as 2026-01-31", observed, "bc.version_date"))
    if status not in _STATUSES:
        expected, at = " or ".join(_STATUSES), catalogue.where(name, "status")
        findings.append(Finding(at, expected, excerpt(status), "bc.version_status"))
    if findings or matched is None or number is None or created is None:
        return findings
    return _Version(name, matched["family"] or "", int(number), created, status == "active")


def _date(value: object) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _judge_family(catalogue: Catalogue, versions: list[_Version]) -> Iterator[Finding]:
    for earlier, later in itertools.pairwise(versions):
        if later.number == earlier.number:
            where, expected = catalogue.where(later.id), f"a number above that of {earlier.id}"
            yield Finding(where, expected, f"{later.number} again", "bc.version_order")
        if later.created < earlier.created:
            where = catalogue.where(later.id, "created")
            expected = f"a date not before {earlier.created}, of {earlier.id}"
            yield Finding(where, expected, later.created.isoformat(), "bc.version_order")
    active = [version for version in versions if version.active]
    for version in active:
        if version is not versions[-1]:
            where, newest = catalogue.where(version.id, "status"), versions[-1].id
            yield Finding(where, f"deprecated, for there is {newest}", "active", "bc.active")
    if len(active) > 1:
        observed = ", ".join(version.id for version in active)
        yield Finding(catalogue.subject.name, f"one active version of {versions[0].family}", observed, "bc.active")


def _judge_choice(name: str, catalogue: Catalogue, families: Mapping[str, list[_Version]]) -> Iterator[Finding]:
    if name not in catalogue.entries:
        known = excerpt(sorted(catalogue.entries))
        yield Finding(catalogue.subject.name, f"the judged version {name}", known, "bc.version_missing")
    for family in families.values():
        judged = next((version for version in family if version.id == name), None)
        if judged is None:
            continue
        newest = max(family, key=lambda one: (one.number, one.created))
        if newest is not judged:
            yield Finding(catalogue.where(name), f"the newest version, {newest.id}", name, "bc.not_newest")
        if not judged.active:
            yield Finding(catalogue.where(name, "status"), "active", "deprecated", "bc.active")
