"""What every snapshot says of itself: version, tick, agents. Its name must agree, and an old one needs a migration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json
from gatecourt.formats.bounded_regex import bounded_pattern
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.finding_groups import bounded
from gatecourt.rules.snapshots.reading import ABSENT, Snapshot, Snapshots
from gatecourt.rules.snapshots.section import SnapshotsSection
from gatecourt.rules.snapshots.versions import Version, parse_version

_TOLD = 100


def judge_facts(section: SnapshotsSection, snapshots: Snapshots) -> Judgement:
    """Version, tick and number of agents of every snapshot.

    Rules: ``snapshots.version_value``, ``snapshots.newer``, ``snapshots.downgrade``, ``snapshots.no_migration``,
    ``snapshots.name``, ``snapshots.tick_value``, ``snapshots.tick_differs``, ``snapshots.agents_value``,
    ``snapshots.too_few_agents``, those of reading.
    """
    findings = list(snapshots.findings)
    for snapshot in snapshots.read:
        at = section.pointers
        findings += version_findings(section, snapshot.name, at.version, snapshot.at(at.version))
        findings += tick_findings(section, snapshot.name, at.tick, snapshot.at(at.tick))
        findings += _agents(section, snapshot)
    facts: dict[str, Json] = {snapshot.name: _facts(section, snapshot) for snapshot in snapshots.read}
    parameters: dict[str, Json] = {
        "version": section.version,
        "minimum_agents": section.minimum_agents,
        "snapshots": facts,
    }
    return Judgement(snapshots.subjects, tuple(bounded(findings, _TOLD)), parameters)


def is_current(section: SnapshotsSection, snapshot: Snapshot) -> bool:
    """Whether the snapshot has the version that the section's schema describes, or none that can be read."""
    return version_of(section, snapshot) in (None, parse_version(section.version))


def version_of(section: SnapshotsSection, snapshot: Snapshot) -> Version | None:
    """The version of a snapshot; None where it says none."""
    try:
        return parse_version(snapshot.at(section.pointers.version))
    except ValueError:
        return None


def version_findings(section: SnapshotsSection, name: str, place: str, value: Any) -> Iterator[Finding]:
    """The version at ``place`` of the file ``name`` against the current one."""
    where = f"{name}#{place}"
    try:
        version = parse_version(value)
    except ValueError:
        yield Finding(where, 'a text such as "1.6"', told(value), "snapshots.version_value")
        return
    current = parse_version(section.version)
    if version > current:
        allowed = section.config is not None and section.config.allow_downgrade
        rule = "snapshots.downgrade" if allowed else "snapshots.newer"
        yield Finding(where, f"{section.version} or older", str(value), rule)
    elif version < current and not _migrates(section, name):
        expected = f"{section.version}, or a declared migration from {value}"
        yield Finding(where, expected, str(value), "snapshots.no_migration")


def tick_findings(section: SnapshotsSection, name: str, place: str, value: Any) -> Iterator[Finding]:
    """The tick at ``place`` of the file ``name`` against the tick in the name."""
    where = f"{name}#{place}"
    match = bounded_pattern(section.name).fullmatch(PurePosixPath(name).name, name)
    said = match["tick"] if match and (match["tick"] or "").isdecimal() else None
    if said is None:
        yield Finding(name, f"a name like {section.name}", PurePosixPath(name).name, "snapshots.name")
    if not is_tick(value):
        yield Finding(where, "a whole number, 0 or more", told(value), "snapshots.tick_value")
    elif said is not None and int(said) != value:
        yield Finding(where, f"{int(said)}, as in the file name", excerpt(value), "snapshots.tick_differs")


def is_tick(value: Any) -> bool:
    """Whether the value counts ticks: a whole number, no boolean, no text, not negative."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def told(value: Any) -> str:
    """A value in a few words, and its absence."""
    return "absent" if value is ABSENT else excerpt(value)


def _migrates(section: SnapshotsSection, name: str) -> bool:
    return section.origin == "target" and any(name in each.files for each in section.migrations.values())


def _agents(section: SnapshotsSection, snapshot: Snapshot) -> Iterator[Finding]:
    where = f"{snapshot.name}#{section.pointers.agents}"
    agents = snapshot.at(section.pointers.agents)
    if not isinstance(agents, (dict, list)):
        yield Finding(where, "a table or a list of agents", told(agents), "snapshots.agents_value")
    elif len(agents) < section.minimum_agents:
        expected = f"at least {section.minimum_agents} agents"
        yield Finding(where, expected, str(len(agents)), "snapshots.too_few_agents")


def _facts(section: SnapshotsSection, snapshot: Snapshot) -> dict[str, Json]:
    """What an operator asks first of a snapshot."""
    at = section.pointers
    agents = snapshot.at(at.agents)
    places = {"schema_version": at.version, "tick": at.tick, "config_id": at.config_id, "policy_hash": at.policy_hash}
    facts: dict[str, Json] = {name: told(snapshot.at(place)) for name, place in places.items()}
    facts["agents"] = len(agents) if isinstance(agents, (dict, list)) else told(agents)
    if at.applied is not None:
        facts["migrations"] = told(snapshot.at(at.applied))
    return facts
