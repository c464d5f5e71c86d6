"""A target in a folder: what lies below ``out/NAME`` was left by the command NAME, all else is the target's own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Run
from gatecourt.core.protocols import Target
from gatecourt.formats.files import subject
from gatecourt.rules.promotion.gate import PROMOTION

S = TypeVar("S")
CODES = {reason.code for reason in PROMOTION.reasons}


@dataclass
class Town:
    """As much of a target as the gate asks for."""

    root: Path
    sections: tuple[object, ...] = ()
    exit_codes: Mapping[str, int] = field(default_factory=dict)
    name: str = "town"

    def section(self, kind: type[S]) -> S:
        found = [one for one in self.sections if isinstance(one, kind)]
        if not found:
            raise LookupError(kind)
        return found[0]

    def artefacts(self) -> Run:
        return self.command("run")

    def command(self, name: str) -> Run:
        folder = self.root / "out" / name
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        names = [path.relative_to(folder).as_posix() for path in files]
        found = {each: subject(folder / each, each) for each in names}
        return Run(folder, found, exit_code=self.exit_codes.get(name, 0))

    def out(self, file: str, content: Any, of: str = "run") -> None:
        """An output; JSON unless it is text or bytes, JSONL where it is a list and the name says so."""
        put(self.root / "out" / of / file, content)

    def own(self, file: str, content: Any) -> str:
        """A file of the target; its digest."""
        put(self.root / file, content)
        return hashlib.sha256((self.root / file).read_bytes()).hexdigest()


def put(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif isinstance(content, str):
        path.write_text(content)
    elif path.suffix == ".jsonl":
        path.write_text("".join(f"{json.dumps(one)}\n" for one in content))
    else:
        path.write_text(json.dumps(content))


def told(judge: Callable[..., Judgement], *arguments: Any) -> list[tuple[str, str]]:
    """Rule and place of each finding; the last argument is the town."""
    try:
        judgement = judge(*arguments[:-1], cast(Target, arguments[-1]))
    except Judged as judged:
        found = [judged.finding]
    else:
        found = [*judgement.findings]
        assert judgement.subjects, "a check that looked at nothing"
    assert {finding.rule for finding in found} <= CODES
    return [(finding.rule, finding.where) for finding in found]


def rules(judge: Callable[..., Judgement], *arguments: Any) -> list[str]:
    """The rules of the findings, sorted."""
    return sorted(rule for rule, _ in told(judge, *arguments))
