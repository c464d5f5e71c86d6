"""When, on which commits and with which versions a session ran: recorded, never judged."""

from __future__ import annotations

import datetime
import platform
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gatecourt
from gatecourt.formats.git_revision import revision


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


@dataclass(frozen=True)
class Provenance:
    """A session's unique name, its start, the trees that it judges by target name, and where its reports go."""

    trees: Mapping[str, Path] = field(default_factory=dict)
    reports: Path | None = None
    session: str = field(default_factory=lambda: uuid.uuid4().hex)
    started_at: datetime.datetime = field(default_factory=_now)

    def as_json(self) -> dict[str, Any]:
        """The ``observations`` of the court report, as of now."""
        return {
            "session": self.session,
            "startedAt": self.started_at.isoformat(timespec="seconds"),
            "writtenAt": _now().isoformat(timespec="seconds"),
            "gatecourt": gatecourt.__version__,
            "python": platform.python_version(),
            "commits": {name: revision(tree, self.reports) for name, tree in sorted(self.trees.items())},
        }
