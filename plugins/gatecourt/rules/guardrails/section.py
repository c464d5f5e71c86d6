"""The manifest's ``[guardrails]``: the commands, and what shows that each of them did its work."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gatecourt.formats import pointer
from gatecourt.formats.quantities import Ratio
from gatecourt.formats.sources import require_files, require_relative

REQUIRED = ("smoke", "lint", "types", "tests")


@dataclass(frozen=True)
class Junit:
    """The report of a test run, in the JUnit form."""

    file: str = field(metadata={"doc": "The report's path below the output folder."})
    minimum: int = field(default=1, metadata={"doc": "Fewer tests that ran than this show nothing."})
    skipped: Ratio | None = field(
        default=None,
        metadata={"doc": 'The largest share of tests that may be skipped, such as "10%"; none if not given.'},
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a file outside the output folder and for nothing to run."""
        require_relative([self.file])
        if self.minimum < 1:
            raise ValueError(f"minimum must be at least 1: no test shows nothing; got {self.minimum}")


@dataclass(frozen=True)
class Bound:
    """How far a smoke run came: the last value of a number that counts up in one of its outputs."""

    files: tuple[str, ...] = field(metadata={"doc": "Patterns of the JSONL outputs."})
    pointer: str = field(metadata={"doc": "Pointer in a line to the number."})
    at_least: int = field(metadata={"doc": "A run that ends before this shows nothing."})
    at_most: int = field(metadata={"doc": "A run that goes beyond this is not bounded."})
    step: int | None = field(
        default=None, metadata={"doc": "By how much it grows from line to line; if not given, it only never falls."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for no files, no pointer and bounds that exclude each other."""
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
        metadata={"doc": "Patterns of the files of the target's tree that it looks at: what it has judged."}
    )
    says: str | None = field(
        default=None, metadata={"doc": "A regular expression found at the end of its output only when it did its work."}
    )
    looks_at: tuple[str, ...] = field(
        default=(),
        metadata={
            "doc": "Patterns of the files of the target's tree that it must have looked at, by their number: "
            "says tells it in its group (?P<files>…)."
        },
    )
    junit: Junit | None = field(default=None, metadata={"doc": "The tests that it ran."})
    bound: Bound | None = field(default=None, metadata={"doc": "How far it came."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where nothing but the exit code would speak: a command that does nothing ends well."""
        if not self.sources:
            raise ValueError("sources is empty: name what the command looks at")
        require_relative(self.sources)
        if self.says is None and self.junit is None and self.bound is None:
            raise ValueError("give says, junit or bound: a command that does nothing ends well, too")
        counts = False
        if self.says is not None:
            try:
                counts = "files" in re.compile(self.says).groupindex
            except re.error as error:
                raise ValueError(f"says: expected a regular expression: {error}") from error
        require_relative(self.looks_at)
        if counts != bool(self.looks_at):
            raise ValueError("looks_at and a group (?P<files>…) in says belong together: give both or neither")


@dataclass(frozen=True)
class GuardrailsSection:
    """The commands by name. Smoke, lint, types and tests are each declared or excused."""

    check: Mapping[str, Guardrail] = field(metadata={"doc": "NAME -> the command and what shows that it worked."})
    not_applicable: Mapping[str, str] = field(
        default_factory=dict, metadata={"doc": "smoke, lint, types or tests, and why there is none."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for one that is neither declared nor excused, or both."""
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
