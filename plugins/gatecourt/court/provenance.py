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
from gatecourt.formats.files import sha256_file
from gatecourt.formats.git_revision import revision


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


@dataclass(frozen=True)
class Provenance:
    """A session's unique name, its start, the trees that it judges by target name, and where its reports go.

    ``foreign_gates`` are the modules of gates that are not gatecourt's own, by marker: a reader of the report must know
    who judged.
    """

    trees: Mapping[str, Path] = field(default_factory=dict)
    reports: Path | None = None
    session: str = field(default_factory=lambda: uuid.uuid4().hex)
    started_at: datetime.datetime = field(default_factory=_now)
    foreign_gates: Mapping[str, Path] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The ``observations`` of the court report, as of now."""
        return {
            "session": self.session,
            "startedAt": self.started_at.isoformat(timespec="seconds"),
            "writtenAt": _now().isoformat(timespec="seconds"),
            "gatecourt": gatecourt.__version__,
            "python": platform.python_version(),
            **({"foreignGates": self._modules()} if self.foreign_gates else {}),
            "commits": {name: revision(tree, self.reports) for name, tree in sorted(self.trees.items())},
        }

    def _modules(self) -> dict[str, Any]:
        modules = sorted(self.foreign_gates.items())
        return {marker: {"module": path.name, "digest": {"sha256": _sha256(path)}} for marker, path in modules}


def _sha256(path: Path) -> str:
    try:
        return sha256_file(path)[0]
    except OSError:
        return ""
