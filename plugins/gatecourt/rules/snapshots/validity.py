"""Snapshots of the current version against its JSON Schema, strictly."""

from __future__ import annotations

from pathlib import Path

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Run, Subject
from gatecourt.formats.files import Source
from gatecourt.rules.e2.checks import judge_validity as judge_schema
from gatecourt.rules.e2.section import SchemaRule
from gatecourt.rules.snapshots.facts import is_current
from gatecourt.rules.snapshots.reading import Snapshots
from gatecourt.rules.snapshots.section import SnapshotsSection


def judge_validity(section: SnapshotsSection, snapshots: Snapshots, root: Path) -> Judgement:
    """Every snapshot that is not older is what the schema says. Rules: those of reading and ``e2.*``."""
    sources = [snapshot.source for snapshot in snapshots.read if is_current(section, snapshot)]
    judged = against_schema(section, sources, root)
    findings = (*snapshots.findings, *judged.findings)
    return Judgement(judged.subjects, findings, {"schema": section.schema, "validated": len(sources)})


def against_schema(section: SnapshotsSection, sources: list[Source], root: Path) -> Judgement:
    """The files against the section's schema; none is a finding ``snapshots.none_current``."""
    if not sources:
        finding = Finding(
            section.schema, f"a snapshot of version {section.version} to validate", "none", "snapshots.none_current"
        )
        return Judgement((), (finding,))
    found: list[Finding] = []
    subjects: dict[str, Subject] = {}
    for folder in sorted({_folder(source) for source in sources}):
        own = [source for source in sources if _folder(source) == folder]
        run = Run(folder, {source.name: source.subject for source in own})
        judged = judge_schema(SchemaRule(files=("**",), schema=section.schema), run, root)
        subjects |= {subject.name: subject for subject in judged.subjects}
        found += judged.findings
    return Judgement(tuple(subjects.values()), tuple(found))


def _folder(source: Source) -> Path:
    """The folder that the source's name is relative to."""
    return source.path.parents[source.name.count("/")]
