"""The checks of archives: against their own checksums, the originals, and the lists of members."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Run, Subject
from gatecourt.core.protocols import Target
from gatecourt.formats.files import left_by
from gatecourt.formats.finding_groups import bounded
from gatecourt.formats.patterns import select
from gatecourt.rules.archive.checksums import listed
from gatecourt.rules.archive.contents import Contents, Member, read
from gatecourt.rules.archive.section import ArchiveSection

_MOST = 100


def original_and_archived(section: ArchiveSection, target: Target) -> tuple[Run, Run]:
    """The run whose outputs are archived, and the one that holds the archives; raises ``Judged`` as runs do."""
    original = left_by(section.of, target)
    archived = original if section.command is None else target.command(section.command, on=original)
    return original, archived


def judge_opening(section: ArchiveSection, archived: Run) -> Judgement:
    """Every archive is read to its end, and holds at least one file and nothing but files inside its own folder.

    Rules: ``archive.none``, ``archive.empty`` and those of ``contents.read``.
    """
    return _each(section, archived, lambda contents: [*contents.findings, *_ended(contents), *_empty(contents)])


def judge_checksums(section: ArchiveSection, archived: Run) -> Judgement:
    """Every member is listed with its digest, and every listed one is there.

    Rules: ``archive.digest``, ``archive.listed_missing``, ``archive.unlisted``, those of ``checksums.listed``.
    """
    return _each(section, archived, lambda contents: _against_list(contents, section))


def judge_originals(section: ArchiveSection, kind: str, original: Run, archived: Run) -> Judgement:
    """Every output of the kind is in an archive as it is in ``original``, and nothing of the kind is there beside it.

    Rules: ``archive.no_original_files``, ``archive.not_archived``, ``archive.differs``, ``archive.no_original``.
    """
    patterns = section.contents[kind]
    names = select(original.files, patterns)
    opened = [contents for contents in _opened(section, archived) if _whole(contents)]
    findings: list[Finding] = list(_unread(section, archived))
    if not names:
        wanted = ", ".join(patterns)
        findings.append(Finding(wanted, "at least one file to archive", "none", "archive.no_original_files"))
    for name in names:
        findings += _held(name, opened, section, original)
    for contents in opened:
        findings += _strangers(contents, section, patterns, set(names))
    subjects = (*_subjects(section, archived), *(original.files[name] for name in names))
    return Judgement(subjects, tuple(bounded(findings, _MOST)), {"archived": list[Json](names)})


def judge_bundle(section: ArchiveSection, bundle: str, archived: Run) -> Judgement:
    """Every entry of the list has a member. Rule: ``archive.incomplete``."""
    opened = [contents for contents in _opened(section, archived) if _whole(contents)]
    names = [_inside(name, section) for contents in opened for name in contents.members]
    where = ", ".join(contents.archive for contents in opened)
    findings = list(_unread(section, archived))
    for pattern in section.bundles[bundle]:
        if opened and not select([name for name in names if name is not None], [pattern]):
            findings.append(Finding(f"{where}#/{section.prefix}{pattern}", "a member", "none", "archive.incomplete"))
    return Judgement(_subjects(section, archived), tuple(findings), {"bundle": list[Json](section.bundles[bundle])})


def _each(section: ArchiveSection, archived: Run, look: Callable[[Contents], Iterable[Finding]]) -> Judgement:
    findings: list[Finding] = []
    members: dict[str, Json] = {}
    for contents in _opened(section, archived):
        members[contents.archive] = len(contents.members)
        try:
            findings += look(contents)
        except Judged as judged:
            findings.append(judged.finding)
    findings += _none(section, archived)
    return Judgement(_subjects(section, archived), tuple(bounded(findings, _MOST)), {"members": members})


def _subjects(section: ArchiveSection, archived: Run) -> tuple[Subject, ...]:
    return tuple(archived.files[name] for name in select(archived.files, section.files))


def _opened(section: ArchiveSection, archived: Run) -> list[Contents]:
    return [read(archived.path(subject.name), subject, section) for subject in _subjects(section, archived)]


def _none(section: ArchiveSection, archived: Run) -> Iterator[Finding]:
    if not _subjects(section, archived):
        yield Finding(", ".join(section.files), "at least one archive", "none", "archive.none")


def _unread(section: ArchiveSection, archived: Run) -> Iterator[Finding]:
    yield from _none(section, archived)
    yield from (finding for contents in _opened(section, archived) for finding in _ended(contents))


def _ended(contents: Contents) -> Iterator[Finding]:
    if contents.ended is not None:
        yield contents.ended


def _whole(contents: Contents) -> bool:
    return contents.ended is None


def _empty(contents: Contents) -> Iterator[Finding]:
    if contents.ended is None and not contents.members and not contents.findings:
        yield Finding(contents.archive, "at least one file", "none", "archive.empty")


def _against_list(contents: Contents, section: ArchiveSection) -> Iterator[Finding]:
    contents.require_whole()
    digests, wrong = listed(contents, section)
    yield from wrong
    own = posixpath.normpath(section.prefix + section.checksums)
    for name, digest in sorted(digests.items()):
        yield from _one_listed(contents, name, digest)
    for name in sorted(contents.members.keys() - digests.keys() - {own}):
        yield Finding(contents.where(name), f"a line in {section.checksums}", "none", "archive.unlisted")


def _one_listed(contents: Contents, name: str, digest: str) -> Iterator[Finding]:
    member = contents.members.get(name)
    if member is None:
        yield Finding(contents.where(name), f"sha256:{digest}", "no such member", "archive.listed_missing")
    elif member.sha256 != digest:
        yield Finding(contents.where(name), f"sha256:{digest}", f"sha256:{member.sha256}", "archive.digest")


def _held(name: str, opened: list[Contents], section: ArchiveSection, original: Run) -> Iterator[Finding]:
    inside = posixpath.normpath(section.prefix + name)
    found = [(contents, contents.members[inside]) for contents in opened if inside in contents.members]
    if not found:
        if opened:
            yield Finding(name, "a member of an archive", "in none", "archive.not_archived")
        return
    for contents, member in found:
        if member.sha256 != original.files[name].sha256:
            yield _differs(contents, member, name, original)


def _differs(contents: Contents, member: Member, name: str, original: Run) -> Finding:
    known = original.files[name]
    expected = f"{known.size} bytes, sha256:{known.sha256}, as {name}"
    observed = f"{member.size} bytes, sha256:{member.sha256}"
    return Finding(contents.where(member.name), expected, observed, "archive.differs")


def _strangers(
    contents: Contents, section: ArchiveSection, patterns: tuple[str, ...], known: set[str]
) -> Iterator[Finding]:
    inside = {_inside(name, section): name for name in contents.members}
    for name in select([name for name in inside if name is not None], patterns):
        if name not in known:
            expected = "an output that it is a copy of"
            yield Finding(contents.where(inside[name]), expected, "none", "archive.no_original")


def _inside(name: str, section: ArchiveSection) -> str | None:
    """The name of a member below the prefix; None for one that lies elsewhere."""
    return name.removeprefix(section.prefix) if name.startswith(section.prefix) else None
