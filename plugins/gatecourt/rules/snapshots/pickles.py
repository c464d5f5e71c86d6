"""Pickles are never loaded: digest and size are taken, and the sidecar beside one is held to what can be seen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json
from gatecourt.formats.documents import read_document
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import Source
from gatecourt.formats.strictjson import read
from gatecourt.rules.snapshots.facts import tick_findings, told, version_findings
from gatecourt.rules.snapshots.identity import hash_findings, same
from gatecourt.rules.snapshots.reading import ABSENT, Pickle, Snapshots, value_at
from gatecourt.rules.snapshots.section import SnapshotsSection

_KEYS = ("sha256", "size", "schema_version", "config_id", "tick", "policy_hash")


def judge_pickles(section: SnapshotsSection, snapshots: Snapshots, root: Path) -> Judgement:
    """Every pickle has a sidecar, which says of it what is so.

    Rules: ``snapshots.pickle``, ``snapshots.empty``, ``snapshots.sidecar_incomplete``,
    ``snapshots.sidecar_differs`` and those of the facts that a snapshot would give itself.
    """
    findings: list[Finding] = []
    subjects = list(snapshots.subjects)
    for pickle in snapshots.pickles:
        source = pickle.source
        if source.subject.size == 0:
            findings.append(Finding(source.name, "a snapshot", "an empty file", "snapshots.empty"))
        if pickle.sidecar is None:
            expected = f"a sidecar {source.name}.json with {', '.join(_KEYS)}"
            findings.append(Finding(source.name, expected, "a pickle without one", "snapshots.pickle"))
            continue
        if pickle.sidecar.subject not in subjects:
            subjects.append(pickle.sidecar.subject)
        findings += _against_sidecar(section, pickle, pickle.sidecar, root)
    parameters: dict[str, Json] = {"pickles": [pickle.source.name for pickle in snapshots.pickles]}
    return Judgement(tuple(subjects), tuple(findings), parameters)


def _against_sidecar(section: SnapshotsSection, pickle: Pickle, sidecar: Source, root: Path) -> Iterator[Finding]:
    try:
        said = read(sidecar.path, sidecar.name)
    except Judged as judged:
        yield judged.finding
        return
    if not isinstance(said, dict):
        yield Finding(sidecar.name, "a table", excerpt(said), "snapshots.sidecar_incomplete")
        return
    for key in _KEYS:
        if key not in said:
            yield Finding(f"{sidecar.name}#/{key}", "a value", "absent", "snapshots.sidecar_incomplete")
    yield from _bytes(pickle, sidecar.name, said)
    yield from (finding for finding in _facts(section, pickle, sidecar.name, said))
    yield from _config(section, sidecar.name, said, root)


def _bytes(pickle: Pickle, name: str, said: dict[str, Any]) -> Iterator[Finding]:
    subject = pickle.source.subject
    for key, so in (("sha256", subject.sha256), ("size", subject.size)):
        value = said.get(key, so)
        plain = value.removeprefix("sha256:") if isinstance(value, str) else value
        if not same(plain, so):
            expected = f"{excerpt(so)}, as of {pickle.source.name}"
            yield Finding(f"{name}#/{key}", expected, told(value), "snapshots.sidecar_differs")


def _facts(section: SnapshotsSection, pickle: Pickle, name: str, said: dict[str, Any]) -> Iterator[Finding]:
    """What the sidecar says, judged under the pickle's name and told at the sidecar's place."""
    judged: list[Finding] = []
    if "schema_version" in said:
        judged += version_findings(section, pickle.source.name, "/schema_version", said["schema_version"])
    if "tick" in said:
        judged += tick_findings(section, pickle.source.name, "/tick", said["tick"])
    if "policy_hash" in said:
        judged += hash_findings(section, pickle.source.name, "/policy_hash", said["policy_hash"])
    for finding in judged:
        _, mark, place = finding.where.partition("#")
        where = f"{name}#{place}" if mark else finding.where
        yield Finding(where, finding.expected, finding.observed, finding.rule)


def _config(section: SnapshotsSection, name: str, said: dict[str, Any], root: Path) -> Iterator[Finding]:
    """The configuration's id against the configuration, where the section compares that of snapshots too."""
    config = section.config
    place = config.equal.get(section.pointers.config_id) if config else None
    if config is None or place is None or "config_id" not in said:
        return
    wanted = value_at(read_document(root / config.file, config.file), place)
    if wanted is not ABSENT and not same(said["config_id"], wanted):
        rule = "snapshots.config_differs" if config.require_exact_config else "snapshots.other_config"
        expected = f"{excerpt(wanted)} as at {config.file}#{place}"
        yield Finding(f"{name}#/config_id", expected, told(said["config_id"]), rule)
