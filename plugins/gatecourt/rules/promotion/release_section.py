"""The manifest's ``[promotion.alerts]``, ``[promotion.thresholds]`` and ``[promotion.parity]``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatecourt.formats.pointer import matches, split
from gatecourt.rules.promotion.documents import Document, require_pointers, require_texts


@dataclass(frozen=True)
class AlertsSection:
    """Where alerts stand, all of which must be empty."""

    last: tuple[Document, ...] = field(metadata={"doc": "Lists of alerts in the last payload or the console's view."})
    hard_holds: tuple[str, ...] = field(
        default=(), metadata={"doc": "Alerts that stop every promotion, whatever else is allowed."}
    )
    aliases: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict, metadata={"doc": "Other names under which the system raises a hard hold."}
    )
    allowed: Mapping[str, str] = field(
        default_factory=dict, metadata={"doc": "Alerts that may be there, each with the reason."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for nothing to look at, for aliases of nothing, and for a hard hold that is allowed."""
        if not self.last:
            raise ValueError("last is empty: name at least one list of alerts")
        require_texts("hard_holds", self.hard_holds)
        for name in self.aliases:
            if name not in self.hard_holds:
                raise ValueError(f"aliases: {name!r} is not one of hard_holds")
        known = self.named()
        for name, reason in self.allowed.items():
            if name in known:
                raise ValueError(f"allowed: {name!r} is a hard hold, which nothing allows")
            if not reason.strip():
                raise ValueError(f"allowed.{name}: expected the reason, found nothing")

    def named(self) -> dict[str, str]:
        """Each name of a hard hold, aliases too, and the hard hold that it means."""
        own = {name: name for name in self.hard_holds}
        return own | {other: name for name, others in self.aliases.items() for other in others}


@dataclass(frozen=True)
class ThresholdsSection:
    """The thresholds that the run reports, and the release's file, in which they must stand."""

    reported: Document = field(metadata={"doc": "The object of thresholds as the run reports them."})
    release: Document = field(metadata={"doc": "The release's own file, and the object in it that holds them."})
    pairs: Mapping[str, str] = field(
        metadata={"doc": "Pointer among the reported -> pointer in the release's object; whole objects are compared."}
    )
    not_reported: Mapping[str, str] = field(
        default_factory=dict,
        metadata={"doc": "Pointers in the release's object that are no threshold, each with the reason."},
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for no pairs, or places that are none."""
        if not self.pairs:
            raise ValueError("pairs is empty: name at least one threshold")
        require_pointers(*self.pairs, *self.pairs.values(), *self.not_reported)
        if len(set(self.pairs.values())) != len(self.pairs):
            raise ValueError("pairs: two reported thresholds have one place in the release")
        for place, reason in self.not_reported.items():
            if not reason.strip():
                raise ValueError(f'not_reported."{place}": expected the reason, found nothing')


@dataclass(frozen=True)
class Stated:
    """What a run says it was configured with."""

    release: str = field(metadata={"doc": "Pointer of what it must be in the release's file."})
    document: Document = field(metadata={"doc": "The value as the run reports it."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for what is no pointer."""
        require_pointers(self.release)


@dataclass(frozen=True)
class ParitySection:
    """The release's and the shadow's configuration, which must agree."""

    release: Document = field(metadata={"doc": "The release's file."})
    shadow: Document = field(metadata={"doc": "The shadow's file."})
    equal: tuple[str, ...] = field(metadata={"doc": "Pointers that both have, with one value."})
    may_differ: Mapping[str, str] = field(
        default_factory=dict,
        metadata={"doc": "Pointers that may differ, each with the reason; * stands for any one step, and all below."},
    )
    stated: tuple[Stated, ...] = field(default=(), metadata={"doc": "What the run says of itself."})
    extends: str | None = field(
        default=None,
        metadata={
            "doc": "Top-level key under which a file names the one whose values it takes over, relative to its own "
            "folder; tables merge key by key, everything else replaces."
        },
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for nothing to compare, and for an exemption of what must be equal."""
        if not self.equal:
            raise ValueError("equal is empty: name at least one pointer")
        require_pointers(*self.equal, *self.may_differ)
        for place, reason in self.may_differ.items():
            if not split(place):
                raise ValueError("may_differ: the whole document cannot be exempt")
            if not reason.strip():
                raise ValueError(f'may_differ."{place}": expected the reason, found nothing')
            for must in self.equal:
                if covers(place, split(must)):
                    raise ValueError(f"may_differ: {place!r} covers {must!r}, which must be equal")


def covers(pattern: str, steps: tuple[str | int, ...]) -> bool:
    """Whether the pattern is of the place ``steps`` or of something above it."""
    wanted = split(pattern)
    return matches(wanted, steps[: len(wanted)])
