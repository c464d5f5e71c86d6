"""Reads the log of a trap: one value a site, the same from run to run but for its count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.formats.jsonl import records

_SNIPPET = 120
_LOG = "entropy.jsonl"  # the log's name in findings; where it lies is the driver's business


@dataclass(frozen=True, slots=True)
class EntropyRead:
    """A line of the target that read entropy while it ran.

    ``name`` is relative to the root that holds it; ``call`` is written as the runtime knows it (``time.time``,
    ``Date.now``). ``seeded`` is None but for functions of a module's hidden generator: had it been seeded by then?
    ``count`` is a lower bound where a process was killed, and may differ from run to run: an observation.
    """

    name: str
    line: int
    call: str
    seeded: bool | None
    snippet: str
    count: int

    @property
    def where(self) -> str:
        """``path:LINE``."""
        return f"{self.name}:{self.line}"

    @property
    def source(self) -> str:
        """The kind of source: ``call``, or ``random.global`` and ``numpy.random.global`` for the hidden generators."""
        return self.call if self.seeded is None else f"{self.call.rpartition('.')[0]}.global"


@dataclass(frozen=True, slots=True)
class TrapLog:
    """What the traps of one run recorded: the reads, the runtimes that were armed, and what could not be trapped."""

    reads: tuple[EntropyRead, ...]
    armed: tuple[str, ...]
    gaps: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class NetworkUse:
    """A line of the target that reached out while it ran: to the network, or with ``program`` into another program.

    ``calls`` are as the runtime knows them (``socket.connect``, ``net.Socket.connect``), of a program with its name
    behind a colon. ``name`` is None, and ``line`` 0, where a library did it with no line of the target behind it.
    """

    program: bool
    language: str
    name: str | None
    line: int
    calls: tuple[str, ...]
    snippet: str

    @property
    def where(self) -> str:
        """``path:LINE``; the language where no line is known."""
        return self.language if self.name is None else f"{self.name}:{self.line}"


@dataclass(frozen=True, slots=True)
class NetworkLog:
    """What the traps of one run recorded: the uses, the runtimes that were armed, and what could not be trapped."""

    uses: tuple[NetworkUse, ...]
    armed: tuple[str, ...]
    gaps: tuple[Finding, ...]


class _Site(NamedTuple):
    path: str
    line: int
    call: str
    seeded: bool | None


def read_trap(log: Path, roots: Sequence[Path]) -> TrapLog:
    """What the run recorded in ``log``; ``roots`` as given to ``environment``. A missing log is an empty one.

    Raises ``Judged`` with rule ``entropy.log`` for a log that the traps did not write so.
    """
    records = _records(log) if log.exists() else []
    sites: Counter[_Site] = Counter()
    for record in records:
        if record["kind"] == "read":
            sites[_Site(record["path"], record["line"], record["call"], record["seeded"])] += record["count"]
    texts: dict[str, list[str]] = {}
    resolved = _innermost_first(roots)
    reads = [_read(site, count, resolved, texts) for site, count in sites.items()]
    return TrapLog(
        tuple(sorted(reads, key=lambda read: (read.name, read.line, read.call, str(read.seeded)))),
        tuple(sorted({record["language"] for record in records if record["kind"] == "start"})),
        tuple(sorted({_gap(record) for record in records if record["kind"] == "gap"}, key=lambda gap: gap.where)),
    )


def read_network(log: Path, roots: Sequence[Path]) -> NetworkLog:
    """What a run with the trap ``network`` recorded in ``log``, else as ``read_trap``."""
    records = _records(log) if log.exists() else []
    uses: dict[tuple[str, str, str, int], set[str]] = {}
    for record in records:
        if record["kind"] in _NETWORK:
            place = (record["kind"], record["language"], record["path"], record["line"])
            uses.setdefault(place, set()).add(record["call"])
    texts: dict[str, list[str]] = {}
    resolved = _innermost_first(roots)
    found = [_use(*place, tuple(sorted(calls)), resolved, texts) for place, calls in uses.items()]
    return NetworkLog(
        tuple(sorted(found, key=lambda use: (use.name or use.language, use.line, use.calls))),
        tuple(sorted({record["language"] for record in records if record["kind"] == "start"})),
        tuple(sorted({_gap(record) for record in records if record["kind"] == "gap"}, key=lambda gap: gap.where)),
    )


_NETWORK = ("network", "process")
_READ: dict[str, tuple[type, ...]] = {
    "language": (str,),
    "path": (str,),
    "line": (int,),
    "call": (str,),
    "seeded": (bool, type(None)),
    "count": (int,),
}
_FIELDS: dict[str, dict[str, tuple[type, ...]]] = {
    "start": {"language": (str,)},
    "gap": {"language": (str,), "call": (str,), "reason": (str,)},
    "read": {name: _READ[name] for name in _READ if name != "language"},
    **dict.fromkeys(_NETWORK, _READ),
}


def _records(log: Path) -> list[dict[str, Any]]:
    found = []
    for record in records(log, _LOG):
        if isinstance(record, Finding):
            raise Judged(Finding(record.where, "a record of the trap", record.observed, "entropy.log"))
        value = record.value
        if not isinstance(value, dict) or not _well_formed(value):
            raise Judged(Finding(f"{_LOG}:{record.line}", "a record of the trap", "another record", "entropy.log"))
        found.append(value)
    return found


def _well_formed(value: dict[str, Any]) -> bool:
    fields = _FIELDS.get(str(value.get("kind")))
    return fields is not None and all(isinstance(value.get(name), kinds) for name, kinds in fields.items())


def _read(site: _Site, count: int, roots: Sequence[Path], texts: dict[str, list[str]]) -> EntropyRead:
    name, snippet = _name(site.path, roots), _snippet(site.path, site.line, texts)
    return EntropyRead(name, site.line, site.call, site.seeded, snippet, count)


def _use(
    kind: str,
    language: str,
    path: str,
    line: int,
    calls: tuple[str, ...],
    roots: Sequence[Path],
    texts: dict[str, list[str]],
) -> NetworkUse:
    name = _name(path, roots) if path else None
    return NetworkUse(kind == "process", language, name, line, calls, _snippet(path, line, texts))


def _innermost_first(roots: Sequence[Path]) -> list[Path]:
    return sorted((root.resolve() for root in roots), key=lambda root: len(root.parts), reverse=True)


def _name(at: str, roots: Sequence[Path]) -> str:
    path = Path(at)
    root = next((root for root in roots if path.is_relative_to(root)), None)
    return path.name if root is None else path.relative_to(root).as_posix()


def _snippet(path: str, line: int, texts: dict[str, list[str]]) -> str:
    if path not in texts:
        texts[path] = _lines(Path(path)) if path else []
    return texts[path][line - 1].strip()[:_SNIPPET] if 0 < line <= len(texts[path]) else ""


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:  # code inside an archive, or gone since: the place is known, its text is not
        return []


def _gap(record: dict[str, Any]) -> Finding:
    return Finding(f"{record['language']}:{record['call']}", "a trap", record["reason"], "entropy.gap")
