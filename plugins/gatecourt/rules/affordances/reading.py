"""Affordance manifests, read as untrusted input: one plain YAML document without anchors and tags."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json, Subject
from gatecourt.formats.documents import read_document
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import Source, in_tree
from gatecourt.formats.patterns import select
from gatecourt.formats.pointer import Steps, join, leaves
from gatecourt.formats.strictjson import read_bytes
from gatecourt.rules.affordances.section import AffordancesSection


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """One entry of a manifest that is a table, and its place."""

    where: str
    value: dict[str, Any]

    @property
    def is_object(self) -> bool:
        """Whether it places an object; without a type it is an affordance."""
        return self.value.get("type") == "object"


@dataclass(frozen=True, slots=True)
class AffordanceManifest:
    """One manifest that could be read. ``entries`` holds only the tables."""

    source: Source
    document: Json
    entries: tuple[ManifestEntry, ...]


@dataclass(frozen=True, slots=True)
class AffordanceManifests:
    """All manifests of the tree: those that could be read, and the findings about the others."""

    sources: tuple[Source, ...]
    read: tuple[AffordanceManifest, ...]
    findings: tuple[Finding, ...]

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """All manifest files."""
        return tuple(source.subject for source in self.sources)

    def objects(self) -> Iterator[ManifestEntry]:
        """Entries that place an object."""
        return (entry for manifest in self.read for entry in manifest.entries if entry.is_object)

    def affordances(self) -> Iterator[ManifestEntry]:
        """All other entries."""
        return (entry for manifest in self.read for entry in manifest.entries if not entry.is_object)

    def only(self, patterns: Sequence[str]) -> AffordanceManifests:
        """The manifests whose name matches a pattern; all of them if there is no pattern."""
        if not patterns:
            return self
        names = set(select([source.name for source in self.sources], patterns))
        sources = tuple(source for source in self.sources if source.name in names)
        read = tuple(manifest for manifest in self.read if manifest.source.name in names)
        return AffordanceManifests(sources, read, self.findings)


def read_manifests(section: AffordancesSection, root: Path) -> AffordanceManifests:
    """Every manifest below ``root``, read safely.

    Rules: ``artefact.none``, ``affordances.empty``, ``affordances.too_large``, ``affordances.yaml_feature``,
    ``affordances.not_plain``, ``affordances.shape``, and those of reading a document.
    """
    findings: list[Finding] = []
    sources: tuple[Source, ...] = ()
    manifests: list[AffordanceManifest] = []
    try:
        sources = in_tree(root, section.files)
    except Judged as judged:
        findings.append(judged.finding)
    for source in sources:
        try:
            document = _document(source, section.max_size)
            findings += _misshapen(document, source.name)
            manifests.append(AffordanceManifest(source, document, _entries(document, source.name)))
        except Judged as judged:
            findings.append(judged.finding)
    return AffordanceManifests(sources, tuple(manifests), tuple(findings))


def _document(source: Source, max_size: int) -> Json:
    if source.subject.size > max_size:
        observed = f"{source.subject.size} bytes"
        raise Judged(Finding(source.name, f"at most {max_size} bytes", observed, "affordances.too_large"))
    if source.name.lower().endswith((".yaml", ".yml")):
        _refuse_features(read_bytes(source.path, source.name), source.name)
    document = read_document(source.path, source.name)
    values: Iterable[tuple[Steps, object]] = leaves(document)
    for steps, value in values:
        if not isinstance(value, (str, bool, int, float, list, dict, type(None))):
            where = f"{source.name}#{join(steps)}"
            observed = f"a {type(value).__name__}"
            raise Judged(Finding(where, "a text, a number, true, false or null", observed, "affordances.not_plain"))
    return document


def _refuse_features(data: bytes, name: str) -> None:
    """Raise ``Judged`` for features that build objects or expand; invalid YAML is reported by the reader."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        for event in YAML(typ="safe", pure=True).parse(data.decode("utf-8")):
            if observed := _feature(event):
                where = f"{name}:{event.start_mark.line + 1}"
                expected = "plain YAML without anchors, aliases, tags, merge keys and directives"
                raise Judged(Finding(where, expected, observed, "affordances.yaml_feature"))
    except (YAMLError, UnicodeDecodeError, RecursionError, ValueError):
        return


def _feature(event: Any) -> str | None:
    from ruamel.yaml import events

    if isinstance(event, events.AliasEvent):
        return f"the alias *{event.anchor}"
    if getattr(event, "anchor", None):
        return f"the anchor &{event.anchor}"
    if isinstance(event, events.DocumentStartEvent) and (event.version or event.tags):
        return "a directive"
    if isinstance(event, events.ScalarEvent) and event.value == "<<" and not event.style:
        return "a merge key"
    tag = getattr(event, "tag", None)
    return f"the tag {excerpt(tag)}" if tag else None


def _misshapen(document: Json, name: str) -> Iterator[Finding]:
    if document is None or document == []:
        observed = "an empty list" if document == [] else "an empty document"
        yield Finding(name, "at least one entry", observed, "affordances.empty")
    elif not isinstance(document, list):
        yield Finding(name, "a list of entries", excerpt(document), "affordances.shape")
    else:
        for index, item in enumerate(document):
            if not isinstance(item, dict):
                yield Finding(f"{name}#/{index}", "a table", excerpt(item), "affordances.shape")


def _entries(document: Json, name: str) -> tuple[ManifestEntry, ...]:
    items = document if isinstance(document, list) else []
    return tuple(ManifestEntry(f"{name}#/{index}", item) for index, item in enumerate(items) if isinstance(item, dict))
