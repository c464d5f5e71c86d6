"""The court: evidence and roll in, verdict out. A pure function: no clock, no files, no pytest."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gatecourt.core.model import Verdict, worst
from gatecourt.court.evidence import Evidence


@dataclass(frozen=True, slots=True, order=True)
class CheckId:
    """A check of one target. ``check`` is ``<gate>.<name>[param]``, the same in a clone and in a wheel."""

    target: str
    gate: str
    check: str


@dataclass(frozen=True, slots=True)
class TargetRoll:
    """What must be judged of one target: the gates of its roll, and what does not apply to it, with reasons."""

    target: str
    gates: tuple[str, ...]
    not_applicable: Mapping[str, str] = field(default_factory=dict)
    manifest_sha256: str = ""


@dataclass(frozen=True, slots=True)
class RollCall:
    """What the session set out to run and what was lost on the way.

    ``planned`` is every check before any selection, ``selected`` what was left to run. ``typed`` is true where the
    user typed the selection at the prompt. ``cut_short`` names what else left checks out (``-x``, ``--lf`` …).
    ``died`` maps checks to what is known about the worker that died on them; ``lost`` are records whose bytes do not
    have the digest that was reported.
    """

    planned: frozenset[CheckId]
    selected: frozenset[CheckId]
    typed: bool = False
    cut_short: tuple[str, ...] = ()
    died: Mapping[CheckId, str] = field(default_factory=dict)
    lost: frozenset[CheckId] = frozenset()


class Scope(enum.StrEnum):
    """How much of the roll was judged: all, what the user selected, or less than that."""

    FULL = "full"
    PARTIAL = "partial"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class CheckVerdict:
    """A check as the report lists it; ``evidence`` is None where none was delivered."""

    id: CheckId
    verdict: Verdict
    reason_code: str | None
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """The worst verdict of a gate's selected checks; ``planned`` is how many checks it has in all."""

    target: str
    gate: str
    verdict: Verdict
    checks: tuple[CheckVerdict, ...]
    planned: int = 0

    @property
    def judged(self) -> bool:
        """Whether at least one check of the gate delivered evidence."""
        return any(check.evidence is not None for check in self.checks)


@dataclass(frozen=True, slots=True)
class CourtVerdict:
    """The decision over all targets."""

    verdict: Verdict
    scope: Scope
    gates: tuple[GateVerdict, ...]
    rolls: tuple[TargetRoll, ...]
    cut_short: tuple[str, ...] = ()

    @property
    def judged(self) -> tuple[GateVerdict, ...]:
        """The gates with evidence."""
        return tuple(gate for gate in self.gates if gate.judged)

    @property
    def go(self) -> bool:
        """True only where everything on the roll passed, or everything that the user selected."""
        if self.scope is Scope.PARTIAL:
            return bool(self.judged) and self.verdict is Verdict.PASS
        return self.scope is Scope.FULL and self.verdict is Verdict.PASS


def judge(evidence: Iterable[Evidence], rolls: Iterable[TargetRoll], call: RollCall) -> CourtVerdict:
    """The verdict: worst of every check on every roll; a check without evidence counts as NOT_RUN.

    After a typed selection only the selected gates count; the others stay NOT_RUN in the report.
    """
    records = _worst_records(evidence)
    ordered = tuple(sorted(rolls, key=lambda roll: roll.target))
    gates = tuple(_gate(roll, gate, records, call) for roll in ordered for gate in roll.gates)
    scope = _scope(gates, records, call)
    counted = [gate.verdict for gate in gates if scope is not Scope.PARTIAL or gate.judged]
    verdict = worst(counted) if gates else Verdict.ERROR
    return CourtVerdict(verdict, scope, gates, ordered, call.cut_short)


def _worst_records(evidence: Iterable[Evidence]) -> dict[CheckId, Evidence]:
    # A check may run more than once (a rerun): its verdict may then only get worse.
    records: dict[CheckId, Evidence] = {}
    for record in evidence:
        check = CheckId(record.target, record.gate, record.check)
        if check not in records or record.verdict.severity > records[check].verdict.severity:
            records[check] = record
    return records


def _gate(roll: TargetRoll, gate: str, records: Mapping[CheckId, Evidence], call: RollCall) -> GateVerdict:
    known = {i for i in call.planned | set(records) if i.target == roll.target and i.gate == gate}
    partial = call.typed and not call.cut_short
    wanted = {i for i in known if i in call.selected or i in records} if partial else known
    # A gate of which nothing was selected is listed with all its checks, as not run.
    checks = tuple(_check(i, records.get(i), call) for i in sorted(wanted or known))
    return GateVerdict(roll.target, gate, worst(check.verdict for check in checks), checks, len(known))


def _check(check: CheckId, record: Evidence | None, call: RollCall) -> CheckVerdict:
    if check in call.lost:
        return CheckVerdict(check, Verdict.ERROR, "court.evidence_lost", record)
    if record is not None:
        return CheckVerdict(check, record.verdict, record.judgement["reason_code"], record)
    if check in call.died:
        return CheckVerdict(check, Verdict.ERROR, "court.worker_died")
    return CheckVerdict(check, Verdict.NOT_RUN, "court.not_run")


def _scope(gates: tuple[GateVerdict, ...], records: Mapping[CheckId, Evidence], call: RollCall) -> Scope:
    if all(gate.checks for gate in gates) and call.planned <= set(records):
        return Scope.FULL
    if call.typed and not call.cut_short and call.selected <= set(records):
        return Scope.PARTIAL
    return Scope.INCOMPLETE
