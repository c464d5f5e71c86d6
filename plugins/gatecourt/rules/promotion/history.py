"""The log of promotions read entry by entry: each has a time, an author and an action, in the order of time."""

from __future__ import annotations

import datetime
import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Subject
from gatecourt.formats.decimals import decimals
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import subject
from gatecourt.formats.json_value import JsonValue
from gatecourt.formats.jsonl import parse_line, read_lines
from gatecourt.rules.promotion.history_section import HistorySection
from gatecourt.rules.promotion.reading import Inquiry, value_of


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its place, what was done and when."""

    node: JsonValue
    action: str
    time: datetime.datetime


def read_history(section: HistorySection, inquiry: Inquiry) -> list[Entry]:
    """The entries in their order.

    Rules: ``promotion.history_empty``, ``.history_time``, ``.history_order``, ``.history_action``, ``.missing``,
    ``.value``, ``json.*``. Raises ``Judged`` where the log cannot be read at all.
    """
    source = inquiry.source(section.log)
    found = list(read_lines(source.path, source.name, partial(_entry, section)))
    if not found:
        raise Judged(Finding(source.name, "at least one entry", "an empty file", "promotion.history_empty"))
    inquiry.told += [item for item in found if isinstance(item, Finding)]
    entries = [item for item in found if isinstance(item, Entry)]
    inquiry.told += _order(section, entries)
    return entries


def _entry(section: HistorySection, data: bytes, name: str, line: int) -> Entry:
    parse_line(data, name, line)
    node = value_of(decimals(data), f"{name}:{line}")
    node.members()
    action = node.text(section.fields.action)
    if action not in section.actions.known():
        expected = f"one of {', '.join(section.actions.known())}"
        at = node.node(section.fields.action).where
        raise Judged(Finding(at, expected, action, "promotion.history_action"))
    node.text(section.fields.by)
    return Entry(node, action, _time(node, section.fields.time))


def _time(node: JsonValue, place: str) -> datetime.datetime:
    text = node.text(place)
    expected = "a time with its offset from UTC, such as 2026-03-02T09:00:00+00:00"
    try:
        found = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise Judged(Finding(node.node(place).where, expected, text, "promotion.history_time")) from None
    if found.tzinfo is None:
        raise Judged(Finding(node.node(place).where, expected, text, "promotion.history_time"))
    return found


def _order(section: HistorySection, entries: Sequence[Entry]) -> list[Finding]:
    told = []
    latest: Entry | None = None
    for entry in entries:
        if latest is not None and entry.time < latest.time:
            where = entry.node.node(section.fields.time).where
            expected = f"{latest.time.isoformat()} or later, as {latest.node.file}"
            told.append(Finding(where, expected, entry.time.isoformat(), "promotion.history_order"))
        else:
            latest = entry
    return told


def named_file(path: JsonValue, root: Path, inquiry: Inquiry, rule: str) -> Subject:
    """The file below the target's root whose path stands at a node, as a subject of the check.

    Raises ``Judged`` (``rule``) where it leaves the target, be it by a link, or is no file.
    """
    said = path.text("")
    pure, name = PurePosixPath(said), posixpath.normpath(said)
    if pure.is_absolute() or ".." in pure.parts or "\\" in said or "\0" in said:
        raise Judged(Finding(path.where, "a path below the target's root", excerpt(said), rule))
    try:
        inside = (root / name).resolve(strict=True).is_relative_to(root.resolve())
        there = (root / name).is_file()
    except (OSError, RuntimeError):  # nothing there, links in a circle, a name that no file can have
        inside, there = True, False
    if not there:
        raise Judged(Finding(path.where, "a file that is there", f"none at {excerpt(said)}", rule))
    if not inside:
        raise Judged(Finding(path.where, "a file below the target's root", "a link that leads out of it", rule))
    found = subject(root / name, name)
    inquiry.subjects[found] = None
    return found


def digested_file(path: JsonValue, digest: JsonValue, inquiry: Inquiry, rules: tuple[str, str]) -> Subject:
    """The file named at ``path`` with the SHA-256 named at ``digest``.

    Raises ``Judged``: the first of ``rules`` where there is no such file, the second where it is another.
    """
    missing, other = rules
    found = named_file(path, inquiry.target.root, inquiry, missing)
    if digest.text("").removeprefix("sha256:").lower() != found.sha256:
        raise Judged(Finding(digest.where, f"{found.sha256}, that of {found.name}", digest.text(""), other))
    return found
