"""Reason codes: what each rule means, which verdict it carries and the one next step. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gatecourt.core.model import Finding, Verdict


@dataclass(frozen=True, slots=True)
class Reason:
    """A registered reason code. ``next_action`` is one imperative sentence; ``{where}`` is the finding's place."""

    code: str
    verdict: Verdict
    next_action: str


FAIL, HOLD, ERROR = Verdict.FAIL, Verdict.HOLD, Verdict.ERROR

COURT_REASONS = (
    Reason("evidence.no_subject", HOLD, "Look at why the check found nothing to judge: name an artefact that exists."),
    Reason("court.not_run", Verdict.NOT_RUN, "Run the gate: nothing was delivered for it in this session."),
    Reason("court.worker_died", ERROR, "Run the check again without -n and read what the process prints as it dies."),
    Reason("court.evidence_lost", ERROR, "Run again: a record does not have the digest that its worker reported."),
    Reason("court.empty_roll", ERROR, "Name at least one target whose roll names at least one gate."),
    Reason("instrument.broke", ERROR, "Report the traceback in the evidence file to the keepers of the gate."),
    Reason("instrument.skipped", HOLD, "Take the skip out: what is not applicable belongs in [court.not_applicable]."),
    Reason("instrument.unregistered_reason", ERROR, "Register the reason code with the gate that uses it."),
    Reason("proof.fault_not_applied", ERROR, "Mend the fault: an edit that does not apply proves nothing."),
)  # fmt: skip


class Reasons:
    """The register of one session. Raises ``ValueError`` where two parties register one code differently."""

    def __init__(self, reasons: Iterable[Reason]) -> None:
        register: dict[str, Reason] = {}
        for reason in reasons:
            if register.setdefault(reason.code, reason) != reason:
                raise ValueError(f"reason code {reason.code!r} is registered twice, with different meanings")
        self._register: Mapping[str, Reason] = MappingProxyType(register)

    def __contains__(self, code: str) -> bool:
        return code in self._register

    def of(self, finding: Finding) -> Reason:
        """The reason behind a finding; an unregistered rule is the instrument's own fault."""
        return self._register.get(finding.rule) or self._register["instrument.unregistered_reason"]

    def code(self, code: str) -> Reason:
        """The reason registered under ``code``."""
        return self._register[code]
