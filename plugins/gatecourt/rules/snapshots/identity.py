"""Whose snapshot it is: the configuration it was made under, and the policy of a release; guardrails as declared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json
from gatecourt.formats.bounded_regex import bounded_pattern
from gatecourt.formats.documents import read_document
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import subject
from gatecourt.formats.finding_groups import bounded
from gatecourt.formats.patterns import select
from gatecourt.rules.snapshots.facts import told
from gatecourt.rules.snapshots.reading import ABSENT, Snapshot, Snapshots, value_at
from gatecourt.rules.snapshots.section import Config, SnapshotsSection

_TOLD = 100


def judge_identity(section: SnapshotsSection, snapshots: Snapshots, root: Path) -> Judgement:
    """Every snapshot is of the release configuration, and every release says its policy's hash.

    Rules: ``snapshots.config_value``, ``snapshots.config_differs``,
    ``snapshots.other_config``, ``snapshots.policy_hash``, ``snapshots.no_release``, those of reading.
    """
    findings = [*snapshots.findings, *_no_release(section, snapshots)]
    subjects = snapshots.subjects
    for snapshot in snapshots.read:
        value = snapshot.at(section.pointers.policy_hash)
        findings += hash_findings(section, snapshot.name, section.pointers.policy_hash, value)
    if section.config is not None:
        document = read_document(root / section.config.file, section.config.file)
        subjects += (subject(root / section.config.file, section.config.file),)
        for snapshot in snapshots.read:
            findings += _against_config(section.config, document, snapshot)
    return Judgement(subjects, tuple(bounded(findings, _TOLD)))


def judge_guardrails(section: SnapshotsSection, root: Path) -> Judgement:
    """The configuration's guardrails are those declared.

    Rules: ``snapshots.guardrail_missing``, ``snapshots.guardrail``.
    """
    config = section.config
    if config is None:
        raise LookupError("[snapshots.config] is not declared")
    document = read_document(root / config.file, config.file)
    declared = {
        config.require_exact_config_at: config.require_exact_config,
        config.allow_downgrade_at: config.allow_downgrade,
    }
    findings = [finding for at, wanted in declared.items() for finding in _guardrail(config, document, at, wanted)]
    parameters: dict[str, Json] = dict(declared)
    return Judgement((subject(root / config.file, config.file),), tuple(findings), parameters)


def hash_findings(section: SnapshotsSection, name: str, place: str, value: Any) -> Iterator[Finding]:
    """The hash at ``place`` of the file ``name``; only a release must have one."""
    if value in (None, ABSENT) and not select([name], section.releases):
        return
    expected = f"a policy's hash, {section.policy_hash}"
    where = f"{name}#{place}"
    if not isinstance(value, str) or not bounded_pattern(section.policy_hash).fullmatch(value, where):
        yield Finding(where, expected, told(value), "snapshots.policy_hash")
    elif len(set(value)) == 1:
        yield Finding(where, expected, f"{excerpt(value[0])} {len(value)} times", "snapshots.policy_hash")


def _no_release(section: SnapshotsSection, snapshots: Snapshots) -> Iterator[Finding]:
    names = [source.name for source in snapshots.sources]
    if section.releases and not select(names, section.releases):
        where = ", ".join(section.releases)
        yield Finding(where, "at least one snapshot of a release", "no file", "snapshots.no_release")


def _against_config(config: Config, document: Json, snapshot: Snapshot) -> Iterator[Finding]:
    for place, source in sorted(config.equal.items()):
        wanted = value_at(document, source)
        if wanted is ABSENT:
            yield Finding(f"{config.file}#{source}", "a value to compare with", "absent", "snapshots.config_value")
        elif not same(snapshot.at(place), wanted):
            rule = "snapshots.config_differs" if config.require_exact_config else "snapshots.other_config"
            expected = f"{excerpt(wanted)} as at {config.file}#{source}"
            yield Finding(f"{snapshot.name}#{place}", expected, told(snapshot.at(place)), rule)


def same(left: Any, right: Any) -> bool:
    """Whether two values are equal and of one type; a boolean is no number."""
    return type(left) is type(right) and bool(left == right)


def _guardrail(config: Config, document: Json, at: str, wanted: bool) -> Iterator[Finding]:
    value = value_at(document, at)
    where = f"{config.file}#{at}"
    if value is ABSENT:
        yield Finding(where, f"{str(wanted).lower()}, in writing", "absent", "snapshots.guardrail_missing")
    elif value is not wanted:
        yield Finding(where, str(wanted).lower(), told(value), "snapshots.guardrail")
