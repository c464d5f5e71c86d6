"""A baseline's custody: its file is pinned, signed for, of this log, recent and not from the future."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Subject
from gatecourt.formats import decimals
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import subject
from gatecourt.mechanisms.bands.baseline import Baseline, Custody
from gatecourt.mechanisms.bands.document import Reader, baseline_of
from gatecourt.mechanisms.bands.figures import counted
from gatecourt.mechanisms.bands.section import BaselineSection

_CLOCKS = datetime.timedelta(minutes=1)  # clocks of two machines differ by no more


@dataclass(frozen=True, slots=True)
class Reading:
    """What a baseline's file gave. ``baseline`` is None where nothing can be held against it."""

    subject: Subject | None
    findings: tuple[Finding, ...]
    baseline: Baseline | None = None


def read(section: BaselineSection, root: Path, target: str, log: str, now: datetime.datetime) -> Reading:
    """The baseline of the log ``log`` below ``root``, with every defect of it. ``now`` has its time zone.

    Rules: ``band.no_baseline``, ``band.baseline_deleted``, ``band.baseline_not_pinned``, ``band.baseline_rewritten``
    (nothing is held against such a file), ``band.baseline_format``, ``band.value``, ``band.custody``,
    ``band.baseline_old``, ``band.baseline_future``, ``band.baseline_other``, ``band.baseline_seeds``, and those of
    strict reading.
    """
    path, name = root / section.file, section.file
    if not _there(path):
        rule = "band.no_baseline" if section.sha256 is None else "band.baseline_deleted"
        return Reading(None, (Finding(name, "the recorded baseline", "no such file", rule),))
    try:
        known = subject(path, name)
        if pinned := _unpinned(section, known):
            return Reading(known, (pinned,))
        document = decimals.read(path, name)
    except Judged as judged:
        return Reading(None, (judged.finding,))
    reader = Reader(name)
    baseline = baseline_of(document, reader)
    if baseline is not None:
        reader.findings += _custody_findings(baseline, section, {"target": target, "log": log}, now)
    return Reading(known, tuple(reader.findings), baseline)


def _there(path: Path) -> bool:
    try:
        return path.exists() or path.is_symlink()
    except OSError:  # reading it tells why
        return True


def _unpinned(section: BaselineSection, known: Subject) -> Finding | None:
    found = f"sha256:{known.sha256}"
    if section.sha256 is None:
        return Finding(known.name, "a digest of the baseline in the manifest", "none", "band.baseline_not_pinned")
    if section.sha256 == found:
        return None
    return Finding(known.name, section.sha256, found, "band.baseline_rewritten")


def _custody_findings(
    baseline: Baseline, section: BaselineSection, wanted: Mapping[str, str], now: datetime.datetime
) -> Iterator[Finding]:
    name = section.file
    for key, expected in wanted.items():
        if (found := getattr(baseline.origin, key)) != expected:
            yield Finding(f"{name}#/{key}", expected, excerpt(found), "band.baseline_other")
    key, noun = ("sources", "log") if baseline.sources else ("seeds", "seed")
    if (number := len(baseline.sources or baseline.seeds)) < section.seeds:
        expected = f"at least {counted(section.seeds, noun)}"
        yield Finding(f"{name}#/{key}", expected, counted(number, noun), "band.baseline_seeds")
    yield from _signed(baseline.custody, name, "", section, now)
    if baseline.noise is not None:
        yield from _signed(baseline.noise.custody, name, "/noise", section, now)


def _signed(
    custody: Custody, name: str, at: str, section: BaselineSection, now: datetime.datetime
) -> Iterator[Finding]:
    for key in ("by", "reason"):
        if not getattr(custody, key).strip():
            yield Finding(f"{name}#{at}/{key}", "a text", excerpt(getattr(custody, key)), "band.custody")
    where, made = f"{name}#{at}/recorded_at", _instant(custody.recorded_at)
    if made is None:
        expected = "the time of the recording with its zone, such as 2026-11-20T12:00:00+00:00"
        yield Finding(where, expected, excerpt(custody.recorded_at), "band.custody")
    elif made > now + _CLOCKS:
        yield Finding(where, "a time that has passed", custody.recorded_at, "band.baseline_future")
    elif (now - made).total_seconds() > section.max_age:
        expected = f"a recording of the last {_days(section)}"
        yield Finding(where, expected, custody.recorded_at, "band.baseline_old")


def _days(section: BaselineSection) -> str:
    days = section.max_age / 86400
    return counted(int(days), "day") if days == int(days) else f"{decimals.words(section.max_age)} s"


def _instant(text: str) -> datetime.datetime | None:
    try:
        found = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
