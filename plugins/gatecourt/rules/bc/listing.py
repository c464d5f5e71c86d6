"""The three documents that list the samples of a version: the catalogue, the dataset's manifest, the checksum file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Subject
from gatecourt.formats import pointer, strictjson
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import subject
from gatecourt.formats.pointer import Steps
from gatecourt.rules.bc.catalogue import Catalogue, read_catalogue, version_entry
from gatecourt.rules.bc.placing import Folder, name_of
from gatecourt.rules.bc.section import BcSection

_DIGEST = re.compile(r"(?:sha256:)?([0-9a-fA-F]{64})")
_RULE = "bc.entry"


@dataclass(frozen=True, slots=True)
class Part:
    """One of the two files of a sample, as a document lists it; ``name`` is relative to the target's root."""

    where: str
    name: str
    sha256: str | None
    size: int | None


@dataclass(frozen=True, slots=True)
class ListedSample:
    """A sample as a document lists it. ``sha256`` is a digest over both files; ``fields`` has all keys."""

    where: str
    name: str
    sample: Part
    meta: Part
    sha256: str | None
    fields: Mapping[str, Any]


@dataclass
class Listing:
    """What one document lists: entries by the path of their arrays, and what is wrong with the document itself.

    ``names`` stands for entries where the document gives names alone.
    """

    where: str
    entries: dict[str, ListedSample] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    names: frozenset[str] | None = None
    scheme: str | None = None


@dataclass(frozen=True)
class Dataset:
    """One version: its folder, and the three listings. ``subjects`` are the documents."""

    version: str
    folder: Folder
    subjects: tuple[Subject, ...]
    catalogue: Listing
    manifest: Listing
    checksums: Listing

    @property
    def listings(self) -> tuple[Listing, Listing, Listing]:
        """All three; first the manifest, which defines what is used."""
        return self.manifest, self.checksums, self.catalogue


def read_dataset(section: BcSection, version: str, root: Path) -> Dataset:
    """The documents of ``version``. Faults of single entries are findings of their listing.

    Raises ``Judged``: ``bc.catalogue``, ``bc.version_missing``, ``bc.entry``, ``bc.outside``, ``bc.missing``,
    ``bc.no_samples``, those of reading JSON.
    """
    catalogue = read_catalogue(section, root)
    entry = version_entry(catalogue, version)
    folder = Folder(root, _path(section, catalogue, version, "captures_dir"))
    folder.require(catalogue.where(version, "captures_dir"))
    documents = [_path(section, catalogue, version, key) for key in ("manifest", "checksums")]
    home = Folder(root, ".")
    for key, name in zip(("manifest", "checksums"), documents, strict=True):
        home.locate(name, catalogue.where(version, key))
    manifest, checksums = (strictjson.read(root / name, name) for name in documents)
    return Dataset(
        version,
        folder,
        (catalogue.subject, *(subject(root / name, name) for name in documents)),
        _of_catalogue(section, catalogue, version, entry.get("samples")),
        _of_manifest(section, documents[0], manifest),
        _of_checksums(section, documents[1], checksums),
    )


def _path(section: BcSection, catalogue: Catalogue, version: str, key: str) -> str:
    return name_of(section, catalogue.entries[version].get(key), catalogue.where(version, key))


def _of_catalogue(section: BcSection, catalogue: Catalogue, version: str, samples: Any) -> Listing:
    listing = Listing(catalogue.where(version, "samples"))
    if isinstance(samples, list) and samples and all(isinstance(name, str) for name in samples):
        listing.names = frozenset(samples)
        if len(listing.names) != len(samples):
            listing.findings.append(Finding(listing.where, "each sample once", excerpt(samples), "bc.listed_twice"))
    elif isinstance(samples, dict) and samples:
        _take(section, listing, catalogue.subject.name, (version, "samples"), samples.items())
    else:
        expected = "the samples: an object by name, or their names"
        listing.findings.append(Finding(listing.where, expected, excerpt(samples), _RULE))
    return listing


