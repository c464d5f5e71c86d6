"""Samples from the logs of existing runs; each log must have its own digest."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gatecourt.commands.baselines.samples import DrawnSamples
from gatecourt.commands.baselines.samples_from_runs import format_finding, log_of, metrics_of
from gatecourt.commands.baselines.selection import BaselineTarget, Refused
from gatecourt.core.errors import Judged
from gatecourt.formats.files import Source
from gatecourt.mechanisms.bands.baseline import Baseline, SourceLog


@dataclass(frozen=True, slots=True)
class Logs:
    """Logs, or output folders of runs, as the command line names them."""

    names: tuple[str, ...]
    noun = "log"

    @property
    def about(self) -> str:
        """The option alone: paths are long."""
        return "--from"

    @property
    def number(self) -> int:
        """How many there are."""
        return len(self.names)

    def draw(self, selected: BaselineTarget, before: Baseline | None = None) -> DrawnSamples:
        """One sample a log. Raises ``Refused``, also for the same bytes twice, here or in what was recorded."""
        logs = [log_of(selected, Path(name), name) for name in self.names]
        _refuse_repeated(logs, () if before is None else before.sources)
        try:
            found = [metrics_of(selected, log) for log in logs]
        except Judged as judged:
            raise Refused(format_finding(judged.finding)) from judged
        kept = zip(_names(selected.root, logs), logs, strict=True)
        sources = tuple(SourceLog(name, _digest(log)) for name, log in kept)
        return DrawnSamples({name: tuple(run[name] for run in found) for name in selected.log.bands}, sources=sources)


def _digest(log: Source) -> str:
    return f"sha256:{log.subject.sha256}"


def _refuse_repeated(logs: Iterable[Source], recorded: Iterable[SourceLog]) -> None:
    known = {source.sha256: f"{source.name}, which the baseline was recorded from" for source in recorded}
    for log in logs:
        if (digest := _digest(log)) in known:
            raise Refused(f"{log.name}: expected a run of its own, found the bytes of {known[digest]}")
        known[digest] = log.name


def _names(root: Path, logs: Sequence[Source]) -> Iterator[str]:
    """Names that stay true elsewhere: below the target's root, or else below the folder that all lie in."""
    paths = [Path(os.path.abspath(log.path)) for log in logs]  # noqa: PTH100  # a link keeps the name it was given by
    tree = Path(os.path.abspath(root))  # noqa: PTH100  # compared with those paths, so made in the same way
    within = all(path.is_relative_to(tree) for path in paths)
    folder = tree if within else Path(os.path.commonpath([path.parent for path in paths]))
    return (path.relative_to(folder).as_posix() for path in paths)
