"""How payloads of a stream are told apart: the manifest's ``kinds``, and what merging takes of a stream's section."""

from __future__ import annotations

from dataclasses import dataclass, field

from gatecourt.formats.pointer import split


@dataclass(frozen=True)
class PayloadKinds:
    """How a payload says whether it is a whole state or what changed since the one before."""

    pointer: str = field(default="/payload_type", metadata={"doc": "JSON pointer of the kind in a payload."})
    snapshot: str = field(default="snapshot", metadata={"doc": "Value of the kind for a whole state."})
    diff: str = field(default="diff", metadata={"doc": "Value of the kind for changes."})
    changes: str = field(default="changes", metadata={"doc": "Key of a diff's changed top-level keys, an object."})
    removed: str = field(default="removed", metadata={"doc": "Key of a diff's removed top-level keys, an array."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for two kinds with the same name."""
        split(self.pointer)
        if self.snapshot == self.diff:
            raise ValueError(f"snapshot and diff are both {self.diff!r}: one value cannot mean two kinds")


@dataclass(frozen=True, slots=True)
class StreamShape:
    """What it takes to merge a stream: pointers to its tick and identity, its step, and how kinds are told apart."""

    tick: str = "/tick"
    step: int = 1
    identity: tuple[str, ...] = ()
    kinds: PayloadKinds | None = None
