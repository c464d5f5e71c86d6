"""Manifests compared with their digests, schema and known keys; ids are unique across all of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json
from gatecourt.formats import pointer
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.finding_groups import bounded
from gatecourt.formats.json_schema import compile_schema
from gatecourt.formats.json_schema_wording import demand, observed_value, ordered
from gatecourt.rules.affordances.reading import AffordanceManifest, AffordanceManifests, ManifestEntry, read_manifests
from gatecourt.rules.affordances.section import AffordancesSection

if TYPE_CHECKING:
    from jsonschema_rs import Validator

_MOST_FINDINGS = 100
_OBJECT_KEYS = frozenset({"type", "id", "object_type", "stock", "position"})
_AFFORDANCE_KEYS = frozenset({"type", "id", "object_type", "duration", "effects", "preconds", "hooks"})


def judge_digests(section: AffordancesSection, root: Path) -> Judgement:
    """Every manifest has its pinned digest, and every pinned manifest exists.

    Rules: ``affordances.digest``, ``affordances.unpinned``, ``affordances.absent``.
    """
    manifests = read_manifests(section, root)
    digests = {source.name: f"sha256:{source.subject.sha256}" for source in manifests.sources}
    findings = [finding for finding in manifests.findings if finding.rule in _MISSING_FILES]
    for name in sorted(digests.keys() | section.sha256.keys()):
        expected, observed = section.sha256.get(name), digests.get(name)
        if expected is None:
            findings.append(Finding(name, "a pinned digest", f"none for {observed}", "affordances.unpinned"))
        elif observed is None:
            findings.append(Finding(name, expected, "no such file", "affordances.absent"))
        elif observed != expected:
            findings.append(Finding(name, expected, observed, "affordances.digest"))
    return Judgement(manifests.subjects, tuple(findings), {"expected": dict(section.sha256)})


_MISSING_FILES = ("artefact.none", "artefact.unreadable")


def judge_validity(section: AffordancesSection, root: Path) -> Judgement:
    """Every manifest is plain YAML that matches its schema, without unknown keys.

    Rules: ``affordances.schema``, ``affordances.unknown_key``, ``affordances.unknown_type``,
    ``affordances.no_affordance``, those of reading and of an invalid schema.
    """
    manifests = read_manifests(section, root)
    compiled = compile_schema(root, section.schema)
    findings = [*manifests.findings, *compiled.findings]
    if compiled.validator is not None:
        written = [one for one in manifests.read if one.document not in (None, [])]
        findings += [found for one in written for found in _violations(one, compiled.validator)]
    findings += [found for one in manifests.read for entry in one.entries for found in _unknown(entry, section)]
    affordances = sum(1 for _ in manifests.affordances())
    if manifests.read and not affordances:
        where = ", ".join(section.files)
        findings.append(Finding(where, "at least one affordance", "none", "affordances.no_affordance"))
    parameters: dict[str, Json] = {
        "schema": section.schema,
        "objects": sum(1 for _ in manifests.objects()),
        "affordances": affordances,
    }
    subjects = (*compiled.subjects, *manifests.subjects)
    return Judgement(subjects, tuple(bounded(findings, _MOST_FINDINGS)), parameters)


def judge_ids(section: AffordancesSection, root: Path) -> Judgement:
    """Every entry has an id of its own. Rules: ``affordances.id``, ``affordances.duplicate_id``."""
    manifests = read_manifests(section, root)
    findings = [*manifests.findings, *_repeated(manifests)]
    return Judgement(manifests.subjects, tuple(bounded(findings, _MOST_FINDINGS)))


def _violations(manifest: AffordanceManifest, validator: Validator) -> Iterator[Finding]:
    try:
        errors = ordered(validator.iter_errors(manifest.document))
    except (ValueError, TypeError) as refusal:  # an unpaired surrogate, or nesting too deep for the validator
        yield Finding(manifest.source.name, "a document that a validator can read", str(refusal), "affordances.schema")
        return
    for error in errors:
        where = f"{manifest.source.name}#{pointer.join(error.instance_path)}"
        yield Finding(where, demand(error), observed_value(error), "affordances.schema")


def _unknown(entry: ManifestEntry, section: AffordancesSection) -> Iterator[Finding]:
    kind = entry.value.get("type", "affordance")
    if kind not in ("object", "affordance"):
        yield Finding(f"{entry.where}/type", "object or affordance", excerpt(kind), "affordances.unknown_type")
    known = (_OBJECT_KEYS if entry.is_object else _AFFORDANCE_KEYS) | set(section.further_keys)
    for key in sorted(entry.value.keys() - known):
        where = entry.where + pointer.join([key])
        yield Finding(where, f"one of {', '.join(sorted(known))}", key, "affordances.unknown_key")


def _repeated(manifests: AffordanceManifests) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for entry in (entry for manifest in manifests.read for entry in manifest.entries):
        name = entry.value.get("id")
        where = f"{entry.where}/id"
        if not isinstance(name, str) or not name or name != name.strip() or not name.isprintable():
            observed = excerpt(name) if "id" in entry.value else "absent"
            expected = "a text that is not empty, of printable characters, without surrounding spaces"
            yield Finding(where, expected, observed, "affordances.id")
        elif first.setdefault(seen := unicodedata.normalize("NFKC", name), where) != where:
            observed = f"{excerpt(name)}, as at {first[seen]}"
            yield Finding(where, "a unique id", observed, "affordances.duplicate_id")
