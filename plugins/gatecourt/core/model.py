"""The nouns of the suite: findings, evidence, verdicts, runs. Frozen dataclasses, standard library only.

Nothing here judges, reads a file or prints; every other module passes these values around.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

Json: TypeAlias = bool | int | float | str | list[Any] | dict[str, Any] | None


class Verdict(enum.StrEnum):
    """The decision on a check, a gate or the whole session, as the report writes it."""

    PASS = "PASS"
    NOT_RUN = "NOT_RUN"
    HOLD = "HOLD"
    ERROR = "ERROR"
    FAIL = "FAIL"
    NA = "NA"

    @property
    def severity(self) -> int:
        """Place in the worst-of order PASS < NOT_RUN < HOLD < ERROR < FAIL; NA stands outside (-1)."""
        return _SEVERITY[self]


_SEVERITY = {
    Verdict.NA: -1,
    Verdict.PASS: 0,
    Verdict.NOT_RUN: 1,
    Verdict.HOLD: 2,
    Verdict.ERROR: 3,
    Verdict.FAIL: 4,
}


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of the verdicts, without NA; NOT_RUN where there is none, because no verdict is no pass."""
    counted = [verdict for verdict in verdicts if verdict is not Verdict.NA]
    return max(counted, key=lambda verdict: verdict.severity, default=Verdict.NOT_RUN)


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem that a check found.

    ``where`` is ``path:LINE``, ``path#/json/pointer``, ``path:LINE#/pointer`` or ``relation/row N``; the path is
    relative to the target's root or output folder. ``rule`` is a registered reason code, ``<family>.<name>``.
    """

    where: str
    expected: str
    observed: str
    rule: str

    def as_json(self) -> dict[str, Json]:
        """The finding as the evidence file stores it."""
        return {"where": self.where, "expected": self.expected, "observed": self.observed, "rule": self.rule}


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing that was judged, named by its relative path and its SHA-256 (64 hex digits)."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class KillPoint:
    """Where a command is killed: as soon as one file below its output folder that matches ``file`` has so much in it.

    Exactly one of ``lines`` (complete lines, from 1) and ``bytes`` (from 0: the file exists) is given. What a continued
    run inherited counts. Raises ``ValueError`` for anything else.
    """

    file: str
    lines: int | None = None
    bytes: int | None = None

    def __post_init__(self) -> None:
        if not self.file or self.file.startswith("/") or ".." in self.file.split("/"):
            raise ValueError(f"a kill point's file is a relative pattern without '..', not {self.file!r}")
        if (self.lines is None) == (self.bytes is None):
            raise ValueError("a kill point has exactly one of lines and bytes")
        if (self.lines is not None and self.lines < 1) or (self.bytes is not None and self.bytes < 0):
            raise ValueError("a kill point has at least one line, or at least 0 bytes")

    def __str__(self) -> str:
        return f"{self.file} with {f'{self.lines} lines' if self.bytes is None else f'{self.bytes} bytes'}"


@dataclass(frozen=True, slots=True)
class Run:
    """The outputs of one run of a target, or the files that were found where no run is declared.

    ``files`` maps relative POSIX names to the subjects found below ``root``; ``root`` itself never enters evidence.
    ``work`` is the whole work folder, in which a later command can go on; None where nothing was run. ``trap`` is the
    log of its entropy trap. ``written`` names the files that this very run wrote, which of a continued run are not all.
    ``observations`` hold what differs from run to run: of a killed run ``kill.file``, ``kill.lines`` and
    ``kill.bytes``, as they were when all was over. ``peak_bytes`` is the memory of the largest single process.
    """

    root: Path
    files: Mapping[str, Subject]
    exit_code: int | None = None
    stdout_tail: str = ""
    stderr_tail: str = ""
    seconds: float = 0.0
    notes: tuple[Finding, ...] = field(default=())
    work: Path | None = None
    trap: Path | None = None
    peak_bytes: int = 0
    written: frozenset[str] = frozenset()
    observations: Mapping[str, Json] = field(default_factory=dict)

    def path(self, name: str) -> Path:
        """The file on disk behind the relative ``name``."""
        return self.root / name
