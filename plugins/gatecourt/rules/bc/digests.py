"""Digests of samples, each compared with its file, by the scheme that the checksum file declares.

Per file, a sample has two digests and two lengths. Concatenated, it has one digest over the arrays followed by the
description: then a byte can move from the one to the other and the digest stays, so the lengths must be known too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import get_args

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Subject
from gatecourt.formats.files import open_regular, subject
from gatecourt.mechanisms.bands.figures import counted
from gatecourt.rules.bc.agreement import disagreements, unlisted
from gatecourt.rules.bc.listing import Dataset, ListedSample, Part, parts, read_dataset
from gatecourt.rules.bc.section import BcSection, Scheme

_PER_FILE: Scheme = "sha256-per-file"


@dataclass
class _Digested:
    findings: list[Finding] = field(default_factory=list)
    subjects: dict[str, Subject] = field(default_factory=dict)


def judge_digests(section: BcSection, version: str, root: Path) -> Judgement:
    """Every file of ``version`` against its digest, and the three listings against each other and the folder.

    Rules: ``bc.digest``, ``bc.size``, ``bc.digest_missing``, ``bc.scheme_unknown``, ``bc.scheme_contradicts``,
    ``bc.scheme_ambiguous``, ``bc.missing``, ``bc.outside``, ``bc.entry``, ``bc.listed_twice``, ``bc.not_listed``,
    ``bc.disagree``, ``bc.unlisted``; raises ``Judged`` as ``read_dataset`` does.
    """
    dataset = read_dataset(section, version, root)
    digested = _Digested()
    scheme = _scheme(section, dataset, digested)
    for listing in dataset.listings:
        digested.findings += listing.findings
    for name in sorted({name for listing in dataset.listings for name in listing.entries}):
        _judge_sample(section, dataset, name, scheme, digested)
    digested.findings += [*disagreements(dataset), *unlisted(dataset)]
    parameters: dict[str, Json] = {"version": version, "scheme": scheme, "samples": len(dataset.manifest.entries)}
    subjects = (*dataset.subjects, *(digested.subjects[name] for name in sorted(digested.subjects)))
    return Judgement(subjects, tuple(dict.fromkeys(digested.findings)), parameters)


def _scheme(section: BcSection, dataset: Dataset, digested: _Digested) -> str | None:
    """The scheme in force: the file's own word, else that of the section."""
    declared, where = dataset.checksums.scheme, dataset.checksums.where
    known = get_args(Scheme)
    if declared is not None and declared not in known:
        expected = " or ".join(known)
        digested.findings.append(Finding(f"{where}#/scheme", expected, declared, "bc.scheme_unknown"))
        return None
    if declared is not None and section.scheme not in (None, declared):
        digested.findings.append(Finding(f"{where}#/scheme", str(section.scheme), declared, "bc.scheme_contradicts"))
    if declared is None and section.scheme is None:
        digested.findings.append(Finding(where, "a scheme, here or in the manifest", "none", "bc.scheme_unknown"))
    return declared or section.scheme


def _judge_sample(section: BcSection, dataset: Dataset, name: str, scheme: str | None, digested: _Digested) -> None:
    """One sample in every listing that names it: what any of them states of a file has to be so."""
    entries = [listing.entries[name] for listing in dataset.listings if name in listing.entries]
    for entry in entries:
        for part in parts(entry):
            _locate(dataset, part, digested)
    for entry in entries:
        digested.findings += _held(section, dataset, entry, digested)
    if scheme is not None and name in dataset.checksums.entries:
        digested.findings += _complete(section, dataset.checksums.entries[name], scheme)


def _locate(dataset: Dataset, part: Part, digested: _Digested) -> None:
    try:
        path = dataset.folder.locate(part.name, part.where)
        if part.name not in digested.subjects:
            digested.subjects[part.name] = subject(path, part.name)
    except Judged as judged:
        digested.findings.append(judged.finding)


def _held(section: BcSection, dataset: Dataset, entry: ListedSample, digested: _Digested) -> Iterator[Finding]:
    there = [digested.subjects.get(part.name) for part in parts(entry)]
    for part, found in zip(parts(_measured(section, entry)), there, strict=True):
        if found is None:
            continue
        if part.sha256 is not None and part.sha256 != found.sha256:
            yield Finding(part.where, f"sha256 {part.sha256}", f"{found.sha256} of {part.name}", "bc.digest")
        if part.size is not None and part.size != found.size:
            observed = f"{counted(found.size, 'byte')} of {part.name}"
            yield Finding(part.where, counted(part.size, "byte"), observed, "bc.size")
    if entry.sha256 is not None and None not in there:
        observed = _concatenated([dataset.folder.root / part.name for part in parts(entry)])
        if observed != entry.sha256:
            files = f"{entry.sample.name} and {entry.meta.name}"
            yield Finding(f"{entry.where}/sha256", f"sha256 {entry.sha256}", f"{observed} of {files}", "bc.digest")


def _measured(section: BcSection, entry: ListedSample) -> ListedSample:
    """The entry with the lengths from the section, where it has none of its own."""
    lengths = section.lengths.get(entry.name)
    if lengths is None:
        return entry
    sample, meta = (
        part if part.size is not None else replace(part, size=size)
        for part, size in ((entry.sample, lengths.sample), (entry.meta, lengths.meta))
    )
    return replace(entry, sample=sample, meta=meta)


def _complete(section: BcSection, entry: ListedSample, scheme: str) -> Iterator[Finding]:
    """Whether the checksum file states all that its scheme takes."""
    measured = _measured(section, entry)
    known = [part.size is not None for part in parts(measured)]
    if scheme == _PER_FILE:
        for part, sized in zip(parts(measured), known, strict=True):
            if part.sha256 is None or not sized:
                observed = "no digest" if part.sha256 is None else "no length"
                yield Finding(part.where, "sha256 and bytes of the file", observed, "bc.digest_missing")
        return
    if entry.sha256 is None:
        yield Finding(entry.where, "sha256 over both files", "no digest", "bc.digest_missing")
    if not all(known):
        expected = "the length of each file beside one digest over both"
        yield Finding(entry.where, expected, "none: a byte can move between them", "bc.scheme_ambiguous")


def _concatenated(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        with open_regular(path) as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
