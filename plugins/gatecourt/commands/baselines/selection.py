"""Finds the log, bands and baseline that the command line selects, or says in one line why it cannot."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gatecourt.core.errors import GatecourtError
from gatecourt.core.gatespec import GateSpec
from gatecourt.core.layout import manifest_path
from gatecourt.mechanisms.bands.section import BaselineSection
from gatecourt.rules.telemetry.section import LogSection, TelemetrySection, baseline_logs
from gatecourt.system.drivers import template
from gatecourt.system.drivers.commands import RUN, named_run
from gatecourt.system.drivers.section import FROM_OUTSIDE, RunSection
from gatecourt.system.manifest.loading import Manifest, load
from gatecourt.system.target import DeclaredTarget, Sandbox


class Refused(GatecourtError):
    """A request that cannot be met: the reason in one line."""


@dataclass(frozen=True)
class BaselineTarget:
    """One log of one target, with bands and a baseline."""

    manifest: Manifest
    gates: Mapping[str, GateSpec]
    name: str
    log: LogSection
    section: BaselineSection

    @property
    def root(self) -> Path:
        """The target's own tree."""
        return self.manifest.root

    @property
    def target(self) -> str:
        """The target's declared name."""
        return self.manifest.target.name

    @property
    def path(self) -> Path:
        """The baseline's file."""
        return self.root / self.section.file

    @contextlib.contextmanager
    def runnable(self) -> Iterator[DeclaredTarget]:
        """The target, ready to be run in a temporary folder."""
        with tempfile.TemporaryDirectory(prefix="gatecourt-baseline-", ignore_cleanup_errors=True) as folder:
            yield DeclaredTarget(self.manifest, Sandbox(Path(folder), self.gates))


def select(target: str, log: str, gates: Mapping[str, GateSpec]) -> BaselineTarget:
    """The log ``log`` of the target whose manifest is at the path ``target``, or of the reference system of that name.

    Raises ``Refused``, and ``ManifestError`` for a manifest that cannot be used.
    """
    manifest = load(manifest_path(Path(target)), gates)
    found = [value for value in manifest.sections.values() if isinstance(value, TelemetrySection)]
    if not found:
        raise Refused(f"{manifest.path.name}: expected the gate telemetry on court.roll, found none; write [telemetry]")
    chosen = found[0].log.get(log)
    if chosen is None or chosen.baseline is None:
        raise Refused(_no_bands(log, chosen is not None, baseline_logs(found[0])))
    return BaselineTarget(manifest, gates, log, chosen, chosen.baseline)


def _no_bands(log: str, declared: bool, banded: Sequence[str]) -> str:
    """Why the log cannot be used, with those that can."""
    wanted = f"expected one of {', '.join(banded)}" if banded else "expected a log with bands"
    observed = "a log without bands" if declared else "no such log"
    missing = f"[telemetry.log.{log}.baseline]" if declared else f"[telemetry.log.{log}] with bands"
    return f"--log {log}: {wanted}, found {observed}; or declare {missing}"


_EXISTING = "give the logs of existing runs with --from"


def first_seed(selected: BaselineTarget) -> int:
    """The declared seed of the command that writes the log.

    Raises ``Refused`` where there is none, and where the command does not make use of it: its runs would not differ.
    """
    log, manifest = selected.log, selected.manifest
    if log.origin == "target":
        raise Refused(
            f"--log {selected.name}: the log lies in the target's tree, and no command writes it; {_EXISTING}"
        )
    if manifest.run is None:
        raise Refused(f"{manifest.path.name}: expected [run], found none; {_EXISTING}")
    if log.of != RUN and log.of not in manifest.commands:
        raise Refused(f"telemetry.log.{selected.name}.of: no command is called {log.of!r}")
    section = manifest.run if log.of == RUN else named_run(manifest.run, log.of, manifest.commands[log.of])
    if section.seed is None or not _uses_seed(section):
        raise Refused(
            f"{section.at}: expected a seed and a command that holds {{seed}}: runs of one seed do not differ"
        )
    return section.seed


def _uses_seed(section: RunSection) -> bool:
    plain = [text for text in section.env.values() if not text.startswith(FROM_OUTSIDE)]
    texts = [*(word for step in section.argument_lists for word in step), *plain, *section.values.values()]
    return any("seed" in template.names(text) for text in texts)
