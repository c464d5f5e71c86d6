"""The memory of one run, good or bad: written once, last of all, and read by every check and worker that asks."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding, Json, Run, Subject
from gatecourt.system.drivers import files
from gatecourt.system.drivers.trap import TRAP_LOG

_FORMAT = 2
_NAME = "record.json"
WORK = "work"
"""Where a run's work folder stays, below the folder that remembers the run."""


@dataclass(frozen=True)
class Record:
    """How a run ended. ``out`` is relative to the record's folder; ``times`` are the files' modification times in ns.
    ``written`` names the files that the run did not inherit as they are.

    A run that did not end well has a ``failure``, which every asker gets as ``Judged``.
    """

    out: str
    files: Mapping[str, Subject] = field(default_factory=dict)
    times: Mapping[str, int] = field(default_factory=dict)
    exit_code: int | None = None
    stdout_tail: str = ""
    stderr_tail: str = ""
    seconds: float = 0.0
    peak_bytes: int = 0
    notes: tuple[Finding, ...] = ()
    written: frozenset[str] = frozenset()
    observations: Mapping[str, Json] = field(default_factory=dict)
    failure: Finding | None = None

    def run(self, folder: Path) -> Run:
        """The run below ``folder``. Raises ``Judged`` for a failed run and for outputs touched since it ended."""
        if self.failure is not None:
            raise Judged(self.failure)
        root = folder / self.out
        for name, subject in sorted(self.files.items()):
            _verify(root / name, subject, self.times[name])
        return Run(
            root,
            self.files,
            self.exit_code,
            self.stdout_tail,
            self.stderr_tail,
            self.seconds,
            self.notes,
            work=folder / WORK,
            trap=folder / "logs" / TRAP_LOG,
            peak_bytes=self.peak_bytes,
            written=self.written,
            observations=self.observations,
        )

    def write(self, folder: Path) -> None:
        """Store the record durably and in one step."""
        content = {
            "format": _FORMAT,
            "out": self.out,
            "files": {name: [item.sha256, item.size, self.times[name]] for name, item in sorted(self.files.items())},
            "exit_code": self.exit_code,
            "stdout_tail": self.stdout_tail,
            "stderr_tail": self.stderr_tail,
            "seconds": self.seconds,
            "peak_bytes": self.peak_bytes,
            "notes": [note.as_json() for note in self.notes],
            "written": sorted(self.written),
            "observations": dict(self.observations),
            "failure": None if self.failure is None else self.failure.as_json(),
        }
        draft = folder / f"{_NAME}.draft"
        with draft.open("w", encoding="utf-8") as file:
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / _NAME)


def load(folder: Path) -> Record | None:
    """The record in ``folder``, or None where no run has been brought to its end there."""
    try:
        found = json.loads((folder / _NAME).read_text(encoding="utf-8"))
        return _record(found) if found["format"] == _FORMAT else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _record(found: dict[str, Any]) -> Record:
    return Record(
        out=found["out"],
        files={name: Subject(name, sha256, size) for name, (sha256, size, _) in found["files"].items()},
        times={name: time for name, (_, _, time) in found["files"].items()},
        exit_code=found["exit_code"],
        stdout_tail=found["stdout_tail"],
        stderr_tail=found["stderr_tail"],
        seconds=found["seconds"],
        peak_bytes=found["peak_bytes"],
        notes=tuple(Finding(**note) for note in found["notes"]),
        written=frozenset(found["written"]),
        observations=found["observations"],
        failure=None if found["failure"] is None else Finding(**found["failure"]),
    )


def _verify(path: Path, subject: Subject, time: int) -> None:
    """Size and time first; only a file whose time has moved is read again."""
    try:
        found = path.lstat()
        same = found.st_size == subject.size and (found.st_mtime_ns == time or files.digest(path) == subject.sha256)
    except OSError:
        same = False
    if not same:
        observed = "changed after the run had ended"
        raise Judged(Finding(subject.name, "the output as the run left it", observed, "run.output_touched"))
