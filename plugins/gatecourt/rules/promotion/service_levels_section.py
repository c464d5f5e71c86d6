"""The manifest's ``[promotion.charter]``: what the town promises to those who live in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from gatecourt.formats.quantities import Number, Ratio
from gatecourt.rules.promotion.documents import Document, require_pointers


@dataclass(frozen=True)
class CharterFields:
    """Where a state holds what."""

    agents: str = field(default="/agents", metadata={"doc": "Pointer of the object of agents."})
    needs: str = field(default="/needs", metadata={"doc": "Pointer, in an agent, of the object of its needs."})
    hired: str = field(
        default="/hire_tick", metadata={"doc": "Pointer, in an agent, of the tick it was hired; or null."}
    )
    jobs: str = field(default="/jobs", metadata={"doc": "Pointer of the object of jobs, by agent."})
    shift_state: str = field(default="/shift_state", metadata={"doc": "Pointer, in a job, of how the shift goes."})
    late_ticks: str = field(
        default="/late_ticks_today", metadata={"doc": "Pointer, in a job, of the ticks late so far today."}
    )
    ties: str = field(
        default="/relationship_snapshot", metadata={"doc": "Pointer of the ties: agent, other agent, measures."}
    )
    tie_measures: tuple[str, ...] = field(
        default=("/trust", "/rivalry"), metadata={"doc": "Pointers, in a tie, of which one has to be strong."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for what is no pointer, and where nothing makes a tie."""
        single = (self.agents, self.needs, self.hired, self.jobs, self.shift_state, self.late_ticks, self.ties)
        require_pointers(*single, *self.tie_measures)
        if not self.tie_measures:
            raise ValueError("tie_measures is empty: name at least one")


FIGURES = ("self_sufficient", "tenure_days", "connected", "lateness")


@dataclass(frozen=True)
class StatedFigures:
    """What the system says of its own charter figures; JSON pointers within the document."""

    document: Document = field(metadata={"doc": "The document that holds the figures."})
    self_sufficient: str | None = field(default=None, metadata={"doc": "Pointer of the share of the self-sufficient."})
    tenure_days: str | None = field(default=None, metadata={"doc": "Pointer of the mean tenure in days."})
    connected: str | None = field(default=None, metadata={"doc": "Pointer of the share of those with a strong tie."})
    lateness: str | None = field(
        default=None, metadata={"doc": "Pointer of the ticks late as a share of those on shift."}
    )
    decimals: int = field(default=6, metadata={"doc": "To how many decimals the figures are rounded."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for what is no pointer, no figure at all, and roundings that are none."""
        places = [getattr(self, name) for name in FIGURES]
        require_pointers(*places)
        if set(places) == {None}:
            raise ValueError(f"no figure is stated: give the pointer of {', '.join(FIGURES)}")
        if not 0 <= self.decimals <= 15:
            raise ValueError(f"decimals is from 0 to 15, got {self.decimals}")


@dataclass(frozen=True)
class CharterSection:
    """The promises, recomputed over the last simulated day. ``at least`` and ``above`` are meant as they are said."""

    on_shift: tuple[str, ...] = field(
        metadata={"doc": "All words of a shift's state in which an agent has to be at work, late or not."}
    )
    off_shift: tuple[str, ...] = field(metadata={"doc": "All other words of a shift's state."})
    ticks_per_day: int | None = field(default=None, metadata={"doc": "How many ticks make a day."})
    ticks_per_day_at: Document | None = field(
        default=None, metadata={"doc": "Where the configuration says it, in place of the number."}
    )
    min_agents: int = field(default=1, metadata={"doc": "The fewest agents of whom a share may be spoken."})
    need_above: Number = field(default=Decimal("0.3"), metadata={"doc": "Every need is above this all day long."})
    self_sufficient: Ratio = field(
        default=Decimal("0.70"), metadata={"doc": "The least share of agents whose needs all are."}
    )
    tenure_days: Number = field(default=Decimal(3), metadata={"doc": "The least mean tenure of a job, in days."})
    lateness_below: Ratio = field(
        default=Decimal("0.15"), metadata={"doc": "Ticks late, as a share of those on shift, stay below this."}
    )
    tie_above: Number = field(default=Decimal("0.3"), metadata={"doc": "A tie is strong above this, without its sign."})
    connected: Ratio = field(
        default=Decimal("0.60"), metadata={"doc": "The least share of agents with at least one strong tie."}
    )
    stated: StatedFigures | None = field(
        default=None, metadata={"doc": "The system's own figures, which must be the recomputed ones."}
    )
    fields: CharterFields = field(default_factory=CharterFields, metadata={"doc": "Where a state holds what."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for shares that are none, no length of the day or two, and words that do not tell."""
        if (self.ticks_per_day is None) == (self.ticks_per_day_at is None):
            raise ValueError("give exactly one of ticks_per_day and ticks_per_day_at")
        if self.min_agents < 1 or (self.ticks_per_day or 1) < 1:
            raise ValueError("min_agents and ticks_per_day are at least 1")
        for name in ("self_sufficient", "lateness_below", "connected"):
            if not 0 < getattr(self, name) <= 1:
                raise ValueError(f"{name} is a share above 0 and at most 1, got {getattr(self, name)}")
        if not self.on_shift:
            raise ValueError("on_shift is empty: name at least one word")
        if set(self.on_shift) & set(self.off_shift):
            raise ValueError("a word is of on_shift and of off_shift")
