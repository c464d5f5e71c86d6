"""The manifest's ``[promotion.stages]`` and ``[promotion.drill]``: a rehearsal, and one that must fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from gatecourt.formats.files import require_relative
from gatecourt.formats.patterns import select
from gatecourt.formats.quantities import Ratio
from gatecourt.mechanisms.bands.section import Band
from gatecourt.rules.promotion.documents import Document, require_pointers, require_texts

METRICS = ("loss", "queue", "intensity")
CAUSES = ("bc", "loss", "queue", "intensity", "not_ready")


def _band(relative: str) -> Band:
    return Band(relative=Decimal(relative), calibrated=False)


@dataclass(frozen=True)
class StageFields:
    """Where a stage holds what; JSON pointers within it."""

    cycle: str = field(default="/cycle", metadata={"doc": "Pointer of the number that orders the stages."})
    mode: str = field(default="/mode", metadata={"doc": "Pointer of the word that tells one kind from the other."})
    accuracy: str = field(default="/accuracy", metadata={"doc": "Pointer of a cloning stage's accuracy."})
    threshold: str = field(default="/threshold", metadata={"doc": "Pointer of the threshold that it was held to."})
    passed: str = field(default="/passed", metadata={"doc": "Pointer of its own word on that: true or false."})
    rolled_back: str = field(default="/rolled_back", metadata={"doc": "Pointer of true where the stage ended all."})
    loss: str = field(default="/loss_total", metadata={"doc": "Pointer of a learning stage's loss."})
    queue: str = field(default="/queue_conflict_events", metadata={"doc": "Pointer of its conflicts in queues."})
    intensity: str = field(
        default="/queue_conflict_intensity_sum", metadata={"doc": "Pointer of the intensity of these conflicts."}
    )
    flag: str = field(
        default="/anneal_{}_flag",
        metadata={"doc": "Pointer of the stage's own flag on a drift; {} is loss, queue or intensity."},
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for what is no pointer."""
        require_pointers(*(getattr(self, name) for name in self.__dataclass_fields__))
        if "{}" not in self.flag:
            raise ValueError(f"flag needs {{}} where loss, queue or intensity goes, found {self.flag!r}")


