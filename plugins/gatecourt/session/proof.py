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
from gatecourt.court.renderers.report import CONVICTIONS_FORMAT, ForeignReport, ReportsFolder, pretty
from gatecourt.court.renderers.terminal import plain
from gatecourt.session.selection import typed_selection
from gatecourt.session.session import Case, GateSession
from gatecourt.session.targets import read_checks
from gatecourt.system.faults.section import Fault


@dataclass(frozen=True)
class CaseOutcome:
    """The result of one case: whether a variant was convicted as declared, or a system acquitted."""

    case: Case
    met: bool
    detail: str

    @property
    def harmless(self) -> bool:
        """Whether the case's change is declared harmless."""
        return self.case.fault is not None and self.case.fault.verdict == Verdict.PASS

    def as_json(self) -> dict[str, Any]:
        """The outcome as ``convictions.json`` stores it."""
        fault = self.case.fault
        if fault is None:
            return {"target": self.case.name, "acquitted": self.met, "told": self.detail}
        return {
            "target": self.case.manifest.target.name,
            "fault": fault.id,
            "runbook": fault.runbook,
            "on": fault.on,
            "gate": fault.gate,
            "check": fault.check,
            "rule": fault.rule,
            "acquitted" if self.harmless else "convicted": self.met,
            "told": self.detail,
        }


class ProofPlugin:
    """Compares the verdicts on each variant with what its fault declares."""

    def __init__(self, session: GateSession) -> None:
        self.session = session
        self.reports = ReportsFolder(session.reports / "proof")
        self.delivered: list[str] = []
        self.outcomes: list[CaseOutcome] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Replaces the result of an earlier proof by an empty one."""
        self._publish()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Notes the digest of each record."""
        if delivered := getattr(report, "gatecourt", None):
            self.delivered.append(delivered.split(" ")[1])

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Decides for each case whether the gates convicted or acquitted it as declared."""
        if session.config.option.collectonly:
            return
        records = [record for digest in self.delivered if (record := self.session.spool.get(digest))]
        checks = read_checks(self.session.folder, "selected").values()
        selected = {check.target for check in checks} if typed_selection(session.config) else set(self.session.cases)
        for name, case in sorted(self.session.cases.items()):
            if name not in selected:
                continue
            own = [record for record in records if record.target == name]
            missing = sum(check.target == name for check in checks) - len({record.check for record in own})
            self.outcomes.append(_case_outcome(case, own, missing))
        self._publish()
        proved = any(outcome.case.fault for outcome in self.outcomes)
        if session.exitstatus == pytest.ExitCode.OK and not (proved and all(outcome.met for outcome in self.outcomes)):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Prints one line per case, those with an unexpected result last."""
        terminalreporter.section("proof")
        for outcome in sorted(self.outcomes, key=lambda outcome: not outcome.met):
            for line in _row(outcome):
                terminalreporter.write_line(plain(line))
        variants = [outcome for outcome in self.outcomes if outcome.case.fault]
        faults = [outcome for outcome in variants if not outcome.harmless]
        harmless = [outcome for outcome in variants if outcome.harmless]
        terminalreporter.write_line("")
        if harmless:
            acquitted = sum(outcome.met for outcome in harmless)
            terminalreporter.write_line(f"{acquitted} of {len(harmless)} harmless changes acquitted")
        convicted = sum(outcome.met for outcome in faults)
        left = sum(case.fault is not None for case in self.session.cases.values()) - len(variants)
        rest = f", {left} not selected" if left else ""
        terminalreporter.write_line(f"{convicted} of {len(faults)} faults convicted by the gate they name{rest}")

    def pytest_unconfigure(self) -> None:
        """Removes the session's folder."""
        self.session.close()

    def _publish(self) -> None:
        document = {"format": CONVICTIONS_FORMAT, "outcomes": [outcome.as_json() for outcome in self.outcomes]}
        try:
            self.reports.replace({"convictions.json": pretty(document)})
        except ForeignReport as error:
            raise pytest.UsageError(str(error)) from error


def _case_outcome(case: Case, records: list[Evidence], missing: int) -> CaseOutcome:
    if missing or not records:
        return CaseOutcome(case, False, f"{missing} checks delivered nothing" if records else "no check ran")
    if case.fault is None:
        guilty = sorted(f"{r.check} {r.verdict}" for r in records if r.verdict is not Verdict.PASS)
        return CaseOutcome(case, not guilty, ", ".join(guilty) or f"{len(records)} checks PASS")
    return _conviction(case, case.fault, records)


def _conviction(case: Case, fault: Fault, records: list[Evidence]) -> CaseOutcome:
    wanted = f"{fault.gate}.{fault.check}" if fault.check else None
    judged = [record for record in records if wanted in (None, record.check, record.check.partition("[")[0])]
    failed = sorted(_describe(record) for record in judged if record.verdict is not Verdict.PASS)
    if fault.verdict == Verdict.PASS:
        return CaseOutcome(case, bool(judged) and not failed, "; ".join(failed) or f"{len(judged)} checks PASS")
    guilty = [record for record in judged if record.verdict == fault.verdict and _has_rule(record, fault.rule)]
    by = [f"{record.check} {record.verdict} {fault.rule or record.judgement['reason_code']}" for record in guilty]
    return CaseOutcome(case, bool(guilty), "; ".join(sorted(by) or failed) or "acquitted")


def _describe(record: Evidence) -> str:
    code = record.judgement["reason_code"]
    why = f" ({record.judgement['findings'][0]['observed']})" if code == "proof.fault_not_applied" else ""
    return f"{record.check} {record.verdict} {code}{why}"


def _has_rule(record: Evidence, rule: str | None) -> bool:
    return rule is None or any(finding["rule"] == rule for finding in record.judgement["findings"])


def _row(outcome: CaseOutcome) -> list[str]:
    word = "acquitted" if outcome.case.fault is None or outcome.harmless else "convicted"
    text = f"  {word if outcome.met else f'NOT {word.upper()}'}  {outcome.case.name}: {outcome.detail}"
    return textwrap.wrap(text, 80, subsequent_indent=" " * 13, break_long_words=False, break_on_hyphens=False)
