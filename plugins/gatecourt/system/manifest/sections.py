"""The manifest sections that every target has, whatever its gates: ``[target]``, ``[court]``, ``[runbook]``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gatecourt.formats.quantities import Seconds


@dataclass(frozen=True, slots=True)
class TargetSection:
    """``[target]``: who is judged, and which of its artefacts where it is judged as found."""

    name: str = field(metadata={"doc": "Unique name of the system: lower-case letters, digits and underscores."})
    summary: str = field(default="", metadata={"doc": "One line that says what the system is."})
    artefacts: tuple[str, ...] = field(
        default=(),
        metadata={
            "doc": "Patterns of the artefacts judged as found, for a system without [run]. {run} stands for a run's id."
        },
    )
    judged: str | None = field(
        default=None,
        metadata={"doc": 'Which run is judged where a pattern holds {run}: "latest", a run id, or a pattern with *.'},
    )
    max_age: Seconds | None = field(
        default=None, metadata={"doc": 'How old an artefact judged as found may be, such as "1d".'}
    )

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9_]+", self.name):
            raise ValueError(f"name: expected lower-case letters, digits and underscores, found {self.name!r}")
        if any("{run}" in pattern for pattern in self.artefacts) and self.judged is None:
            raise ValueError('judged: an artefact pattern holds {run}; say which run is judged, such as "latest"')


@dataclass(frozen=True, slots=True)
class CourtSection:
    """``[court]``: the gates that must be heard, and those that do not apply, each with its reason."""

    roll: tuple[str, ...] = field(metadata={"doc": "The gates that must be heard. Written out, never inferred."})
    not_applicable: Mapping[str, str] = field(
        default_factory=dict, metadata={"doc": "Gates that do not apply to this system, each with the reason."}
    )
