"""The manifest's ``[telemetry.health.NAME]``: logs with one line of ``key=value`` words a tick."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from gatecourt.formats.files import require_files
from gatecourt.formats.quantities import Number


@dataclass(frozen=True)
class HealthSection:
    """Lines such as ``tick_health tick=1 duration_ms=34.70 queue=0``: each is read, none is passed over."""

    files: tuple[str, ...] = field(metadata={"doc": "Which files hold the lines."})
    origin: Literal["artefacts", "target"] = field(
        default="artefacts", metadata={"doc": "artefacts: patterns over a run's outputs; target: files of the tree."}
    )
    of: str = field(default="run", metadata={"doc": "NAME of the [commands.NAME] whose outputs they are."})
    word: str = field(default="tick_health", metadata={"doc": "The word that such a line begins with."})
    other_lines: bool = field(default=False, metadata={"doc": "Whether lines of other kinds may stand between."})
    tick: str = field(default="tick", metadata={"doc": "Key of the tick, which rises line by line."})
    step: int = field(default=1, metadata={"doc": "By how many ticks each line is later than the one before."})
    required: tuple[str, ...] = field(
        default=("duration_ms", "queue", "dropped"), metadata={"doc": "Keys that every line has, each a number."}
    )
    at_most: Mapping[str, Number] = field(default_factory=dict, metadata={"doc": "The largest value of a key."})
    lowest: Mapping[str, Number] = field(default_factory=dict, metadata={"doc": "The smallest value of a key."})
    at_least: int = field(default=1, metadata={"doc": "The fewest lines on which a judgement can rest."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for files or counts that cannot be."""
        require_files(self.files, self.origin)
        if not self.word or self.word.split() != [self.word]:
            raise ValueError(f"word must be one word, got {self.word!r}")
        if wrong := sorted(key for key in self.lowest if self.lowest[key] > self.at_most.get(key, self.lowest[key])):
            raise ValueError(f"nothing is between lowest and at_most of {wrong[0]}")
        if self.step < 1 or self.at_least < 1:
            raise ValueError(f"step and at_least must be at least 1, got {self.step} and {self.at_least}")
