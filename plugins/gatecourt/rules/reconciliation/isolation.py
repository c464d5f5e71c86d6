"""Network use of the dry run, recorded by a trap in each of its runtimes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Run
from gatecourt.mechanisms.entropy.reading import NetworkUse, read_network
from gatecourt.mechanisms.sourcescan.exemptions import honour
from gatecourt.rules.reconciliation.section import NetworkWatch, ReconciliationSection

_TRAPPED = re.compile(r"(python|pypy|node)[\d.]*(\.exe)?")


def judge_isolation(section: ReconciliationSection, run: Run, root: Path) -> Judgement:
    """Judges what the trap ``network`` of ``run`` recorded.

    Rules: ``reconciliation.network``, ``.network_unwatched``, ``.network_not_armed``, ``.network_not_declared``,
    ``entropy.gap``, ``entropy.log``.
    """
    settings, subjects = section.network, tuple(run.files.values())
    if settings is None:
        expected = "the runtimes that are watched"
        none = Finding("reconciliation.network", expected, "none", "reconciliation.network_not_declared")
        return Judgement(subjects, (none,))
    if run.trap is None or run.work is None:
        raise ValueError("the run was made without a trap")
    log = read_network(run.trap, [root, run.work])
    excused = honour((_Reached(use, call) for use in log.uses for call in use.calls), settings.exempt)
    findings = [*_unarmed(settings, log.armed), *log.gaps, *_network_uses([reached.use for reached in excused.left])]
    exempt: list[Json] = [{"where": one.where, "call": one.call, "reason": one.reason} for one in excused.honoured]
    parameters: dict[str, Json] = {"runtimes": list(settings.runtimes), "exempt": exempt}
    return Judgement(subjects, tuple(findings), parameters)


@dataclass(frozen=True, slots=True)
class _Reached:
    """One call at one line, as exemptions see it."""

    use: NetworkUse
    call: str

    @property
    def name(self) -> str:
        return self.use.name or ""

    @property
    def where(self) -> str:
        return self.use.where

    @property
    def snippet(self) -> str:
        return self.use.snippet


def _unarmed(settings: NetworkWatch, armed: tuple[str, ...]) -> Iterator[Finding]:
    for runtime in sorted(set(settings.runtimes) - set(armed)):
        expected = "a runtime with an armed trap"
        yield Finding(runtime, expected, "no record from it", "reconciliation.network_not_armed")


def _network_uses(left: list[NetworkUse]) -> Iterator[Finding]:
    """One finding per line. A use by a library alone is reported only where no line of the system explains it."""
    lines = list(dict.fromkeys(left))
    known = {use.language for use in lines if use.name is not None and not use.program}
    for use in lines:
        if use.program:
            yield from _program(use)
        elif use.name is not None or use.language not in known:
            observed = ", ".join(use.calls) + (
                f": {use.snippet}" if use.snippet else ", no line of the system behind it"
            )
            yield Finding(use.where, "no use of the network, not even of loopback", observed, "reconciliation.network")


def _program(use: NetworkUse) -> Iterator[Finding]:
    """A started program is watched only if it is a trapped runtime: children inherit the trap."""
    for call in use.calls:
        name, _, program = call.partition(": ")
        if not _TRAPPED.fullmatch(PurePath(program).name):
            observed = f"{name} of {PurePath(program).name}"
            yield Finding(
                use.where, "no program that the trap cannot reach", observed, "reconciliation.network_unwatched"
            )
