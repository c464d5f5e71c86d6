"""What a target printed, made fit for a report: bounded, decoded, without temporary paths and secrets."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gatecourt.formats.secret_forms import replaced, secret_words
from gatecourt.system.drivers.process import TAIL_BYTES, Outcome, Stream

_LINES = 3
_CHARACTERS = 300
_DRAWN = "=-_*#~+!─━═"
_RULE = 3
_PYTEST_SUMMARY = re.compile(r"(?:FAILED|ERROR) (?:\S+::\S|\S+\.py(?: - |$))")


@dataclass(frozen=True)
class Redaction:
    """What is replaced in a target's output: folders by their template names, secrets by their variables' names.

    A secret of fewer than four characters is left: it would take half of an innocent text with it.
    """

    folders: Mapping[str, Path] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)

    def apply(self, text: str) -> str:
        """``text`` with every folder and secret replaced, the longest first."""
        return replaced(text, self._pairs())

    def tail(self, stream: Stream) -> str:
        """The last part of a stream as text. Of a stream that was cut, the first and broken line is left out."""
        text = stream.tail.decode("utf-8", "replace")
        if stream.total > TAIL_BYTES:
            text = text.partition("\n")[2] or text[self._longest() :]
        return self.apply(text)

    def file(self, path: Path) -> None:
        """Rewrite a captured file without secrets; a file of a run without secrets stays as it is."""
        pairs = list(self._hidden())
        if not pairs or not path.exists():
            return
        content = os.fsdecode(path.read_bytes())
        path.write_bytes(os.fsencode(replaced(content, pairs)))

    def _pairs(self) -> Iterable[tuple[str, str]]:
        for name, folder in self.folders.items():
            paths = {str(folder), os.path.realpath(folder)} - {"/"}
            yield from ((path, f"{{{name}}}") for path in paths)
        yield from self._hidden()

    def _hidden(self) -> Iterable[tuple[str, str]]:
        yield from secret_words(self.secrets).items()

    def _longest(self) -> int:
        return max((len(old) for old, _ in self._pairs()), default=0)


def with_last_lines(outcome: Outcome, redaction: Redaction, end: str) -> str:
    """The last line of standard error, or of standard output if that is silent; then ``end``, how the command ended.

    ``ValueError: no data (python ended with exit code 1; stderr before it: a | b)``. Two more lines stand before that
    one; all have at most 300 characters.

    Lines of a pytest summary come before all others: they name what failed, its last line only says how much did.
    """
    streams = (("stderr", outcome.stderr), ("stdout", outcome.stdout))
    printed = [(name, _words(redaction.tail(stream))) for name, stream in streams]
    summaries = [(name, [line for line in lines if _PYTEST_SUMMARY.match(line)]) for name, lines in printed]
    for name, lines in (*summaries, *printed):
        if lines:
            *before, last = lines[-_LINES:]
            last, text = _cut(last, _CHARACTERS), " | ".join(before)
            room = _CHARACTERS - len(last)
            return f"{last} ({end}" + (f"; {name} before it: {_cut(text, room)})" if text and room > 1 else ")")
    return f"{end}; it printed " + ("no words" if outcome.stderr.total or outcome.stdout.total else "nothing")


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"…{text[1 - most :]}"


def _words(text: str) -> list[str]:
    """The lines that say something, without the rules that are drawn around them."""
    lines = (line.strip() for line in text.splitlines())
    return [_undrawn(_undrawn(line)[::-1])[::-1] for line in lines if any(map(str.isalnum, line))]


def _undrawn(line: str) -> str:
    """``line`` without the rule at its start, which is told from an option and from a sign by length or by a blank."""
    rest = line.lstrip(_DRAWN)
    drawn = len(line) - len(rest)
    return rest.lstrip() if drawn >= _RULE or (drawn == _RULE - 1 and rest[:1].isspace()) else line
