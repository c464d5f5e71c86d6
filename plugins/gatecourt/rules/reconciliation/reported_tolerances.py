"""The tolerances that the system reports, compared with the declared ones."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Run
from gatecourt.formats import pointer
from gatecourt.formats.decimals import EXACT, number, words
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import Source, gather
from gatecourt.formats.quantities import PER_SECOND
from gatecourt.rules.reconciliation.reading import document
from gatecourt.rules.reconciliation.section import ReconciliationSection, ReportedTolerances


def judge_reported_tolerances(section: ReconciliationSection, artefacts: Callable[[], Run], root: Path) -> Judgement:
    """The reported tolerances equal the declared ones to the last digit; a tighter one is a finding too.

    ``artefacts`` is called only where the files are artefacts. Rules: ``reconciliation.tolerance``,
    ``.tolerance_missing``, ``.tolerances_not_declared``, ``artefact.none``, those of reading.
    """
    reported = section.reported_tolerances
    if reported is None:
        where, expected = "reconciliation.reported_tolerances", "where the system reports its tolerances"
        none = Finding(where, expected, "none", "reconciliation.tolerances_not_declared")
        return Judgement(tuple(artefacts().files.values()), (none,))
    run = artefacts() if reported.origin == "artefacts" else Run(root, {})
    sources = gather(reported.files, reported.origin, run, root)
    declared = {name: value for name, value in _declared(section, reported).items() if getattr(reported, name)}
    findings = [finding for source in sources for finding in _compared(source, reported, declared)]
    if not sources:
        findings = [Finding(", ".join(reported.files), "at least one file", "none", "artefact.none")]
    parameters: dict[str, Json] = {"compared": {name: words(value) for name, value in declared.items()}}
    return Judgement(tuple(source.subject for source in sources), tuple(findings), parameters)


def _declared(section: ReconciliationSection, reported: ReportedTolerances) -> dict[str, Decimal]:
    bounds = section.tolerances
    return {
        "price": bounds.price,
        "fee_relative": bounds.fee.relative,
        "fee_absolute": bounds.fee.absolute,
        "qty": bounds.qty,
        "time": EXACT.multiply(bounds.time, Decimal(PER_SECOND[reported.unit])),
        "halt_above": Decimal(section.halt_above),
    }


def _compared(source: Source, reported: ReportedTolerances, declared: dict[str, Decimal]) -> list[Finding]:
    content, found = document(source)
    for name, due in declared.items():
        at = getattr(reported, name)
        where = f"{source.name}#{at}"
        value = pointer.find(content, at, pointer.ABSENT)
        exact = None if value is pointer.ABSENT else number(value)
        if exact is None:
            observed = "absent" if value is pointer.ABSENT else excerpt(value)
            found.append(Finding(where, words(due), observed, "reconciliation.tolerance_missing"))
        elif exact != due:
            found.append(Finding(where, words(due), words(exact), "reconciliation.tolerance"))
    return found
