"""The manifest sections that every target has, whatever its gates: ``[target]``, ``[court]``, ``[runbook]``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatecourt.formats.fields import FilePattern, Identifier, NonEmpty, PositiveSeconds, Text


@dataclass(frozen=True, slots=True)
class TargetSection:
    """``[target]``: who is judged, and which of its artefacts where it is judged as found."""

    name: Identifier = field(metadata={"doc": "Unique name of the system: lower-case letters, digits and underscores."})
    summary: str = field(default="", metadata={"doc": "One line that says what the system is."})
    artefacts: tuple[FilePattern, ...] = field(
        default=(),
        metadata={
            "doc": "Patterns of the artefacts judged as found, for a system without [run]. {run} stands for a run's id."
        },
    )
    judged: Text | None = field(
        default=None,
        metadata={"doc": 'Which run is judged where a pattern holds {run}: "latest", a run id, or a pattern with *.'},
    )
    max_age: PositiveSeconds | None = field(
        default=None, metadata={"doc": 'How old an artefact judged as found may be, such as "1d".'}
    )

    def __post_init__(self) -> None:
        if any("{run}" in pattern for pattern in self.artefacts) and self.judged is None:
            raise ValueError('judged: an artefact pattern holds {run}; say which run is judged, such as "latest"')


@dataclass(frozen=True, slots=True)
class CourtSection:
    """``[court]``: the gates that must run, and what does not apply to this system, with reasons."""

    roll: tuple[str, ...] = field(metadata={"doc": "The gates that must run, written out."})
    not_applicable: Mapping[str, Text | NonEmpty[Mapping[str, Text]]] = field(
        default_factory=dict,
        metadata={
            "doc": "What does not apply to this system: a gate with the reason, or a table of a gate on the roll with "
            "parts of it, each with the reason. A part is the name of a check, such as backup_restore."
        },
    )

    @property
    def gates_not_applicable(self) -> dict[str, str]:
        """The gates that do not apply as a whole, each with the reason."""
        return {gate: reason for gate, reason in self.not_applicable.items() if isinstance(reason, str)}

    @property
    def parts_not_applicable(self) -> dict[str, Mapping[str, str]]:
        """Gates to their parts that do not apply, each with the reason."""
        return {gate: parts for gate, parts in self.not_applicable.items() if not isinstance(parts, str)}
