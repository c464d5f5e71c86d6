"""Under ``--prove``: every declared fault must be convicted by the gate that it names, the clean system and every
harmless change by none.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

import pytest

from gatecourt.core.model import Verdict
from gatecourt.court.evidence import Evidence
from gatecourt.court.renderers.report import ForeignReport, ReportsFolder, pretty
from gatecourt.session.selection import typed_selection
from gatecourt.session.session import GateSession, Seat
from gatecourt.session.targets import read_checks
from gatecourt.system.faults.section import Fault

CONVICTIONS_FORMAT = "gatecourt/convictions/1"


@dataclass(frozen=True)
class Outcome:
    """What became of one seat: of a variant, whether it was convicted as declared; of a system, whether acquitted."""

    seat: Seat
    met: bool
    told: str

    @property
    def harmless(self) -> bool:
        """Whether the seat's change is declared harmless."""
        return self.seat.fault is not None and self.seat.fault.verdict == Verdict.PASS

    def as_json(self) -> dict[str, Any]:
        """The outcome as ``convictions.json`` stores it."""
        fault = self.seat.fault
        if fault is None:
            return {"target": self.seat.name, "acquitted": self.met, "told": self.told}
        return {
            "target": self.seat.manifest.target.name,
            "fault": fault.id,
            "runbook": fault.runbook,
            "on": fault.on,
            "gate": fault.gate,
            "check": fault.check,
            "rule": fault.rule,
            "acquitted" if self.harmless else "convicted": self.met,
            "told": self.told,
        }


class Proof:
    """Holds what the gates said of each variant against what its fault declares."""

    def __init__(self, session: GateSession) -> None:
        self.session = session
        self.reports = ReportsFolder(session.reports / "proof")
        self.delivered: list[str] = []
        self.outcomes: list[Outcome] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Takes away what an earlier proof left."""
        self._publish()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Notes the digest of each record."""
        if spoken := getattr(report, "gatecourt", None):
            self.delivered.append(spoken.split(" ")[1])

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Judges the judges."""
        if session.config.option.collectonly:
            return
        records = [record for digest in self.delivered if (record := self.session.spool.get(digest))]
        heard = read_checks(self.session.folder, "selected").values()
        asked = {check.target for check in heard} if typed_selection(session.config) else set(self.session.seats)
        for name, seat in sorted(self.session.seats.items()):
            if name not in asked:
                continue
            own = [record for record in records if record.target == name]
            missing = sum(check.target == name for check in heard) - len({record.check for record in own})
            self.outcomes.append(_outcome(seat, own, missing))
        self._publish()
        if session.exitstatus == pytest.ExitCode.OK and not all(outcome.met for outcome in self.outcomes):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """A line a fault, those that were not convicted last, so that they are seen."""
        terminalreporter.section("proof")
        for outcome in sorted(self.outcomes, key=lambda outcome: not outcome.met):
            for line in _row(outcome):
                terminalreporter.write_line(line)
        variants = [outcome for outcome in self.outcomes if outcome.seat.fault]
        faults = [outcome for outcome in variants if not outcome.harmless]
        harmless = [outcome for outcome in variants if outcome.harmless]
        terminalreporter.write_line("")
        if harmless:
            acquitted = sum(outcome.met for outcome in harmless)
            terminalreporter.write_line(f"{acquitted} of {len(harmless)} harmless changes acquitted")
        convicted = sum(outcome.met for outcome in faults)
        left = sum(seat.fault is not None for seat in self.session.seats.values()) - len(variants)
        rest = f", {left} not asked for" if left else ""
        terminalreporter.write_line(f"{convicted} of {len(faults)} faults convicted by the gate they name{rest}")

    def pytest_unconfigure(self) -> None:
        """Clears the session's folder away."""
        self.session.close()

    def _publish(self) -> None:
        document = {"format": CONVICTIONS_FORMAT, "outcomes": [outcome.as_json() for outcome in self.outcomes]}
        try:
            self.reports.replace({"convictions.json": pretty(document)})
        except ForeignReport as error:
            raise pytest.UsageError(str(error)) from error


def _outcome(seat: Seat, records: list[Evidence], missing: int) -> Outcome:
    if missing or not records:
        return Outcome(seat, False, f"{missing} checks delivered nothing" if records else "no check was heard")
    if seat.fault is None:
        guilty = sorted(f"{r.check} {r.verdict}" for r in records if r.verdict is not Verdict.PASS)
        return Outcome(seat, not guilty, ", ".join(guilty) or f"{len(records)} checks PASS")
    return _conviction(seat, seat.fault, records)


def _conviction(seat: Seat, fault: Fault, records: list[Evidence]) -> Outcome:
    wanted = f"{fault.gate}.{fault.check}" if fault.check else None
    heard = [record for record in records if wanted in (None, record.check, record.check.partition("[")[0])]
    said = sorted(_said(record) for record in heard if record.verdict is not Verdict.PASS)
    if fault.verdict == Verdict.PASS:
        return Outcome(seat, bool(heard) and not said, "; ".join(said) or f"{len(heard)} checks PASS")
    guilty = [record for record in heard if record.verdict == fault.verdict and _has_rule(record, fault.rule)]
    told = [f"{record.check} {record.verdict} {fault.rule or record.judgement['reason_code']}" for record in guilty]
    return Outcome(seat, bool(guilty), "; ".join(sorted(told) or said) or "acquitted")


def _said(record: Evidence) -> str:
    code = record.judgement["reason_code"]
    why = f" ({record.judgement['findings'][0]['observed']})" if code == "proof.fault_not_applied" else ""
    return f"{record.check} {record.verdict} {code}{why}"


def _has_rule(record: Evidence, rule: str | None) -> bool:
    return rule is None or any(finding["rule"] == rule for finding in record.judgement["findings"])


def _row(outcome: Outcome) -> list[str]:
    word = "acquitted" if outcome.seat.fault is None or outcome.harmless else "convicted"
    text = f"  {word if outcome.met else f'NOT {word.upper()}'}  {outcome.seat.name}: {outcome.told}"
    return textwrap.wrap(text, 80, subsequent_indent=" " * 13, break_long_words=False, break_on_hyphens=False)
