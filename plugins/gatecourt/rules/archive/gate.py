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
    summary="archives open again, are complete, and hold what was archived",
    module=GATES / "test_archive.py",
    section=ArchiveSection,
    keys={"archive": ArchiveSection},
    required=("archive",),
    parameters={"kind": content_names, "bundle": bundle_names},
    reasons=(
        *READING,
        *RUNNING,
        Reason(
            "archive.none", HOLD, "No archive matches {where}: run the archiving command, or correct archive.files."
        ),
        Reason("archive.empty", HOLD, "The archive {where} holds no file: find out why nothing was packed."),
        Reason("archive.format", FAIL, "{where} is no known kind of archive: write it as tar, tar.gz or zip."),
        Reason(
            "archive.unreadable", FAIL, "The archive {where} is damaged: archive again while the originals still exist."
        ),
        Reason(
            "archive.too_large",
            FAIL,
            "The archive {where} exceeds max_size or max_members: find out why it grew, or raise the limit.",
        ),
        Reason(
            "archive.unsafe_name",
            FAIL,
            "{where} would be unpacked outside its folder: do not unpack the archive; fix its writer.",
        ),
        Reason(
            "archive.kind", FAIL, "{where} is a link or a device and holds no content: archive a copy of the content."
        ),
        Reason("archive.repeated", FAIL, "The archive holds two files named {where}: archive each file once."),
        Reason(
            "archive.checksums_missing",
            FAIL,
            "The archive has no list of digests at {where}: write the digests of all members there.",
        ),
        Reason("archive.checksum_line", FAIL, "{where} does not name a member and its digest: write both there."),
        Reason(
            "archive.listed_missing",
            FAIL,
            "{where} is listed but not in the archive: archive again while the original still exists.",
        ),
        Reason("archive.unlisted", FAIL, "{where} is not in the list of digests: list it, or do not pack it."),
        Reason(
            "archive.digest",
            FAIL,
            "{where} does not have its listed digest: archive again while the original still exists.",
        ),
        Reason("archive.not_archived", FAIL, "{where} is in no archive: archive it before it is rotated away."),
        Reason("archive.differs", FAIL, "{where} differs from its original: archive again."),
        Reason(
            "archive.no_original",
            FAIL,
            "{where} is in the archive, but the run wrote no such file: find where it came from.",
        ),
        Reason(
            "archive.no_original_files",
            HOLD,
            "No output matches {where}: correct the patterns, or find out why none was written.",
        ),
        Reason("archive.incomplete", FAIL, "{where} is missing in the bundle: make the archive again and include it."),
    ),
)
