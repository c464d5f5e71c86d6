"""The manifest's ``[throughput]``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated

from gatecourt.formats.fields import DIFFERENT, PositiveInt, RelativePath, Text
from gatecourt.formats.quantities import Number


@dataclass(frozen=True)
class Slower:
    """The slowdown that is allowed, as a factor of the baseline's time."""

    good: Number = field(default=Decimal(3), metadata={"doc": "Up to this factor is good."})
    bad: Number = field(default=Decimal(10), metadata={"doc": "Above this factor is bad."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for zones that overlap, or that the baseline itself is not in."""
        if not 1 < self.good <= self.bad:
            raise ValueError(f"good: 1 < good <= bad must hold, got good {self.good}, bad {self.bad}")


@dataclass(frozen=True)
class ThroughputSection:
    """Which times are compared with which baseline."""

    baseline: RelativePath = field(metadata={"doc": "The recorded times, a JSON file below the target's root."})
    commands: Annotated[tuple[Text, ...], DIFFERENT] = field(
        default=("run",), metadata={"doc": "NAMEs of the commands that are timed; none of them needs a value."}
    )
    slower: Slower = field(default_factory=Slower, metadata={"doc": "The slowdown that is reported."})
    repeat: PositiveInt = field(
        default=3, metadata={"doc": "How often a command is run again, alone, before it is reported as slow."}
    )
    gates: Annotated[tuple[Text, ...], DIFFERENT] = field(
        default=(), metadata={"doc": "Gates whose recorded times are compared with the baseline."}
    )
    latest: RelativePath | None = field(
        default=None, metadata={"doc": "The newest recorded times of the gates, a file like the baseline."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for gates without their times, and for nothing to judge."""
        if bool(self.gates) != (self.latest is not None):
            raise ValueError("latest: gates and latest go together; give both or none")
        if not self.commands and not self.gates:
            raise ValueError("commands: commands and gates are both empty; name what is timed")


def timed_commands(section: ThroughputSection) -> Sequence[str]:
    """Names of the commands whose time is taken, sorted."""
    return sorted(section.commands)


def timed_gates(section: ThroughputSection) -> Sequence[str]:
    """Names of the gates whose recorded times are judged, sorted."""
    return sorted(section.gates)
