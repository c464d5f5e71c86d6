"""Artefacts judged as they were found: which files, of which run, and how old they may be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Run, Subject
from gatecourt.formats.files import real_path
from gatecourt.formats.patterns import select
from gatecourt.formats.quantities import Seconds
from gatecourt.system.drivers import files
from gatecourt.system.drivers.files import Entry
from gatecourt.system.drivers.isolation import kind_in_words

RUN = "{run}"
LATEST = "latest"
_NS = 1_000_000_000
_AHEAD = 60
_GLOB = re.compile(r"\*\*/|\*\*|\*|\?|\[[!^]?\]?[^]]*\]|\{run\}|.", re.DOTALL)


def found(
    root: Path,
    patterns: Sequence[str],
    judged: str | None = None,
    *,
    max_age: Seconds | None = None,
    now: float | None = None,
    skip: Path | None = None,
) -> Run:
    """The files below ``root`` that the patterns name, of the run or runs that ``judged`` declares.

    ``{run}`` in a pattern stands for the run's identifier, anything but a slash. ``judged`` is ``latest`` (the run
    whose newest file is the newest), an identifier, or a pattern of identifiers with ``*``, which judges every run it
    matches; None where no pattern holds ``{run}``. Files of such patterns belong to every run. Nothing found is an
    empty ``Run``.

    With ``max_age`` (which needs ``now``, in seconds since 1970) ``Run.notes`` holds ``artefact.stale`` and
    ``artefact.future``; always ``artefact.refused`` for links out of the root and special files,
    ``artefact.unreadable``, and ``run.not_found`` where a run was asked for by name and has no file. Raises
    ``Judged``: ``run.ambiguous`` for a tie between the latest, ``run.unidentified`` where no pattern holds ``{run}``
    but a run is asked for by name, or the other way round.
    """
    base = root.resolve()
    entries, notes = _entries(base, [pattern.replace(RUN, "*") for pattern in patterns], skip)
    runs, common = _runs(entries, patterns)
    chosen = _chosen(entries, runs, patterns, judged)
    if not chosen and judged not in (None, LATEST):
        notes.append(Finding(str(judged), "files of the run that is to be judged", "none", "run.not_found"))
    subjects: dict[str, Subject] = {}
    for name in sorted(common.union(*(runs[run] for run in chosen))):
        if problem := _refused(base, entries[name]):
            notes.append(problem)
            continue
        try:
            subjects[name] = files.subject(name, entries[name].path)
        except OSError as error:
            notes.append(_unreadable(name, error))
    return Run(base, subjects, notes=(*notes, *_ages(base, subjects, max_age, now)))


def _entries(base: Path, patterns: Sequence[str], skip: Path | None) -> tuple[dict[str, Entry], list[Finding]]:
    entries: dict[str, Entry] = {}
    notes = []
    for start in files.starts(patterns):
        folder = base / start
        if not real_path(folder).is_relative_to(base):
            notes.append(_outside(start.rstrip("/")))
        elif folder.is_dir():
            try:
                entries |= {entry.name: entry for entry in files.walk(folder, start, skip=skip)}
            except OSError as error:
                notes.append(_unreadable(Path(str(error.filename)).relative_to(base).as_posix(), error))
    return entries, notes


def _runs(entries: Iterable[str], patterns: Sequence[str]) -> tuple[dict[str, set[str]], set[str]]:
    """The names that belong to each run, and those that belong to every run."""
    listed = sorted(entries)
    runs: dict[str, set[str]] = {}
    common: set[str] = set()
    for pattern in patterns:
        names = select(listed, [pattern.replace(RUN, "*")])
        if RUN not in pattern:
            common.update(names)
            continue
        expression = _expression(pattern)
        for name in names:
            if match := expression.fullmatch(name):
                runs.setdefault(match["run"], set()).add(name)
    return runs, common


def _chosen(
    entries: Mapping[str, Entry], runs: Mapping[str, Iterable[str]], patterns: Sequence[str], judged: str | None
) -> list[str]:
    told_apart = any(RUN in pattern for pattern in patterns)
    if judged is None:
        if told_apart:
            raise Judged(Finding("target.judged", "which run is judged", "nothing declared", "run.unidentified"))
        return []
    if judged != LATEST and not told_apart:
        raise Judged(Finding(judged, f"a pattern with {RUN}, to tell the runs by", "none", "run.unidentified"))
    if judged != LATEST:
        return [run for run in sorted(runs) if fnmatchcase(run, judged)]
    newest = {run: max(entries[name].path.lstat().st_mtime_ns for name in names) for run, names in runs.items()}
    latest = sorted(run for run, time in newest.items() if time == max(newest.values()))
    if len(latest) > 1:
        raise Judged(Finding(LATEST, "one latest run", f"equally new: {', '.join(latest)}", "run.ambiguous"))
    return latest


def _expression(pattern: str) -> re.Pattern[str]:
    """A regular expression for the same names as the pattern, with the run's identifier as the group ``run``."""
    words = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = []
    seen = False
    for token in _GLOB.findall(pattern):
        if token == RUN:
            parts.append("(?P=run)" if seen else "(?P<run>[^/]+)")
            seen = True
        elif len(token) > 1 and token.startswith("["):
            parts.append("[" + token[1:].replace("!", "^", 1) if token[1] == "!" else token)
        else:
            parts.append(words.get(token) or re.escape(token))
    return re.compile("".join(parts), re.DOTALL)


def _refused(base: Path, entry: Entry) -> Finding | None:
    name = files.readable_name(entry.name)
    if name != entry.name:
        return Finding(name, "a file name in UTF-8", "bytes that are not", "artefact.refused")
    if entry.kind == "special":
        return Finding(name, "a file", kind_in_words(entry), "artefact.refused")
    if entry.kind == "link" and not real_path(entry.path).is_relative_to(base):
        return _outside(name)
    if entry.kind == "link" and not entry.path.is_file():
        return Finding(name, "a file", "a symbolic link to no file", "artefact.refused")
    return None


def _outside(name: str) -> Finding:
    return Finding(name, "a file inside the target's root", "a symbolic link that leaves it", "artefact.refused")


def _unreadable(name: str, error: OSError) -> Finding:
    return Finding(name, "a readable file", str(error.strerror), "artefact.unreadable")


def _ages(base: Path, names: Iterable[str], max_age: Seconds | None, now: float | None) -> list[Finding]:
    if max_age is None:
        return []
    if now is None:
        raise ValueError("an age needs a moment to count from: give now")
    limit, present = int(max_age * _NS), int(now * _NS)
    notes = []
    for name in sorted(names):
        written = (base / name).stat().st_mtime_ns
        observed = f"last written {datetime.fromtimestamp(written // _NS, UTC):%Y-%m-%dT%H:%M:%SZ}"
        if present - written > limit:
            expected = f"written within {max_age.normalize():f} s before it is judged"
            notes.append(Finding(name, expected, observed, "artefact.stale"))
        elif written - present > _AHEAD * _NS:
            notes.append(Finding(name, "written before it is judged", observed, "artefact.future"))
    return notes
