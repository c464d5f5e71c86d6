"""What the town saves by itself: at its cadence, the newest ones, and no more than are to be kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Run
from gatecourt.formats.documents import read_document
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import subject
from gatecourt.formats.strictjson import read
from gatecourt.rules.snapshots.facts import is_tick, told
from gatecourt.rules.snapshots.identity import same
from gatecourt.rules.snapshots.reading import Snapshot, Snapshots, value_at
from gatecourt.rules.snapshots.section import Autosave, SnapshotsSection


def judge_autosaves(
    section: SnapshotsSection, autosave: Autosave, snapshots: Snapshots, run: Run, root: Path
) -> Judgement:
    """The kept autosaves are the newest ones that the run made, and the configuration says so too.

    Rules: ``snapshots.no_autosave``, ``snapshots.cadence``, ``snapshots.retain``, ``snapshots.not_kept``,
    ``snapshots.end_unknown``, ``snapshots.tick_differs``, ``snapshots.autosave_config``, those of reading.
    """
    kept = snapshots.only(autosave.files)
    ticks = {snapshot.name: snapshot.at(section.pointers.tick) for snapshot in kept}
    findings = [*snapshots.findings, *_off_cadence(section, autosave, kept)]
    if len(kept) > autosave.retain:
        where = ", ".join(autosave.files)
        findings.append(Finding(where, f"at most {autosave.retain}", str(len(kept)), "snapshots.retain"))
    subjects = snapshots.subjects
    ended = _ended(autosave, run)
    if isinstance(ended, Finding):
        findings.append(ended)
    else:
        subjects += (run.files[autosave.ended_file],)
        findings += _lost(autosave, {tick for tick in ticks.values() if is_tick(tick)}, ended)
        findings += _beyond(section, kept, ended)
    if section.config is not None:
        subjects += (subject(root / section.config.file, section.config.file),)
        findings += _configured(autosave, section.config.file, root)
    parameters: dict[str, Json] = {
        "cadence": autosave.cadence,
        "retain": autosave.retain,
        "kept": {name: told(tick) for name, tick in sorted(ticks.items())},
    }
    return Judgement(subjects, tuple(findings), parameters)


def _off_cadence(section: SnapshotsSection, autosave: Autosave, kept: tuple[Snapshot, ...]) -> Iterator[Finding]:
    for snapshot in kept:
        tick = snapshot.at(section.pointers.tick)
        where = f"{snapshot.name}#{section.pointers.tick}"
        if not is_tick(tick):
            yield Finding(where, "a whole number, 0 or more", told(tick), "snapshots.tick_value")
        elif tick == 0 or tick % autosave.cadence:
            yield Finding(where, f"a multiple of {autosave.cadence}", str(tick), "snapshots.cadence")


def _ended(autosave: Autosave, run: Run) -> int | Finding:
    """The tick at which the run ended, or why it is not known."""
    name = autosave.ended_file
    where = f"{name}#{autosave.ended_at}"
    if name not in run.files:
        return Finding(name, "the artefact that says when the run ended", "no file", "snapshots.end_unknown")
    try:
        value = value_at(read(run.path(name), name), autosave.ended_at)
    except Judged as judged:
        return judged.finding
    if not is_tick(value):
        return Finding(where, "the tick at which the run ended", told(value), "snapshots.end_unknown")
    return int(value)


def _lost(autosave: Autosave, ticks: set[int], ended: int) -> Iterator[Finding]:
    """Of the newest autosaves that the run must have made, those that are not there."""
    newest = ended // autosave.cadence * autosave.cadence
    first = max(autosave.cadence, newest - (autosave.retain - 1) * autosave.cadence)
    where = ", ".join(autosave.files)
    if newest == 0:
        observed = f"a run of {ended} ticks"
        yield Finding(where, f"a run of {autosave.cadence} ticks or more", observed, "snapshots.no_autosave")
    for tick in range(first, newest + 1, autosave.cadence):
        if tick not in ticks:
            observed = f"kept: {', '.join(map(str, sorted(ticks))) or 'none'}"
            yield Finding(where, f"the autosave of tick {tick}", observed, "snapshots.not_kept")


def _beyond(section: SnapshotsSection, made: tuple[Snapshot, ...], ended: int) -> Iterator[Finding]:
    """Snapshots of a time that the run never came to."""
    for snapshot in made:
        tick = snapshot.at(section.pointers.tick)
        if is_tick(tick) and tick > ended:
            where = f"{snapshot.name}#{section.pointers.tick}"
            expected = f"{ended} or earlier, when the run ended"
            yield Finding(where, expected, excerpt(tick), "snapshots.tick_differs")


def _configured(autosave: Autosave, file: str, root: Path) -> Iterator[Finding]:
    document: Any = read_document(root / file, file)
    for at, declared in ((autosave.cadence_at, autosave.cadence), (autosave.retain_at, autosave.retain)):
        if at is not None and not same(value := value_at(document, at), declared):
            yield Finding(f"{file}#{at}", str(declared), told(value), "snapshots.autosave_config")