def _of_manifest(section: BcSection, name: str, document: Any) -> Listing:
    rows, at = (document.get("samples"), ("samples",)) if isinstance(document, dict) else (document, ())
    if not isinstance(rows, list):
        observed = excerpt(document)
        raise Judged(Finding(name, "a list of samples, or an object with the list samples", observed, _RULE))
    if not rows:
        where = f"{name}#{pointer.join(at)}" if at else name
        raise Judged(Finding(where, "at least one sample", "none", "bc.no_samples"))
    listing = Listing(name)
    _take(section, listing, name, at, enumerate(rows))
    return listing


def _of_checksums(section: BcSection, name: str, document: Any) -> Listing:
    if not isinstance(document, dict):
        raise Judged(Finding(name, "an object of samples by name", excerpt(document), _RULE))
    rows, at = document, ()
    wrapped: Steps = ("samples",)
    if "scheme" in document or (isinstance(document.get("samples"), dict) and "sample" not in document["samples"]):
        rows, at = document.get("samples"), wrapped  # type: ignore[assignment]
    if not isinstance(rows, dict):
        raise Judged(Finding(f"{name}#{pointer.join(wrapped)}", "an object of samples by name", excerpt(rows), _RULE))
    listing = Listing(name)
    scheme = document.get("scheme") if at else None
    listing.scheme = scheme if isinstance(scheme, str) or scheme is None else excerpt(scheme)
    _take(section, listing, name, at, rows.items())
    return listing


def _take(section: BcSection, listing: Listing, name: str, at: Steps, rows: Any) -> None:
    """Reads every row into ``listing``; a wrong row is a finding, and so is a file listed in two rows."""
    metas: set[str] = set()
    names: set[str] = set()
    for key, row in rows:
        where = f"{name}#{pointer.join((*at, key))}"
        try:
            entry = _entry(section, where, key, row)
        except Judged as judged:
            listing.findings.append(judged.finding)
            continue
        for part, seen in ((entry.sample, listing.entries), (entry.meta, metas)):
            if part.name in seen:
                listing.findings.append(Finding(part.where, "each file once", part.name, "bc.listed_twice"))
        if entry.name in names and entry.sample.name not in listing.entries:
            listing.findings.append(Finding(where, "each name once", entry.name, "bc.listed_twice"))
        listing.entries.setdefault(entry.sample.name, entry)
        metas.add(entry.meta.name)
        names.add(entry.name)


def _entry(section: BcSection, where: str, key: str | int, row: Any) -> ListedSample:
    if not isinstance(row, dict):
        raise Judged(Finding(where, "an object with sample and meta", excerpt(row), _RULE))
    sample, meta = (_part(section, where, row, name) for name in ("sample", "meta"))
    name = row.get("name", key if isinstance(key, str) else PurePosixPath(sample.name).stem)
    if not isinstance(name, str) or not name:
        raise Judged(Finding(f"{where}/name", "a name", excerpt(name), _RULE))
    return ListedSample(where, name, sample, meta, _digest(row, where), row)


def _part(section: BcSection, where: str, row: Mapping[str, Any], key: str) -> Part:
    """A path alone, with its length beside it as ``<key>_bytes``; or an object of path, sha256 and bytes."""
    reported, at = row.get(key), f"{where}/{key}"
    if not isinstance(reported, dict):
        return Part(at, name_of(section, reported, at), None, _size(row, f"{key}_bytes", where))
    name = name_of(section, reported.get("path"), f"{at}/path")
    return Part(at, name, _digest(reported, at), _size(reported, "bytes", at))


def _digest(row: Mapping[str, Any], where: str) -> str | None:
    if "sha256" not in row:
        return None
    value = row["sha256"]
    matched = _DIGEST.fullmatch(value) if isinstance(value, str) else None
    if matched is None:
        raise Judged(Finding(f"{where}/sha256", "64 hex digits", excerpt(value), _RULE))
    return matched[1].lower()


def _size(row: Mapping[str, Any], key: str, where: str) -> int | None:
    if key not in row:
        return None
    value = row[key]
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Judged(Finding(f"{where}/{key}", "a number of bytes", excerpt(value), _RULE))
    return value


def parts(entry: ListedSample) -> Iterator[Part]:
    """Both files of a sample, the arrays first."""
    yield entry.sample
    yield entry.meta
