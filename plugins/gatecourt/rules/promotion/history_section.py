"""The manifest's ``[promotion.history]``, ``.canaries`` and ``.reaction``: what was done, entry by entry, and when."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from gatecourt.formats.files import require_files
from gatecourt.rules.promotion.documents import Document, require_pointers, require_texts


@dataclass(frozen=True)
class ActionWords:
    """How an entry says what was done."""

    promote: str = field(default="promote", metadata={"doc": "A candidate became the release."})
    canary: str = field(default="canary", metadata={"doc": "A window after a promotion was looked at."})
    rollback: str = field(default="rollback", metadata={"doc": "An earlier release was restored."})
    decision: str = field(default="decision", metadata={"doc": "A rehearsal was judged."})
    freeze: str = field(default="freeze", metadata={"doc": "Promotions were stopped."})
    escalate: str = field(default="escalate", metadata={"doc": "Somebody was called in."})
    resume: str = field(default="resume", metadata={"doc": "Promotions were let go on."})
    others: tuple[str, ...] = field(default=(), metadata={"doc": "Words of further entries, which are not judged."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for one word of two meanings."""
        require_texts("actions", self.known())

    def known(self) -> tuple[str, ...]:
        """All words, in the order above."""
        return (*(getattr(self, one.name) for one in fields(self) if one.name != "others"), *self.others)


@dataclass(frozen=True)
class EntryFields:
    """Where an entry holds what; JSON pointers within it."""

    time: str = field(default="/at", metadata={"doc": "Pointer of the time, ISO 8601 with its offset from UTC."})
    action: str = field(default="/action", metadata={"doc": "Pointer of what was done."})
    by: str = field(default="/by", metadata={"doc": "Pointer of who did it."})
    promotion: str = field(default="/promotion", metadata={"doc": "Pointer of the promotion that the entry is about."})
    snapshot: str = field(
        default="/snapshot/path", metadata={"doc": "Pointer of the snapshot that was taken, or restored."}
    )
    digest: str = field(default="/snapshot/sha256", metadata={"doc": "Pointer of the snapshot's SHA-256."})
    incident: str = field(default="/incident", metadata={"doc": "Pointer of the path of a rollback's incident note."})
    window: str = field(default="/window", metadata={"doc": "Pointer of a canary's window, as in promotion.windows."})
    green: str = field(default="/green", metadata={"doc": "Pointer of the canary's own word: true or false."})
    summary: str = field(default="/summary/path", metadata={"doc": "Pointer of the rehearsal summary's path."})
    summary_digest: str = field(default="/summary/sha256", metadata={"doc": "Pointer of the summary's SHA-256."})
    word: str = field(default="/decision", metadata={"doc": "Pointer of the decision: PROMOTE, HOLD or FAIL."})
    reason: str = field(default="/reason", metadata={"doc": "Pointer of why promotions were stopped or let go on."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for what is no pointer."""
        require_pointers(*(getattr(self, one.name) for one in fields(self)))


@dataclass(frozen=True)
class HistorySection:
    """The log of promotions, one JSON object a line, oldest first."""

    log: Document = field(metadata={"doc": "The log; as a rule a file of the target."})
    actions: ActionWords = field(default_factory=ActionWords, metadata={"doc": "How entries say what was done."})
    fields: EntryFields = field(default_factory=EntryFields, metadata={"doc": "Where an entry holds what."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for a place in a log of many entries."""
        if self.log.pointer:
            raise ValueError("log.pointer has no use: a log is many entries")


@dataclass(frozen=True)
class CanariesSection:
    """What has to follow each promotion. Windows are judged as in promotion.windows, which must be declared."""

    green: int = field(default=2, metadata={"doc": "How many green windows with data have to follow, in a row."})

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for none at all being enough."""
        if self.green < 1:
            raise ValueError(f"green is at least 1, got {self.green}")


@dataclass(frozen=True)
class ReactionSection:
    """What has to follow each rehearsal. Summaries are judged as in promotion.stages, which must be declared."""

    summaries: tuple[str, ...] = field(
        metadata={"doc": "Paths of the rehearsal summaries below the target's root, each of which was decided on."}
    )

    def __post_init__(self) -> None:
        """Raise ``ValueError`` for no summaries, or paths that are none."""
        require_files(self.summaries, "target")
        require_texts("summaries", self.summaries)
