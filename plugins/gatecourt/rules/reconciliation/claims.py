"""The system's own reconciliation report: every value compared with the recomputation, its status too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Run
from gatecourt.formats import pointer
from gatecourt.formats.decimals import EXACT, number, words
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import gather
from gatecourt.formats.finding_groups import bounded
from gatecourt.rules.reconciliation.bounds import distance
from gatecourt.rules.reconciliation.reading import document
from gatecourt.rules.reconciliation.recomputation import Recomputation, recompute
from gatecourt.rules.reconciliation.section import ListedMismatches, ReconciliationReport, ReconciliationSection

_SHOWN = 100
_HALF = Decimal("5e-7")
_RULE = "reconciliation.report_contradicts"
_ListedMismatch = tuple[str, str, str]


def judge_report(section: ReconciliationSection, run: Run, root: Path) -> Judgement:
    """The report equals the recomputation.

    Rules: ``reconciliation.report_contradicts``, ``.report_value``, ``.report_not_declared``, those of reading.
    Where a side could not be read in full, only the report's status is compared: it must not be a match.
    """
    found = recompute(section, run, root)
    if section.report is None:
        none = Finding(
            "reconciliation.report", "where the report has which value", "none", "reconciliation.report_not_declared"
        )
        return Judgement(found.subjects, (none,))
    sources = gather(section.report.files, "artefacts", run, root)
    if len(sources) != 1:
        where, observed = ", ".join(section.report.files), ", ".join(source.name for source in sources) or "none"
        return Judgement(found.subjects, (Finding(where, "one report", observed, "reconciliation.report_value"),))
    source = sources[0]
    claims = _Claims(source.name, *document(source))
    findings = [*claims.found, *_contradictions(claims, section.report, section.halt_above, found)]
    return Judgement((*found.subjects, source.subject), tuple(bounded(findings, _SHOWN)))


class _Claims:
    """A report and its places. ``found`` are the findings of reading it."""

    def __init__(self, name: str, content: Any, found: list[Finding]) -> None:
        self._name, self._content, self.found = name, content, found

    def at(self, place: str) -> tuple[str, Any]:
        """The place in findings and the value at the pointer ``place``. Raises ``Judged`` where it is absent."""
        where = f"{self._name}#{place}"
        value = pointer.find(self._content, place, pointer.ABSENT)
        if value is pointer.ABSENT:
            raise Judged(Finding(where, "a value", "absent", "reconciliation.report_value"))
        return where, value

    def differs(self, place: str | None, due: object) -> Iterator[Finding]:
        """The finding that the reported value is not ``due``; 1 is not true, and 1.0 is 1."""
        if place is None:
            return
        where, value = self.at(place)
        exact = number(value) if isinstance(due, int) and not isinstance(due, bool) else value
        if exact != due or isinstance(exact, bool) is not isinstance(due, bool):
            yield Finding(where, f"{excerpt(due)}, recomputed", excerpt(value), _RULE)


def _contradictions(
    claims: _Claims, report: ReconciliationReport, halt_above: int, found: Recomputation
) -> Iterator[Finding]:
    comparisons = list(_status(claims, report, found))
    if not found.flaws:
        comparisons += [
            claims.differs(report.orders, found.orders),
            claims.differs(report.fills, found.expected_fills),
            claims.differs(report.mismatches, len(found.mismatches)),
            claims.differs(report.mismatched_orders, len(found.wrong)),
            claims.differs(report.halt, len(found.wrong) > halt_above),
            _accuracy(claims, report.accuracy, found),
            _codes(claims, report.codes, found),
            _listed(claims, report.listed, found),
        ]
    for one in comparisons:
        try:
            yield from one
        except Judged as judged:
            yield judged.finding


def _status(claims: _Claims, report: ReconciliationReport, found: Recomputation) -> Iterator[Iterator[Finding]]:
    if report.status is not None:
        wrong = bool(found.mismatches or found.flaws)
        yield claims.differs(report.status.pointer, report.status.mismatch if wrong else report.status.match)


def _accuracy(claims: _Claims, place: str | None, found: Recomputation) -> Iterator[Finding]:
    if place is None:
        return
    where, value = claims.at(place)
    reported, orders = number(value), Decimal(found.orders)
    if reported is None:
        yield Finding(where, "a finite number", excerpt(value), "reconciliation.report_value")
        return
    right = Decimal(found.orders - len(found.wrong))
    if distance(EXACT.multiply(reported, orders), right) > EXACT.multiply(_HALF, orders):
        yield Finding(where, f"{right} of {orders} orders, recomputed", words(reported), _RULE)


def _codes(claims: _Claims, place: str | None, found: Recomputation) -> Iterator[Finding]:
    if place is None:
        return
    where, value = claims.at(place)
    if not isinstance(value, dict):
        yield Finding(where, "an object of codes", excerpt(value), "reconciliation.report_value")
        return
    due = found.codes
    for code in sorted({*due, *value}):
        claimed = value.get(code, 0)
        if isinstance(claimed, bool) or claimed != due.get(code, 0):
            expected = f"{due[code]} of {code}, recomputed" if code in due else "one of the eight codes"
            yield Finding(f"{where}{pointer.join([code])}", expected, excerpt(claimed), _RULE)


def _listed(claims: _Claims, listed: ListedMismatches | None, found: Recomputation) -> Iterator[Finding]:
    if listed is None:
        return
    where, value = claims.at(listed.pointer)
    if not isinstance(value, list):
        yield Finding(where, "a list of mismatches", excerpt(value), "reconciliation.report_value")
        return
    due = Counter((mismatch.code, mismatch.order, mismatch.fill) for mismatch in found.mismatches)
    for index, item in enumerate(value):
        entry = _entry(item, listed)
        if entry is None:
            yield Finding(f"{where}/{index}", "code and order", excerpt(item), "reconciliation.report_value")
        elif due[entry] > 0:
            due[entry] -= 1
        else:
            yield Finding(f"{where}/{index}", "a mismatch that both sides show", " ".join(entry).strip(), _RULE)
    for missing in sorted(due.elements()):
        yield Finding(where, f"{' '.join(missing).strip()}, recomputed", "not listed", _RULE)


def _entry(item: Any, listed: ListedMismatches) -> _ListedMismatch | None:
    code, order = (pointer.find(item, place, pointer.ABSENT) for place in (listed.code, listed.order))
    if code is pointer.ABSENT or order is pointer.ABSENT:
        return None
    fill = pointer.find(item, listed.fill) if listed.fill else None
    return str(code), str(order), str(fill or "")
