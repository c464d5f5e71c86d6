"""Narrations and the memory of their throttle: carried in every snapshot, and never of a time that is yet to come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding
from gatecourt.formats.finding_groups import bounded
from gatecourt.rules.snapshots.facts import is_current, is_tick, told
from gatecourt.rules.snapshots.identity import not_declared
from gatecourt.rules.snapshots.reading import ABSENT, Snapshot, Snapshots, value_at
from gatecourt.rules.snapshots.section import Narrations, SnapshotsSection

_TOLD = 100


def judge_narrations(section: SnapshotsSection, snapshots: Snapshots) -> Judgement:
    """Every current snapshot carries both, and they agree with each other and with its tick.

    Rules: ``snapshots.not_declared``, ``snapshots.narrations_missing``, ``snapshots.narration_value``,
    ``snapshots.narration_future``, ``snapshots.throttle_forgot``, those of reading.
    """
    if section.narrations is None:
        undeclared, excuse = not_declared(section, "narrations")
        return Judgement(snapshots.subjects, tuple(undeclared), excuse)
    findings = list(snapshots.findings)
    current = [snapshot for snapshot in snapshots.read if is_current(section, snapshot)]
    if not current and not findings:
        where = ", ".join(section.files)
        findings.append(Finding(where, f"a snapshot of version {section.version}", "none", "snapshots.none_current"))
    for snapshot in current:
        tick = snapshot.at(section.pointers.tick)
        findings += _one(section.narrations, snapshot, tick if is_tick(tick) else None)
    return Judgement(snapshots.subjects, tuple(bounded(findings, _TOLD)), {"looked_at": len(current)})


def _one(at: Narrations, snapshot: Snapshot, now: int | None) -> Iterator[Finding]:
    entries, state = snapshot.at(at.entries), snapshot.at(at.state)
    missing = [(at.entries, entries, list, "a list"), (at.state, state, dict, "a table")]
    wrong = [(place, value, words) for place, value, kind, words in missing if not isinstance(value, kind)]
    for place, value, words in wrong:
        yield Finding(f"{snapshot.name}#{place}", words, told(value), "snapshots.narrations_missing")
    if wrong:
        return
    emitted = [(f"{at.entries}/{index}{at.tick}", value_at(entry, at.tick)) for index, entry in enumerate(entries)]
    remembered = list(_remembered(at, state))
    for place, value in [*emitted, *remembered]:
        yield from _moment(snapshot.name, place, value, now)
    yield from _forgotten(snapshot.name, at, emitted, remembered)


def _remembered(at: Narrations, state: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every tick of the throttle's state with its place; before the first narration the last tick may be null."""
    last = value_at(state, at.last)
    if last is not None:
        yield at.state + at.last, last
    for place in at.ticks:
        value = value_at(state, place)
        if isinstance(value, dict):
            yield from ((f"{at.state}{place}/{key}", item) for key, item in sorted(value.items()))
        elif isinstance(value, list):
            yield from ((f"{at.state}{place}/{index}", item) for index, item in enumerate(value))
        else:
            yield at.state + place, value


def _moment(name: str, place: str, value: Any, now: int | None) -> Iterator[Finding]:
    where = f"{name}#{place}"
    if value is ABSENT or not is_tick(value):
        yield Finding(where, "a tick, a whole number of 0 or more", told(value), "snapshots.narration_value")
    elif now is not None and value > now:
        yield Finding(where, f"{now} or earlier, the snapshot's own tick", str(value), "snapshots.narration_future")


def _forgotten(
    name: str, at: Narrations, emitted: list[tuple[str, Any]], remembered: list[tuple[str, Any]]
) -> Iterator[Finding]:
    """The throttle must know of the newest narration, or it lets the next one through too soon."""
    newest = max((value for _, value in emitted if is_tick(value)), default=None)
    known = max((value for _, value in remembered if is_tick(value)), default=None)
    if newest is not None and (known is None or known < newest):
        observed = "nothing" if known is None else f"nothing later than {known}"
        yield Finding(f"{name}#{at.state}", f"the narration of tick {newest}", observed, "snapshots.throttle_forgot")
