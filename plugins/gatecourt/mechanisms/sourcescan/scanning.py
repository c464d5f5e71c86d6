"""Reads each file with the reader of its language. A file that cannot be read is a finding."""

from __future__ import annotations

import contextlib
import gc
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.formats.strictjson import read_bytes
from gatecourt.mechanisms.sourcescan import python, script
from gatecourt.mechanisms.sourcescan.uses import Reading, SourceUse, Unparsed, located

Reader = Callable[[bytes], Reading]

_READERS: Mapping[str, Reader] = {
    **dict.fromkeys((".py", ".pyw", ".pyi"), python.read),
    **dict.fromkeys((".js", ".mjs", ".cjs", ".jsx"), script.read_javascript),
    **dict.fromkeys((".ts", ".mts", ".cts"), script.read_typescript),
    ".tsx": script.read_tsx,
}
_INTERPRETERS: tuple[tuple[bytes, Reader], ...] = ((b"python", python.read), (b"node", script.read_javascript))


@dataclass(frozen=True, slots=True)
class Scan:
    """The uses in order of file and place; the findings are the files, or parts of them, that could not be read."""

    uses: tuple[SourceUse, ...]
    findings: tuple[Finding, ...]


def scan(files: Mapping[str, Path]) -> Scan:
    """Read every file, by its relative name. Findings: ``source.syntax`` for one that its grammar does not accept,
    ``source.unsupported`` for a language that is not read, ``artefact.unreadable``.

    A file that holds none of the words that a use is made of is not parsed.
    """
    uses: list[SourceUse] = []
    findings: list[Finding] = []
    with (
        warnings.catch_warnings(),
        _without_collector(),
    ):  # the parser warns of the target's own escapes, which are not judged here
        warnings.simplefilter("ignore")
        for name, path in sorted(files.items()):
            found, trouble = _scan_file(name, path)
            uses.extend(found)
            findings.extend(trouble)
    return Scan(tuple(uses), tuple(findings))


@contextlib.contextmanager
def _without_collector() -> Iterator[None]:
    """Syntax trees are many small objects that live briefly: collecting them costs as much again as parsing."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _scan_file(name: str, path: Path) -> tuple[list[SourceUse], list[Finding]]:
    try:
        source = read_bytes(path, name)
        reader = _reader(name, source)
        if reader is None:
            kind = PurePosixPath(name).suffix or "no suffix"
            return [], [Finding(name, "Python, JavaScript or TypeScript", kind, "source.unsupported")]
        reading = reader(source)
    except Judged as judged:
        return [], [judged.finding]
    except Unparsed as error:
        return [], [_syntax(name, error)]
    return located(name, reading.spots, reading.lines), [_syntax(name, error) for error in reading.errors]


def _reader(name: str, source: bytes) -> Reader | None:
    suffix = PurePosixPath(name).suffix.lower()
    if suffix or not source.startswith(b"#!"):
        return _READERS.get(suffix)
    first = source.partition(b"\n")[0]
    return next((reader for word, reader in _INTERPRETERS if word in first), None)


def _syntax(name: str, error: Unparsed) -> Finding:
    where = name if error.line is None else f"{name}:{error.line}"
    return Finding(where, "source text that its grammar accepts", error.reason, "source.syntax")
