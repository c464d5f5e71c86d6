"""Registers the gate ``archive``."""

from __future__ import annotations

from gatecourt.core.file_reasons import READING
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.layout import GATES
from gatecourt.core.reasons import FAIL, HOLD, Reason
from gatecourt.core.run_reasons import RUNNING
from gatecourt.rules.archive.section import ArchiveSection, bundle_names, content_names

ARCHIVE = GateSpec(
    marker="archive",
    summary="what was put away can be opened again, is complete, and is what it was",
    module=GATES / "test_archive.py",
    section=ArchiveSection,
    keys={"archive": ArchiveSection},
    required=("archive",),
    parameters={"kind": content_names, "bundle": bundle_names},
    reasons=(
        *READING,
        *RUNNING,
        Reason("archive.none", HOLD, "Find out why nothing was archived: no file matches {where}."),
        Reason("archive.empty", HOLD, "Find out why {where} was written without any file in it."),
        Reason("archive.format", FAIL, "Write {where} as tar, tar.gz or zip."),
        Reason("archive.unreadable", FAIL, "Archive again while the originals are still there: {where} is damaged."),
        Reason("archive.too_large", FAIL, "Find out what swells {where}, or raise max_size and max_members."),
        Reason("archive.unsafe_name", FAIL, "Do not unpack the archive; find out who wrote the name at {where}."),
        Reason("archive.kind", FAIL, "Archive a copy of the content at {where}: links and devices hold none."),
        Reason("archive.repeated", FAIL, "Archive each file once: whoever unpacks gets either of two at {where}."),
        Reason("archive.checksums_missing", FAIL, "Write the digests of all members into {where}."),
        Reason("archive.checksum_line", FAIL, "Write a digest and the name of one member at {where}."),
        Reason("archive.listed_missing", FAIL, "Archive again with {where}, while the original is still there."),
        Reason("archive.unlisted", FAIL, "List {where} with its digest, or leave it out."),
        Reason("archive.digest", FAIL, "Archive again: {where} is not what its digest was made from."),
        Reason("archive.not_archived", FAIL, "Archive {where} before it is rotated away."),
        Reason("archive.differs", FAIL, "Archive again: {where} is not the original."),
        Reason("archive.no_original", FAIL, "Find out where {where} came from: no output is its original."),
        Reason("archive.no_original_files", HOLD, "Correct the patterns, or look at why there was nothing: {where}."),
        Reason("archive.incomplete", FAIL, "Archive again with {where}: the bundle lacks it."),
    ),
)