@dataclass(frozen=True)
class SummaryFields:
    """Where a rehearsal's summary says what; JSON pointers. Null or absent is told, except where None is given."""

    results: str = field(default="/results", metadata={"doc": "Pointer of the stages as the summary repeats them."})
    bc: str = field(default="/bc", metadata={"doc": "Pointer of the last cloning stage, where it is told once more."})
    ppo: str = field(
        default="/ppo", metadata={"doc": "Pointer of the last learning stage, where it is told once more."}
    )
    status: str = field(default="/status", metadata={"doc": "Pointer of PASS, HOLD or FAIL over the stages."})
    decision: str = field(default="/decision", metadata={"doc": "Pointer of PROMOTE, HOLD or FAIL."})
    candidate_ready: str = field(default="/candidate_ready", metadata={"doc": "Pointer of true or false."})
    bc_passed: str = field(default="/bc_passed", metadata={"doc": "Pointer of true or false over cloning stages."})
    flag: str = field(default="/{}_flag", metadata={"doc": "Pointer of the flags; {} is loss, queue or intensity."})
    reasons: str = field(default="/reasons", metadata={"doc": "Pointer of the list of reasons against promotion."})
    pass_streak: str = field(default="/promotion/pass_streak", metadata={"doc": "Pointer of windows passed in a row."})
    required_passes: str = field(
        default="/promotion/required_passes", metadata={"doc": "Pointer of how many windows have to be."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for what is no pointer."""
        require_pointers(*(getattr(self, name) for name in self.__dataclass_fields__))
        if "{}" not in self.flag:
            raise ValueError(f"flag needs {{}} where loss, queue or intensity goes, found {self.flag!r}")


@dataclass(frozen=True)
class StagesSection:
    """The stages of a rehearsal, and what they are held to."""

    results: Document = field(metadata={"doc": "The list of stages."})
    accuracy: Ratio = field(metadata={"doc": 'The least accuracy of a cloning stage, such as "80%".'})
    against: Literal["first", "file"] = field(
        metadata={
            "doc": 'What every learning stage is held against: the "first" of them, or the numbers of a "file". Never '
            "the stage before it alone, to which a slow drift always looks small."
        }
    )
    streak: Literal["stages", "stated"] = field(
        metadata={
            "doc": 'How many windows in a row the candidate passed: "stages", each learning stage being a window, or '
            'as "stated" in the summary, where windows are no part of the rehearsal.'
        }
    )
    baseline: Document | None = field(
        default=None, metadata={"doc": 'With against = "file": an object with the numbers at the pointers of fields.'}
    )
    loss: Band = field(default_factory=lambda: _band("0.10"), metadata={"doc": "Band of the loss; ±10% if not given."})
    queue: Band = field(
        default_factory=lambda: _band("0.15"), metadata={"doc": "Band of conflicts in queues; ±15% if not given."}
    )
    intensity: Band = field(
        default_factory=lambda: _band("0.15"), metadata={"doc": "Band of their intensity; ±15% if not given."}
    )
    summary: Document | None = field(
        default=None, metadata={"doc": "The rehearsal's own summary, which is judged too."}
    )
    required_passes: int = field(default=2, metadata={"doc": "How many windows in a row a candidate has to pass."})
    reasons: Mapping[str, str] = field(
        default_factory=dict,
        metadata={
            "doc": f"The summary's word for each reason against promotion: {', '.join(CAUSES)}. Without them only "
            "whether there are any is compared."
        },
    )
    bc_mode: str = field(default="bc", metadata={"doc": "The mode of a stage that clones behaviour."})
    ppo_mode: str = field(default="ppo", metadata={"doc": "The mode of a stage that learns."})
    fields: StageFields = field(default_factory=StageFields, metadata={"doc": "Where a stage holds what."})
    summary_fields: SummaryFields = field(
        default_factory=SummaryFields, metadata={"doc": "Where the summary says what."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a threshold without sense, and for half a baseline."""
        if not 0 < self.accuracy <= 1:
            raise ValueError(f"accuracy is a share above 0 and at most 1, got {self.accuracy}")
        if (self.against == "file") != (self.baseline is not None):
            raise ValueError('baseline and against = "file" go together')
        if self.required_passes < 1:
            raise ValueError(f"required_passes is at least 1, got {self.required_passes}")
        if self.reasons and set(self.reasons) != set(CAUSES):
            raise ValueError(f"reasons names each of {', '.join(CAUSES)}, or none")
        require_texts("reasons", self.reasons.values())
        if self.bc_mode == self.ppo_mode:
            raise ValueError("bc_mode and ppo_mode are the same word")
        for metric in METRICS:
            if getattr(self, metric).calibrated:
                raise ValueError(f"{metric}: a stage has one value and no measured noise; write calibrated = false")


@dataclass(frozen=True)
class DrillSection:
    """A rehearsal that must fail for its accuracy alone, and stop."""

    results: Document = field(metadata={"doc": "The list of stages; its `of` is the command of the drill."})
    summary: Document | None = field(default=None, metadata={"doc": "The drill's own summary, which must say FAIL."})
    no_stage_in: tuple[str, ...] = field(
        default=(), metadata={"doc": "Patterns of outputs that must not be there, or be empty: those of a later stage."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for results that no command leaves, and for patterns that cover them."""
        if self.results.origin != "artefacts" or self.results.of == "run":
            raise ValueError("results are outputs of the drill's command: name it as results.of")
        require_relative(self.no_stage_in)
        if self.no_stage_in and select([self.results.file], self.no_stage_in):
            raise ValueError("no_stage_in covers the results themselves")
