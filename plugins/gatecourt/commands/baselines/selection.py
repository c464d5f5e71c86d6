"""What the user asked for: a target's log, its bands and its baseline, found in the manifest or refused in a line."""

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
    """A request that cannot be met: what stands in its way, in one line."""


@dataclass(frozen=True)
class Asked:
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
    def laboratory(self) -> Iterator[DeclaredTarget]:
        """The target with a folder of its own to be run in, which is gone afterwards."""
        with tempfile.TemporaryDirectory(prefix="gatecourt-baseline-", ignore_cleanup_errors=True) as folder:
            yield DeclaredTarget(self.manifest, Sandbox(Path(folder), self.gates))


def asked(target: str, log: str, gates: Mapping[str, GateSpec]) -> Asked:
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
    return Asked(manifest, gates, log, chosen, chosen.baseline)


def _no_bands(log: str, declared: bool, banded: Sequence[str]) -> str:
    """Why the log cannot be taken; offered are those that can be."""
    wanted = f"expected one of {', '.join(banded)}" if banded else "expected a log with bands"
    observed = "a log without bands" if declared else "no such log"
    missing = f"[telemetry.log.{log}.baseline]" if declared else f"[telemetry.log.{log}] with bands"
    return f"--log {log}: {wanted}, found {observed}; or declare {missing}"


_EXISTING = "name logs of runs that there are by --from"


def first_seed(question: Asked) -> int:
    """The declared seed of the command that writes the log.

    Raises ``Refused`` where there is none, and where the command does not make use of it: its runs would not differ.
    """
    log, manifest = question.log, question.manifest
    if log.origin == "target":
        raise Refused(
            f"--log {question.name}: the log lies in the target's tree, and no command writes it anew; {_EXISTING}"
        )
    if manifest.run is None:
        raise Refused(f"{manifest.path.name}: expected [run], found none; {_EXISTING}")
    if log.of != RUN and log.of not in manifest.commands:
        raise Refused(f"telemetry.log.{question.name}.of: no command is called {log.of!r}")
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
