"""One check under pytest: its record, its verdict, and the word that pytest prints for it."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Generator
from typing import TypeAlias

import pytest

from gatecourt.core.errors import FaultError, Judged
from gatecourt.core.extras import missing_extra
from gatecourt.core.layout import GATES
from gatecourt.core.model import Finding, Verdict
from gatecourt.court.evidence import CheckRecord, Evidence
from gatecourt.court.renderers.terminal import plain
from gatecourt.session.begin import unwritable
from gatecourt.session.fixtures import RECORD
from gatecourt.session.session import GateSession
from gatecourt.session.targets import CHECK
from gatecourt.system.target import DeclaredTarget

CLOSED = pytest.StashKey[Evidence]()

Status: TypeAlias = tuple[str, str, tuple[str, dict[str, bool]]]


class CheckFailed(Exception):
    """Makes pytest count a check that is not PASS as failed. Its text is the line that pytest shows."""


class CheckPlugin:
    """Sets the verdict around the call of each check and spools the record."""

    def __init__(self, session: GateSession) -> None:
        self.session = session

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Opens an empty record for the check."""
        if check := item.stash.get(CHECK, None):
            item.stash[RECORD] = CheckRecord(check.target, check.gate, check.check)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, object, object]:
        """Runs the check. What it raises becomes a finding; pytest counts every verdict but PASS as failed."""
        record = item.stash.get(RECORD, None)
        if record is None:
            return (yield)
        try:
            yield
        except BaseException as error:
            if isinstance(error, (KeyboardInterrupt, SystemExit, pytest.exit.Exception)):
                raise
            _add_error(record, error)
        target = getattr(item, "funcargs", {}).get("target")
        if isinstance(target, DeclaredTarget):
            record.extend(target.take_notes())
            record.quote(target.quote)
        evidence = self._close(item, record)
        if evidence.verdict is not Verdict.PASS and self.session.cases[record.target].fault is None:
            raise CheckFailed(_line(evidence)) from None
        return None

    def _close(self, item: pytest.Item, record: CheckRecord) -> Evidence:
        case = self.session.cases[record.target]
        manifest = case.manifest
        places = {str(self.session.folder): "{session}", str(manifest.root): "{root}", **manifest.secrets()}
        evidence = record.close(self.session.reasons_for(case, record.gate), manifest.runbook_of(record.gate), places)
        item.stash[CLOSED] = evidence
        return evidence

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Spools the finished record and puts one short string on the report: check, verdict, digest."""
        report = yield
        record = item.stash.get(RECORD, None)
        if record is None:
            return report
        if report.when == "setup" and not report.passed:
            _add_error(record, call.excinfo.value if call.excinfo else RuntimeError("setup failed"))
            self._close(item, record)
            # A check that was skipped before it began is a HOLD, and pytest counts a HOLD as failed.
            report.outcome = "failed" if self.session.cases[record.target].fault is None else report.outcome
        evidence = item.stash.get(CLOSED, None)
        if evidence is not None and report.when in ("setup", "call"):
            report.gatecourt = f"{evidence.verdict} {self._spool(evidence)}"  # type: ignore[attr-defined]
            report.longrepr = _line(evidence) if report.failed else None
            if self.session.cases[record.target].fault is not None:
                report.gatecourt_fault = True  # type: ignore[attr-defined]  # read back on the controller
        return report

    def _spool(self, evidence: Evidence) -> str:
        """The digest of the stored record; of one that could not be stored a dash, which the court counts as lost."""
        try:
            return self.session.spool.put(evidence)
        except OSError as error:
            print(unwritable(self.session.folder, error), file=sys.stderr)
            return "-"

    def pytest_report_teststatus(self, report: pytest.TestReport) -> Status | None:
        """Gives HOLD and ERROR letters and words of their own."""
        verdict = getattr(report, "gatecourt", "").split(" ")[0]
        if verdict and hasattr(report, "gatecourt_fault"):
            return _ACQUITTED if verdict == "PASS" else _CONVICTED
        return _STATUS.get(verdict)


_STATUS: dict[str, Status] = {
    "FAIL": ("failed", "F", ("FAIL", {"red": True})),
    "HOLD": ("hold", "H", ("HOLD", {"yellow": True})),
    "ERROR": ("error", "E", ("ERROR", {"red": True})),
}


# Under --prove a known-bad variant should be convicted. The end of the session judges whether the right gate did it.
_CONVICTED: Status = ("convicted", "c", ("CONVICTED", {"green": True}))
_ACQUITTED: Status = ("acquitted", "a", ("ACQUITTED", {"yellow": True}))


def _add_error(record: CheckRecord, error: BaseException) -> None:
    """Adds the finding for the exception that ended the check."""
    if isinstance(error, Judged):
        record.extend([error.finding])
    elif isinstance(error, FaultError):
        record.add(record.check, expected="a fault that applies", observed=str(error), rule="proof.fault_not_applied")
    elif (missing := missing_extra(error)) is not None:
        package, extra = missing
        place = f"gatecourt[{extra}]"
        record.add(place, expected=f"the package {package}", observed="not installed", rule="instrument.extra_missing")
    elif isinstance(error, pytest.skip.Exception):
        record.add(record.check, expected="a verdict", observed=f"skipped: {error}", rule="instrument.skipped")
    else:
        record.extend([_broken(record.check, error)])
        record.observe("traceback", "".join(traceback.format_exception(error))[-8000:])


def _broken(check: str, error: BaseException) -> Finding:
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1] if frames else None
    frame = next((frame for frame in reversed(frames) if str(GATES) in frame.filename), last)
    place = f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" if frame else check
    return Finding(place, "a check that runs to its end", f"{type(error).__name__}: {error}", "instrument.broke")


def _line(evidence: Evidence) -> str:
    judgement = evidence.judgement
    first = next((f for f in judgement["findings"] if f["rule"] == judgement["reason_code"]), None)
    detail = f": {first['where']}: expected {first['expected']}, observed {first['observed']}" if first else ""
    return plain(f"{evidence.verdict} {evidence.check} [{judgement['reason_code']}]{detail}")
