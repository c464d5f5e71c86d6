"""A declared log found, read and judged from its first line to its last, once a process for the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Run, Subject
from gatecourt.formats import jsonl
from gatecourt.formats.files import Source, gather, open_regular
from gatecourt.formats.json_schema import compile_schema
from gatecourt.rules.telemetry.rows import Follower, LogReport, RowJudge
from gatecourt.rules.telemetry.section import LogSection

if TYPE_CHECKING:
    from jsonschema_rs import Validator

_REPORTS: dict[tuple[str, Subject, tuple[Subject, ...]], LogReport] = {}


@dataclass(frozen=True, slots=True)
class ReadLog:
    """A log, its subjects (itself and the schema documents) and what was found in it."""

    source: Source
    subjects: tuple[Subject, ...]
    report: LogReport


def find_log(log: LogSection, run: Run, root: Path) -> Source:
    """The one file that the log is. Raises ``Judged``: ``telemetry.no_log``, ``telemetry.several_logs``."""
    if log.origin == "target" and not any((root / name).exists() for name in log.files):
        raise Judged(Finding(", ".join(log.files), "one log", "no such file", "telemetry.no_log"))
    sources = gather(log.files, log.origin, run, root)
    if not sources:
        raise Judged(Finding(", ".join(log.files), "one log", "no such file", "telemetry.no_log"))
    if len(sources) > 1:
        names = ", ".join(source.name for source in sources[:5])
        raise Judged(Finding(", ".join(log.files), "one log", f"{len(sources)}: {names}", "telemetry.several_logs"))
    return sources[0]


def row_schema(log: LogSection, root: Path) -> tuple[Validator | None, tuple[Subject, ...]]:
    """The compiled schema of a row, None where none is declared, and its documents.

    Raises ``Judged`` with the first thing that is wrong with the schema itself.
    """
    if log.schema is None:
        return None, ()
    compiled = compile_schema(root, log.schema)
    if compiled.findings:
        raise Judged(compiled.findings[0])
    return compiled.validator, compiled.subjects


def read_log(log: LogSection, run: Run, root: Path) -> ReadLog:
    """Find and judge the log. Raises ``Judged`` where there is no log, several, or the schema is none."""
    source = find_log(log, run, root)
    schema, documents = row_schema(log, root)
    key = (repr(log), source.subject, documents)
    if key not in _REPORTS:
        _REPORTS[key] = follow(source, log, schema)
    return ReadLog(source, (source.subject, *documents), _REPORTS[key])


def follow(source: Source, log: LogSection, schema: Validator | None, *followers: Follower) -> LogReport:
    """Judge every line of the file. Raises ``Judged`` (``artefact.unreadable``)."""
    judge = RowJudge(source.name, log, schema, followers)
    try:
        with open_regular(source.path) as stream:
            lines = (line for block in jsonl.blocks(stream) for line in jsonl.lines(block))
            for number, data in enumerate(lines, 1):
                judge.feed(number, data)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Judged(Finding(source.name, "a readable file", reason, "artefact.unreadable")) from error
    return judge.close()
