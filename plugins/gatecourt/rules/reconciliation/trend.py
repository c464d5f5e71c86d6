"""Accuracy over recorded reconciliations: the share of orders without a mismatch, report by report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from pathlib import Path

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Finding, Json, Run
from gatecourt.formats import pointer
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import Source, gather
from gatecourt.rules.reconciliation.reading import document
from gatecourt.rules.reconciliation.section import AccuracySeries

_NamedAccuracy = tuple[str, Fraction]


def judge_trend(section: AccuracySeries, artefacts: Callable[[], Run], root: Path) -> Judgement:
    """The last accuracy is at most ``band`` below the best one before it, so a slow decline is seen too.

    ``artefacts`` is called only where the reports are artefacts. Rules: ``reconciliation.accuracy_drop``,
    ``.accuracy_low``, ``.accuracy_too_few``, ``.accuracy_value``, those of reading.
    """
    run = artefacts() if section.origin == "artefacts" else Run(root, {})
    sources = gather(section.files, section.origin, run, root)
    findings: list[Finding] = []
    points: list[_NamedAccuracy] = []
    for source in sources:
        read = _accuracy(source, section, findings)
        if read is not None:
            points.append((source.name, read))
    if len(points) < 2 and not findings:
        observed = ", ".join(name for name, _ in points) or "none"
        where = ", ".join(section.files)
        findings.append(Finding(where, "two or more reports", observed, "reconciliation.accuracy_too_few"))
    findings += _drops(points, section)
    parameters: dict[str, Json] = {
        "accuracy": {name: _format(value) for name, value in points},
        "change": _format(points[-1][1] - points[0][1]) if points else None,
        "band": str(section.band),
    }
    return Judgement(tuple(source.subject for source in sources), tuple(findings), parameters)


def _accuracy(source: Source, section: AccuracySeries, findings: list[Finding]) -> Fraction | None:
    content, found = document(source)
    findings += found
    counts = []
    for at in (section.orders, section.mismatched):
        where = f"{source.name}#{at}"
        value = pointer.find(content, at)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            observed = "absent" if value is None else excerpt(value)
            findings.append(Finding(where, "a whole number, 0 or more", observed, "reconciliation.accuracy_value"))
        else:
            counts.append(value)
    if len(counts) < 2:
        return None
    orders, wrong = counts
    if not orders or wrong > orders:
        where = f"{source.name}#{section.mismatched}"
        findings.append(
            Finding(where, "a part of at least one order", f"{wrong} of {orders}", "reconciliation.accuracy_value")
        )
        return None
    return 1 - Fraction(wrong, orders)


def _drops(points: list[_NamedAccuracy], section: AccuracySeries) -> Iterator[Finding]:
    if not points:
        return
    name, last = points[-1]
    if section.at_least is not None and last < Fraction(section.at_least):
        yield Finding(name, f"at least {section.at_least}", _format(last), "reconciliation.accuracy_low")
    if len(points) > 1:
        before, best = max(points[:-1], key=lambda point: point[1])
        if best - last > Fraction(section.band):
            expected = f"at most {section.band} below {_format(best)}, the best before it ({before})"
            yield Finding(name, expected, _format(last), "reconciliation.accuracy_drop")


def _format(value: Fraction) -> str:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return str(exact.quantize(Decimal("0.000001"), rounding=ROUND_HALF_EVEN).normalize() + 0)
