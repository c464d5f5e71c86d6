"""The manifest's ``[promotion]``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatecourt.rules.promotion.bands_section import BandsSection
from gatecourt.rules.promotion.history_section import CanariesSection, HistorySection, ReactionSection
from gatecourt.rules.promotion.rehearsal_section import DrillSection, StagesSection
from gatecourt.rules.promotion.release_section import AlertsSection, ParitySection, ThresholdsSection
from gatecourt.rules.promotion.windows_section import WindowsSection

PARTS = ("stages", "bands", "windows", "alerts", "thresholds", "parity", "drill", "canaries", "reaction")
_NEEDS: Mapping[str, tuple[str, ...]] = {
    "drill": ("stages",),
    "canaries": ("history", "windows"),
    "reaction": ("history", "stages"),
}


@dataclass(frozen=True)
class PromotionSection:
    """What a candidate has to show before it is promoted, and what was to follow earlier promotions."""

    stages: StagesSection | None = field(default=None, metadata={"doc": "The rehearsal's stages and its summary."})
    bands: BandsSection | None = field(default=None, metadata={"doc": "Bands and bounds over the log of training."})
    windows: WindowsSection | None = field(default=None, metadata={"doc": "The windows over which it was watched."})
    alerts: AlertsSection | None = field(default=None, metadata={"doc": "Where alerts stand, which must be empty."})
    thresholds: ThresholdsSection | None = field(
        default=None, metadata={"doc": "The thresholds as reported and as released."}
    )
    parity: ParitySection | None = field(default=None, metadata={"doc": "Release and shadow, which must agree."})
    drill: DrillSection | None = field(default=None, metadata={"doc": "The rehearsal that must fail."})
    canaries: CanariesSection | None = field(default=None, metadata={"doc": "What has to follow each promotion."})
    reaction: ReactionSection | None = field(default=None, metadata={"doc": "What has to follow each rehearsal."})
    history: HistorySection | None = field(default=None, metadata={"doc": "The log of promotions."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for no part at all, and for parts that lack another one."""
        for part, needed in _NEEDS.items():
            for name in needed:
                if getattr(self, part) is not None and getattr(self, name) is None:
                    raise ValueError(f"{part} needs [promotion.{name}]")
        if not any(declared_parts(self).values()):
            raise ValueError("no part is declared: say so once, with the gate in [court.not_applicable]")


def declared_parts(section: PromotionSection) -> dict[str, bool]:
    """The parts that a section may lack, each with whether it declares them."""
    return {part: getattr(section, part) is not None for part in PARTS}
