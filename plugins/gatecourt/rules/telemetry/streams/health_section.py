"""The manifest's ``[telemetry.health.NAME]``: logs with one line of ``key=value`` words a tick."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from gatecourt.formats.fields import Constraint, FilePattern, NonEmpty, PositiveInt
from gatecourt.formats.files import require_full_names
from gatecourt.formats.quantities import Number

_ONE_WORD = Constraint("one word", lambda text: text.split() == [text], {"pattern": r"^[^ \t\r\n]+$"})


@dataclass(frozen=True)
class HealthSection:
    """Lines such as ``tick_health tick=1 duration_ms=34.70 queue=0``: each is read, none is passed over."""

    files: NonEmpty[tuple[FilePattern, ...]] = field(metadata={"doc": "Which files hold the lines."})
    origin: Literal["artefacts", "target"] = field(
        default="artefacts", metadata={"doc": "artefacts: patterns over a run's outputs; target: files of the tree."}
    )
    of: str = field(default="run", metadata={"doc": "NAME of the [commands.NAME] whose outputs they are."})
    word: Annotated[str, _ONE_WORD] = field(
        default="tick_health", metadata={"doc": "The word that such a line begins with."}
    )
    other_lines: bool = field(default=False, metadata={"doc": "Whether lines of other kinds may stand between."})
    tick: str = field(default="tick", metadata={"doc": "Key of the tick, which rises line by line."})
    step: PositiveInt = field(default=1, metadata={"doc": "By how many ticks each line is later than the one before."})
    required: tuple[str, ...] = field(
        default=("duration_ms", "queue", "dropped"), metadata={"doc": "Keys that every line has, each a number."}
    )
    at_most: Mapping[str, Number] = field(default_factory=dict, metadata={"doc": "The largest value of a key."})
    lowest: Mapping[str, Number] = field(default_factory=dict, metadata={"doc": "The smallest value of a key."})
    at_least: PositiveInt = field(default=1, metadata={"doc": "The fewest lines on which a judgement can rest."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a pattern among files of the target, or limits that nothing can keep."""
        require_full_names(self.files, self.origin)
        if wrong := sorted(key for key in self.lowest if self.lowest[key] > self.at_most.get(key, self.lowest[key])):
            raise ValueError(f"lowest.{wrong[0]}: {self.lowest[wrong[0]]} is above at_most.{wrong[0]}")
