"""The tolerances by which the system says that it judged, held against the declared ones."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Run
from gatecourt.formats import pointer
from gatecourt.formats.decimals import EXACT, number, words
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.quantities import PER_SECOND
from gatecourt.formats.sources import Source, gather
from gatecourt.rules.reconciliation.reading import document
from gatecourt.rules.reconciliation.section import ReconciliationSection, Stated


def judge_stated(section: ReconciliationSection, artefacts: Callable[[], Run], root: Path) -> Judgement:
    """What the system states is what is declared, to the last digit: tighter is another system as well.

    ``artefacts`` is asked for a run only where the files are artefacts. Rules: ``reconciliation.tolerance``,
    ``.tolerance_missing``, ``.tolerances_not_declared``, ``artefact.none``, those of reading.
    """
    stated = section.stated
    if stated is None:
        expected, rule = "where the system states its tolerances", "reconciliation.tolerances_not_declared"
        return Judgement(tuple(artefacts().files.values()), (Finding("reconciliation.stated", expected, "none", rule),))
    run = artefacts() if stated.origin == "artefacts" else Run(root, {})
    sources = gather(stated.files, stated.origin, run, root)
    declared = {name: value for name, value in _declared(section, stated).items() if getattr(stated, name)}
    findings = [finding for source in sources for finding in _compared(source, stated, declared)]
    if not sources:
        findings = [Finding(", ".join(stated.files), "at least one file", "none", "artefact.none")]
    parameters: dict[str, Json] = {"compared": {name: words(value) for name, value in declared.items()}}
    return Judgement(tuple(source.subject for source in sources), tuple(findings), parameters)


def _declared(section: ReconciliationSection, stated: Stated) -> dict[str, Decimal]:
    bounds = section.tolerances
    return {
        "price": bounds.price,
        "fee_relative": bounds.fee.relative,
        "fee_absolute": bounds.fee.absolute,
        "qty": bounds.qty,
        "time": EXACT.multiply(bounds.time, Decimal(PER_SECOND[stated.unit])),
        "halt_above": Decimal(section.halt_above),
    }


def _compared(source: Source, stated: Stated, declared: dict[str, Decimal]) -> list[Finding]:
    content, told = document(source)
    for name, due in declared.items():
        at = getattr(stated, name)
        where = f"{source.name}#{at}"
        try:
            value = pointer.get(content, at)
        except KeyError:
            told.append(Finding(where, words(due), "absent", "reconciliation.tolerance_missing"))
            continue
        exact = number(value)
        if exact is None:
            told.append(Finding(where, words(due), excerpt(value), "reconciliation.tolerance_missing"))
        elif exact != due:
            told.append(Finding(where, words(due), words(exact), "reconciliation.tolerance"))
    return told
