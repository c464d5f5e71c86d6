"""Profit and loss compared with the expected range."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from gatecourt.core.errors import Judged
from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Run
from gatecourt.formats.decimals import EXACT, read, words
from gatecourt.formats.files import Source
from gatecourt.rules.risk.log import gather_reports
from gatecourt.rules.risk.section import PnlRange, RiskSection
from gatecourt.rules.risk.values import number_at


def judge_pnl(section: RiskSection, run: Run) -> Judgement:
    """Profit and loss lie within the declared range, both ends included.

    Rules: ``risk.range_not_declared``, ``risk.pnl_out_of_range``, ``risk.value_missing``,
    ``risk.value_not_a_number``, those of reading a report. Raises ``Judged`` where there is no report.
    """
    bounds = section.pnl
    if bounds is None:
        none = Finding(
            "risk.pnl", "the expected range of profit and loss under [risk.pnl]", "none", "risk.range_not_declared"
        )
        return Judgement(tuple(run.files.values()), (none,))
    sources = gather_reports(bounds.files, run)
    answers = [(source.name, _value(source, bounds.pointer)) for source in sources]
    findings = [value for _, value in answers if isinstance(value, Finding)]
    values = [(f"{name}#{bounds.pointer}", value) for name, value in answers if isinstance(value, Decimal)]
    findings += _outside(values, bounds, complete=not findings)
    subjects = tuple(source.subject for source in sources)
    return Judgement(subjects, tuple(findings), {"range": [words(bounds.low), words(bounds.high)]})


def _value(source: Source, at: str) -> Decimal | Finding:
    try:
        return number_at(read(source.path, source.name), at, source.name)
    except Judged as judged:
        return judged.finding


def _outside(values: list[tuple[str, Decimal]], bounds: PnlRange, *, complete: bool) -> Iterator[Finding]:
    if bounds.over == "sum":
        if not complete:
            return  # without one of its parts the sum means nothing
        total = Decimal(0)
        for _, value in values:
            total = EXACT.add(total, value)
        values = [(f"{', '.join(bounds.files)}#{bounds.pointer}", total)]
    for where, value in values:
        if not bounds.low <= value <= bounds.high:
            expected = f"from {words(bounds.low)} to {words(bounds.high)}"
            yield Finding(where, expected, words(value), "risk.pnl_out_of_range")
