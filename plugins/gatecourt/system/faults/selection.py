"""Which of a target's faults a session proves: all, a sample that covers every check, or those that are named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gatecourt.core.errors import FaultError
from gatecourt.formats.suggestions import did_you_mean
from gatecourt.system.faults.section import Fault


def choose(faults: Sequence[Fault], words: str) -> list[Fault]:
    """The faults that ``words`` mean, in the order in which they are declared.

    ``words`` is ``all``, ``sample`` or ids separated by commas. The sample is small and cheap: it holds a fault for
    each check that a fault names and for each gate, a harmless change for each gate that declares one, and a fault of
    each kind of edit. Raises ``FaultError`` where an id is not declared or nothing is left.
    """
    if words == "sample":
        return _sample(faults)
    chosen = list(faults) if words == "all" else [_named(faults, name.strip()) for name in words.split(",")]
    if not chosen:
        raise FaultError("no fault is declared: write one in faults/*.toml beside the manifest")
    return chosen


def _sample(faults: Sequence[Fault]) -> list[Fault]:
    """A fault that covers something no cheaper one covers; equally cheap ones in their order."""
    covered: set[tuple[str, ...]] = set()
    sample = []
    for fault in sorted(faults, key=_cost):
        if new := set(_covers(fault)) - covered:
            covered |= new
            sample.append(fault)
    return sorted(sample, key=list(faults).index)


def _cost(fault: Fault) -> int:
    """0 where a copy of outputs is edited, 1 where the target runs once more, 2 where it runs another command."""
    if fault.on == "artefact":
        return 0
    return 2 if fault.command else 1


def _covers(fault: Fault) -> Iterator[tuple[str, ...]]:
    if fault.verdict == "PASS":
        yield "harmless", fault.gate
        return
    yield "gate", fault.gate
    if fault.check:
        yield "check", fault.gate, fault.check.partition("[")[0]
    yield from (("kind", edit.kind) for edit in fault.edit)
    if fault.environment:
        yield "kind", "environment"
    if fault.command:
        yield "kind", "command"


def _named(faults: Sequence[Fault], name: str) -> Fault:
    for fault in faults:
        if fault.id == name:
            return fault
    hint = did_you_mean(name, [fault.id for fault in faults])
    raise FaultError(f"no fault has the id {name!r}{hint and f'; {hint}'}")
