"""Reason codes: what each rule means, which verdict it carries and the one next step. Standard library only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gatecourt.core.model import Finding, Verdict


@dataclass(frozen=True, slots=True)
class Reason:
    """A registered reason code. ``next_action`` is one imperative sentence; ``{where}`` is the finding's place.

    ``runbook`` is a link (``file#heading``) that stands in place of the gate's own; empty where there is none.
    """

    code: str
    verdict: Verdict
    next_action: str
    runbook: str = ""


FAIL, HOLD, ERROR = Verdict.FAIL, Verdict.HOLD, Verdict.ERROR

COURT_REASONS = (
    Reason("evidence.no_subject", HOLD, "The check found nothing to judge: name existing files in its section."),
    Reason("court.not_run", Verdict.NOT_RUN, "The gate was not run. Run it."),
    Reason("court.worker_died", ERROR, "The process died: run the check again without -n and read its last output."),
    Reason("court.evidence_lost", ERROR, "A record does not have the digest that its worker reported: run again."),
    Reason("court.empty_roll", ERROR, "Nothing is on the roll: name at least one target whose roll names a gate."),
    Reason("instrument.broke", ERROR, "The check broke: report the traceback in its evidence file to its authors."),
    Reason("instrument.extra_missing", ERROR, "A package that this check needs is missing: pip install '{where}'."),
    Reason("instrument.skipped", HOLD, "The check was skipped: remove the skip, or use [court.not_applicable]."),
    Reason("instrument.unregistered_reason", ERROR, "No gate registers this reason code: register it with its gate."),
    Reason("proof.fault_not_applied", ERROR, "The edit of the fault does not apply: correct the fault."),
)  # fmt: skip


class Reasons:
    """The register of one session. Raises ``ValueError`` where two parties register one code differently."""

    def __init__(self, reasons: Iterable[Reason]) -> None:
        register: dict[str, Reason] = {}
        for reason in reasons:
            if register.setdefault(reason.code, reason) != reason:
                raise ValueError(f"reason code {reason.code!r} is registered twice, with different meanings")
        self._register: Mapping[str, Reason] = MappingProxyType(register)

    def with_more(self, reasons: Iterable[Reason]) -> Reasons:
        """This register and ``reasons`` together, as a new one. Raises ``ValueError`` as the constructor does."""
        return Reasons([*self._register.values(), *reasons])

    def __contains__(self, code: str) -> bool:
        return code in self._register

    def of(self, finding: Finding) -> Reason:
        """The reason behind a finding; an unregistered rule is the instrument's own fault."""
        return self._register.get(finding.rule) or self._register["instrument.unregistered_reason"]

    def code(self, code: str) -> Reason:
        """The reason registered under ``code``."""
        return self._register[code]
