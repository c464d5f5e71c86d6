"""The controller, when all workers are done: judge, write the reports, print the summary, set the exit code."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Generator, Iterator, Mapping
from typing import Any

import pytest

from gatecourt.core.errors import GatecourtError
from gatecourt.core.layout import GATES
from gatecourt.court.evidence import Evidence
from gatecourt.court.provenance import Provenance
from gatecourt.court.renderers.report import ReportsFolder, court_files
from gatecourt.court.renderers.terminal import headline, plain, summary, wrap
from gatecourt.court.verdict import CheckId, CourtVerdict, RollCall, judge
from gatecourt.session.begin import SESSION_ID, UNWRITABLE, claim, note_report, release, unwritable, writing
from gatecourt.session.selection import cut_short, typed_options, typed_selection
from gatecourt.session.session import GateSession
from gatecourt.session.targets import read_checks


class CourtPlugin:
    """Collects what the checks reported, judges it once and prints the summary."""

    def __init__(self, session: GateSession) -> None:
        self.session = session
        self.reports = ReportsFolder(session.reports)
        self.provenance = Provenance(
            {name: case.manifest.root for name, case in session.cases.items()},
            session.reports,
            session.config.stash.get(SESSION_ID, None) or uuid.uuid4().hex,
            foreign_gates={name: gate.module for name, gate in session.gates.items() if gate.module.parent != GATES},
        )
        self.delivered: list[tuple[str, str]] = []
        self.crashed: dict[str, str] = {}
        self.broken: list[str] = []
        self.verdict: CourtVerdict | None = None
        self.unwritten = ""

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Replaces the report of an earlier session at once by one in which no check has run yet."""
        if session.config.option.collectonly:
            return
        claim(session.config, self.session.reports)
        note_report(self.session.reports, self.provenance.session)
        if not typed_selection(session.config):
            with writing(self.session.reports):
                self.reports.forget_superseded()
        with writing(self.session.reports):
            self._publish(judge([], self.session.rolls, RollCall(frozenset(), frozenset())))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Notes the short string that a check's report carries."""
        if delivered := getattr(report, "gatecourt", None):
            _, digest = delivered.split(" ")
            self.delivered.append((report.nodeid, digest))

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str, report: pytest.TestReport) -> None:
        """Notes the check on which a worker of pytest-xdist died."""
        self.crashed[crashitem] = str(report.longrepr)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Notes a module that could not be collected."""
        if report.failed:
            self.broken.append(f"{report.nodeid.rpartition('/')[2] or 'a module'} cannot be collected")

    def pytest_keyboard_interrupt(self) -> None:
        """Notes that the session was interrupted."""
        self.broken.append("interrupted")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Judges, writes the reports and raises the exit code where the verdict is not GO; it never lowers one."""
        if session.config.option.collectonly:
            return
        self.verdict = judge(*self._delivered())
        try:
            self._publish(self.verdict)
        except OSError as error:
            self.unwritten = unwritable(self.session.reports, error)
            session.exitstatus = UNWRITABLE
            return
        # With workers, stopping at the first failure counts as an interruption; the verdict is the same as without.
        stopped = (
            session.exitstatus == pytest.ExitCode.INTERRUPTED and session.config.option.maxfail and not self.broken
        )
        undecided = session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
        if not self.verdict.go and (stopped or undecided):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> Generator[None]:
        """Prints each failed check once: pytest's own sections for them would print it a second time."""
        kept = {word: list(terminalreporter.stats.get(word, ())) for word in ("failed", "error")}
        for word, reports in kept.items():
            terminalreporter.stats[word] = [report for report in reports if not hasattr(report, "gatecourt")]
        yield
        terminalreporter.stats.update({word: reports for word, reports in kept.items() if reports})
        if self.verdict is not None:
            terminalreporter.section("court")
            pages = terminalreporter.verbosity > 0
            for line in summary(self.verdict, self.session.reasons, str(self._report_path()), pages=pages):
                terminalreporter.write_line(plain(line))

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """Repeats the verdict as the last line, removes the session's folder and lets others write the reports."""
        writer = config.get_terminal_writer()
        if self.unwritten:
            print(self.unwritten, file=sys.stderr)
        elif self.verdict is not None:
            for line in wrap(headline(self.verdict, self.session.reasons)):
                writer.line(line)
        self.session.close()
        release(config)

    def _report_path(self) -> str:
        path = self.session.reports / "court_report.json"
        folder = self.session.config.invocation_params.dir
        return str(path.relative_to(folder) if path.is_relative_to(folder) else path)

    def _delivered(self) -> tuple[list[Evidence], list[Any], RollCall]:
        planned = read_checks(self.session.folder, "planned")
        selected = read_checks(self.session.folder, "selected")
        records: list[Evidence] = []
        lost: set[CheckId] = set()
        for node, digest in self.delivered:
            record = self.session.spool.get(digest)
            if record is None:
                lost |= {planned[node]} if node in planned else set()
            else:
                records.append(record)
        config = self.session.config
        call = RollCall(
            self.session.declared | frozenset(planned.values()),
            frozenset(selected.values()),
            typed_selection(config),
            (*cut_short(config), *self._removed(selected), *dict.fromkeys(self.broken)),
            {planned[node]: text for node, text in self.crashed.items() if node in planned},
            frozenset(lost),
        )
        return records, self.session.rolls, call

    def _removed(self, selected: Mapping[str, CheckId]) -> Iterator[str]:
        """What a conftest or another plugin took away beside the selection that the user typed."""
        config = self.session.config
        expected = frozenset(read_checks(self.session.folder, "expected").values())
        if not cut_short(config) and (removed := expected - frozenset(selected.values())):
            yield f"{len(removed)} checks removed by a conftest or plugin, such as {min(removed).check}"
        if typed_selection(config) and not typed_options(config).file_or_dir and self.broken == []:
            planned = frozenset(read_checks(self.session.folder, "planned").values())
            if missing := self.session.declared - planned:
                yield f"{len(missing)} checks not collected, such as {min(missing).check}"

    def _publish(self, verdict: CourtVerdict) -> None:
        """Writes the reports. Raises ``UsageError`` where a file that is not ours is in the way, and ``OSError``."""
        try:
            self.reports.replace(court_files(verdict, self.session.reasons, self.provenance.as_json()))
        except GatecourtError as error:
            raise pytest.UsageError(str(error)) from error
