"""The manifest's ``[guardrails]``: the commands, and how each of them shows that it did its work."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gatecourt.formats import pointer
from gatecourt.formats.quantities import Ratio
from gatecourt.formats.sources import require_files, require_relative

REQUIRED = ("smoke", "lint", "types", "tests")


@dataclass(frozen=True)
class JunitReport:
    """The report of a test run, in JUnit format."""

    file: str = field(metadata={"doc": "The report's path below the output folder."})
    minimum: int = field(default=1, metadata={"doc": "The lowest number of tests that must have run."})
    skipped: Ratio | None = field(
        default=None,
        metadata={"doc": 'The largest share of tests that may be skipped, such as "10%". Default: none.'},
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a file outside the output folder, or a minimum of 0."""
        require_relative([self.file])
        if self.minimum < 1:
            raise ValueError(f"minimum must be at least 1, because no test proves nothing; got {self.minimum}")


@dataclass(frozen=True)
class SmokeBound:
    """How far a smoke run came: the last value of a counter in one of its outputs."""

    files: tuple[str, ...] = field(metadata={"doc": "Patterns of the JSONL outputs."})
    pointer: str = field(metadata={"doc": "Pointer in a line to the counter."})
    at_least: int = field(metadata={"doc": "The lowest last value; a shorter run proves nothing."})
    at_most: int = field(metadata={"doc": "The highest last value; a longer run is not bounded."})
    step: int | None = field(
        default=None, metadata={"doc": "The increase from line to line. Default: any that is not negative."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for no files, an invalid pointer, or bounds that exclude each other."""
        require_files(self.files, "artefacts")
        pointer.split(self.pointer)
        if not 1 <= self.at_least <= self.at_most:
            raise ValueError(f"1 <= at_least <= at_most must hold, got {self.at_least} and {self.at_most}")
        if self.step is not None and self.step < 1:
            raise ValueError(f"step must be 1 or more, got {self.step}")


@dataclass(frozen=True)
class Guardrail:
    """One command; its exit code and deadline are those of its ``[commands.NAME]``."""

    command: str = field(metadata={"doc": "NAME of the command."})
    sources: tuple[str, ...] = field(
        metadata={
            "doc": "Patterns of the files in the target's tree that the command checks; they are in the evidence."
        }
    )
    stdout_matches: str | None = field(
        default=None,
        metadata={"doc": "A regular expression that matches the end of its output only if the command did its work."},
    )
    files: tuple[str, ...] = field(
        default=(),
        metadata={
            "doc": "Patterns of the files in the target's tree that the command must have checked. Their "
            "number is compared with the group (?P<files>…) of stdout_matches."
        },
    )
    junit: JunitReport | None = field(default=None, metadata={"doc": "The report of the tests that it ran."})
    bound: SmokeBound | None = field(default=None, metadata={"doc": "How far the smoke run came."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` if only the exit code would count: a command that does nothing exits with 0 too."""
        if not self.sources:
            raise ValueError("sources is empty: name the files that the command checks")
        require_relative(self.sources)
        if self.stdout_matches is None and self.junit is None and self.bound is None:
            raise ValueError("give stdout_matches, junit or bound: a command that does nothing exits with 0 too")
        counts = False
        if self.stdout_matches is not None:
            try:
                counts = "files" in re.compile(self.stdout_matches).groupindex
            except re.error as error:
                raise ValueError(f"stdout_matches: expected a regular expression: {error}") from error
        require_relative(self.files)
        if counts != bool(self.files):
            raise ValueError("files and a group (?P<files>…) in stdout_matches go together: give both or neither")


@dataclass(frozen=True)
class GuardrailsSection:
    """The commands by name. Smoke, lint, types and tests are each declared or not applicable."""

    check: Mapping[str, Guardrail] = field(
        metadata={"doc": "NAME -> the command, and how it shows that it did its work."}
    )
    not_applicable: Mapping[str, str] = field(
        default_factory=dict, metadata={"doc": "smoke, lint, types or tests, and why there is none."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for one that is neither declared nor not applicable, or both."""
        for name, reason in self.not_applicable.items():
            if name not in REQUIRED:
                raise ValueError(f"not_applicable: expected {', '.join(REQUIRED)}, found {name!r}")
            if name in self.check or not reason.strip():
                raise ValueError(f"not_applicable.{name}: give either the command or a reason why there is none")
        for name in REQUIRED:
            if name not in self.check and name not in self.not_applicable:
                raise ValueError(
                    f"check.{name} is missing: declare it, or say in not_applicable.{name} why there is none"
                )


def guardrail_names(section: GuardrailsSection) -> list[str]:
    """Names of the commands, sorted."""
    return sorted(section.check)
