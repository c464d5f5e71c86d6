"""Migrations run on a copy: the original stays, the result is valid, complete, and the same when migrated again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Run, Subject
from gatecourt.core.protocols import Target
from gatecourt.formats.digests import NotCanonicalError, canonical_bytes
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import Source, subject
from gatecourt.formats.finding_groups import bounded
from gatecourt.formats.patterns import select
from gatecourt.formats.strictjson import read
from gatecourt.rules.snapshots.facts import told, version_of
from gatecourt.rules.snapshots.reading import ABSENT, Snapshot
from gatecourt.rules.snapshots.section import Migration, SnapshotsSection
from gatecourt.rules.snapshots.validity import against_schema
from gatecourt.rules.snapshots.versions import parse_version

_TOLD = 100
_VALUE = "snapshot"


def judge_migration(section: SnapshotsSection, name: str, target: Target) -> Judgement:
    """Every old snapshot of the migration becomes a current one and loses nothing. Raises ``Judged`` as runs do.

    Rules: ``snapshots.not_old``, ``snapshots.migration_result``, ``snapshots.migration_version``,
    ``snapshots.migration_unrecorded``, ``snapshots.migration_lost``, ``snapshots.kept_absent``,
    ``snapshots.migration_repeats``, ``snapshots.original_changed``, ``e2.*``, those of reading and running.
    """
    migration = section.migrations[name]
    findings: list[Finding] = []
    subjects: list[Subject] = []
    for file in sorted(set(migration.files)):
        before = _snapshot(target.root / file, subject(target.root / file, file))
        subjects.append(before.source.subject)
        findings += _not_old(section, before)
        findings += _migrated(section, migration, before, target, subjects)
        findings += _unchanged(before.source)
    parameters: dict[str, Json] = {
        "command": migration.command,
        "version": section.version,
        "kept": list(migration.kept),
        "moved": dict(migration.moved),
    }
    return Judgement(tuple(subjects), tuple(bounded(findings, _TOLD)), parameters)


def _migrated(
    section: SnapshotsSection, migration: Migration, before: Snapshot, target: Target, subjects: list[Subject]
) -> Iterator[Finding]:
    run = target.command(migration.command, values={_VALUE: before.name})
    try:
        after = _result(migration, run)
    except Judged as judged:
        yield judged.finding
        return
    subjects.append(after.source.subject)
    yield from against_schema(section, [after.source], target.root).findings
    yield from _reached(section, before, after)
    yield from _losses(migration, before, after)
    yield from _repeated(migration, after, target)


def _result(migration: Migration, run: Run) -> Snapshot:
    names = select(run.files, migration.result)
    if len(names) != 1:
        observed = ", ".join(names) or "no file"
        where = ", ".join(migration.result)
        raise Judged(Finding(where, "one migrated snapshot", observed, "snapshots.migration_result"))
    return _snapshot(run.path(names[0]), run.files[names[0]])


def _snapshot(path: Path, known: Subject) -> Snapshot:
    return Snapshot(Source(path, known), read(path, known.name))


def _not_old(section: SnapshotsSection, before: Snapshot) -> Iterator[Finding]:
    version = version_of(section, before)
    if version is None or version >= parse_version(section.version):
        where = f"{before.name}#{section.pointers.version}"
        expected = f"a version before {section.version}"
        yield Finding(where, expected, told(before.at(section.pointers.version)), "snapshots.not_old")


def _reached(section: SnapshotsSection, before: Snapshot, after: Snapshot) -> Iterator[Finding]:
    """The result has the current version, and says by which migrations it came to it."""
    at = section.pointers
    if version_of(section, after) != parse_version(section.version):
        where = f"{after.name}#{at.version}"
        yield Finding(where, section.version, told(after.at(at.version)), "snapshots.migration_version")
    if at.applied is None:
        return
    earlier, applied = before.at(at.applied), after.at(at.applied)
    known = earlier if isinstance(earlier, list) else []
    if not isinstance(applied, list) or len(applied) <= len(known) or applied[: len(known)] != known:
        expected = f"the applied migrations after {excerpt(known)}"
        yield Finding(f"{after.name}#{at.applied}", expected, told(applied), "snapshots.migration_unrecorded")


def _losses(migration: Migration, before: Snapshot, after: Snapshot) -> Iterator[Finding]:
    for old, new in sorted({**dict.fromkeys(migration.kept), **migration.moved}.items()):
        place = old if new is None else new
        was, now = before.at(old), after.at(place)
        if was is ABSENT:
            yield Finding(f"{before.name}#{old}", "data to keep", "absent", "snapshots.kept_absent")
        elif now is ABSENT or not _alike(was, now):
            expected = f"{excerpt(was)} as in {before.name}"
            yield Finding(f"{after.name}#{place}", expected, told(now), "snapshots.migration_lost")


def _alike(left: Json, right: Json) -> bool:
    try:
        return canonical_bytes(left) == canonical_bytes(right)
    except NotCanonicalError:  # an unpaired surrogate has no canonical form
        return left == right


def _repeated(migration: Migration, after: Snapshot, target: Target) -> Iterator[Finding]:
    """The same command on its own result."""
    again = target.command(migration.command, values={_VALUE: str(after.source.path.resolve())})
    try:
        twice = _result(migration, again)
    except Judged as judged:
        yield judged.finding
        return
    if not _alike(twice.document, after.document):
        observed = f"sha256:{twice.source.subject.sha256}"
        expected = f"the same as after the first time, sha256:{after.source.subject.sha256}"
        yield Finding(after.name, expected, observed, "snapshots.migration_repeats")
    yield from _unchanged(after.source)


def _unchanged(source: Source) -> Iterator[Finding]:
    now: Any = subject(source.path, source.name)
    if now != source.subject:
        expected, observed = f"sha256:{source.subject.sha256}", f"sha256:{now.sha256}"
        yield Finding(source.name, expected, observed, "snapshots.original_changed")
