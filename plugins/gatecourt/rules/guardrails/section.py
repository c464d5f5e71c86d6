"""The manifest's ``[guardrails]``: the commands, and how each of them shows that it did its work."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gatecourt.formats.fields import FilePattern, NonEmpty, Pointer, PositiveInt, Regex, RelativePath, Share

REQUIRED = ("smoke", "lint", "types", "tests")


@dataclass(frozen=True)
class JunitReport:
    """The report of a test run, in JUnit format."""

    file: RelativePath = field(metadata={"doc": "The report's path below the output folder."})
    minimum: PositiveInt = field(default=1, metadata={"doc": "The lowest number of tests that must have run."})
    skipped: Share | None = field(
        default=None,
        metadata={"doc": 'The largest share of tests that may be skipped, such as "10%". Default: none.'},
    )


@dataclass(frozen=True)
class SmokeBound:
    """How far a smoke run came: the last value of a counter in one of its outputs."""

    files: NonEmpty[tuple[FilePattern, ...]] = field(metadata={"doc": "Patterns of the JSONL outputs."})
    pointer: Pointer = field(metadata={"doc": "Pointer in a line to the counter."})
    at_least: PositiveInt = field(metadata={"doc": "The lowest last value; a shorter run proves nothing."})
    at_most: PositiveInt = field(metadata={"doc": "The highest last value; a longer run is not bounded."})
    step: PositiveInt | None = field(
        default=None, metadata={"doc": "The increase from line to line. Default: any that is not negative."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for bounds that exclude each other."""
        if self.at_least > self.at_most:
            raise ValueError(f"at_least: {self.at_least} is above at_most, which is {self.at_most}")


@dataclass(frozen=True)
class Guardrail:
    """One command; its exit code and deadline are those of its ``[commands.NAME]``."""

    command: str = field(metadata={"doc": "NAME of the command."})
    sources: NonEmpty[tuple[FilePattern, ...]] = field(
        metadata={
            "doc": "Patterns of the files in the target's tree that the command checks; they are in the evidence."
        }
    )
    stdout_matches: Regex | None = field(
        default=None,
        metadata={"doc": "A regular expression that matches the end of its output only if the command did its work."},
    )
    files: tuple[FilePattern, ...] = field(
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
        if self.stdout_matches is None and self.junit is None and self.bound is None:
            raise ValueError("give stdout_matches, junit or bound: a command that does nothing exits with 0 too")
        counts = self.stdout_matches is not None and "files" in re.compile(self.stdout_matches).groupindex
        if counts != bool(self.files):
            raise ValueError("files: this and a group (?P<files>…) in stdout_matches go together; give both or neither")


@dataclass(frozen=True)
class GuardrailsSection:
    """The commands by name. Smoke, lint, types and tests are each declared or not applicable."""

    check: Mapping[str, Guardrail] = field(
        metadata={"doc": "NAME -> the command, and how it shows that it did its work."}
    )


def guardrail_names(section: GuardrailsSection) -> list[str]:
    """Names of the commands, sorted."""
    return sorted(section.check)
