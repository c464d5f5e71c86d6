"""Whether the three listings of a version agree on the same files, and whether its folder has exactly these files."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.rules.bc.listing import Dataset, ListedSample, Listing, parts


def disagreements(dataset: Dataset) -> Iterator[Finding]:
    """Rules: ``bc.not_listed``, ``bc.disagree``."""
    for one, other in itertools.permutations(dataset.listings, 2):
        yield from _missing(one, other)
    for one, other in itertools.combinations(dataset.listings, 2):
        for name in sorted(one.entries.keys() & other.entries.keys()):
            yield from _differing(one.entries[name], other.entries[name])


def _missing(one: Listing, other: Listing) -> Iterator[Finding]:
    """What ``one`` lists and ``other`` does not. With a document that has names alone, only names are compared."""
    if one.names is not None or other.names is not None:
        listed = {entry.name for entry in other.entries.values()} if other.names is None else other.names
        for name, where in sorted(_names(one).items()):
            if name not in listed:
                yield Finding(where, f"{name} in {other.where} too", "absent there", "bc.not_listed")
        return
    for name in sorted(one.entries.keys() - other.entries.keys()):
        entry = one.entries[name]
        yield Finding(entry.where, f"{name} in {other.where} too", "absent there", "bc.not_listed")


def _names(listing: Listing) -> dict[str, str]:
    if listing.names is not None:
        return dict.fromkeys(listing.names, listing.where)
    return {entry.name: entry.where for entry in listing.entries.values()}


def _differing(one: ListedSample, other: ListedSample) -> Iterator[Finding]:
    pairs = [
        ("", one.name, other.name),
        ("/meta", one.meta.name, other.meta.name),
        ("/sha256", one.sha256, other.sha256),
        ("/sample", one.sample.sha256, other.sample.sha256),
        ("/sample", one.sample.size, other.sample.size),
        ("/meta", one.meta.sha256, other.meta.sha256),
        ("/meta", one.meta.size, other.meta.size),
    ]
    for at, here, there in pairs:
        if here is not None and there is not None and here != there:
            expected = f"{there}, as at {other.where}{at}"
            yield Finding(f"{one.where}{at}", expected, str(here), "bc.disagree")


def unlisted(dataset: Dataset) -> Iterator[Finding]:
    """Files, links and the like in the version's folder that no listing names. Rule: ``bc.unlisted``."""
    entries = [entry for listing in dataset.listings for entry in listing.entries.values()]
    listed = {part.name for entry in entries for part in parts(entry)}
    listed |= {subject.name for subject in dataset.subjects}
    for name in sorted(_walk(dataset)):
        if name not in listed:
            yield Finding(name, "a file that a document lists, or none", "a file that none lists", "bc.unlisted")


def _walk(dataset: Dataset) -> Iterator[str]:
    def refuse(error: OSError) -> NoReturn:
        observed = error.strerror or type(error).__name__
        raise Judged(Finding(dataset.folder.name, "a folder that can be read", observed, "artefact.unreadable"))

    for folder, folders, files in os.walk(dataset.folder.path, onerror=refuse):
        place = Path(folder)
        links = [name for name in folders if (place / name).is_symlink()]
        for name in (*files, *links):
            yield (place / name).relative_to(dataset.folder.root).as_posix()
